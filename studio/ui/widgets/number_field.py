"""A field for one number that may be left empty: nothing entered means nothing is sent."""

from __future__ import annotations

import re

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from studio.core.models import Range
from studio.core.numbers import read_number, read_size
from studio.ui.look import theme
from studio.ui.widgets.words_line import WordsLine

_PLAIN = re.compile(r"([0-9]+\.?[0-9]*)?")
_PAGE = 10  # steps that PageUp and PageDown make
_PASTED = 3  # characters that come at once are not typed


class NumberField(WordsLine):
    """Reads numbers as people write and paste them; nothing that was entered vanishes.

    The range bounds the arrow keys alone: what was typed stays as typed, and whoever reads the
    value says what is wrong with it; `unreadable` is what holds no number. A readable text becomes
    plain digits when the field is left or was pasted into. `size_pasted(width, height)` tells of
    a whole size. `caption` is drawn inside at the left.
    """

    value_changed = Signal()
    size_pasted = Signal(int, int)

    def __init__(
        self, *, decimals: int = 0, takes_size: bool = False, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._decimals, self._takes_size = decimals, takes_size
        self._range: Range | None = None
        self._step: float = 1.0
        self._caption = ""
        self._length = 0
        self.textChanged.connect(self._on_text_changed)
        self.textEdited.connect(self._on_edited)
        self.editingFinished.connect(self._settle)

    def set_range(self, allowed: Range, step: float = 1.0) -> None:
        """Bounds and stride of the arrow keys."""
        self._range, self._step = allowed, step

    def set_caption(self, text: str) -> None:
        """A short name drawn inside the field, with the number at the right."""
        self._caption = text
        self.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.setTextMargins(self.fontMetrics().horizontalAdvance(text), 0, 0, 0)
        self.update()

    @property
    def allowed(self) -> Range:
        """Bounds of the arrow keys."""
        return self._range or Range(0, 0, 0)

    @property
    def decimals(self) -> int:
        """How many digits after the point are shown; 0 for whole numbers."""
        return self._decimals

    @property
    def unreadable(self) -> str:
        """What the field holds while that is no number; else ""."""
        try:
            read_number(self.text(), whole=not self._decimals)
        except ValueError:
            return self.text()
        return ""

    def value(self) -> float | None:
        """The number, or None while there is none."""
        try:
            return read_number(self.text(), whole=not self._decimals)
        except ValueError:
            return None

    def whole(self) -> int | None:
        """The number without decimals, or None while there is none."""
        value = self.value()
        return None if value is None else int(value)

    def set_value(self, value: float | None) -> None:
        """Show a number; None empties the field."""
        shown = "" if value is None else f"{value:.{self._decimals}f}"
        if shown != self.text():
            self.setText(shown)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows and page keys count up and down."""
        strides = {
            Qt.Key.Key_Up: 1,
            Qt.Key.Key_Down: -1,
            Qt.Key.Key_PageUp: _PAGE,
            Qt.Key.Key_PageDown: -_PAGE,
        }
        stride = strides.get(Qt.Key(event.key()))
        if stride is None or self._range is None:
            super().keyPressEvent(event)
            return
        value = self.value()
        start = self._range.default if value is None else self._stepped(value, stride)
        self.set_value(min(max(start, self._range.low), self._range.high))

    def _stepped(self, value: float, stride: int) -> float:
        """The next multiple of a step above 1; smaller steps go on from where the value is."""
        if self._step <= 1:
            return value + stride * self._step
        steps = value // self._step if stride > 0 else -(-value // self._step)
        return (steps + stride) * self._step

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the field, then its caption."""
        super().paintEvent(event)
        if not self._caption:
            return
        painter = QPainter(self)
        painter.setPen(theme.colour("faint"))
        painter.setFont(theme.ui_font(theme.current().type.caption))
        box = self.rect().adjusted(theme.current().space.m, 0, 0, 0)
        painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, self._caption)

    def _on_text_changed(self, text: str) -> None:
        self._length = len(text)
        self.value_changed.emit()

    def _on_edited(self, text: str) -> None:
        if len(text) >= self._length + _PASTED:  # the length before: textChanged comes later
            self._settle()

    def _settle(self) -> None:
        """Show plain digits for what was written otherwise, and pass a whole size on."""
        text = self.text()
        size = read_size(text) if self._takes_size else None
        if size is not None:
            self.size_pasted.emit(*size)
        elif not _PLAIN.fullmatch(text) and (value := self.value()) is not None:
            self.setText(f"{value:.15g}")
