"""The mark of the program, drawn."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFont, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from studio.ui.look import theme

_CORNER = 12 / 44  # of its side
_SMALL = 32


class Logo(QWidget):
    """A white M on the accent."""

    def __init__(self, side: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedSize(side, side)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect())
        painter.setPen(Qt.PenStyle.NoPen)
        self._set_ground(painter, box)
        corner = box.width() * _CORNER
        painter.drawRoundedRect(box, corner, corner)
        painter.setPen(theme.colour("accent_on"))
        painter.setFont(theme.ui_font(round(box.width() / 2), QFont.Weight.Bold))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, "M")

    def _set_ground(self, painter: QPainter, box: QRectF) -> None:
        if self.width() <= _SMALL:
            # Nobody sees a wash this small; a QBrush or gradient would cost 3 ms of enums before
            # the first paint.
            painter.setBrush(theme.colour("accent"))
            return
        from PySide6.QtGui import QLinearGradient

        wash = QLinearGradient(box.topLeft(), box.bottomRight())
        wash.setColorAt(0, theme.colour("accent"))
        wash.setColorAt(1, theme.colour("accent_light"))
        painter.setBrush(wash)
