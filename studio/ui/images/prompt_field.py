"""A field for a prompt: a card with an editor that grows, and a counter against the limit."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRectF, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from studio.ui.look import theme
from studio.ui.widgets.controls import label, set_look
from studio.ui.widgets.words_edit import WordsEdit, name_editor

_MOST_LINES = 12


class PromptEditor(WordsEdit):
    """A plain editor in which Tab leaves the field and Ctrl+Enter says: go."""

    submitted = Signal()
    focus_changed = Signal()

    def __init__(self, lines: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lines = lines
        self.setProperty("look", "bare")
        self.setTabChangesFocus(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.document().setDocumentMargin(theme.current().space.xs)
        self.document().documentLayout().documentSizeChanged.connect(self._fit)
        self._fit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Ctrl+Enter submits; Enter breaks the line."""
        enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if enter and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.submitted.emit()
            return
        super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Tell the card."""
        super().focusInEvent(event)
        self.focus_changed.emit()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Tell the card."""
        super().focusOutEvent(event)
        self.focus_changed.emit()

    def changeEvent(self, event: QEvent) -> None:
        """Fit a new font."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._fit()

    def _fit(self) -> None:
        # A plain text document counts its height in lines, wrapped ones included.
        shown = min(max(self.document().size().height(), self._lines), _MOST_LINES)
        margins = 2 * (self.document().documentMargin() + theme.current().space.s)
        height = round(shown * self.fontMetrics().lineSpacing() + margins)
        if height != self.height():
            self.setFixedHeight(height)


class PromptField(QFrame):
    """The card around a PromptEditor."""

    text_changed = Signal()
    submitted = Signal()

    def __init__(self, lines: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._limit = 0
        self._problem = False
        self._editor = PromptEditor(lines)
        self._counter = label("caption")
        foot = QHBoxLayout()
        foot.setContentsMargins(0, 0, theme.current().space.s, 0)
        foot.addStretch(1)
        foot.addWidget(self._counter)
        column = QVBoxLayout(self)
        column.setContentsMargins(6, 4, 4, 6)
        column.setSpacing(0)
        column.addWidget(self._editor)
        column.addLayout(foot)
        self.setFocusProxy(self._editor)
        self._editor.textChanged.connect(self._on_text_changed)
        self._editor.submitted.connect(self.submitted)
        self._editor.focus_changed.connect(self.update)

    @property
    def editor(self) -> PromptEditor:
        """The editor itself."""
        return self._editor

    def text(self) -> str:
        """What was written."""
        return self._editor.toPlainText()

    def set_text(self, text: str) -> None:
        """Replace the text; Ctrl+Z brings the old one back."""
        if text == self.text():
            return
        cursor = self._editor.textCursor()
        cursor.select(cursor.SelectionType.Document)
        cursor.insertText(text)

    def set_limit(self, limit: int) -> None:
        """How many characters the counter counts to; longer text stays and is refused in place."""
        self._limit = limit
        self._count()

    def set_problem(self, problem: bool) -> None:
        """Draw the card as one that cannot be sent."""
        self._problem = problem
        self.update()

    def set_texts(self, name: str, placeholder: str) -> None:
        """Name for screen readers, and the invitation in the empty field."""
        name_editor(self._editor, name)
        self.setAccessibleName(name)
        self._editor.setPlaceholderText(placeholder)

    def changeEvent(self, event: QEvent) -> None:
        """Follow a change of language."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self._count()

    def paintEvent(self, event: QPaintEvent) -> None:
        """A rounded card whose border tells focus and refusal."""
        focused = self._editor.hasFocus()
        border = "bad" if self._problem else "accent" if focused else "line"
        radius = theme.current().radius.control
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.colour(border), 1))
        painter.setBrush(theme.colour("surface"))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), radius, radius)

    def _on_text_changed(self) -> None:
        self._count()
        self.text_changed.emit()

    def _count(self) -> None:
        length = len(self.text())
        words = self.tr("{n} / {limit}").replace("{n}", str(length))
        self._counter.setText(words.replace("{limit}", str(self._limit)))
        look = "bad" if self._limit and length >= self._limit else "caption"
        if self._counter.property("look") != look:
            set_look(self._counter, look)
