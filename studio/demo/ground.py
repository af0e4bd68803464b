"""Paints what is below the horizon: hills, mountains, forest, desert, sea or a city."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from studio.demo.canvas import graded
from studio.demo.palettes import Colour, mix

if TYPE_CHECKING:
    from collections.abc import Callable

    from studio.demo.canvas import Canvas

WHITE: Colour = (255, 255, 255)
BLACK: Colour = (0, 0, 0)
_FLOWERS: tuple[Colour, ...] = ((235, 90, 110), (250, 205, 90), (240, 240, 250), (170, 110, 220))


def paint_ground(canvas: Canvas) -> None:
    """The place of the scene."""
    _PLACES[canvas.scene.place](canvas)


def _hills(canvas: Canvas) -> None:
    dice, palette, unit = canvas.dice, canvas.palette, canvas.unit
    line: list[tuple[float, float]] = []
    for index in range(5):
        share = index / 4
        base = canvas.horizon + (canvas.height - canvas.horizon) * share * 0.75 + unit * 4
        line = canvas.ridge(base, 16 * unit * (1 - 0.5 * share), 0.45)
        canvas.below(line, mix(palette.far, palette.near, share**0.8))
        canvas.haze(base, 0.25 * (1 - share))
    bush = mix(palette.near, BLACK, 0.25)
    for x, y in line[:: max(1, round(14 / canvas.hand.fineness))]:
        if dice.random() < 0.3:
            size = unit * dice.uniform(1.2, 2.6)
            canvas.dot(x, y - size * 0.6, size, bush)
    if canvas.has("flowers"):
        for _ in canvas.many(260):
            share = dice.random() ** 0.6
            y = canvas.horizon + (canvas.height - canvas.horizon) * (0.55 + 0.45 * share)
            colour = mix(dice.choice(_FLOWERS), palette.near, 0.5 if palette.is_night else 0.0)
            canvas.dot(dice.uniform(0, canvas.width), y, unit * (0.2 + 0.7 * share), colour)


def _mountains(canvas: Canvas) -> None:
    palette, unit = canvas.palette, canvas.unit
    for index in range(3):
        share = index / 2
        base = canvas.horizon + unit * (4 + 9 * index)
        line = canvas.ridge(base, unit * (40 - 10 * index), 0.62)
        colour = mix(palette.far, palette.near, 0.15 + 0.45 * share)
        canvas.below(line, colour)
        if index < 2:
            _snow_caps(canvas, line, base - unit * (24 - 6 * index), mix(colour, WHITE, 0.75))
        canvas.haze(base, 0.3 * (1 - share))
    canvas.below(canvas.ridge(canvas.height * 0.9, unit * 8, 0.5), palette.near)


def _snow_caps(
    canvas: Canvas, line: list[tuple[float, float]], limit: float, colour: Colour
) -> None:
    for (x, y), (next_x, next_y) in itertools.pairwise(line):
        if y < limit:
            depth = (limit - y) * canvas.dice.uniform(0.35, 0.6)
            corners = [(x, y), (next_x, next_y), (next_x, next_y + depth), (x, y + depth)]
            canvas.shape(corners, colour)


def _desert(canvas: Canvas) -> None:
    palette = canvas.palette
    sand = mix(palette.light, (222, 160, 90), 0.75)
    for index in range(4):
        base = canvas.horizon + (canvas.height - canvas.horizon) * index / 4 + canvas.unit * 6
        line = canvas.ridge(base, canvas.unit * 12, 0.3)
        colour = mix(sand, (120, 70, 50), 0.16 * index)
        canvas.below(line, mix(colour, palette.near, 0.6 if palette.is_night else 0.0))
        lit = mix(colour, palette.light, 0.15 if palette.is_night else 0.5)
        canvas.pen.line(line, fill=lit, width=canvas.stroke(0.35), joint="curve")


def _forest(canvas: Canvas) -> None:
    palette, dice = canvas.palette, canvas.dice
    green = mix(palette.near, (24, 70, 48), 0.5)
    for index in range(4):
        share = index / 3
        base = canvas.horizon + (canvas.height - canvas.horizon) * share * 0.8 + canvas.unit * 6
        line = canvas.ridge(base, canvas.unit * 10, 0.5)
        colour = mix(palette.far, mix(green, BLACK, 0.3 * share), 0.25 + 0.75 * share)
        canvas.below(line, colour)
        tall = canvas.unit * (7 + 15 * share)
        for x, y in line[:: max(1, round(len(line) * tall / canvas.width / 3.2))]:
            _fir(canvas, x + dice.gauss(0, tall / 8), y, tall * dice.uniform(0.7, 1.2), colour)
        canvas.haze(base, 0.3 * (1 - share))


def _fir(canvas: Canvas, x: float, foot: float, tall: float, colour: Colour) -> None:
    for part in range(4):
        top = foot - tall * (1 - part * 0.2)
        half, low = tall * (0.09 + 0.055 * part), top + tall * 0.36
        canvas.shape([(x, top), (x - half, low), (x + half, low)], colour)
    if canvas.has("snowfall"):
        half, low = tall * 0.07, foot - tall * 0.8
        canvas.shape([(x, foot - tall), (x - half, low), (x + half, low)], mix(colour, WHITE, 0.7))


def _sea(canvas: Canvas) -> None:
    palette, dice, unit = canvas.palette, canvas.dice, canvas.unit
    depth = canvas.height - canvas.horizon
    deep = mix(palette.sky[0], palette.near, 0.45)
    surface = (mix(palette.sky[2], deep, 0.25), mix(palette.sky[1], deep, 0.5), deep)
    canvas.canvas.paste(graded(surface, (canvas.width, depth)), (0, canvas.horizon))
    coast = canvas.ridge(canvas.horizon + unit * 0.6, unit * 6, 0.5)
    corners = [*coast, (canvas.width, canvas.horizon), (0, canvas.horizon)]
    canvas.shape(corners, mix(palette.far, palette.sky[2], 0.35))
    for _ in canvas.many(420):
        share = dice.random() ** 1.6
        y, length = canvas.horizon + share * depth, unit * (1 + 9 * share) * dice.uniform(0.5, 1.4)
        x = dice.uniform(-length, canvas.width)
        colour = mix(palette.sky[2], deep, 0.35 + 0.5 * dice.random())
        canvas.pen.line(
            (x, y, x + length, y), fill=colour, width=canvas.stroke(0.12 + 0.25 * share)
        )
    for _ in canvas.many(150):
        share = dice.random()
        y = canvas.horizon + share * depth
        x = canvas.light_at[0] + dice.gauss(0, 0.45) * unit * (2.5 + 8 * share)
        length = unit * dice.uniform(0.6, 2.6) * (0.5 + share)
        colour = mix(palette.light, deep, 0.1 + 0.45 * share)
        width = canvas.stroke(0.15 + 0.2 * share)
        canvas.pen.line((x - length, y, x + length, y), fill=colour, width=width)


def _city(canvas: Canvas) -> None:
    palette, dice, unit = canvas.palette, canvas.dice, canvas.unit
    for index in range(3):
        share = index / 2
        wall = mix(palette.far, mix(palette.near, (12, 14, 26), 0.6), 0.2 + 0.8 * share)
        foot = canvas.horizon + unit * (8 + 10 * index)
        x = -unit * dice.uniform(0, 6)
        while x < canvas.width:
            wide = unit * dice.uniform(5, 11) * (0.8 + 0.35 * index)
            top = foot - unit * dice.uniform(12, 42) * (1.15 - 0.25 * share)
            canvas.pen.rectangle((x, top, x + wide, canvas.height), fill=wall)
            if dice.random() < 0.2:
                middle = x + wide / 2
                mast = (middle, top - unit * 6, middle, top)
                canvas.pen.line(mast, fill=wall, width=canvas.stroke(0.4))
            if index:
                _windows(canvas, x, top, wide, wall)
            x += wide + unit * dice.uniform(0, 1.5)
        canvas.haze(foot, 0.22 * (1 - share))


def _windows(canvas: Canvas, left: float, top: float, wide: float, wall: Colour) -> None:
    night, dice, step = canvas.palette.is_night, canvas.dice, canvas.unit * 1.7
    lit = mix((255, 214, 130), wall, 0.0 if night else 0.45)
    for row in range(1, int((canvas.height - top) / step)):
        for column in range(1, int(wide / step)):
            if dice.random() < (0.45 if night else 0.22):
                x, y = left + column * step, top + row * step
                box = (x - step * 0.22, y - step * 0.3, x + step * 0.22, y + step * 0.3)
                canvas.pen.rectangle(box, fill=mix(lit, wall, dice.uniform(0, 0.5)))


_PLACES: dict[str, Callable[[Canvas], None]] = {
    "hills": _hills,
    "mountains": _mountains,
    "desert": _desert,
    "forest": _forest,
    "sea": _sea,
    "city": _city,
}
