"""Writes files so that there is the old one or the whole new one, whatever happens in between."""

from __future__ import annotations

import os
import re
import stat
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from studio.core.errors import ErrorKind, StudioError
from studio.core.texts import QT_TRANSLATE_NOOP

PROCESS_BEGAN = time.time()
# Hidden, so that file managers and the library pass over a file that is still being written.
_PART = re.compile(r"^\.[0-9a-f]{16}\.moda-part(-journal|-wal|-shm)?$")


NO_FILE = QT_TRANSLATE_NOOP(
    "transfer", "{name} is not a file but a folder, a device or a pipe. Choose another name."
)


def plain_target(path: Path) -> Path:
    """Where a file called `path` has to be put: a link is followed, also to what is not there yet.

    Raises StudioError for a device, a pipe or a folder: a rename would take its place.
    """
    real = Path(os.path.realpath(path)) if path.is_symlink() else path
    with suppress(FileNotFoundError):
        if not stat.S_ISREG(real.lstat().st_mode):
            raise StudioError(ErrorKind.STORAGE, values={"reason": NO_FILE, "name": path.name})
    return real


def private_folder(folder: Path) -> None:
    """See to it that a folder is there; one that is made now only the user can look into."""
    if not folder.is_dir():
        folder.parent.mkdir(parents=True, exist_ok=True)
        with suppress(FileExistsError):
            folder.mkdir(0o700)
            folder.chmod(0o700)  # whatever the umask has left of it


def private_file(path: Path) -> None:
    """Make an empty file that only the user can read; raises FileExistsError."""
    os.close(_opened(path, private=True))


def make_private(path: Path) -> None:
    """Take a file's or folder's rights from everybody but its user; never those of a link."""
    if os.name == "nt":
        return  # a user's folders are private there
    with suppress(OSError):
        mode = path.lstat().st_mode
        if mode & 0o077 and (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
            path.chmod(stat.S_IMODE(mode) & 0o700)


def _opened(path: Path, *, private: bool) -> int:
    flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    descriptor = os.open(path, flags, 0o600 if private else 0o666)
    if private and hasattr(os, "fchmod"):
        os.fchmod(descriptor, 0o600)  # whatever the umask has left of it
    return descriptor


def part_beside(path: Path) -> Path:
    """A new name in the folder of `path` for a file that is not yet whole."""
    return path.with_name(f".{os.urandom(8).hex()}.moda-part")


def remove_parts(folders: Iterable[Path], *, before: float = PROCESS_BEGAN) -> int:
    """Remove what a killed program left half written; only for the single running program.

    A part that was begun since `before` is being written right now. A folder that cannot be read
    keeps what is in it.
    """
    removed = 0
    for folder in folders:
        with suppress(OSError):
            for each in folder.iterdir():
                if _PART.match(each.name) and each.is_file() and each.stat().st_mtime < before:
                    each.unlink(missing_ok=True)
                    removed += 1
    return removed


def sync_file(path: Path) -> None:
    """Return when the content of `path` is on the disk itself."""
    # Windows flushes only what is open for writing.
    descriptor = os.open(path, os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_folder(folder: Path) -> None:
    """Return when the names in `folder` are on the disk; nothing to do on Windows."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def copy_whole(source: Path, target: Path) -> None:
    """Copy a file: all of it is at `target` when this returns, or still what was there."""
    import shutil  # not before the first paint

    private_folder(target.parent)
    part = part_beside(target)
    try:
        private_file(part)  # until it has the rights of what is copied
        shutil.copy2(source, part)
        sync_file(part)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
    sync_folder(target.parent)


def write_whole(path: Path, content: bytes, *, private: bool = False) -> None:
    """Write `content` to `path`, replacing what is there; raises OSError and then leaves the old.

    `private` files can be read by the user alone.
    """
    with whole_file(path, private=private) as file:
        file.write(content)


@contextmanager
def whole_file(path: Path, *, private: bool = False) -> Iterator[BinaryIO]:
    """A file to be written in pieces that takes its name when the block ends well.

    Raises OSError or StudioError and then leaves what is at `path`, as it does for an exception
    of the block.
    """
    path = plain_target(path)
    part = part_beside(path)
    try:
        with os.fdopen(_opened(part, private=private), "w+b") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except BaseException:
        with suppress(OSError):
            part.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def name_beside(path: Path) -> Path:
    """`path`, or the first of `name-2`, `name-3` … that no file has."""
    candidate, number = path, 1
    while candidate.exists() or candidate.is_symlink():
        number += 1
        candidate = path.with_name(f"{path.stem}-{number}{path.suffix}")
    return candidate
