"""Prepares a picture for sending: upright, small enough, in sRGB, and without any metadata."""

from __future__ import annotations

import io
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from studio.storage.decoding import (
    BROKEN,
    DECODING_ERRORS,
    open_picture,
    orientation_of,
    plain_pixels,
    read_picture,
    unreadable,
    upright,
)

# Pillow takes 40 ms to import: the functions below import what they need of it.
if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageFile import ImageFile

MOST_SIDE = 2048
MOST_SENT_BYTES = 5 * 1024 * 1024
LINE_ART_COLOURS = 256
LINE_ART_BYTES = 1024 * 1024
QUALITIES = (92, 85, 75, 60, 40)
_METADATA = ("exif", "icc_profile", "xmp", "comment", "photoshop", "XML:com.adobe.xmp", "adobe")


class Change(StrEnum):
    """What was done to a picture, for the line below its preview."""

    TURNED = "turned"
    SHRUNK = "shrunk"
    METADATA_REMOVED = "metadata removed"
    FIRST_FRAME = "first frame"
    COLOURS_CONVERTED = "colours converted"
    RE_ENCODED = "re-encoded"  # in another format than the file had


@dataclass(frozen=True, slots=True)
class PreparedPicture:
    """What will really be sent, and what it was made of; sizes in pixels, `content` encoded.

    The original's size is that of the upright picture.
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


def prepare(source: bytes | Path, name: str = "") -> PreparedPicture:
    """Read a picture and make of it what is sent; for a worker thread, as it takes up to seconds.

    The result has at most 2048 pixels a side and 5 MiB and is PNG or JPEG. Raises StudioError of
    kind UNREADABLE_PICTURE for whatever cannot be sent; its `values["reason"]` says why.
    """
    if isinstance(source, Path) and not name:
        name = source.name
    content = read_picture(source)
    with open_picture(content) as opened:
        try:
            return _prepare(opened, name, len(content))
        except DECODING_ERRORS as error:
            raise unreadable(BROKEN, str(error)) from error


def _prepare(opened: ImageFile, name: str, original_bytes: int) -> PreparedPicture:
    changes: list[Change] = []
    width, height = opened.size
    file_format = opened.format or ""
    if getattr(opened, "is_animated", False):
        opened.seek(0)
        changes.append(Change.FIRST_FRAME)
    if file_format == "JPEG":
        # Decodes at a half, quarter or eighth where that is still more than what is sent.
        opened.draft(opened.mode, (MOST_SIDE, MOST_SIDE))
    opened.load()
    if any(opened.info.get(key) for key in _METADATA) or getattr(opened, "text", None):
        changes.append(Change.METADATA_REMOVED)
    orientation = orientation_of(opened)
    profile = opened.info.get("icc_profile")
    picture = plain_pixels(opened)
    if max(width, height) > MOST_SIDE:
        picture.thumbnail((MOST_SIDE, MOST_SIDE))
        changes.append(Change.SHRUNK)
    converted = _to_srgb(picture, profile)
    if converted is not picture:
        changes.append(Change.COLOURS_CONVERTED)
    turned = upright(converted, orientation)
    if orientation > 1:
        changes.append(Change.TURNED)
    if orientation >= 5:
        width, height = height, width
    final = _without_useless_alpha(turned)
    encoded, media_type, final = _encode(final)
    if media_type != f"image/{file_format.lower()}":
        changes.append(Change.RE_ENCODED)
    if final.size != turned.size and Change.SHRUNK not in changes:
        changes.append(Change.SHRUNK)
    return PreparedPicture(
        encoded,
        media_type,
        final.width,
        final.height,
        name,
        width,
        height,
        original_bytes,
        tuple(changes),
    )


def _to_srgb(picture: Image, profile: bytes | None) -> Image:
    """RGB or RGBA in the colours that everybody assumes; `picture` itself when it has them."""
    alpha = picture.getchannel("A") if picture.mode == "RGBA" else None
    colours = picture.convert("RGB") if alpha else picture
    converted = _by_profile(colours, profile) if profile else None
    if converted is None:
        if picture.mode in ("RGB", "RGBA"):
            return picture
        return picture.convert("RGB")
    if alpha:
        converted.putalpha(alpha)
    return converted


def _by_profile(colours: Image, profile: bytes) -> Image | None:
    """`colours` from its own profile to sRGB; None when the profile is none or does not fit."""
    from PIL import ImageCms

    try:
        own = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        if "srgb" in ImageCms.getProfileDescription(own).lower():
            return None
        srgb = ImageCms.createProfile("sRGB")
        converted = ImageCms.profileToProfile(colours, own, srgb, outputMode="RGB")
    except (ImageCms.PyCMSError, *DECODING_ERRORS):
        return None
    if converted is not None:
        converted.info = {}
    return converted


def _without_useless_alpha(picture: Image) -> Image:
    if picture.mode != "RGBA":
        return picture
    extrema = picture.getchannel("A").getextrema()
    return picture.convert("RGB") if extrema[0] == 255 else picture


def _encode(picture: Image) -> tuple[bytes, str, Image]:
    """PNG where it matters and stays small, else JPEG; shrunk further until it is small enough."""
    if picture.mode == "RGBA":
        encoded = _encoded(picture, "PNG")
        while len(encoded) > MOST_SENT_BYTES:
            smaller = (max(1, picture.width * 3 // 4), max(1, picture.height * 3 // 4))
            picture = picture.resize(smaller)
            encoded = _encoded(picture, "PNG")
        return encoded, "image/png", picture
    if picture.getcolors(LINE_ART_COLOURS) is not None:
        encoded = _encoded(picture, "PNG")
        if len(encoded) <= LINE_ART_BYTES:
            return encoded, "image/png", picture
    encoded = b""
    for quality in QUALITIES:
        encoded = _encoded(picture, "JPEG", quality=quality)
        if len(encoded) <= MOST_SENT_BYTES:
            break
    return encoded, "image/jpeg", picture


def _encoded(picture: Image, file_format: str, **options: int) -> bytes:
    target = io.BytesIO()
    picture.save(target, file_format, **options)
    return target.getvalue()
