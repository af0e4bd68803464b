"""Writes a picture's settings into its file, and reads them back.

PNG: `parameters` in the form that many programs read, and our exact JSON as `moda-studio`, both
as iTXt. JPEG and WebP: the same two as the EXIF user comment and the image description.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields, replace
from typing import TYPE_CHECKING, Any

from studio.core.images import GeneratedImage, ImageRequest
from studio.storage.decoding import DECODING_ERRORS, open_picture

if TYPE_CHECKING:
    from PIL.Image import Exif
    from PIL.ImageFile import ImageFile
    from PIL.PngImagePlugin import PngInfo

PARAMETERS = "parameters"
OURS = "moda-studio"
VERSION = 1
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
    """Read what `request_to_json` wrote; fields of a newer program are passed over.

    Raises ValueError, TypeError or KeyError when it is something else.
    """
    return _request(json.loads(text))


def _request(stored: dict[str, Any]) -> ImageRequest:
    known = {each.name for each in fields(ImageRequest)}
    given = {name: _frozen(value) for name, value in stored.items() if name in known}
    blank = ImageRequest(str(stored["model"]), str(stored["prompt"]))
    return replace(blank, **given)


def _frozen(value: Any) -> Any:
    return tuple(_frozen(each) for each in value) if isinstance(value, list) else value


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


def exif_block(image: GeneratedImage) -> Exif:
    """What Pillow writes into a JPEG or WebP with `exif=`."""
    from PIL.Image import Exif

    exif = Exif()
    exif[_DESCRIPTION] = _exact_json(image, ascii_only=True)
    readable = parameters_text(image.request).encode("utf-16-be", "replace")
    exif.get_ifd(_EXIF_BLOCK)[_USER_COMMENT] = _UNICODE + readable
    return exif


def read_settings(content: bytes) -> PictureSettings | None:
    """Our settings from a picture of ours; None from any other. Raises StudioError for no picture.

    The content comes from anybody: only what has the right shape is believed.
    """
    with open_picture(content) as picture:
        text = _our_text(picture)
    try:
        stored = json.loads(text)
        return PictureSettings(
            _request(stored["request"]),
            str(stored.get("id", "")),
            _number(stored.get("seconds")),
            stored.get("demo") is True,
            _number(stored.get("created_at")),
        )
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None


def _number(value: object) -> float | None:
    known = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if known else None  # type: ignore[arg-type]  # narrowed by `known`


def _our_text(picture: ImageFile) -> str:
    if picture.format == "PNG":
        return str(getattr(picture, "text", {}).get(OURS, ""))
    try:
        return str(picture.getexif().get(_DESCRIPTION, ""))
    except DECODING_ERRORS:
        return ""
