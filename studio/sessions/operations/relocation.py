"""Where the data is: looking at a new folder, moving there, and giving the old one up."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import NamedTuple

from PySide6.QtCore import QObject, QStorageInfo, Signal

from studio.core.errors import StudioError
from studio.core.transfer.common import Watch
from studio.sessions.operations.operations import Operation, Operations, Outcome
from studio.sessions.operations.restart_request import RestartRequest
from studio.sessions.requests.tasks import TaskGroup
from studio.storage.db import relocation
from studio.storage.drives import Drive, drive_of
from studio.storage.locations import Locations

__all__ = ["Drive", "Examined", "Relocation"]


class Examined(NamedTuple):
    """A folder that the data can go to, what kind of place it is, and how much would be copied."""

    target: Path
    drive: Drive
    byte_size: int


class Relocation(QObject):
    """`examined(Examined)` or `refused(StoredError)` answers `examine`.

    `changed` comes when the kind of place of the present folder is known, and when the old folder
    is gone.
    """

    examined = Signal(object)
    refused = Signal(object)
    changed = Signal()

    def __init__(
        self,
        locations: Locations,
        operations: Operations,
        restart: RestartRequest,
        tasks: TaskGroup,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._locations, self._operations = locations, operations
        self._restart, self._tasks = restart, tasks
        self._previous = locations.previous
        self._drive = Drive.LOCAL
        operations.ended.connect(self._on_ended)

    @property
    def data(self) -> Path:
        """The data folder in use."""
        return self._locations.data

    @property
    def can_move(self) -> bool:
        """Whether the folder is ours to choose: the command line has not given one."""
        return self._locations.note is not None

    @property
    def previous(self) -> Path | None:
        """The folder before the last move, while it is kept."""
        return self._previous

    @property
    def drive(self) -> Drive:
        """What kind of place the data folder is, as far as that is known."""
        return self._drive

    async def look_at_drive(self) -> Drive:
        """Ask the system what kind of place the data folder is."""
        self._drive = await asyncio.to_thread(_drive, self.data)
        self.changed.emit()
        return self._drive

    def examine(self, folder: Path) -> None:
        """Look whether the data can go to `folder`."""
        self._tasks.start(self._examine(folder), "look at a folder")

    def move(self, target: Path) -> bool:
        """Copy the data to a folder that was examined and start again there.

        The old folder is in force until everything was copied and compared, and stays.
        False while something else is under way.
        """
        data = self.data

        def work(watch: Watch) -> Path:
            return relocation.copy_while_used(data, target, watch=watch)

        return self._operations.start(Operation.MOVE, work)

    def remove_previous(self) -> None:
        """Delete what the program had in the folder before."""
        self._tasks.start(self._remove_previous(), "remove the old data folder")

    def use_previous(self) -> None:
        """Start again in the folder before."""
        if self._previous is not None:
            self._restart.with_previous(self._previous)

    async def _examine(self, folder: Path) -> None:
        try:
            target = await asyncio.to_thread(relocation.target_in, self.data, folder)
            size = await asyncio.to_thread(relocation.size_of, self.data)
        except StudioError as error:
            self.refused.emit(error.stored())
            return
        self.examined.emit(Examined(target, await asyncio.to_thread(_drive, target), size))

    async def _remove_previous(self) -> None:
        note = self._locations.note
        if note is not None:
            await asyncio.to_thread(relocation.remove_previous, note)
            self._previous = None
            self.changed.emit()

    def _on_ended(self, outcome: Outcome) -> None:
        moved = outcome.operation is Operation.MOVE and isinstance(outcome.result, Path)
        if moved and isinstance(outcome.result, Path) and not self._tasks.closing:
            self._restart.with_data(outcome.result)


def _drive(folder: Path) -> Drive:
    there = next((each for each in (folder, *folder.parents) if each.exists()), folder)
    system = bytes(QStorageInfo(str(there)).fileSystemType().data()).decode("ascii", "replace")
    return drive_of(folder.resolve(), system)
