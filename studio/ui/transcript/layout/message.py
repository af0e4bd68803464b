"""One message: head, reasoning, answer, card and actions below each other."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from PySide6.QtCore import QRect
from PySide6.QtGui import QImage

from studio.core.errors import ErrorAction
from studio.core.markdown.clipboard_html import Stretch, html_of
from studio.core.markdown.leaves import Leaf, LeafKind, leaf_text
from studio.core.messages import Message, MessageStatus, Role
from studio.ui.transcript import words
from studio.ui.transcript.layout import bubble
from studio.ui.transcript.layout.actions import ACTION_SIDE, ActionRow
from studio.ui.transcript.layout.boxes import LeafMarks
from studio.ui.transcript.layout.buttons import Button
from studio.ui.transcript.layout.card import CardBox
from studio.ui.transcript.layout.flow import Flow
from studio.ui.transcript.layout.section import SectionBox
from studio.ui.transcript.layout.style import Style, Type
from studio.ui.transcript.layout.wait import WaitBox, Waiting

AVATAR = 22
PICTURE = 132
_HEAD_GAP = 10
_FOLD = 24
_BUBBLE_X = 16
_BUBBLE_Y = 8
_AFTER_USER = 22
_AFTER_ANSWER = 14
_THOUGHT_X = 14
_LONGEST_HTML = 60_000  # characters of text: its looks are not worth a wait

THOUGHT, TOOLS, ANSWER = 0, 1, 2

PartMarks = Callable[[int, int], LeafMarks | None]


class Row(NamedTuple):
    """A place to hold on to while heights change: a flow (-1 head, 9 tail) and its section."""

    part: int
    section: int


HEAD, TAIL = -1, 9


@dataclass(slots=True)
class MessageContext:
    """What a message needs to know that is not in it."""

    picture: Callable[[str], QImage | None]
    opened: bool | None = None  # the reasoning, by the user's hand
    version: tuple[int, int] = (1, 1)
    last: bool = False
    waiting: Waiting | None = None  # for another try
    successor: Callable[[str], str] = lambda model: ""  # who goes on where a model does not answer
    cut: bool = False  # the last message that is not sent any more
    shortens: bool = True  # older turns could be left out


class MessageBox:
    """Lays out one message in a column; heights count from its top."""

    def __init__(self, style: Style, message: Message, around: MessageContext) -> None:
        self.message = message
        self.around = around
        self.style = style
        self.is_question = message.role is Role.USER
        self.text = ""  # the answer or the question; joining the parts again costs
        self.width = 0
        self.height = 0
        self.head_height = 0
        self.tail = 0  # where the text ends
        self.cursor_top = 0  # where the cursor was painted last
        self.bubble = QRect()
        self.card: CardBox | None = None
        self.card_y = 0
        self.pictures_y = 0
        self.action_row = ActionRow()
        flow = Flow(style, self._kind(ANSWER), literal=self.is_question)
        self.flows: dict[int, Flow] = {ANSWER: flow}
        self._tops: dict[int, int] = {}  # where each flow that is shown begins

    def _kind(self, part: int) -> Type:
        """The type of a flow's text."""
        if self.is_question:
            return self.style.asked
        return self.style.reading if part == ANSWER else self.style.thought

    # -- laying out --------------------------------------------------------

    def show(self, message: Message, width: int) -> int:
        """Show the message; returns from where down it looks different."""
        was, before, was_open = self.message, self.height, self.is_open
        fresh = width != self.width or not before
        # Where the cursor stands, so that it is painted over when the text goes on elsewhere.
        cursor = self.height if fresh or self.is_question else self.cursor_top
        self.message, self.width, self.text = message, width, message.text
        known = self._tops
        first = {ANSWER: self._show_part(ANSWER, self.text)}
        if message.reasoning:
            first[THOUGHT] = self._show_part(THOUGHT, message.reasoning)
        tools = words.tools(message)
        if tools:
            first[TOOLS] = self._show_part(TOOLS, tools)
        ended = was.status is not message.status or was.error != message.error
        if fresh or ended:
            self._make_card()
        if fresh or ended or self.is_question or was_open != self.is_open:
            self.arrange()
            return 0
        changed = [self._changed_from(part, known, each) for part, each in first.items()]
        self.arrange()
        return min(cursor, *changed)

    def _show_part(self, part: int, text: str) -> int:
        """Give a flow its text; returns the first section that differs."""
        flow = self.flows.get(part)
        if flow is None:
            flow = self.flows[part] = Flow(self.style, self._kind(part), literal=part == TOOLS)
        streaming = self.message.status is MessageStatus.STREAMING and bool(flow.text)
        return flow.set_text(text, self._flow_width(part), growing=streaming)

    def _changed_from(self, part: int, tops: dict[int, int], first: int) -> int:
        """The height of the first line of a flow that differs."""
        flow = self.flows[part]
        if part not in tops:
            return self.tail if part != ANSWER and not self.is_open else 0
        if first >= len(flow.heights):
            return self.tail
        # The others are laid out when they are in sight: of a pour, most are gone before.
        box = flow.ensure(first)
        return tops[part] + flow.top_of(first) + box.changed_y

    def _flow_width(self, part: int) -> int:
        if self.is_question:
            return self.width * 17 // 20 - 2 * self.style.px(_BUBBLE_X)
        return self.width - (self.style.px(_THOUGHT_X) if part == THOUGHT else 0)

    @property
    def is_open(self) -> bool:
        """Whether the reasoning is unfolded."""
        if self.around.opened is not None or self.is_question:
            return bool(self.around.opened)
        return not self.text  # while it thinks, and where nothing else came

    @property
    def flow_height(self) -> int:
        """The height of the whole text."""
        return self.flows[ANSWER].height

    @property
    def is_folded(self) -> bool:
        """Whether only the beginning of a question is seen."""
        return not self.is_open and bubble.is_long(self)

    def _make_card(self) -> None:
        waiting, message = self.around.waiting, self.message
        if waiting is not None and message.status is MessageStatus.STREAMING:
            self.card = WaitBox(self.style, waiting, self.width)
            return
        successor = self.around.successor(message.model) if message.error is not None else ""
        card = words.card(message, successor, shortens=self.around.shortens)
        if self.around.cut:
            card = words.cut_card()
        self.card = CardBox(self.style, card, self.width) if card is not None else None

    def show_card(self) -> None:
        """Make the card anew: what it says does not only depend on the message."""
        self._make_card()
        self.arrange()

    def arrange(self) -> None:
        """Put the parts below each other by the heights that are known now."""
        if self.is_question:
            self._arrange_question()
        else:
            self._arrange_answer()

    def _arrange_question(self) -> None:
        style, y = self.style, 0
        if self.message.images:
            y += style.px(PICTURE) + (style.px(8) if self.text else 0)
        self.head_height = y
        flow = self.flows[ANSWER]
        if self.text:
            pad_x, pad_y = style.px(_BUBBLE_X), style.px(_BUBBLE_Y)
            wanted = max(flow.natural_width() + 2 * pad_x, bubble.foot_width(self))
            shown = bubble.shown_height(self) + bubble.foot_height(self)
            self.bubble = QRect(self.width - wanted, y, wanted, shown + 2 * pad_y)
            self._tops = {ANSWER: y + pad_y}
            y += self.bubble.height()
        else:
            self.bubble = QRect(self.width, y, 0, 0)
            self._tops = {ANSWER: y}
        self.tail = y
        self.action_row.make(style, self.around.version, question=True)
        below = self.action_row.place_by(self.bubble)
        self.height = y + max(style.px(_AFTER_USER), below)

    def _arrange_answer(self) -> None:
        style, flows = self.style, self.flows
        y = self.head_height = style.px(AVATAR) + style.px(_HEAD_GAP)
        tops = {}
        if THOUGHT in flows:
            y += style.px(_FOLD)
            if self.is_open:
                y += style.px(6)
                tops[THOUGHT] = y
                y += flows[THOUGHT].height
            y += style.px(10)
        if TOOLS in flows:
            tops[TOOLS] = y
            y += flows[TOOLS].height + style.px(10)
        tops[ANSWER] = y
        self._tops = tops
        y += flows[ANSWER].height
        streaming = self.message.status is MessageStatus.STREAMING
        if streaming and self.card is None and not self.text and THOUGHT not in flows:
            y += style.reading.pitch
        if self.message.images:  # other programs' answers have them
            y += style.px(12) if self.text else 0
            self.pictures_y = y
            y += style.px(PICTURE)
        self.tail = y
        if self.card is not None:
            y += style.px(12) if self.text else 0
            self.card_y = y
            y += self.card.height
        row = self.action_row
        if not self.text and not streaming and self._card_suffices:
            row.clear(y)
            self.height = y + style.px(_AFTER_USER)
            return
        y += style.px(6)
        if not streaming:
            row.make(style, self.around.version, question=False)
            row.place(-style.px(6), y)
        self.height = y + style.px(ACTION_SIDE) + style.px(_AFTER_ANSWER)

    @property
    def _card_suffices(self) -> bool:
        """Whether nothing is left to do but what the card offers: no copy, no other version."""
        if self.card is None or self.around.version[1] > 1:
            return False
        if self.message.status is MessageStatus.COMPLETE:
            return False  # it has its times and counts
        # A step elsewhere, as to the token, leaves the question to be asked again here.
        again = (ErrorAction.RETRY, ErrorAction.SHORTEN)
        return any(step.action in again for step in self.card.card.steps)

    @property
    def is_read(self) -> bool:
        """Whether all texts are split into sections."""
        return all(flow.is_read for flow in self.flows.values())

    def read_on(self) -> None:
        """Split more of a long text."""
        for flow in self.flows.values():
            if not flow.is_read:
                flow.read_on()
                break
        self.arrange()

    def ensure_between(self, top: int, bottom: int) -> bool:
        """Lay out what lies between two heights; returns whether any height changed."""
        changed = False
        for part, start in self._tops.items():
            flow = self.flows[part]
            bottom = min(bottom, self.tail) if self.is_question else bottom
            if start < bottom and start + flow.height > top:
                changed = flow.ensure_between(top - start, bottom - start) or changed
                flow.forget(top - start, bottom - start)
        if changed:
            self.arrange()
        return changed

    def row_at(self, y: int) -> Row:
        """What lies at a height."""
        if y < min(self._tops.values(), default=0):
            return Row(HEAD, 0)
        for part, start in self._tops.items():
            flow = self.flows[part]
            seen = bubble.shown_height(self) if self.is_question else flow.height
            if start <= y < start + seen and len(flow.heights):
                return Row(part, flow.section_at(y - start))
        return Row(TAIL, 0)

    def row_top(self, row: Row) -> int:
        """Where a row begins; the beginning of the message when it is gone."""
        if row.part == TAIL:
            return self.tail
        flow = self.flows.get(row.part)
        if flow is None or row.part not in self._tops:
            return 0
        return self._tops[row.part] + flow.heights.top(min(row.section, len(flow.heights)))

    def redraw_formulas(self) -> None:
        """Lay out again what waits for formulas, when it is seen."""
        for flow in self.flows.values():
            flow.redraw_formulas()

    def restyle(self, style: Style) -> None:
        """Use other fonts, colours or words; everything seen is laid out anew."""
        self.style = style
        for part, flow in self.flows.items():
            flow.restyle(style, self._kind(part))
        width, self.width = self.width, 0
        self.show(self.message, width)

    # -- what is where -----------------------------------------------------

    def flow_x(self, part: int) -> int:
        """Where the text of a flow begins in the column."""
        if self.is_question:
            return self.bubble.left() + self.style.px(_BUBBLE_X)
        return self.style.px(_THOUGHT_X) if part == THOUGHT else 0

    def parts(self) -> Iterator[tuple[int, int, Flow]]:
        """The flows that are shown: key, top and flow."""
        for part, top in self._tops.items():
            yield part, top, self.flows[part]

    def section(self, part: int, index: int) -> tuple[SectionBox, int, int] | None:
        """A section laid out, with its corner in the message."""
        flow = self.flows.get(part)
        if flow is None or part not in self._tops or index >= len(flow.heights):
            return None
        box = flow.ensure(index)
        return box, self.flow_x(part), self._tops[part] + flow.top_of(index)

    def actions(self) -> list[Button]:
        """Copy, retry, edit and so on; none while the answer is written."""
        streaming = self.message.status is MessageStatus.STREAMING
        return [] if streaming else self.action_row.buttons

    def card_buttons(self) -> list[Button]:
        """The buttons of the card, in coordinates of the message."""
        if self.card is None:
            return []
        return [button.moved(0, self.card_y) for button in self.card.buttons]

    def statistics_rect(self) -> QRect:
        """Where the actions and the statistics are; empty while the answer is written."""
        if self.message.status is MessageStatus.STREAMING:
            return QRect()
        row = self.action_row
        left = min(row.x, 0) if not self.is_question else row.x
        return QRect(left, row.y, self.width - left, row.height)

    def fold_rect(self) -> QRect:
        """The line that unfolds the reasoning or a long question; empty when there is none."""
        if THOUGHT not in self.flows:
            return bubble.foot_rect(self)
        return QRect(0, self.head_height, self.width, self.style.px(_FOLD))

    def cursor_place(self) -> tuple[int, int]:
        """Where the next word will stand."""
        part = ANSWER if self.text or THOUGHT not in self.flows else THOUGHT
        flow = self.flows[part]
        if part not in self._tops or not len(flow.heights):
            return 0, self._tops[ANSWER]
        box, top = flow.last()
        if box is None or not box.placed:
            return 0, self._tops[part] + flow.height
        last = box.placed[-1]
        x, y = last.box.end()
        return self.flow_x(part) + last.x + x + 3, self._tops[part] + top + last.y + y

    def _leaves(self) -> Iterator[tuple[int, Leaf]]:
        """All leaves of the text, with their sections."""
        flow = self.flows[ANSWER]
        while not flow.is_read:
            flow.read_on()
        for index in range(len(flow.heights)):
            for leaf in flow.leaves(index):
                yield index, leaf

    def html(self) -> str:
        """The whole text with its looks; nothing when it is the user's own, or long."""
        if self.is_question or len(self.text) > _LONGEST_HTML:
            return ""
        found = [Stretch(leaf, index) for index, leaf in self._leaves()]
        return html_of(found, self.flows[ANSWER].outline.environment)

    def plain_text(self, told: Callable[[Leaf, dict[str, Any]], str] = leaf_text) -> str:
        """The whole text as it is read, without marks, or as `told` tells each piece."""
        environment = self.flows[ANSWER].outline.environment
        parts: list[str] = []
        for _, leaf in self._leaves():
            parts += ("\n" if leaf.kind is LeafKind.ROWS else "\n\n", told(leaf, environment))
        return "".join(parts[1:])
