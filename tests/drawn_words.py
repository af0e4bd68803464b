"""Every text of a window as it is drawn: which words, where, and what cuts them.

A paint engine takes the place of the screen, so nothing that draws escapes it: labels, buttons,
fields and their placeholders, rows of lists and what our own widgets paint.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple
from xml.etree import ElementTree

from PySide6.QtCore import QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import (
    QFont,
    QFontMetricsF,
    QPaintDevice,
    QPaintEngine,
    QPaintEngineState,
    QPainter,
    QRegion,
    QTextItem,
)
from PySide6.QtWidgets import (
    QAbstractScrollArea,
    QAbstractSlider,
    QHeaderView,
    QLineEdit,
    QWidget,
)

DOTS = "…"
_SLACK = 1.0  # pixels: rounding of places, and the grey edge of a letter
_FAR = 1e6
_EDGE = 4  # pixels: the margin of a document

_METRICS = {
    QPaintDevice.PaintDeviceMetric.PdmDepth: 32,
    QPaintDevice.PaintDeviceMetric.PdmDevicePixelRatio: 1,
    QPaintDevice.PaintDeviceMetric.PdmDevicePixelRatioScaled: 1 << 16,
    QPaintDevice.PaintDeviceMetric.PdmNumColors: 1 << 24,
    QPaintDevice.PaintDeviceMetric.PdmWidth: 4096,
    QPaintDevice.PaintDeviceMetric.PdmHeight: 4096,
    QPaintDevice.PaintDeviceMetric.PdmWidthMM: 1084,
    QPaintDevice.PaintDeviceMetric.PdmHeightMM: 1084,
}
_DPI = 96


class Drawn(NamedTuple):
    """Words on one line; `ink` and `clip` are in pixels of their widget."""

    words: str
    ink: QRectF
    clip: QRectF


class Cut(NamedTuple):
    """Words that cannot be read to their end: whose, which, and what of them is missing."""

    owner: str
    words: str
    how: str


class _Engine(QPaintEngine):
    """Notes texts, and lets everything else pass."""

    def __init__(self) -> None:
        super().__init__(QPaintEngine.PaintEngineFeature.AllFeatures)
        self.drawn: list[Drawn] = []

    def begin(self, device: QPaintDevice) -> bool:
        self.setActive(True)
        return True

    def end(self) -> bool:
        self.setActive(False)
        return True

    def type(self) -> QPaintEngine.Type:
        return QPaintEngine.Type.User

    def updateState(self, state: QPaintEngineState) -> None:
        pass

    def _pass(self, *_: Any, **__: Any) -> None:
        pass

    drawEllipse = drawImage = drawLines = drawPath = drawPixmap = drawPoints = _pass
    drawPolygon = drawRects = drawTiledPixmap = _pass

    def drawTextItem(self, place: Any, item: QTextItem) -> None:
        words = item.text()
        if not words.strip():
            return
        painter = self.painter()
        transform = painter.combinedTransform()
        ink = transform.mapRect(_ink(item.font(), words).translated(place))
        clip = QRectF(-_FAR, -_FAR, 2 * _FAR, 2 * _FAR)
        if painter.hasClipping():
            clip = transform.mapRect(painter.clipBoundingRect())
        self.drawn.append(Drawn(words, ink, clip))


class _Device(QPaintDevice):
    """Something to draw on that has no pixels."""

    def __init__(self) -> None:
        super().__init__()
        self.engine = _Engine()

    def paintEngine(self) -> QPaintEngine:
        return self.engine

    def metric(self, asked: QPaintDevice.PaintDeviceMetric) -> int:
        return _METRICS.get(asked, _DPI)


_inks: dict[tuple[str, str], QRectF] = {}


def _ink(font: QFont, words: str) -> QRectF:
    key = (font.key(), words)
    if key not in _inks:
        _inks[key] = QFontMetricsF(font).tightBoundingRect(words)
    return _inks[key]


def drawn_by(widget: QWidget) -> list[Drawn]:
    """What a widget draws by itself, without those within it."""
    device = _Device()
    painter = QPainter(device)
    widget.render(painter, QPoint(0, 0), QRegion(), QWidget.RenderFlag(0))
    painter.end()
    return _joined(device.engine.drawn)


def _joined(drawn: list[Drawn]) -> list[Drawn]:
    """Qt draws a line in parts, one for each script: together they are what one reads."""
    lines: list[Drawn] = []
    for each in drawn:
        last = lines[-1] if lines else None
        beside = last is not None and abs(each.ink.left() - last.ink.right()) < 12
        if last is not None and beside and last.clip == each.clip and _level(last, each):
            lines[-1] = Drawn(last.words + each.words, last.ink.united(each.ink), each.clip)
        else:
            lines.append(each)
    return lines


def _level(one: Drawn, other: Drawn) -> bool:
    return one.ink.top() < other.ink.bottom() and other.ink.top() < one.ink.bottom()


def cut_words(root: QWidget) -> list[Cut]:
    """The texts below `root` whose ink leaves its room, or that end in dots of the program's."""
    found = []
    for widget in (root, *root.findChildren(QWidget)):
        if not widget.isVisible() or isinstance(widget, QAbstractSlider):
            continue
        for each in drawn_by(widget):
            how = _how(widget, each)
            if how:
                found.append(Cut(owner_of(widget), each.words, how))
    return found


