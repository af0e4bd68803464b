"""Encodes pictures for keeping and for copies, with what each format can hold and no more.

A profile is written where it fits the pixels that are written; else its colours are converted to
sRGB first, so that a picture looks the same in every copy.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from studio.core.errors import ErrorKind, StudioError
from studio.core.images import GeneratedImage
from studio.core.texts import QT_TRANSLATE_NOOP
from studio.storage.pictures.decoding import (
    BROKEN,
    DECODING_ERRORS,
    open_picture,
    orientation_of,
    plain_pixels,
    unreadable,
    upright,
)
from studio.storage.pictures.file_settings import exif_blocks, png_text

# Pillow takes 40 ms to import: the functions below import what they need of it.
if TYPE_CHECKING:
    from PIL.Image import Image

TOO_WIDE = QT_TRANSLATE_NOOP(
    "pictures", "{format} holds at most {limit} pixels a side. Save it as PNG instead."
)
_PNG_MODES = ("1", "L", "LA", "P", "RGB", "RGBA", "I;16")
_LONGEST_SIDE = {"JPEG": 65_500, "WEBP": 16_383}
_LONGEST_EXIF = 65_533  # bytes within a JPEG; a WebP has room for any
# Which pixels a profile is for, by the four letters in its head.
_SPACES = {b"GRAY": ("1", "L", "LA", "I;16"), b"RGB ": ("P", "RGB", "RGBA"), b"CMYK": ("CMYK",)}


class ExportFormat(StrEnum):
    """What a copy can be saved as."""

    PNG = "PNG"
    JPEG = "JPEG"
    WEBP = "WEBP"


@dataclass(frozen=True, slots=True)
class Encoded:
    """A picture as a file holds it; `left_out`: its settings found no room in this format."""

    content: bytes
    width: int
    height: int
    left_out: bool = False


def as_png(content: bytes, image: GeneratedImage | None) -> Encoded:
    """A foreign picture as PNG, upright, with the settings of `image` inside.

    Raises StudioError or one of DECODING_ERRORS when it is no whole picture.
    """
    with open_picture(content) as opened:
        opened.load()
        profile = opened.info.get("icc_profile")
        picture = upright(opened, orientation_of(opened))
        if picture.mode not in _PNG_MODES:
            # Pillow clips more than 8 bits instead of scaling them, except where it has I;16.
            picture = plain_pixels(picture)
        picture, profile = _fitting(picture, profile, _PNG_MODES)
        target = io.BytesIO()
        info = png_text(image) if image else None
        picture.save(target, "PNG", pnginfo=info, icc_profile=profile)
        return Encoded(target.getvalue(), *picture.size)


def as_copy(
    content: bytes, image: GeneratedImage, file_format: ExportFormat, settings: bool, quality: int
) -> Encoded:
    """A kept picture in a format, with its settings or with nothing but its pixels.

    Raises StudioError with a reason where the format cannot hold it.
    """
    try:
        if file_format is ExportFormat.PNG:
            return as_png(content, image if settings else None)
        return _as_lossy(content, image if settings else None, file_format, quality)
    except DECODING_ERRORS as error:
        raise unreadable(BROKEN, str(error)) from error


def _as_lossy(
    content: bytes, image: GeneratedImage | None, file_format: ExportFormat, quality: int
) -> Encoded:
    from PIL.Image import new

    jpeg = file_format is ExportFormat.JPEG
    with open_picture(content) as opened:
        _demand_room(opened.size, file_format)
        opened.load()
        profile = opened.info.get("icc_profile")
        picture = plain_pixels(opened)
    modes = ("L", "RGB", "RGBA") if jpeg else ("RGB", "RGBA")
    picture, profile = _fitting(picture, profile, modes)
    if jpeg and picture.mode == "RGBA":
        ground = new("RGB", picture.size, (255, 255, 255))
        ground.paste(picture, mask=picture.getchannel("A"))
        picture = ground
    picture.info = {}
    exif = b""
    if image is not None:
        blocks = (block.tobytes() for block in exif_blocks(image))
        exif = next((each for each in blocks if not jpeg or len(each) <= _LONGEST_EXIF), b"")
    target = io.BytesIO()
    picture.save(target, file_format.value, quality=quality, exif=exif, icc_profile=profile)
    return Encoded(target.getvalue(), *picture.size, left_out=image is not None and not exif)


def _demand_room(size: tuple[int, int], file_format: ExportFormat) -> None:
    limit = _LONGEST_SIDE[file_format.value]
    if max(size) > limit:
        name = "WebP" if file_format is ExportFormat.WEBP else file_format.value
        values = {"reason": TOO_WIDE, "format": name, "limit": f"{limit}"}
        raise StudioError(ErrorKind.STORAGE, values=values)


def _fitting(
    picture: Image, profile: bytes | None, modes: tuple[str, ...]
) -> tuple[Image, bytes | None]:
    """The picture in one of `modes`, and its profile where it is one for these pixels."""
    space = _space_of(profile) if profile else b""
    fits = picture.mode in _SPACES.get(space, ())
    if picture.mode in modes and (fits or not profile):
        return picture, profile
    if profile and space in _SPACES:
        converted = _to_srgb(picture, profile, space)
        if converted is not None:
            return converted, None
    if picture.mode in modes:
        return picture, None  # the profile says nothing of these pixels
    alpha = picture.mode in ("LA", "PA", "RGBA") or "transparency" in picture.info
    return picture.convert("RGBA" if alpha else "RGB"), None


def _space_of(profile: bytes) -> bytes:
    """The four letters that say what a profile is for; nothing for one that is cut or none."""
    whole = 128 <= int.from_bytes(profile[:4], "big") <= len(profile)
    return profile[16:20] if whole and profile[36:40] == b"acsp" else b""


def _to_srgb(picture: Image, profile: bytes, space: bytes) -> Image | None:
    """RGB or RGBA in sRGB, by the profile; None where that is not for such pixels."""
    from PIL import ImageCms

    gray = picture.mode in _SPACES[b"GRAY"]
    # Gray pixels of an RGB profile are its neutral colours; nothing else can be read so.
    mode = {b"GRAY": "L", b"RGB ": "RGB", b"CMYK": "CMYK"}[space]
    if (mode == "CMYK") != (picture.mode == "CMYK"):
        return None
    if mode == "L" and not gray and picture.mode not in ("RGB", "RGBA"):
        return None
    alpha = picture.getchannel("A") if picture.mode in ("LA", "RGBA") else None
    if picture.mode == "I;16":
        picture = plain_pixels(picture)
    try:
        own = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        base = picture.convert(mode)
        srgb = ImageCms.createProfile("sRGB")
        converted = ImageCms.profileToProfile(base, own, srgb, outputMode="RGB")
    except (ImageCms.PyCMSError, *DECODING_ERRORS):
        return None
    if converted is None:
        return None
    converted.info = {}
    if alpha is not None:
        converted.putalpha(alpha)
    return converted
