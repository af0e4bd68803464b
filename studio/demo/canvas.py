"""The canvas of one painting, and the strokes that every part of it is made of."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PIL import Image, ImageDraw, ImageFilter

from studio.demo.palettes import Colour, Palette, Scene, mix

if TYPE_CHECKING:
    from random import Random

# Small pictures are painted at twice their size and shrunk, which smooths every edge.
SUPERSAMPLED_UP_TO = 1100 * 1100
Line = list[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Hand:
    """How finely and how vividly is painted; 1.0 is the ordinary hand."""

    fineness: float
    vividness: float


class Canvas:
    """A canvas with its scene. `unit` is a hundredth of the shorter side, in canvas pixels."""

    def __init__(self, width: int, height: int, scene: Scene, hand: Hand, dice: Random) -> None:
        scale = 2 if width * height <= SUPERSAMPLED_UP_TO else 1
        self.target = (width, height)
        self.width, self.height = width * scale, height * scale
        self.scene, self.hand, self.dice = scene, hand, dice
        self.unit = min(self.width, self.height) / 100
        self.horizon = round(self.height * dice.uniform(0.52, 0.64))
        low, high = scene.palette.light_height
        self.light_at = (
            round(self.width * dice.uniform(0.18, 0.82)),
            round(self.horizon * dice.uniform(low, high)),
        )
        self.canvas = graded(scene.palette.sky, (self.width, self.height))
        self.pen = ImageDraw.Draw(self.canvas)

    @property
    def palette(self) -> Palette:
        return self.scene.palette

    def has(self, feature: str) -> bool:
        return feature in self.scene.features

    def stroke(self, units: float) -> int:
        """A line's width in pixels, at least one."""
        return max(1, round(self.unit * units))

    def many(self, count: float) -> range:
        """About `count` times, more for a fine hand."""
        return range(round(count * self.hand.fineness))

    def dot(self, x: float, y: float, radius: float, colour: Colour) -> None:
        self.pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=colour)

    def shape(self, corners: Line, colour: Colour) -> None:
        self.pen.polygon(corners, fill=colour)

    def below(self, line: Line, colour: Colour) -> None:
        """Fill everything under a skyline."""
        self.shape([*line, (self.width, self.height), (0, self.height)], colour)

    def ridge(self, base: float, rise: float, roughness: float) -> Line:
        """A skyline from left to right, as a sum of waves that get shorter and lower."""
        waves = [
            (2**octave * self.dice.uniform(0.8, 1.3), self.dice.uniform(0, 6.3), roughness**octave)
            for octave in range(2 + round(3 * min(self.hand.fineness, 1.6)))
        ]
        total = sum(size for _, _, size in waves)
        step = max(2, self.width // 400)
        points: Line = []
        for x in range(0, self.width + step, step):
            place = x / self.width * 6.3
            height = sum(math.sin(place * pace + phase) * size for pace, phase, size in waves)
            points.append((x, base - rise * (0.5 + 0.5 * height / total)))
        return points

    def veil(self) -> tuple[Image.Image, ImageDraw.ImageDraw]:
        """An empty mask over the canvas, and a pen for it; `pour` colours it."""
        layer = Image.new("L", (self.width, self.height), 0)
        return layer, ImageDraw.Draw(layer)

    def pour(self, colour: Colour, veil: Image.Image, blur: float, strength: float = 1.0) -> None:
        """Lay a colour through a mask that is blurred by `blur` units first."""
        # Blurred at a quarter of the size: four times faster, and nobody can tell.
        small = veil.reduce(4).filter(ImageFilter.GaussianBlur(self.unit * blur / 4))
        faded = small.point([round(value * strength) for value in range(256)])
        mask = faded.resize(veil.size, Image.Resampling.BILINEAR)
        self.canvas.paste(colour, (0, 0, self.width, self.height), mask)

    def glow(self, x: float, y: float, radius: float, colour: Colour, strength: float) -> None:
        """Light that fades with the distance from a point."""
        fade = [round(255 * strength * max(0.0, 1 - v / 255 * 1.42) ** 2) for v in range(256)]
        size = max(2, round(radius * 2))
        mask = Image.radial_gradient("L").resize((size, size)).point(fade)
        self.canvas.paste(colour, (round(x - radius), round(y - radius)), mask)

    def haze(self, y: float, strength: float) -> None:
        """A band of mist in the colour of the horizon."""
        thick = max(2, round(self.unit * 16))
        fade = [round(255 * strength * math.sin(math.pi * v / 255)) for v in range(256)]
        band = Image.linear_gradient("L").resize((self.width, thick)).point(fade)
        self.canvas.paste(self.palette.sky[2], (0, round(y - thick / 2)), band)


def graded(colours: tuple[Colour, Colour, Colour], size: tuple[int, int]) -> Image.Image:
    """A smooth gradient of three colours from top to bottom."""
    top, middle, low = colours
    column = Image.new("RGB", (1, 256))
    for y in range(256):
        place = y / 255
        upper = place < 0.6
        colour = mix(top, middle, place / 0.6) if upper else mix(middle, low, (place - 0.6) / 0.4)
        column.putpixel((0, y), colour)
    return column.resize(size, Image.Resampling.BILINEAR)
