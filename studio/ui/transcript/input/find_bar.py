"""The bar at the top of the transcript where one types what to find."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from studio.ui.look import theme
from studio.ui.look.text import number
from studio.ui.widgets.controls import icon_button, label, name_it
from studio.ui.widgets.words_line import WordsLine

_FIELD = 200


class FindBar(QFrame):
    """`changed(words, case)`, `moved(forward)` and `closed` are what the user does."""

    changed = Signal(str, bool)
    moved = Signal(bool)
    closed = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setProperty("look", "card")
        self._build()
        self._connect()
        self.retranslate()
        self.hide()

    def _build(self) -> None:
        space = theme.current().space
        self.field = WordsLine()
        self.field.setMinimumWidth(_FIELD)
        self._count = label("muted")
        self._case = icon_button("text-aa")
        self._case.setCheckable(True)
        self._previous = icon_button("caret-up")
        self._next = icon_button("caret-down")
        self._close = icon_button("x")
        row = QHBoxLayout(self)
        row.setContentsMargins(space.s, space.xs, space.xs, space.xs)
        row.setSpacing(space.xs)
        for widget in (
            self.field,
            self._count,
            self._case,
            self._previous,
            self._next,
            self._close,
        ):
            row.addWidget(widget)

    def _connect(self) -> None:
        self.field.textChanged.connect(self._tell)
        self._case.toggled.connect(self._tell)
        self._previous.clicked.connect(lambda: self.moved.emit(False))
        self._next.clicked.connect(lambda: self.moved.emit(True))
        self._close.clicked.connect(self.closed)
        self.field.installEventFilter(self)

    def retranslate(self) -> None:
        """Set all words anew."""
        self.field.setPlaceholderText(self.tr("Find in the conversation"))
        self.field.setAccessibleName(self.tr("Find in the conversation"))
        name_it(self._case, self.tr("Match case"))
        name_it(self._previous, self.tr("Previous hit (Shift+Enter)"))
        name_it(self._next, self.tr("Next hit (Enter)"))
        name_it(self._close, self.tr("Close (Esc)"))

    def show_count(self, current: int, count: int) -> None:
        """Say which of how many hits is shown."""
        if not self.field.text():
            words = ""
        elif not count:
            words = self.tr("Nothing found")
        elif current:
            words = f"{number(current)} / {number(count)}"
        else:
            words = number(count)
        self._count.setText(words)
        self.adjustSize()

    def _tell(self) -> None:
        self.changed.emit(self.field.text(), self._case.isChecked())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Enter goes on, Shift+Enter back, Esc closes."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            # Esc would stop the answer; here it closes the bar.
            if event.key() == Qt.Key.Key_Escape:
                event.accept()
                return True
        elif event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self.moved.emit(not event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
                return True
            if event.key() == Qt.Key.Key_Escape:
                self.closed.emit()
                return True
        return False

    def changeEvent(self, event: QEvent) -> None:
        """Follow a change of language."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()
