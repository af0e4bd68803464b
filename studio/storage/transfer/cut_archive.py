"""Gives a zip file that was cut short a directory again, of the entries that are still there.

A download that broke off, or a disk that was full, costs a zip file its end, where its directory
is. Each entry has a head of its own too: they are followed from the beginning for as long as one
stands behind the other, and what is left of the last one is measured.
"""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO
from zipfile import ZIP_DEFLATED, ZIP_STORED

from studio.core.transfer.common import BOMB, BROKEN_ZIP, ENCRYPTED, TOO_MANY, refused

MOST_ENTRIES = 200_000
_HEAD = struct.Struct("<4s5H3L2H")
_HEAD_MAGIC, _MARK_MAGIC = b"PK\x03\x04", b"PK\x07\x08"
_ENTRY = struct.Struct("<4s6H3L5H2L")
_END = struct.Struct("<4s4H2LH")
_FARTHEST = 0xFFFFFFFF  # a larger one would need a directory of another form
_PIECE = 1024 * 1024
_MOST_GROWN, _FREE_BYTES = 100, 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class _Found:
    """An entry: its head's fields, its name, where it begins, and what its content measures."""

    head: tuple[int, ...]  # version, flags, method, time, date
    name: bytes
    start: int
    crc: int
    packed: int
    size: int


def with_directory(file: BinaryIO) -> BinaryIO:
    """The file with a directory behind it; raises StudioError where no entry is left."""
    length = file.seek(0, 2)
    if length > _FARTHEST:
        raise refused(BROKEN_ZIP)
    entries = list(_entries(file, length))
    if not entries:
        raise refused(BROKEN_ZIP)
    directory = b"".join(map(_described, entries))
    count = len(entries)
    end = _END.pack(b"PK\x05\x06", 0, 0, count & 0xFFFF, count & 0xFFFF, len(directory), length, 0)
    return io.BufferedReader(_Longer(file, length, directory + end))


def _entries(file: BinaryIO, length: int) -> Iterator[_Found]:
    at, grown = 0, 0
    for count in range(MOST_ENTRIES + 1):
        file.seek(at)
        raw = file.read(_HEAD.size)
        if len(raw) < _HEAD.size or not raw.startswith(_HEAD_MAGIC):
            return
        _, *head, crc, packed, size, name_length, extra_length = _HEAD.unpack(raw)
        name = file.read(name_length)
        begin = at + _HEAD.size + name_length + extra_length
        if len(name) < name_length or begin >= length or count == 0xFFFF:
            return
        if head[1] & 0x1:
            raise refused(ENCRYPTED)
        measured = _measured(file, begin, length, head[2], head[1], (crc, packed, size))
        if measured is None:
            return
        crc, packed, size, following = measured
        grown += size
        if grown > _FREE_BYTES + _MOST_GROWN * length:
            raise refused(BOMB)
        yield _Found(tuple(head), name, at, crc, packed, size)
        at = following
    raise refused(TOO_MANY, limit=f"{MOST_ENTRIES:,}")


def _measured(
    file: BinaryIO, begin: int, length: int, method: int, flags: int, said: tuple[int, int, int]
) -> tuple[int, int, int, int] | None:
    """Checksum and sizes of a content, and where the next head is; None for what cannot be told."""
    marked = bool(flags & 0x8)  # checksum and sizes stand behind it
    if not marked and said[1] != _FARTHEST and begin + said[1] <= length:
        return (*said, begin + said[1])
    if method == ZIP_STORED and not marked:
        rest = length - begin
        return said[0], rest, rest, length
    if method != ZIP_DEFLATED:
        return None
    file.seek(begin)
    inflate, crc, size, packed = zlib.decompressobj(-15), 0, 0, 0
    while not inflate.eof and (piece := file.read(_PIECE)):
        packed += len(piece)
        while piece and not inflate.eof:
            try:
                plain = inflate.decompress(piece, _PIECE)
            except zlib.error:
                return None
            crc, size = zlib.crc32(plain, crc), size + len(plain)
            if size > _FREE_BYTES + _MOST_GROWN * length:
                raise refused(BOMB)
            piece = inflate.unconsumed_tail
    packed -= len(inflate.unused_data)
    file.seek(begin + packed)
    mark = file.read(16) if marked and inflate.eof else b""
    behind = (16 if mark.startswith(_MARK_MAGIC) else 12) if mark else 0
    return crc, packed, size, begin + packed + behind


def _described(found: _Found) -> bytes:
    version, flags, *rest = found.head
    sizes = (found.crc, found.packed, found.size)
    fixed = _ENTRY.pack(
        *(b"PK\x01\x02", 20, version, flags, *rest, *sizes),
        *(len(found.name), 0, 0, 0, 0, 0, found.start),
    )
    return fixed + found.name


class _Longer(io.RawIOBase):
    """A file with more behind its end."""

    def __init__(self, file: BinaryIO, length: int, more: bytes) -> None:
        self._file, self._length, self._more = file, length, more
        self._at = 0

    def readable(self) -> bool:
        """It can only be read."""
        return True

    def seekable(self) -> bool:
        """And read anywhere."""
        return True

    def tell(self) -> int:
        """Where the next byte is."""
        return self._at

    def seek(self, offset: int, whence: int = 0) -> int:
        """Go somewhere."""
        base = (0, self._at, self._length + len(self._more))[whence]
        self._at = max(0, base + offset)
        return self._at

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]  # any buffer
        """Read on, in one of the two."""
        wanted = len(buffer)
        if self._at < self._length:
            self._file.seek(self._at)
            piece = self._file.read(min(wanted, self._length - self._at))
        else:
            start = self._at - self._length
            piece = self._more[start : start + wanted]
        buffer[: len(piece)] = piece
        self._at += len(piece)
        return len(piece)
