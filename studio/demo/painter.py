"""Paints a landscape from a prompt: the same commission gives the same bytes."""

from __future__ import annotations

import hashlib
import io
import math
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING

from studio.demo import palettes
from studio.demo.palettes import Colour, Scene, mix

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageDraw import ImageDraw

# Small pictures are painted at twice their size and shrunk, which smooths every edge.
SUPERSAMPLED_UP_TO = 1100 * 1100
MARK = "DEMO"


@dataclass(frozen=True, slots=True)
class Commission:
    """Everything that decides a picture; `inputs` are the encoded pictures of an edit."""

    model: str
    prompt: str
    negative_prompt: str
    width: int
    height: int
    seed: int
    steps: int
    guidance: float
    loras: str = ""
    inputs: tuple[bytes, ...] = ()

    def dice(self) -> Random:
        """Chance that depends on every field."""
        values = (
            self.model, self.prompt, self.negative_prompt, self.width, self.height, self.seed,
            self.steps, self.guidance, self.loras, *self.inputs,
        )  # fmt: skip
        return Random(hashlib.sha256(repr(values).encode()).digest())


def paint(commission: Commission) -> bytes:
    """The picture as a PNG; takes up to a few seconds of one processor."""
    if commission.inputs:
        from studio.demo import retouch

        picture = retouch.edited(commission)
    else:
        picture = Landscape(commission).picture()
    _mark(picture)
    stream = io.BytesIO()
    picture.save(stream, "PNG", compress_level=4)
    return stream.getvalue()


def graded(top: Colour, middle: Colour, low: Colour, size: tuple[int, int]) -> Image:
    """A smooth vertical gradient of three colours."""
    from PIL import Image as Pictures

    column = Pictures.new("RGB", (1, 256))
    for y in range(256):
        share = y / 255
        colour = (
            mix(top, middle, share / 0.6) if share < 0.6 else mix(middle, low, (share - 0.6) / 0.4)
        )
        column.putpixel((0, y), colour)
    return column.resize(size, Pictures.Resampling.BILINEAR)


