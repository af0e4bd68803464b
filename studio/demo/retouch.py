"""Edits pictures that came with a request: simple, but with the very pixels that were sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PIL import Image, ImageFilter, ImageOps

from studio.demo import own_texts, picture_facts

if TYPE_CHECKING:
    from collections.abc import Callable

    from studio.demo.palettes import Palette


def retouched(
    inputs: tuple[bytes, ...], size: tuple[int, int], prompt: str, palette: Palette
) -> Image.Image:
    """The inputs side by side, changed as the prompt says; else tinted by the palette."""
    sheet = Image.new("RGB", size)
    share = max(1, size[0] // len(inputs))
    for index, raw in enumerate(inputs):
        whole = picture_facts.opened(raw).convert("RGB")
        sheet.paste(ImageOps.fit(whole, (share, size[1])), (index * share, 0))
    words = own_texts.table("scenes.toml")["edits"]
    lowered = prompt.lower()
    asked = [name for name in _EDITS if any(word in lowered for word in words[name])]
    for name in asked:
        sheet = _EDITS[name](sheet)
    if asked:
        return sheet
    return Image.blend(sheet, Image.new("RGB", size, palette.sky[1]), 0.35)


def _grey(picture: Image.Image) -> Image.Image:
    return ImageOps.grayscale(picture).convert("RGB")


def _soft(picture: Image.Image) -> Image.Image:
    return picture.filter(ImageFilter.GaussianBlur(min(picture.size) / 60))


def _sketch(picture: Image.Image) -> Image.Image:
    edges = ImageOps.grayscale(picture).filter(ImageFilter.FIND_EDGES)
    return ImageOps.invert(edges).convert("RGB")


def _poster(picture: Image.Image) -> Image.Image:
    return ImageOps.posterize(picture, 3)


_EDITS: dict[str, Callable[[Image.Image], Image.Image]] = {
    "grey": _grey,
    "blur": _soft,
    "mirror": ImageOps.mirror,
    "sketch": _sketch,
    "poster": _poster,
}
