"""Every setting: its default, its range, its label and help."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any, NamedTuple

from studio.core.hosts import OtherHost, hosts_from_plain, hosts_to_plain
from studio.core.texts import QT_TRANSLATE_NOOP

if TYPE_CHECKING:
    from collections.abc import Callable


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


class Settings(NamedTuple):
    """All settings; `SPECS` has the words and limits of those that the settings window shows.

    A NamedTuple, as it is needed before the first paint and dataclasses cost 3 ms there.
    """

    site: Site = Site.CHINA
    language: Language = Language.SYSTEM
    appearance: Appearance = Appearance.SYSTEM
    send_with_enter: bool = True
    proxy_mode: ProxyMode = ProxyMode.SYSTEM
    proxy_url: str = ""
    certificate_file: str = ""
    connect_seconds: int = 10
    idle_seconds: int = 120
    requests_at_once: int = 1
    pictures_at_once: int = 1
    stream_answers: bool = True
    other_hosts: tuple[OtherHost, ...] = ()
    host: str = ""  # the address of the other host in use; empty: the site
    picture_metadata: bool = True
    name_conversations: bool = False
    token_this_session_only: bool = False
    low_credits: int = 20
    daily_backup: bool = True
    backups_kept: int = 7  # daily ones
    chat_model: str = ""
    vision_model: str = ""
    image_model: str = ""
    welcome_done: bool = False
    history_shown: bool = True
    inspector_shown: bool = True
    active_tab: str = "chat"
    window_geometry: str = ""  # base64 of what Qt saves


class Spec(NamedTuple):
    """What is said about a setting on its page, and the least and most a number may be."""

    name: str
    page: str
    label: str
    help: str = ""
    low: float | None = None
    high: float | None = None

    @property
    def default(self) -> object:
        """The value of a new user."""
        return Settings._field_defaults[self.name]


SPECS: tuple[Spec, ...] = (
    Spec("language", "appearance", QT_TRANSLATE_NOOP("settings", "Language")),
    Spec("appearance", "appearance", QT_TRANSLATE_NOOP("settings", "Theme")),
    Spec(
        "send_with_enter",
        "appearance",
        QT_TRANSLATE_NOOP("settings", "Enter sends"),
        QT_TRANSLATE_NOOP("settings", "Otherwise Ctrl+Enter sends and Enter breaks the line."),
    ),
    Spec("proxy_mode", "network", QT_TRANSLATE_NOOP("settings", "Proxy")),
    Spec(
        "proxy_url",
        "network",
        QT_TRANSLATE_NOOP("settings", "Proxy address"),
        QT_TRANSLATE_NOOP(
            "settings", "For example http://127.0.0.1:7890 or socks5://name:password@host:1080."
        ),
    ),
    Spec(
        "certificate_file",
        "network",
        QT_TRANSLATE_NOOP("settings", "Extra certificate file"),
        QT_TRANSLATE_NOOP("settings", "A PEM file that your network asks to trust."),
    ),
    Spec(
        "connect_seconds",
        "network",
        QT_TRANSLATE_NOOP("settings", "Longest wait for a connection, in seconds"),
        low=1,
        high=120,
    ),
    Spec(
        "idle_seconds",
        "network",
        QT_TRANSLATE_NOOP("settings", "Longest silence within an answer, in seconds"),
        low=15,
        high=1800,
    ),
    Spec(
        "requests_at_once",
        "network",
        QT_TRANSLATE_NOOP("settings", "Requests at once"),
        QT_TRANSLATE_NOOP("settings", "The service is made for one at a time."),
        low=1,
        high=8,
    ),
    Spec(
        "pictures_at_once",
        "network",
        QT_TRANSLATE_NOOP("settings", "Pictures at once"),
        QT_TRANSLATE_NOOP(
            "settings", "How many orders the service may be at work on; questions go on meanwhile."
        ),
        low=1,
        high=8,
    ),
    Spec(
        "stream_answers",
        "network",
        QT_TRANSLATE_NOOP("settings", "Show answers while they are written"),
        QT_TRANSLATE_NOOP("settings", "Otherwise each answer comes whole, when it is finished."),
    ),
    Spec(
        "picture_metadata",
        "privacy",
        QT_TRANSLATE_NOOP("settings", "Write prompt and settings into saved pictures"),
    ),
    Spec(
        "name_conversations",
        "privacy",
        QT_TRANSLATE_NOOP("settings", "Let the model name conversations"),
        QT_TRANSLATE_NOOP(
            "settings",
            "One short call more after the first answer; it counts like any other.",
        ),
    ),
    Spec(
        "token_this_session_only",
        "account",
        QT_TRANSLATE_NOOP("settings", "Keep the token for this session only"),
    ),
    Spec(
        "low_credits",
        "account",
        QT_TRANSLATE_NOOP("settings", "Warn when fewer credits are left"),
        QT_TRANSLATE_NOOP("settings", "Once a day; 0 never warns."),
        low=0,
        high=500,
    ),
)


def _without_password(address: str) -> str:
    from studio.core.proxies import split_password  # only when settings are written

    return split_password(address)[0]


# Settings that a settings file cannot hold as they are: how each is read and written.
READERS: dict[str, Callable[[object], object | None]] = {"other_hosts": hosts_from_plain}
WRITERS: dict[str, Callable[[Any], object]] = {
    "other_hosts": hosts_to_plain,
    "proxy_url": _without_password,
}

PAGES: tuple[tuple[str, str], ...] = (
    ("account", QT_TRANSLATE_NOOP("settings", "Account")),
    ("network", QT_TRANSLATE_NOOP("settings", "Network")),
    ("hosts", QT_TRANSLATE_NOOP("settings", "Other hosts")),
    ("appearance", QT_TRANSLATE_NOOP("settings", "Appearance")),
    ("data", QT_TRANSLATE_NOOP("settings", "Data and backups")),
    ("privacy", QT_TRANSLATE_NOOP("settings", "Privacy")),
    ("about", QT_TRANSLATE_NOOP("settings", "About")),
)


_RANGES = {
    spec.name: (spec.low, spec.high)
    for spec in SPECS
    if spec.low is not None and spec.high is not None
} | {"backups_kept": (1.0, 60.0)}


def in_range(name: str, value: object) -> bool:
    """Whether `value` lies in the range of the setting `name` (settings without one take all)."""
    if name not in _RANGES:
        return True
    low, high = _RANGES[name]
    return isinstance(value, int | float) and low <= value <= high
