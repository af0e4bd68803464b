"""Fonts, measures and text formats of the transcript for one theme and one zoom."""

from __future__ import annotations

from functools import cache

from PySide6.QtCore import Qt
from PySide6.QtGui import (
    QBrush,
    QColor,
    QFont,
    QFontMetricsF,
    QPainter,
    QTextCharFormat,
    QTextOption,
)

from studio.core.markdown.runs import Face
from studio.ui.look import theme
from studio.ui.transcript.layout.background import BackgroundRenderer
from studio.ui.transcript.layout.maths import Formula

_HEADINGS = (1.46, 1.27, 1.13, 1.0, 1.0, 1.0)  # of the reading size
FORMULA_SIZE = 1.1  # of the text: the letters of the maths font are smaller
CODE_GAP = 4  # pixels beside inline code for its ground
_SPACED = 1 << 20
STRESSED = 1 << 21  # what italics are in Chinese, which has no slanted letters
_PICTURE_WIDTH, _PICTURE = 440, 300  # at most, of a picture that stands in the text
_CODE_LINE = 1.6
_TABLE_LINE = 1.5


class Type:
    """A font with the pitch of its lines and where the baseline lies in a line."""

    __slots__ = ("base", "colour", "font", "pitch", "size")

    def __init__(self, font: QFont, line: float, colour: str = "text") -> None:
        self.font = font
        self.colour = colour
        self.size = font.pixelSize()
        metrics = QFontMetricsF(font)
        self.pitch = round(font.pixelSize() * line)
        self.base = round((self.pitch + metrics.ascent() - metrics.descent()) / 2)


class _Lengths(dict[float, int]):
    """Lengths at a zoom, computed when first asked for."""

    def __init__(self, zoom: float) -> None:
        super().__init__()
        self._zoom = zoom

    def __missing__(self, length: float) -> int:
        made = self[length] = max(1, round(length * self._zoom))
        return made


