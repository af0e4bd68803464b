"""What a report of trouble needs to say: versions, settings and states; no words and no token."""

from __future__ import annotations

import platform
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from importlib import metadata
from urllib.parse import urlsplit

from PySide6.QtCore import QLocale, QSysInfo, qVersion

from studio import __version__
from studio.core.exchanges import Exchange
from studio.core.settings import Settings
from studio.sessions.account.account import Account

DISTRIBUTION = "moda-studio"
# Fields that say nothing about trouble, or where the user's screen is.
_LEFT_OUT = {"window_geometry"}


@dataclass(frozen=True, slots=True)
class Licence:
    """A package that the program is made with, and its licence as the package names it."""

    name: str
    version: str
    licence: str


def diagnostics(
    settings: Settings, account: Account, host: str, exchanges: Sequence[Exchange] = ()
) -> str:
    """Lines of `name: value` in English, for a report; the whole of what is copied."""
    lines = {
        "Moda Studio": __version__,
        "Python": platform.python_version(),
        "Qt": qVersion(),
        "System": f"{QSysInfo.prettyProductName()} ({QSysInfo.currentCpuArchitecture()})",
        "Locale": QLocale.system().name(),
        "Host": host,
        "Demo": _word(account.demo),
        "Token": account.state.name.lower(),
        "Token kept": account.place.name.lower(),
        "Keyring": account.keyring.name or account.keyring.sentence or "not asked",
    }
    for setting, value in settings._asdict().items():
        if setting not in _LEFT_OUT:
            lines[f"Setting {setting}"] = _word(value)
    lines["Setting proxy_url"] = _without_login(settings.proxy_url)
    lines["Setting certificate_file"] = "set" if settings.certificate_file else ""
    report = [f"{name}: {value}" for name, value in lines.items()]
    if exchanges:
        report += [f"Last exchanges, the newest first: {len(exchanges)}"]
    return "\n".join([*report, *(exchange.line() for exchange in exchanges)])


def _word(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value.value if isinstance(value, Enum) else value)


def _without_login(address: str) -> str:
    """A proxy's address without name and password."""
    try:
        parts = urlsplit(address if "://" in address else f"//{address}")
        if "@" not in address:
            return address
        return f"{parts.scheme}://…@{parts.hostname}:{parts.port}"
    except ValueError:
        return "not an address"


def licences() -> tuple[Licence, ...]:
    """The packages this one is made with; empty where the program carries no metadata."""
    try:
        wanted = metadata.requires(DISTRIBUTION) or []
    except metadata.PackageNotFoundError:
        return ()
    found: dict[str, Licence] = {}
    for requirement in wanted:
        if "extra ==" in requirement:
            continue
        name = re.split(r"[^A-Za-z0-9._-]", requirement, maxsplit=1)[0]
        try:
            about = metadata.metadata(name)
        except metadata.PackageNotFoundError:
            continue
        found[name.lower()] = Licence(about["Name"], about["Version"], _licence_of(about))
    python = Licence("Python", sys.version.split()[0], "PSF-2.0")
    return (python, *sorted(found.values(), key=lambda each: each.name.lower()))


def _licence_of(about: metadata.PackageMetadata) -> str:
    # An absent line is None; asking for all of one name is typed in every Python.
    expression = about.get_all("License-Expression")
    if expression:
        return str(expression[0])
    classified = [
        line.rpartition("::")[2].strip()
        for line in about.get_all("Classifier") or []
        if line.startswith("License ::")
    ]
    said = str((about.get_all("License") or [""])[0]).strip().splitlines()
    # Some put the whole text there; its first line is then no name.
    if said and len(said) == 1 and len(said[0]) <= 60:
        return said[0]
    return ", ".join(classified)
