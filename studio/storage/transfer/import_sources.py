"""Gathers what is to be imported: files, folders, zip files and zip files within them.

Nothing is unpacked under a name that a file gives: a zip file within another goes into a file
without a name, the rest is read where it is.
"""

from __future__ import annotations

import io
import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, cast
from zipfile import is_zipfile

from studio.core.errors import StudioError
from studio.core.transfer.clients.reasons import DAMAGED, RAW_CHERRY
from studio.core.transfer.common import BOMB, BROKEN_ZIP, GONE, NOT_OURS, TOO_MANY, Skipped, refused
from studio.storage.transfer.archive import FREE_BYTES, MOST_ENTRIES, PIECE, Archive, open_archive
from studio.storage.transfer.export_archive import MANIFEST

_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_TEXTS = (".json", ".jsonl", ".ndjson", ".md")
_ARCHIVES = (".zip", ".bak", "")
_PICTURES = (".png", ".jpg", ".jpeg", ".webp", ".gif", ".bmp", ".avif", ".dat", "")
# What systems leave beside files of their own accord.
_LITTER = (".ds_store", "thumbs.db", "desktop.ini")
_DEEPEST_ZIP = 2
_MOST_INNER = 200  # each is an open file
_MOST_UNPACKED = 4  # times the size of the outer one: zip files hardly shrink


@dataclass(frozen=True, slots=True)
class Entry:
    """A file, on the disk or in a zip file; `chosen` by the user himself, not by being near."""

    name: str
    size: int
    time: float | None
    pieces: Callable[[], Iterator[bytes]]
    open: Callable[[], BinaryIO]
    chosen: bool = False

    @property
    def base(self) -> str:
        """The name without its folders."""
        return self.name.rpartition("/")[2]

    def start(self) -> bytes:
        """Its first bytes."""
        return next(self.pieces(), b"")[:4096]


@dataclass(slots=True)
class Gathered:
    """Our own zip files, what may hold conversations, and what may be a picture, in order."""

    ours: list[Archive] = field(default_factory=list)
    texts: list[Entry] = field(default_factory=list)
    others: list[Entry] = field(default_factory=list)
    failed: list[tuple[str, StudioError]] = field(default_factory=list)
    cut: list[Skipped] = field(default_factory=list)
    size: int = 0  # of zip files on the disk
    unpacked: int = 0  # of zip files within them
    inner: int = 0  # how many of these
    step: Callable[[], None] = lambda: None

    def note(self, archive: Archive, name: str) -> None:
        """Remember which of the zip files were cut short."""
        if archive.cut:
            self.cut.append(Skipped(name, DAMAGED))

    def add(self, entry: Entry) -> None:
        """Put a file where it belongs."""
        parts = entry.name.split("/")
        if "__MACOSX" in parts or entry.base.startswith("._") or entry.base.lower() in _LITTER:
            return
        # What users attached to a conversation is called after its id there.
        attached = entry.base.startswith(("file-", "file_")) and not entry.chosen
        ending = _ending(entry.base)
        if entry.chosen or (ending in _TEXTS and not attached):
            self.texts.append(entry)
        elif ending in _PICTURES:
            self.others.append(entry)


def gather(
    paths: Sequence[Path], stack: ExitStack, scratch: Path | None, step: Callable[[], None]
) -> Gathered:
    """Open all of it; raises StudioError when a file alone cannot be.

    `scratch` is a folder with room for what has to be unpacked; `step` is called for each file.
    """
    found = Gathered(step=step)
    for path in sorted(paths):
        try:
            _gather(path, found, stack, scratch, chosen=True)
        except StudioError as error:
            if len(paths) == 1:
                raise
            found.failed.append((path.name, error))
    found.texts.sort(key=lambda each: each.name)
    return found


