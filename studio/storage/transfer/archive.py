"""Opens zip files of strangers: counted, named and measured before anything of them is unpacked."""

from __future__ import annotations

import re
import stat
import struct
import unicodedata
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path
from typing import IO, BinaryIO
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, LargeZipFile, ZipFile, ZipInfo

from studio.core.errors import StudioError
from studio.core.transfer.common import (
    BOMB,
    BROKEN_ZIP,
    ENCRYPTED,
    TOO_LARGE,
    TOO_MANY,
    TWICE,
    UNSAFE_NAME,
    is_device,
    refused,
)
from studio.storage.transfer.cut_archive import with_directory

MOST_ENTRIES = 200_000
MOST_DIRECTORY_BYTES = 24 * 1024 * 1024
# Text shrinks to a tenth and pictures not at all; a bomb shrinks to a thousandth.
MOST_RATIO = 100
PIECE = 1024 * 1024
FREE_BYTES = 64 * 1024 * 1024  # however well it shrinks
_END = struct.Struct("<4s4H2LH")
_END_MAGIC = b"PK\x05\x06"
_MOST_COMMENT = 0xFFFF
_END_64 = struct.Struct("<4sQ2H2L4Q")
_END_64_MAGIC = b"PK\x06\x06"
_LOCATOR = struct.Struct("<4sLQL")
_LOCATOR_MAGIC = b"PK\x06\x07"
_DRIVE = re.compile(r"[A-Za-z]:")
# What zipfile and zlib let through when a file lies about itself.
_READING_ERRORS = (
    BadZipFile,
    LargeZipFile,
    NotImplementedError,
    EOFError,
    OSError,
    ValueError,
    RuntimeError,
    struct.error,
    zlib.error,
)


class Archive:
    """A zip file whose every entry has been found harmless; its entries by their names.

    Nothing is ever unpacked under a name that the file gives. Raises StudioError of kind
    NOT_IMPORTED for what is broken while it is read.
    """

    def __init__(self, file: ZipFile, *, cut: bool = False) -> None:
        """`cut`: its directory is gone, and with it what stood at the end."""
        self._file, self.cut = file, cut
        self.sizes = {each.filename: each.file_size for each in file.infolist()}
        self._times = {each.filename: each.date_time for each in file.infolist()}

    def time(self, name: str) -> float | None:
        """When an entry was written, in local time; None where it says nothing of use."""
        try:
            return datetime(*self._times[name]).timestamp()
        except (ValueError, OverflowError, OSError):
            return None

    def lines(self, name: str, most_bytes: int) -> Iterator[bytes]:
        """The lines of an entry, one after another; one longer than `most_bytes` is refused."""
        with self._open(name) as stream:
            while True:
                with _reading():
                    line = stream.readline(most_bytes + 1)
                if not line:
                    return
                if len(line) > most_bytes:
                    raise too_large(most_bytes)
                yield line

    def pieces(self, name: str) -> Iterator[bytes]:
        """An entry in pieces."""
        with self._open(name) as stream:
            while True:
                with _reading():
                    piece = stream.read(PIECE)
                if not piece:
                    return
                yield piece

    def _open(self, name: str) -> IO[bytes]:
        with _reading():
            return self._file.open(name)

    def read(self, name: str, most_bytes: int) -> bytes:
        """A small entry in one piece."""
        if self.sizes[name] > most_bytes:
            raise too_large(most_bytes)
        with _reading():
            return self._file.read(name)


@contextmanager
def open_archive(source: Path | BinaryIO) -> Iterator[Archive]:
    """Open a zip file and look at all that it says of itself; raises StudioError."""
    with ExitStack() as opened:
        with _reading():
            file = opened.enter_context(source.open("rb")) if isinstance(source, Path) else source
            cut = _end_of(file) < 0
            if cut:
                file = opened.enter_context(with_directory(file))
            _demand_few(file)
            size = file.seek(0, 2)
            archive = opened.enter_context(ZipFile(file))
            _demand_harmless(archive.infolist(), size)
        yield Archive(archive, cut=cut)


