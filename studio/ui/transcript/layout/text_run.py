"""Some lines of styled text in a layout of their own: broken, placed, and ready to be drawn."""

from __future__ import annotations

import re
from bisect import bisect_right
from math import ceil
from typing import cast

from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import (
    QFont,
    QImage,
    QPainter,
    QTextCharFormat,
    QTextLayout,
    QTextLine,
    QTextOption,
)

from studio.core.markdown.runs import Face, Run
from studio.ui.look import theme
from studio.ui.transcript.layout.boxes import last_letter, to_qt
from studio.ui.transcript.layout.maths import Formula
from studio.ui.transcript.layout.style import CODE_GAP, STRESSED, Style, Type

DRAWN = 1 << 16  # beside the bits of Face: the formula is drawn, its source hidden
_FILLER = "\ufe00"  # takes no room and is part of the letter before it
_ASTRAL = re.compile("[\U00010000-\U0010ffff]")
_RADIUS = 4
_GROUND = Face.CODE | Face.KEY  # has a ground of its own

Formulas = dict[int, Formula]  # by the place of their first character in the whole text


class TextRun:
    """Lines of the text from `start`.

    When the text grows, all lines but the last are kept and the last one is laid out again as
    the first of a new strip: the old layout still holds it, but it is no longer drawn.
    """

    __slots__ = (
        "height",
        "layout",
        "lines",
        "pictures",
        "pitch",
        "start",
        "text",
        "tints",
        "tops",
        "y",
    )

    def __init__(self, start: int, text: str, y: int, kind: Type) -> None:
        self.start = start
        self.text = text
        self.y = y
        self.pitch = kind.pitch
        self.height = kind.pitch
        self.lines = 0
        self.tops: list[int] = []  # of the lines and the end, where lines differ in height
        self.tints: list[QRectF] = []  # grounds of inline code
        self.pictures: list[tuple[QRectF, QImage]] = []  # formulas
        shown = text.replace("\n", "\u2028") if "\n" in text else text
        self.layout = QTextLayout(shown, kind.font)
        self.layout.setCacheEnabled(True)

    def top(self, number: int) -> int:
        """Where a line begins, in the strip."""
        return self.tops[number] if self.tops else number * self.pitch

    def number_at(self, y: float) -> int:
        """The line at a height of the strip."""
        found = bisect_right(self.tops, y) - 1 if self.tops else int(y // self.pitch)
        return max(0, min(found, self.lines - 1))

    def line_of(self, index: int) -> QTextLine | None:
        """The line that a character of the strip is in."""
        line = self.layout.lineForTextPosition(to_qt(self.text, index))
        return line if line.isValid() else None

    def keep(self, number: int, cut: int) -> None:
        """Draw only the first lines from now on, those of `cut` characters."""
        self.text, self.lines = self.text[:cut], number
        self.height = self.top(number)
        self.tints = [tint for tint in self.tints if tint.top() < self.height]
        self.pictures = [each for each in self.pictures if each[0].top() < self.height]

    # -- laying out --------------------------------------------------------

    def lay(
        self, width: int, option: QTextOption, runs: list[Run], kind: Type, style: Style
    ) -> None:
        """Break the lines; `runs` are those of the strip's own text, none when it is plain."""
        self.layout.setTextOption(option)
        coded = self._set_formats(runs, kind, style) if runs else ()
        layout, pitch, base, y = self.layout, self.pitch, kind.base, 0
        layout.beginLayout()
        line = layout.createLine()
        while line.isValid():
            line.setLineWidth(width)
            line.setPosition(QPointF(0, y + base - line.ascent()))
            y += pitch
            line = layout.createLine()
        layout.endLayout()
        self.lines = layout.lineCount()
        self.height = max(y, pitch)
        for first, last in coded:
            self._tint(first, last, kind)

    def lay_with_formulas(
        self,
        width: int,
        option: QTextOption,
        runs: list[Run],
        kind: Type,
        style: Style,
        formulas: Formulas,
    ) -> None:
        """The same for text with drawn formulas: its lines are as high as these need."""
        self.layout.setText(self._with_stand_ins(runs))
        self.layout.setTextOption(option)
        coded = self._set_formats(runs, kind, style, formulas)
        places = [
            (to_qt(self.text, at - self.start), formula)
            for at, formula in formulas.items()
            if self.start <= at < self.start + len(self.text)
        ]
        y = 0
        self.layout.beginLayout()
        line = self.layout.createLine()
        while line.isValid():
            line.setLineWidth(width)
            y = self._place_line(line, y, places, kind)
            line = self.layout.createLine()
        self.layout.endLayout()
        self.tops.append(y)
        self.lines = self.layout.lineCount()
        self.height = max(y, self.pitch)
        for first, last in coded:
            self._tint(first, last, kind)

    def _with_stand_ins(self, runs: list[Run]) -> str:
        """A letter and fillers in place of each drawn formula, as many as Qt counts units."""
        parts = [
            "M" + _FILLER * (to_qt(run.text, len(run.text)) - 1) if run.face & DRAWN else run.text
            for run in runs
        ]
        return "".join(parts).replace("\n", "\u2028")

    def _place_line(
        self, line: QTextLine, y: int, places: list[tuple[int, Formula]], kind: Type
    ) -> int:
        """Place a line; returns where the next begins."""
        first, last = line.textStart(), line.textStart() + line.textLength()
        inside = [(at, formula) for at, formula in places if first <= at < last]
        up = max([kind.base, *(ceil(formula.ascent) + 3 for _, formula in inside)])
        below = self.pitch - kind.base
        down = max([below, *(ceil(each.height - each.ascent) + 3 for _, each in inside)])
        line.setPosition(QPointF(0, y + up - line.ascent()))
        self.tops.append(y)
        for at, formula in inside:
            corner = QPointF(round(line_x(line, at)), round(y + up - formula.ascent))
            rect = QRectF(corner, QSizeF(formula.width, formula.height))
            self.pictures.append((rect, formula.image))
        return y + up + down

    def _set_formats(
        self, runs: list[Run], kind: Type, style: Style, formulas: Formulas | None = None
    ) -> list[tuple[int, int]]:
        """Give the runs their looks; returns the stretches of inline code as Qt counts."""
        coded: list[tuple[int, int]] = []
        ranges: list[QTextLayout.FormatRange] = []
        size = kind.size
        wide = not self.text.isascii() and _ASTRAL.search(self.text) is not None
        at = end = 0
        for text, face, href in runs:
            first, at = at, at + len(text)
            begin, end = end, to_qt(self.text, at) if wide else at
            if face & Face.ITALIC and theme.is_han(text):
                face = face & ~Face.ITALIC | STRESSED  # noqa: PLW2901 - how this one looks
            if face & DRAWN and formulas is not None:
                formula = formulas.get(self.start + first)
                placed, hidden = style.stand_in(kind, formula.width if formula else 0)
                ranges.append(_range(begin, 1, placed))
                ranges.append(_range(begin + 1, end - begin - 1, hidden))
            elif face & _GROUND:
                coded.append((begin, end))
                if begin:
                    room = last_letter(self.text[:first])
                    _make_room(ranges, begin, room, style.spaced(Face.PLAIN, False, size))
                # A letter must not be parted: its halves have no picture.
                last = min(last_letter(text), end - begin)
                if end - begin > last:
                    look = style.format(face, bool(href), size)
                    ranges.append(_range(begin, end - begin - last, look))
                ranges.append(_range(end - last, last, style.spaced(face, bool(href), size)))
            elif face or href:
                ranges.append(_range(begin, end - begin, style.format(face, bool(href), size)))
        self.layout.setFormats(ranges)
        return coded

    def _tint(self, first: int, last: int, kind: Type) -> None:
        """Note the ground of inline code, one rectangle a line."""
        layout, size = self.layout, kind.size
        number = layout.lineForTextPosition(first).lineNumber() if self.lines > 1 else 0
        while 0 <= number < self.lines:
            line = layout.lineAt(number)
            start = line.textStart()
            if start >= last:
                break
            end = min(last, start + line.textLength())
            left, right = line_x(line, max(first, start)), line_x(line, end)
            if left > right:
                left, right = right, left
            top = self.top(number) + kind.base - size
            self.tints.append(QRectF(left - 3, top, right - left - CODE_GAP + 6, size * 1.36))
            number += 1

    # -- painting ----------------------------------------------------------

    def paint(
        self,
        painter: QPainter,
        x: int,
        y: int,
        clip: QRectF,
        marks: list[QTextLayout.FormatRange],
        style: Style,
        kind: Type,
    ) -> None:
        """Draw what the clip shows."""
        if self.tints:
            pen = painter.pen()
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(style.colour("hover"))
            for rect in self.tints:
                painter.drawRoundedRect(rect.translated(x, y), _RADIUS, _RADIUS)
            painter.setPen(pen)
        self.layout.draw(painter, QPointF(x, y), marks, clip)
        for rect, image in self.pictures:
            placed = rect.translated(x, y)
            if placed.intersects(clip):
                painter.drawImage(placed, image)


def _make_room(
    ranges: list[QTextLayout.FormatRange], begin: int, letter: int, spaced: QTextCharFormat
) -> None:
    """Put space for the ground of inline code behind the letter before it, of so many units."""
    last = ranges[-1] if ranges else None
    if last is None or last.start + last.length < begin:
        ranges.append(_range(begin - letter, letter, spaced))
    elif last.length > letter:
        look = QTextCharFormat(last.format)
        look.setFontLetterSpacingType(QFont.SpacingType.AbsoluteSpacing)
        look.setFontLetterSpacing(CODE_GAP)
        ranges[-1] = _range(last.start, last.length - letter, last.format)
        ranges.append(_range(begin - letter, letter, look))


def _range(start: int, length: int, look: QTextCharFormat) -> QTextLayout.FormatRange:
    made = QTextLayout.FormatRange()
    made.start, made.length, made.format = start, length, look
    return made


def line_x(line: QTextLine, at: int) -> float:
    """Where a place of the line is; PySide returns (x, corrected place)."""
    return cast("tuple[float, int]", line.cursorToX(at))[0]
