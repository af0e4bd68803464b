"""Painted buttons of the transcript: an icon, words, or both."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QFontMetrics, QPen

from studio.ui.look.icons import paint_icon
from studio.ui.transcript.layout.boxes import PaintContext, centred
from studio.ui.transcript.layout.style import Style, draw_text


class Look(Enum):
    """How a button is drawn while nothing points at it."""

    QUIET = "quiet"
    FRAMED = "framed"
    PRIMARY = "primary"


@dataclass(slots=True)
class Button:
    """One button; `name` is what a screen reader and the tooltip say."""

    action: str
    icon: str
    name: str
    words: str = ""
    look: Look = Look.QUIET
    enabled: bool = True
    rect: QRect = field(default_factory=QRect)
    hovered: bool = False
    focused: bool = False

    def moved(self, x: int, y: int) -> Button:
        """The same button elsewhere."""
        made = Button(self.action, self.icon, self.name, self.words, self.look, self.enabled)
        made.rect = self.rect.translated(x, y)
        return made

    @staticmethod
    def worded(style: Style, action: str, icon: str, words: str, look: Look = Look.QUIET) -> Button:
        """A button as wide as its words need."""
        button = Button(action, icon, words, words, look)
        font = style.small.font if look is Look.QUIET else style.name.font
        width = QFontMetrics(font).horizontalAdvance(words) + style.px(20)
        if icon:
            width += style.px(22)
        button.rect = QRect(0, 0, width, style.px(30))
        return button


def paint_button(ink: PaintContext, button: Button, x: int, y: int) -> None:
    """Draw a button whose box has its corner at (x, y)."""
    painter, style = ink.painter, ink.style
    rect = button.rect.translated(x, y)
    if rect.bottom() < ink.top or rect.top() > ink.bottom:
        return
    _paint_ground(ink, button, rect)
    colour = "muted" if button.look is Look.QUIET else "text"
    if button.look is Look.PRIMARY:
        colour = "accent_on"
    elif not button.enabled:
        colour = "faint"
    elif button.hovered:
        colour = "text"
    side = style.px(16)
    icon = centred(rect, side)
    if not button.words:
        paint_icon(painter, icon, button.icon, colour)
        return
    left = rect.left() + style.px(10)
    if button.icon:
        icon.moveLeft(left)
        paint_icon(painter, icon, button.icon, colour)
        left += style.px(22)
    kind = style.small if button.look is Look.QUIET else style.name
    top = rect.top() + (rect.height() - kind.pitch) // 2
    draw_text(painter, left, top, button.words, kind, style.colour(colour))


def _paint_ground(ink: PaintContext, button: Button, rect: QRect) -> None:
    painter, style = ink.painter, ink.style
    inset = 0.5 / painter.device().devicePixelRatio()
    frame = QRectF(rect).adjusted(inset, inset, -inset, -inset)
    radius = style.look.radius.inner
    if button.look is Look.PRIMARY:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(style.colour("accent_press" if button.hovered else "accent"))
        painter.drawRoundedRect(frame, radius, radius)
    elif button.look is Look.FRAMED:
        painter.setPen(QPen(style.colour("line"), inset * 2))
        painter.setBrush(style.colour("hover" if button.hovered else "surface"))
        painter.drawRoundedRect(frame, radius, radius)
    elif button.hovered and button.enabled:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(style.colour("hover"))
        painter.drawRoundedRect(frame, radius, radius)
    if button.focused:
        painter.setPen(QPen(style.colour("accent"), 2))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(frame.adjusted(1, 1, -1, -1), radius, radius)
