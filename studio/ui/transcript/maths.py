"""Draws formulas: LaTeX to an image with a baseline, or nothing when that is not possible."""

from __future__ import annotations

import re
import warnings
from typing import NamedTuple

from PySide6.QtCore import QByteArray, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QImage, QPainter

_ENVIRONMENTS = frozenset(
    [
        "aligned",
        "align",
        "align*",
        "alignat",
        "gathered",
        "gather",
        "gather*",
        "split",
        "cases",
        "array",
        "matrix",
        "pmatrix",
        "bmatrix",
        "Bmatrix",
        "vmatrix",
        "Vmatrix",
        "smallmatrix",
        "equation",
        "equation*",
        "multline",
        "multline*",
        "eqnarray",
    ]
)
_BEGIN = re.compile(r"\\begin\s*\{([^}]*)\}")
_TAG = re.compile(r"\\tag\*?\s*\{([^{}]*)\}")
# The converter drops what these commands hold.
_DROPPED = re.compile(
    r"\\(?:mathop|mathbin|mathrel|mathord|label\s*\{[^{}]*\}|nonumber|notag)(?![A-Za-z])"
)
_HAN = re.compile(r"[\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\uff00-\uffef]+")
_WORDS = re.compile(r"\\(?:text|textbf|textit|mbox|mathrm|operatorname)\s*\{[^{}]*\}")
_STAND_IN = re.compile(r'<path d="([^"]*)" fill="#0100([0-9a-f]{2})" ?/>')
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
_VIEW = re.compile(r'width="([\d.]+)" height="([\d.]+)" viewBox="(-?[\d.]+) (-?[\d.]+)')
# The maths font has no Han: a row of M stands in for it, of this height and width in ems.
_M_HEIGHT, _M_WIDTH = 0.657, 0.89
_LARGEST = 6_000  # pixels; a larger picture is no formula


class Formula(NamedTuple):
    """A drawn formula in logical pixels; the baseline is `ascent` below its top."""

    image: QImage
    width: float
    height: float
    ascent: float


class _Word(NamedTuple):
    text: str
    box: QRectF


def draw_formula(
    source: str, display: bool, size: int, colour: str, ratio: float, font: QFont
) -> Formula | None:
    """Draw LaTeX; None when it is not understood whole. Runs on a worker thread.

    `font` is for the words the maths font has no letters for.
    """
    drawn = _to_svg(source, display, size, colour)
    if drawn is None:
        return None
    svg, han = drawn
    view = _VIEW.search(svg)
    if view is None:
        return None
    width, height, left, top = (float(each) for each in view.groups())
    if not 0 < width < _LARGEST or not 0 < height < _LARGEST:
        return None
    words = _words_in(svg, han)
    svg = _STAND_IN.sub("", svg)
    image = QImage(
        round(width * ratio + 0.5),
        round(height * ratio + 0.5),
        QImage.Format.Format_ARGB32_Premultiplied,
    )
    image.fill(Qt.GlobalColor.transparent)
    # Imported here: most conversations hold no formula.
    from PySide6.QtSvg import QSvgRenderer

    renderer = QSvgRenderer(QByteArray(svg.encode()))
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.scale(ratio, ratio)
    renderer.render(painter, QRectF(0, 0, width, height))
    painter.translate(-left, -top)
    painter.setPen(QColor(colour))
    for word in words:
        fitted = QFont(font)
        fitted.setPixelSize(max(1, round(word.box.height() / _M_HEIGHT * _M_WIDTH)))
        painter.setFont(fitted)
        painter.drawText(QPointF(word.box.left(), word.box.bottom()), word.text)
    painter.end()
    image.setDevicePixelRatio(ratio)
    return Formula(image, width, height, -top)


def _to_svg(source: str, display: bool, size: int, colour: str) -> tuple[str, list[str]] | None:
    """The formula as SVG, and the words that stand-ins were set for."""
    if any(name.strip() not in _ENVIRONMENTS for name in _BEGIN.findall(source)):
        return None
    source = _TAG.sub(r"\\qquad(\\text{\1})", _DROPPED.sub("", source))
    source, han = _stand_in(source)
    # Imported on first use: 190 ms and only for those who read formulas.
    warnings.filterwarnings("ignore", "path is deprecated", DeprecationWarning)
    from ziamath.config import config
    from ziamath.zmath import Latex

    config.svg2 = False  # Qt draws the <symbol> of SVG 2 clipped to nonsense
    try:
        made = Latex(source, size=size, color=colour, inline=not display)
        if "\\" in made.mathmlstr():
            return None  # an unknown command would be printed as a word
        return str(made.svg()), han
    except (
        ArithmeticError,
        AssertionError,
        AttributeError,
        LookupError,
        RecursionError,
        SyntaxError,
        TypeError,
        ValueError,
    ):
        # The border to two parsers that fail in their own ways on what models write.
        return None
    except _parser_errors():
        return None


def _parser_errors() -> tuple[type[Exception], ...]:
    from latex2mathml import exceptions

    return tuple(
        each
        for each in vars(exceptions).values()
        if isinstance(each, type) and issubclass(each, Exception)
    )


def _stand_in(source: str) -> tuple[str, list[str]]:
    """Replace Han and other letters the font lacks by coloured stand-ins."""
    words: list[str] = []

    def mark(match: re.Match[str]) -> str:
        words.append(match[0])
        letters = "M" * len(match[0])
        return rf"\textcolor{{#0100{len(words) - 1:02x}}}{{\text{{{letters}}}}}"

    def split(match: re.Match[str]) -> str:
        inside = match[0].partition("{")[2]
        if not _HAN.search(inside):
            return match[0]
        inside = inside[:-1]
        parts = re.split(f"({_HAN.pattern})", inside)
        return "".join(_HAN.sub(mark, part) if _HAN.match(part) else plain(part) for part in parts)

    def plain(part: str) -> str:
        # A space of its own would lose the colour of the letter before it.
        space = r"\;" if part[:1].isspace() else ""
        return f"{space}\\text{{{part.lstrip()}}}" if part.strip() else space

    if not _HAN.search(source):
        return source, words
    source = _WORDS.sub(split, source)
    outside = re.split(r"(\\textcolor\{#0100..\}\{\\text\{M+\}\})", source)
    source = "".join(
        part if part.startswith(r"\textcolor{#0100") else _HAN.sub(mark, part) for part in outside
    )
    return (source, words) if len(words) < 256 else (source, [])


def _words_in(svg: str, han: list[str]) -> list[_Word]:
    boxes: dict[int, QRectF] = {}
    for path, number in _STAND_IN.findall(svg):
        figures = [float(each) for each in _NUMBER.findall(path)]
        xs, ys = figures[0::2], figures[1::2]
        box = QRectF(QPointF(min(xs), min(ys)), QPointF(max(xs), max(ys)))
        index = int(number, 16)
        boxes[index] = boxes[index].united(box) if index in boxes else box
    return [_Word(han[index], box) for index, box in boxes.items() if index < len(han)]
