"""Icons beside words: drawn on every paint, so that they follow theme and scale."""

from __future__ import annotations

from PySide6.QtCore import QSize
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QPushButton, QWidget

from studio.ui import theme
from studio.ui.icons import paint_icon


def give_air(button: QPushButton) -> None:
    """Set the icon of a button apart from its words.

    Qt leaves 4 pixels and offers no way to change that; an icon wider than high leaves more.
    """
    side = theme.current().size.icon
    button.setIconSize(QSize(side + theme.current().space.s, side))


class IconMark(QWidget):
    """Decoration only: the words beside it say what it means."""

    def __init__(
        self, name: str, side: int, colour: str = "muted", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._name, self._colour = name, colour
        self.setFixedSize(side, side)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        paint_icon(painter, self.rect(), self._name, self._colour)
