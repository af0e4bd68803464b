"""A line for words alone: a file dropped on it does not become its path."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QEvent, QMimeData, QObject, Signal
from PySide6.QtGui import QAction, QDragEnterEvent, QDragMoveEvent, QDropEvent, QIcon
from PySide6.QtWidgets import QApplication, QDialog, QLineEdit, QToolTip, QWidget

from studio.ui.widgets.words_edit import holds_no_words


class WordsLine(QLineEdit):
    """What is no words goes to the part around that takes it; where none does, a sentence says so.

    A line for the path of a file says so by `takes_files`, and tells of one by `file_dropped`.
    """

    file_dropped = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.takes_files = False
        self._mark: QAction | None = None

    def lead_with(self, icon: QIcon) -> None:
        """Show an icon at the beginning; it is named as the field is."""
        # Made here: PySide may take an action that Qt made for gone while it lives.
        self._mark = QAction(icon, self.accessibleName(), self)
        self.addAction(self._mark, QLineEdit.ActionPosition.LeadingPosition)
        self._mark.triggered.connect(self.setFocus)

    def offer_clearing(self, icon: QIcon) -> None:
        """Show a button that empties the field, with our icon instead of the style's black one."""
        self.setClearButtonEnabled(True)
        self._dress_clearing(icon)

    def _dress_clearing(self, icon: QIcon | None = None) -> None:
        button = self.findChild(
            QAction, "_q_qlineeditclearaction"
        )  # asked for each time, see above
        if isinstance(button, QAction):  # Qt's own name for it; without it the style's icon stays
            button.setText(QCoreApplication.translate("WordsLine", "Empty the field"))
            if icon is not None:
                button.setIcon(icon)

    def setAccessibleName(self, name: str) -> None:
        super().setAccessibleName(name)
        if self._mark is not None:
            self._mark.setText(name)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self._dress_clearing()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if not _is_handled(self, event):
            super().dragEnterEvent(event)

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        if not _is_handled(self, event):
            super().dragMoveEvent(event)

    def dropEvent(self, event: QDropEvent) -> None:
        if not _is_handled(self, event):
            super().dropEvent(event)


def guard(dialog: QDialog) -> None:
    """Let the line of one of Qt's own dialogs take words alone, too."""
    for line in dialog.findChildren(QLineEdit):
        line.installEventFilter(_Guard(line))


class _Guard(QObject):
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        return (
            isinstance(watched, QLineEdit)
            and isinstance(event, QDropEvent)  # of which the others are kinds
            and _is_handled(watched, event)
        )


def _is_handled(line: QLineEdit, event: QDropEvent) -> bool:
    """Deal with what holds no words; False leaves words to the line."""
    data = event.mimeData()
    if not holds_no_words(data):
        return False
    path = _file_of(data) if isinstance(line, WordsLine) and line.takes_files else ""
    if not path and _is_taken_around(line, event):
        event.ignore()  # Qt asks the parts around next
        return True
    event.acceptProposedAction()
    if event.type() == QEvent.Type.Drop:
        if path and isinstance(line, WordsLine):
            line.file_dropped.emit(path)
        else:
            _refuse(line)
    return True


def _file_of(data: QMimeData) -> str:
    return next((url.toLocalFile() for url in data.urls() if url.isLocalFile()), "")


def _is_taken_around(line: QLineEdit, event: QDropEvent) -> bool:
    """Whether a part around the line takes the drag that comes to it."""
    around = None if line.isWindow() else line.parentWidget()
    if around is None or event.type() != QEvent.Type.DragEnter:
        return False  # what goes on here was not taken when it came
    asked = event.clone()
    asked.ignore()
    QApplication.sendEvent(around, asked)  # Qt goes from part to part by itself
    return asked.isAccepted()


def _refuse(line: QLineEdit) -> None:
    words = QCoreApplication.translate(
        "WordsLine", "Only words go here, so the path of the file was not put in."
    )
    below = line.mapToGlobal(line.rect().bottomLeft())
    QToolTip.showText(below, words, line)
