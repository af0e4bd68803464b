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


def paint_ground(easel: Canvas) -> None:
    """The place of the scene."""
    _PLACES[easel.scene.place](easel)


def _hills(easel: Canvas) -> None:
    dice, palette, unit = easel.dice, easel.palette, easel.unit
    line: list[tuple[float, float]] = []
    for index in range(5):
        share = index / 4
        base = easel.horizon + (easel.height - easel.horizon) * share * 0.75 + unit * 4
        line = easel.ridge(base, 16 * unit * (1 - 0.5 * share), 0.45)
        easel.below(line, mix(palette.far, palette.near, share**0.8))
        easel.haze(base, 0.25 * (1 - share))
    bush = mix(palette.near, BLACK, 0.25)
    for x, y in line[:: max(1, round(14 / easel.hand.fineness))]:
        if dice.random() < 0.3:
            size = unit * dice.uniform(1.2, 2.6)
            easel.dot(x, y - size * 0.6, size, bush)
    if easel.has("flowers"):
        for _ in easel.many(260):
            share = dice.random() ** 0.6
            y = easel.horizon + (easel.height - easel.horizon) * (0.55 + 0.45 * share)
            colour = mix(dice.choice(_FLOWERS), palette.near, 0.5 if palette.is_night else 0.0)
            easel.dot(dice.uniform(0, easel.width), y, unit * (0.2 + 0.7 * share), colour)


def _mountains(easel: Canvas) -> None:
    palette, unit = easel.palette, easel.unit
    for index in range(3):
        share = index / 2
        base = easel.horizon + unit * (4 + 9 * index)
        line = easel.ridge(base, unit * (40 - 10 * index), 0.62)
        colour = mix(palette.far, palette.near, 0.15 + 0.45 * share)
        easel.below(line, colour)
        if index < 2:
            _snow_caps(easel, line, base - unit * (24 - 6 * index), mix(colour, WHITE, 0.75))
        easel.haze(base, 0.3 * (1 - share))
    easel.below(easel.ridge(easel.height * 0.9, unit * 8, 0.5), palette.near)


def _snow_caps(
    easel: Canvas, line: list[tuple[float, float]], limit: float, colour: Colour
) -> None:
    for (x, y), (next_x, next_y) in itertools.pairwise(line):
        if y < limit:
            depth = (limit - y) * easel.dice.uniform(0.35, 0.6)
            corners = [(x, y), (next_x, next_y), (next_x, next_y + depth), (x, y + depth)]
            easel.shape(corners, colour)


def _desert(easel: Canvas) -> None:
    palette = easel.palette
    sand = mix(palette.light, (222, 160, 90), 0.75)
    for index in range(4):
        base = easel.horizon + (easel.height - easel.horizon) * index / 4 + easel.unit * 6
        line = easel.ridge(base, easel.unit * 12, 0.3)
        colour = mix(sand, (120, 70, 50), 0.16 * index)
        easel.below(line, mix(colour, palette.near, 0.6 if palette.is_night else 0.0))
        lit = mix(colour, palette.light, 0.15 if palette.is_night else 0.5)
        easel.pen.line(line, fill=lit, width=easel.stroke(0.35), joint="curve")


def _forest(easel: Canvas) -> None:
    palette, dice = easel.palette, easel.dice
    green = mix(palette.near, (24, 70, 48), 0.5)
    for index in range(4):
        share = index / 3
        base = easel.horizon + (easel.height - easel.horizon) * share * 0.8 + easel.unit * 6
        line = easel.ridge(base, easel.unit * 10, 0.5)
        colour = mix(palette.far, mix(green, BLACK, 0.3 * share), 0.25 + 0.75 * share)
        easel.below(line, colour)
        tall = easel.unit * (7 + 15 * share)
        for x, y in line[:: max(1, round(len(line) * tall / easel.width / 3.2))]:
            _fir(easel, x + dice.gauss(0, tall / 8), y, tall * dice.uniform(0.7, 1.2), colour)
        easel.haze(base, 0.3 * (1 - share))


