"""Paints what is above the horizon: stars, northern lights, sun or moon, clouds."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from studio.demo.palettes import Colour, mix

if TYPE_CHECKING:
    from studio.demo.canvas import Canvas

_STAR_SIZES = (0.06, 0.08, 0.1, 0.1, 0.18)
# Offsets and size of the moon's spots, in radii.
_SPOTS = ((-0.3, -0.2, 0.22), (0.25, 0.3, 0.3), (0.3, -0.35, 0.15))


def paint_sky(canvas: Canvas) -> None:
    """Everything in the sky, from the farthest to the nearest."""
    if canvas.palette.is_night or canvas.has("stars"):
        _stars(canvas)
    if canvas.has("aurora"):
        _aurora(canvas)
    _light(canvas)
    _clouds(canvas)


def _stars(canvas: Canvas) -> None:
    dice = canvas.dice
    for _ in canvas.many(220):
        x, y = dice.uniform(0, canvas.width), dice.uniform(0, canvas.horizon)
        below = canvas.canvas.getpixel((min(int(x), canvas.width - 1), int(y)))
        assert isinstance(below, tuple)
        sky: Colour = (int(below[0]), int(below[1]), int(below[2]))
        shine = dice.uniform(0.3, 1.0) * (1 - 0.6 * y / canvas.horizon)
        radius = canvas.unit * dice.choice(_STAR_SIZES)
        canvas.dot(x, y, radius, mix(sky, (255, 252, 240), shine))


def _aurora(canvas: Canvas) -> None:
    veil, pen = canvas.veil()
    unit, width = canvas.unit, canvas.width
    for band in range(3):
        base, phase = canvas.height * (0.16 + 0.09 * band), canvas.dice.uniform(0, 6)
        for x in range(0, width, max(2, round(unit / 2))):
            y = base + math.sin(x / width * 7 + phase) * unit * 6
            length = unit * (9 + 6 * math.sin(x / width * 23 + phase))
            pen.line((x, y - length, x, y + unit * 2), fill=110, width=canvas.stroke(0.5))
    canvas.pour((90, 240, 170), veil, 1.6)


def _light(canvas: Canvas) -> None:
    x, y = canvas.light_at
    palette = canvas.palette
    moon = palette.is_night or canvas.has("moon")
    radius = canvas.unit * (5.5 if moon else 7)
    if palette.is_overcast:
        canvas.glow(x, y, radius * 7, palette.light, 0.35)
        return
    canvas.glow(x, y, radius * 6, palette.light, 0.55 if moon else 0.8)
    canvas.dot(x, y, radius, palette.light)
    if moon:
        shade = mix(palette.light, palette.sky[1], 0.25)
        for right, down, size in _SPOTS:
            canvas.dot(x + right * radius, y + down * radius, size * radius, shade)


def _clouds(canvas: Canvas) -> None:
    dice, palette = canvas.dice, canvas.palette
    many = canvas.has("clouds") or palette.is_overcast
    veil, pen = canvas.veil()
    for _ in range(10 if many else dice.randint(2, 4)):
        x, y = dice.uniform(0, canvas.width), dice.uniform(0.08, 0.42) * canvas.height
        length = canvas.unit * dice.uniform(10, 26)
        for _ in range(12):
            right, down = dice.gauss(0, 0.4) * length, dice.gauss(0, 0.07) * length
            across = length * dice.uniform(0.2, 0.4)
            left, top = x + right - across, y + down - across * 0.28
            pen.ellipse((left, top, left + 2 * across, top + 0.56 * across), fill=120)
    lit = mix(palette.light, palette.sky[2], 0.4)
    dark = mix(palette.sky[0], palette.sky[1], 0.3)
    colour = dark if palette.is_overcast else lit
    canvas.pour(colour, veil, 1.5, 0.45 if palette.is_night else 0.9)
