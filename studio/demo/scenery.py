"""Paints what moves through a scene: birds, a boat, lanterns, fog, snow and rain."""

from __future__ import annotations

from typing import TYPE_CHECKING

from studio.demo.ground import BLACK, WHITE
from studio.demo.palettes import Colour, mix

if TYPE_CHECKING:
    from studio.demo.canvas import Canvas

_FLAKES = (0.15, 0.2, 0.3, 0.45)


def paint_details(canvas: Canvas) -> None:
    """Every feature that the prompt names, from the farthest to the nearest."""
    dark = mix(canvas.palette.near, BLACK, 0.35)
    if canvas.has("birds") or canvas.dice.random() < 0.15:
        _birds(canvas, dark)
    if canvas.has("boat"):
        _boat(canvas, dark)
    if canvas.has("lantern"):
        _lanterns(canvas)
    if canvas.has("fog"):
        for share in (0.55, 0.7, 0.85):
            canvas.haze(canvas.height * share, 0.5)
    if canvas.has("snowfall"):
        _snow(canvas)
    if canvas.has("rainfall"):
        _rain(canvas)


def _birds(canvas: Canvas, dark: Colour) -> None:
    dice = canvas.dice
    for _ in range(dice.randint(4, 8)):
        x, y = dice.uniform(0.1, 0.9) * canvas.width, dice.uniform(0.1, 0.4) * canvas.height
        span = canvas.unit * dice.uniform(1.2, 2.4)
        wings = [(x - span, y - span * 0.4), (x, y), (x + span, y - span * 0.4)]
        canvas.pen.line(wings, fill=dark, width=canvas.stroke(0.35), joint="curve")


def _boat(canvas: Canvas, dark: Colour) -> None:
    x = canvas.dice.uniform(0.3, 0.7) * canvas.width
    y = canvas.horizon + (canvas.height - canvas.horizon) * 0.32
    size, sail = canvas.unit * 7, mix(canvas.palette.light, canvas.palette.sky[2], 0.2)

    def at(right: float, up: float) -> tuple[float, float]:
        return x + right * size, y - up * size

    canvas.shape([at(-1, 0), at(1, 0), at(0.7, -0.3), at(-0.7, -0.3)], dark)
    canvas.shape([at(0, 1.5), at(0, 0.1), at(0.75, 0.1)], sail)
    canvas.shape([at(-0.1, 1.2), at(-0.1, 0.1), at(-0.55, 0.1)], mix(sail, dark, 0.15))


def _lanterns(canvas: Canvas) -> None:
    dice = canvas.dice
    for _ in range(14):
        x, y = dice.uniform(0, canvas.width), dice.uniform(0.1, 0.6) * canvas.height
        size = canvas.unit * dice.uniform(0.8, 2)
        canvas.glow(x, y, size * 4, (255, 170, 80), 0.7)
        canvas.dot(x, y, size * 0.7, (255, 214, 140))


def _snow(canvas: Canvas) -> None:
    dice = canvas.dice
    for _ in canvas.many(260):
        x, y = dice.uniform(0, canvas.width), dice.uniform(0, canvas.height)
        canvas.dot(x, y, canvas.unit * dice.choice(_FLAKES), WHITE)


def _rain(canvas: Canvas) -> None:
    dice = canvas.dice
    thin = mix(canvas.palette.light, canvas.palette.sky[1], 0.45)
    for _ in canvas.many(420):
        x, y = dice.uniform(0, canvas.width), dice.uniform(0, canvas.height)
        length = canvas.unit * dice.uniform(2, 5)
        end = (x - length * 0.25, y + length)
        canvas.pen.line((x, y, *end), fill=thin, width=canvas.stroke(0.1))
