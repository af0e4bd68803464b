"""Where the user's data is, and how much room it takes."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from PySide6.QtCore import QObject, Signal

from studio.sessions.requests.tasks import TaskGroup


class Places(Protocol):
    """The folders of one user."""

    @property
    def data(self) -> Path:
        """Everything but pictures and what can be made again."""
        ...

    @property
    def pictures(self) -> Path:
        """Made pictures."""
        ...

    @property
    def attachments(self) -> Path:
        """Pictures sent with messages."""
        ...

    @property
    def backups(self) -> Path:
        """Copies of the database."""
        ...

    @property
    def cache(self) -> Path:
        """What can be made again."""
        ...

    @property
    def database(self) -> Path:
        """The file with all conversations."""
        ...


class PartName(StrEnum):
    """What takes room."""

    PICTURES = "pictures"
    CONVERSATIONS = "conversations"
    ATTACHMENTS = "attachments"
    BACKUPS = "backups"
    CACHE = "cache"


@dataclass(frozen=True, slots=True)
class Part:
    """The room of one part, in bytes on disk as the files say, and how many files it is."""

    name: PartName
    size: int
    files: int


class DiskUsage(QObject):
    """Sizes are read in a thread; `measured` tells when they are there."""

    measured = Signal()

    def __init__(self, places: Places, tasks: TaskGroup, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._places, self._tasks = places, tasks
        self._parts: tuple[Part, ...] = ()
        self._free: int | None = None

    @property
    def data(self) -> Path:
        """The folder with conversations, attachments and settings."""
        return self._places.data

    @property
    def pictures(self) -> Path:
        """The folder with made pictures."""
        return self._places.pictures

    @property
    def parts(self) -> tuple[Part, ...]:
        """What takes room; empty until it is measured."""
        return self._parts

    @property
    def total(self) -> int:
        """All of it, in bytes."""
        return sum(part.size for part in self._parts)

    @property
    def free(self) -> int | None:
        """Bytes left on the disk of the data folder; None when the system does not say."""
        return self._free

    def measure(self) -> None:
        """Read the sizes anew."""
        self._tasks.start(self._measure(), "measure the data")

    async def _measure(self) -> None:
        self._parts, self._free = await asyncio.to_thread(_read_sizes, self._places)
        self.measured.emit()


def _read_sizes(places: Places) -> tuple[tuple[Part, ...], int | None]:
    database = places.database
    beside = [database.with_name(database.name + end) for end in ("", "-wal", "-shm")]
    parts = (
        _sum(PartName.PICTURES, _files_below(places.pictures)),
        _sum(PartName.CONVERSATIONS, beside),
        _sum(PartName.ATTACHMENTS, _files_below(places.attachments)),
        _sum(PartName.BACKUPS, _files_below(places.backups)),
        _sum(PartName.CACHE, _files_below(places.cache)),
    )
    return parts, _free_space(places.data)


def _files_below(folder: Path) -> Iterable[Path]:
    for root, _folders, names in os.walk(folder):  # not followed into links
        for name in names:
            yield Path(root) / name


def _sum(name: PartName, files: Iterable[Path]) -> Part:
    size = count = 0
    for path in files:
        try:
            size += path.lstat().st_size
        except OSError:
            continue  # gone meanwhile
        count += 1
    return Part(name, size, count)


def _free_space(folder: Path) -> int | None:
    # The folder is made when something is first written there.
    for place in (folder, *folder.parents):
        if place.is_dir():
            try:
                return shutil.disk_usage(place).free
            except OSError:
                return None
    return None
