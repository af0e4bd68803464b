"""The widget that shows a conversation: scrolls by moving pixels and paints what changed."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from typing import cast

from PySide6.QtCore import QBasicTimer, QEvent, QRect, Qt, QTimerEvent, Signal
from PySide6.QtGui import QImage, QKeyEvent, QKeySequence, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QWidget

from studio.core.messages import Message, Role
from studio.ui import theme
from studio.ui.transcript.boxes import Ink, LeafMarks
from studio.ui.transcript.message import PartMarks
from studio.ui.transcript.pointer import Pointer, copy_text
from studio.ui.transcript.selection import Selection
from studio.ui.transcript.stage import Change, Stage
from studio.ui.transcript.style import Style

_MARGIN = 24
_FRAME = 0.012  # seconds between two repaints of a stream, a little less than a frame
_FRAME_MS = 16
_ZOOMS = (0.7, 0.8, 0.9, 1.0, 1.1, 1.25, 1.5, 1.75, 2.0, 2.5)


class TranscriptView(QAbstractScrollArea):
    """Shows messages and says what the user does with them; it opens and saves nothing itself.

    `link_activated(address)`: an http or https link was clicked.
    `action_triggered(action, message_id)`: retry, edit, copy, copy_markdown, fork, details,
    show_code, previous_version, next_version, or a value of ErrorAction.
    `reasoning_toggled(message_id, open)`, `code_saved(code, language)`.
    """

    link_activated = Signal(str)
    action_triggered = Signal(str, str)
    reasoning_toggled = Signal(str, bool)
    code_saved = Signal(str, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._zoom = 1.0
        self.stage = Stage(Style.of_now(self._zoom))
        self.selection = Selection(self.stage)
        self._pending: dict[str, Message] = {}
        self._frame_timer = QBasicTimer()
        self._reading_timer = QBasicTimer()
        self._shown_at = 0.0
        self._syncing = False
        self.pointer = Pointer(self)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.viewport().setMouseTracking(True)
        self.verticalScrollBar().setSingleStep(48)

    # -- messages ----------------------------------------------------------

    def set_messages(self, messages: Sequence[Message]) -> None:
        """Show these messages, from their end."""
        self._pending.clear()
        self.selection.clear()
        self.stage.set_messages(messages)
        self._refresh()

    def clear(self) -> None:
        """Show nothing."""
        self.set_messages(())

    def append_message(self, message: Message) -> None:
        """Add a message; the reader follows their own message to the end."""
        self.flush()
        if message.role is Role.USER:
            self.stage.sticks = True
        self.stage.append(message)
        self._refresh()

    def update_message(self, message: Message) -> None:
        """Show a message that changed; many calls within a frame are painted once."""
        self._pending[message.id] = message
        if time.monotonic() - self._shown_at >= _FRAME:
            self.flush()
        elif not self._frame_timer.isActive():
            self._frame_timer.start(_FRAME_MS, self)

    def remove_messages_after(self, message_id: str) -> None:
        """Remove what follows a message."""
        self.flush()
        self.selection.clear()
        self.stage.cut_after(message_id)
        self._refresh()

    def flush(self) -> None:
        """Show at once what `update_message` brought."""
        self._frame_timer.stop()
        if not self._pending:
            return
        pending, self._pending = self._pending, {}
        self._shown_at = time.monotonic()
        for message in pending.values():
            change = self.stage.update(message)
            if change is not None:
                self._show_change(change)

    # -- looks -------------------------------------------------------------

    def set_pictures(self, provider: Callable[[str], QImage | None]) -> None:
        """Where pictures come from: an image by its SHA-256, None while it is not ready."""
        self.stage.picture = provider

    def picture_ready(self, sha256: str) -> None:
        """A picture that was not ready is now."""
        for index, _ in self.stage.in_sight():
            if any(part.sha256 == sha256 for part in self.stage.messages[index].images):
                self.viewport().update()

    def set_versions(self, message_id: str, index: int, count: int) -> None:
        """Say that a message is number `index` (from 1) of `count` versions."""
        self.stage.set_version(message_id, index, count)
        self.viewport().update()

    def zoom(self, step: int) -> None:
        """Larger (1), smaller (-1) or as designed (0)."""
        nearest = min(_ZOOMS, key=lambda each: abs(each - self._zoom))
        index = _ZOOMS.index(nearest) + step
        self.set_zoom(1.0 if not step else _ZOOMS[max(0, min(index, len(_ZOOMS) - 1))])

    def set_zoom(self, zoom: float) -> None:
        """Show everything at this scale."""
        self._zoom = zoom
        self._restyle()

    def _restyle(self) -> None:
        self.stage.restyle(Style.of_now(self._zoom))
        self._fit()

    def changeEvent(self, event: QEvent) -> None:
        """Follow the theme, the font and the language."""
        super().changeEvent(event)
        kinds = (
            QEvent.Type.PaletteChange,
            QEvent.Type.FontChange,
            QEvent.Type.StyleChange,
            QEvent.Type.LanguageChange,
        )
        if event.type() in kinds and hasattr(self, "stage"):
            self._restyle()

    def toggle_reasoning(self, message_id: str) -> None:
        """Unfold or fold the reasoning of a message."""
        index = self.stage.index_of(message_id)
        if index >= 0:
            opened = not self.stage.box(index).is_open
            self.stage.set_opened(message_id, opened)
            self._refresh()
            self.reasoning_toggled.emit(message_id, opened)

    # -- moving ------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Lay out anew what is in sight."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        width = self.viewport().width() - 2 * _MARGIN
        limit = round(theme.current().size.reading * max(1.0, self._zoom))
        self.stage.resize(max(240, min(width, limit)), self.viewport().height())
        self._refresh()

    @property
    def column_x(self) -> int:
        """Where the reading column begins in the viewport."""
        return (self.viewport().width() - self.stage.width) // 2

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        """The scroll bar was moved."""
        if self._syncing:
            return
        moved = self.stage.scroll_to(self.verticalScrollBar().value())
        self._sync_bar()
        if moved is None or abs(moved) >= self.viewport().height():
            self.viewport().update()
        elif moved:
            self.viewport().scroll(0, moved)
        self._read_later()

    def scroll_to(self, message_id: str) -> None:
        """Bring the top of a message into sight."""
        index = self.stage.index_of(message_id)
        if index >= 0:
            self.stage.show_row(index, 0, _MARGIN)
            self._refresh()

    def _sync_bar(self) -> None:
        bar = self.verticalScrollBar()
        self._syncing = True
        bar.setPageStep(self.viewport().height())
        bar.setRange(0, self.stage.farthest)
        bar.setValue(self.stage.top)
        self._syncing = False

    def _refresh(self) -> None:
        """Everything may look different."""
        self._sync_bar()
        self.viewport().update()
        self._read_later()

    def _show_change(self, change: Change) -> None:
        self._sync_bar()
        viewport = self.viewport()
        if change.whole or abs(change.shift) >= viewport.height():
            viewport.update()
            return
        if change.shift:
            viewport.scroll(0, change.shift)
        if change.dirty < viewport.height():
            viewport.update(0, change.dirty, viewport.width(), viewport.height() - change.dirty)

    def _read_later(self) -> None:
        unread = any(not self.stage.box(index).is_read for index, _ in self.stage.in_sight())
        if unread and not self._reading_timer.isActive():
            self._reading_timer.start(0, self)

    def timerEvent(self, event: QTimerEvent) -> None:
        """A frame is due, or there is time to read more of a long message."""
        if event.timerId() == self._frame_timer.timerId():
            self.flush()
        elif event.timerId() == self._reading_timer.timerId():
            if not self.stage.read_on():
                self._reading_timer.stop()
            self._sync_bar()
            self.viewport().update()
        else:
            super().timerEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Copy and select."""
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
        elif event.matches(QKeySequence.StandardKey.SelectAll):
            self.selection.select_all()
            self.viewport().update()
        else:
            super().keyPressEvent(event)

    def copy(self) -> None:
        """Copy what is selected as it is read."""
        if not self.selection.is_empty:
            copy_text(self.selection.text())

    # -- painting ----------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the rectangles that changed."""
        painter = QPainter(self.viewport())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.TextAntialiasing)
        for rect in cast("Iterable[QRect]", event.region()):
            self._paint_rect(painter, rect)
        painter.end()

    def _paint_rect(self, painter: QPainter, rect: QRect) -> None:
        style = self.stage.style
        painter.setClipRect(rect)
        painter.fillRect(rect, style.colour("surface"))
        ink = Ink(painter, style, rect.top(), rect.bottom() + 1)
        x = self.column_x
        for index, y in self.stage.in_sight():
            box = self.stage.box(index)
            if y >= ink.bottom:
                break
            if y + box.height > ink.top:
                last = index == len(self.stage.messages) - 1
                active = self.pointer.dress(index, box) or (last and not box.is_question)
                marks = self._marks_of(index)
                box.paint(ink, x, y, marks, active=active)

    def _marks_of(self, index: int) -> PartMarks:
        selection = self.selection

        def marks(part: int, section: int) -> LeafMarks | None:
            return selection.marks(index, part, section)

        return marks
