"""Moves the data folder with the user: where to, whether really, and what to watch out for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QObject

from studio.core.errors import StoredError
from studio.sessions.operations.relocation import Drive, Examined, Relocation
from studio.ui.look.text import byte_size, error_words
from studio.ui.widgets.notice import Notice

Ask = Callable[[str, str, str, Callable[[], object]], None]
AskFolder = Callable[[str, Callable[[Path], None]], None]


def drive_words(drive: Drive) -> str:
    """What to watch out for in such a place; "" where nothing is."""
    translate = QCoreApplication.translate
    if drive is Drive.CLOUD:
        return translate(
            "folders",
            "This folder is synchronised by another program, which can damage the history. A "
            "local folder is safer; backups can go to the cloud.",
        )
    if drive is Drive.NETWORK:
        return translate(
            "folders",
            "This folder is on a network drive. If the connection breaks while something is "
            "saved, the history can be damaged. A local folder is safer.",
        )
    return ""


class FolderDialogs(QObject):
    """`ask` puts a question with a yes, `ask_folder` has a folder chosen."""

    def __init__(
        self,
        relocation: Relocation,
        ask: Ask,
        ask_folder: AskFolder,
        say: Callable[[Notice], None],
        started: Callable[[bool], None],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._relocation, self._ask, self._ask_folder = relocation, ask, ask_folder
        self._say, self._started = say, started
        relocation.examined.connect(self._on_examined)
        relocation.refused.connect(self._on_refused)

    def move(self) -> None:
        """Have a folder chosen, and look at it."""
        self._ask_folder(self.tr("Move the data folder to"), self._relocation.examine)

    def remove_previous(self) -> None:
        """Delete the old folder when the user says so."""
        previous = self._relocation.previous
        if previous is not None:
            self._ask(
                self.tr("Delete the old data folder?"),
                self.tr(
                    "What the program had in {folder} is gone for good then: the old history, its "
                    "backups and sent pictures. Everything is in the new folder."
                ).replace("{folder}", str(previous)),
                self.tr("Delete"),
                self._relocation.remove_previous,
            )

    def warn(self, open_page: Callable[[], None]) -> None:
        """Say what to watch out for with the folder in use."""
        words = drive_words(self._relocation.drive)
        if words:
            self._say(Notice(words, self.tr("Data folder"), open_page))

    def offer_previous(self, words: str) -> None:
        """Say why the folder cannot be used, and offer the one before."""
        self._say(
            Notice(
                words, self.tr("Use the old folder"), self._relocation.use_previous, lasting=True
            )
        )

    def _on_examined(self, found: Examined) -> None:
        words = self.tr(
            "{size} are copied and compared; then the program starts again by itself. The old "
            "folder stays until you delete it."
        ).replace("{size}", byte_size(found.byte_size))
        warning = drive_words(found.drive)
        if warning:
            words = f"{warning}\n\n{words}"
        self._ask(
            self.tr("Move the data to {folder}?").replace("{folder}", str(found.target)),
            words,
            self.tr("Move"),
            lambda: self._started(self._relocation.move(found.target)),
        )

    def _on_refused(self, error: StoredError) -> None:
        self._say(Notice(error_words(error)[1]))
