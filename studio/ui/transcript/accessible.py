"""What a screen reader finds in the transcript: a list with one child a message.

A message is its author, its state and its text; its children are its buttons. While an answer is
written, finished blocks are announced, not tokens.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint, QRect
from PySide6.QtGui import (
    QAccessible,
    QAccessibleAnnouncementEvent,
    QAccessibleEvent,
    QAccessibleInterface,
    QWindow,
)
from PySide6.QtWidgets import QAccessibleWidget

from studio.core.messages import MessageStatus
from studio.ui.look import text as words_of
from studio.ui.transcript import words
from studio.ui.transcript.layout.buttons import Button
from studio.ui.transcript.layout.message import ANSWER, MessageBox
from studio.ui.transcript.speech import leaf_speech

if TYPE_CHECKING:
    from studio.ui.transcript.view import TranscriptView

_Role, _Text = QAccessible.Role, QAccessible.Text
_LONGEST = 20_000


class _Item(QAccessibleInterface):
    """What messages and buttons have in common: a name, a rectangle, a parent."""

    def __init__(self, view: TranscriptView, parent: QAccessibleInterface) -> None:
        super().__init__()
        self._view = view
        self._parent = parent

    def isValid(self) -> bool:
        return True

    def object(self) -> QObject | None:  # type: ignore[override]  # there is none, says Qt too
        return None

    def window(self) -> QWindow | None:  # type: ignore[override]  # none before it is shown
        return self._view.window().windowHandle()

    def parent(self) -> QAccessibleInterface:
        return self._parent

    def child(self, index: int) -> QAccessibleInterface | None:  # type: ignore[override]
        return None

    def childAt(self, x: int, y: int) -> QAccessibleInterface | None:  # type: ignore[override]
        return None

    def childCount(self) -> int:
        return 0

    def indexOfChild(self, child: QAccessibleInterface) -> int:
        return -1

    def setText(self, kind: QAccessible.Text, text: str) -> None:
        """Nothing here can be written to."""

    def _on_screen(self, rect: QRect, message: int) -> QRect:
        """A rectangle of a message in coordinates of the screen."""
        view = self._view
        placed = rect.translated(view.column_x, view.stage.y_of(message))
        return QRect(view.viewport().mapToGlobal(placed.topLeft()), placed.size())


class _ButtonItem(_Item):
    """A painted button."""

    def __init__(self, view: TranscriptView, parent: MessageItem, button: Button) -> None:
        super().__init__(view, parent)
        self._item = parent
        self._button = button

    def text(self, kind: QAccessible.Text) -> str:
        return self._button.name or self._button.words if kind == _Text.Name else ""

    def role(self) -> QAccessible.Role:
        return _Role.Button

    def rect(self) -> QRect:
        return self._on_screen(self._button.rect, self._item.index)

    def state(self) -> QAccessible.State:
        state = QAccessible.State()
        state.focusable = True
        state.disabled = not self._button.enabled
        keys = self._view.keys
        here = self._view.hasFocus() and keys.message == self._item.index
        state.focused = here and keys.is_focused(self._button)
        return state


class MessageItem(_Item):
    """A message of the list."""

    def __init__(self, view: TranscriptView, parent: QAccessibleInterface, message_id: str) -> None:
        super().__init__(view, parent)
        self._message_id = message_id
        self._buttons: list[_ButtonItem] = []
        self._signs: list[tuple[str, str]] = []

    @property
    def index(self) -> int:
        """Where the message stands now; -1 when it is gone."""
        return self._view.stage.index_of(self._message_id)

    def isValid(self) -> bool:
        return self.index >= 0

    def _box(self) -> MessageBox:
        return self._view.stage.box(self.index)

    def text(self, kind: QAccessible.Text) -> str:
        if self.index < 0:
            return ""
        message = self._view.stage.messages[self.index]
        if kind == _Text.Name:
            return spoken(self._box())
        if kind == _Text.Description:
            parts = (words_of.stamp(message.created_at), words.statistics(message))
            return ", ".join(part for part in parts if part)
        return ""

    def role(self) -> QAccessible.Role:
        return _Role.ListItem

    def rect(self) -> QRect:
        if self.index < 0:
            return QRect()
        stage = self._view.stage
        return self._on_screen(QRect(0, 0, stage.width, stage.heights[self.index]), self.index)

    def state(self) -> QAccessible.State:
        state = QAccessible.State()
        state.focusable = state.readOnly = state.multiLine = True
        if self.index < 0:
            state.invalid = True
            return state
        keys = self._view.keys
        state.focused = keys.message == self.index and not keys.action and self._view.hasFocus()
        state.busy = self._view.stage.messages[self.index].status is MessageStatus.STREAMING
        state.offscreen = all(index != self.index for index, _ in self._view.stage.in_sight())
        return state

    def _refreshed(self) -> list[_ButtonItem]:
        """The buttons as they are now; the objects stay while the buttons do."""
        if self.index < 0:
            return self._buttons
        buttons = self._view.keys.buttons_of(self.index)
        signs = [(button.action, button.name) for button in buttons]
        if signs != self._signs:
            _forget(self._buttons)
            self._buttons = [_ButtonItem(self._view, self, button) for button in buttons]
            self._signs = signs
        for item, button in zip(self._buttons, buttons, strict=True):
            item._button = button
        return self._buttons

    def childCount(self) -> int:
        return len(self._refreshed())

    def child(self, index: int) -> QAccessibleInterface | None:  # type: ignore[override]
        buttons = self._refreshed()
        return buttons[index] if 0 <= index < len(buttons) else None

    def indexOfChild(self, child: QAccessibleInterface) -> int:
        return next((i for i, each in enumerate(self._buttons) if each is child), -1)

    def focused_child(self) -> QAccessibleInterface:
        """The focused button, or the message itself."""
        return next((each for each in self._refreshed() if each.state().focused), self)

    def forget(self) -> None:
        """Take the buttons out of Qt's books."""
        _forget(self._buttons)
        self._buttons, self._signs = [], []


