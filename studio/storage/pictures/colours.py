"""Colours of foreign pictures: from their own profile to sRGB, and from clear to white."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from studio.storage.pictures.decoding import DECODING_ERRORS

if TYPE_CHECKING:
    from PIL.Image import Image

_SPACES = {"GRAY": "L", "RGB ": "RGB", "CMYK": "CMYK"}
_SAME = 2  # of 255: two profiles whose colours are never further apart are one


def to_srgb(picture: Image, profile: bytes | None) -> Image:
    """RGB or RGBA in the colours that everybody assumes; `picture` itself when it has them.

    `picture` is L, RGB, RGBA or CMYK.
    """
    alpha = picture.getchannel("A") if picture.mode == "RGBA" else None
    converted = _by_profile(picture, profile) if profile else None
    if converted is None:
        return picture if picture.mode in ("RGB", "RGBA") else picture.convert("RGB")
    converted.info = {}
    if alpha:
        converted.putalpha(alpha)
    return converted


def _by_profile(picture: Image, profile: bytes) -> Image | None:
    """The colours by their own profile; None when it is none, does not fit or changes nothing."""
    from PIL import ImageCms

    try:
        own = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        mode = _SPACES.get(own.profile.xcolor_space)
        colours = _in_mode(picture, mode)
        if mode is None or colours is None:
            return None
        transform = ImageCms.buildTransform(own, ImageCms.createProfile("sRGB"), mode, "RGB")
        if mode == "RGB" and _changes_nothing(transform):
            return None
        return ImageCms.applyTransform(colours, transform)
    except (ImageCms.PyCMSError, *DECODING_ERRORS):
        return None


def _in_mode(picture: Image, mode: str | None) -> Image | None:
    """The picture in the kind of colours that its profile is for, where that loses nothing."""
    if picture.mode == mode:
        return picture
    if mode == "RGB" and picture.mode in ("RGBA", "L"):
        return picture.convert("RGB")
    if mode == "L" and picture.mode in ("RGB", "RGBA"):
        red, green, blue = picture.convert("RGB").split()
        # A gray picture that has become RGB on its way; a coloured one has the wrong profile.
        same = red.tobytes() == green.tobytes() == blue.tobytes()
        return red if same else None
    return None


def _changes_nothing(transform: Any) -> bool:
    """Whether a profile is sRGB, whatever it calls itself: by what it does to colours."""
    from PIL import Image, ImageChops, ImageCms

    steps = [*range(0, 256, 51)]
    cube = bytes(value for r in steps for g in steps for b in steps for value in (r, g, b))
    colours = Image.frombytes("RGB", (len(steps) ** 2, len(steps)), cube)
    converted = ImageCms.applyTransform(colours, transform)
    if converted is None:
        return True
    extrema = ImageChops.difference(colours, converted).getextrema()
    return all(isinstance(high, int) and high <= _SAME for _, high in extrema)  # type: ignore[misc]


def on_white(picture: Image) -> Image:
    """RGB: what is clear lies on white, and colours that nobody saw are gone.

    `info["was_clear"]` of the result says whether anything was.
    """
    from PIL import Image

    if picture.mode != "RGBA":
        return picture
    low = picture.getchannel("A").getextrema()[0]
    if low == 255:
        return picture.convert("RGB")
    flat = Image.new("RGB", picture.size, "white")
    flat.paste(picture, mask=picture.getchannel("A"))
    flat.info["was_clear"] = True
    return flat
