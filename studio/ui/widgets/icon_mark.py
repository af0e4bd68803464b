"""Icons beside words: drawn on every paint, so that they follow theme and scale."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QPushButton, QWidget

from studio.ui.look import theme
from studio.ui.look.icons import paint_icon

TILE = 36


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


class IconTile(QWidget):
    """An icon on a small tinted square; decoration only."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name = name
        self.setFixedSize(TILE, TILE)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour("accent_soft"))
        radius = theme.current().radius.control
        painter.drawRoundedRect(self.rect(), radius, radius)
        side = theme.current().size.icon
        place = QRect(0, 0, side, side)
        place.moveCenter(self.rect().center())
        paint_icon(painter, place, self._name, "accent_text")
