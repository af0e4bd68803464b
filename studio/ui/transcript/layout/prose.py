"""Wrapped text with styled runs that can grow at its end without being laid out anew."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QTextLine, QTextOption

from studio.core.markdown.formulas import body_of
from studio.core.markdown.runs import Face, Run
from studio.ui.look import theme
from studio.ui.transcript.layout.boxes import Box, Mark, PaintContext, format_ranges, from_qt, to_qt
from studio.ui.transcript.layout.maths import Formula
from studio.ui.transcript.layout.style import FORMULA_SIZE, Style, Type, wrapping
from studio.ui.transcript.layout.text_run import DRAWN, Formulas, TextRun, line_x

_RTL = re.compile(r"[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")
_STRONG = re.compile(r"[^\W\d_]")
# Growing text keeps its last line open; a change so near behind a strip may reflow that strip.
_REFLOW = 64
_LONGEST_FORMULA = 2_000
_WIDEST = 45  # of a formula within a line, in font sizes
_PIECE = 2_000  # characters of one layout, in text that was never meant to be one paragraph
_PICTURED = Face.FORMULA | Face.EMBEDDED  # drawn as a picture within its line
_MODE = QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere


class ProseBox(Box):
    """A paragraph, a heading, or text as it was written."""

    def __init__(self, style: Style, kind: Type) -> None:
        self._style = style
        self._kind = kind
        self._runs: list[Run] = []
        self._strips: list[TextRun] = []
        self._formulas: Formulas = {}
        self._plain = True
        self._rtl = False
        self._colour = kind.colour
        self._aligned = Qt.AlignmentFlag.AlignLeft
        self.changed_y = 0

    def align(self, flag: Qt.AlignmentFlag) -> None:
        """Align the lines; before the text is shown."""
        self._aligned = flag

    def show(self, runs: list[Run], width: int) -> None:
        """Show `runs`; only what differs from before is laid out, from `changed_y` down."""
        if len(runs) == 1:
            text, faces, _ = runs[0]
        else:
            text, faces = "".join([run[0] for run in runs]), 0
            for run in runs:
                faces |= run[1]
        if faces & _PICTURED:
            runs = self._with_formulas(runs, width)
        else:
            self.waits = False
        if not self._runs or width != self.width:
            self._show_anew(runs, text, width)
            return
        same = _common(self._runs, runs)
        before, self._colour = self._colour, theme.words_colour(self._kind.colour, text)
        if before != self._colour:
            same = 0
        if same == len(text) == len(self.text) and runs == self._runs:
            self.changed_y = self.height
            return
        appended = same == len(self.text)
        self._runs, self.text = runs, text
        self._plain = len(runs) == 1 and not runs[0].face and not runs[0].href
        self._lay_from(self._keep(same, appended=appended))
        self._note_change(same)

    def _show_anew(self, runs: list[Run], text: str, width: int) -> None:
        self._strips.clear()
        self._runs, self.text, self.width = runs, text, width
        self._plain = len(runs) == 1 and not runs[0].face and not runs[0].href
        self._rtl = not text.isascii() and _is_rtl(text)
        self._colour = theme.words_colour(self._kind.colour, text)
        self._lay_from(0)
        self.changed_y = 0

    def _with_formulas(self, runs: list[Run], width: int) -> list[Run]:
        """Mark the formulas that are drawn, and remember their pictures by where they stand."""
        self.waits = False
        self._formulas.clear()
        marked, at = [], 0
        for run in runs:
            formula = self._formula(run, width) if run.face & _PICTURED else None
            if formula is not None:
                self._formulas[at] = formula
            marked.append(run if formula is None else run._replace(face=run.face | DRAWN))
            at += len(run.text)
        return marked

    def _formula(self, run: Run, width: int) -> Formula | None:
        """The picture of a formula, or one that stands in the text, once it is drawn."""
        if run.face & Face.EMBEDDED:
            drawn = self._style.picture(run.href, width)
            self.waits = self.waits or drawn is None
            return drawn if isinstance(drawn, Formula) else None
        if len(run.text) > _LONGEST_FORMULA:
            return None
        display = bool(run.face & Face.DISPLAY)
        size = round(self._kind.size * FORMULA_SIZE)
        drawn = self._style.formula(body_of(run.text), display, size, self._kind)
        self.waits = self.waits or drawn is None
        fits = isinstance(drawn, Formula) and drawn.width < _WIDEST * self._kind.size
        return drawn if isinstance(drawn, Formula) and fits else None

    def relay(self, width: int) -> None:
        """Lay out for another width."""
        if width != self.width:
            self._show_anew(self._runs, self.text, width)

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
        sure = max(same - strip.start - (0 if appended else _REFLOW), 0)
        line = strip.line_of(sure)
        number = min(line.lineNumber(), strip.lines - 1) if line is not None else 0
        if number > 0:
            cut = from_qt(strip.text, strip.layout.lineAt(number).textStart())
            strip.keep(number, cut)
            return strip.start + cut
        strips.pop()
        if not appended and kept and same - strip.start < _REFLOW:
            return strips.pop().start
        return strip.start

    def _lay_from(self, start: int) -> None:
        text = self.text
        y = self._strips[-1].y + self._strips[-1].height if self._strips else 0
        end = len(text)
        while True:
            stop = end
            if end - start > _PIECE * 2:
                newline = text.rfind("\n", start, start + _PIECE) + 1
                stop = newline if newline > start else start + _PIECE
            strip = self._strip(start, stop, y)
            self._strips.append(strip)
            y += strip.height
            start = stop
            if start >= end:
                break
        self.height = y

    def _strip(self, start: int, stop: int, y: int) -> TextRun:
        text = self.text[start:stop]
        if text.endswith("\n") and stop < len(self.text):
            # A break at the end of a strip would open an empty line: the next strip is that line.
            text = text[:-1] + " "
        strip = TextRun(start, text, y, self._kind)
        option = wrapping(_MODE, self._aligned, self._rtl)
        runs = [] if self._plain else _between(self._runs, start, stop)
        if self._formulas:
            formulas = self._formulas
            strip.lay_with_formulas(self.width, option, runs, self._kind, self._style, formulas)
        else:
            strip.lay(self.width, option, runs, self._kind, self._style)
        return strip

    def _note_change(self, same: int) -> None:
        """Find the first line that looks different."""
        for strip in reversed(self._strips):
            if strip.start < same or strip is self._strips[0]:
                line = strip.line_of(max(same - strip.start - 1, 0)) if strip.lines > 1 else None
                number = min(line.lineNumber(), strip.lines - 1) if line is not None else 0
                self.changed_y = strip.y + strip.top(number)
                return

    def paint(self, ink: PaintContext, x: int, y: int, marks: Sequence[Mark]) -> None:
        painter, kind = ink.painter, self._kind
        painter.setPen(ink.style.colour(self._colour))
        for strip in self._strips:
            top = y + strip.y
            if top >= ink.bottom:
                break
            bottom = top + strip.height
            if bottom <= ink.top:
                continue
            # Qt skips lines that begin below the clip: those that a later strip draws.
            clip = QRectF(x - 8, ink.top, self.width + 16, min(ink.bottom, bottom) - ink.top)
            ranges = format_ranges(marks, strip.start, strip.text, ink.style) if marks else []
            strip.paint(painter, x, top, clip, ranges, ink.style, kind)

    # -- places ------------------------------------------------------------

    def _line_at(self, y: float) -> tuple[TextRun, QTextLine] | None:
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


def _between(runs: list[Run], start: int, stop: int) -> list[Run]:
    """The runs of text[start:stop]."""
    found, at = [], 0
    for run in runs:
        first, at = at, at + len(run.text)
        if at <= start:
            continue
        if first >= stop:
            break
        whole = first >= start and at <= stop
        cut = run.text[max(start - first, 0) : stop - first]
        found.append(run if whole else run._replace(text=cut))
    return found
