"""Paints a landscape from a prompt: the same commission gives the same bytes."""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass
from random import Random

from PIL import Image, ImageDraw, ImageEnhance, ImageFont

from studio.demo.canvas import Canvas, Hand
from studio.demo.ground import paint_ground
from studio.demo.palettes import scene_of
from studio.demo.retouch import retouched
from studio.demo.scenery import paint_details
from studio.demo.sky import paint_sky

MARK = "DEMO"
_SHADE = [round(255 - 70 * (value / 255) ** 2.5) for value in range(256)]


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
            self.model,
            self.prompt,
            self.negative_prompt,
            f"{self.width}x{self.height}",
            self.seed,
            self.steps,
            self.guidance,
            self.loras,
            *self.inputs,
        )
        return Random(hashlib.sha256(repr(values).encode()).digest())


def paint(commission: Commission) -> bytes:
    """The picture as a PNG; a quarter of a second of one processor for a million pixels."""
    picture = _edit(commission) if commission.inputs else _landscape(commission)
    _mark(picture)
    stream = io.BytesIO()
    picture.save(stream, "PNG", compress_level=4)
    return stream.getvalue()


def _landscape(commission: Commission) -> Image.Image:
    dice = commission.dice()
    scene = scene_of(commission.prompt, commission.negative_prompt, dice)
    # More steps paint finer, more guidance paints in stronger colours.
    hand = Hand(0.5 + commission.steps / 40, 0.8 + min(commission.guidance, 12) / 20)
    canvas = Canvas(commission.width, commission.height, scene, hand, dice)
    paint_sky(canvas)
    paint_ground(canvas)
    paint_details(canvas)
    shown = canvas.canvas.resize(canvas.target, Image.Resampling.LANCZOS)
    vivid = ImageEnhance.Color(shown).enhance(hand.vividness)
    corners = Image.radial_gradient("L").resize(vivid.size).point(_SHADE)
    return Image.composite(vivid, Image.new("RGB", vivid.size), corners)


def _edit(commission: Commission) -> Image.Image:
    size = (commission.width, commission.height)
    scene = scene_of(commission.prompt, commission.negative_prompt, commission.dice())
    return retouched(commission.inputs, size, commission.prompt, scene.palette)


def _mark(picture: Image.Image) -> None:
    size = max(8, min(picture.size) // 48)
    font = ImageFont.load_default(size)
    pen = ImageDraw.Draw(picture, "RGBA")
    wide = pen.textlength(MARK, font=font)
    x, y = picture.width - wide - size * 0.8, picture.height - size * 2
    pen.text((x + 1, y + 1), MARK, font=font, fill=(0, 0, 0, 90))
    pen.text((x, y), MARK, font=font, fill=(255, 255, 255, 150))
