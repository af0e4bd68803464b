"""Which messages there are, how high they are, and which of them are seen: no widget in it.

The reader holds on to a row: the first one in sight. Whatever turns out higher or lower than it
was estimated, that row stays where it is. Only a reader at the very end follows the end.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from PySide6.QtGui import QImage

from studio.core.messages import Message, MessageStatus, Role
from studio.ui.transcript.layout.heights import HeightIndex
from studio.ui.transcript.layout.hit_test import place_at
from studio.ui.transcript.layout.message import MessageBox, MessageContext, Row
from studio.ui.transcript.layout.style import Style
from studio.ui.transcript.layout.wait import Waiting

_KEPT = 48  # messages that stay laid out
_GUESS = 240  # the height of a message of which nothing is known
_PAD = 24
_SETTLING = 24  # rounds of laying out what comes into sight by laying out


class Place(NamedTuple):
    """A place in the text; places compare in reading order."""

    message: int
    part: int
    section: int
    leaf: int
    offset: int


@dataclass(frozen=True, slots=True)
class _Pin:
    message: int
    row: Row
    y: int  # where the row's top is in the viewport


@dataclass(frozen=True, slots=True)
class Change:
    """What must be painted: everything was moved by `shift`, and `dirty` on is new."""

    shift: int
    dirty: int  # a height in the viewport, after the move
    whole: bool = False


class ConversationLayout:
    """Messages below each other in a column, seen through a window of `view_height`."""

    def __init__(self, style: Style) -> None:
        self.style = style
        self.messages: list[Message] = []
        self.heights = HeightIndex()
        self.width = 0
        self.view_height = 0
        self.top = 0
        self.sticks = True
        self.laid_out = 0  # messages built so far, for the measurements
        self._indices: dict[str, int] | None = {}  # made when first asked for
        self._boxes: dict[str, MessageBox] = {}  # the one seen last is at the end
        self._pin = _Pin(0, Row(-1, 0), 0)
        self._opened: dict[str, bool] = {}
        self._versions: dict[str, tuple[int, int]] = {}
        self._waiting: dict[str, Waiting] = {}
        self.picture: Callable[[str], QImage | None] = lambda sha256: None
        self.successor: Callable[[str], str] = lambda model: ""
        self._cut = ""

    # -- messages ----------------------------------------------------------

    def set_messages(self, messages: Sequence[Message]) -> None:
        """Show these messages, from their end."""
        self.messages = list(messages)
        self._indices = None
        self._boxes.clear()
        self.heights = HeightIndex.even(len(self.messages), self.style.px(_GUESS))
        self.sticks = True
        self._pin = _Pin(0, Row(-1, 0), 0)
        self.arrange()

    @property
    def _index(self) -> dict[str, int]:
        if self._indices is None:
            self._indices = {message.id: index for index, message in enumerate(self.messages)}
        return self._indices

    def append(self, message: Message) -> None:
        """Add a message at the end."""
        if self.messages:
            self._drop(self.messages[-1].id)  # it is no longer the last one
        self._index[message.id] = len(self.messages)
        self.messages.append(message)
        self.heights.append(self.style.px(_GUESS))
        self.arrange()

    def cut_after(self, message_id: str) -> None:
        """Remove what follows a message."""
        index = self._index.get(message_id)
        if index is None:
            return
        for gone in self.messages[index + 1 :]:
            self._boxes.pop(gone.id, None)
            del self._index[gone.id]
        del self.messages[index + 1 :]
        self.heights.cut(index + 1)
        self._drop(message_id)
        self._pin = replace(self._pin, message=min(self._pin.message, index))
        self.arrange()

    def update(self, message: Message) -> Change | None:
        """Show a message that changed; None when nothing of it is in sight."""
        index = self._index.get(message.id)
        if index is None:
            return None
        self.messages[index] = message
        box = self._boxes.get(message.id)
        if box is None:
            return None
        before = self._y(index)
        changed = box.show(message, self.width)
        self.heights.set(index, box.height)
        shift = self.arrange()
        dirty = before + shift + changed
        return Change(shift, max(0, dirty), whole=dirty <= 0)

    def index_of(self, message_id: str) -> int:
        """Where a message stands; -1 when it is not there."""
        return self._index.get(message_id, -1)

    def set_opened(self, message_id: str, opened: bool) -> None:
        """Unfold or fold the reasoning of a message, and remember it."""
        self._opened[message_id] = opened
        box = self._boxes.get(message_id)
        if box is not None:
            box.around.opened = opened
            box.arrange()
        self.arrange()

    def set_version(self, message_id: str, index: int, count: int) -> None:
        """Say which of how many versions a message is."""
        if self._versions.get(message_id, (1, 1)) != (index, count):
            self._versions[message_id] = (index, count)
            self._drop(message_id)
            self.arrange()

    def set_waiting(self, message_id: str, waiting: Waiting | None) -> None:
        """Say that a message counts down to another try, or that it no longer does."""
        if waiting is None:
            self._waiting.pop(message_id, None)
        else:
            self._waiting[message_id] = waiting
        self._show_card(message_id)

    def show_cards(self) -> None:
        """Make the cards of errors anew, as for another model to go on with."""
        for message in self.messages:
            if message.error is not None or message.id == self._cut:
                self._show_card(message.id)

    def set_cut(self, message_id: str) -> None:
        """Say below a message that nothing down to it is sent any more; "" for nowhere."""
        before, self._cut = self._cut, message_id
        for each in {before, message_id} & self._index.keys():
            self._show_card(each)
        self.show_cards()

    def _show_card(self, message_id: str) -> None:
        box = self._boxes.get(message_id)
        if box is not None:
            box.around = self._surroundings(self._index[message_id])
            box.show_card()
            self.arrange()

    def restyle(self, style: Style) -> None:
        """Use other fonts and colours; only what is in sight is laid out anew."""
        scale = style.zoom / self.style.zoom
        self.style = style
        if scale != 1:
            self.heights.scale(scale)
            if self._pin.y < 0:  # what is above the edge grows as well
                self._pin = replace(self._pin, y=round(self._pin.y * scale))
        for box in self._boxes.values():
            box.restyle(style)
        self.arrange()

    def redraw_formulas(self) -> None:
        """Show the formulas that were not drawn yet when their text was laid out."""
        for box in self._boxes.values():
            box.redraw_formulas()
        self.arrange()

    def _drop(self, message_id: str) -> None:
        box = self._boxes.get(message_id)
        if box is not None:
            index = self._index[message_id]
            box.around = self._surroundings(index)
            box.arrange()

    # -- what is in sight --------------------------------------------------

    def resize(self, width: int, height: int) -> None:
        """The window has another size."""
        fresh = width != self.width
        self.width, self.view_height = width, height
        if fresh:
            for box in self._boxes.values():
                box.show(box.message, width)
        self.arrange()

    @property
    def whole(self) -> int:
        """The height of everything, as far as known."""
        return self.heights.total + 2 * _PAD if self.messages else 0

    @property
    def farthest(self) -> int:
        """The top when the end is in sight."""
        return max(0, self.whole - self.view_height)

    def scroll_to(self, top: int) -> int | None:
        """Move the window; returns by how much the sight moved, None when it jumped."""
        by = top - self.top
        self.sticks = top >= self.farthest - 1
        if abs(by) > self.view_height:
            self.top = top
            self._hold()
            self.arrange()
            return None
        pin = self._pin
        self._pin = replace(pin, y=pin.y - by)
        self.arrange()
        return self._row_y(pin) - pin.y

    def show_row(self, message: int, local: int, y: int) -> None:
        """Bring a height of a message to `y` in the window."""
        self.sticks = False
        box = self.box(message)
        box.ensure_between(local, local + 1)
        row = box.row_at(local)
        self._pin = _Pin(message, row, y - (local - box.row_top(row)))
        self.arrange()

    def can_move(self, by: int) -> bool:
        """Whether pixels can be moved by so much: within sight, and whole pixels of the screen."""
        return abs(by) < self.view_height and (by * self.style.ratio).is_integer()

    def bring(self, message: int, local: int, height: int, y: int) -> None:
        """Bring a line of a message to `y` in the window, unless it is in sight already."""
        top = self._y(message) + local
        if not _PAD <= top + (0 if height else _PAD) <= self.view_height - height - _PAD:
            self.show_row(message, local, y)

    def arrange(self) -> int:
        """Lay out what is in sight, the held row staying; returns by how much it moved."""
        if not self.messages or not self.width:
            self.top = 0
            return 0
        before = self._pin
        for _ in range(_SETTLING):
            wanted = (
                self.farthest if self.sticks else self._row_y(self._pin) + self.top - self._pin.y
            )
            self.top = max(0, min(wanted, self.farthest))
            if not self._lay_out():
                break
        moved = self._row_y(before) - before.y
        self._hold()
        self._forget()
        return moved

    def _lay_out(self) -> bool:
        """Lay out the messages in sight; returns whether a height changed."""
        changed = False
        for index, y in self.in_sight():
            box = self.box(index)
            if box.ensure_between(-y, self.view_height - y):
                changed = True
            if self.heights.set(index, box.height):
                changed = True
        return changed

    def in_sight(self) -> Iterator[tuple[int, int]]:
        """The messages in sight with their tops in the window."""
        if not self.messages:
            return
        index = self.heights.find(max(0, self.top - _PAD))
        y = self._y(index)
        while index < len(self.messages) and y < self.view_height:
            yield index, y
            y += self.heights[index]
            index += 1

    def _y(self, index: int) -> int:
        return _PAD + self.heights.top(index) - self.top

    def _row_y(self, pin: _Pin) -> int:
        """Where a held row is in the window now."""
        index = min(pin.message, len(self.messages) - 1)
        box = self._boxes.get(self.messages[index].id)
        inside = box.row_top(pin.row) if box is not None else 0
        return self._y(index) + inside

    def _hold(self) -> None:
        """Hold on to the first row in sight, a little below the edge of the window."""
        if not self.messages:
            return
        message = self.heights.find(max(0, self.top))
        box = self.box(message)
        row = box.row_at(_PAD - self._y(message))
        self._pin = _Pin(message, row, self._y(message) + box.row_top(row))

    def _forget(self) -> None:
        spare = len(self._boxes) - _KEPT
        if spare > 0:
            seen = {self.messages[index].id for index, _ in self.in_sight()}
            for message_id in list(self._boxes)[:spare]:
                index = self._index[message_id]
                streaming = self.messages[index].status is MessageStatus.STREAMING
                if message_id not in seen and not streaming and index != self._pin.message:
                    del self._boxes[message_id]

    def box(self, index: int) -> MessageBox:
        """The box of a message, made when it is first seen."""
        message = self.messages[index]
        box = self._boxes.pop(message.id, None)
        if box is None:
            box = MessageBox(self.style, message, self._surroundings(index))
            box.show(message, self.width)
            self.laid_out += 1
        self._boxes[message.id] = box
        return box

    def _surroundings(self, index: int) -> MessageContext:
        message_id = self.messages[index].id
        return MessageContext(
            self.picture,
            self._opened.get(message_id),
            self._versions.get(message_id, (1, 1)),
            last=index == len(self.messages) - 1,
            waiting=self._waiting.get(message_id),
            successor=self.successor,
            cut=message_id == self._cut,
            shortens=self._shortens(index),
        )

    def _shortens(self, index: int) -> bool:
        """Whether more than one question leads to an answer, of those that are sent."""
        if self.messages[index].error is None:
            return True
        first = self._index.get(self._cut, -1) + 1
        questions = (each.role is Role.USER for each in self.messages[first:index])
        return sum(questions) > 1

    def has_unread(self) -> bool:
        """Whether a text in sight is not split to its end."""
        return any(not self.box(index).is_read for index, _ in self.in_sight())

    def read_on(self) -> bool:
        """Split more of a long text in sight; returns whether there is still more."""
        for index, _ in self.in_sight():
            box = self.box(index)
            if not box.is_read:
                box.read_on()
                self.arrange()
                return True
        return False

    # -- places ------------------------------------------------------------

    def message_at(self, y: int) -> tuple[int, int]:
        """The message nearest to a height of the window, and its top."""
        index = self.heights.find(max(0, self.top + y - _PAD))
        return index, self._y(index)

    def place_at(self, x: int, y: int) -> Place:
        """The place in the text nearest to a point of the window."""
        index, top = self.message_at(y)
        return Place(index, *place_at(self.box(index), x, y - top))

    def y_of(self, index: int) -> int:
        """The top of a message in the window."""
        return self._y(index)
