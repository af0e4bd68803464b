"""A framed block of code: its language, Copy and Save, lines that are laid out when seen."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QPainterPath, QPen, QTextLayout, QTextOption

from studio.ui.transcript.layout.boxes import Box, Mark, PaintContext, format_ranges, from_qt, to_qt
from studio.ui.transcript.layout.buttons import Button, paint_button
from studio.ui.transcript.layout.style import Style, draw_text, wrapping
from studio.ui.transcript.layout.text_run import line_x
from studio.ui.transcript.paint.colours import LONGEST_LINE, Lines, colour_lines

if TYPE_CHECKING:
    from pygments.lexer import Lexer

_HEAD = 34
_PAD = 14
_BUTTON = 28
_BAR = 4
_SHORT = 12  # lines that are coloured at once, in about 1 ms
_AT_ONCE = 40  # finished lines of open code coloured in one frame


class CodeBox(Box):
    """Code with a frame; long lines scroll sideways."""

    def __init__(self, style: Style, language: str) -> None:
        self._style = style
        self.language = language
        self._lines: list[str] = [""]
        self._starts: list[int] = [0]
        self._layouts: dict[int, QTextLayout] = {}
        self._spans: Lines = []  # colours of the first lines
        self._coloured = ""  # the code that has its final colours
        self._growing = False
        self._widest = 0.0
        self.scrolled = 0  # pixels sideways
        self._option = QTextOption(wrapping(QTextOption.WrapMode.NoWrap))
        self._option.setTabStopDistance(style.code_width * 4)
        self.changed_y = 0

    def show(self, code: str, width: int, *, growing: bool = False) -> None:
        """Show `code`; when it only grew, nothing but its new end is touched."""
        self._growing = growing
        if width != self.width:
            self.width = width
            self.changed_y = 0
        else:
            self.changed_y = self._code_top() + (len(self._lines) - 1) * self._style.code.pitch
        if code.startswith(self.text) and self.text:
            self._grow(code[len(self.text) :])
        elif code != self.text:
            self._lines, self._starts = [""], [0]
            self._layouts.clear()
            self._spans, self._coloured = [], ""
            self._widest = 0.0
            self.changed_y = 0
            self._grow(code)
        self.text = code
        style = self._style
        self.height = self._code_top() + len(self._lines) * style.code.pitch + style.px(_PAD)
        self.scrolled = max(0, min(self.scrolled, self.overflow()))
        self._take_colours()

    def relay(self, width: int) -> None:
        """Lay out for another width."""
        self.show(self.text, width, growing=self._growing)

    def _grow(self, added: str) -> None:
        first = len(self._lines) - 1
        fresh = (self._lines[first] + added).split("\n")
        self._layouts.pop(first, None)
        at = self._starts[first]
        del self._lines[first:], self._starts[first:]
        for line in fresh:
            # A line of a megabyte is shown as many: laying it out whole would take seconds.
            for start in range(0, len(line) or 1, LONGEST_LINE):
                self._lines.append(line[start : start + LONGEST_LINE])
                self._starts.append(at + start)
            at += len(line) + 1
        self._widest = max(self._widest, *(self._estimate(each) for each in self._lines[first:]))

    def _estimate(self, line: str) -> float:
        columns = len(line) if line.isascii() else len(line) + sum(c > "\u2e7f" for c in line)
        return (columns + line.count("\t") * 3) * self._style.code_width

    def overflow(self) -> int:
        """By how many pixels the widest line exceeds the frame."""
        return max(0, int(self._widest) - (self.width - 2 * self._style.px(_PAD)) + 1)

    def scroll(self, by: int) -> bool:
        """Move sideways; False when there is nothing to move."""
        before = self.scrolled
        self.scrolled = max(0, min(self.scrolled + by, self.overflow()))
        return self.scrolled != before

    def _take_colours(self) -> None:
        """Colour what can be coloured now: finished lines once, the whole code at its end."""
        if not self.language or self._coloured == self.text:
            return
        workshop = self._style.workshop
        lexer = workshop.lexer(self.language)
        if lexer is None:
            return
        if self._growing:
            self._colour_finished(lexer)
            return
        if len(self._lines) <= _SHORT and max(map(len, self._lines)) < LONGEST_LINE:
            spans: Lines | None = colour_lines(lexer, self.text)
        else:
            spans = workshop.colours(self.text, self.language)
        if spans is not None:
            self._set_spans(0, spans)
            self._coloured = self.text

    def _colour_finished(self, lexer: Lexer) -> None:
        """Colour the lines of open code that came since the last time."""
        first = len(self._spans)
        lines = self._lines[first : min(len(self._lines) - 1, first + _AT_ONCE)]
        if lines:
            short = all(len(line) < LONGEST_LINE for line in lines)
            spans = colour_lines(lexer, "\n".join(lines)) if short else []
            self._set_spans(first, [*spans, *([[]] * (len(lines) - len(spans)))])

    def _set_spans(self, first: int, spans: Lines) -> None:
        """Take colours for the lines from `first` on; lines whose colours differ are redrawn."""
        for number, fresh in enumerate(spans, first):
            known = self._spans[number] if number < len(self._spans) else []
            if fresh != known:
                self._layouts.pop(number, None)
                top = self._code_top() + number * self._style.code.pitch
                self.changed_y = min(self.changed_y, top)
        self._spans[first:] = spans

    def reveal(self, index: int) -> None:
        """Move sideways as little as needed to show a place in the text."""
        x, pad = round(self.caret(index).x()), self._style.px(_PAD)
        if x < pad:
            self.scroll(x - 4 * pad)
        elif x > self.width - pad:
            self.scroll(x - self.width + 4 * pad)

    # -- painting ----------------------------------------------------------

    def _code_top(self) -> int:
        return self._style.px(_HEAD) + self._style.px(_PAD - 4)

    def buttons(self) -> list[Button]:
        """Copy and Save, in coordinates of the box."""
        translate = QCoreApplication.translate
        style = self._style
        side = style.px(_BUTTON)
        copy = Button.worded(style, "copy_code", "copy", translate("transcript", "Copy"))
        copy.name = translate("transcript", "Copy the code")
        save = Button.worded(style, "save_code", "download-simple", translate("transcript", "Save"))
        save.name = translate("transcript", "Save the code")
        right, y = self.width - style.px(6), (style.px(_HEAD) - side) // 2
        for button in (save, copy):
            button.rect = QRect(right - button.rect.width(), y, button.rect.width(), side)
            right = button.rect.left() - style.px(4)
        return [copy, save]

    def paint(self, ink: PaintContext, x: int, y: int, marks: Sequence[Mark]) -> None:
        style, painter = ink.style, ink.painter
        self._take_colours()
        head = style.px(_HEAD)
        if y < ink.bottom and y + self.height > ink.top:
            self._paint_frame(ink, x, y, head)
        if y + head > ink.top:
            label_y = y + (head - style.small.pitch) // 2
            pad = style.px(_PAD)
            draw_text(painter, x + pad, label_y, self.language, style.small, style.colour("muted"))
            for button in self.buttons():
                paint_button(ink, button, x, y)
        pitch, top = style.code.pitch, y + self._code_top()
        first = max(0, (ink.top - top) // pitch)
        last = min(len(self._lines), (ink.bottom - top) // pitch + 1)
        if first >= last:
            return
        painter.save()
        pad = style.px(_PAD)
        painter.setClipRect(
            QRect(x + 1, max(ink.top, y), self.width - 2, ink.bottom - max(ink.top, y)),
            Qt.ClipOperation.IntersectClip,
        )
        painter.setPen(style.colour("text"))
        for number in range(first, last):
            layout = self._layout(number)
            line = self._lines[number]
            ranges = format_ranges(marks, self._starts[number], line + "\n", style) if marks else []
            at = QPointF(x + pad - self.scrolled, top + number * pitch)
            layout.draw(painter, at, ranges)
        painter.restore()
        if self.overflow():
            self._paint_bar(ink, x, y)

    def _paint_frame(self, ink: PaintContext, x: int, y: int, head: int) -> None:
        painter, style = ink.painter, ink.style
        ratio = painter.device().devicePixelRatio()
        inset = 0.5 / ratio
        frame = QRectF(x, y, self.width, self.height).adjusted(inset, inset, -inset, -inset)
        radius = style.look.radius.card
        path = QPainterPath()
        path.addRoundedRect(frame, radius, radius)
        painter.fillPath(path, style.colour("window" if not style.look.dark else "sunken"))
        pen = QPen(style.colour("line"), 1 / ratio)
        painter.strokePath(path, pen)
        painter.setPen(pen)
        line_y = y + head - inset
        painter.drawLine(QPointF(frame.left(), line_y), QPointF(frame.right(), line_y))

    def _paint_bar(self, ink: PaintContext, x: int, y: int) -> None:
        style, painter = ink.style, ink.painter
        room = self.width - 2 * style.px(_PAD)
        whole = room + self.overflow()
        length = max(style.px(32), room * room // whole)
        left = x + style.px(_PAD) + (room - length) * self.scrolled // max(1, self.overflow())
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(style.colour("line_strong"))
        bar = style.px(_BAR)
        painter.drawRoundedRect(
            QRectF(left, y + self.height - bar * 2, length, bar), bar / 2, bar / 2
        )

    def _layout(self, number: int) -> QTextLayout:
        layout = self._layouts.get(number)
        if layout is None:
            kind = self._style.code
            layout = QTextLayout(self._lines[number], kind.font)
            layout.setCacheEnabled(True)
            layout.setTextOption(self._option)
            if number < len(self._spans) and self._spans[number]:
                layout.setFormats(self._ranges(number))
            layout.beginLayout()
            line = layout.createLine()
            if line.isValid():
                line.setLineWidth(1_000_000)
                line.setPosition(QPointF(0, kind.base - line.ascent()))
                self._widest = max(self._widest, line.naturalTextWidth())
            layout.endLayout()
            self._layouts[number] = layout
        return layout

    def _ranges(self, number: int) -> list[QTextLayout.FormatRange]:
        line = self._lines[number]
        ranges = []
        for span in self._spans[number]:
            made = QTextLayout.FormatRange()
            made.start = to_qt(line, span.start)
            made.length = to_qt(line, span.start + span.length) - made.start
            made.format = self._style.span(span.colour)
            ranges.append(made)
        return ranges

    # -- places ------------------------------------------------------------

    def index_at(self, x: float, y: float) -> int:
        number = int((y - self._code_top()) // self._style.code.pitch)
        number = max(0, min(number, len(self._lines) - 1))
        layout = self._layout(number)
        inside = x - self._style.px(_PAD) + self.scrolled
        line = self._lines[number]
        return self._starts[number] + from_qt(line, layout.lineAt(0).xToCursor(inside))

    def caret(self, index: int) -> QRectF:
        number = max(0, bisect_right(self._starts, index) - 1)
        layout = self._layout(number)
        at = to_qt(self._lines[number], index - self._starts[number])
        x = line_x(layout.lineAt(0), at)
        y = self._code_top() + number * self._style.code.pitch
        return QRectF(x + self._style.px(_PAD) - self.scrolled, y, 1, self._style.code.pitch)
