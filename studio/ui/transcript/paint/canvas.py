"""Paints the messages that are in sight, with what is selected, found, pointed at and focused."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QPainter

from studio.ui.transcript.layout.boxes import LeafMarks, Mark, PaintContext
from studio.ui.transcript.layout.message import PartMarks
from studio.ui.transcript.paint.message_paint import paint_message

if TYPE_CHECKING:
    from studio.ui.transcript.view import TranscriptView


def paint_view(view: TranscriptView, painter: QPainter, rect: QRect) -> None:
    """Paint a rectangle of the viewport."""
    stage = view.stage
    painter.setClipRect(rect)
    painter.fillRect(rect, stage.style.colour("surface"))
    ink = PaintContext(painter, stage.style, rect.top(), rect.bottom() + 1)
    x, last = view.column_x, len(stage.messages) - 1
    for index, y in stage.in_sight():
        box = stage.box(index)
        if y >= ink.bottom:
            break
        if y + box.height > ink.top:
            pointed = view.pointer.mark(index, box)
            focused = view.keys.mark(index, box)
            if focused:
                _paint_focus(ink, QRect(x, y, box.width, box.height))
            active = pointed or focused or (index == last and not box.is_question)
            paint_message(box, ink, x, y, _marks_of(view, index), active=active)


def _paint_focus(ink: PaintContext, rect: QRect) -> None:
    """A bar beside the message that has the keyboard focus."""
    ink.painter.setPen(Qt.PenStyle.NoPen)
    ink.painter.setBrush(ink.style.colour("accent"))
    bar = QRectF(rect.left() - 14, rect.top(), 3, rect.height() - 12)
    ink.painter.drawRoundedRect(bar, 1.5, 1.5)


def _marks_of(view: TranscriptView, index: int) -> PartMarks:
    selection, finder = view.selection, view.finder

    def marks(part: int, section: int) -> LeafMarks | None:
        selected = selection.marks(index, part, section)
        hits = finder.marks(index, part, section)
        if selected is None or hits is None:
            return selected or hits

        def both(leaf: int, text: str) -> Sequence[Mark]:
            return (*hits(leaf, text), *selected(leaf, text))

        return both

    return marks
