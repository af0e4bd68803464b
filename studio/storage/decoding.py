"""Opens foreign picture files with suspicion: few formats, limits before decoding, one error."""

from __future__ import annotations

import io
import os
import stat
import struct
import zlib
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from studio.core.errors import ErrorKind, StudioError
from studio.core.texts import QT_TRANSLATE_NOOP

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageFile import ImageFile

MOST_BYTES = 30 * 1024 * 1024
MOST_PIXELS = 40_000_000
FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "AVIF")

FOLDER = QT_TRANSLATE_NOOP("pictures", "This is a folder.")
NOT_A_FILE = QT_TRANSLATE_NOOP("pictures", "This is not an ordinary file.")
GONE = QT_TRANSLATE_NOOP("pictures", "The file is not there any more.")
NO_RIGHT = QT_TRANSLATE_NOOP("pictures", "You have no permission to read this file.")
UNREADABLE = QT_TRANSLATE_NOOP("pictures", "The file cannot be read.")
EMPTY = QT_TRANSLATE_NOOP("pictures", "The file is empty.")
TOO_MANY_BYTES = QT_TRANSLATE_NOOP("pictures", "The file is larger than {limit} MB.")
TOO_MANY_PIXELS = QT_TRANSLATE_NOOP(
    "pictures", "The picture has more than {limit} million pixels. Make it smaller first."
)
TEXT = QT_TRANSLATE_NOOP("pictures", "This is a text file, not a picture.")
SVG = QT_TRANSLATE_NOOP("pictures", "SVG drawings cannot be read here. Convert it to PNG first.")
CONVERT = QT_TRANSLATE_NOOP(
    "pictures", "{format} pictures cannot be read here. Convert it to JPEG first."
)
SEVERAL = QT_TRANSLATE_NOOP(
    "pictures", "The file holds several pictures. Save the one you mean as a plain JPEG first."
)
UNKNOWN = QT_TRANSLATE_NOOP("pictures", "This is not a PNG, JPEG, WebP, GIF, BMP or AVIF picture.")
BROKEN = QT_TRANSLATE_NOOP("pictures", "The picture is damaged or cut short.")

# What Pillow's decoders let through, beside its own errors, when a file lies about itself.
DECODING_ERRORS = (
    OSError,
    ValueError,
    SyntaxError,
    EOFError,
    IndexError,
    KeyError,
    TypeError,
    OverflowError,
    MemoryError,
    RuntimeError,
    struct.error,
    zlib.error,
)
_ORIENTATION = 0x0112
_BRANDS = {
    b"heic": "HEIC",
    b"heix": "HEIC",
    b"hevc": "HEIC",
    b"heim": "HEIC",
    b"mif1": "HEIC",
    b"msf1": "HEIC",
}


def unreadable(reason: str, detail: str = "", **values: str) -> StudioError:
    """The error for a picture; `values["reason"]` is a sentence to be translated and filled."""
    return StudioError(ErrorKind.UNREADABLE_PICTURE, detail, values={"reason": reason, **values})


def read_picture(source: bytes | Path) -> bytes:
    """The bytes of a picture file that may be anything; raises StudioError, never hangs."""
    if isinstance(source, bytes):
        content = source
    else:
        try:
            content = _read_file(source)
        except FileNotFoundError as error:
            raise unreadable(GONE, str(error)) from error
        except PermissionError as error:
            raise unreadable(NO_RIGHT, str(error)) from error
        except (OSError, ValueError) as error:  # ValueError: a NUL in the path
            raise unreadable(UNREADABLE, str(error)) from error
    if not content:
        raise unreadable(EMPTY)
    if len(content) > MOST_BYTES:
        raise _too_many_bytes()
    return content


def _read_file(path: Path) -> bytes:
    if path.is_dir():
        raise unreadable(FOLDER)
    # Without O_NONBLOCK, opening a pipe that nobody writes to would wait for ever.
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    descriptor = os.open(path, flags)
    with os.fdopen(descriptor, "rb") as file:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode):
            raise unreadable(NOT_A_FILE)
        if found.st_size > MOST_BYTES:
            raise _too_many_bytes()
        return file.read(MOST_BYTES + 1)


def _too_many_bytes() -> StudioError:
    return unreadable(TOO_MANY_BYTES, limit=f"{MOST_BYTES // 1024 // 1024}")


