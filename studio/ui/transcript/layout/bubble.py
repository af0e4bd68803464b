"""A long question is folded: its beginning, and a line that shows the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QRect, QRectF, Qt
from PySide6.QtGui import QFontMetrics, QLinearGradient

from studio.ui.look import text
from studio.ui.look.icons import paint_icon
from studio.ui.transcript.layout.boxes import PaintContext, centred
from studio.ui.transcript.layout.style import draw_text

if TYPE_CHECKING:
    from studio.ui.transcript.layout.message import MessageBox

_LONG, _SHOWN = 24, 14  # lines: of a question that is folded at least, and what is seen of it
_FOOT = 30
_FADE = 40


def is_long(box: MessageBox) -> bool:
    """Whether a question is so long that it can be folded."""
    return box.is_question and box.flow_height > _LONG * box.style.asked.pitch


def shown_height(box: MessageBox) -> int:
    """How much of the text of a question is seen."""
    return _SHOWN * box.style.asked.pitch if box.is_folded else box.flow_height


def foot_height(box: MessageBox) -> int:
    """The room of the line below the text, where there is one."""
    return box.style.px(_FOOT) if is_long(box) else 0


def foot_width(box: MessageBox) -> int:
    """The width that the line needs, 0 where there is none."""
    if not is_long(box):
        return 0
    style = box.style
    return QFontMetrics(style.small.font).horizontalAdvance(foot_words(box)) + style.px(52)


def foot_rect(box: MessageBox) -> QRect:
    """Where that line is, in the message; empty when there is none."""
    height = foot_height(box)
    if not height:
        return QRect()
    bubble = box.bubble
    return QRect(bubble.left(), bubble.bottom() + 1 - height, bubble.width(), height)


def foot_words(box: MessageBox) -> str:
    """What the line says."""
    if not box.is_folded:
        return QCoreApplication.translate("transcript", "Show less")
    words = QCoreApplication.translate("transcript", "Show all · {n} characters")
    return words.replace("{n}", text.number(len(box.text)))


def paint_foot(box: MessageBox, ink: PaintContext, x: int, y: int) -> None:
    """Draw the line, and let the text above it fade where it goes on."""
    rect = foot_rect(box).translated(x, y)
    if rect.isEmpty() or rect.top() > ink.bottom or rect.bottom() < ink.top - ink.style.px(_FADE):
        return
    painter, style = ink.painter, ink.style
    if box.is_folded:
        ground = style.colour("hover")
        clear = style.colour("hover").toRgb()
        clear.setAlpha(0)
        fade = QRectF(rect.left(), rect.top() - style.px(_FADE), rect.width(), style.px(_FADE))
        gradient = QLinearGradient(fade.topLeft(), fade.bottomLeft())
        gradient.setColorAt(0, clear)
        gradient.setColorAt(1, ground)
        painter.fillRect(fade, gradient)
    words = foot_words(box)
    width = QFontMetrics(style.small.font).horizontalAdvance(words)
    left = rect.left() + style.px(16)
    top = rect.top() + (rect.height() - style.small.pitch) // 2
    draw_text(painter, left, top, words, style.small, style.colour("accent_text"))
    caret = centred(rect, style.px(12))
    caret.moveLeft(left + width + style.px(6))
    paint_icon(painter, caret, "caret-down" if box.is_folded else "caret-up", "accent_text")


def clip_text(box: MessageBox, ink: PaintContext, x: int, y: int, top: int) -> PaintContext:
    """Draw no text below what is seen of it; to be undone by restoring the painter."""
    bottom = y + top + shown_height(box)
    rect = QRect(x, ink.top, box.width, max(0, min(ink.bottom, bottom) - ink.top))
    ink.painter.save()
    ink.painter.setClipRect(rect, Qt.ClipOperation.IntersectClip)
    return PaintContext(ink.painter, ink.style, ink.top, min(ink.bottom, bottom))
