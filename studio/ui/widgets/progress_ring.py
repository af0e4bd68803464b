"""A ring that turns while something runs whose end is not known."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QHideEvent, QPainter, QPaintEvent, QPen, QShowEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from studio.ui.look import theme

_FRAME_MS = 50
_STEP = 12  # degrees a frame
_ARC = 110
_STROKE = 3


class ProgressRing(QWidget):
    """Turns only while it is shown and `set_turning(True)`; otherwise it costs nothing."""

    def __init__(self, side: int = 32, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._side = side
        self._turn = 0
        self._turning = False
        self._timer = QTimer(self)
        self._timer.setInterval(_FRAME_MS)
        self._timer.timeout.connect(self._on_frame)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def set_turning(self, turning: bool) -> None:
        """Turn, or stand still as a plain circle."""
        self._turning = turning
        self._follow()
        self.update()

    def is_ticking(self) -> bool:
        """Whether the ring is being redrawn now."""
        return self._timer.isActive()

    def sizeHint(self) -> QSize:
        """A square."""
        return QSize(self._side, self._side)

    def showEvent(self, event: QShowEvent) -> None:
        """Turn again."""
        super().showEvent(event)
        self._follow()

    def hideEvent(self, event: QHideEvent) -> None:
        """Nobody sees it: stop."""
        super().hideEvent(event)
        self._follow()

    def paintEvent(self, event: QPaintEvent) -> None:
        """The track, and the arc on it."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        inset = _STROKE / 2 + 1
        box = QRectF(self.rect()).adjusted(inset, inset, -inset, -inset)
        pen = QPen(theme.colour("line_strong"), _STROKE)
        painter.setPen(pen)
        painter.drawEllipse(box)
        if self._turning:
            pen.setColor(theme.colour("accent"))
            pen.setCapStyle(Qt.PenCapStyle.RoundCap)
            painter.setPen(pen)
            painter.drawArc(box, (90 - self._turn) * 16, -_ARC * 16)

    def _follow(self) -> None:
        wanted = self._turning and self.isVisible()
        if wanted and not self._timer.isActive():
            self._timer.start()
        elif not wanted:
            self._timer.stop()

    def _on_frame(self) -> None:
        self._turn = (self._turn + _STEP) % 360
        self.update()