class Style:
    """Everything that painting needs to know of the theme, made once."""

    def __init__(
        self, look: theme.Theme, zoom: float, ratio: float, workshop: BackgroundRenderer
    ) -> None:
        self.look = look
        self.zoom = zoom
        self.ratio = ratio  # device pixels a logical pixel
        self.workshop = workshop
        self._lengths = _Lengths(zoom)
        kind, weight = look.type, QFont.Weight
        ui, px = theme.ui_font, self.px
        line = kind.reading_line
        self.reading = Type(ui(px(kind.reading)), line)
        self.asked = Type(ui(px(kind.body)), 1.7)
        self.thought = Type(ui(px(kind.body)), line, "muted")
        self.headings = [
            Type(ui(px(kind.reading * scale), weight.DemiBold), 1.4) for scale in _HEADINGS
        ]
        self.cell = Type(ui(px(kind.body)), _TABLE_LINE)
        self.cell_head = Type(ui(px(kind.small), weight.DemiBold), _TABLE_LINE, "muted")
        self.code = Type(theme.code_font(px(kind.code)), _CODE_LINE)
        self.small = Type(ui(px(kind.small)), 1.4, "muted")
        self.caption = Type(ui(px(kind.caption)), 1.4, "faint")
        self.name = Type(ui(px(kind.small), weight.DemiBold), 1.4)
        self.title = Type(ui(px(kind.body), weight.DemiBold), 1.4)
        self.number = Type(theme.code_font(px(kind.caption)), 1.4, "muted")
        self.code_width = QFontMetricsF(self.code.font).horizontalAdvance("0")
        self.indent = px(26)
        self._spans: dict[str, QTextCharFormat] = {}
        self._formats: dict[tuple[int, bool, int], QTextCharFormat] = {}
        self._colours = {name: QColor(getattr(look.colour, name)) for name in theme.colour_names()}

    def px(self, length: float) -> int:
        """A length at this zoom."""
        return self._lengths[length]

    def colour(self, name: str) -> QColor:
        """A colour of the theme by its name."""
        return self._colours[name]

    def formula(self, source: str, display: bool, size: int, kind: Type) -> Formula | bool | None:
        """A drawn formula; None while it is drawn, False when that is not possible."""
        colour = self.colour(kind.colour).name()
        return self.workshop.formula(source, display, size, colour, self.ratio, kind.font)

    def picture(self, data: str, room: int) -> Formula | bool | None:
        """A picture that stands in the text, ready to be drawn; None while it is made, else False.

        `data` is its whole address, `room` the width of the text.
        """
        width = max(1, min(self.px(_PICTURE_WIDTH), room - 8))
        return self.workshop.picture(data, width, self.px(_PICTURE), self.ratio)

    def format(self, face: int, linked: bool, size: int) -> QTextCharFormat:
        """How a run looks in text of `size` pixels."""
        key = (face, linked, size)
        made = self._formats.get(key)
        if made is None:
            made = self._formats[key] = self._made(face, linked, size)
        return made

    def spaced(self, face: int, linked: bool, size: int) -> QTextCharFormat:
        """The same, with room behind the character for the ground of inline code."""
        key = (face | _SPACED, linked, size)
        made = self._formats.get(key)
        if made is None:
            made = self._formats[key] = self._made(face, linked, size)
            made.setFontLetterSpacingType(QFont.SpacingType.AbsoluteSpacing)
            made.setFontLetterSpacing(CODE_GAP)
        return made

    def span(self, colour: str) -> QTextCharFormat:
        """Text in a colour of the theme."""
        made = self._spans.get(colour)
        if made is None:
            made = self._spans[colour] = QTextCharFormat()
            made.setForeground(QBrush(self.colour(colour)))
        return made

    def mark(self, ground: str, text: str) -> QTextCharFormat:
        """Text in one colour of the theme on another one."""
        key = f"{ground}/{text}"
        made = self._spans.get(key)
        if made is None:
            made = self._spans[key] = QTextCharFormat()
            made.setBackground(QBrush(self.colour(ground)))
            made.setForeground(QBrush(self.colour(text)))
        return made

    def stand_in(self, kind: Type, width: float) -> tuple[QTextCharFormat, QTextCharFormat]:
        """Formats of a letter that takes `width`, and of letters that take no room."""
        tiny = QFont(kind.font)
        tiny.setPixelSize(1)
        hidden = QTextCharFormat()
        hidden.setFont(tiny)
        hidden.setForeground(QBrush(Qt.GlobalColor.transparent))
        wide = QFont(tiny)
        room = width - QFontMetricsF(tiny).horizontalAdvance("M")
        wide.setLetterSpacing(QFont.SpacingType.AbsoluteSpacing, room)
        placed = QTextCharFormat(hidden)
        placed.setFont(wide)
        return placed, hidden

    def _made(self, face: int, linked: bool, size: int) -> QTextCharFormat:
        made = QTextCharFormat()
        linked = linked and not face & Face.EMBEDDED
        if face & Face.BOLD:
            made.setFontWeight(QFont.Weight.DemiBold)
        elif face & STRESSED:
            made.setFontWeight(QFont.Weight.Medium)
        if face & Face.ITALIC:
            made.setFontItalic(True)
        if face & Face.STRIKE:
            made.setFontStrikeOut(True)
        if face & (Face.CODE | Face.FORMULA | Face.KEY):
            code = theme.code_font(max(1, round(size * 0.87)))
            code.setBold(bool(face & Face.BOLD))
            code.setItalic(bool(face & Face.ITALIC))
            made.setFont(code, QTextCharFormat.FontPropertiesInheritanceBehavior.FontPropertiesAll)
        if linked or face & Face.UNDERLINE:
            made.setFontUnderline(True)
        self._place(made, face)
        self._paint(made, face, linked)
        return made

    @staticmethod
    def _place(made: QTextCharFormat, face: int) -> None:
        """Above or below the line."""
        if face & (Face.NOTE | Face.SUP):
            made.setVerticalAlignment(QTextCharFormat.VerticalAlignment.AlignSuperScript)
        elif face & Face.SUB:
            made.setVerticalAlignment(QTextCharFormat.VerticalAlignment.AlignSubScript)

    def _paint(self, made: QTextCharFormat, face: int, linked: bool) -> None:
        """The colours of the text and of its ground."""
        colour = "faint" if face & Face.FAINT else "muted" if face & Face.PICTURE else ""
        if linked or face & Face.NOTE:
            colour = "accent_text"
        if colour:
            made.setForeground(QBrush(self.colour(colour)))
        if face & Face.MARKED:
            made.setBackground(QBrush(self.colour("warn_soft")))


@cache
def wrapping(
    mode: QTextOption.WrapMode,
    align: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignLeft,
    rtl: bool = False,
) -> QTextOption:
    """How lines are broken and aligned; the direction is that of the whole paragraph."""
    option = QTextOption()
    option.setWrapMode(mode)
    direction = Qt.LayoutDirection.RightToLeft if rtl else Qt.LayoutDirection.LeftToRight
    option.setTextDirection(direction)
    if rtl and align == Qt.AlignmentFlag.AlignLeft:
        align = Qt.AlignmentFlag.AlignRight
    option.setAlignment(align | Qt.AlignmentFlag.AlignAbsolute)
    return option


def draw_text(painter: QPainter, x: float, y: int, text: str, kind: Type, colour: QColor) -> None:
    """One line of text whose line begins at `y`."""
    painter.setFont(kind.font)
    painter.setPen(colour)
    painter.drawText(int(x), y + kind.base, text)


_ZOOMS = (0.7, 0.8, 0.9, 1.0, 1.1, 1.25, 1.5, 1.75, 2.0, 2.5)


def next_zoom(zoom: float, step: int) -> float:
    """The next larger (1) or smaller (-1) zoom, or the designed one (0)."""
    if not step:
        return 1.0
    index = _ZOOMS.index(min(_ZOOMS, key=lambda each: abs(each - zoom))) + step
    return _ZOOMS[max(0, min(index, len(_ZOOMS) - 1))]
