"""What a user does with conversations and folders in the history, with its questions and undo."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QInputDialog, QWidget

from studio.core.messages import new_id
from studio.sessions.history.conversation_list import ConversationList
from studio.ui.widgets.notice import Notice
from studio.ui.widgets.words_line import guard

if TYPE_CHECKING:
    from studio.sessions.history.rows import Folder


class HistoryVerbs(QObject):
    """Asks where something must be asked, does it, and offers to undo it.

    `deleted(id)` is for whoever shows the conversation, `removed(ids)` and `restored(ids)` for
    whoever lists it.
    """

    deleted = Signal(str)
    removed = Signal(list)
    restored = Signal(list)
    noticed = Signal(object)
    export_requested = Signal(list)

    def __init__(self, rows: ConversationList, ground: QWidget) -> None:
        super().__init__(ground)
        self._rows, self._ground = rows, ground

    @property
    def folders(self) -> tuple[Folder, ...]:
        """Every folder, also while the list is limited to one."""
        return self._rows.every_folder

    # Conversations.

    def rename(self, conversation_id: str, title: str = "") -> None:
        """Ask for another title."""
        self._ask(
            self.tr("Rename"),
            self.tr("Title of the conversation"),
            title or self._rows.title_of(conversation_id),
            lambda words: self._rows.rename(conversation_id, words),
        )

    def pin(self, ids: Sequence[str], pinned: bool) -> None:
        """Keep conversations on top, or no longer."""
        self._rows.pin_all(ids, pinned)

    def move(self, ids: Sequence[str], folder_id: str | None) -> None:
        """Put conversations into a folder, or out of any."""
        self._rows.change_folders("move_to_folder", list(ids), folder_id)

    def delete(self, ids: Sequence[str]) -> None:
        """Move conversations to the trash; a notice offers to undo that."""
        gone = list(ids)

        def told() -> None:
            self.removed.emit(gone)
            for each in gone:
                self.deleted.emit(each)
            words = self.tr("%n conversation(s) in the trash for 30 days.", "", len(gone))
            if len(gone) == 1:
                words = self.tr("The conversation is in the trash for 30 days.")
            self._say(words, lambda: self.restore(gone))

        self._rows.delete(*gone, then=told)

    def restore(self, ids: Sequence[str]) -> None:
        """Bring conversations back from the trash."""
        self._rows.restore(*ids, then=lambda: self.restored.emit(list(ids)))

    # Folders.

    def new_folder(self, ids: Sequence[str] = ()) -> None:
        """Ask for a name, make a folder, and put conversations into it."""

        def make(name: str) -> None:
            identity = new_id()
            self._rows.change_folders("create_folder", identity, name, then=lambda: fill(identity))

        def fill(identity: str) -> None:
            if ids:
                self._rows.change_folders("move_to_folder", list(ids), identity)

        self._ask(self.tr("New folder"), self.tr("Name of the folder"), "", make)

    def rename_folder(self, folder_id: str) -> None:
        """Ask for another name."""
        name = next((each.name for each in self.folders if each.id == folder_id), "")
        self._ask(
            self.tr("Rename"),
            self.tr("Name of the folder"),
            name,
            lambda words: self._rows.change_folders("rename_folder", folder_id, words),
        )

    def close_folder(self, folder_id: str, closed: bool) -> None:
        """Hide or show what is in a folder."""
        self._rows.change_folders("close_folder", folder_id, closed=closed)

    def delete_folder(self, folder: Folder) -> None:
        """Remove a folder and keep its conversations; a notice offers to undo that."""

        def remove(ids: list[str]) -> None:
            self._rows.change_folders("delete_folder", folder.id, then=lambda: told(ids))

        def told(ids: list[str]) -> None:
            self._say(self.tr("The folder is gone, its conversations are kept."), lambda: undo(ids))

        def undo(ids: list[str]) -> None:
            self._rows.change_folders(
                "create_folder",
                folder.id,
                folder.name,
                then=lambda: self._rows.change_folders("move_to_folder", ids, folder.id),
            )

        self._rows.resolve([(folder.id, 0, folder.length)] if folder.length else [], remove)

    def _say(self, words: str, undo: Callable[[], None]) -> None:
        self.noticed.emit(Notice(words, self.tr("Undo"), undo, kept=True, undoes=True))

    def _ask(self, title: str, question: str, words: str, use: Callable[[str], None]) -> None:
        dialog = QInputDialog(self._ground)
        dialog.setWindowTitle(title)
        dialog.setLabelText(question)
        dialog.setTextValue(words)
        guard(dialog)
        dialog.textValueSelected.connect(use)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()
