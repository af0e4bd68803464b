"""Takes the user's orders about the history: asks where, asks whether, and shows how it goes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QDate, QObject, QStandardPaths, Qt, QTimer
from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget

from studio.core.capabilities import Capability
from studio.core.transfer.common import Choice, ConversationFormat, Preview, file_stem
from studio.sessions.operations.backups import KeptBackup
from studio.sessions.operations.operations import Outcome
from studio.sessions.operations.transfers import ExportOrder
from studio.sessions.studio import Studio
from studio.ui.links import open_folder
from studio.ui.look import text
from studio.ui.widgets.folder_dialogs import FolderDialogs
from studio.ui.widgets.notice import Notice
from studio.ui.widgets.operation_bar import OperationCard
from studio.ui.widgets.remarks import Remarks
from studio.ui.widgets.save_dialog import SaveDialog
from studio.ui.widgets.sheet import Sheet

_WIDEST = 560
_ENDINGS = {"md": ("md", "markdown"), "html": ("html", "htm")}  # others have one
_SHOWN_MS = 10_000  # how long an outcome without an error stays


class OperationDialogs(QObject):
    """One a window. `say` shows a notice, `show_sheet` a sheet by its name.

    What is under way is shown among the `remarks`.
    """

    def __init__(
        self,
        studio: Studio,
        ground: QWidget,
        remarks: Remarks,
        say: Callable[[Notice], None],
        show_sheet: Callable[[str, Sheet], None],
    ) -> None:
        super().__init__(ground)
        self._studio, self._ground, self._remarks = studio, ground, remarks
        self._say, self._show_sheet = say, show_sheet
        self._bar: OperationCard | None = None
        self._listening = False
        self._folders = FolderDialogs(
            studio.relocation, self._ask, self._ask_folder, self._note, self._started, self
        )
        self._away = QTimer(self)
        self._away.setSingleShot(True)
        self._away.setInterval(_SHOWN_MS)

    def perform(self, action_id: str, what: object = None) -> bool:
        """Do an action about the history; False when it is none."""
        verbs: dict[str, Callable[[], object]] = {
            "import": self.ask_file,
            "import_folder": self.ask_import_folder,
            "export_all": self.export_everything,
            "copy_all": self.copy_everything,
            "back_up": self.back_up,
            "move": self._folders.move,
            "remove_previous": self._folders.remove_previous,
        }
        if isinstance(what, KeptBackup):
            verbs["restore"] = lambda: self.ask_restore(what)
            verbs["delete_backup"] = lambda: self.ask_delete(what)
        verb = verbs.get(action_id)
        if verb is not None:
            verb()
        return verb is not None

    def warn_of_drive(self, open_page: Callable[[], None]) -> None:
        """Say it where the data folder is no safe place."""
        self._folders.warn(open_page)

    def offer_previous(self, words: str) -> None:
        """Say why the data folder cannot be used, and offer the one before."""
        self._folders.offer_previous(words)

    # Out.

    def export(self, conversation_ids: Sequence[str], title: str = "") -> None:
        """Save conversations as files, after asking how and where."""
        from studio.ui.transfer.export_sheet import ExportSheet

        if not conversation_ids:
            return
        ids = tuple(conversation_ids)
        if len(ids) == 1 and not title:
            known = (rows.title_of(ids[0]) for rows in self._studio.histories.values())
            title = next(filter(None, known), "")
        sheet = ExportSheet(ids, self._ground.window(), title=title if len(ids) == 1 else "")
        sheet.accepted.connect(
            lambda kind, reasoning, pictures: self._ask_place(
                sheet, ids, title, (kind, reasoning, pictures)
            )
        )
        self._show_sheet("export", sheet)

    def _ask_place(
        self,
        sheet: Sheet,
        ids: tuple[str, ...],
        title: str,
        how: tuple[ConversationFormat, bool, bool],
    ) -> None:
        kind, reasoning, pictures = how
        otherwise = self.tr("Conversation")
        name = (
            file_stem(title, otherwise) if len(ids) == 1 else self._dated(self.tr("Conversations"))
        )

        def begin(target: Path) -> None:
            sheet.close_sheet()
            order = ExportOrder(ids, kind, target, _words, reasoning, pictures)
            self._started(self._studio.transfers.export(order))

        if len(ids) > 1 and kind is not ConversationFormat.JSON:
            self._ask_folder(self.tr("Choose a folder"), lambda folder: begin(folder / name))
        else:
            self._ask_save(f"{name}.{kind.value}", kind.value, begin)

    def export_everything(self) -> None:
        """Save all conversations and pictures as one zip file, after asking where."""

        def begin(target: Path) -> None:
            self._started(self._studio.transfers.export_everything(target))

        self._ask_save(f"{self._dated('Moda Studio')}.zip", "zip", begin)

    def copy_everything(self) -> None:
        """Copy history and pictures into a folder, after asking where."""
        name = self._dated("Moda Studio")

        def begin(folder: Path) -> None:
            self._started(self._studio.transfers.copy_everything(folder / name))

        self._ask_folder(self.tr("Choose a folder"), begin)

    # In.

    def ask_file(self) -> None:
        """Import files, after asking which."""
        dialog = QFileDialog(self._ground.window(), self.tr("Import conversations"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
        kinds = self.tr("Exports of Moda Studio, ChatGPT and others")
        dialog.setNameFilters(
            [f"{kinds} (*.zip *.json *.jsonl *.ndjson *.bak *.md)", self.tr("All files") + " (*)"]
        )
        dialog.filesSelected.connect(lambda chosen: self.import_paths([*map(Path, chosen)]))
        self._open(dialog)

    def ask_import_folder(self) -> None:
        """Import a folder of exports, after asking which."""
        self._ask_folder(
            self.tr("Choose a folder with exports"), lambda folder: self.import_paths([folder])
        )

    def import_paths(self, paths: Sequence[Path]) -> None:
        """Look what files and folders hold, and ask what of it is wanted."""
        if not self._listening:
            self._listening = True
            self._studio.transfers.found.connect(self._on_found)
        self._started(self._studio.transfers.look_into(paths))

    def _on_found(self, preview: Preview, paths: Sequence[Path]) -> None:
        from studio.ui.transfer.import_sheet import ImportSheet

        if not preview.conversations and not preview.made:
            return
        folders = self._studio.histories[Capability.CHAT].every_folder
        places = [(each.id, each.name) for each in folders]
        sheet = ImportSheet(preview, places, self._ground.window())
        sheet.accepted.connect(lambda ids, folder: self._import(sheet, paths, ids, folder))
        self._show_sheet("import", sheet)

    def _import(
        self,
        sheet: Sheet,
        paths: Sequence[Path],
        ids: frozenset[str] | None,
        folder: tuple[str, str] | None,
    ) -> None:
        sheet.close_sheet()
        catalogue = self._studio.catalogue
        known = (*catalogue.models(Capability.CHAT), *catalogue.models(Capability.VISION))
        model = catalogue.default(Capability.CHAT, self._studio.preferences.settings.chat_model)
        models = frozenset(each.id for each in known)
        choice = Choice(ids, folder, model, models)
        self._started(self._studio.transfers.import_files(paths, choice))

    # Backups.

    def back_up(self) -> None:
        """Make a backup now."""
        self._started(self._studio.backups.back_up())

    def ask_restore(self, backup: KeptBackup) -> None:
        """Go back to a backup when the user says so."""
        when = text.full_moment(backup.made_at)
        self._ask(
            self.tr("Go back to the history of {when}?").replace("{when}", when),
            self.tr(
                "Your present history is backed up first, so that you can return to it. Then the "
                "program starts again by itself. Answers under way are stopped; pictures stay."
            ),
            self.tr("Restore"),
            lambda: self._started(self._studio.backups.restore(backup)),
        )

    def ask_delete(self, backup: KeptBackup) -> None:
        """Delete a backup when the user says so."""
        when = text.full_moment(backup.made_at)
        self._ask(
            self.tr("Delete the backup of {when}?").replace("{when}", when),
            self.tr("It is gone for good. Your conversations stay as they are."),
            self.tr("Delete"),
            lambda: self._studio.backups.delete(backup),
        )

    # What is asked and shown.

    def _note(self, notice: Notice) -> None:
        # Over a sheet a notice would be dimmed: there it is a question with one answer.
        sheet = any(each.isVisible() for each in self._ground.window().findChildren(Sheet))
        if not sheet:
            self._say(notice)
            return
        box = self._box(notice.text, "")
        box.addButton(self.tr("Close"), QMessageBox.ButtonRole.RejectRole)
        box.open()

    def _dated(self, name: str) -> str:
        return f"{name} {QDate.currentDate().toString(Qt.DateFormat.ISODate)}"

    def _ask(self, question: str, more: str, yes: str, verb: Callable[[], object]) -> None:
        box = self._box(question, more)
        going_on = box.addButton(yes, QMessageBox.ButtonRole.AcceptRole)
        box.addButton(self.tr("Cancel"), QMessageBox.ButtonRole.RejectRole)
        going_on.clicked.connect(verb)
        box.open()

    def _box(self, question: str, more: str) -> QMessageBox:
        box = QMessageBox(self._ground.window())
        box.setTextFormat(Qt.TextFormat.PlainText)
        box.setIcon(QMessageBox.Icon.Question)
        box.setText(question)
        box.setInformativeText(more)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        return box

    def _ask_save(self, name: str, ending: str, begin: Callable[[Path], None]) -> None:
        formats = ((ending.upper(), _ENDINGS.get(ending, (ending,))),)
        dialog = SaveDialog(self._ground.window(), self.tr("Export"), formats, begin)
        dialog.set_place(QStandardPaths.StandardLocation.DocumentsLocation, name)
        dialog.open()

    def _ask_folder(self, title: str, begin: Callable[[Path], None]) -> None:
        dialog = QFileDialog(self._ground.window(), title)
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        dialog.setDirectory(_documents())
        dialog.fileSelected.connect(lambda chosen: begin(Path(chosen)))
        self._open(dialog)

    def _open(self, dialog: QFileDialog) -> None:
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _started(self, begun: bool) -> None:
        if not begun:
            self._say(Notice(self.tr("One thing at a time: something else is under way.")))
        elif self._bar is None:
            self._bar = OperationCard(self._studio.operations, self._ground)
            self._bar.folder_activated.connect(open_folder)
            self._away.timeout.connect(self._bar.dismiss)
            self._studio.operations.ended.connect(self._on_ended)
            self._remarks.add(self._bar)

    def _on_ended(self, outcome: Outcome) -> None:
        if outcome.error is None:
            self._away.start()


def _documents() -> str:
    return QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)


def _words(sentence: str) -> str:
    return text.translated("transfer", sentence)
