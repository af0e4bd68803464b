"""Every setting once: its default, its range, its label and help."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, fields
from enum import StrEnum
from typing import Any

from studio.core.hosts import OtherHost, hosts_from_plain, hosts_to_plain
from studio.core.texts import QT_TRANSLATE_NOOP


class Language(StrEnum):
    """The language of the window; SYSTEM follows the desktop."""

    SYSTEM = "system"
    ENGLISH = "en"
    CHINESE = "zh_CN"


class Appearance(StrEnum):
    """Light or dark; SYSTEM follows the desktop."""

    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"


class Site(StrEnum):
    """The two sites of the service, each with its own accounts and tokens, and other hosts."""

    CHINA = "cn"
    INTERNATIONAL = "ai"


class ProxyMode(StrEnum):
    """How the network is reached."""

    SYSTEM = "system"
    NONE = "none"
    OWN = "own"


def _setting(
    default: object,
    label: str = "",
    help_text: str = "",
    *,
    page: str = "",
    low: float | None = None,
    high: float | None = None,
    read: Callable[[object], object | None] | None = None,
    write: Callable[[Any], object] | None = None,
) -> Any:  # like dataclasses.field: the annotated name gives the type
    """`read` and `write` are for values that a settings file cannot hold as they are."""
    metadata = {"label": label, "help": help_text, "page": page, "low": low, "high": high}
    return field(default=default, metadata={**metadata, "read": read, "write": write})


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings; a field with a `page` is shown there by the settings window."""

    site: Site = _setting(Site.CHINA)
    language: Language = _setting(
        Language.SYSTEM, QT_TRANSLATE_NOOP("settings", "Language"), page="appearance"
    )
    appearance: Appearance = _setting(
        Appearance.SYSTEM, QT_TRANSLATE_NOOP("settings", "Theme"), page="appearance"
    )
    send_with_enter: bool = _setting(
        True,
        QT_TRANSLATE_NOOP("settings", "Enter sends"),
        QT_TRANSLATE_NOOP("settings", "Otherwise Ctrl+Enter sends and Enter breaks the line."),
        page="appearance",
    )
    proxy_mode: ProxyMode = _setting(
        ProxyMode.SYSTEM, QT_TRANSLATE_NOOP("settings", "Proxy"), page="network"
    )
    proxy_url: str = _setting(
        "",
        QT_TRANSLATE_NOOP("settings", "Proxy address"),
        QT_TRANSLATE_NOOP("settings", "For example http://127.0.0.1:7890 or socks5://host:1080."),
        page="network",
    )
    certificate_file: str = _setting(
        "",
        QT_TRANSLATE_NOOP("settings", "Extra certificate file"),
        QT_TRANSLATE_NOOP("settings", "A PEM file that your network asks to trust."),
        page="network",
    )
    connect_seconds: int = _setting(
        10,
        QT_TRANSLATE_NOOP("settings", "Longest wait for a connection, in seconds"),
        page="network",
        low=1,
        high=120,
    )
    idle_seconds: int = _setting(
        120,
        QT_TRANSLATE_NOOP("settings", "Longest silence within an answer, in seconds"),
        page="network",
        low=15,
        high=1800,
    )
    requests_at_once: int = _setting(
        1,
        QT_TRANSLATE_NOOP("settings", "Requests at once"),
        QT_TRANSLATE_NOOP("settings", "The service is made for one at a time."),
        page="network",
        low=1,
        high=8,
    )
    stream_answers: bool = _setting(
        True,
        QT_TRANSLATE_NOOP("settings", "Show answers while they are written"),
        QT_TRANSLATE_NOOP("settings", "Otherwise each answer comes whole, when it is finished."),
        page="network",
    )
    other_hosts: tuple[OtherHost, ...] = _setting((), read=hosts_from_plain, write=hosts_to_plain)
    host: str = _setting("")  # the address of the other host in use; empty: the site
    picture_metadata: bool = _setting(
        True,
        QT_TRANSLATE_NOOP("settings", "Write prompt and settings into saved pictures"),
        page="privacy",
    )
    token_this_session_only: bool = _setting(
        False,
        QT_TRANSLATE_NOOP("settings", "Keep the token for this session only"),
        page="account",
    )
    low_credits: int = _setting(
        20,
        QT_TRANSLATE_NOOP("settings", "Warn when fewer credits are left"),
        QT_TRANSLATE_NOOP("settings", "Once a day; 0 never warns."),
        page="account",
        low=0,
        high=500,
    )
    chat_model: str = _setting("")
    vision_model: str = _setting("")
    image_model: str = _setting("")
    welcome_done: bool = _setting(False)
    history_shown: bool = _setting(True)
    inspector_shown: bool = _setting(True)
    active_tab: str = _setting("chat")
    window_geometry: str = _setting("")  # base64 of what Qt saves


PAGES: tuple[tuple[str, str], ...] = (
    ("account", QT_TRANSLATE_NOOP("settings", "Account")),
    ("network", QT_TRANSLATE_NOOP("settings", "Network")),
    ("hosts", QT_TRANSLATE_NOOP("settings", "Other hosts")),
    ("appearance", QT_TRANSLATE_NOOP("settings", "Appearance")),
    ("data", QT_TRANSLATE_NOOP("settings", "Data")),
    ("privacy", QT_TRANSLATE_NOOP("settings", "Privacy")),
    ("about", QT_TRANSLATE_NOOP("settings", "About")),
)


def in_range(name: str, value: object) -> bool:
    """Whether `value` lies in the range of the setting `name` (settings without one take all)."""
    metadata = next(each.metadata for each in fields(Settings) if each.name == name)
    low, high = metadata.get("low"), metadata.get("high")
    if low is None or high is None:
        return True
    return isinstance(value, int | float) and low <= value <= high