class TranscriptItem(QAccessibleWidget):
    """The list of messages."""

    def __init__(self, view: TranscriptView) -> None:
        super().__init__(view, _Role.List)
        self._view = view
        self._items: dict[str, MessageItem] = {}

    def childCount(self) -> int:
        return len(self._view.stage.messages)

    def child(self, index: int) -> QAccessibleInterface | None:  # type: ignore[override]
        messages = self._view.stage.messages
        return self.item(messages[index].id) if 0 <= index < len(messages) else None

    def item(self, message_id: str) -> MessageItem:
        """The item of a message; made when it is first asked for, kept as long as it is shown."""
        item = self._items.get(message_id)
        if item is None:
            item = self._items[message_id] = MessageItem(self._view, self, message_id)
        return item

    def indexOfChild(self, child: QAccessibleInterface) -> int:
        return child.index if isinstance(child, MessageItem) else -1

    def childAt(self, x: int, y: int) -> QAccessibleInterface | None:  # type: ignore[override]
        stage, viewport = self._view.stage, self._view.viewport()
        inside = viewport.mapFromGlobal(QPoint(x, y))
        if not stage.messages or not viewport.rect().contains(inside):
            return None
        return self.child(stage.message_at(inside.y())[0])

    def forget(self) -> None:
        """Other messages are shown: drop the items of those that are gone."""
        for message_id in list(self._items):
            if self._view.stage.index_of(message_id) < 0:
                item = self._items.pop(message_id)
                item.forget()
                _forget([item])


def _forget(items: list[_ButtonItem] | list[MessageItem]) -> None:
    """Qt keeps what it was shown by number; it must not outlive the Python object."""
    for item in items:
        QAccessible.deleteAccessibleInterface(QAccessible.uniqueId(item))


def spoken(box: MessageBox) -> str:
    """A message in words: author, state, text, and what its card says."""
    message = box.message
    head = ", ".join(part for part in (words.author(message), words.status(message)) if part)
    parts = [box.plain_text(leaf_speech)[:_LONGEST]]
    if box.card is not None:
        parts.append(box.card.spoken())
    return f"{head}: " + " ".join(part for part in parts if part)


class Announcer:
    """Says what is finished of an answer that is written, and what the keyboard focuses."""

    def __init__(self, view: TranscriptView) -> None:
        self._view = view
        self._message_id = ""
        self._said = 0  # sections

    def grown(self, message_id: str) -> None:
        """A message has grown or ended."""
        if not QAccessible.isActive():
            return
        index = self._view.stage.index_of(message_id)
        if index < 0:
            return
        box = self._view.stage.box(index)
        streaming = box.message.status is MessageStatus.STREAMING
        if message_id != self._message_id:
            self._message_id, self._said = message_id, 0
        flow = box.flows[ANSWER]
        outline = flow.outline
        done = outline.settled if streaming else len(outline.sections)
        said: list[str] = []
        for number in range(self._said, done):
            said += (leaf_speech(leaf, outline.environment) for leaf in flow.leaves(number))
        self._said = max(self._said, done)
        if not streaming and box.card is not None:
            said.append(box.card.spoken())
        self._say("\n".join(line for line in said if line))

    def _say(self, line: str) -> None:
        if line:
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self._view, line))

    def changed(self) -> None:
        """Messages were added or removed."""
        item = _item_of(self._view)
        if item is not None:
            item.forget()
            event = QAccessibleEvent(self._view, QAccessible.Event.ObjectReorder)
            QAccessible.updateAccessibility(event)

    def focused(self, index: int) -> None:
        """A message or one of its buttons has the focus."""
        item = _item_of(self._view)
        if item is not None:
            message = item.item(self._view.stage.messages[index].id)
            event = QAccessibleEvent(message.focused_child(), QAccessible.Event.Focus)
            QAccessible.updateAccessibility(event)


def _item_of(view: TranscriptView) -> TranscriptItem | None:
    """The list that a screen reader was given for a view, if one ever asked."""
    return view.list_item if QAccessible.isActive() else None


def install(view_class: type[TranscriptView]) -> None:
    """Let Qt find here what screen readers are told of views of a class."""

    def make_item(class_name: str, widget: QObject) -> TranscriptItem | None:
        if not isinstance(widget, view_class):
            return None
        # Qt does not keep Python objects alive: the view does.
        widget.list_item = TranscriptItem(widget)
        return widget.list_item

    QAccessible.installFactory(make_item)
