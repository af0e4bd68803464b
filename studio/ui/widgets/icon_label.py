"""An icon that only decorates: sharp at every scale, following the theme."""

from __future__ import annotations

from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from studio.ui import theme
from studio.ui.icons import paint_icon


class IconLabel(QWidget):
    """Draws one icon by its Phosphor name."""

    def __init__(self, name: str, colour: str = "muted", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name, self._colour = name, colour
        self.setFixedSize(theme.current().size.icon, theme.current().size.icon)

    def paintEvent(self, event: QPaintEvent) -> None:
        paint_icon(QPainter(self), self.rect(), self._name, self._colour)
