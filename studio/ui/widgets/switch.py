"""A check box drawn as a switch."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QCheckBox

from studio.ui.look import theme
from studio.ui.widgets.controls import leave_keyboard

_SWITCH = QSize(34, 20)


class Switch(QCheckBox):
    """On or off, at once."""

    def __init__(self) -> None:
        super().__init__()
        leave_keyboard(self)

    def sizeHint(self) -> QSize:
        return _SWITCH + QSize(4, 4)

    def hitButton(self, place: QPoint) -> bool:
        return self.rect().contains(place)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(2, (self.height() - _SWITCH.height()) / 2, _SWITCH.width(), _SWITCH.height())
        round_ = box.height() / 2
        on = self.isChecked()
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour("accent" if on else "line_strong"))
        painter.drawRoundedRect(box, round_, round_)
        knob = QRectF(0, 0, box.height() - 4, box.height() - 4)
        knob.moveCenter(box.center())
        knob.moveLeft(box.right() - knob.width() - 2 if on else box.left() + 2)
        painter.setBrush(theme.colour("accent_on"))
        painter.drawEllipse(knob)
        if self.hasFocus():
            painter.setPen(QPen(theme.colour("accent"), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(box.adjusted(-1.5, -1.5, 1.5, 1.5), round_ + 1, round_ + 1)