class Landscape:
    """One painting in the making, from the sky down to the foreground."""

    def __init__(self, commission: Commission) -> None:
        from PIL import ImageDraw

        area = commission.width * commission.height
        self.scale = 2 if area <= SUPERSAMPLED_UP_TO else 1
        self.target = (commission.width, commission.height)
        self.width = commission.width * self.scale
        self.height = commission.height * self.scale
        self.dice = commission.dice()
        self.scene: Scene = palettes.scene_of(
            commission.prompt, commission.negative_prompt, self.dice
        )
        self.fineness = 0.5 + commission.steps / 40
        self.vividness = 0.8 + min(commission.guidance, 12) / 20
        self.unit = min(self.width, self.height) / 100
        self.horizon = round(self.height * self.dice.uniform(0.52, 0.64))
        self.light_at = (
            round(self.width * self.dice.uniform(0.18, 0.82)),
            round(self.height * self.dice.uniform(0.16, 0.4)),
        )
        self.canvas = graded(*self.scene.palette.sky, (self.width, self.height))
        self.draw: ImageDraw = ImageDraw.Draw(self.canvas)

    def picture(self) -> Image:
        """Paint everything; call once."""
        from PIL import Image as Pictures
        from PIL import ImageEnhance

        self._stars()
        self._aurora()
        self._light()
        self._clouds()
        {
            "sea": self._sea,
            "city": self._city,
            "forest": self._forest,
            "mountains": self._mountains,
            "desert": self._desert,
        }.get(self.scene.place, self._hills)()
        self._extras()
        self._weather()
        shown = self.canvas.resize(self.target, Pictures.Resampling.LANCZOS)
        return self._vignette(ImageEnhance.Color(shown).enhance(self.vividness))

    # ------------------------------------------------------------------ sky

    def _stars(self) -> None:
        if not (self.scene.palette.is_night or "stars" in self.scene.features):
            return
        for _ in range(round(220 * self.fineness)):
            x, y = self.dice.uniform(0, self.width), self.dice.uniform(0, self.horizon)
            radius = self.unit * self.dice.choice((0.06, 0.08, 0.1, 0.1, 0.18))
            below = self.canvas.getpixel((int(x), int(y)))
            assert isinstance(below, tuple)
            sky: Colour = (int(below[0]), int(below[1]), int(below[2]))
            shine = self.dice.uniform(0.3, 1.0) * (1 - 0.6 * y / self.horizon)
            self._dot(x, y, radius, mix(sky, (255, 252, 240), shine))

    def _aurora(self) -> None:
        if "aurora" not in self.scene.features:
            return
        veil = self._layer()
        from PIL import ImageDraw

        pen = ImageDraw.Draw(veil)
        for band in range(3):
            base, phase = self.height * (0.16 + 0.09 * band), self.dice.uniform(0, 6)
            for x in range(0, self.width, max(2, round(self.unit / 2))):
                y = base + math.sin(x / self.width * 7 + phase) * self.unit * 6
                length = self.unit * (9 + 6 * math.sin(x / self.width * 23 + phase))
                pen.line(
                    (x, y - length, x, y + self.unit * 2), fill=110, width=round(self.unit / 2)
                )
        self._pour((90, 240, 170), self._blurred(veil, 1.6))

    def _light(self) -> None:
        palette = self.scene.palette
        x, y = self.light_at
        moon = palette.is_night or "moon" in self.scene.features
        radius = self.unit * (5.5 if moon else 7)
        self._glow(x, y, radius * 6, palette.light, 0.55 if moon else 0.8)
        self._dot(x, y, radius, palette.light)
        if moon:
            shade = mix(palette.light, palette.sky[1], 0.25)
            for dx, dy, size in ((-0.3, -0.2, 0.22), (0.25, 0.3, 0.3), (0.3, -0.35, 0.15)):
                self._dot(x + dx * radius, y + dy * radius, size * radius, shade)

    def _clouds(self) -> None:
        from PIL import ImageDraw

        count = 9 if "clouds" in self.scene.features else self.dice.randint(2, 4)
        veil = self._layer()
        pen = ImageDraw.Draw(veil)
        for _ in range(count):
            x, y = self.dice.uniform(0, self.width), self.dice.uniform(0.08, 0.42) * self.height
            length = self.unit * self.dice.uniform(10, 26)
            for _ in range(12):
                dx, dy = self.dice.gauss(0, 0.4) * length, self.dice.gauss(0, 0.07) * length
                across = length * self.dice.uniform(0.2, 0.4)
                down = across * 0.28
                pen.ellipse(
                    (x + dx - across, y + dy - down, x + dx + across, y + dy + down), fill=120
                )
        strength = 0.45 if self.scene.palette.is_night else 0.9
        faded = self._blurred(veil, 1.5).point([round(v * strength) for v in range(256)])
        self._pour(mix(self.scene.palette.light, self.scene.palette.sky[2], 0.4), faded)

    # --------------------------------------------------------------- ground

    def _ridge(self, base: float, rise: float, roughness: float) -> list[tuple[float, float]]:
        """A skyline from left to right, as a sum of waves that get shorter and lower."""
        waves = [
            (2**octave * self.dice.uniform(0.8, 1.3), self.dice.uniform(0, 6.3), roughness**octave)
            for octave in range(2 + round(3 * min(self.fineness, 1.6)))
        ]
        total = sum(size for _, _, size in waves)
        points: list[tuple[float, float]] = []
        step = max(2, self.width // 400)
        for x in range(0, self.width + step, step):
            place = x / self.width * 6.3
            height = sum(math.sin(place * pace + phase) * size for pace, phase, size in waves)
            points.append((x, base - rise * (0.5 + 0.5 * height / total)))
        return points

    def _fill_below(self, line: list[tuple[float, float]], colour: Colour) -> None:
        self.draw.polygon([*line, (self.width, self.height), (0, self.height)], fill=colour)

    def _layers(self, count: int, rise: float, roughness: float) -> list[list[tuple[float, float]]]:
        lines = []
        for index in range(count):
            share = index / max(1, count - 1)
            base = self.horizon + (self.height - self.horizon) * share * 0.75 + self.unit * 4
            line = self._ridge(base, rise * self.unit * (1 - 0.5 * share), roughness)
            colour = mix(self.scene.palette.far, self.scene.palette.near, share**0.8)
            self._fill_below(line, colour)
            self._haze(base, 0.25 * (1 - share))
            lines.append(line)
        return lines

    def _hills(self) -> None:
        line = self._layers(5, 16, 0.45)[-1]
        if "flowers" in self.scene.features:
            self._flowers()
        near = self.scene.palette.near
        for x, y in line[:: max(1, round(14 / self.fineness))]:
            if self.dice.random() < 0.3:
                size = self.unit * self.dice.uniform(1.2, 2.6)
                self._dot(x, y - size * 0.6, size, mix(near, (0, 0, 0), 0.25))

    def _mountains(self) -> None:
        palette = self.scene.palette
        for index in range(3):
            share = index / 2
            base = self.horizon + self.unit * (4 + 9 * index)
            line = self._ridge(base, self.unit * (40 - 10 * index), 0.62)
            colour = mix(palette.far, palette.near, 0.15 + 0.45 * share)
            self._fill_below(line, colour)
            snow = mix(colour, (255, 255, 255), 0.75)
            limit = base - self.unit * (24 - 6 * index)
            for (x, y), (next_x, next_y) in zip(line, line[1:], strict=False):
                if y < limit:
                    depth = (limit - y) * self.dice.uniform(0.35, 0.6)
                    corners = [(x, y), (next_x, next_y), (next_x, next_y + depth), (x, y + depth)]
                    self.draw.polygon(corners, fill=snow)
            self._haze(base, 0.3 * (1 - share))
        self._fill_below(self._ridge(self.height * 0.9, self.unit * 8, 0.5), palette.near)

    def _desert(self) -> None:
        sand, shade = mix(self.scene.palette.light, (222, 160, 90), 0.75), (120, 70, 50)
        for index in range(4):
            base = self.horizon + (self.height - self.horizon) * index / 4 + self.unit * 6
            line = self._ridge(base, self.unit * 12, 0.3)
            dark = 0.6 if self.scene.palette.is_night else 0.0
            self._fill_below(
                line, mix(mix(sand, shade, 0.12 * index), self.scene.palette.near, dark)
            )

    def _forest(self) -> None:
        palette = self.scene.palette
        green = mix(palette.near, (24, 70, 48), 0.5)
        for index in range(4):
            share = index / 3
            base = self.horizon + (self.height - self.horizon) * share * 0.8 + self.unit * 6
            line = self._ridge(base, self.unit * 10, 0.5)
            colour = mix(palette.far, mix(green, (0, 0, 0), 0.3 * share), 0.25 + 0.75 * share)
            self._fill_below(line, colour)
            tall = self.unit * (7 + 15 * share)
            gap = max(1, round(len(line) * tall / self.width / 3.2))
            for x, y in line[::gap]:
                self._fir(
                    x + self.dice.gauss(0, tall / 8), y, tall * self.dice.uniform(0.7, 1.2), colour
                )
            self._haze(base, 0.3 * (1 - share))

    def _fir(self, x: float, foot: float, tall: float, colour: Colour) -> None:
        for part in range(4):
            top = foot - tall * (1 - part * 0.2)
            half = tall * (0.09 + 0.055 * part)
            low = top + tall * 0.36
            self.draw.polygon([(x, top), (x - half, low), (x + half, low)], fill=colour)
        snowy = "snowfall" in self.scene.features
        if snowy:
            white = mix(colour, (255, 255, 255), 0.7)
            half = tall * 0.07
            self.draw.polygon(
                [(x, foot - tall), (x - half, foot - tall * 0.8), (x + half, foot - tall * 0.8)],
                fill=white,
            )

    def _sea(self) -> None:
        palette = self.scene.palette
        depth = self.height - self.horizon
        deep = mix(palette.sky[0], palette.near, 0.45)
        water = graded(mix(palette.sky[2], deep, 0.25), mix(palette.sky[1], deep, 0.5), deep,
                       (self.width, depth))  # fmt: skip
        self.canvas.paste(water, (0, self.horizon))
        far = self._ridge(self.horizon + self.unit * 0.6, self.unit * 6, 0.5)
        coast = [*far, (self.width, self.horizon), (0, self.horizon)]
        self.draw.polygon(coast, fill=mix(palette.far, palette.sky[2], 0.35))
        for _ in range(round(420 * self.fineness)):
            share = self.dice.random() ** 1.6
            y = self.horizon + share * depth
            length = self.unit * (1 + 9 * share) * self.dice.uniform(0.5, 1.4)
            x = self.dice.uniform(-length, self.width)
            bright = mix(palette.sky[2], deep, 0.35 + 0.5 * self.dice.random())
            self.draw.line((x, y, x + length, y), fill=bright, width=self._pen(0.12 + 0.25 * share))
        for _ in range(round(150 * self.fineness)):
            share = self.dice.random()
            y = self.horizon + share * depth
            spread = self.unit * (2.5 + 8 * share)
            x = self.light_at[0] + self.dice.gauss(0, 0.45) * spread
            length = self.unit * self.dice.uniform(0.6, 2.6) * (0.5 + share)
            self.draw.line(
                (x - length, y, x + length, y),
                fill=mix(palette.light, deep, 0.1 + 0.45 * share),
                width=self._pen(0.15 + 0.2 * share),
            )

    def _city(self) -> None:
        palette = self.scene.palette
        for index in range(3):
            share = index / 2
            colour = mix(palette.far, mix(palette.near, (12, 14, 26), 0.6), 0.2 + 0.8 * share)
            x = -self.unit * self.dice.uniform(0, 6)
            foot = self.horizon + self.unit * (8 + 10 * index)
            while x < self.width:
                wide = self.unit * self.dice.uniform(5, 11) * (0.8 + 0.35 * index)
                tall = self.unit * self.dice.uniform(12, 42) * (1.15 - 0.25 * share)
                self.draw.rectangle((x, foot - tall, x + wide, self.height), fill=colour)
                if self.dice.random() < 0.2:
                    middle = x + wide / 2
                    mast = (middle, foot - tall - self.unit * 6, middle, foot - tall)
                    self.draw.line(mast, fill=colour, width=self._pen(0.4))
                if index:
                    self._windows(x, foot - tall, wide, colour)
                x += wide + self.unit * self.dice.uniform(0, 1.5)
            self._haze(foot, 0.22 * (1 - share))

    def _windows(self, left: float, top: float, wide: float, wall: Colour) -> None:
        step = self.unit * 1.7
        lit = mix((255, 214, 130), wall, 0.0 if self.scene.palette.is_night else 0.45)
        share = 0.45 if self.scene.palette.is_night else 0.22
        for row in range(1, int((self.height - top) / step)):
            for column in range(1, int(wide / step)):
                if self.dice.random() < share:
                    x, y = left + column * step, top + row * step
                    box = (x - step * 0.22, y - step * 0.3, x + step * 0.22, y + step * 0.3)
                    self.draw.rectangle(box, fill=mix(lit, wall, self.dice.uniform(0, 0.5)))

    # --------------------------------------------------------------- extras

    def _flowers(self) -> None:
        kinds = ((235, 90, 110), (250, 205, 90), (240, 240, 250), (170, 110, 220))
        for _ in range(round(260 * self.fineness)):
            share = self.dice.random() ** 0.6
            y = self.horizon + (self.height - self.horizon) * (0.45 + 0.55 * share)
            x = self.dice.uniform(0, self.width)
            self._dot(x, y, self.unit * (0.2 + 0.7 * share), self.dice.choice(kinds))

    def _extras(self) -> None:
        features = self.scene.features
        dark = mix(self.scene.palette.near, (0, 0, 0), 0.35)
        if "birds" in features or self.dice.random() < 0.2:
            for _ in range(self.dice.randint(4, 8)):
                x, y = (
                    self.dice.uniform(0.1, 0.9) * self.width,
                    self.dice.uniform(0.1, 0.4) * self.height,
                )
                span = self.unit * self.dice.uniform(1.2, 2.4)
                wing = [(x - span, y - span * 0.4), (x, y), (x + span, y - span * 0.4)]
                self.draw.line(wing, fill=dark, width=self._pen(0.35), joint="curve")
        if "boat" in features:
            self._boat(dark)
        if "lantern" in features:
            for _ in range(14):
                x, y = self.dice.uniform(0, self.width), self.dice.uniform(0.1, 0.6) * self.height
                size = self.unit * self.dice.uniform(0.8, 2)
                self._glow(x, y, size * 4, (255, 170, 80), 0.7)
                self._dot(x, y, size * 0.7, (255, 214, 140))

    def _boat(self, dark: Colour) -> None:
        x = self.dice.uniform(0.3, 0.7) * self.width
        y = self.horizon + (self.height - self.horizon) * 0.32
        size = self.unit * 7
        hull = [
            (x - size, y),
            (x + size, y),
            (x + size * 0.7, y + size * 0.3),
            (x - size * 0.7, y + size * 0.3),
        ]
        self.draw.polygon(hull, fill=dark)
        sail = mix(self.scene.palette.light, self.scene.palette.sky[2], 0.2)
        self.draw.polygon(
            [(x, y - size * 1.5), (x, y - size * 0.1), (x + size * 0.75, y - size * 0.1)], fill=sail
        )
        self.draw.polygon([(x - size * 0.1, y - size * 1.2), (x - size * 0.1, y - size * 0.1), (x - size * 0.55, y - size * 0.1)], fill=mix(sail, dark, 0.15))  # fmt: skip

    def _weather(self) -> None:
        features = self.scene.features
        if "fog" in features:
            for share in (0.55, 0.7, 0.85):
                self._haze(self.height * share, 0.5)
        if "snowfall" in features:
            for _ in range(round(380 * self.fineness)):
                x, y = self.dice.uniform(0, self.width), self.dice.uniform(0, self.height)
                self._dot(
                    x, y, self.unit * self.dice.choice((0.15, 0.2, 0.3, 0.45)), (255, 255, 255)
                )
        if "rainfall" in features:
            thin = mix(self.scene.palette.light, self.scene.palette.sky[1], 0.45)
            for _ in range(round(420 * self.fineness)):
                x, y = self.dice.uniform(0, self.width), self.dice.uniform(0, self.height)
                length = self.unit * self.dice.uniform(2, 5)
                self.draw.line(
                    (x, y, x - length * 0.25, y + length), fill=thin, width=self._pen(0.1)
                )

    # ---------------------------------------------------------------- tools

    def _pen(self, units: float) -> int:
        return max(1, round(self.unit * units))

    def _dot(self, x: float, y: float, radius: float, colour: Colour) -> None:
        self.draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=colour)

    def _layer(self) -> Image:
        # A quarter of the size: these layers are blurred anyway.
        from PIL import Image as Pictures

        return Pictures.new("L", (self.width, self.height), 0)

    def _blurred(self, layer: Image, units: float) -> Image:
        from PIL import Image as Pictures
        from PIL import ImageFilter

        small = layer.reduce(4)
        soft = small.filter(ImageFilter.GaussianBlur(self.unit * units / 4))
        return soft.resize(layer.size, Pictures.Resampling.BILINEAR)

    def _pour(self, colour: Colour, mask: Image) -> None:
        self.canvas.paste(colour, (0, 0, *self.canvas.size), mask)

    def _glow(self, x: float, y: float, radius: float, colour: Colour, strength: float) -> None:
        from PIL import Image as Pictures

        size = max(2, round(radius * 2))
        fade = [round(255 * strength * max(0.0, 1 - v / 255 * 1.42) ** 2) for v in range(256)]
        mask = Pictures.radial_gradient("L").resize((size, size)).point(fade)
        self.canvas.paste(colour, (round(x - radius), round(y - radius)), mask)

    def _haze(self, y: float, strength: float) -> None:
        from PIL import Image as Pictures

        thick = round(self.unit * 16)
        fade = [round(255 * strength * math.sin(math.pi * v / 255)) for v in range(256)]
        band = Pictures.linear_gradient("L").resize((self.width, thick)).point(fade)
        self.canvas.paste(self.scene.palette.sky[2], (0, round(y - thick / 2)), band)

    def _vignette(self, picture: Image) -> Image:
        from PIL import Image as Pictures

        fade = [round(255 - 70 * (v / 255) ** 2.5) for v in range(256)]
        mask = Pictures.radial_gradient("L").resize(picture.size).point(fade)
        return Pictures.composite(picture, Pictures.new("RGB", picture.size), mask)


def _mark(picture: Image) -> None:
    from PIL import ImageDraw, ImageFont

    size = max(8, min(picture.size) // 48)
    font = ImageFont.load_default(size)
    pen = ImageDraw.Draw(picture, "RGBA")
    wide = pen.textlength(MARK, font=font)
    x, y = picture.width - wide - size * 0.8, picture.height - size * 2
    pen.text((x + 1, y + 1), MARK, font=font, fill=(0, 0, 0, 90))
    pen.text((x, y), MARK, font=font, fill=(255, 255, 255, 150))