def _fir(easel: Canvas, x: float, foot: float, tall: float, colour: Colour) -> None:
    for part in range(4):
        top = foot - tall * (1 - part * 0.2)
        half, low = tall * (0.09 + 0.055 * part), top + tall * 0.36
        easel.shape([(x, top), (x - half, low), (x + half, low)], colour)
    if easel.has("snowfall"):
        half, low = tall * 0.07, foot - tall * 0.8
        easel.shape([(x, foot - tall), (x - half, low), (x + half, low)], mix(colour, WHITE, 0.7))


def _sea(easel: Canvas) -> None:
    palette, dice, unit = easel.palette, easel.dice, easel.unit
    depth = easel.height - easel.horizon
    deep = mix(palette.sky[0], palette.near, 0.45)
    surface = (mix(palette.sky[2], deep, 0.25), mix(palette.sky[1], deep, 0.5), deep)
    easel.canvas.paste(graded(surface, (easel.width, depth)), (0, easel.horizon))
    coast = easel.ridge(easel.horizon + unit * 0.6, unit * 6, 0.5)
    corners = [*coast, (easel.width, easel.horizon), (0, easel.horizon)]
    easel.shape(corners, mix(palette.far, palette.sky[2], 0.35))
    for _ in easel.many(420):
        share = dice.random() ** 1.6
        y, length = easel.horizon + share * depth, unit * (1 + 9 * share) * dice.uniform(0.5, 1.4)
        x = dice.uniform(-length, easel.width)
        colour = mix(palette.sky[2], deep, 0.35 + 0.5 * dice.random())
        easel.pen.line((x, y, x + length, y), fill=colour, width=easel.stroke(0.12 + 0.25 * share))
    for _ in easel.many(150):
        share = dice.random()
        y = easel.horizon + share * depth
        x = easel.light_at[0] + dice.gauss(0, 0.45) * unit * (2.5 + 8 * share)
        length = unit * dice.uniform(0.6, 2.6) * (0.5 + share)
        colour = mix(palette.light, deep, 0.1 + 0.45 * share)
        width = easel.stroke(0.15 + 0.2 * share)
        easel.pen.line((x - length, y, x + length, y), fill=colour, width=width)


def _city(easel: Canvas) -> None:
    palette, dice, unit = easel.palette, easel.dice, easel.unit
    for index in range(3):
        share = index / 2
        wall = mix(palette.far, mix(palette.near, (12, 14, 26), 0.6), 0.2 + 0.8 * share)
        foot = easel.horizon + unit * (8 + 10 * index)
        x = -unit * dice.uniform(0, 6)
        while x < easel.width:
            wide = unit * dice.uniform(5, 11) * (0.8 + 0.35 * index)
            top = foot - unit * dice.uniform(12, 42) * (1.15 - 0.25 * share)
            easel.pen.rectangle((x, top, x + wide, easel.height), fill=wall)
            if dice.random() < 0.2:
                middle = x + wide / 2
                mast = (middle, top - unit * 6, middle, top)
                easel.pen.line(mast, fill=wall, width=easel.stroke(0.4))
            if index:
                _windows(easel, x, top, wide, wall)
            x += wide + unit * dice.uniform(0, 1.5)
        easel.haze(foot, 0.22 * (1 - share))


def _windows(easel: Canvas, left: float, top: float, wide: float, wall: Colour) -> None:
    night, dice, step = easel.palette.is_night, easel.dice, easel.unit * 1.7
    lit = mix((255, 214, 130), wall, 0.0 if night else 0.45)
    for row in range(1, int((easel.height - top) / step)):
        for column in range(1, int(wide / step)):
            if dice.random() < (0.45 if night else 0.22):
                x, y = left + column * step, top + row * step
                box = (x - step * 0.22, y - step * 0.3, x + step * 0.22, y + step * 0.3)
                easel.pen.rectangle(box, fill=mix(lit, wall, dice.uniform(0, 0.5)))


_PLACES: dict[str, Callable[[Canvas], None]] = {
    "hills": _hills,
    "mountains": _mountains,
    "desert": _desert,
    "forest": _forest,
    "sea": _sea,
    "city": _city,
}