def too_large(most_bytes: int) -> StudioError:
    """A part that would fill the memory."""
    return refused(TOO_LARGE, limit=f"{most_bytes // 1024 // 1024}")


@contextmanager
def _reading() -> Iterator[None]:
    try:
        yield
    except _READING_ERRORS as error:
        raise refused(BROKEN_ZIP, str(error)) from error


def _end_of(file: BinaryIO) -> int:
    """Where the record at the end of a zip file begins; -1 where there is none."""
    size = file.seek(0, 2)
    start = max(0, size - _END.size - _MOST_COMMENT)
    file.seek(start)
    tail = file.read()
    # As zipfile looks for it: at the very end, or else the last one that there is.
    at = len(tail) - _END.size
    if not (at >= 0 and tail[at : at + 4] == _END_MAGIC and tail[-2:] == b"\x00\x00"):
        at = tail.rfind(_END_MAGIC)
    return -1 if at < 0 or len(tail) < at + _END.size else start + at


def _demand_few(file: BinaryIO) -> None:
    """Refuse a directory that would fill the memory when it is read, before it is read."""
    for entries, directory in _counts(file, file.seek(0, 2), _end_of(file)):
        if entries > MOST_ENTRIES or directory > MOST_DIRECTORY_BYTES:
            raise refused(TOO_MANY, limit=f"{MOST_ENTRIES:,}")


def _counts(file: BinaryIO, size: int, end_at: int) -> list[tuple[int, int]]:
    """How many entries there are said to be, and how many bytes tell of them, wherever it is."""
    locator_at = end_at - _LOCATOR.size
    found: list[tuple[int, int]] = []
    if locator_at >= 0:
        magic, _, where, _ = _LOCATOR.unpack(_bytes_at(file, locator_at, _LOCATOR.size))
        if magic == _LOCATOR_MAGIC:
            # Some readers follow the locator, others look right before it.
            for place in (where, locator_at - _END_64.size):
                if 0 <= place <= size - _END_64.size:
                    record = _END_64.unpack(_bytes_at(file, place, _END_64.size))
                    if record[0] == _END_64_MAGIC:
                        found.append((record[7], record[8]))
    if not found:
        end = _END.unpack(_bytes_at(file, end_at, _END.size))
        found.append((end[4], end[5]))
    return found


def _bytes_at(file: BinaryIO, place: int, count: int) -> bytes:
    file.seek(place)
    return file.read(count)


def _demand_harmless(entries: list[ZipInfo], size: int) -> None:
    if len(entries) > MOST_ENTRIES:
        raise refused(TOO_MANY, limit=f"{MOST_ENTRIES:,}")
    seen: set[str] = set()
    for each in entries:
        # zipfile ends a name at a NUL: what was there is looked at too.
        for name in {each.filename, each.orig_filename}:
            if not is_harmless(name) or _is_link(each):
                raise refused(UNSAFE_NAME, name=name)
        folded = unicodedata.normalize("NFC", each.filename).casefold().rstrip("/")
        if folded in seen:
            raise refused(TWICE, name=each.filename)
        seen.add(folded)
        if each.flag_bits & 0x1:
            raise refused(ENCRYPTED)
        if each.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
            raise refused(BROKEN_ZIP, f"compressed in way {each.compress_type}")
    if sum(each.compress_size for each in entries) > size:
        raise refused(BOMB)  # entries that lie over one another
    if sum(each.file_size for each in entries) > FREE_BYTES + MOST_RATIO * size:
        raise refused(BOMB)


def is_harmless(name: str) -> bool:
    """Whether a name stays below the folder it is unpacked to, on every system."""
    if not name or "\\" in name or _DRIVE.match(name) or any(ord(each) < 32 for each in name):
        return False
    parts = name.removesuffix("/").split("/")
    return all(
        # Windows passes over dots and spaces at the end: `.. ` is `..` there.
        part.rstrip(" .") and not is_device(part)
        for part in parts
    )


def _is_link(entry: ZipInfo) -> bool:
    kind = stat.S_IFMT(entry.external_attr >> 16)
    return kind not in (0, stat.S_IFREG, stat.S_IFDIR)
