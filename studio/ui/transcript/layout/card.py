"""A card below an answer: what happened, why, and the steps that help."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QRect, QRectF, Qt
from PySide6.QtGui import QFontMetrics, QPen

from studio.core.markdown.runs import Run
from studio.ui.look.icons import paint_icon
from studio.ui.transcript.layout.boxes import PaintContext, centred
from studio.ui.transcript.layout.buttons import Button, Look, paint_button
from studio.ui.transcript.layout.prose import ProseBox
from studio.ui.transcript.layout.style import Style, draw_text
from studio.ui.transcript.words import Card

_TILE = 32
_PAD = 14
_BUTTON = 30


class CardBox:
    """Lays out and paints one card."""

    def __init__(self, style: Style, card: Card, width: int) -> None:
        self.card = card
        self.width = width
        self._style = style
        self.buttons: list[Button] = []
        self._lay_out()

    def _lay_out(self) -> None:
        style, pad, tile = self._style, self._style.px(_PAD), self._style.px(_TILE)
        left = pad + tile + style.px(12)
        steps = self._step_buttons()
        taken = sum(button.rect.width() + style.px(8) for button in steps)
        beside = self.width - left - taken - pad >= style.px(220)
        room = self.width - left - pad - (taken if beside else 0)
        self._left = left
        card, y = self.card, style.px(12)
        self._title = self._words(card.title, style.title, room)
        self._title_y, y = y, y + self._title.height
        self._hint = self._words(card.hint, style.small, room)
        self._hint_y, y = y, y + self._hint.height
        self._detail = self._words(card.detail, style.caption, room) if card.detail else None
        if self._detail is not None:
            y += style.px(4)
            self._detail_y, y = y, y + self._detail.height
        copy_y = 0
        if card.request_id:
            y += style.px(2)
            copy_y = self._number_y = y
            y += style.number.pitch
        if not beside and steps:
            y += style.px(8)
            y = self._place_below(steps, left, y)
        self.height = max(y, tile + style.px(12)) + style.px(12)
        if beside and steps:
            self._place_beside(steps, (self.height - style.px(_BUTTON)) // 2)
        self.buttons = steps
        if card.request_id:
            self.buttons.append(self._copy_button(copy_y))

    def _words(self, words: str, kind: object, room: int) -> ProseBox:
        box = ProseBox(self._style, kind)  # type: ignore[arg-type]  # a Type of the style
        box.show([Run(words)], room)
        return box

    def _step_buttons(self) -> list[Button]:
        steps = self.card.steps
        looks = [Look.QUIET] * (len(steps) - 1) + [Look.FRAMED]
        if steps and steps[-1].main:
            looks[-1] = Look.PRIMARY
        return [
            Button.worded(self._style, step.action, step.icon, step.words, look)
            for step, look in zip(steps, looks, strict=False)
        ]

    def _place_beside(self, steps: list[Button], y: int) -> None:
        x = self.width - self._style.px(12)
        for button in reversed(steps):
            x -= button.rect.width()
            button.rect.moveTo(x, y)
            x -= self._style.px(8)

    def _place_below(self, steps: list[Button], left: int, y: int) -> int:
        """In as many rows as they need; where the last one ends."""
        x, gap, end = left, self._style.px(8), self.width - self._style.px(12)
        for button in steps:
            if x > left and x + button.rect.width() > end:
                x, y = left, y + self._style.px(_BUTTON) + gap
            button.rect.moveTo(x, y)
            x += button.rect.width() + gap
        return y + self._style.px(_BUTTON)

    def _copy_button(self, y: int) -> Button:
        style = self._style
        width = QFontMetrics(style.number.font).horizontalAdvance(self._number())
        name = QCoreApplication.translate("transcript", "Copy what the service said")
        side = style.px(24)
        box = QRect(
            self._left + width + style.px(2), y + (style.number.pitch - side) // 2, side, side
        )
        return Button("copy_error", "copy", name, rect=box)

    def _number(self) -> str:
        words = QCoreApplication.translate("transcript", "Request {id}")
        return words.replace("{id}", self.card.request_id[:80])

    def paint(self, ink: PaintContext, x: int, y: int) -> None:
        """Draw the card with its corner at (x, y)."""
        if y >= ink.bottom or y + self.height <= ink.top:
            return
        painter, style = ink.painter, ink.style
        inset = 0.5 / painter.device().devicePixelRatio()
        frame = QRectF(x, y, self.width, self.height).adjusted(inset, inset, -inset, -inset)
        painter.setPen(QPen(style.colour("line"), inset * 2))
        painter.setBrush(style.colour("surface"))
        painter.drawRoundedRect(frame, style.look.radius.card, style.look.radius.card)
        self._paint_tile(ink, x, y)
        left = x + self._left
        self._title.paint(ink, left, y + self._title_y, ())
        self._hint.paint(ink, left, y + self._hint_y, ())
        if self._detail is not None:
            self._detail.paint(ink, left, y + self._detail_y, ())
        if self.card.request_id:
            colour = style.colour("muted")
            draw_text(painter, left, y + self._number_y, self._number(), style.number, colour)
        for button in self.buttons:
            paint_button(ink, button, x, y)

    def _paint_tile(self, ink: PaintContext, x: int, y: int) -> None:
        style, painter, tone = ink.style, ink.painter, self.card.tone
        side = style.px(_TILE)
        top = y + (self.height - side) // 2 if self.height < style.px(84) else y + style.px(13)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(style.colour("hover" if tone == "muted" else f"{tone}_soft"))
        tile = QRect(x + style.px(_PAD), top, side, side)
        painter.drawRoundedRect(QRectF(tile), style.look.radius.inner, style.look.radius.inner)
        paint_icon(painter, centred(tile, style.px(18)), self.card.icon, tone)

    def spoken(self) -> str:
        """The card in words."""
        parts = (self.card.title, self.card.hint, self.card.detail)
        return " ".join(part for part in parts if part)

    def copied(self) -> str:
        """What the service said, to be pasted into a report."""
        parts = (self.card.title, self.card.detail, self.card.request_id)
        return "\n".join(part for part in parts if part)
