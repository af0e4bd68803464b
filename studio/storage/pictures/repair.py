"""Mends files whose pixels are all there: those without an end, or damaged beside the pixels."""

from __future__ import annotations

import hashlib
import io
import struct
import zlib

from studio.storage.pictures.decoding import DECODING_ERRORS, MOST_MEMORY, memory_needed

_PNG = b"\x89PNG\r\n\x1a\n"
_JPEG_END = b"\xff\xd9"
_NOISE = bytes((7 * n * n + 3 * n + 1) % 251 for n in range(200))
# Pieces of a PNG without which its pixels cannot be read.
_NEEDED = (b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS")


def mended(content: bytes) -> bytes | None:
    """The file made whole; None when pixels are missing or it is of another kind."""
    if content.startswith(_PNG):
        return _mended_png(content)
    if content.startswith(b"\xff\xd8\xff"):
        return _mended_jpeg(content)
    return None


def _mended_png(content: bytes) -> bytes | None:
    """Without the pieces beside the pixels that are damaged, and with an end."""
    kept = [_PNG]
    place, changed, ended = len(_PNG), False, False
    while place + 12 <= len(content) and not ended:
        (length,) = struct.unpack(">I", content[place : place + 4])
        kind = content[place + 4 : place + 8]
        end = place + 12 + length
        if end > len(content):
            break
        piece = content[place:end]
        whole = struct.unpack(">I", piece[-4:])[0] == zlib.crc32(piece[4:-4])
        if whole or kind in _NEEDED:
            kept.append(piece)
        else:
            changed = True
        ended, place = kind == b"IEND", end
    if not ended:
        kept.append(struct.pack(">I", 0) + b"IEND" + struct.pack(">I", zlib.crc32(b"IEND")))
        changed = True
    return b"".join(kept) if changed else None


def _mended_jpeg(content: bytes) -> bytes | None:
    """With an end mark, if all pixels were there without it.

    The decoder fills what is missing with gray and says nothing. So it is given some noise more:
    where pixels are missing it takes that for them, and where none are it passes it over.
    """
    from PIL import Image

    content = content.rstrip(b"\xff")
    found = []
    try:
        for more in (b"", _NOISE):
            with Image.open(io.BytesIO(content + more + _JPEG_END), formats=("JPEG",)) as opened:
                if memory_needed(opened) * 2 > MOST_MEMORY:
                    return None
                found.append(hashlib.sha256(opened.tobytes()).digest())
    except DECODING_ERRORS:
        return None
    return content + _JPEG_END if found[0] == found[1] else None