def open_picture(content: bytes) -> ImageFile:
    """The header of a picture within the limits; its pixels are not decoded yet.

    Raises StudioError of kind UNREADABLE_PICTURE. Decoding itself may still fail with one of
    DECODING_ERRORS.
    """
    # Pillow takes 40 ms to import, and only who opens a picture needs it.
    import PIL.Image

    for plugin in ("PIL.WebPImagePlugin", "PIL.AvifImagePlugin"):
        import_module(plugin)  # else Pillow imports all its 43 formats to find these two
    try:
        picture = PIL.Image.open(io.BytesIO(content), formats=FORMATS)
        frames_format = picture.format
        width, height = picture.size
    except (PIL.Image.DecompressionBombError, PIL.Image.DecompressionBombWarning) as error:
        raise _too_many_pixels() from error
    except PIL.UnidentifiedImageError as error:
        raise _not_identified(content) from error
    except DECODING_ERRORS as error:
        raise unreadable(BROKEN, str(error)) from error
    if frames_format == "MPO":
        raise unreadable(SEVERAL)
    if width * height > MOST_PIXELS:
        raise _too_many_pixels()
    if not width or not height:
        raise unreadable(BROKEN)
    return picture


def orientation_of(picture: ImageFile) -> int:
    """1 to 8 as EXIF counts; 1 is upright, and so is what cannot be read."""
    try:
        value = picture.getexif().get(_ORIENTATION, 1)
    except DECODING_ERRORS:
        return 1
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


def upright(picture: Image, orientation: int) -> Image:
    """The picture as it is meant to be seen."""
    from PIL.Image import Transpose

    turns = {
        2: Transpose.FLIP_LEFT_RIGHT,
        3: Transpose.ROTATE_180,
        4: Transpose.FLIP_TOP_BOTTOM,
        5: Transpose.TRANSPOSE,
        6: Transpose.ROTATE_270,
        7: Transpose.TRANSVERSE,
        8: Transpose.ROTATE_90,
    }
    return picture.transpose(turns[orientation]) if orientation in turns else picture


def plain_pixels(picture: Image) -> Image:
    """The pixels with 8 bits a channel in L, RGB, RGBA or CMYK, and nothing but the pixels."""
    if picture.mode.startswith(("I", "F")):
        # Pillow would clip 16 bits to 8 instead of scaling them.
        plain = picture.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    elif picture.mode in ("LA", "La", "PA", "RGBa") or "transparency" in picture.info:
        plain = picture.convert("RGBA")
    elif picture.mode == "1":
        plain = picture.convert("L")
    elif picture.mode in ("L", "RGB", "RGBA", "CMYK"):
        plain = picture.copy()
    else:
        plain = picture.convert("RGB")
    plain.info = {}  # a save would put the profile and comment it finds here into the new file
    return plain


def _too_many_pixels() -> StudioError:
    return unreadable(TOO_MANY_PIXELS, limit=f"{MOST_PIXELS // 1_000_000}")


def _not_identified(content: bytes) -> StudioError:
    if content[4:8] == b"ftyp" and content[8:12] in _BRANDS:
        return unreadable(CONVERT, format=_BRANDS[content[8:12]])
    if content.startswith((b"\xff\x0a", b"\x00\x00\x00\x0cJXL ")):
        return unreadable(CONVERT, format="JPEG XL")
    if content.startswith((b"II*\x00", b"MM\x00*")):
        return unreadable(CONVERT, format="TIFF")
    start = content[:4096].lstrip(b"\xef\xbb\xbf \t\r\n")
    if start.startswith(b"<svg") or (start.startswith(b"<?xml") and b"<svg" in start):
        return unreadable(SVG)
    if _known_start(content):
        return unreadable(BROKEN)
    with suppress(UnicodeDecodeError):
        # A character may be cut at the end of the piece that is looked at.
        start[:4000].decode("utf-8", "strict" if len(start) < 4000 else "ignore")
        if b"\x00" not in start and _printable(start):
            return unreadable(TEXT)
    return unreadable(UNKNOWN)


def _known_start(content: bytes) -> bool:
    starts = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF87a", b"GIF89a", b"BM")
    riff = content[:4] == b"RIFF" and content[8:12] == b"WEBP"
    avif = content[4:8] == b"ftyp" and content[8:12] in (b"avif", b"avis")
    return content.startswith(starts) or riff or avif


def _printable(start: bytes) -> bool:
    controls = sum(1 for byte in start if byte < 32 and byte not in b"\t\n\r\x0c\x1b")
    return controls == 0
