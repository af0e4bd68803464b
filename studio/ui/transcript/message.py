"""One message: head, reasoning, answer, card and actions below each other."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from PySide6.QtCore import QCoreApplication, QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QFontMetrics, QImage, QPainterPath, QPen

from studio.core.markdown_leaves import leaf_text
from studio.core.messages import (
    ImagePart,
    Message,
    MessageStatus,
    ReasoningPart,
    Role,
    ToolCallPart,
    ToolResultPart,
)
from studio.ui import text as words_of
from studio.ui.icons import paint_icon
from studio.ui.transcript import words
from studio.ui.transcript.boxes import Ink, LeafMarks
from studio.ui.transcript.buttons import Button, paint_button
from studio.ui.transcript.card import CardBox
from studio.ui.transcript.code import CodeBox
from studio.ui.transcript.flow import Flow
from studio.ui.transcript.section import SectionBox
from studio.ui.transcript.style import Style, draw_text
from studio.ui.transcript.table import TableBox
from studio.ui.transcript.wait import WaitBox, Waiting

_AVATAR = 22
_HEAD_GAP = 10
_FOLD = 24
_ACTION = 28
_BUBBLE_X = 16
_BUBBLE_Y = 8
_PICTURE = 132
_AFTER_USER = 22
_AFTER_ANSWER = 14

THOUGHT, TOOLS, ANSWER = 0, 1, 2

PartMarks = Callable[[int, int], LeafMarks | None]


class Row(NamedTuple):
    """A place to hold on to while heights change: a flow (-1 head, 9 tail) and its section."""

    part: int
    section: int


HEAD, TAIL = -1, 9


@dataclass(slots=True)
class Surroundings:
    """What a message needs to know that is not in it."""

    picture: Callable[[str], QImage | None]
    opened: bool | None = None  # the reasoning, by the user's hand
    version: tuple[int, int] = (1, 1)
    last: bool = False
    waiting: Waiting | None = None  # for another try
    successor: Callable[[str], str] = lambda model: ""  # who goes on where a model does not answer


class MessageBox:
    """Lays out and paints one message in a column."""

    def __init__(self, style: Style, message: Message, around: Surroundings) -> None:
        self.message = message
        self.around = around
        self.width = 0
        self.height = 0
        self._style = style
        self._is_user = message.role is Role.USER
        flow = Flow(style, style.reading, literal=self._is_user)
        self.flows: dict[int, Flow] = {ANSWER: flow}
        self._card: CardBox | None = None
        self._actions: list[Button] = []
        self._tops: dict[int, int] = {}
        self._bubble = QRect()
        self._tail = 0
        self._head_height = 0

    # -- laying out --------------------------------------------------------

    def show(self, message: Message, width: int) -> int:
        """Show the message; returns from where down it looks different."""
        was, before = self.message, self.height
        fresh = width != self.width or not before
        self.message, self.width = message, width
        if message.reasoning:
            self._show_part(THOUGHT, message.reasoning)
        tools = _tool_text(message)
        if tools:
            self._show_part(TOOLS, tools)
        known = self._tops.copy()
        first = self._show_part(ANSWER, message.text)
        if fresh or was.status is not message.status or was.error != message.error:
            self._make_card()
        self.arrange()
        if fresh or known != self._tops or was.status is not message.status or self._is_user:
            return 0
        return self._changed_from(first)

    def _show_part(self, part: int, text: str) -> int:
        flow = self.flows.get(part)
        if flow is None:
            flow = self.flows[part] = Flow(self._style, self._style.thought, literal=part == TOOLS)
        streaming = self.message.status is MessageStatus.STREAMING and bool(flow.text)
        return flow.set_text(text, self._flow_width(part), growing=streaming)

    def _changed_from(self, first: int) -> int:
        """The height of the first line that differs, laying out the changed sections."""
        flow = self.flows[ANSWER]
        changed = -1
        for index in range(first, len(flow.heights)):
            box = flow.ensure(index)
            if changed < 0:
                changed = self._tops[ANSWER] + flow.top_of(index) + box.changed_y
        self.arrange()
        return changed if changed >= 0 else self._tail

    def _flow_width(self, part: int) -> int:
        style = self._style
        if self._is_user:
            return self.width * 17 // 20 - 2 * style.px(_BUBBLE_X)
        return self.width - (style.px(14) if part == THOUGHT else 0)

    @property
    def is_open(self) -> bool:
        """Whether the reasoning is unfolded."""
        if self.around.opened is not None:
            return self.around.opened
        return self.message.status is MessageStatus.STREAMING and not self.message.text

    def _make_card(self) -> None:
        waiting, message = self.around.waiting, self.message
        if waiting is not None and message.status is MessageStatus.STREAMING:
            self._card = WaitBox(self._style, waiting, self.width)
            return
        successor = self.around.successor(message.model) if message.error is not None else ""
        card = words.card(message, successor)
        self._card = CardBox(self._style, card, self.width) if card is not None else None

    def show_card(self) -> None:
        """Make the card anew: what it says does not only depend on the message."""
        self._make_card()
        self.arrange()

    def arrange(self) -> None:
        """Put the parts below each other by the heights that are known now."""
        if self._is_user:
            self._arrange_question()
        else:
            self._arrange_answer()

    def _arrange_question(self) -> None:
        style, y = self._style, 0
        if self.message.images:
            y += style.px(_PICTURE) + (style.px(8) if self.message.text else 0)
        self._head_height = y
        flow = self.flows[ANSWER]
        if self.message.text:
            pad_x, pad_y = style.px(_BUBBLE_X), style.px(_BUBBLE_Y)
            wanted = flow.natural_width() + 2 * pad_x
            self._bubble = QRect(self.width - wanted, y, wanted, flow.height + 2 * pad_y)
            self._tops = {ANSWER: y + pad_y}
            y += self._bubble.height()
        else:
            self._tops = {ANSWER: y}
        self._tail = y
        self.height = y + style.px(_AFTER_USER)
        self._make_actions()

    def _arrange_answer(self) -> None:
        style = self._style
        y = self._head_height = style.px(_AVATAR) + style.px(_HEAD_GAP)
        tops = {}
        if THOUGHT in self.flows:
            y += style.px(_FOLD)
            if self.is_open:
                y += style.px(6)
                tops[THOUGHT] = y
                y += self.flows[THOUGHT].height
            y += style.px(10)
        if TOOLS in self.flows:
            tops[TOOLS] = y
            y += self.flows[TOOLS].height + style.px(10)
        tops[ANSWER] = y
        self._tops = tops
        y += self.flows[ANSWER].height
        if self._is_waiting:
            y += style.reading.pitch
        self._tail = y
        if self._card is not None:
            y += style.px(12) if self.message.text else 0
            self._card_y = y
            y += self._card.height
        y += style.px(6)
        self._actions_y = y
        self.height = y + style.px(_ACTION) + style.px(_AFTER_ANSWER)
        if self.message.status is not MessageStatus.STREAMING:
            self._make_actions()

    @property
    def _is_waiting(self) -> bool:
        streaming = self.message.status is MessageStatus.STREAMING and self._card is None
        return streaming and not self.message.text and not self.message.reasoning

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
        for part, start in list(self._tops.items()):
            flow = self.flows[part]
            if start < bottom and start + flow.height > top:
                changed = flow.ensure_between(top - start, bottom - start) or changed
                flow.forget(top - start, bottom - start)
        if changed:
            self.arrange()
        return changed

    def row_at(self, y: int) -> Row:
        """What lies at a height."""
        if y < self._head_height:
            return Row(HEAD, 0)
        for part, start in self._tops.items():
            flow = self.flows[part]
            if start <= y < start + flow.height and len(flow.heights):
                return Row(part, flow.section_at(y - start))
        return Row(TAIL, 0)

    def row_top(self, row: Row) -> int:
        """Where a row begins; the beginning of the message when it is gone."""
        if row.part == TAIL:
            return self._tail
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
        self._style = style
        for part, flow in self.flows.items():
            flow.restyle(style, style.reading if part == ANSWER else style.thought)
        width, self.width = self.width, 0
        self.show(self.message, width)

    # -- places ------------------------------------------------------------

    def flow_x(self, part: int) -> int:
        """Where the text of a flow begins in the column."""
        if self._is_user:
            return self._bubble.left() + self._style.px(_BUBBLE_X)
        return self._style.px(14) if part == THOUGHT else 0

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

    def place_at(self, x: int, y: int) -> tuple[int, int, int, int]:
        """The place in the text nearest to a point: flow, section, leaf, character."""
        part = ANSWER
        for each, top, flow in self.parts():
            if len(flow.heights) and (y >= top or each == next(iter(self._tops))):
                part = each
        flow = self.flows[part]
        if not len(flow.heights):
            return part, 0, 0, 0
        top = self._tops[part]
        if y >= top + flow.height:
            return self.last_place(part)
        index = flow.section_at(y - top)
        found = self.section(part, index)
        if found is None or not found[0].placed:
            return part, index, 0, 0
        box, left, box_y = found
        leaf = box.at(y - box_y)
        placed = box.placed[leaf]
        inside = y - box_y - placed.y
        if y < box_y:
            return part, index, leaf, 0
        if inside >= placed.box.height:
            return part, index, leaf, len(placed.box.text)
        return part, index, leaf, placed.box.index_at(x - left - placed.x, inside)

    def last_place(self, part: int = ANSWER) -> tuple[int, int, int, int]:
        """The end of a flow's text."""
        flow = self.flows[part]
        index = max(0, len(flow.heights) - 1)
        found = self.section(part, index)
        if found is None or not found[0].placed:
            return part, index, 0, 0
        placed = found[0].placed
        return part, index, len(placed) - 1, len(placed[-1].box.text)

    def link_at(self, x: int, y: int) -> str:
        """The address under a point, if any."""
        for part, top, flow in self.parts():
            if not top <= y < top + flow.height or not len(flow.heights):
                continue
            found = self.section(part, flow.section_at(y - top))
            if found is not None and found[0].placed:
                box, left, box_y = found
                placed = box.placed[box.at(y - box_y)]
                return placed.box.link_at(x - left - placed.x, y - box_y - placed.y)
        return ""

    # -- buttons -----------------------------------------------------------

    def _make_actions(self) -> None:
        translate = QCoreApplication.translate
        style = self._style
        index, count = self.around.version
        side = style.px(_ACTION)
        made: list[Button] = []
        if count > 1:
            earlier = Button(
                "previous_version", "caret-left", translate("transcript", "Earlier version")
            )
            earlier.enabled = index > 1
            later = Button("next_version", "caret-right", translate("transcript", "Later version"))
            later.enabled = index < count
            made += [earlier, later]
        made.append(Button("copy", "copy", translate("transcript", "Copy")))
        if self._is_user:
            made.append(Button("edit", "pencil-simple", translate("transcript", "Edit")))
        else:
            made.append(Button("retry", "arrow-clockwise", translate("transcript", "Try again")))
        made.append(Button("fork", "git-fork", translate("transcript", "Continue in a new chat")))
        if not self._is_user:
            made.append(Button("show_code", "code", translate("transcript", "Show as code")))
        made.append(Button("details", "dots-three", translate("transcript", "More")))
        gap = style.px(4)
        between = self._count_width(index, count)
        width = sum(side + gap for _ in made) + between
        if self._is_user:
            x = self._bubble.left() - width - style.px(4)
            y = self._tail - side - style.px(4)
        else:
            x, y = -style.px(6), self._actions_y
        for button in made:
            button.rect = QRect(x, y, side, side)
            x += side + gap
            if button.action == "previous_version":
                self._count_x = x
                x += between
        self._actions = made
        self._actions_y = y

    def _count_width(self, index: int, count: int) -> int:
        if count <= 1:
            return 0
        metrics = QFontMetrics(self._style.caption.font)
        return metrics.horizontalAdvance(f"{index} / {count}") + self._style.px(4)

    @property
    def is_question(self) -> bool:
        """Whether the user wrote it."""
        return self._is_user

    def statistics_rect(self) -> QRect:
        """Where the actions and the statistics are."""
        if self.message.status is MessageStatus.STREAMING:
            return QRect()
        if self._is_user:
            left = self._actions[0].rect.left()
            return QRect(left, self._actions_y, self.width - left, self._style.px(_ACTION))
        return QRect(0, self._actions_y, self.width, self._style.px(_ACTION))

    def fold_rect(self) -> QRect:
        """The line that unfolds the reasoning; empty when there is none."""
        if THOUGHT not in self.flows:
            return QRect()
        return QRect(0, self._head_height, self.width, self._style.px(_FOLD))

    def actions(self) -> list[Button]:
        """Copy, retry, edit and so on; none while the answer is written."""
        return [] if self.message.status is MessageStatus.STREAMING else self._actions

    def card_buttons(self) -> list[Button]:
        """The buttons of the card, in coordinates of the message."""
        if self._card is None:
            return []
        return [_moved(button, 0, self._card_y) for button in self._card.buttons]

    def code_buttons(self) -> list[Button]:
        """Copy and Save of the blocks of code that are laid out, in reading order."""
        found: list[Button] = []
        for part, top, flow in self.parts():
            for index, box in sorted(flow.laid(), key=lambda each: each[0]):
                left, y = self.flow_x(part), top + flow.top_of(index)
                for placed in box.placed:
                    if isinstance(placed.box, CodeBox):
                        for button in placed.box.buttons():
                            button.rect.translate(left + placed.x, y + placed.y)
                            found.append(button)
        return found

    def plain_text(self) -> str:
        """The whole text as it is read, without marks."""
        flow = self.flows[ANSWER]
        while not flow.is_read:
            flow.read_on()
        environment = flow.outline.environment
        leaves = [leaf for i in range(len(flow.heights)) for leaf in flow.leaves(i)]
        return "\n\n".join(leaf_text(leaf, environment) for leaf in leaves)

    def code_at(self, x: int, y: int) -> tuple[CodeBox, int, int] | None:
        """The block of code at a point, with its corner."""
        for part, top, flow in self.parts():
            if not top <= y < top + flow.height or not len(flow.heights):
                continue
            index = flow.section_at(y - top)
            found = self.section(part, index)
            if found is None:
                continue
            box, left, box_y = found
            placed = box.placed[box.at(y - box_y)] if box.placed else None
            if placed is not None and isinstance(placed.box, CodeBox):
                return placed.box, left + placed.x, box_y + placed.y
        return None

    def wide_at(self, x: int, y: int) -> CodeBox | TableBox | None:
        """The code or table at a point, if it is wider than the column."""
        for part, top, flow in self.parts():
            if top <= y < top + flow.height and len(flow.heights):
                found = self.section(part, flow.section_at(y - top))
                if found is None or not found[0].placed:
                    return None
                inside = found[0].placed[found[0].at(y - found[2])].box
                if isinstance(inside, CodeBox | TableBox) and inside.overflow() > 0:
                    return inside
        return None

    @property
    def card(self) -> CardBox | None:
        """The card, if the message has one."""
        return self._card

    # -- painting ----------------------------------------------------------

    def paint(self, ink: Ink, x: int, y: int, marks: PartMarks, *, active: bool) -> None:
        """Draw what is visible; `active` shows the actions."""
        if self._is_user:
            self._paint_pictures(ink, x, y)
            if self.message.text:
                self._paint_bubble(ink, x, y)
        else:
            if y + self._head_height > ink.top:
                self._paint_head(ink, x, y)
            if THOUGHT in self.flows:
                self._paint_fold(ink, x, y)
        for part, top, flow in self.parts():
            flow.paint(ink, x + self.flow_x(part), y + top, _of_part(marks, part))
        if self._card is not None:
            self._card.paint(ink, x, y + self._card_y)
        if self.message.status is MessageStatus.STREAMING:
            if self._card is None:
                self._paint_cursor(ink, x, y)
        elif active and y + self.height > ink.top:
            self._paint_actions(ink, x, y)

    def _paint_head(self, ink: Ink, x: int, y: int) -> None:
        painter, style = ink.painter, ink.style
        side = style.px(_AVATAR)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(style.colour("accent_soft"))
        tile = QRectF(x, y, side, side)
        painter.drawRoundedRect(tile, style.px(6), style.px(6))
        name = words.author(self.message)
        font = style.name.font
        painter.setFont(font)
        painter.setPen(style.colour("accent_text"))
        painter.drawText(tile, Qt.AlignmentFlag.AlignCenter, name[:1].upper())
        line_y = y + (side - style.name.pitch) // 2
        left = x + side + style.px(8)
        draw_text(painter, left, line_y, name, style.name, style.colour("text"))
        left += QFontMetrics(font).horizontalAdvance(name) + style.px(8)
        when = words_of.clock(self.message.created_at)
        draw_text(painter, left, line_y, when, style.small, style.colour("muted"))

    def _paint_fold(self, ink: Ink, x: int, y: int) -> None:
        painter, style = ink.painter, ink.style
        line = self.fold_rect().translated(x, y)
        end = line.bottom() + 1
        if self.is_open:
            end = y + self._tops[THOUGHT] + self.flows[THOUGHT].height
        painter.fillRect(QRect(x, line.top(), 2, end - line.top()), style.colour("line_strong"))
        if line.bottom() < ink.top or line.top() > ink.bottom:
            return
        side = style.px(16)
        box = QRect(x + style.px(14), line.center().y() + 1 - side // 2, side, side)
        paint_icon(painter, box, "brain", "muted")
        left = box.right() + style.px(8)
        shown = self._thought()
        top = line.top() + (line.height() - style.small.pitch) // 2
        draw_text(painter, left, top, shown, style.small, style.colour("muted"))
        left += QFontMetrics(style.small.font).horizontalAdvance(shown) + style.px(8)
        side = style.px(12)
        caret = QRect(left, line.center().y() + 1 - side // 2, side, side)
        paint_icon(painter, caret, "caret-down" if self.is_open else "caret-right", "muted")

    def _thought(self) -> str:
        spans = [part.seconds for part in self.message.parts if isinstance(part, ReasoningPart)]
        known = [each for each in spans if each is not None]
        thinking = self.message.status is MessageStatus.STREAMING and not self.message.text
        return words.thought(sum(known) if known else None, thinking=thinking)

    def _paint_bubble(self, ink: Ink, x: int, y: int) -> None:
        painter, style = ink.painter, ink.style
        rect = QRectF(self._bubble.translated(x, y))
        if rect.bottom() < ink.top or rect.top() > ink.bottom:
            return
        big, small = style.px(14), style.px(4)
        path = QPainterPath()
        path.setFillRule(Qt.FillRule.WindingFill)
        path.addRoundedRect(rect, big, big)
        corner = QRectF(rect.right() - big, rect.bottom() - big, big, big)
        path.addRoundedRect(corner, small, small)
        painter.fillPath(path, style.colour("hover"))

    def _paint_cursor(self, ink: Ink, x: int, y: int) -> None:
        """A small block where the next word will stand; it does not blink."""
        style = ink.style
        if y + self._tail < ink.top:
            return
        left, top = self.cursor_place()
        size = style.reading.font.pixelSize()
        rect = QRectF(x + left, y + top + (style.reading.pitch - size) / 2, size * 0.5, size)
        ink.painter.setPen(Qt.PenStyle.NoPen)
        ink.painter.setBrush(style.colour("accent"))
        ink.painter.drawRoundedRect(rect, 2, 2)

    def cursor_place(self) -> tuple[int, int]:
        """Where the next word will stand."""
        part = ANSWER if self.message.text or THOUGHT not in self.flows else THOUGHT
        flow = self.flows[part]
        if part not in self._tops or not len(flow.heights):
            return 0, self._tops[ANSWER]
        found = self.section(part, len(flow.heights) - 1)
        if found is None or not found[0].placed:
            return 0, self._tops[part] + flow.height
        box, left, top = found
        last = box.placed[-1]
        x, y = last.box.end()
        return left + last.x + x + 3, top + last.y + y

    def _paint_actions(self, ink: Ink, x: int, y: int) -> None:
        painter, style = ink.painter, ink.style
        if y + self._actions_y > ink.bottom:
            return
        index, count = self.around.version
        top = y + self._actions_y + (style.px(_ACTION) - style.caption.pitch) // 2
        if count > 1:
            shown = f"{index} / {count}"
            draw_text(painter, x + self._count_x, top, shown, style.caption, style.colour("faint"))
        for button in self._actions:
            paint_button(ink, button, x, y)
        shown = "" if self._is_user else words.statistics(self.message)
        if shown:
            width = QFontMetrics(style.caption.font).horizontalAdvance(shown)
            right = self._actions[-1].rect.right() + style.px(8)
            if right + width <= self.width:
                left = x + self.width - width
                draw_text(painter, left, top, shown, style.caption, style.colour("faint"))

    def _paint_pictures(self, ink: Ink, x: int, y: int) -> None:
        painter, style = ink.painter, ink.style
        side, gap = style.px(_PICTURE), style.px(8)
        if not self.message.images or y + side <= ink.top or y >= ink.bottom:
            return
        right = x + self.width
        for part in reversed(self.message.images):
            picture = self.around.picture(part.sha256) if part.sha256 else None
            width = _picture_width(part, picture, side)
            if right - width < x:
                break
            frame = QRectF(right - width, y, width, side)
            self._paint_picture(ink, frame, picture, part)
            right -= width + gap
        painter.setBrush(Qt.BrushStyle.NoBrush)

    def _paint_picture(
        self, ink: Ink, frame: QRectF, picture: QImage | None, part: ImagePart
    ) -> None:
        painter, style = ink.painter, ink.style
        path = QPainterPath()
        path.addRoundedRect(frame, style.look.radius.card, style.look.radius.card)
        painter.fillPath(path, style.colour("hover"))
        if picture is not None and not picture.isNull():
            painter.save()
            painter.setClipPath(path, Qt.ClipOperation.IntersectClip)
            painter.setRenderHint(painter.RenderHint.SmoothPixmapTransform)
            scale = max(frame.width() / picture.width(), frame.height() / picture.height())
            size = picture.size() * scale
            at = frame.center() - QPointF(size.width() / 2, size.height() / 2)
            painter.drawImage(QRectF(at, size), picture)
            painter.restore()
        else:
            side = style.px(24)
            box = QRect(0, 0, side, side)
            box.moveCenter(frame.center().toPoint())
            paint_icon(painter, box, "image", "faint")
        inset = 0.5 / painter.device().devicePixelRatio()
        painter.setPen(QPen(style.colour("line"), inset * 2))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        radius = style.look.radius.card
        painter.drawRoundedRect(frame.adjusted(inset, inset, -inset, -inset), radius, radius)


def _picture_width(part: ImagePart, picture: QImage | None, side: int) -> int:
    width, height = part.width, part.height
    if not (width and height) and picture is not None and not picture.isNull():
        width, height = picture.width(), picture.height()
    if not (width and height):
        return side
    return max(side // 2, min(side * 2, round(side * width / height)))


def _of_part(marks: PartMarks, part: int) -> Callable[[int], LeafMarks | None]:
    return lambda section: marks(part, section)


def _moved(button: Button, x: int, y: int) -> Button:
    made = Button(button.action, button.icon, button.name, button.words, button.look)
    made.enabled = button.enabled
    made.rect = button.rect.translated(x, y)
    return made


def _tool_text(message: Message) -> str:
    lines = []
    for part in message.parts:
        if isinstance(part, ToolCallPart):
            lines.append(f"{part.name}({part.arguments})")
        elif isinstance(part, ToolResultPart):
            lines.append(part.text)
    return "\n\n".join(lines)
