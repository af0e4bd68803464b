"""Edits pictures that came with a request: simple, but with the very pixels that were sent."""

from __future__ import annotations

import io
import warnings
from typing import TYPE_CHECKING

from studio.demo import palettes, shelf
from studio.demo.refusals import Refusal
from studio.demo.sight import FORMATS

if TYPE_CHECKING:
    from PIL.Image import Image

    from studio.demo.painter import Commission


def edited(commission: Commission) -> Image:
    """The inputs side by side, changed as the prompt says; at least tinted by its palette."""
    from PIL import Image as Pictures
    from PIL import ImageFilter, ImageOps

    size = (commission.width, commission.height)
    share = commission.width // len(commission.inputs)
    sheet = Pictures.new("RGB", size)
    for index, raw in enumerate(commission.inputs):
        sheet.paste(ImageOps.fit(_opened(raw), (max(1, share), size[1])), (index * share, 0))
    wanted = commission.prompt.lower()
    edits = shelf.table("scenes.toml")["edits"]
    asked = [name for name, words in edits.items() if any(word in wanted for word in words)]
    for name in asked:
        if name == "grey":
            sheet = ImageOps.grayscale(sheet).convert("RGB")
        elif name == "blur":
            sheet = sheet.filter(ImageFilter.GaussianBlur(min(size) / 60))
        elif name == "mirror":
            sheet = ImageOps.mirror(sheet)
        elif name == "sketch":
            edges = ImageOps.grayscale(sheet).filter(ImageFilter.FIND_EDGES)
            sheet = ImageOps.invert(edges).convert("RGB")
        elif name == "poster":
            sheet = ImageOps.posterize(sheet, 3)
    if asked:
        return sheet
    scene = palettes.scene_of(commission.prompt, commission.negative_prompt, commission.dice())
    tint = Pictures.new("RGB", size, scene.palette.sky[1])
    return Pictures.blend(sheet, tint, 0.35)


def _opened(raw: bytes) -> Image:
    from PIL import Image as Pictures
    from PIL import UnidentifiedImageError

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Pictures.DecompressionBombWarning)
            return Pictures.open(io.BytesIO(raw), formats=FORMATS).convert("RGB")
    except (
        UnidentifiedImageError,
        OSError,
        ValueError,
        SyntaxError,
        Pictures.DecompressionBombError,
        Pictures.DecompressionBombWarning,
    ) as error:
        raise Refusal(400, "The image could not be decoded", deep=True) from error
