"""The widget that shows a conversation: scrolls by moving pixels and paints what changed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import cast

from PySide6.QtCore import QEvent, QRect, Qt, QTimer, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QFocusEvent,
    QImage,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QWidget

from studio.core.messages import Message, Role
from studio.ui.look import theme
from studio.ui.transcript.accessible import Announcer, TranscriptItem, install
from studio.ui.transcript.input import caret_movement
from studio.ui.transcript.input.find import Finder
from studio.ui.transcript.input.finding import Finding
from studio.ui.transcript.input.keys import Keys
from studio.ui.transcript.input.menu import popup_at, popup_for
from studio.ui.transcript.input.pointer import Pointer
from studio.ui.transcript.input.selection import Selection
from studio.ui.transcript.layout.background import BackgroundRenderer
from studio.ui.transcript.layout.conversation_layout import Change, ConversationLayout, Place
from studio.ui.transcript.layout.style import Style, next_zoom
from studio.ui.transcript.layout.wait import Waiting
from studio.ui.transcript.paint.canvas import paint_view
from studio.ui.transcript.paint.repaint_throttle import RepaintThrottle

_MARGIN = 24
_NARROWEST = 240


class TranscriptView(QAbstractScrollArea):
    """Shows messages and says what the user does with them; it opens and saves nothing itself.

    `link_activated(address)`: an http or https link was clicked.
    `action_triggered(action, message_id)`: retry, edit, copy, fork, details, show_code,
    previous_version, next_version, or a value of ErrorAction.
    `reasoning_toggled(message_id, open)`, `code_saved(code, language)`,
    `found(current, count)`: number of the current hit, from 1, and of all hits so far.
    `zoomed(zoom)`: everything is shown at another scale, 1.0 as designed.
    """

    link_activated = Signal(str)
    action_triggered = Signal(str, str)
    reasoning_toggled = Signal(str, bool)
    code_saved = Signal(str, str)
    found = Signal(int, int)
    zoomed = Signal(float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._zoom = 1.0
        self._pending: dict[str, Message] = {}
        # Children of the view: a QBasicTimer that Python holds ticks on after its object is gone.
        self._frame_timer = QTimer(self)
        self._frame_timer.setSingleShot(True)
        self._frame_timer.timeout.connect(self.flush)
        self._reading_timer = QTimer(self)
        self._reading_timer.timeout.connect(self._read_more)
        self.pace = RepaintThrottle()
        self._syncing = False
        self._workshop = BackgroundRenderer(self)
        self.stage = ConversationLayout(self._style())
        self.selection = Selection(self.stage)
        self.finder = Finder(self.stage, self)
        self.pointer = Pointer(self)
        self.keys = Keys(self)
        self.own_letters = self.keys.wants  # commands here, and not the beginning of a message
        self.list_item: TranscriptItem | None = None  # made when a screen reader asks
        self.announcer = Announcer(self)
        self.finding = Finding(self)
        self._build()
        self._connect()

    def _build(self) -> None:
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.viewport().setMouseTracking(True)
        self.verticalScrollBar().setSingleStep(48)

    def _connect(self) -> None:
        self.finder.changed.connect(self.found)
        self._workshop.finished.connect(self._on_finished)
        self.destroyed.connect(self._workshop.close)

    # -- messages ----------------------------------------------------------

    def set_messages(self, messages: Sequence[Message]) -> None:
        """Show these messages, from their end."""
        self._pending.clear()
        self.selection.clear()
        self.keys.clear()
        self.stage.set_messages(messages)
        self.finder.restart()
        self.announcer.changed()
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
        self.announcer.changed()
        self.finder.refresh(len(self.stage.messages) - 1)
        self._refresh()

    def update_message(self, message: Message) -> None:
        """Show a message that changed; many calls within a frame are painted once."""
        self._pending[message.id] = message
        wait = self.pace.wait()
        if not wait:
            self.flush()
        elif not self._frame_timer.isActive():
            self._frame_timer.start(round(wait * 1000) + 1)

    def remove_messages_after(self, message_id: str) -> None:
        """Remove what follows a message."""
        self.flush()
        self.selection.clear()
        self.stage.cut_after(message_id)
        self.announcer.changed()
        self.finder.restart()
        self._refresh()

    def flush(self) -> None:
        """Show at once what `update_message` brought."""
        self._frame_timer.stop()
        if not self._pending:
            return
        pending, self._pending = self._pending, {}
        self.pace.painted(sum(len(message.text) for message in pending.values()))
        for message in pending.values():
            change = self.stage.update(message)
            if change is not None:
                self._show_change(change)
            if self.finder.is_active:
                self.finder.refresh(self.stage.index_of(message.id))
            self.announcer.grown(message.id)

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
        self._refresh()

    def set_waiting(self, message_id: str, waiting: Waiting | None) -> None:
        """Show in place of an answer how long it is until it is asked for once more."""
        self.stage.set_waiting(message_id, waiting)
        self._refresh()

    def set_successor(self, provider: Callable[[str], str]) -> None:
        """Who goes on where a model does not answer: an id by the model's, "" for nobody."""
        self.stage.successor = provider
        self.stage.show_cards()
        self._refresh()

    def toggle_reasoning(self, message_id: str) -> None:
        """Unfold or fold the reasoning of a message."""
        index = self.stage.index_of(message_id)
        if index >= 0:
            opened = not self.stage.box(index).is_open
            self.stage.set_opened(message_id, opened)
            self._refresh()
            self.reasoning_toggled.emit(message_id, opened)

    def zoom(self, step: int) -> None:
        """Larger (1), smaller (-1) or as designed (0)."""
        self.set_zoom(next_zoom(self._zoom, step))

    def set_zoom(self, zoom: float) -> None:
        """Show everything at this scale."""
        self._zoom = zoom
        self._restyle()
        self.zoomed.emit(zoom)

    def _style(self) -> Style:
        return Style(theme.current(), self._zoom, self.devicePixelRatioF(), self._workshop)

    def _restyle(self) -> None:
        self.stage.restyle(self._style())
        self._fit()

    def _on_finished(self, formula: bool) -> None:
        """Colours or formulas are ready that were not when their text was shown."""
        if formula:
            self.stage.redraw_formulas()
            self._sync_bar()
        self.viewport().update()

    def changeEvent(self, event: QEvent) -> None:
        """Follow the theme, the font and the language."""
        super().changeEvent(event)
        kinds = (
            QEvent.Type.PaletteChange,
            QEvent.Type.FontChange,
            QEvent.Type.StyleChange,
            QEvent.Type.LanguageChange,
        )
        if event.type() in kinds and hasattr(self, "finding"):
            self._restyle()

    # -- copying and finding -----------------------------------------------

    def copy(self, *, markdown: bool = False) -> None:
        """Copy what is selected as it is read, or its source."""
        if not self.selection.is_empty:
            self.selection.copy(markdown=markdown)

    def select_all(self) -> None:
        """Select the whole conversation."""
        self.selection.select_all()
        self.viewport().update()

    # -- moving ------------------------------------------------------------

    def go_to_top(self) -> None:
        """Show the beginning of the conversation."""
        self.verticalScrollBar().setValue(0)

    def go_to_bottom(self) -> None:
        """Show the end of the conversation, and stay there."""
        self.verticalScrollBar().setValue(self.verticalScrollBar().maximum())

    def scroll_to(self, message_id: str) -> None:
        """Bring the top of a message into sight."""
        index = self.stage.index_of(message_id)
        if index >= 0:
            self.stage.show_row(index, 0, _MARGIN)
            self._refresh()

    def bring_into_sight(self, index: int) -> None:
        """Scroll as little as needed to show the beginning of a message."""
        self.stage.bring(index, 0, 0, _MARGIN)
        self._refresh()

    def show_place(self, place: Place) -> None:
        """Scroll as little as needed to show a place in the text."""
        caret_movement.reveal(self.stage, place)
        rect = caret_movement.caret(self.stage, place)
        inside = int(rect.top()) - self.stage.y_of(place.message)
        height = self.stage.view_height
        self.stage.bring(place.message, inside, round(rect.height()), height // 3)
        self._refresh()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Lay out anew what is in sight."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        width = self.width() - theme.current().size.scroll_bar - 2 * _MARGIN
        limit = round(theme.current().size.reading * max(1.0, self._zoom))
        self.stage.resize(max(_NARROWEST, min(width, limit)), self.viewport().height())
        self.finding.place()
        self._refresh()

    @property
    def column_x(self) -> int:
        """Where the reading column begins in the viewport."""
        room = self.width() - theme.current().size.scroll_bar
        return max(0, (room - self.stage.width) // 2)

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        """The scroll bar was moved."""
        if self._syncing:
            return
        moved = self.stage.scroll_to(self.verticalScrollBar().value())
        self._sync_bar()
        if moved is None or not self.stage.can_move(moved):
            self.viewport().update()
        elif moved:
            self.viewport().scroll(0, moved)
        self._read_later()

    def _sync_bar(self) -> None:
        bar, stage = self.verticalScrollBar(), self.stage
        self._syncing = True
        if bar.pageStep() != stage.view_height:
            bar.setPageStep(stage.view_height)
        if bar.maximum() != stage.farthest:
            bar.setRange(0, stage.farthest)
        bar.setValue(stage.top)
        self._syncing = False

    def _refresh(self) -> None:
        """Everything may look different."""
        self._sync_bar()
        self.viewport().update()
        self._read_later()

    def _show_change(self, change: Change) -> None:
        self._sync_bar()
        viewport = self.viewport()
        height = self.stage.view_height
        if change.whole or not self.stage.can_move(change.shift):
            viewport.update()
            return
        if change.shift:
            viewport.scroll(0, change.shift)
        if change.dirty < height:
            # Two more: on a fractional scale the edge may cut a pixel of the screen in half.
            top = max(0, change.dirty - 2)
            viewport.update(0, top, viewport.width(), height - top)

    def _read_later(self) -> None:
        if not self._reading_timer.isActive() and self.stage.has_unread():
            self._reading_timer.start(0)

    def _read_more(self) -> None:
        if not self.stage.read_on():
            self._reading_timer.stop()
        self._sync_bar()
        self.viewport().update()

    # -- input -------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move, select, copy, press the buttons of a message."""
        if not self.keys.press(event):
            super().keyPressEvent(event)

    def focusNextPrevChild(self, forward: bool) -> bool:
        """Tab goes through the buttons of the focused message first."""
        if self.hasFocus() and self.keys.tab(forward):
            return True
        return super().focusNextPrevChild(forward)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Whoever comes by the keyboard is at a message, and sees at which."""
        super().focusInEvent(event)
        if event.reason() in (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason):
            self.keys.enter()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """The focused message is marked only while the view has the focus."""
        super().focusOutEvent(event)
        self.viewport().update()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom with Ctrl, scroll wide code and tables sideways, else scroll."""
        if not self.pointer.turn_wheel(event):
            super().wheelEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Open the menu for what is under the pointer, or for the focused message."""
        if event.reason() is QContextMenuEvent.Reason.Keyboard and self.keys.message >= 0:
            popup_for(self, self.keys.message)
        elif self.stage.messages:
            popup_at(self, event.globalPos())

    # -- painting ----------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the rectangles that changed."""
        if self.stage.style.ratio != self.devicePixelRatioF():
            # Formulas are drawn for the pixels of the screen, and it is another one now.
            QTimer.singleShot(0, self, self._restyle)
        painter = QPainter(self.viewport())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for rect in cast("Iterable[QRect]", event.region()):
            paint_view(self, painter, rect)
        painter.end()


install(TranscriptView)
