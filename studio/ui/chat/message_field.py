"""The field a message is written in: grows with its text and leaves input methods alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QMimeData, QSize, Qt, Signal
from PySide6.QtWidgets import QFrame, QPlainTextEdit, QSizePolicy, QWidget

from studio.ui.look import theme

if TYPE_CHECKING:
    from PySide6.QtGui import QFocusEvent, QInputMethodEvent, QKeyEvent

LOWEST_LINES = 1
HIGHEST_LINES = 10


class MessageField(QPlainTextEdit):
    """Enter sends, Shift+Enter breaks the line; during a composition Enter does neither.

    Pictures that are pasted are offered by `picture_pasted`; text is pasted as plain text.
    """

    submitted = Signal()
    picture_pasted = Signal(QMimeData)
    focus_changed = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.enter_sends = True
        self._hint = ""
        self._composing = False
        self.setProperty("look", "bare")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setTabChangesFocus(True)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.document().setDocumentMargin(0)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.document().documentLayout().documentSizeChanged.connect(self._on_size_changed)

    def set_zoom(self, zoom: float) -> None:
        """Show the text at another size; 1.0 is as designed."""
        font = theme.ui_font(round(theme.current().type.reading * zoom))
        self.setFont(font)
        self.viewport().setFont(font)  # which what an empty field says is written in
        self._on_size_changed()

    def set_hint(self, hint: str) -> None:
        """What an empty field says."""
        self._hint = hint
        self.setPlaceholderText("" if self._composing else hint)

    def sizeHint(self) -> QSize:
        line = self.fontMetrics().lineSpacing()
        lines = min(max(self.document().size().height(), LOWEST_LINES), HIGHEST_LINES)
        return QSize(super().sizeHint().width(), int(lines * line) + theme.current().space.s)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def _on_size_changed(self) -> None:
        # A bar only where the text is longer than the field may grow.
        long = self.document().size().height() > HIGHEST_LINES
        policy = Qt.ScrollBarPolicy
        self.setVerticalScrollBarPolicy(
            policy.ScrollBarAsNeeded if long else policy.ScrollBarAlwaysOff
        )
        self.updateGeometry()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if self._composing:
                return  # it chooses among what the input method offers
            modifiers = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
            plain = modifiers == Qt.KeyboardModifier.NoModifier
            with_control = modifiers == Qt.KeyboardModifier.ControlModifier
            if with_control or (plain and self.enter_sends):
                self.submitted.emit()
                return
        super().keyPressEvent(event)

    def inputMethodEvent(self, event: QInputMethodEvent) -> None:
        self._composing = bool(event.preeditString())
        # Qt would draw the placeholder under the composition.
        self.setPlaceholderText("" if self._composing else self._hint)
        super().inputMethodEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.focus_changed.emit(True)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._composing = False
        self.setPlaceholderText(self._hint)
        self.focus_changed.emit(False)

    def canInsertFromMimeData(self, source: QMimeData) -> bool:
        return _means_pictures(source) or super().canInsertFromMimeData(source)

    def insertFromMimeData(self, source: QMimeData) -> None:
        if _means_pictures(source):
            self.picture_pasted.emit(source)
        else:
            self.insertPlainText(source.text())


def _means_pictures(source: QMimeData) -> bool:
    from studio.ui.widgets.picture_sources import means_pictures  # not before the first paint

    return means_pictures(source)
