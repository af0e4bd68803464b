"""What is to be done between the end of this run and the next one, which follows by itself."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal


class Restart(QObject):
    """A wish that can only be fulfilled while the database is closed; `requested` ends the run."""

    requested = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.backup: Path | None = None  # to be put in the place of the history
        self.data: Path | None = None  # the folder that holds the copy of the data from now on

    @property
    def wanted(self) -> bool:
        """Whether there is a next run."""
        return self.backup is not None or self.data is not None

    def with_backup(self, backup: Path) -> None:
        """Start again with a backup in the place of the history."""
        self.backup = backup
        self.requested.emit()

    def with_data(self, folder: Path) -> None:
        """Start again in another data folder."""
        self.data = folder
        self.requested.emit()
