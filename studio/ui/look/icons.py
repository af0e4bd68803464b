"""Icons drawn from the Phosphor font: sharp at every scale, in the colour of the theme."""

from __future__ import annotations

import json
from functools import cache

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtGui import QFont, QFontDatabase, QIcon, QIconEngine, QPainter, QPixmap

from studio import assets
from studio.ui.look import theme


@cache
def _font_family() -> str:
    number = QFontDatabase.addApplicationFont(str(assets.icon_font()[0]))
    return QFontDatabase.applicationFontFamilies(number)[0]


@cache
def _codes() -> dict[str, str]:
    codes: dict[str, str] = json.loads(assets.icon_font()[1].read_text(encoding="utf-8"))
    return codes


@cache
def _glyph(name: str) -> str:
    return chr(int(_codes()[name], 16))


def paint_icon(painter: QPainter, rect: QRect, name: str, colour: str) -> None:
    """Draw the icon `name` (a Phosphor name) filling `rect` in a colour of the theme by name."""
    font = QFont(_font_family())
    font.setPixelSize(min(rect.width(), rect.height()))
    painter.save()
    painter.setFont(font)
    painter.setPen(theme.colour(colour))
    painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, _glyph(name))
    painter.restore()


class _GlyphEngine(QIconEngine):
    """Draws one glyph, another one while the control is checked; asks the theme each time."""

    def __init__(self, name: str, checked: str, colour: str, checked_colour: str) -> None:
        super().__init__()
        self._name, self._checked = name, checked
        self._colour, self._checked_colour = colour, checked_colour

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        on = state == QIcon.State.On
        name = self._checked if on else self._name
        own = self._checked_colour if on else self._colour
        colour = "faint" if mode == QIcon.Mode.Disabled else own
        paint_icon(painter, rect, name, colour)

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        return self.scaledPixmap(size, mode, state, 1.0)

    def scaledPixmap(
        self, size: QSize, mode: QIcon.Mode, state: QIcon.State, scale: float
    ) -> QPixmap:
        # `size` is in logical pixels: a pixmap of as many device pixels would be blurred at 2x.
        device = size * scale
        picture = QPixmap(device)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        self.paint(painter, QRect(QPoint(0, 0), device), mode, state)
        painter.end()
        picture.setDevicePixelRatio(scale)
        return picture

    def clone(self) -> QIconEngine:
        return _engine(self._name, self._checked, self._colour, self._checked_colour)


# Python must keep the engines: Qt owns them, but PySide would collect the Python half.
_engines: list[_GlyphEngine] = []


def _engine(name: str, checked: str, colour: str, checked_colour: str) -> _GlyphEngine:
    _engines.append(_GlyphEngine(name, checked, colour, checked_colour))
    return _engines[-1]


@cache
def icon(name: str, checked: str = "", colour: str = "text", checked_colour: str = "") -> QIcon:
    """An icon by its Phosphor name; `checked` is drawn while the control is on."""
    return QIcon(_engine(name, checked or name, colour, checked_colour or colour))