def _gather(
    path: Path, found: Gathered, stack: ExitStack, scratch: Path | None, *, chosen: bool
) -> None:
    try:
        if path.is_dir():
            for inner in _files_in(path):
                found.step()
                try:
                    _gather(inner, found, stack, scratch, chosen=False)
                except StudioError as error:
                    found.failed.append((inner.name, error))
            return
        if not path.is_file():
            raise refused(GONE, "no file")
        if (chosen or _ending(path.name) in _ARCHIVES) and _is_zip(path):
            archive = stack.enter_context(open_archive(path))
            found.note(archive, path.name)
            found.size += path.stat().st_size
            _gather_archive(archive, found, stack, scratch)
        else:
            found.add(_entry_of(path, stack, chosen=chosen))
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        raise refused(GONE, str(error)) from error


def _ending(name: str) -> str:
    return f".{name.rpartition('.')[2].lower()}" if "." in name else ""


def _is_zip(path: Path) -> bool:
    with path.open("rb") as file:
        if file.read(4) in _ZIP:
            return True
    return _ending(path.name) == ".zip" and is_zipfile(path)  # damaged at its beginning


def _files_in(folder: Path) -> Iterator[Path]:
    """Every file below a folder, in order; links lead nowhere."""
    count = 0
    for place, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            path = Path(place, name)
            count += 1
            if count > MOST_ENTRIES:
                raise refused(TOO_MANY, limit=f"{MOST_ENTRIES:,}")
            if not path.is_symlink():
                yield path


def _entry_of(path: Path, stack: ExitStack, *, chosen: bool) -> Entry:
    found = path.stat()

    def pieces() -> Iterator[bytes]:
        try:
            with path.open("rb") as file:
                yield from iter(lambda: file.read(PIECE), b"")
        except OSError as error:
            raise refused(GONE, str(error)) from error

    def opened() -> BinaryIO:
        return stack.enter_context(path.open("rb"))

    name = path.as_posix()
    return Entry(name, found.st_size, found.st_mtime, pieces, opened, chosen)


def _gather_archive(
    archive: Archive, found: Gathered, stack: ExitStack, scratch: Path | None, depth: int = 0
) -> None:
    if MANIFEST in archive.sizes:
        found.ours.append(archive)
        return
    before = len(found.texts), len(found.ours)
    for name, size in archive.sizes.items():
        if name.endswith("/"):
            continue
        if name.lower().endswith(".zip") and depth < _DEEPEST_ZIP:
            _gather_inner(archive, name, found, stack, scratch, depth + 1)
        else:
            found.add(_entry_in(archive, name, size))
    if (len(found.texts), len(found.ours)) == before and not depth:
        if found.failed:
            raise found.failed[-1][1]
        raw = any("IndexedDB/" in name for name in archive.sizes)
        raise refused(RAW_CHERRY if raw else NOT_OURS)


def _gather_inner(
    archive: Archive,
    name: str,
    found: Gathered,
    stack: ExitStack,
    scratch: Path | None,
    depth: int,
) -> None:
    found.inner += 1
    if found.inner > _MOST_INNER:
        raise refused(TOO_MANY, limit=f"{_MOST_INNER}")
    file = tempfile.TemporaryFile(dir=scratch)  # noqa: SIM115 - closed by the stack
    unpacked = cast("BinaryIO", stack.enter_context(file))
    try:
        for piece in _as_far_as_whole(archive, name):
            found.step()
            found.unpacked += len(piece)
            if found.unpacked > FREE_BYTES + _MOST_UNPACKED * found.size:
                raise refused(BOMB)
            unpacked.write(piece)
        unpacked.flush()
        inner = stack.enter_context(open_archive(unpacked))
    except StudioError as error:
        if error.values.get("reason") == BOMB:
            raise
        found.failed.append((name, error))
        return
    found.note(inner, name)
    _gather_archive(inner, found, stack, scratch, depth)


def _as_far_as_whole(archive: Archive, name: str) -> Iterator[bytes]:
    """A zip file within another; one that is damaged is opened as one that was cut there."""
    try:
        yield from archive.pieces(name)
    except StudioError as error:
        if error.values.get("reason") != BROKEN_ZIP:
            raise


def _entry_in(archive: Archive, name: str, size: int) -> Entry:
    def opened() -> BinaryIO:
        return io.BytesIO(archive.read(name, size))

    return Entry(name, size, archive.time(name), lambda: archive.pieces(name), opened)
