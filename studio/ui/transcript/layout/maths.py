"""Draws formulas: LaTeX to an image with a baseline, or nothing when it is not understood whole.

The engine sets the formula and tells it as SVG of a few elements (paths in thousandths of an em,
the y axis upwards); they are painted here. Letters that its font lacks, Han above all, come from
the text's own font, at the places that stand-ins keep for them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from html import unescape
from math import ceil
from typing import NamedTuple

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QImage, QPainter, QPainterPath, QPen

from studio.core.markdown.latex import prepared

LONGEST = 4000  # characters; what is longer is shown as its source
_EM = 1000
_LARGEST = 6_000  # pixels; a larger picture is no formula
_MOST_GLYPHS = 4000  # kept as paths; the font has about six thousand
_AXIS = 258  # where the engine centres tables, above the baseline
_RULE = 40  # width of its lines between columns

# Signs as wide as an em that no formula has: each stands in for one run of missing letters.
_STAND_INS = "♃♄♈♒⚣⚩☎☚☛☜☞✂⎁⎄⎆⎈⏭⏮⌦⌫"

_WARNING = re.compile(r'<mathra:warning rule="([^"]*)">(.*?)</mathra:warning>', re.S)
_MISSING = re.compile(r"\(U\+([0-9A-F]+)\)")
_VIEW = re.compile(r'viewBox="([-\d.]+) ([-\d.]+) ([-\d.]+) ([-\d.]+)"')
_NOT_DRAWN = re.compile(
    r"<title.*?</title>|<metadata>.*?</metadata>|<style>.*?</style>|<text .*?</text>", re.S
)
_GLYPH = re.compile(r'<path id="[^"]*-(g\d+)" d="([^"]*)"')
_ELEMENT = re.compile(r"<(use|rect|line|ellipse|path)\s([^>]*?)/?>")
_ATTRIBUTE = re.compile(r'([\w-]+)="([^"]*)"')
_MOVED = re.compile(r"translate\(([-\d.]+) ([-\d.]+)\)(?: scale\(([-\d.]+)\))?")
_STEP = re.compile(r"([MLCZ])([^MLCZ]*)")

_glyphs: dict[str, QPainterPath] = {}


class Formula(NamedTuple):
    """A drawn formula in logical pixels; the baseline is `ascent` below its top."""

    image: QImage
    width: float
    height: float
    ascent: float


class _Element(NamedTuple):
    """A piece of the picture: a glyph, or a shape with its attributes as numbers."""

    kind: str
    glyph: str
    at: dict[str, float]
    colour: str
    stroke: str


def draw_formula(
    source: str, display: bool, size: int, colour: str, ratio: float, font: QFont
) -> Formula | None:
    """Draw LaTeX; None when it is not understood whole.

    `font` is for the letters that the maths font lacks. Takes a fraction of a millisecond for
    what people write; call it for long sources on another thread.
    """
    if len(source) > LONGEST:
        return None
    made = _set(prepared(source), display)
    if made is None:
        return None
    svg, runs = made
    view = _VIEW.search(svg)
    if view is None:
        return None
    scale = size / _EM
    left, top, width, height = (float(each) * scale for each in view.groups())
    if not 0 < width < _LARGEST or not 0 < height < _LARGEST:
        return None
    # Whole pixels of the screen, with the baseline between two of them: nothing is resampled.
    above, below = ceil(-top * ratio) + 1, ceil((height + top) * ratio) + 1
    wide, high = ceil(width * ratio) + 1, above + below
    elements = list(_elements(svg))
    image = QImage(wide, high, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(0, above)
    painter.scale(ratio, ratio)
    painter.translate(-left, 0)
    painter.scale(scale, -scale)
    _paint(painter, elements, QColor(colour), font, runs)
    image.setDevicePixelRatio(ratio)
    return Formula(image, wide / ratio, high / ratio, above / ratio)


def speak_formula(source: str, language: str) -> str:
    """How a screen reader says a formula, in "zh" or "en"; its source when it has no words."""
    import mathra

    if len(source) > LONGEST:
        return source
    try:
        told = mathra.render(source, language)
    except ValueError:
        return source
    return source if _mended(rule["rule"] for rule in told["warnings"]) else told["speech"]


def _set(source: str, display: bool) -> tuple[str, dict[str, str]] | None:
    """The SVG of a formula, and which runs of letters its stand-ins are for."""
    # Imported here: most conversations hold no formula.
    import mathra

    try:
        svg = mathra.tex_to_svg(source, display=display)
        missing = _missing(svg)
        if missing is None:
            return None
        if not missing:
            return svg, {}
        replaced = _stand_in(source, missing)
        if replaced is None:
            return None
        svg = mathra.tex_to_svg(replaced[0], display=display)
    except ValueError:
        return None
    return None if _missing(svg) else (svg, replaced[1])


def _mended(rules: Iterator[str]) -> bool:
    return any(rule != "E-REC-8" for rule in rules)


def _missing(svg: str) -> set[str] | None:
    """The letters that the font lacks; None when the engine had to guess what was meant."""
    warnings = _WARNING.findall(svg)
    if _mended(rule for rule, _ in warnings):
        return None
    codes = (_MISSING.search(unescape(words)) for _, words in warnings)
    return {chr(int(code[1], 16)) for code in codes if code is not None}


def _stand_in(source: str, missing: set[str]) -> tuple[str, dict[str, str]] | None:
    """Replace runs of missing letters; equal runs share a sign. None when there are too many."""
    letters = "".join(re.escape(letter) for letter in sorted(missing))
    signs: dict[str, str] = {}
    free = [sign for sign in _STAND_INS if sign not in source]
    for run in re.findall(f"[{letters}]+", source):
        if run not in signs:
            if not free:
                return None
            signs[run] = free.pop(0)
    replaced = re.sub(f"[{letters}]+", lambda found: signs[found[0]] * len(found[0]), source)
    return replaced, {sign: run for run, sign in signs.items()}


def _elements(svg: str) -> Iterator[_Element]:
    head, _, body = _NOT_DRAWN.sub("", svg).partition("</defs>")
    for name, outline in _GLYPH.findall(head):
        if name not in _glyphs:
            if len(_glyphs) >= _MOST_GLYPHS:
                _glyphs.clear()
            _glyphs[name] = _path(outline)
    rules: list[_Element] = []
    frame = None  # where the last line lies: one that stands on it is the side of a frame
    for kind, written in _ELEMENT.findall(body):
        element = _element(kind, dict(_ATTRIBUTE.findall(written)))
        if kind == "rect" and _is_upright(element.at) and element.at["y"] != frame:
            rules.append(element)
            continue
        yield from _settled(rules)
        rules = []
        if kind == "rect" and not _is_upright(element.at):
            frame = element.at["y"]
        yield element
    yield from _settled(rules)


def _element(kind: str, given: dict[str, str]) -> _Element:
    at = {"scale": 1.0}
    moved = _MOVED.search(given.get("transform", ""))
    if moved is not None:
        at |= {"x": float(moved[1]), "y": float(moved[2]), "scale": float(moved[3] or 1)}
    for name, value in given.items():
        if re.fullmatch(r"-?[\d.]+", value):
            at[name] = float(value)
    glyph = given.get("href", "").rpartition("-")[2]
    return _Element(kind, glyph, at, given.get("fill", ""), given.get("stroke", ""))


def _path(outline: str) -> QPainterPath:
    path = QPainterPath()
    path.setFillRule(Qt.FillRule.WindingFill)
    for letter, figures in _STEP.findall(outline):
        n = [float(each) for each in figures.split()]
        if letter == "M":
            path.moveTo(n[0], n[1])
        elif letter == "L":
            path.lineTo(n[0], n[1])
        elif letter == "C":
            path.cubicTo(*n[:6])
        else:
            path.closeSubpath()
    return path


def _is_upright(at: dict[str, float]) -> bool:
    # Bars of fractions and lines between rows are wider than high.
    return at["height"] > at["width"] and at["width"] <= _RULE


def _settled(rules: list[_Element]) -> Iterator[_Element]:
    """Lines between columns at their true heights: the engine counts each row twice."""
    by_place: dict[float, list[_Element]] = {}
    for rule in rules:
        by_place.setdefault(rule.at["x"], []).append(rule)
    for pieces in by_place.values():
        whole = sum(piece.at["height"] for piece in pieces)
        above = 0.0
        for piece in pieces:
            small = piece.at["width"] / _RULE
            y = piece.at["y"] + _AXIS * small + whole / 2 + above
            above += piece.at["height"]
            yield piece._replace(at=piece.at | {"y": y})


def _paint(
    painter: QPainter,
    elements: list[_Element],
    colour: QColor,
    font: QFont,
    runs: dict[str, str],
) -> None:
    signs = _signs(runs)
    seen: dict[str, int] = {}
    for element in elements:
        brush = _colour(element.colour, colour)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(brush)
        if element.kind == "use":
            if element.glyph in signs:
                number = seen.get(element.glyph, 0)
                seen[element.glyph] = number + 1
                run = signs[element.glyph]
                _letter(painter, element.at, run[number % len(run)], brush, font)
            else:
                _glyph(painter, element)
        else:
            _shape(painter, element, colour)


def _signs(runs: dict[str, str]) -> dict[str, str]:
    """The glyphs of the stand-ins, with the runs of letters they are for."""
    return {glyph: run for sign, run in runs.items() for glyph in _glyphs_of(sign)}


@cache
def _glyphs_of(sign: str) -> tuple[str, ...]:
    import mathra

    # In a text, in a formula, small and bold the same sign may be other glyphs.
    forms = (rf"\text{{{sign}}}", f"{sign}_{{{sign}_{sign}}}", rf"\mathbf{{{sign}}}")
    drawn = (_NOT_DRAWN.sub("", mathra.tex_to_svg(form)) for form in forms)
    return tuple({name for svg in drawn for name in re.findall(r'href="[^"]*-(g\d+)"', svg)})


def _colour(named: str, usual: QColor) -> QColor:
    if named in ("", "currentColor", "none"):
        return usual
    made = QColor(named)
    # Black is what is written with, whatever the theme.
    return made if made.isValid() and made.rgb() != QColor(Qt.GlobalColor.black).rgb() else usual


def _glyph(painter: QPainter, element: _Element) -> None:
    path, at = _glyphs.get(element.glyph), element.at
    if path is None:
        return
    painter.save()
    painter.translate(at.get("x", 0.0), at.get("y", 0.0))
    painter.scale(at["scale"], at["scale"])
    painter.drawPath(path)
    painter.restore()


def _letter(
    painter: QPainter, at: dict[str, float], letter: str, colour: QColor, font: QFont
) -> None:
    """Draw a letter of the text's font in the middle of its em."""
    fitted = QFont(font)
    fitted.setPixelSize(_EM)
    painter.save()
    painter.translate(at.get("x", 0.0), at.get("y", 0.0))
    painter.scale(at["scale"], -at["scale"])
    path = QPainterPath()
    room = _EM - QFontMetricsF(fitted).horizontalAdvance(letter)
    path.addText(QPointF(room / 2, 0), fitted, letter)
    painter.setBrush(colour)
    painter.drawPath(path)
    if path.isEmpty():  # a coloured sign has no outline
        painter.setFont(fitted)
        painter.setPen(colour)
        painter.drawText(QPointF(room / 2, 0), letter)
    painter.restore()


def _shape(painter: QPainter, element: _Element, colour: QColor) -> None:
    at = element.at
    if element.stroke not in ("", "none"):
        pen = QPen(_colour(element.stroke, colour), at.get("stroke-width", 1.0))
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
    if element.kind == "rect":
        painter.drawRect(QRectF(at["x"], at["y"], at["width"], at["height"]))
    elif element.kind == "line":
        painter.drawLine(QPointF(at["x1"], at["y1"]), QPointF(at["x2"], at["y2"]))
    elif element.kind == "ellipse":
        painter.drawEllipse(QPointF(at["cx"], at["cy"]), at["rx"], at["ry"])
