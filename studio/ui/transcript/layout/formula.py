"""A formula on a line of its own: drawn in the middle, or its source until it can be drawn."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF

from studio.core.markdown.formulas import block_parts
from studio.core.markdown.runs import Run
from studio.ui.transcript.layout.boxes import Box, Mark, PaintContext
from studio.ui.transcript.layout.maths import Formula
from studio.ui.transcript.layout.prose import ProseBox
from studio.ui.transcript.layout.style import Style, Type, draw_text

_PAD = 4
_LARGER = 1.2  # than the text around


class FormulaBox(Box):
    """Its text is its source with its marks, drawn or not."""

    def __init__(self, style: Style, kind: Type) -> None:
        self._style = style
        self._kind = kind
        self._source = ProseBox(style, style.code)
        self._formula: Formula | None = None
        self._scale = 1.0
        self._tail = ""  # the signs of the sentence that goes on behind it
        self.changed_y = 0

    def show(self, source: str, width: int) -> None:
        """Show a formula."""
        style = self._style
        self.text, self.width, self.changed_y = source, width, 0
        size = round(self._kind.size * _LARGER)
        body, self._tail = block_parts(source)
        drawn = style.formula(body, True, size, self._kind)
        self.waits = drawn is None
        self._formula = drawn if isinstance(drawn, Formula) else None
        if self._formula is None:
            self._source.show([Run(source)], width)
            self.height = self._source.height
            return
        self._scale = min(1.0, width / self._formula.width)
        self.height = round(self._formula.height * self._scale) + 2 * style.px(_PAD)

    def _frame(self) -> QRectF:
        """Where the picture is."""
        assert self._formula is not None
        width, height = self._formula.width * self._scale, self._formula.height * self._scale
        return QRectF(round((self.width - width) / 2), self._style.px(_PAD), width, height)

    def paint(self, ink: PaintContext, x: int, y: int, marks: Sequence[Mark]) -> None:
        if self._formula is None:
            self._source.paint(ink, x, y, marks)
            return
        frame = self._frame().translated(x, y)
        if marks:
            ink.painter.fillRect(frame.adjusted(-4, -2, 4, 2), ink.style.colour("accent_soft"))
        if self._scale < 1:
            ink.painter.setRenderHint(ink.painter.RenderHint.SmoothPixmapTransform)
        ink.painter.drawImage(frame, self._formula.image)
        if self._tail:
            base = frame.top() + self._formula.ascent * self._scale
            top = round(base) - self._kind.base
            colour = ink.style.colour(self._kind.colour)
            draw_text(ink.painter, frame.right() + 3, top, self._tail, self._kind, colour)

    def index_at(self, x: float, y: float) -> int:
        if self._formula is None:
            return self._source.index_at(x, y)
        return 0 if x < self.width / 2 else len(self.text)

    def caret(self, index: int) -> QRectF:
        if self._formula is None:
            return self._source.caret(index)
        frame = self._frame()
        x = frame.left() if index * 2 < len(self.text) else frame.right()
        return QRectF(x, frame.top(), 1, frame.height())
