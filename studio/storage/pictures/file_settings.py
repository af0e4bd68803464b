"""Writes a picture's settings into its file, and reads them back.

PNG: `parameters` in the form that many programs read, and our exact JSON as `moda-studio`, both
as iTXt. JPEG and WebP: the same two as the EXIF user comment and the image description.
"""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from studio.core.images import GeneratedImage, ImageRequest
from studio.core.messages import new_id
from studio.core.transfer.values import Wrong, as_dict, decode, mended, read
from studio.storage.db.connection import storable
from studio.storage.pictures.decoding import DECODING_ERRORS, open_picture

if TYPE_CHECKING:
    from collections.abc import Iterator

    from PIL.Image import Exif
    from PIL.ImageFile import ImageFile
    from PIL.PngImagePlugin import PngInfo

PARAMETERS = "parameters"
OURS = "moda-studio"
VERSION = 1
LONGEST_SIDE = 1_000_000  # pixels; no picture that can be opened has as many
LONGEST_SECONDS = 7 * 86400.0
LAST_MOMENT = 32_503_680_000.0  # the year 3000, which every system can name
_LONGEST = 1_000_000  # characters of our JSON
_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_DESCRIPTION = 0x010E
_EXIF_BLOCK = 0x8769
_USER_COMMENT = 0x9286
_UNICODE = b"UNICODE\x00"


@dataclass(frozen=True, slots=True)
class PictureSettings:
    """What our JSON in a file says; all but the request may be missing."""

    request: ImageRequest
    id: str = ""
    seconds: float | None = None
    demo: bool = False
    created_at: float | None = None


def request_to_json(request: ImageRequest) -> str:
    """A request as one line of JSON, without what was not set."""
    given = {name: value for name, value in asdict(request).items() if value is not None}
    return json.dumps(given, ensure_ascii=False)


def request_from_json(text: str) -> ImageRequest:
    """Read what `request_to_json` wrote into a row, whatever has become of it since.

    Fields of a newer program are passed over; a field that is not what it must be is as if it had
    not been set, and without model or prompt these are empty: a row is listed all the same.
    """
    try:
        stored = read(text)
    except Wrong:
        stored = None
    found = mended(ImageRequest, stored, model="", prompt="")
    return _storable(
        replace(
            found,
            id=found.id if _ID.fullmatch(found.id) else new_id(),
            size=found.size if _is_size(found.size) else None,
        )
    )


def _request(stored: Any) -> ImageRequest:
    """The request within a file, which comes from anybody; raises Wrong for what ours are not."""
    given = {name: value for name, value in as_dict(stored).items() if value is not None}
    found = decode(ImageRequest, {"id": new_id(), **given})
    if not (_ID.fullmatch(found.id) and found.model and found.prompt and _is_size(found.size)):
        raise Wrong
    return _storable(found)


def _storable(request: ImageRequest) -> ImageRequest:
    return replace(
        request,
        model=storable(request.model),
        prompt=storable(request.prompt),
        negative_prompt=storable(request.negative_prompt),
    )


def _is_size(size: tuple[int, int] | None) -> bool:
    return size is None or all(0 < side <= LONGEST_SIDE for side in size)


def parameters_text(request: ImageRequest, version: str = OURS) -> str:
    """The settings in the customary readable form: prompt, negative prompt, then one line."""
    pairs: list[tuple[str, object]] = [
        ("Steps", request.steps),
        ("CFG scale", request.guidance),
        ("Seed", request.seed),
        ("Size", f"{request.size[0]}x{request.size[1]}" if request.size else None),
        ("Model", request.model.replace(",", " ")),
        ("Version", version),
    ]
    lines = [request.prompt]
    if request.negative_prompt:
        lines.append(f"Negative prompt: {request.negative_prompt}")
    lines.append(", ".join(f"{name}: {value}" for name, value in pairs if value is not None))
    return "\n".join(lines)


def _exact_json(image: GeneratedImage, *, ascii_only: bool = False) -> str:
    exact = {
        "version": VERSION,
        "id": image.id,
        "request": json.loads(request_to_json(image.request)),
        "seconds": image.seconds,
        "demo": image.demo,
        "created_at": image.created_at,
    }
    return json.dumps(exact, ensure_ascii=ascii_only)


def png_text(image: GeneratedImage) -> PngInfo:
    """What Pillow writes into a PNG with `pnginfo=`."""
    # Pillow takes 40 ms to import, and only who writes a picture needs it.
    from PIL.PngImagePlugin import PngInfo

    info = PngInfo()
    for name, text in ((PARAMETERS, parameters_text(image.request)), (OURS, _exact_json(image))):
        info.add_itxt(name, text.encode("utf-8", "replace").decode("utf-8"))
    return info


def exif_blocks(image: GeneratedImage) -> Iterator[Exif]:
    """What Pillow writes into a JPEG or WebP with `exif=`: all of it, then the exact JSON alone."""
    from PIL.Image import Exif

    for readable in (True, False):
        exif = Exif()
        exif[_DESCRIPTION] = _exact_json(image, ascii_only=True)
        if readable:
            text = parameters_text(image.request).encode("utf-16-be", "replace")
            exif.get_ifd(_EXIF_BLOCK)[_USER_COMMENT] = _UNICODE + text
        yield exif


def read_settings(content: bytes) -> PictureSettings | None:
    """Our settings from a picture of ours; None from any other. Raises StudioError for no picture.

    The content comes from anybody: what is not in every field of the type that we write is not
    ours.
    """
    with open_picture(content) as picture:
        text = _our_text(picture)
    try:
        stored = as_dict(read(text[:_LONGEST]))
        picture_id = stored.get("id", "")
        if not isinstance(picture_id, str) or not (picture_id == "" or _ID.fullmatch(picture_id)):
            return None
        return PictureSettings(
            _request(stored.get("request")),
            picture_id,
            number_of(stored.get("seconds"), LONGEST_SECONDS),
            stored.get("demo") is True,
            number_of(stored.get("created_at"), LAST_MOMENT),
        )
    except Wrong:
        return None


def number_of(value: object, most: float) -> float | None:
    """A number from 0 to `most`; None for anything else, so that nobody stumbles over it later."""
    known = isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= most
    return float(value) if known else None  # type: ignore[arg-type]  # narrowed by `known`


def _our_text(picture: ImageFile) -> str:
    try:
        if picture.format == "PNG":
            return str(getattr(picture, "text", {}).get(OURS, ""))
        return str(picture.getexif().get(_DESCRIPTION, ""))
    except DECODING_ERRORS:
        return ""
