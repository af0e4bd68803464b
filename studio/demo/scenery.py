"""Paints what moves through a scene: birds, a boat, lanterns, fog, snow and rain."""

from __future__ import annotations

from typing import TYPE_CHECKING

from studio.demo.ground import BLACK, WHITE
from studio.demo.palettes import Colour, mix

if TYPE_CHECKING:
    from studio.demo.canvas import Canvas

_FLAKES = (0.15, 0.2, 0.3, 0.45)


def paint_details(easel: Canvas) -> None:
    """Every feature that the prompt names, from the farthest to the nearest."""
    dark = mix(easel.palette.near, BLACK, 0.35)
    if easel.has("birds") or easel.dice.random() < 0.15:
        _birds(easel, dark)
    if easel.has("boat"):
        _boat(easel, dark)
    if easel.has("lantern"):
        _lanterns(easel)
    if easel.has("fog"):
        for share in (0.55, 0.7, 0.85):
            easel.haze(easel.height * share, 0.5)
    if easel.has("snowfall"):
        _snow(easel)
    if easel.has("rainfall"):
        _rain(easel)


def _birds(easel: Canvas, dark: Colour) -> None:
    dice = easel.dice
    for _ in range(dice.randint(4, 8)):
        x, y = dice.uniform(0.1, 0.9) * easel.width, dice.uniform(0.1, 0.4) * easel.height
        span = easel.unit * dice.uniform(1.2, 2.4)
        wings = [(x - span, y - span * 0.4), (x, y), (x + span, y - span * 0.4)]
        easel.pen.line(wings, fill=dark, width=easel.stroke(0.35), joint="curve")


def _boat(easel: Canvas, dark: Colour) -> None:
    x = easel.dice.uniform(0.3, 0.7) * easel.width
    y = easel.horizon + (easel.height - easel.horizon) * 0.32
    size, sail = easel.unit * 7, mix(easel.palette.light, easel.palette.sky[2], 0.2)

    def at(right: float, up: float) -> tuple[float, float]:
        return x + right * size, y - up * size

    easel.shape([at(-1, 0), at(1, 0), at(0.7, -0.3), at(-0.7, -0.3)], dark)
    easel.shape([at(0, 1.5), at(0, 0.1), at(0.75, 0.1)], sail)
    easel.shape([at(-0.1, 1.2), at(-0.1, 0.1), at(-0.55, 0.1)], mix(sail, dark, 0.15))


def _lanterns(easel: Canvas) -> None:
    dice = easel.dice
    for _ in range(14):
        x, y = dice.uniform(0, easel.width), dice.uniform(0.1, 0.6) * easel.height
        size = easel.unit * dice.uniform(0.8, 2)
        easel.glow(x, y, size * 4, (255, 170, 80), 0.7)
        easel.dot(x, y, size * 0.7, (255, 214, 140))


def _snow(easel: Canvas) -> None:
    dice = easel.dice
    for _ in easel.many(260):
        x, y = dice.uniform(0, easel.width), dice.uniform(0, easel.height)
        easel.dot(x, y, easel.unit * dice.choice(_FLAKES), WHITE)


def _rain(easel: Canvas) -> None:
    dice = easel.dice
    thin = mix(easel.palette.light, easel.palette.sky[1], 0.45)
    for _ in easel.many(420):
        x, y = dice.uniform(0, easel.width), dice.uniform(0, easel.height)
        length = easel.unit * dice.uniform(2, 5)
        end = (x - length * 0.25, y + length)
        easel.pen.line((x, y, *end), fill=thin, width=easel.stroke(0.1))