def _how(widget: QWidget, drawn: Drawn) -> str:
    if DOTS in drawn.words and not drawn.words.rstrip().endswith(_with_dots()):
        return DOTS
    if isinstance(widget, QLineEdit) and widget.text():
        return ""  # what one types moves under the cursor
    room = _clip(widget, drawn) & _room(widget)
    ink = drawn.ink
    past = {
        "left": room.left() - ink.left(),
        "right": ink.right() - room.right(),
        "top": room.top() - ink.top(),
        "bottom": ink.bottom() - room.bottom(),
    }
    return ", ".join(f"{side} {by:.0f}" for side, by in past.items() if by > _SLACK)


def _clip(widget: QWidget, drawn: Drawn) -> QRectF:
    clip, area = QRectF(drawn.clip), widget.parentWidget()
    if isinstance(area, QAbstractScrollArea) and area.viewport() is widget:
        across, down = _scrolls(area)
        left, right = (
            across and clip.left() <= _EDGE,
            across and clip.right() >= widget.width() - _EDGE,
        )
        top, bottom = (
            down and clip.top() <= _EDGE,
            down and clip.bottom() >= widget.height() - _EDGE,
        )
        clip.adjust(-_FAR * left, -_FAR * top, _FAR * right, _FAR * bottom)
    return clip


def _scrolls(area: QAbstractScrollArea) -> tuple[bool, bool]:
    """Whether one can scroll across, and up and down; a header goes with its table."""
    table = area.parentWidget() if isinstance(area, QHeaderView) else area
    assert isinstance(table, QAbstractScrollArea)
    off = Qt.ScrollBarPolicy.ScrollBarAlwaysOff
    across = table.horizontalScrollBar().maximum() > 0
    return across and table.horizontalScrollBarPolicy() != off, (
        area.verticalScrollBar().maximum() > 0
    )


def _room(widget: QWidget) -> QRectF:
    """What of a widget there is to see, were one to scroll to it."""
    room, across, down = QRectF(-_FAR, -_FAR, 2 * _FAR, 2 * _FAR), False, False
    each: QWidget | None = widget
    while each is not None:
        parent = None if each.isWindow() else each.parentWidget()
        if isinstance(parent, QAbstractScrollArea) and parent.viewport() is each:
            scrolls = _scrolls(parent)
            across, down = across or scrolls[0], down or scrolls[1]
        seen = QRectF(QPointF(widget.mapFromGlobal(each.mapToGlobal(QPoint(0, 0)))), each.size())
        room &= seen.adjusted(-_FAR * across, -_FAR * down, _FAR * across, _FAR * down)
        each = parent
    return room


def owner_of(widget: QWidget) -> str:
    """The names of a widget's classes from outside in, as far as they are ours."""
    names: list[str] = []
    each: QWidget | None = widget
    while each is not None:
        if type(each).__module__.startswith("studio.") or each is widget:
            names.append(type(each).__name__)
        each = None if each.isWindow() else each.parentWidget()
    return " > ".join(reversed(names[:3]))


@cache
def _with_dots() -> tuple[str, ...]:
    """Texts of the catalogues that end in dots themselves: “Move to…”."""
    folder = Path(__file__).parents[1] / "resources" / "i18n"
    texts: set[str] = set()
    for path in folder.glob("*.ts"):
        for message in ElementTree.parse(path).iter("message"):
            for tag in ("source", "translation"):
                node = message.find(tag)
                words = "" if node is None else "".join(node.itertext())
                texts.update(re.findall(rf"\S+{DOTS}", words))
    return tuple(texts)
