"""Keeps the settings in a JSON file; unknown and bad values cost no other setting."""

from __future__ import annotations

import json
import time
from enum import Enum
from pathlib import Path
from threading import Lock
from typing import Any, NamedTuple

from studio.core.errors import ErrorKind, StudioError
from studio.core.settings import READERS, WRITERS, Settings, in_range
from studio.storage.files import name_beside, private_folder, write_whole


class LoadedSettings(NamedTuple):
    """Settings as read, and what was wrong with the file.

    `kept_aside` is where a file that is no settings file was moved; `ignored` names fields whose
    value could not be used; `unreadable` says why the file could not even be opened.
    """

    settings: Settings
    ignored: tuple[str, ...] = ()
    kept_aside: Path | None = None
    unreadable: str = ""


class PreferencesFile:
    """The settings file; keeps fields of a newer program untouched when it writes."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._foreign: dict[str, Any] = {}
        self._lock = Lock()
        self._newest = 0

    def load(self) -> LoadedSettings:
        """Read the file; never raises: whatever cannot be used leaves the default."""
        try:
            content = self._path.read_bytes()
        except FileNotFoundError:
            return LoadedSettings(Settings())
        except OSError as error:
            return LoadedSettings(Settings(), unreadable=str(error))
        try:
            stored = json.loads(content)
        except (ValueError, RecursionError):
            stored = None
        if not isinstance(stored, dict):
            return LoadedSettings(Settings(), kept_aside=self._keep_aside())
        known = Settings._field_defaults
        values: dict[str, Any] = {}
        ignored: list[str] = []
        for name, value in stored.items():
            read = _value(name, value) if name in known else None
            if read is not None and in_range(name, read):
                values[name] = read
                continue
            self._foreign[name] = value
            if name in known:
                ignored.append(name)
        return LoadedSettings(Settings()._replace(**values), tuple(ignored))

    def save(self, settings: Settings, order: int = 0) -> None:
        """Write the settings; raises StudioError of kind STORAGE and then leaves the old file.

        May be called from several threads. One state is newer than another with a lower `order`:
        whichever comes last, the newest is what the file holds.
        """
        with self._lock:
            if order >= self._newest:
                self._save(settings)
                self._newest = order

    def _save(self, settings: Settings) -> None:
        stored = dict(self._foreign)
        for name, value in settings._asdict().items():
            if name in stored and value == Settings._field_defaults[name]:
                continue  # a newer program's value, and nobody changed it here
            plain = WRITERS[name](value) if name in WRITERS else value
            stored[name] = plain.value if isinstance(plain, Enum) else plain
        text = json.dumps(stored, ensure_ascii=False, indent=2, sort_keys=True) + "\n"
        try:
            private_folder(self._path.parent)
            write_whole(self._path, text.encode("utf-8", "replace"), private=True)
        except OSError as error:
            raise StudioError(ErrorKind.STORAGE, str(error)) from error

    def _keep_aside(self) -> Path | None:
        stamp = time.strftime("%Y-%m-%d_%H%M%S")
        aside = name_beside(self._path.with_name(f"{self._path.name}.damaged-{stamp}"))
        try:
            self._path.rename(aside)
        except OSError:
            return None
        return aside


def _value(name: str, value: object) -> Any:  # a value of the setting's own type
    """`value` as the setting `name` has it, or None when it is none."""
    read = READERS.get(name)
    return read(value) if read is not None else _read(value, Settings._field_defaults[name])


def _read(value: object, default: object) -> Any:  # a value of the default's own type
    """`value` as the type of `default`, or None when it is none."""
    if isinstance(default, Enum):
        kind = type(default)
        return next((each for each in kind if each.value == value), None)
    if isinstance(default, bool) or isinstance(value, bool):
        return value if isinstance(default, bool) and isinstance(value, bool) else None
    if isinstance(default, float) and isinstance(value, int):
        return float(value)
    return value if isinstance(value, type(default)) else None
