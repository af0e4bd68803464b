"""What is to be done between the end of this run and the next one, which follows by itself."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal


class RestartRequest(QObject):
    """A wish that can only be fulfilled while the database is closed; `requested` ends the run."""

    requested = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.backup: Path | None = None  # to be put in the place of the history
        self.data: Path | None = None  # the folder that holds the copy of the data from now on
        self.previous: Path | None = None  # the folder before, which is to be used again

    @property
    def wanted(self) -> bool:
        """Whether there is a next run."""
        return any(each is not None for each in (self.backup, self.data, self.previous))

    def with_backup(self, backup: Path) -> None:
        """Start again with a backup in the place of the history."""
        self.backup = backup
        self.requested.emit()

    def with_previous(self, folder: Path) -> None:
        """Start again in the data folder before the present one."""
        self.previous = folder
        self.requested.emit()

    def with_data(self, folder: Path) -> None:
        """Start again in another data folder."""
        self.data = folder
        self.requested.emit()
