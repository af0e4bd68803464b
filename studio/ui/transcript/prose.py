"""Wrapped text with styled runs that can grow at its end without being laid out anew."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from math import ceil
from typing import cast

from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QFont, QImage, QTextCharFormat, QTextLayout, QTextLine, QTextOption

from studio.core.markdown_runs import Face, Run
from studio.ui.transcript.boxes import Box, Ink, Mark, format_ranges, from_qt, to_qt
from studio.ui.transcript.maths import Formula
from studio.ui.transcript.style import CODE_GAP, Style, Type, wrapping

_RTL = re.compile(r"[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")
_STRONG = re.compile(r"[^\W\d_]")
_ASTRAL = re.compile("[\U00010000-\U0010ffff]")
# Growing text keeps its last line open; a change so near behind a strip may reflow that strip.
_REFLOW = 64
_DRAWN = 1 << 16  # beside the bits of Face: the formula is drawn, its source hidden
_FILLER = "\ufe00"  # takes no room and is part of the letter before it
_LONGEST_FORMULA = 2_000
_WIDEST = 45  # of a formula within a line, in font sizes
_PIECE = 2_000  # characters of one layout, in text that was never meant to be one paragraph


class _Strip:
    """Some lines of the text in a layout of their own.

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

    def __init__(self, start: int, text: str, y: int, pitch: int, layout: QTextLayout) -> None:
        self.pitch = pitch
        self.tops: list[int] = []  # of the lines and the end, where lines differ in height
        self.pictures: list[tuple[QRectF, QImage]] = []  # formulas
        self.start = start
        self.text = text
        self.y = y
        self.height = 0
        self.lines = 0
        self.layout = layout
        self.tints: list[QRectF] = []  # grounds of inline code

    def top(self, number: int) -> int:
        """Where a line begins, in the strip."""
        return self.tops[number] if self.tops else number * self.pitch

    def number_at(self, y: float) -> int:
        """The line at a height of the strip."""
        found = bisect_right(self.tops, y) - 1 if self.tops else int(y // self.pitch)
        return max(0, min(found, self.lines - 1))

    def keep(self, number: int, cut: int) -> None:
        """Draw only the first lines from now on, those of `cut` characters."""
        self.text, self.lines = self.text[:cut], number
        self.height = self.top(number)
        self.tints = [tint for tint in self.tints if tint.top() < self.height]
        self.pictures = [each for each in self.pictures if each[0].top() < self.height]


class ProseBox(Box):
    """A paragraph, a heading, or text as it was written."""

    def __init__(self, style: Style, kind: Type, *, anywhere: bool = False) -> None:
        self._style = style
        self._kind = kind
        mode = QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere
        self._mode = QTextOption.WrapMode.WrapAnywhere if anywhere else mode
        self._runs: list[Run] = []
        self._strips: list[_Strip] = []
        self._formulas: dict[int, Formula] = {}  # by the place of their first character
        self._rtl = False
        self._aligned = Qt.AlignmentFlag.AlignLeft
        self.changed_y = 0

    def align(self, flag: Qt.AlignmentFlag) -> None:
        """Align the lines; before the text is shown."""
        self._aligned = flag

    def show(self, runs: list[Run], width: int) -> None:
        """Show `runs`; only what differs from before is laid out, from `changed_y` down."""
        if any(run.face & Face.FORMULA for run in runs):
            runs = self._with_formulas(runs)
        else:
            self.waits = False
        growing = bool(self._runs) and width == self.width
        same = _common(self._runs, runs) if growing else 0
        text = runs[0].text if len(runs) == 1 else "".join(run.text for run in runs)
        if growing and same == len(text) == len(self.text) and runs == self._runs:
            self.changed_y = self.height
            return
        appended = growing and same == len(self.text)
        self._runs, self.text, self.width = runs, text, width
        start = self._keep(same, appended=appended) if growing else self._keep(0, appended=False)
        if not start:
            self._rtl = _is_rtl(text)
        self._lay_from(start)
        self._note_change(same)

    def _with_formulas(self, runs: list[Run]) -> list[Run]:
        """Mark the formulas that are drawn, and remember their pictures by where they stand."""
        self.waits = False
        self._formulas.clear()
        marked, at = [], 0
        for run in runs:
            formula = self._formula(run) if run.face & Face.FORMULA else None
            if formula is not None:
                self._formulas[at] = formula
            marked.append(run if formula is None else run._replace(face=run.face | _DRAWN))
            at += len(run.text)
        return marked

    def _formula(self, run: Run) -> Formula | None:
        """The picture of a formula, once it is drawn."""
        if len(run.text) > _LONGEST_FORMULA:
            return None
        marks = 1 if run.text[0] == "$" != run.text[1:2] else 2
        size = self._kind.font.pixelSize()
        source, display = run.text[marks:-marks].strip(), bool(run.face & Face.DISPLAY)
        drawn = self._style.formula(source, display, size, self._kind)
        self.waits = self.waits or drawn is None
        fits = isinstance(drawn, Formula) and drawn.width < _WIDEST * size
        return drawn if isinstance(drawn, Formula) and fits else None

    def relay(self, width: int) -> None:
        """Lay out for another width."""
        if width != self.width:
            runs, self._runs = self._runs, []
            self.show(runs, width)

    def natural_width(self) -> int:
        """The width of the longest line."""
        return int(max((strip.layout.maximumWidth() for strip in self._strips), default=0)) + 1

    def used_width(self) -> int:
        """The width that the lines take at the width they were laid out for."""
        widest = 0.0
        for strip in self._strips:
            for index in range(strip.lines):
                widest = max(widest, strip.layout.lineAt(index).naturalTextWidth())
        return int(widest) + 1

    def _keep(self, same: int, *, appended: bool) -> int:
        """Keep the lines that stay when the text from `same` on is new; where the rest begins."""
        strips = self._strips
        kept = bisect_right([strip.start for strip in strips], same) - 1
        if kept < 0 or not same:
            strips.clear()
            return 0
        strip = strips[kept]
        del strips[kept + 1 :]
        # A change, unlike an addition, can make a word short enough for the line above it.
        line = strip.layout.lineForTextPosition(
            to_qt(strip.text, max(same - strip.start - (0 if appended else _REFLOW), 0))
        )
        number = min(line.lineNumber(), strip.lines - 1) if line.isValid() else 0
        if number > 0:
            cut = from_qt(strip.text, strip.layout.lineAt(number).textStart())
            strip.keep(number, cut)
            return strip.start + cut
        strips.pop()
        if not appended and kept and same - strip.start < _REFLOW:
            return strips.pop().start
        return strip.start

    def _lay_from(self, start: int) -> None:
        y = self._strips[-1].y + self._strips[-1].height if self._strips else 0
        end = len(self.text)
        while True:
            stop = end
            if end - start > _PIECE * 2:
                newline = self.text.rfind("\n", start, start + _PIECE) + 1
                stop = newline if newline > start else start + _PIECE
            strip = self._strip(start, stop, y)
            self._strips.append(strip)
            y += strip.height
            start = stop
            if start >= end:
                break
        self.height = y

    def _strip(self, start: int, stop: int, y: int) -> _Strip:
        text = self.text[start:stop]
        # A break at the end of a strip would open an empty line: the next strip is that line.
        shown = text[:-1] + " " if text.endswith("\n") and stop < len(self.text) else text
        shown = shown.replace("\n", "\u2028")
        if self._formulas:
            shown = self._with_stand_ins(shown, start)
        layout = QTextLayout(shown, self._kind.font)
        layout.setCacheEnabled(True)
        layout.setTextOption(wrapping(self._mode, self._aligned, self._rtl))
        strip = _Strip(start, text, y, self._kind.pitch, layout)
        coded = self._set_formats(strip, stop)
        self._break_lines(strip)
        for first, last in coded:
            strip.tints += self._rects(strip, first, last)
        return strip

    def _with_stand_ins(self, text: str, start: int) -> str:
        """The text of a strip with a letter and fillers for each drawn formula."""
        at = 0
        for run in self._runs:
            first = at - start
            at += len(run.text)
            if run.face & _DRAWN and 0 <= first < len(text):
                hidden = ("M" + _FILLER * (len(run.text) - 1))[: len(text) - first]
                text = text[:first] + hidden + text[first + len(hidden) :]
        return text

    def _set_formats(self, strip: _Strip, stop: int) -> list[tuple[int, int]]:
        """Give the runs their looks; returns the stretches of inline code."""
        coded: list[tuple[int, int]] = []
        if len(self._runs) == 1 and not self._runs[0].face and not self._runs[0].href:
            return coded
        size = self._kind.font.pixelSize()
        wide = _ASTRAL.search(strip.text) is not None
        ranges, at = [], 0
        for run in self._runs:
            end = at + len(run.text)
            first, last = max(at, strip.start), min(end, stop)
            at = end
            if first >= last or not (run.face or run.href):
                continue
            first, last = first - strip.start, last - strip.start
            if run.face & Face.CODE:
                coded.append((first, last))
            begin = to_qt(strip.text, first) if wide else first
            length = (to_qt(strip.text, last) if wide else last) - begin
            if run.face & _DRAWN:
                formula = self._formulas.get(strip.start + first)
                width = formula.width if formula else 0
                placed, hidden = self._style.stand_in(self._kind, width)
                ranges.append(_range(begin, 1, placed))
                ranges.append(_range(begin + 1, length - 1, hidden))
                continue
            look = self._style.format(run.face, bool(run.href), size)
            if run.face & Face.CODE:
                self._make_room(ranges, begin, size)
                ranges.append(_range(begin, length - 1, look))
                begin, length = begin + length - 1, 1
                look = self._style.spaced(run.face, bool(run.href), size)
            ranges.append(_range(begin, length, look))
        strip.layout.setFormats(ranges)
        return coded

    def _make_room(self, ranges: list[QTextLayout.FormatRange], begin: int, size: int) -> None:
        """Put space for the ground of inline code behind the character before it."""
        if begin == 0:
            return
        last = ranges[-1] if ranges else None
        if last is None or last.start + last.length < begin:
            ranges.append(_range(begin - 1, 1, self._style.spaced(Face.PLAIN, False, size)))
        elif last.length > 1:
            look = QTextCharFormat(last.format)
            look.setFontLetterSpacingType(QFont.SpacingType.AbsoluteSpacing)
            look.setFontLetterSpacing(CODE_GAP)
            ranges[-1] = _range(last.start, last.length - 1, last.format)
            ranges.append(_range(begin - 1, 1, look))

    def _break_lines(self, strip: _Strip) -> None:
        layout, width, pitch, base = strip.layout, self.width, self._kind.pitch, self._kind.base
        drawn = self._formulas_in(strip) if self._formulas else []
        y = 0
        layout.beginLayout()
        while True:
            line = layout.createLine()
            if not line.isValid():
                break
            line.setLineWidth(width)
            if drawn:
                y = self._place_line(strip, line, y, drawn)
                continue
            line.setPosition(QPointF(0, y + base - line.ascent()))
            y += pitch
        layout.endLayout()
        if drawn:
            strip.tops.append(y)
        strip.lines = layout.lineCount()
        strip.height = max(y, pitch)

    def _formulas_in(self, strip: _Strip) -> list[tuple[int, Formula]]:
        """The formulas of a strip with their places as Qt counts them."""
        return [
            (to_qt(strip.text, at - strip.start), formula)
            for at, formula in self._formulas.items()
            if strip.start <= at < strip.start + len(strip.text)
        ]

    def _place_line(
        self, strip: _Strip, line: QTextLine, y: int, drawn: list[tuple[int, Formula]]
    ) -> int:
        """Place a line that is as high as its formulas need; returns where the next begins."""
        first, last = line.textStart(), line.textStart() + line.textLength()
        inside = [(at, formula) for at, formula in drawn if first <= at < last]
        up = max([self._kind.base, *(ceil(formula.ascent) + 3 for _, formula in inside)])
        below = self._kind.pitch - self._kind.base
        down = max([below, *(ceil(f.height - f.ascent) + 3 for _, f in inside)])
        line.setPosition(QPointF(0, y + up - line.ascent()))
        strip.tops.append(y)
        for at, formula in inside:
            corner = QPointF(round(line_x(line, at)), round(y + up - formula.ascent))
            rect = QRectF(corner, QSizeF(formula.width, formula.height))
            strip.pictures.append((rect, formula.image))
        return y + up + down

    def _note_change(self, same: int) -> None:
        """Find the first line that looks different."""
        for strip in reversed(self._strips):
            if strip.start < same or strip is self._strips[0]:
                at = to_qt(strip.text, max(same - strip.start - 1, 0))
                line = strip.layout.lineForTextPosition(at)
                number = min(line.lineNumber(), strip.lines - 1) if line.isValid() else 0
                self.changed_y = strip.y + strip.top(number)
                return

    # -- painting ----------------------------------------------------------

    def paint(self, ink: Ink, x: int, y: int, marks: Sequence[Mark]) -> None:
        painter = ink.painter
        painter.setPen(ink.style.colour(self._kind.colour))
        for strip in self._strips:
            top = y + strip.y
            if top >= ink.bottom:
                break
            if top + strip.height <= ink.top:
                continue
            if strip.tints:
                self._paint_tints(ink, strip, x, top)
                painter.setPen(ink.style.colour(self._kind.colour))
            # Qt skips lines that begin below the clip: those that a later strip draws.
            bottom = min(ink.bottom, top + strip.height)
            clip = QRectF(x - 8, ink.top, self.width + 16, bottom - ink.top)
            ranges = format_ranges(marks, strip.start, strip.text, ink.style) if marks else []
            strip.layout.draw(painter, QPointF(x, top), ranges, clip)
            for rect, image in strip.pictures:
                placed = rect.translated(x, top)
                if placed.top() < ink.bottom and placed.bottom() > ink.top:
                    painter.drawImage(placed, image)

    def _paint_tints(self, ink: Ink, strip: _Strip, x: int, top: int) -> None:
        painter = ink.painter
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ink.style.colour("hover"))
        for rect in strip.tints:
            painter.drawRoundedRect(rect.translated(x, top), 4, 4)

    def _rects(self, strip: _Strip, first: int, last: int) -> list[QRectF]:
        """The rectangles that text[first:last] of a strip covers, one a line."""
        first, last = to_qt(strip.text, first), to_qt(strip.text, last)
        size = self._kind.font.pixelSize()
        rects = []
        line = strip.layout.lineForTextPosition(first)
        while line.isValid() and line.textStart() < last:
            start = max(first, line.textStart())
            end = min(last, line.textStart() + line.textLength())
            left, right = line_x(line, start), line_x(line, end)
            if left > right:
                left, right = right, left
            baseline = line.y() + line.ascent()
            rects.append(
                QRectF(left - 3, baseline - size, right - left - CODE_GAP + 6, size * 1.36)
            )
            if line.lineNumber() + 1 >= strip.layout.lineCount():
                break
            line = strip.layout.lineAt(line.lineNumber() + 1)
        return rects

    # -- places ------------------------------------------------------------

    def _line_at(self, y: float) -> tuple[_Strip, QTextLine] | None:
        for strip in reversed(self._strips):
            if strip.lines and (y >= strip.y or strip is self._strips[0]):
                return strip, strip.layout.lineAt(strip.number_at(y - strip.y))
        return None

    def index_at(self, x: float, y: float) -> int:
        found = self._line_at(y)
        if found is None:
            return 0
        strip, line = found
        return strip.start + from_qt(strip.text, line.xToCursor(x))

    def caret(self, index: int) -> QRectF:
        for strip in reversed(self._strips):
            if strip.start <= index or strip is self._strips[0]:
                at = to_qt(strip.text, index - strip.start)
                line = strip.layout.lineForTextPosition(at)
                if not line.isValid():
                    break
                number = min(line.lineNumber(), strip.lines - 1)
                top, bottom = strip.top(number), strip.top(number + 1)
                return QRectF(line_x(line, at), strip.y + top, 1, bottom - top)
        return QRectF(0, 0, 1, self._kind.pitch)

    def end(self) -> tuple[int, int]:
        """Where the text ends: x of the last character, y of its line."""
        strip = self._strips[-1]
        line = strip.layout.lineAt(strip.lines - 1)
        x = line.x() if self._rtl else line.x() + line.naturalTextWidth()
        return int(x), strip.y + strip.top(strip.lines - 1)

    def link_at(self, x: float, y: float) -> str:
        if not 0 <= y < self.height or not any(run.href for run in self._runs):
            return ""
        found = self._line_at(y)
        if found is None:
            return ""
        strip, line = found
        if not line.x() <= x <= line.x() + line.naturalTextWidth() + 1:
            return ""
        at = line.xToCursor(x, QTextLine.CursorPosition.CursorOnCharacter)
        return self.href_at(strip.start + from_qt(strip.text, at))

    def href_at(self, index: int) -> str:
        """The address that the character at `index` leads to, if any."""
        at = 0
        for run in self._runs:
            at += len(run.text)
            if index < at:
                return run.href
        return ""


def _range(start: int, length: int, look: QTextCharFormat) -> QTextLayout.FormatRange:
    made = QTextLayout.FormatRange()
    made.start, made.length, made.format = start, length, look
    return made


def line_x(line: QTextLine, at: int) -> float:
    """Where a place of the line is; PySide returns (x, corrected place)."""
    return cast("tuple[float, int]", line.cursorToX(at))[0]


def _common(old: list[Run], new: list[Run]) -> int:
    """How many characters at the beginning look the same."""
    same = 0
    for before, after in zip(old, new, strict=False):
        if before == after:
            same += len(before.text)
            continue
        if before.face == after.face and before.href == after.href:
            if after.text.startswith(before.text):
                return same + len(before.text)
            pairs = zip(before.text, after.text, strict=False)
            return same + next((i for i, (a, b) in enumerate(pairs) if a != b), len(after.text))
        break
    return same


def _is_rtl(text: str) -> bool:
    if text.isascii() or not _RTL.search(text):
        return False
    first = _STRONG.search(text)
    return first is not None and _RTL.match(first.group()) is not None
