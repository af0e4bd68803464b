"""What a drag of conversations carries, and how it looks under the pointer."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QMimeData, QPoint, Qt
from PySide6.QtGui import QDrag, QPainter, QPixmap
from PySide6.QtWidgets import QWidget

from studio.ui.history.words import HistoryWords
from studio.ui.look import theme

TYPE = "application/x-moda-studio-conversations"


def dragged(ids: Sequence[str]) -> QMimeData:
    """The data of a drag of conversations; only this program reads it."""
    made = QMimeData()
    made.setData(TYPE, "\n".join(ids).encode())
    return made


def dragged_ids(data: QMimeData) -> list[str]:
    """The conversations that are dragged; empty for anything else."""
    if not data.hasFormat(TYPE):
        return []
    return bytes(data.data(TYPE).data()).decode("utf-8", "replace").split("\n")


def start_drag(source: QWidget, ids: Sequence[str]) -> None:
    """Drag conversations until they are dropped somewhere."""
    drag = QDrag(source)
    drag.setMimeData(dragged(ids))
    drag.setPixmap(_chip(source, len(ids)))
    drag.setHotSpot(QPoint(-theme.current().space.s, -theme.current().space.s))
    drag.exec(Qt.DropAction.MoveAction)


def _chip(source: QWidget, count: int) -> QPixmap:
    """A small label that says how many are dragged."""
    style, ratio = theme.current(), source.devicePixelRatioF()
    words = HistoryWords().conversations(count)
    font = theme.ui_font(style.type.small)
    # Painters that end before what they paint on, whatever goes wrong.
    pixmap = QPixmap(1, 1)
    with QPainter(pixmap) as painter:
        painter.setFont(font)
        width = painter.fontMetrics().horizontalAdvance(words) + 2 * style.space.m
        height = painter.fontMetrics().height() + 2 * style.space.xs
    pixmap = QPixmap(round(width * ratio), round(height * ratio))
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    with QPainter(pixmap) as painter:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour("accent"))
        painter.drawRoundedRect(0, 0, width, height, style.radius.inner, style.radius.inner)
        painter.setPen(theme.colour("accent_on"))
        painter.setFont(font)
        painter.drawText(0, 0, width, height, Qt.AlignmentFlag.AlignCenter, words)
    return pixmap
