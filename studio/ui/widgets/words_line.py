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
        self._clear: QAction | None = None

    def lead_with(self, icon: QIcon) -> None:
        """Show an icon at the beginning; it is named as the field is."""
        self._mark = self.addAction(icon, QLineEdit.ActionPosition.LeadingPosition)
        self._mark.triggered.connect(self.setFocus)
        self._mark.setText(self.accessibleName())

    def offer_clearing(self, icon: QIcon) -> None:
        """Show a button that empties the field, with our icon instead of the style's black one."""
        self.setClearButtonEnabled(True)
        button = self.findChild(QAction, "_q_qlineeditclearaction")
        if isinstance(button, QAction):  # Qt's own name for it; without it the style's icon stays
            self._clear = button
            button.setIcon(icon)
            self._name_clearing()

    def _name_clearing(self) -> None:
        if self._clear is not None:
            self._clear.setText(QCoreApplication.translate("WordsLine", "Empty the field"))

    def setAccessibleName(self, name: str) -> None:
        super().setAccessibleName(name)
        if self._mark is not None:
            self._mark.setText(name)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self._name_clearing()

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
