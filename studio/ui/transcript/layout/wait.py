"""The card of an answer that will be asked for once more: a countdown in a ring, and Cancel."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication, QRectF, Qt
from PySide6.QtGui import QPen

from studio.ui.look import text
from studio.ui.transcript.layout.boxes import PaintContext
from studio.ui.transcript.layout.card import CardBox
from studio.ui.transcript.layout.style import Style
from studio.ui.transcript.words import Card, Step

CANCEL = "cancel_wait"
_RING = 32
_STROKE = 3
_TOP = 90 * 16  # Qt counts sixteenths of a degree from three o'clock


@dataclass(frozen=True, slots=True)
class Waiting:
    """What the card says now: seconds left, the part of the pause they are, and why it waits."""

    left: int
    share: float
    reason: str
    next_try: int
    most_tries: int


def wait_card(waiting: Waiting) -> Card:
    """The words of the card."""
    translate = QCoreApplication.translate
    title = translate("transcript", "Retrying in {time}")
    title = title.replace("{time}", text.whole_seconds(waiting.left))
    hint = translate("transcript", "{reason}. Your message is kept; this is try {n} of {most}.")
    hint = hint.replace("{reason}", waiting.reason)
    hint = hint.replace("{n}", str(waiting.next_try)).replace("{most}", str(waiting.most_tries))
    cancel = Step(CANCEL, "", translate("transcript", "Cancel"))
    return Card("hourglass", "muted", title, hint, steps=(cancel,))


class WaitBox(CardBox):
    """Draws a ring that runs down in place of the tile."""

    def __init__(self, style: Style, waiting: Waiting, width: int) -> None:
        self._waiting = waiting
        super().__init__(style, wait_card(waiting), width)

    def _paint_tile(self, ink: PaintContext, x: int, y: int) -> None:
        style, painter = ink.style, ink.painter
        side, stroke = style.px(_RING), style.px(_STROKE)
        inset = stroke / 2 + 1
        top = y + (self.height - side) // 2
        place = QRectF(x + style.px(14), top, side, side)
        ring = place.adjusted(inset, inset, -inset, -inset)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(style.colour("line_strong"), stroke))
        painter.drawEllipse(ring)
        pen = QPen(style.colour("accent"), stroke)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setPen(pen)
        share = max(0.0, min(self._waiting.share, 1.0))
        painter.drawArc(ring, _TOP, round(share * 360 * 16))
        painter.setFont(style.name.font)
        painter.setPen(style.colour("text"))
        painter.drawText(place, Qt.AlignmentFlag.AlignCenter, str(self._waiting.left))
