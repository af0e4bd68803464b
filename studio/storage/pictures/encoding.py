"""Encodes a picture for sending: the smaller of PNG and JPEG, with text as sharp as it was."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image

MOST_SENT_BYTES = 5 * 1024 * 1024
QUALITIES = (92, 85, 75, 60, 40)
FEW_COLOURS = 256
_SHARP_BYTES = 1024 * 1024  # a drawing in few colours is sent without loss up to here
# Lines that are encoded both ways before the whole is: a photograph is never written as PNG, which
# takes ten times as long.
_SAMPLE_LINES, _SAMPLES = 16, 8
_WORTH_MORE_TIME = 1_000_000  # pixels: PNG is made as small as can be
_FULL, _HALF = 0, 2  # how JPEG keeps colours: all, or one for four pixels


def encode(
    picture: Image, *, from_jpeg: bool = False, subsampled: bool = False
) -> tuple[bytes, str, Image]:
    """The encoded picture (RGB), its media type, and the picture, if it had to be shrunk.

    PNG while it is smaller than JPEG, as with screenshots, or is a drawing in few colours; what was
    a JPEG stays one. JPEG keeps the colours of every pixel unless the source was a
    JPEG that had not (`subsampled`).
    """
    colours = _HALF if subsampled else _FULL
    few = not from_jpeg and picture.getcolors(FEW_COLOURS) is not None
    if few or (not from_jpeg and _is_smaller_as_png(picture, colours)):
        small = picture.width * picture.height <= _WORTH_MORE_TIME
        png = _encoded(picture, "PNG", optimize=small)
        sharp = few and len(png) <= _SHARP_BYTES
        fits = len(png) <= MOST_SENT_BYTES
        if sharp or (fits and len(png) <= len(_jpeg(picture, colours, QUALITIES[0]))):
            return png, "image/png", picture
    while True:
        for quality in QUALITIES:
            jpeg = _jpeg(picture, colours, quality)
            if len(jpeg) <= MOST_SENT_BYTES:
                return jpeg, "image/jpeg", picture
        picture = picture.resize((max(1, picture.width * 3 // 4), max(1, picture.height * 3 // 4)))


def _is_smaller_as_png(picture: Image, colours: int) -> bool:
    """By some of its lines; both formats cost about the same everywhere in a picture."""
    sample = _sample(picture)
    png = _encoded(sample, "PNG", compress_level=6)
    return len(png) <= len(_jpeg(sample, colours, QUALITIES[0]))


def _sample(picture: Image) -> Image:
    from PIL import Image

    if picture.height <= _SAMPLE_LINES * _SAMPLES:
        return picture
    made = Image.new(picture.mode, (picture.width, _SAMPLE_LINES * _SAMPLES))
    step = (picture.height - _SAMPLE_LINES) / (_SAMPLES - 1)
    for number in range(_SAMPLES):
        top = int(number * step)
        band = picture.crop((0, top, picture.width, top + _SAMPLE_LINES))
        made.paste(band, (0, number * _SAMPLE_LINES))
    return made


def _jpeg(picture: Image, colours: int, quality: int) -> bytes:
    return _encoded(picture, "JPEG", quality=quality, subsampling=colours)


def _encoded(picture: Image, file_format: str, **options: int | bool) -> bytes:
    target = io.BytesIO()
    picture.save(target, file_format, **options)
    return target.getvalue()
