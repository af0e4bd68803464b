"""One section of an answer: its leaves below each other, with bullets, numbers and quote bars."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QFontMetrics, QPen

from studio.core.markdown.inline import GrowingRuns
from studio.core.markdown.leaves import (
    BULLET,
    DONE,
    UNDONE,
    Container,
    Leaf,
    LeafKind,
    leaf_runs,
)
from studio.core.markdown.runs import Run
from studio.ui.look.icons import paint_icon
from studio.ui.transcript.layout.boxes import Box, LeafMarks, Mark, PaintContext
from studio.ui.transcript.layout.code import CodeBox
from studio.ui.transcript.layout.formula import FormulaBox
from studio.ui.transcript.layout.note import NoteBox, bar_colour
from studio.ui.transcript.layout.prose import ProseBox
from studio.ui.transcript.layout.style import Style, Type, draw_text
from studio.ui.transcript.layout.table import TableBox

_QUOTE = 16
# Space above a leaf and below it, of which the larger one counts between two leaves.
_ABOVE = {LeafKind.HEADING: 22, LeafKind.CODE: 10, LeafKind.TABLE: 8, LeafKind.RULE: 18}
_BELOW = {
    LeafKind.HEADING: 8,
    LeafKind.CODE: 12,
    LeafKind.TABLE: 12,
    LeafKind.ROWS: 12,
    LeafKind.RULE: 18,
}
_BETWEEN = 12
_BELOW_NOTE = 4
_ITEMS = 4
_SPACED_ITEMS = 10


def gap(before: LeafKind | None, after: LeafKind, *, item: bool, spaced: bool) -> int:
    """The space between two leaves; `item` is whether the second one begins a list item."""
    if before is None or before is after is LeafKind.PLAIN or after is LeafKind.ROWS:
        return 0
    if before is LeafKind.NOTE:
        return _BELOW_NOTE
    if item and before is LeafKind.PARAGRAPH:
        return _SPACED_ITEMS if spaced else _ITEMS
    if before is LeafKind.HEADING and after is not LeafKind.HEADING:
        return max(_BELOW[before], _ABOVE.get(after, 0) if after is not LeafKind.TABLE else 0)
    if before is LeafKind.PARAGRAPH and after is LeafKind.CODE:
        return _ABOVE[after]
    return max(_BELOW.get(before, _BETWEEN), _ABOVE.get(after, _BETWEEN))


class _RuleBox(Box):
    """A hairline."""

    def __init__(self, width: int) -> None:
        self.width = width
        self.height = 1

    def paint(self, ink: PaintContext, x: int, y: int, marks: Sequence[Mark]) -> None:
        inset = 0.5 / ink.painter.device().devicePixelRatio()
        ink.painter.setPen(QPen(ink.style.colour("line_strong"), inset * 2))
        ink.painter.drawLine(QPointF(x, y + inset), QPointF(x + self.width, y + inset))


class Placed:
    """A leaf with its box and where the box lies in the section."""

    __slots__ = ("box", "growing", "leaf", "version", "x", "y")

    def __init__(self, leaf: Leaf) -> None:
        self.leaf = leaf
        self.box: Box = Box()
        self.growing = GrowingRuns()
        self.version = -1
        self.x = 0
        self.y = 0


class SectionBox:
    """Draws the leaves of one section."""

    def __init__(self, style: Style, kind: Type | None = None) -> None:
        self._style = style
        self._kind = kind or style.reading
        self.placed: list[Placed] = []
        self.width = 0
        self.height = 0
        self.changed_y = 0
        self.version = -1
        self.waits = False  # for formulas that are being drawn
        self.may_hold_links = False  # a later definition may make links of its words

    def show(
        self, leaves: Sequence[Leaf], environment: dict[str, Any], version: int, width: int
    ) -> None:
        """Show `leaves`; what is as before is neither read nor laid out again."""
        fresh = width != self.width
        self.width, self.version = width, version
        changed, y, before = -1, 0, None
        for index, leaf in enumerate(leaves):
            placed = self.placed[index] if index < len(self.placed) else None
            if placed is None or not _is_same_kind(placed.leaf, leaf):
                placed = Placed(leaf)
                self.placed[index : index + 1] = [placed]
                changed = y if changed < 0 else changed
            if index:
                first = bool(leaf.markers)
                y += self._style.px(gap(before, leaf.kind, item=first, spaced=leaf.spaced))
            same = placed.leaf is leaf or placed.leaf == leaf
            stale = placed.version != version and ("[" in leaf.content or bool(leaf.rows))
            if placed.version < 0 or fresh or not same or stale or placed.box.waits:
                placed.leaf = leaf
                place_y = self._show_leaf(placed, environment, version, width)
                changed = y + place_y if changed < 0 else changed
            placed.version = version
            if placed.y != y and changed < 0:
                changed = y
            placed.y = y
            y += placed.box.height
            before = leaf.kind
        if len(self.placed) > len(leaves):
            del self.placed[len(leaves) :]
            changed = y if changed < 0 else changed
        self.height = y
        self.waits = any(placed.box.waits for placed in self.placed)
        self.may_hold_links = any("[" in leaf.content or leaf.rows for leaf in leaves)
        self.changed_y = 0 if fresh else (y if changed < 0 else changed)

    def _show_leaf(
        self, placed: Placed, environment: dict[str, Any], version: int, width: int
    ) -> int:
        """Fill the box of a leaf; returns from where down it looks different."""
        leaf, style = placed.leaf, self._style
        placed.x = self._indent(leaf)
        room = max(width - placed.x, style.px(60))
        new = placed.version < 0
        box = placed.box
        if leaf.kind is LeafKind.CODE:
            box = box if isinstance(box, CodeBox) else CodeBox(style, leaf.language)
            box.language = leaf.language
            box.show(leaf.content, room, growing=leaf.growing)
        elif leaf.kind in (LeafKind.TABLE, LeafKind.ROWS):
            box = box if isinstance(box, TableBox) else TableBox(style)
            box.show(leaf, environment, room)
        elif leaf.kind is LeafKind.RULE:
            box = _RuleBox(room)
        elif leaf.kind is LeafKind.NOTE:
            box = NoteBox(style, leaf.content, room)
        elif leaf.kind is LeafKind.FORMULA:
            box = box if isinstance(box, FormulaBox) else FormulaBox(style, self._kind)
            box.show(leaf.content, room)
        else:
            box = box if isinstance(box, ProseBox) else self._prose(leaf)
            if placed.version != version:
                placed.growing = GrowingRuns()
            box.show(self._runs(placed, environment), room)
        placed.box = box
        return 0 if new else getattr(box, "changed_y", 0)

    def _prose(self, leaf: Leaf) -> ProseBox:
        style = self._style
        if leaf.kind is LeafKind.HEADING:
            return ProseBox(style, style.headings[leaf.level - 1])
        if leaf.kind is LeafKind.HTML:
            return ProseBox(style, style.code)
        return ProseBox(style, self._kind)

    def _runs(self, placed: Placed, environment: dict[str, Any]) -> list[Run]:
        leaf = placed.leaf
        if leaf.kind in (LeafKind.HTML, LeafKind.PLAIN):
            return [Run(leaf.content)]
        if leaf.literal or leaf.kind is LeafKind.HEADING:
            return leaf_runs(leaf, environment)
        return placed.growing.read(leaf.content, environment)

    def _indent(self, leaf: Leaf) -> int:
        return sum(self._step(leaf, depth) for depth in range(len(leaf.containers)))

    def _step(self, leaf: Leaf, depth: int) -> int:
        return self._style.px(_QUOTE) if leaf.containers[depth].quote else self._style.indent

    def natural_width(self) -> int:
        """How wide the section would like to be, at most its width."""
        widest = 0
        for placed in self.placed:
            if isinstance(placed.box, ProseBox):
                widest = max(widest, placed.x + placed.box.used_width())
            else:
                return self.width
        return min(widest, self.width)

    # -- painting ----------------------------------------------------------

    def paint(self, ink: PaintContext, x: int, y: int, marks: LeafMarks | None) -> None:
        """Draw what is visible; `marks` by the index of the leaf."""
        for index, placed in enumerate(self.placed):
            top = y + placed.y
            if top >= ink.bottom:
                break
            if top + placed.box.height <= ink.top - _BETWEEN:
                continue
            if placed.leaf.containers:
                self._paint_bars(ink, index, x, y)
            if placed.leaf.markers:
                self._paint_markers(ink, placed, x, top)
            placed.box.paint(ink, x + placed.x, top, marks(index, placed.box.text) if marks else ())

    def _paint_bars(self, ink: PaintContext, index: int, x: int, y: int) -> None:
        """The bars of quotes; they reach up to the leaf before if it is in the same quote."""
        placed = self.placed[index]
        left = x
        for depth, container in enumerate(placed.leaf.containers):
            if container.quote:
                top = placed.y
                before = self.placed[index - 1] if index else None
                if before is not None and _is_inside(before.leaf, depth, container):
                    top = before.y + before.box.height
                bar = QRect(left, y + top, 3, placed.y + placed.box.height - top)
                ink.painter.fillRect(bar, ink.style.colour(bar_colour(container.note)))
            left += self._step(placed.leaf, depth)

    def _paint_markers(self, ink: PaintContext, placed: Placed, x: int, top: int) -> None:
        style, kind = ink.style, self._kind
        for depth, marker in placed.leaf.markers:
            left = x + sum(self._step(placed.leaf, each) for each in range(depth))
            if marker in (UNDONE, DONE):
                side = style.px(17)
                icon = "check-square" if marker == DONE else "square"
                box = QRectF(left + 1, top + (kind.pitch - side) / 2, side, side).toRect()
                paint_icon(ink.painter, box, icon, "accent_text" if marker == DONE else "muted")
            elif marker == BULLET:
                side = style.px(5)
                middle = QPointF(left + style.px(9), top + kind.base - style.px(5))
                ink.painter.setPen(Qt.PenStyle.NoPen)
                ink.painter.setBrush(style.colour("faint"))
                ink.painter.drawEllipse(middle, side / 2, side / 2)
            else:
                width = QFontMetrics(kind.font).horizontalAdvance(marker)
                right = left + style.indent - style.px(7)
                draw_text(ink.painter, right - width, top, marker, kind, style.colour("muted"))

    # -- places ------------------------------------------------------------

    def at(self, y: float) -> int:
        """The index of the leaf nearest to a height."""
        for index in range(len(self.placed) - 1, -1, -1):
            if y >= self.placed[index].y:
                return index
        return 0

    def boxes(self) -> Iterator[tuple[int, Placed]]:
        """All leaves with their indices."""
        yield from enumerate(self.placed)


def _is_same_kind(before: Leaf, after: Leaf) -> bool:
    return (
        before.kind is after.kind
        and before.level == after.level
        and before.containers == after.containers
        and before.markers == after.markers
    )


def _is_inside(leaf: Leaf, depth: int, container: Container) -> bool:
    return len(leaf.containers) > depth and leaf.containers[depth] == container
