"""What all boxes of the transcript share: how they are painted, hit and marked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import Enum
from typing import NamedTuple

from PySide6.QtCore import QRect, QRectF, QTextBoundaryFinder
from PySide6.QtGui import QPainter, QTextLayout

from studio.ui.transcript.layout.style import Style


class MarkKind(Enum):
    """Why a stretch of text is marked."""

    SELECTED = "selected"
    FOUND = "found"
    CURRENT = "current"


class Mark(NamedTuple):
    """A marked stretch of a box's text."""

    start: int
    end: int
    kind: MarkKind


# The marks of a leaf by its index in its section and its text.
LeafMarks = Callable[[int, str], Sequence[Mark]]


class PaintContext:
    """A painter, the style, and which heights of the viewport are to be painted."""

    __slots__ = ("bottom", "painter", "style", "top")

    def __init__(self, painter: QPainter, style: Style, top: int, bottom: int) -> None:
        self.painter = painter
        self.style = style
        self.top = top
        self.bottom = bottom


class Box:
    """A rectangle with text; every box knows its height once it was laid out."""

    text = ""
    width = 0
    height = 0
    waits = False  # for formulas that are being drawn

    def paint(self, ink: PaintContext, x: int, y: int, marks: Sequence[Mark]) -> None:
        """Draw what is visible, the upper left corner at (x, y)."""

    def index_at(self, x: float, y: float) -> int:
        """The place in the text that is nearest to a point of the box."""
        return 0

    def caret(self, index: int) -> QRectF:
        """Where a place in the text is."""
        return QRectF(0, 0, 1, self.height)

    def reveal(self, index: int) -> None:
        """Move sideways, where that is possible, until a place in the text can be seen."""

    def end(self) -> tuple[int, int]:
        """Where the text ends: x, and y of the last line."""
        caret = self.caret(len(self.text))
        return int(caret.x()), int(caret.y())

    def link_at(self, x: float, y: float) -> str:
        """The address under a point of the box, if any."""
        return ""


_LONGEST_LETTER = 32  # characters; of a family with skins and hearts

_MARKS = {
    MarkKind.SELECTED: ("accent", "accent_on"),
    MarkKind.FOUND: ("warn_soft", "text"),
    MarkKind.CURRENT: ("warn", "surface"),
}


def format_ranges(
    marks: Sequence[Mark], start: int, text: str, style: Style
) -> list[QTextLayout.FormatRange]:
    """Marks as Qt wants them for a layout whose text begins at `start`."""
    ranges = []
    end = start + len(text)
    for mark in marks:
        if mark.end <= start or mark.start >= end:
            continue
        first, last = max(mark.start - start, 0), min(mark.end - start, len(text))
        made = QTextLayout.FormatRange()
        made.start = to_qt(text, first)
        made.length = to_qt(text, last) - made.start
        made.format = style.mark(*_MARKS[mark.kind])
        ranges.append(made)
    return ranges


def centred(rect: QRect, side: int) -> QRect:
    """A square in the middle of a rectangle.

    QRect.center() rounds towards zero: above the edge of the view it is another pixel than
    below it, and pixels that are moved would differ from those that are painted.
    """
    left = rect.left() + (rect.width() - side) // 2
    return QRect(left, rect.top() + (rect.height() - side) // 2, side, side)


def last_letter(text: str) -> int:
    """How many of Qt's units the last letter takes as it is drawn: an emoji may take a dozen."""
    end = text[-_LONGEST_LETTER:]
    if end.isascii():
        return 1
    finder = QTextBoundaryFinder(QTextBoundaryFinder.BoundaryType.Grapheme, end)
    finder.toEnd()
    size = finder.position()
    return size - max(0, finder.toPreviousBoundary())


def to_qt(text: str, index: int) -> int:
    """Qt counts UTF-16 units, Python characters."""
    if text.isascii():
        return index
    head = text[:index]
    return index + sum(character > "\uffff" for character in head)


def from_qt(text: str, index: int) -> int:
    """The other way round; inside a pair, the character it belongs to."""
    if text.isascii():
        return index
    units = 0
    for position, character in enumerate(text):
        if units >= index:
            return position
        units += 2 if character > "\uffff" else 1
    return len(text)
