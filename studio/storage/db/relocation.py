"""Moves the data folder: copies it while in use, finishes while it is closed, then points there.

A note in the folder of the configuration says where the data is. It is written last, in one go:
whatever ends the program before that, the next start finds everything in the old folder, which is
never changed. A folder that was half copied carries a mark and is begun anew.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterator
from pathlib import Path

from studio.core.errors import ErrorKind, StudioError
from studio.core.texts import QT_TRANSLATE_NOOP
from studio.core.transfer.common import Watch
from studio.storage.files import (
    copy_whole,
    part_beside,
    private_folder,
    sync_file,
    sync_folder,
    write_whole,
)
from studio.storage.locations import read_note

MARK = ".moda-moving"
INSIDE = "Moda Studio"  # made in a chosen folder that holds something else
_FOLDERS = ("backups", "attachments")
_FILES = ("studio.db*", "settings.json*")
_PIECE = 1024 * 1024
_SPARE = 64 * 1024 * 1024  # stays free beside what is copied

SAME = QT_TRANSLATE_NOOP("transfer", "The data is in this folder already.")
INSIDE_ITSELF = QT_TRANSLATE_NOOP("transfer", "The new folder cannot lie within the old one.")
NOT_EMPTY = QT_TRANSLATE_NOOP("transfer", "The folder is not empty. Choose an empty or a new one.")
NOT_WRITABLE = QT_TRANSLATE_NOOP("transfer", "This folder cannot be written. Choose another one.")
NO_ROOM = QT_TRANSLATE_NOOP("transfer", "There is not enough free space on that disk.")
NOT_COPIED = QT_TRANSLATE_NOOP(
    "transfer", "Not everything could be copied. The data is where it was."
)


def _refused(reason: str, detail: str = "") -> StudioError:
    return StudioError(ErrorKind.STORAGE, detail, values={"reason": reason})


def target_in(data: Path, chosen: Path) -> Path:
    """Where the data would go when the user chooses `chosen`; raises StudioError with a reason.

    That is the folder itself when it is empty, and one within it otherwise. Blocks; nothing
    stays behind of what is tried.
    """
    data, chosen = data.resolve(), chosen.resolve()
    if chosen == data:
        raise _refused(SAME)
    target = chosen if _is_free(chosen) else chosen / INSIDE
    if target == data:
        raise _refused(SAME)
    if data in target.parents:
        raise _refused(INSIDE_ITSELF)
    if not _is_free(target):
        raise _refused(NOT_EMPTY)
    try:
        _try_to_write(target)
        free = shutil.disk_usage(_existing(target)).free
    except OSError as error:
        raise _refused(NOT_WRITABLE, str(error)) from error
    if free < size_of(data) + _SPARE:
        raise _refused(NO_ROOM)
    return target


def size_of(data: Path) -> int:
    """How many bytes are copied."""
    return sum(path.stat().st_size for path in _files(data))


def copy_while_used(
    data: Path,
    target: Path,
    *,
    watch: Watch = Watch(),  # noqa: B008 - a frozen value
) -> Path:
    """Copy what does not change any more: backups and sent pictures; returns `target`.

    Blocks, for a worker thread. Raises StudioError or TransferCancelled, and then nothing of it
    is left. `finish` copies the rest.
    """
    try:
        private_folder(target)
        _clear(target)
        (target / MARK).write_bytes(b"")
        paths = [each for name in _FOLDERS for each in _files_below(data / name)]
        total = sum(each.stat().st_size for each in paths) or 1
        done = 0
        for path in paths:
            watch.step(done, total)
            copy_whole(path, target / path.relative_to(data))
            done += path.stat().st_size
        watch.step(total, total)
    except OSError as error:
        _clear(target)
        raise _refused(NOT_COPIED, str(error)) from error
    except BaseException:
        _clear(target)
        raise
    return target


def finish(data: Path, target: Path, note: Path) -> None:
    """Copy the rest while nobody uses it, look at everything again, and point to the new folder.

    Blocks. Raises StudioError, and then the old folder is in force, as it was.
    """
    try:
        if not (target / MARK).is_file():
            raise _refused(NOT_COPIED, f"{target} is not the folder that was begun")
        for path in _files(data):
            copy = target / path.relative_to(data)
            if path.parent == data or not _is_same(path, copy):
                copy_whole(path, copy)
        for path in _files(data):
            if not _is_same(path, target / path.relative_to(data)):
                raise _refused(NOT_COPIED, path.name)
        (target / MARK).unlink()
        sync_folder(target)
        note.parent.mkdir(parents=True, exist_ok=True)
        stored = {"data": str(target), "previous": str(data)}
        write_whole(note, json.dumps(stored, ensure_ascii=False, indent=2).encode())
    except OSError as error:
        raise _refused(NOT_COPIED, str(error)) from error


def point_back(folder: Path, note: Path) -> None:
    """Use a folder again as it is, and remember no other; raises StudioError."""
    try:
        stored = {"data": str(folder)}
        write_whole(note, json.dumps(stored, ensure_ascii=False, indent=2).encode())
    except OSError as error:
        raise StudioError(ErrorKind.STORAGE, str(error)) from error


def remove_previous(note: Path) -> None:
    """Delete what the program had in the folder before, and nothing else that is there.

    Raises StudioError. Only once the history was opened in the new folder.
    """
    known = read_note(note)
    if known is None or known.previous is None or known.previous == known.data:
        return
    try:
        _clear(known.previous, every=True)
        if not any(known.previous.iterdir()):
            known.previous.rmdir()
    except OSError as error:
        raise StudioError(ErrorKind.STORAGE, str(error)) from error
    point_back(known.data, note)


def _is_free(folder: Path) -> bool:
    """Whether there is nothing, or only what a move that was broken off has left."""
    try:
        names = {each.name for each in folder.iterdir()}
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return not names or MARK in names


def _try_to_write(folder: Path) -> None:
    made = [each for each in (folder, *folder.parents) if not each.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    probe = part_beside(folder / MARK)
    try:
        probe.write_bytes(b"x")
        sync_file(probe)
    finally:
        probe.unlink(missing_ok=True)
        for each in made:
            each.rmdir()


def _existing(folder: Path) -> Path:
    return next(each for each in (folder, *folder.parents) if each.exists())


def _files(data: Path) -> Iterator[Path]:
    """Every file that belongs to the data; what is half written belongs to nobody."""
    for pattern in _FILES:
        yield from (each for each in sorted(data.glob(pattern)) if _is_kept(each))
    for name in _FOLDERS:
        yield from _files_below(data / name)


def _files_below(folder: Path) -> Iterator[Path]:
    yield from (each for each in sorted(folder.rglob("*")) if _is_kept(each))


def _is_kept(path: Path) -> bool:
    # SQLite makes its index of the log anew.
    return path.is_file() and not path.name.startswith(".") and not path.name.endswith("-shm")


def _clear(folder: Path, *, every: bool = False) -> None:
    """Remove what a broken move has left, or with `every` what the program has there."""
    if not every and not (folder / MARK).is_file():
        return
    for name in _FOLDERS:
        shutil.rmtree(folder / name, ignore_errors=True)
    for pattern in (*_FILES, "studio.lock", ".*.moda-part"):
        for each in folder.glob(pattern):
            each.unlink(missing_ok=True)
    (folder / MARK).unlink(missing_ok=True)


def _is_same(path: Path, copy: Path) -> bool:
    try:
        if path.stat().st_size != copy.stat().st_size:
            return False
    except FileNotFoundError:
        return False
    return _digest(path) == _digest(copy)


def _digest(path: Path) -> bytes:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            digest.update(piece)
    return digest.digest()
