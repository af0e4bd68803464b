"""A card to choose one of a few: a radio button with a title and a second line."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QRadioButton, QSizePolicy, QWidget

from studio.ui.look import theme
from studio.ui.widgets.controls import leave_keyboard

_HEIGHT = 58
_RING = 9.0  # outer radius
_HOLE = 4.0


class SiteCard(QRadioButton):
    """Arrow keys move between the cards of one parent, as with all radio buttons."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        leave_keyboard(self)
        self._caption = ""
        # The theme gives radio buttons a lower least height than a card needs.
        self.setStyleSheet(f"min-height: {_HEIGHT}px;")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def set_words(self, title: str, caption: str) -> None:
        """Title in the first line, caption below it."""
        self._caption = caption
        self.setText(title)
        self.setAccessibleDescription(caption)
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(200, _HEIGHT)

    def minimumSizeHint(self) -> QSize:
        return QSize(160, _HEIGHT)

    def hitButton(self, place: QPoint) -> bool:
        return self.rect().contains(place)

    def paintEvent(self, event: QPaintEvent) -> None:
        look, chosen = theme.current(), self.isChecked()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        strong = chosen or self.hasFocus()
        edge = theme.colour("accent" if strong else "line")
        width = 2 if chosen else 1
        painter.setPen(QPen(edge, width))
        painter.setBrush(theme.colour("hover" if self.underMouse() and not chosen else "surface"))
        half = width / 2
        box = QRectF(self.rect()).adjusted(half, half, -half, -half)
        painter.drawRoundedRect(box, look.radius.card, look.radius.card)
        if chosen and self.hasFocus():
            painter.setPen(QPen(theme.colour("accent"), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            inner = box.adjusted(3, 3, -3, -3)
            painter.drawRoundedRect(inner, look.radius.inner, look.radius.inner)
        self._paint_ring(painter, QPointF(look.space.xl, self.height() / 2), chosen)
        self._paint_words(painter, look.space.xl + round(_RING) + look.space.m)

    def _paint_ring(self, painter: QPainter, centre: QPointF, chosen: bool) -> None:
        if chosen:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.colour("accent"))
            painter.drawEllipse(centre, _RING, _RING)
            painter.setBrush(theme.colour("accent_on"))
            painter.drawEllipse(centre, _HOLE, _HOLE)
            return
        painter.setPen(QPen(theme.colour("line_strong"), 2))
        painter.setBrush(theme.colour("surface"))
        painter.drawEllipse(centre, _RING - 1, _RING - 1)

    def _paint_words(self, painter: QPainter, left: int) -> None:
        look = theme.current()
        title = theme.ui_font(look.type.body, QFont.Weight.DemiBold)
        caption = theme.ui_font(look.type.small)
        above, below = QFontMetrics(title), QFontMetrics(caption)
        room = self.width() - left - look.space.s
        top = (self.height() - above.height() - below.height()) // 2
        elide = Qt.TextElideMode.ElideRight
        painter.setFont(title)
        painter.setPen(theme.colour("text" if self.isEnabled() else "faint"))
        painter.drawText(left, top + above.ascent(), above.elidedText(self.text(), elide, room))
        painter.setFont(caption)
        painter.setPen(theme.colour("muted"))
        baseline = top + above.height() + below.ascent()
        painter.drawText(left, baseline, below.elidedText(self._caption, elide, room))
