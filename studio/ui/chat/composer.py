"""Where a message is composed: the field, what is attached, and the one button that sends."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QTextCursor
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from studio.ui.actions import keys_of
from studio.ui.chat.message_field import MessageField
from studio.ui.look import theme
from studio.ui.look.icons import icon
from studio.ui.look.text import number
from studio.ui.widgets.controls import icon_button, label, name_it
from studio.ui.widgets.words_edit import name_editor

if TYPE_CHECKING:
    from studio.ui.transcript.view import TranscriptView

COUNTED_FROM = 1000  # characters; fewer are seen at a glance


class Composer(QWidget):
    """Asks to send and keeps the text until it is replaced: a refusal loses nothing."""

    send_requested = Signal()
    busy_pressed = Signal()  # Enter, while an answer is under way
    stop_requested = Signal()
    attach_requested = Signal()
    draft_changed = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._busy = False
        self._price = ""
        self._build()
        self.set_zoom(1.0)
        self._connect()
        self.retranslate()
        self._refresh()

    def _build(self) -> None:
        space = theme.current().space
        self.field = MessageField()
        self._attach = icon_button("plus")
        self._note = label("caption")
        # Not on what is read: what lies on a view that scrolls makes Qt paint all of it anew.
        self.end = icon_button("arrow-line-down")
        self.end.hide()
        self._send = icon_button("arrow-up", colour="accent_on")
        self._send.setProperty("look", "send")
        self._row = QHBoxLayout()
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(space.s)
        self._count = label("caption")
        self._count.hide()
        self._row.addWidget(self._attach)
        self._row.addWidget(self._count)
        self._row.addStretch(1)
        self._row.addWidget(self.end)
        self._row.addWidget(self._note)
        self._row.addWidget(self._send)
        column = QVBoxLayout(self)
        column.setContentsMargins(space.m, space.m, space.m, space.s)
        column.setSpacing(space.xs)
        self.tray = QVBoxLayout()
        column.addLayout(self.tray)
        column.addWidget(self.field)
        column.addLayout(self._row)

    def _connect(self) -> None:
        self.field.submitted.connect(self._on_submitted)
        self.field.textChanged.connect(self._on_text_changed)
        self.field.focus_changed.connect(self.update)
        self._send.clicked.connect(self._on_button)
        self._attach.clicked.connect(self.attach_requested)

    def retranslate(self) -> None:
        """Set all words anew."""
        name_editor(self.field, self.tr("Message"))
        name_it(self.end, self.tr("Go to the end"), "End")
        name_it(self._attach, self.tr("Add pictures"), keys_of("attach"))
        self._name_button()
        self._show_count()

    @property
    def text(self) -> str:
        """What is written."""
        return self.field.toPlainText()

    @property
    def stops(self) -> tuple[QWidget, ...]:
        """Where Tab stops: the buttons, and then the field."""
        return (self._attach, self.end, self._send, self.field)

    def set_text(self, text: str) -> None:
        """Replace what is written and go to its end; undo brings it back."""
        cursor = self.field.textCursor()
        cursor.select(cursor.SelectionType.Document)
        cursor.insertText(text)
        self.field.setTextCursor(cursor)

    def begin_with(self, text: str) -> None:
        """Show another draft, and go to its end; nothing of the last one can be undone here."""
        if text != self.text:
            self.field.setPlainText(text)
            self.field.moveCursor(QTextCursor.MoveOperation.End)

    def set_enter_sends(self, sends: bool) -> None:
        """Whether Enter sends, or Ctrl+Enter alone."""
        self.field.enter_sends = sends
        self._name_button()

    def set_busy(self, busy: bool) -> None:
        """While busy the button stops instead of sending."""
        self._busy = busy
        self._send.setIcon(icon("stop-fill" if busy else "arrow-up", colour="accent_on"))
        self._name_button()
        self._refresh()

    def set_price(self, price: str) -> None:
        """What sending costs, in words; "" when it is not known."""
        self._price = price
        self._name_button()

    def follow(self, read: TranscriptView) -> None:
        """Be as large as `read`, and offer the way back to its end while one reads further up."""
        self._read = read
        read.zoomed.connect(self.set_zoom)
        bar = read.verticalScrollBar()
        bar.valueChanged.connect(self._show_end)
        bar.rangeChanged.connect(self._show_end)
        self.end.clicked.connect(self._go_to_end)

    def _go_to_end(self) -> None:
        bar = self._read.verticalScrollBar()
        bar.setValue(bar.maximum())

    def _show_end(self) -> None:
        # Asked for each time: PySide may take a bar that it did not make for gone while it lives.
        bar = self._read.verticalScrollBar()
        self.end.setVisible(bar.maximum() - bar.value() > bar.pageStep() // 2)

    def set_zoom(self, zoom: float) -> None:
        """Write at the size that is read, in as wide a column; 1.0 is as designed."""
        self.setMaximumWidth(round(theme.current().size.reading * max(1.0, zoom)))
        self.field.set_zoom(zoom)

    def set_note(self, note: str) -> None:
        """A short remark beside the button."""
        self._note.setText(note)

    def _name_button(self) -> None:
        if self._busy:
            name_it(self._send, self.tr("Stop"), keys_of("stop"))
        else:
            keys = self.tr("Enter") if self.field.enter_sends else self.tr("Ctrl+Enter")
            name_it(self._send, self.tr("Send"), keys)
            if self._price:
                self._send.setToolTip(f"{self._send.toolTip()}\n{self._price}")

    def _on_text_changed(self) -> None:
        self._refresh()
        self._show_count()
        self.draft_changed.emit(self.text)

    def _show_count(self) -> None:
        """How long it is, where that cannot be seen at a glance."""
        length = len(self.text)
        self._count.setVisible(length >= COUNTED_FROM)
        if length >= COUNTED_FROM:
            self._count.setText(self.tr("{n} characters").replace("{n}", number(length)))

    def _on_submitted(self) -> None:
        if self.text.strip():
            (self.busy_pressed if self._busy else self.send_requested).emit()

    def _on_button(self) -> None:
        if self._busy:
            self.stop_requested.emit()
        else:
            self._on_submitted()

    def _refresh(self) -> None:
        self._send.setEnabled(self._busy or bool(self.text.strip()))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        edge = "accent" if self.field.hasFocus() else "line_strong"
        painter.setPen(QPen(theme.colour(edge), 1))
        painter.setBrush(theme.colour("surface"))
        radius = theme.current().radius.composer
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), radius, radius)

    def mousePressEvent(self, event: object) -> None:
        self.field.setFocus(Qt.FocusReason.MouseFocusReason)
