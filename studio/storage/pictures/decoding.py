"""Opens foreign picture files with suspicion: few formats, limits before decoding, one error."""

from __future__ import annotations

import io
import os
import stat
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from studio.core.errors import ErrorKind, StudioError
from studio.core.texts import QT_TRANSLATE_NOOP
from studio.storage.pictures.file_kinds import reason_of

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageFile import ImageFile

MOST_BYTES = 100 * 1024 * 1024  # of a file
MOST_MEMORY = 200 * 1024 * 1024  # what one picture may take while it is opened
FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "AVIF")

FOLDER = QT_TRANSLATE_NOOP("pictures", "This is a folder.")
NOT_A_FILE = QT_TRANSLATE_NOOP("pictures", "This is not an ordinary file.")
GONE = QT_TRANSLATE_NOOP("pictures", "The file is not there any more.")
NO_RIGHT = QT_TRANSLATE_NOOP("pictures", "You have no permission to read this file.")
UNREADABLE = QT_TRANSLATE_NOOP("pictures", "The file cannot be read.")
EMPTY = QT_TRANSLATE_NOOP("pictures", "The file is empty.")
TOO_MANY_BYTES = QT_TRANSLATE_NOOP("pictures", "The file is larger than {limit} MB.")
TOO_MUCH_MEMORY = QT_TRANSLATE_NOOP(
    "pictures",
    "The picture has {width} × {height} pixels and would take too much memory."
    " Up to {fitting_width} × {fitting_height} fit.",
)
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
# Bytes a pixel in the memory of a decoder, measured: Pillow keeps three colours in four bytes, and
# WebP and AVIF hold the picture several times over.
_MODE_BYTES = {"1": 1, "L": 1, "P": 1, "I;16": 2, "I;16B": 2, "I;16L": 2}
_FORMAT_BYTES = {"WEBP": 17, "AVIF": 14}
_WORKING = 48 * 1024 * 1024  # what is at work on the small one that is sent
_REDUCED = (2, 4, 8)  # the parts of its size at which a JPEG is decoded without the rest


def unreadable(reason: str, detail: str = "", **values: str) -> StudioError:
    """The error for a picture; `values["reason"]` is a sentence to be translated and filled."""
    return StudioError(ErrorKind.UNREADABLE_PICTURE, detail, values={"reason": reason, **values})


def not_a_picture(start: bytes) -> StudioError:
    """The error for a file that begins like this, by what it is."""
    reason, values = reason_of(start)
    return unreadable(reason or BROKEN, **values)


def read_picture(source: bytes | Path) -> bytes:
    """The bytes of a picture file that may be anything; raises StudioError, never hangs."""
    with opened_source(source) as file:
        return file.read(MOST_BYTES + 1)


@contextmanager
def opened_source(source: bytes | Path) -> Iterator[BinaryIO]:
    """A picture file that may be anything, within the limits and not empty, ready to be read.

    Raises StudioError of kind UNREADABLE_PICTURE, never hangs.
    """
    try:
        with io.BytesIO(source) if isinstance(source, bytes) else _open_file(source) as file:
            size = file.seek(0, os.SEEK_END)
            if not size:
                raise unreadable(EMPTY)
            if size > MOST_BYTES:
                raise unreadable(TOO_MANY_BYTES, limit=f"{MOST_BYTES // 1024 // 1024}")
            file.seek(0)
            yield file
    except FileNotFoundError as error:
        raise unreadable(GONE, str(error)) from error
    except PermissionError as error:
        raise unreadable(NO_RIGHT, str(error)) from error
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        raise unreadable(UNREADABLE, str(error)) from error


def _open_file(path: Path) -> BinaryIO:
    if path.is_dir():
        raise unreadable(FOLDER)
    # Without O_NONBLOCK, opening a pipe that nobody writes to would wait for ever.
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    descriptor = os.open(path, flags)
    file = os.fdopen(descriptor, "rb")
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        file.close()
        raise unreadable(NOT_A_FILE)
    return file


def open_picture(source: bytes | BinaryIO, side: int = 0) -> ImageFile:
    """The header of a picture within the limits; its pixels are not decoded yet.

    Who will `reduce` it to a `side` may open larger ones. Of a file with several pictures it is the
    first one. Raises StudioError of kind UNREADABLE_PICTURE. Decoding itself may still fail with
    one of DECODING_ERRORS.
    """
    # Pillow takes 40 ms to import, and only who opens a picture needs it.
    import PIL.Image

    for plugin in ("PIL.WebPImagePlugin", "PIL.AvifImagePlugin"):
        import_module(plugin)  # else Pillow imports all its 43 formats to find these two
    file = io.BytesIO(source) if isinstance(source, bytes) else source
    # Ours is the limit of memory; Pillow's own is of pixels, and only warns.
    PIL.Image.MAX_IMAGE_PIXELS = None
    try:
        picture = PIL.Image.open(file, formats=FORMATS)
        width, height = picture.size
    except PIL.UnidentifiedImageError as error:
        file.seek(0)
        raise not_a_picture(file.read(4096)) from error
    except DECODING_ERRORS as error:
        raise unreadable(BROKEN, str(error)) from error
    if not width or not height:
        raise unreadable(BROKEN)
    if memory_needed(picture, side) > MOST_MEMORY:
        raise _too_much_memory(picture, side)
    return picture


def reduce(picture: ImageFile, side: int) -> None:
    """Have a JPEG decoded at a part of its size, but not much below `side` pixels a side."""
    times = _times(picture, side)
    if times > 1:
        picture.draft(picture.mode, (picture.width // times, picture.height // times))


def _times(picture: ImageFile, side: int) -> int:
    if not side or picture.format not in ("JPEG", "MPO"):
        return 1
    # A little less than `side` is as good, and half the work.
    fitting = max(picture.size) // (side * 15 // 16)
    return max((times for times in _REDUCED if times <= fitting), default=1)


def memory_needed(picture: ImageFile, side: int = 0) -> int:
    """How many bytes it takes to decode a picture, reduced to `side`, within a few per cent."""
    pixels = picture.width * picture.height
    if picture.format in _FORMAT_BYTES:
        return pixels * _FORMAT_BYTES[picture.format] + (_WORKING if side else 0)
    decoded = pixels // _times(picture, side) ** 2
    needed = decoded * _MODE_BYTES.get(picture.mode, 4)
    if side:
        # The smaller one that is made of it, and where that is not much smaller its alpha apart.
        needed += _WORKING + 4 * decoded // max(1, max(picture.size) // side) ** 2
    if picture.format == "GIF":
        needed += pixels * 4  # a frame that changes colours
    if picture.info.get("progressive"):
        # All coefficients, two bytes each, are there before the first line is.
        layers = getattr(picture, "layer", ())
        most = max((each[1] * each[2] for each in layers), default=1)
        needed += int(pixels * 2 * sum(each[1] * each[2] / most for each in layers))
    return needed


def _too_much_memory(picture: ImageFile, side: int) -> StudioError:
    fitting = (MOST_MEMORY / memory_needed(picture, side)) ** 0.5
    return unreadable(
        TOO_MUCH_MEMORY,
        width=str(picture.width),
        height=str(picture.height),
        fitting_width=str(_rounded(picture.width * fitting)),
        fitting_height=str(_rounded(picture.height * fitting)),
    )


def _rounded(pixels: float) -> int:
    # To the hundreds below, or to the pixel where it is very narrow.
    return int(pixels // 100 * 100) or max(1, int(pixels))


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
