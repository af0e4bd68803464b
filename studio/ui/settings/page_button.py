"""One page of the settings in their navigation: a sign and its words, or the sign alone."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QFocusEvent, QFont, QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy

from studio.ui.look import theme
from studio.ui.look.icons import paint_icon
from studio.ui.widgets.focus_ring import ring_after

_ROW = 36


class PageButton(QAbstractButton):
    """One page in the navigation; arrow keys move from one to the next."""

    def __init__(self, icon_name: str) -> None:
        super().__init__()
        self._icon_name = icon_name
        self._narrow = False
        self._ring = False
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.MinimumExpanding, QSizePolicy.Policy.Fixed)

    def set_narrow(self, narrow: bool) -> None:
        """Show the sign alone; the words are in the tooltip then."""
        self._narrow = narrow
        self.setToolTip(self.text() if narrow else "")
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        look = theme.current()
        if self._narrow:
            return QSize(self._mark.right() + look.space.s + 2, _ROW)
        bold = QFontMetrics(theme.ui_font(look.type.body, QFont.Weight.DemiBold))
        words = bold.horizontalAdvance(self.text()) + 1
        return QSize(self._mark.right() + look.space.m + words + look.space.s, _ROW)

    @property
    def _mark(self) -> QRect:
        look = theme.current()
        side = look.size.icon
        return QRect(look.space.s + 2, (self.height() - side) // 2, side, side)

    def focusInEvent(self, event: QFocusEvent) -> None:
        self._ring = ring_after(event, self._ring)
        super().focusInEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        look, chosen = theme.current(), self.isChecked()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        if chosen or self.underMouse():
            painter.setBrush(theme.colour("accent_soft" if chosen else "hover"))
            painter.drawRoundedRect(self.rect(), look.radius.control, look.radius.control)
        if self.hasFocus() and self._ring:
            painter.setPen(QPen(theme.colour("accent"), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            edge = self.rect().adjusted(0, 0, -1, -1)
            painter.drawRoundedRect(edge, look.radius.control, look.radius.control)
        place = self._mark
        colour = "accent_text" if chosen else "text"
        name = f"{self._icon_name}-fill" if chosen else self._icon_name
        paint_icon(painter, place, name, colour if chosen else "muted")
        weight = QFont.Weight.DemiBold if chosen else QFont.Weight.Normal
        painter.setFont(theme.ui_font(look.type.body, weight))
        painter.setPen(theme.colour(theme.words_colour(colour, self.text())))
        if self._narrow:
            return
        words = self.rect().adjusted(place.right() + look.space.m, 0, -look.space.s, 0)
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter, self.text())
