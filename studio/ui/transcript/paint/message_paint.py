"""Paints a message: head, folded reasoning, bubble, pictures, text, cursor, actions."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QFontMetrics, QImage, QPainterPath, QPen

from studio.core.messages import ImagePart, MessageStatus, ReasoningPart
from studio.ui.look import text as words_of
from studio.ui.look.icons import paint_icon
from studio.ui.transcript import words
from studio.ui.transcript.layout import bubble
from studio.ui.transcript.layout.boxes import LeafMarks, PaintContext, centred
from studio.ui.transcript.layout.buttons import paint_button
from studio.ui.transcript.layout.message import AVATAR, PICTURE, THOUGHT, MessageBox, PartMarks
from studio.ui.transcript.layout.style import draw_text


def paint_message(
    box: MessageBox, ink: PaintContext, x: int, y: int, marks: PartMarks, *, active: bool
) -> None:
    """Draw what is visible, the corner of the message at (x, y); `active` shows the actions."""
    if box.is_question:
        _paint_pictures(box, ink, x, y)
        if box.text:
            _paint_bubble(box, ink, x, y)
    else:
        if y + box.head_height > ink.top:
            _paint_head(box, ink, x, y)
        if THOUGHT in box.flows:
            _paint_fold(box, ink, x, y)
        _paint_pictures(box, ink, x, y + box.pictures_y)
    _paint_texts(box, ink, x, y, marks)
    if box.card is not None:
        box.card.paint(ink, x, y + box.card_y)
    if box.message.status is MessageStatus.STREAMING:
        if box.card is None and y + box.tail > ink.top:
            _paint_cursor(box, ink, x, y)
    elif (active or box.action_row.count) and y + box.height > ink.top:
        _paint_actions(box, ink, x, y, active=active)


def _paint_texts(box: MessageBox, ink: PaintContext, x: int, y: int, marks: PartMarks) -> None:
    for part, top, flow in box.parts():
        seen = bubble.clip_text(box, ink, x, y, top) if box.is_folded else ink
        flow.paint(seen, x + box.flow_x(part), y + top, _of_part(marks, part))
        if seen is not ink:
            ink.painter.restore()
    if box.is_question:
        bubble.paint_foot(box, ink, x, y)


def _of_part(marks: PartMarks, part: int) -> Callable[[int], LeafMarks | None]:
    return lambda section: marks(part, section)


def _paint_head(box: MessageBox, ink: PaintContext, x: int, y: int) -> None:
    painter, style = ink.painter, ink.style
    side = style.px(AVATAR)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(style.colour("accent_soft"))
    tile = QRectF(x, y, side, side)
    painter.drawRoundedRect(tile, style.px(6), style.px(6))
    name = words.author(box.message)
    font = style.name.font
    painter.setFont(font)
    painter.setPen(style.colour("accent_text"))
    painter.drawText(tile, Qt.AlignmentFlag.AlignCenter, name[:1].upper())
    line_y = y + (side - style.name.pitch) // 2
    left = x + side + style.px(8)
    draw_text(painter, left, line_y, name, style.name, style.colour("text"))
    left += QFontMetrics(font).horizontalAdvance(name) + style.px(8)
    when = words_of.stamp(box.message.created_at)
    draw_text(painter, left, line_y, when, style.small, style.colour("muted"))


def _paint_fold(box: MessageBox, ink: PaintContext, x: int, y: int) -> None:
    painter, style = ink.painter, ink.style
    line = box.fold_rect().translated(x, y)
    end = line.bottom() + 1
    if box.is_open:
        end = y + next(top + flow.height for part, top, flow in box.parts() if part == THOUGHT)
    painter.fillRect(QRect(x, line.top(), 2, end - line.top()), style.colour("line_strong"))
    if line.bottom() < ink.top or line.top() > ink.bottom:
        return
    icon = centred(line, style.px(16))
    icon.moveLeft(x + style.px(14))
    paint_icon(painter, icon, "brain", "muted")
    left = icon.right() + style.px(8)
    shown = thought(box)
    top = line.top() + (line.height() - style.small.pitch) // 2
    draw_text(painter, left, top, shown, style.small, style.colour("muted"))
    left += QFontMetrics(style.small.font).horizontalAdvance(shown) + style.px(8)
    caret = centred(line, style.px(12))
    caret.moveLeft(left)
    paint_icon(painter, caret, "caret-down" if box.is_open else "caret-right", "muted")


def thought(box: MessageBox) -> str:
    """The words of the folded reasoning."""
    spans = [part.seconds for part in box.message.parts if isinstance(part, ReasoningPart)]
    known = [each for each in spans if each is not None]
    thinking = box.message.status is MessageStatus.STREAMING and not box.text
    return words.thought(sum(known) if known else None, thinking=thinking)


def _paint_bubble(box: MessageBox, ink: PaintContext, x: int, y: int) -> None:
    rect = QRectF(box.bubble.translated(x, y))
    if rect.bottom() < ink.top or rect.top() > ink.bottom:
        return
    big, small = ink.style.px(14), ink.style.px(4)
    path = QPainterPath()
    path.setFillRule(Qt.FillRule.WindingFill)
    path.addRoundedRect(rect, big, big)
    corner = QRectF(rect.right() - big, rect.bottom() - big, big, big)
    path.addRoundedRect(corner, small, small)
    ink.painter.fillPath(path, ink.style.colour("hover"))


def _paint_cursor(box: MessageBox, ink: PaintContext, x: int, y: int) -> None:
    """A small block where the next word will stand; it does not blink."""
    kind = ink.style.reading
    left, top = box.cursor_place()
    box.cursor_top = top
    place = QRectF(x + left, y + top + (kind.pitch - kind.size) / 2, kind.size * 0.5, kind.size)
    ink.painter.setPen(Qt.PenStyle.NoPen)
    ink.painter.setBrush(ink.style.colour("accent"))
    ink.painter.drawRoundedRect(place, 2, 2)


def _paint_actions(box: MessageBox, ink: PaintContext, x: int, y: int, *, active: bool) -> None:
    painter, style, row = ink.painter, ink.style, box.action_row
    if y + row.y > ink.bottom:
        return
    faint = style.colour("faint")
    top = y + row.y + (row.height - style.caption.pitch) // 2
    if row.count:
        draw_text(painter, x + row.count_x, top, row.count, style.caption, faint)
    for button in row.buttons if active else row.lasting:
        paint_button(ink, button, x, y)
    if not active:
        return
    shown = "" if box.is_question else words.statistics(box.message)
    width = QFontMetrics(style.caption.font).horizontalAdvance(shown)
    if shown and row.x + row.width + style.px(8) + width <= box.width:
        draw_text(painter, x + box.width - width, top, shown, style.caption, faint)


def _paint_pictures(box: MessageBox, ink: PaintContext, x: int, y: int) -> None:
    side, gap = ink.style.px(PICTURE), ink.style.px(8)
    if not box.message.images or y + side <= ink.top or y >= ink.bottom:
        return
    # A question's stand at the right, the last one outermost; an answer's at the left.
    question, edge = box.is_question, x + box.width if box.is_question else x
    for part in reversed(box.message.images) if question else box.message.images:
        picture = box.around.picture(part.sha256) if part.sha256 else None
        width = _picture_width(part, picture, side)
        left = edge - width if question else edge
        if left < x or left + width > x + box.width:
            break
        _paint_picture(ink, QRectF(left, y, width, side), picture)
        edge = left - gap if question else left + width + gap


def _paint_picture(ink: PaintContext, frame: QRectF, picture: QImage | None) -> None:
    painter, style = ink.painter, ink.style
    radius = style.look.radius.card
    path = QPainterPath()
    path.addRoundedRect(frame, radius, radius)
    painter.fillPath(path, style.colour("hover"))
    if picture is not None and not picture.isNull():
        painter.save()
        painter.setClipPath(path, Qt.ClipOperation.IntersectClip)
        painter.setRenderHint(painter.RenderHint.SmoothPixmapTransform)
        scale = max(frame.width() / picture.width(), frame.height() / picture.height())
        size = picture.size() * scale
        at = frame.center() - QPointF(size.width() / 2, size.height() / 2)
        painter.drawImage(QRectF(at, size), picture)
        painter.restore()
    else:
        paint_icon(painter, centred(frame.toRect(), style.px(24)), "image", "faint")
    inset = 0.5 / painter.device().devicePixelRatio()
    painter.setPen(QPen(style.colour("line"), inset * 2))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(frame.adjusted(inset, inset, -inset, -inset), radius, radius)


def _picture_width(part: ImagePart, picture: QImage | None, side: int) -> int:
    width, height = part.width, part.height
    if not (width and height) and picture is not None and not picture.isNull():
        width, height = picture.width(), picture.height()
    if not (width and height):
        return side
    return max(side // 2, min(side * 2, round(side * width / height)))
