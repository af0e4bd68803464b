"""Prepares a picture for sending: upright, small enough, in sRGB, on white, without metadata."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from studio.core.errors import StudioError
from studio.storage.pictures.colours import on_white, to_srgb
from studio.storage.pictures.decoding import (
    BROKEN,
    DECODING_ERRORS,
    open_picture,
    opened_source,
    orientation_of,
    plain_pixels,
    reduce,
    unreadable,
    upright,
)
from studio.storage.pictures.encoding import encode
from studio.storage.pictures.frames import show_something
from studio.storage.pictures.repair import mended

# Pillow takes 40 ms to import: the functions below import what they need of it.
if TYPE_CHECKING:
    from collections.abc import Iterator

    from PIL.Image import Image
    from PIL.ImageFile import ImageFile

MOST_SIDE = 2048
LEAST_SIDE = 32  # below it models refuse a picture, or see nothing
BAND = 32  # lines of the result that are made at a time
# From this ratio of sides on, what is left of the shorter one is too little to read.
LONG_RATIO = 3.0
MOST_SLICES = 8
_OVERLAP = 0.06  # of a slice, so that no line of text is only ever seen cut
_METADATA = ("exif", "icc_profile", "xmp", "comment", "photoshop", "XML:com.adobe.xmp", "adobe")


class Change(StrEnum):
    """What was done to a picture, for the line below its preview."""

    TURNED = "turned"
    SHRUNK = "shrunk"
    ENLARGED = "enlarged"
    PADDED = "padded"
    METADATA_REMOVED = "metadata removed"
    ONE_FRAME = "one frame"  # of several: the first that shows something
    ONE_OF_SEVERAL = "one of several"  # of a camera's file that holds several pictures
    MENDED = "mended"  # the file was damaged at its end or beside its pixels
    COLOURS_CONVERTED = "colours converted"
    FLATTENED = "flattened"  # what was transparent is white
    RE_ENCODED = "re-encoded"  # in another format than the file had


@dataclass(frozen=True, slots=True)
class PreparedPicture:
    """What will really be sent, and what it was made of; sizes in pixels, `content` encoded.

    The original's size is that of the upright picture. `slices` is how many pieces a long picture
    can be sent in instead, so that its words can be read; 0 for all others.
    """

    content: bytes
    media_type: str
    width: int
    height: int
    name: str
    original_width: int
    original_height: int
    original_bytes: int
    changes: tuple[Change, ...]
    slices: int = 0


@dataclass(slots=True)
class _Picture:
    """Pixels on their way, the size they had, and what was done so far."""

    pixels: Image
    width: int
    height: int
    changes: list[Change]
    profile: bytes | None = None
    file_format: str = ""
    subsampled: bool = False

    def note(self, change: Change) -> None:
        if change not in self.changes:
            self.changes.append(change)


def prepare(source: bytes | Path, name: str = "") -> PreparedPicture:
    """Read a picture and make of it what is sent; for a worker thread, as it takes up to seconds.

    The result has 32 to 2048 pixels a side and at most 5 MiB and is PNG or JPEG, whichever is
    smaller and true. Raises StudioError of kind UNREADABLE_PICTURE for whatever cannot be sent;
    its `values["reason"]` says why.
    """
    picture, byte_size = _opened(source, MOST_SIDE)
    return _finished(picture, _named(source, name), byte_size)


def prepare_slices(source: bytes | Path, name: str = "") -> list[PreparedPicture]:
    """A long picture in pieces from beginning to end, each overlapping the next a little."""
    picture, byte_size = _opened(source, 0)
    whole = _settled(picture)
    boxes = list(_slices(whole.pixels.size))
    made = []
    for number, box in enumerate(boxes, start=1):
        piece = replace(whole, pixels=whole.pixels.crop(box), changes=list(whole.changes))
        title = f"{_named(source, name)} {number}/{len(boxes)}"
        made.append(replace(_finished(piece, title, byte_size), slices=0))
    return made


def prepare_pixels(
    pixels: bytes,
    size: tuple[int, int],
    name: str,
    *,
    alpha: bool,
    whole: tuple[int, int] | None = None,
) -> PreparedPicture:
    """Make of raw pixels what is sent: RGBA, or RGBX without `alpha`, four bytes each, row by row.

    `whole` is the size of the picture that they were shrunk from, if they were. How many bytes the
    original has is not known: 0.
    """
    from PIL import Image

    mode = "RGBA" if alpha else "RGB"
    made = Image.frombuffer(mode, size, pixels, "raw", "RGBA" if alpha else "RGBX", 0, 1)
    picture = _Picture(made, *(whole or size), changes=[])
    _shrink(picture, MOST_SIDE)
    return _finished(picture, name, 0)


def _named(source: bytes | Path, name: str) -> str:
    return name or (source.name if isinstance(source, Path) else "")


def _opened(source: bytes | Path, side: int) -> tuple[_Picture, int]:
    """The pixels of a file, reduced towards `side` where that is given, and its size in bytes."""
    with opened_source(source) as file:
        byte_size = file.seek(0, os.SEEK_END)
        file.seek(0)
        try:
            with open_picture(file, side) as opened:
                return _read(opened, side), byte_size
        except DECODING_ERRORS as error:
            broken = unreadable(BROKEN, str(error))
        except StudioError as error:
            if error.values.get("reason") != BROKEN:
                raise
            broken = error
        # What lacks only its end, or is damaged where no pixels are, is as good as whole.
        file.seek(0)
        repaired = mended(file.read())
        if repaired is None:
            raise broken
        try:
            with open_picture(repaired, side) as opened:
                picture = _read(opened, side)
        except DECODING_ERRORS as error:
            raise broken from error
        picture.note(Change.MENDED)
        return picture, byte_size


def _read(opened: ImageFile, side: int) -> _Picture:
    changes: list[Change] = []
    width, height = opened.size
    file_format = opened.format or ""
    if file_format == "MPO":
        file_format = "JPEG"
        changes.append(Change.ONE_OF_SEVERAL)
    elif getattr(opened, "is_animated", False):
        show_something(opened)
        changes.append(Change.ONE_FRAME)
    reduce(opened, side)
    opened.load()
    if any(opened.info.get(key) for key in _METADATA) or getattr(opened, "text", None):
        changes.append(Change.METADATA_REMOVED)
    orientation = orientation_of(opened)
    picture = _Picture(opened, width, height, changes, opened.info.get("icc_profile"), file_format)
    picture.subsampled = any(layer[1] * layer[2] > 1 for layer in getattr(opened, "layer", ()))
    _shrink(picture, side)
    picture.pixels = upright(picture.pixels, orientation)
    if orientation > 1:
        changes.append(Change.TURNED)
    if orientation >= 5:
        picture.width, picture.height = height, width
    return picture


def _shrink(picture: _Picture, side: int) -> None:
    """8 bits a channel, and at most `side` pixels a side (0: as many as there are).

    By whole factors first, a band of lines at a time: a second picture of full size would cost
    as much memory as the first.
    """
    opened = picture.pixels
    times = max(1, max(opened.size) // side) if side else 1
    if times == 1 and opened.mode in ("L", "RGB", "CMYK") and "transparency" not in opened.info:
        # Nothing has to be known of all pixels first: no second picture of this size.
        opened = _fitted(opened, side)
    reduced = plain_pixels(opened) if times == 1 else _in_bands(opened, times)
    picture.pixels = reduced = _fitted(reduced, side)
    if reduced.size != (picture.width, picture.height):
        picture.note(Change.SHRUNK)


def _fitted(picture: Image, side: int) -> Image:
    longer = max(picture.size)
    if not side or longer <= side:
        return picture
    width, height = (max(1, round(each * side / longer)) for each in picture.size)
    return picture.resize((width, height), reducing_gap=2.0)


def _in_bands(opened: Image, times: int) -> Image:
    from PIL import Image

    width, height = opened.size
    made: Image.Image | None = None
    lines = BAND * times
    for number, top in enumerate(range(0, height, lines)):
        box = (0, top, width, min(height, top + lines))
        band = plain_pixels(opened.crop(box)).reduce(times)
        if made is None:
            made = Image.new(band.mode, (band.width, -(-height // times)))
        made.paste(band, (0, number * BAND))
    assert made is not None
    return made


def _settled(picture: _Picture) -> _Picture:
    """In the colours that everybody assumes, and on white."""
    converted = to_srgb(picture.pixels, picture.profile)
    if converted is not picture.pixels and picture.profile is not None:
        picture.note(Change.COLOURS_CONVERTED)
    flat = on_white(converted)
    if flat is not converted and flat.info.pop("was_clear", False):
        picture.note(Change.FLATTENED)
    picture.pixels, picture.profile = flat, None
    return picture


def _finished(picture: _Picture, name: str, byte_size: int) -> PreparedPicture:
    final = _settled(picture)
    _enlarge(final)
    encoded, media_type, sent = encode(
        final.pixels, from_jpeg=final.file_format == "JPEG", subsampled=final.subsampled
    )
    if media_type != f"image/{final.file_format.lower()}":
        final.note(Change.RE_ENCODED)
    if sent.size != final.pixels.size:
        final.note(Change.SHRUNK)
    size = (final.width, final.height)
    slices = len(list(_slices(size))) if _is_long(size) else 0
    return PreparedPicture(
        encoded,
        media_type,
        sent.width,
        sent.height,
        name,
        *size,
        byte_size,
        tuple(final.changes),
        slices,
    )


def _enlarge(picture: _Picture) -> None:
    """Bring a tiny picture to what models take: whole times as large, or with white around it."""
    from PIL import Image

    width, height = picture.pixels.size
    least = min(width, height)
    if least >= LEAST_SIDE:
        return
    times = -(-LEAST_SIDE // least)
    if max(width, height) * times <= MOST_SIDE:
        size = (width * times, height * times)
        picture.pixels = picture.pixels.resize(size, Image.Resampling.NEAREST)
        picture.note(Change.ENLARGED)
        return
    size = (max(width, LEAST_SIDE), max(height, LEAST_SIDE))
    padded = Image.new("RGB", size, "white")
    padded.paste(picture.pixels, ((size[0] - width) // 2, (size[1] - height) // 2))
    picture.pixels = padded
    picture.note(Change.PADDED)


def _is_long(size: tuple[int, int]) -> bool:
    shorter, longer = sorted(size)
    # One that is sent as it is loses nothing.
    return longer > MOST_SIDE and longer / shorter >= LONG_RATIO and shorter >= LEAST_SIDE


def _slices(size: tuple[int, int]) -> Iterator[tuple[int, int, int, int]]:
    """The boxes of the pieces of a long picture: as long as two sides, at most `MOST_SLICES`."""
    width, height = size
    shorter, longer = sorted(size)
    length = min(longer, max(2 * shorter, MOST_SIDE if shorter >= MOST_SIDE // 2 else 2 * shorter))
    least = -(-longer // MOST_SLICES)
    length = min(longer, max(length, int(least * (1 + _OVERLAP)) + 1))
    step = max(1, int(length * (1 - _OVERLAP)))
    starts = list(range(0, max(1, longer - length), step))
    starts = [*starts, longer - length] if starts[-1] + length < longer else starts
    for start in starts:
        end = min(longer, start + length)
        yield (0, start, width, end) if height >= width else (start, 0, end, height)
