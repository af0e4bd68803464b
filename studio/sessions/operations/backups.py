"""Copies of the history: which there are, making one now, deleting one, going back to one."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from enum import Enum, auto
from pathlib import Path
from typing import NamedTuple

from PySide6.QtCore import QObject, Signal

from studio.core.errors import ErrorKind, StudioError
from studio.core.texts import QT_TRANSLATE_NOOP
from studio.core.transfer.common import Watch
from studio.sessions.operations.operations import Operation, Operations, Outcome
from studio.sessions.operations.restart_request import RestartRequest
from studio.sessions.preferences import Preferences
from studio.sessions.requests.tasks import TaskGroup
from studio.storage.db import backups as stored
from studio.storage.db.database import Database

DAMAGED = QT_TRANSLATE_NOOP(
    "transfer", "This backup is damaged. Nothing was changed; choose another one."
)


class Reason(Enum):
    """Why a copy was made; the window has words for each."""

    AUTOMATIC = auto()
    BY_HAND = auto()
    BEFORE_UPDATE = auto()
    BEFORE_RESTORE = auto()


class KeptBackup(NamedTuple):
    """One copy; `conversations` is None when it could not be read."""

    path: Path
    made_at: float
    reason: Reason
    conversations: int | None
    byte_size: int


class Backups(QObject):
    """`listed` comes whenever the copies were read anew."""

    listed = Signal()

    def __init__(
        self,
        database: Database,
        preferences: Preferences,
        operations: Operations,
        restart: RestartRequest,
        tasks: TaskGroup,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._database, self._preferences = database, preferences
        self._operations, self._restart, self._tasks = operations, restart, tasks
        self._backups: tuple[KeptBackup, ...] = ()
        operations.ended.connect(self._on_ended)

    @property
    def backups(self) -> Sequence[KeptBackup]:
        """The copies, newest first, as they were last read."""
        return self._backups

    def refresh(self) -> None:
        """Read anew which there are."""
        self._tasks.start(self._read(), "list the backups")

    def back_up(self) -> bool:
        """Make one now; False while something else is under way."""
        keep_days = self._preferences.settings.backups_kept

        def work(watch: Watch) -> Path:
            return self._database.back_up(keep_days=keep_days, watch=watch)

        return self._operations.start(Operation.BACK_UP, work)

    def delete(self, backup: KeptBackup) -> None:
        """Remove one for good."""
        self._tasks.start(self._delete(backup.path), "delete a backup")

    def restore(self, backup: KeptBackup) -> bool:
        """Go back to one: the program ends, puts it in place and starts again.

        Before that the copy is checked, and the present history becomes a backup itself; when
        either fails nothing happens but the outcome's error. False while something else runs.
        """

        def work(watch: Watch) -> Path:
            if stored.damage_in(backup.path, watch):
                raise StudioError(ErrorKind.STORAGE, values={"reason": DAMAGED})
            if self._is_usable():
                self._database.back_up(stored.BEFORE_RESTORE, watch=watch)
            return backup.path

        return self._operations.start(Operation.RESTORE, work)

    def _is_usable(self) -> bool:
        try:
            self._database.wait_open()
        except StudioError:
            return False  # what cannot be opened is kept aside as it is
        return True

    def _on_ended(self, outcome: Outcome) -> None:
        if outcome.operation not in (Operation.BACK_UP, Operation.RESTORE) or self._tasks.closing:
            return
        self.refresh()
        if outcome.operation is Operation.RESTORE and isinstance(outcome.result, Path):
            self._restart.with_backup(outcome.result)

    async def _read(self) -> None:
        folder = self._database.backup_folder
        if folder is not None:
            self._backups = await asyncio.to_thread(_read_backups, folder)
        self.listed.emit()

    async def _delete(self, path: Path) -> None:
        try:
            await asyncio.to_thread(path.unlink, missing_ok=True)
        except OSError as error:
            raise StudioError(ErrorKind.STORAGE, str(error)) from error
        finally:
            await self._read()


def _read_backups(folder: Path) -> tuple[KeptBackup, ...]:
    return tuple(
        KeptBackup(
            each.path,
            time.mktime(time.strptime(each.made_at, "%Y-%m-%d_%H%M%S")),
            _reason(each.label),
            stored.conversations_in(each.path),
            each.byte_size,
        )
        for each in stored.list_backups(folder)
    )


def _reason(label: str) -> Reason:
    # A second copy of one second has a number behind its label.
    if label.startswith(stored.DAILY):
        return Reason.AUTOMATIC
    if label.startswith(stored.BEFORE_RESTORE):
        return Reason.BEFORE_RESTORE
    return Reason.BEFORE_UPDATE if label.startswith("before-v") else Reason.BY_HAND
