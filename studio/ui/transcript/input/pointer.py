"""What the mouse does in the transcript: point, press, drag, select."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, QTimer
from PySide6.QtGui import QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QToolTip

from studio.core.markdown.links import host_of, safe_link
from studio.core.messages import Message
from studio.ui.transcript.clipboard import copy_text, show_copied
from studio.ui.transcript.input.menu import popup_for
from studio.ui.transcript.layout.buttons import Button
from studio.ui.transcript.layout.hit_test import code_at, link_at, table_at, wide_at
from studio.ui.transcript.layout.message import MessageBox
from studio.ui.transcript.layout.table import TableBox
from studio.ui.transcript.layout.tables import whole_table

if TYPE_CHECKING:
    from studio.ui.transcript.view import TranscriptView

_EDGE_MS = 30


class Pointer(QObject):
    """Follows the mouse for a view."""

    def __init__(self, view: TranscriptView) -> None:
        super().__init__(view)
        self._view = view
        self._message_id = ""  # the message under the mouse
        self._action = ""  # the button under the mouse: its action and corner
        self._table: TableBox | None = None  # under the mouse
        self._pressed: tuple[str, str] | None = None
        self._selecting = False
        self._moved = False
        self._followed = False  # the end of the text, before the mouse was pressed
        self._clicks = 0
        self._at = QPoint()
        self._edge = QTimer(self)
        self._edge.setInterval(_EDGE_MS)
        self._edge.timeout.connect(self._scroll_at_edge)
        view.viewport().installEventFilter(self)

    # -- what is under the mouse -------------------------------------------

    def _find(self, at: QPoint) -> tuple[int, MessageBox, QPoint] | None:
        stage = self._view.stage
        if not stage.messages:
            return None
        index, top = stage.message_at(at.y())
        box = stage.box(index)
        return index, box, QPoint(at.x() - self._view.column_x, at.y() - top)

    @staticmethod
    def buttons_of(box: MessageBox) -> list[Button]:
        """All buttons of a message, apart from those of its code."""
        return [*box.actions(), *box.card_buttons()]

    def _button_at(self, box: MessageBox, at: QPoint) -> Button | None:
        found = code_at(box, at.y()) or table_at(box, at.y())
        if found is not None:
            framed, x, y = found
            for button in framed.buttons():
                if button.rect.translated(x, y).contains(at):
                    button.rect.translate(x, y)
                    return button
        for button in self.buttons_of(box):
            if button.rect.contains(at) and button.enabled:
                return button
        if box.fold_rect().contains(at):
            return Button("fold", "", "", rect=box.fold_rect())
        return None

    def mark(self, index: int, box: MessageBox) -> bool:
        """Mark the button under the mouse; returns whether the message is pointed at."""
        pointed = self._view.stage.messages[index].id == self._message_id
        for button in box.actions():
            button.hovered = pointed and button.action == self._action
        if box.card is not None:
            for button in box.card.buttons:
                button.hovered = pointed and button.action == self._action
        return pointed

    # -- events ------------------------------------------------------------

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take the mouse events of the viewport."""
        kind = event.type()
        if kind == QEvent.Type.MouseMove and isinstance(event, QMouseEvent):
            self._on_move(event)
        elif kind == QEvent.Type.MouseButtonPress and isinstance(event, QMouseEvent):
            return self._on_press(event)
        elif kind == QEvent.Type.MouseButtonDblClick and isinstance(event, QMouseEvent):
            return self._on_double(event)
        elif kind == QEvent.Type.MouseButtonRelease and isinstance(event, QMouseEvent):
            self._on_release(event)
        elif kind == QEvent.Type.Leave:
            self._point_at("", "")
            self._point_at_table(None)
        return False

    def _on_move(self, event: QMouseEvent) -> None:
        at = event.position().toPoint()
        self._at = at
        if self._selecting:
            self._extend()
            return
        found = self._find(at)
        if found is None:
            return
        index, box, inside = found
        message = self._view.stage.messages[index]
        within = 0 <= inside.y() < box.height
        table = table_at(box, inside.y()) if within else None
        self._point_at_table(table[0] if table else None)
        button = self._button_at(box, inside) if within else None
        self._point_at(message.id if within else "", button.action if button else "")
        link = safe_link(link_at(box, inside.x(), inside.y())) if within else ""
        self._show_cursor(button, link, inside, box)
        if link:
            QToolTip.showText(event.globalPosition().toPoint(), host_of(link), self._view)
        elif button is not None and button.name and not button.words:
            QToolTip.showText(event.globalPosition().toPoint(), button.name, self._view)
        else:
            QToolTip.hideText()

    def _show_cursor(
        self, button: Button | None, link: str, inside: QPoint, box: MessageBox
    ) -> None:
        shape = Qt.CursorShape.IBeamCursor
        if button is not None or link:
            shape = Qt.CursorShape.PointingHandCursor
        elif not 0 <= inside.x() <= box.width:
            shape = Qt.CursorShape.ArrowCursor
        self._view.viewport().setCursor(shape)

    def _point_at_table(self, table: TableBox | None) -> None:
        """Show the buttons of the table under the mouse only."""
        if table is self._table:
            return
        if self._table is not None:
            self._table.pointed = False
        if table is not None:
            table.pointed = True
        self._table = table
        self._view.viewport().update()

    def _point_at(self, message_id: str, action: str) -> None:
        if (message_id, action) == (self._message_id, self._action):
            return
        changed = {self._message_id, message_id}
        self._message_id, self._action = message_id, action
        stage = self._view.stage
        for index, y in stage.in_sight():
            if stage.messages[index].id in changed:
                box = stage.box(index)
                for button in self.buttons_of(box):
                    rect = button.rect.translated(self._view.column_x, y)
                    self._view.viewport().update(rect.adjusted(-2, -2, 2, 2))
                self._view.viewport().update(
                    box.statistics_rect().translated(self._view.column_x, y)
                )

    def _on_press(self, event: QMouseEvent) -> bool:
        if event.button() is not Qt.MouseButton.LeftButton:
            return False
        self._view.setFocus(Qt.FocusReason.MouseFocusReason)
        self._view.keys.clear()
        at = event.position().toPoint()
        found = self._find(at)
        self._moved = False
        if found is None:
            return False
        index, box, inside = found
        button = self._button_at(box, inside)
        if button is not None:
            self._pressed = (self._view.stage.messages[index].id, button.action)
            return True
        selection = self._view.selection
        place = self._view.stage.place_at(inside.x(), at.y())
        again = self._clicks == 2 and (at - self._at).manhattanLength() < 6
        self._at = at
        self._clicks = 0
        self._selecting = True
        # Who selects at the end does not follow it: the text must not move under the mouse.
        self._followed, self._view.stage.sticks = self._view.stage.sticks, False
        if again:
            selection.take_block(place)
        elif event.modifiers() & Qt.KeyboardModifier.ShiftModifier and selection.anchor:
            selection.extend(place)
        else:
            selection.begin(place)
        self._view.viewport().update()
        return True

    def _on_double(self, event: QMouseEvent) -> bool:
        at = event.position().toPoint()
        found = self._find(at)
        if found is None or event.button() is not Qt.MouseButton.LeftButton:
            return False
        if self._button_at(found[1], found[2]) is not None:
            return self._on_press(event)
        self._at, self._clicks = at, 2
        self._view.selection.take_word(self._view.stage.place_at(found[2].x(), at.y()))
        self._view.viewport().update()
        return True

    def _on_release(self, event: QMouseEvent) -> None:
        self._edge.stop()
        at = event.position().toPoint()
        pressed, self._pressed = self._pressed, None
        was_selecting, self._selecting = self._selecting, False
        if was_selecting and self._followed and self._view.selection.is_empty:
            self._view.go_to_bottom()
        found = self._find(at)
        if found is None:
            return
        index, box, inside = found
        message = self._view.stage.messages[index]
        if pressed is not None:
            button = self._button_at(box, inside)
            if button is not None and pressed == (message.id, button.action):
                self.do(button.action, index, box, inside)
        elif was_selecting and not self._moved and self._view.selection.is_empty:
            link = safe_link(link_at(box, inside.x(), inside.y()))
            if link:
                self._view.link_activated.emit(link)

    def _extend(self) -> None:
        view = self._view
        self._moved = True
        height = view.viewport().height()
        y = max(0, min(self._at.y(), height - 1))
        view.selection.extend(view.stage.place_at(self._at.x() - view.column_x, y))
        view.viewport().update()
        outside = self._at.y() < 0 or self._at.y() >= height
        if outside and not self._edge.isActive():
            self._edge.start()
        elif not outside:
            self._edge.stop()

    def _scroll_at_edge(self) -> None:
        """Scroll while the mouse selects beyond the edge."""
        y, height = self._at.y(), self._view.viewport().height()
        by = y if y < 0 else max(0, y - height)
        bar = self._view.verticalScrollBar()
        bar.setValue(bar.value() + max(-120, min(by, 120)))
        self._extend()

    def turn_wheel(self, event: QWheelEvent) -> bool:
        """Zoom, or move what is wide under the pointer sideways; False for plain scrolling."""
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self._view.zoom(1 if event.angleDelta().y() > 0 else -1)
            return True
        delta = event.pixelDelta() if not event.pixelDelta().isNull() else event.angleDelta()
        shifted = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        by = delta.x() or (delta.y() if shifted else 0)
        if not by or abs(delta.y()) > abs(by):
            return False
        found = self._find(event.position().toPoint())
        wide = wide_at(found[1], found[2].y()) if found else None
        if wide is None or not wide.scroll(-by):
            return wide is not None and shifted
        self._view.viewport().update()
        return True

    # -- doing -------------------------------------------------------------

    def do(self, action: str, index: int, box: MessageBox, at: QPoint) -> None:
        """Do what a button says."""
        view = self._view
        if action.startswith("copy"):
            show_copied(view)
        message = view.stage.messages[index]
        if action == "fold":
            view.toggle_reasoning(message.id)
        elif action in ("copy_code", "save_code"):
            found = code_at(box, at.y())
            if found is not None and action == "copy_code":
                copy_text(found[0].text)
            elif found is not None:
                view.code_saved.emit(found[0].text, found[0].language)
        elif action in ("copy_table", "copy_table_source"):
            table = whole_table(box, at.y())
            if table is not None:
                (table.copy if action == "copy_table" else table.copy_markdown)()
        elif action == "copy_error" and box.card is not None:
            copy_text(box.card.copied())
        else:
            self._do_with(action, message)

    def _do_with(self, action: str, message: Message) -> None:
        if action == "copy":
            box = self._view.stage.box(self._view.stage.index_of(message.id))
            copy_text(message.text, box.html())
        elif action == "details":
            popup_for(self._view, self._view.stage.index_of(message.id))
            return
        self._view.action_triggered.emit(action, message.id)
