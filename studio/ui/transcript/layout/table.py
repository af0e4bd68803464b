"""A table: columns as wide as they need, hairlines between rows, sideways when it is too wide."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QCoreApplication, QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QPen

from studio.core.markdown.inline import runs
from studio.core.markdown.leaves import Leaf, LeafKind
from studio.ui.transcript.layout.boxes import Box, Mark, PaintContext
from studio.ui.transcript.layout.buttons import Button, paint_button
from studio.ui.transcript.layout.prose import ProseBox
from studio.ui.transcript.layout.style import Style

_PAD_X = 14
_PAD_Y = 8
_NARROWEST = 96
_BUTTON = 26
_UNLIMITED = 100_000
_ALIGN = {"right": Qt.AlignmentFlag.AlignRight, "center": Qt.AlignmentFlag.AlignHCenter}


class _Cell(ProseBox):
    """A cell is laid out without a limit first; if that fits, nothing is laid out again."""

    natural = 0
    shift = 0  # what alignment moves the text of one line to the right

    def align(self, flag: Qt.AlignmentFlag) -> None:
        self._side = flag

    def note_natural_width(self) -> None:
        """Remember how wide the longest line is."""
        self.natural = self.natural_width()

    def fit(self, room: int) -> None:
        """Take a width."""
        one_line = self.height == self._kind.pitch
        if self.natural <= room and (one_line or self._side == Qt.AlignmentFlag.AlignLeft):
            self._aligned = Qt.AlignmentFlag.AlignLeft
            if self.width != _UNLIMITED:
                self.relay(_UNLIMITED)
            spare = room - self.natural
            centred = self._side == Qt.AlignmentFlag.AlignHCenter
            right = self._side == Qt.AlignmentFlag.AlignRight
            self.shift = spare // 2 if centred else spare if right else 0
        else:
            self._aligned = self._side
            self.shift = 0
            self.relay(room)


class TableBox(Box):
    """Cells are prose; the text of the table parts them by tabs and line breaks."""

    def __init__(self, style: Style) -> None:
        self._style = style
        self._rows: list[list[_Cell]] = []
        self._sources: list[tuple[str, ...]] = []
        self._aligns: tuple[str, ...] = ()
        self._shape: tuple[str, ...] = ()
        self._natural: list[int] = []  # widths of the columns of a table that goes on elsewhere
        self._widths: list[int] = []
        self._tops: list[int] = [0]
        self._starts: list[list[int]] = []
        self._begins = False  # it is no further piece of a long one
        self.pointed = False  # the mouse or the keyboard is at it
        self.scrolled = 0
        self.changed_y = 0

    def show(self, leaf: Leaf, environment: dict[str, Any], width: int) -> None:
        """Show the table; rows that stay as they were are kept."""
        if leaf.aligns != self._aligns:
            self._rows, self._sources, self._aligns = [], [], leaf.aligns
        headed = self._begins = leaf.kind is LeafKind.TABLE
        # A table without words in its head begins with its first row.
        rows = leaf.rows[1:] if headed and not any(leaf.rows[0]) else leaf.rows
        headed = headed and rows is leaf.rows
        if rows and not any(rows[-1]) and len(rows) > 1:
            rows = rows[:-1]  # a bar that was just written
        same = 0
        for before, after, row in zip(self._sources, rows, self._rows, strict=False):
            if before != after or any(cell.waits for cell in row):
                break
            same += 1
        self._sources = list(rows)
        del self._rows[same:]
        for number in range(same, len(rows)):
            self._rows.append(self._cells(rows[number], headed and not number, environment))
        if leaf.shape != self._shape:
            self._shape = leaf.shape
            cells = self._cells(leaf.shape, False, environment)
            self._natural = [cell.natural for cell in cells]
        self.waits = any(cell.waits for row in self._rows for cell in row)
        kept = self._tops[same] if same < len(self._tops) and width == self.width else 0
        before_widths = self._widths
        self.relay(width, force=True)
        self.changed_y = kept if self._widths == before_widths else 0
        self._note_text()

    def _cells(
        self, contents: tuple[str, ...], head: bool, environment: dict[str, Any]
    ) -> list[_Cell]:
        cells = []
        for column, content in enumerate(contents):
            cell = _Cell(self._style, self._style.cell_head if head else self._style.cell)
            align = self._aligns[column] if column < len(self._aligns) else ""
            cell.align(_ALIGN.get(align, Qt.AlignmentFlag.AlignLeft))
            cell.show(runs(content, environment, cell=True), _UNLIMITED)
            cell.note_natural_width()
            cells.append(cell)
        return cells

    def _note_text(self) -> None:
        at, starts, lines = 0, [], []
        for row in self._rows:
            line = []
            for cell in row:
                line.append(at)
                at += len(cell.text) + 1
            starts.append(line)
            lines.append("\t".join(cell.text for cell in row))
        self._starts = starts
        self.text = "\n".join(lines)

    def relay(self, width: int, *, force: bool = False) -> None:
        """Lay out for another width."""
        if width == self.width and not force:
            return
        self.width = width
        self._widths = self._column_widths(width)
        pad_x, pad_y = self._style.px(_PAD_X), self._style.px(_PAD_Y)
        self._tops = [0]
        for row in self._rows:
            tallest = 0
            for cell, room in zip(row, self._widths, strict=False):
                cell.fit(room - 2 * pad_x)
                tallest = max(tallest, cell.height)
            self._tops.append(self._tops[-1] + tallest + 2 * pad_y)
        self.height = self._tops[-1]
        self.scrolled = max(0, min(self.scrolled, self.overflow()))

    def _column_widths(self, width: int) -> list[int]:
        count = max((len(row) for row in self._rows), default=0)
        if not count:
            return []
        pad = 2 * self._style.px(_PAD_X)
        natural = [each + pad for each in self._natural] or [
            max((row[column].natural for row in self._rows if column < len(row)), default=0) + pad
            for column in range(count)
        ]
        if sum(natural) <= width:
            spare = width - sum(natural)
            return _exact([each + spare * each / sum(natural) for each in natural], width)
        narrowest = self._style.px(_NARROWEST)
        if sum(min(each, narrowest) for each in natural) > width:
            return [min(each, narrowest * 2) for each in natural]
        return _exact(_shares(natural, narrowest, width), width)

    def overflow(self) -> int:
        """By how many pixels the columns exceed the width."""
        return max(0, sum(self._widths) - self.width)

    def scroll(self, by: int) -> bool:
        """Move sideways; False when there is nothing to move."""
        before = self.scrolled
        self.scrolled = max(0, min(self.scrolled + by, self.overflow()))
        return self.scrolled != before

    def reveal(self, index: int) -> None:
        """Move sideways as little as needed to show a place in the text."""
        x, pad = round(self.caret(index).x()), self._style.px(_PAD_X)
        if x < pad:
            self.scroll(x - 4 * pad)
        elif x > self.width - pad:
            self.scroll(x - self.width + 4 * pad)

    def buttons(self) -> list[Button]:
        """Copy as a table and as Markdown, in coordinates of the box; none of a further piece."""
        if not self._begins or not self._rows:
            return []
        translate, side = QCoreApplication.translate, self._style.px(_BUTTON)
        source = Button(
            "copy_table_source", "code", translate("transcript", "Copy table as Markdown")
        )
        copy = Button("copy_table", "copy", translate("transcript", "Copy table"))
        y = max(0, (self._tops[1] - side) // 2)
        for number, button in enumerate((source, copy), 1):
            button.rect = QRect(self.width - number * side, y, side, side)
        return [copy, source]

    # -- painting ----------------------------------------------------------

    def paint(self, ink: PaintContext, x: int, y: int, marks: Sequence[Mark]) -> None:
        painter, style = ink.painter, ink.style
        pad_x, pad_y = style.px(_PAD_X), style.px(_PAD_Y)
        overflow = self.overflow()
        if overflow:
            painter.save()
            clip = QRect(x, ink.top, self.width, ink.bottom - ink.top)
            painter.setClipRect(clip, Qt.ClipOperation.IntersectClip)
        inset = 0.5 / painter.device().devicePixelRatio()
        for number, row in enumerate(self._rows):
            top, bottom = y + self._tops[number], y + self._tops[number + 1]
            if bottom <= ink.top or top >= ink.bottom:
                continue
            left = x - self.scrolled
            for column, cell in enumerate(row):
                inside = _within(marks, self._starts[number][column], len(cell.text))
                cell.paint(ink, left + pad_x + cell.shift, top + pad_y, inside)
                left += self._widths[column]
            painter.setPen(QPen(style.colour("line"), inset * 2))
            painter.drawLine(QPointF(x, bottom - inset), QPointF(x + self.width, bottom - inset))
        if overflow:
            self._paint_bar(ink, x, y, overflow)
            painter.restore()
        if self.pointed:
            self._paint_buttons(ink, x, y)

    def _paint_buttons(self, ink: PaintContext, x: int, y: int) -> None:
        """Over the end of the head, while the table is pointed at."""
        buttons = self.buttons()
        ground = QRect()
        for button in buttons:
            ground = ground.united(button.rect)
        ink.painter.fillRect(ground.translated(x, y), ink.style.colour("surface"))
        for button in buttons:
            paint_button(ink, button, x, y)

    def _paint_bar(self, ink: PaintContext, x: int, y: int, overflow: int) -> None:
        bar = ink.style.px(4)
        length = max(ink.style.px(32), self.width * self.width // (self.width + overflow))
        left = x + (self.width - length) * self.scrolled // overflow
        ink.painter.setPen(Qt.PenStyle.NoPen)
        ink.painter.setBrush(ink.style.colour("line_strong"))
        rect = QRectF(left, y + self.height - bar, length, bar)
        ink.painter.drawRoundedRect(rect, bar / 2, bar / 2)

    # -- places ------------------------------------------------------------

    def _cell_at(self, x: float, y: float) -> tuple[int, int, float, float] | None:
        """Row, column and the point inside the cell."""
        if not self._rows:
            return None
        number = 0
        while number + 1 < len(self._rows) and y >= self._tops[number + 1]:
            number += 1
        column, left = 0, float(-self.scrolled)
        while column + 1 < len(self._rows[number]) and x >= left + self._widths[column]:
            left += self._widths[column]
            column += 1
        pad_x, pad_y = self._style.px(_PAD_X), self._style.px(_PAD_Y)
        shift = self._rows[number][column].shift if self._rows[number] else 0
        return number, column, x - left - pad_x - shift, y - self._tops[number] - pad_y

    def index_at(self, x: float, y: float) -> int:
        found = self._cell_at(x, y)
        if found is None or not self._rows[found[0]]:
            return 0
        number, column, inside_x, inside_y = found
        cell = self._rows[number][column]
        return self._starts[number][column] + cell.index_at(inside_x, inside_y)

    def link_at(self, x: float, y: float) -> str:
        found = self._cell_at(x, y)
        if found is None or not self._rows[found[0]]:
            return ""
        return self._rows[found[0]][found[1]].link_at(found[2], found[3])

    def caret(self, index: int) -> QRectF:
        pad_x, pad_y = self._style.px(_PAD_X), self._style.px(_PAD_Y)
        for number, row in enumerate(self._rows):
            left = -self.scrolled
            for column, cell in enumerate(row):
                start = self._starts[number][column]
                if start <= index <= start + len(cell.text):
                    found = cell.caret(index - start)
                    return found.translated(left + pad_x + cell.shift, self._tops[number] + pad_y)
                left += self._widths[column]
        return QRectF(0, 0, 1, self.height)


def _within(marks: Sequence[Mark], start: int, length: int) -> list[Mark]:
    """The marks that touch a cell, in its own counting."""
    return [
        Mark(max(mark.start - start, 0), min(mark.end - start, length), mark.kind)
        for mark in marks
        if mark.end > start and mark.start < start + length
    ]


def _exact(widths: list[float], total: int) -> list[int]:
    """Whole pixels that sum to `total`."""
    whole = [int(each) for each in widths]
    whole[-1] += total - sum(whole)
    return whole


def _shares(natural: list[int], narrowest: int, width: int) -> list[float]:
    """Narrow columns keep what they need; the wide ones share the rest by their needs."""
    given: dict[int, float] = {}
    while True:
        rest = width - sum(given.values())
        wide = [index for index in range(len(natural)) if index not in given]
        needs = sum(natural[index] for index in wide)
        fair = {index: max(narrowest, rest * natural[index] / needs) for index in wide}
        fixed = {i: min(natural[i], narrowest) for i in wide if fair[i] <= narrowest}
        if not fixed or len(fixed) == len(wide):
            given.update(fair)
            return [given[index] for index in range(len(natural))]
        given.update(fixed)
