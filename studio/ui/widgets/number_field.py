"""A field for one number that may be left empty: nothing entered means nothing is sent."""

from __future__ import annotations

from PySide6.QtCore import QRegularExpression, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QRegularExpressionValidator
from PySide6.QtWidgets import QLineEdit, QWidget

from studio.core.models import Range
from studio.ui import theme

_WHOLE = QRegularExpression(r"\d{0,10}")
_DECIMAL = QRegularExpression(r"\d{0,4}([.]\d{0,2})?")
_PAGE = 10  # steps that PageUp and PageDown make


class NumberField(QLineEdit):
    """Takes digits only, so its text is always a number or empty; it may be out of range.

    The range bounds the arrow keys alone: what was typed stays as typed, and whoever reads the
    value says what is wrong with it. `caption` is drawn inside at the left.
    """

    value_changed = Signal()

    def __init__(self, *, decimals: int = 0, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._decimals = decimals
        self._range: Range | None = None
        self._step: float = 1.0
        self._caption = ""
        self.setValidator(QRegularExpressionValidator(_DECIMAL if decimals else _WHOLE, self))
        self.textChanged.connect(self._on_text_changed)

    def set_range(self, allowed: Range, step: float = 1.0) -> None:
        """Bounds and stride of the arrow keys."""
        self._range, self._step = allowed, step

    def set_caption(self, text: str) -> None:
        """A short name drawn inside the field, with the number at the right."""
        self._caption = text
        self.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.setTextMargins(self.fontMetrics().horizontalAdvance(text), 0, 0, 0)
        self.update()

    def value(self) -> float | None:
        """The number, or None while the field is empty."""
        text = self.text().rstrip(".")
        return float(text) if text else None

    def whole(self) -> int | None:
        """The number without decimals, or None while the field is empty."""
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
        start = self._range.default if value is None else value + stride * self._step
        self.set_value(min(max(start, self._range.low), self._range.high))

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

    def _on_text_changed(self) -> None:
        self.value_changed.emit()
