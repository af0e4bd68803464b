"""Clears up after programs that were killed, and removes pictures that nobody can see any more."""

from __future__ import annotations

import time
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import apsw

from studio.core.errors import ErrorKind, StudioError
from studio.storage.db import connection as sqlite
from studio.storage.files import PROCESS_BEGAN, remove_parts
from studio.storage.pictures.attachments import Attachments
from studio.storage.transfer.import_pictures import pictures_in_use, undo_broken_imports

# Longer than a backup is kept and longer than the trash: what comes back with one has its pictures.
KEPT_DAYS = 45


class Cleared(NamedTuple):
    """What a program that was killed had left: half files, and pictures of half an import."""

    half_files: int = 0
    pictures: int = 0


def clear_up(
    database: Path, attachments: Attachments, library: Path, *, before: float = PROCESS_BEGAN
) -> Cleared:
    """Put the folders right; blocks, for a worker thread at the start of the single program.

    To be done before `Library.reconcile`, which would take in the pictures of an import that was
    killed. What was begun since `before` is being written right now and stays.
    """
    folders = [database.parent, database.parent / "backups", library, attachments.folder]
    with suppress(OSError):
        folders += [each for each in attachments.folder.iterdir() if each.is_dir()]
    half = remove_parts(folders, before=before)
    return Cleared(half, undo_broken_imports(database, attachments, library))


def drop_replaced(database: Path, *, now: float | None = None, days: float = KEPT_DAYS) -> int:
    """Remove histories that a backup took the place of long ago; how many files.

    They are among the backups as well. Damaged ones stay for ever. Blocks, for a worker thread.
    """
    before = (time.time() if now is None else now) - days * 86400
    removed = 0
    with suppress(OSError):
        for path in database.parent.glob(f"{database.name}.replaced-*"):
            stamp = path.name.partition(".replaced-")[2][:17]
            with suppress(ValueError):
                if time.mktime(time.strptime(stamp, "%Y-%m-%d_%H%M%S")) < before:
                    path.unlink()
                    removed += 1
    return removed


def sweep_attachments(
    database: Path, attachments: Attachments, *, now: float | None = None, days: float = KEPT_DAYS
) -> int:
    """Remove pictures of messages that were deleted for good long ago; how many.

    Blocks, for a worker thread. A picture that is put into a draft again is as good as new.
    Nothing happens while a database that was set aside may still need its pictures.
    """
    if any(database.parent.glob(f"{database.name}.damaged-*")) or any(
        database.parent.glob(f"{database.name}.replaced-*")
    ):
        return 0
    before = (time.time() if now is None else now) - days * 86400
    try:
        old = [each for each in attachments.folder.glob("??/*") if _is_old(each, before)]
        if not old:
            return 0
        connection = sqlite.connect_read_only(database)
        try:
            used = pictures_in_use(connection)
        finally:
            connection.close()
        removed = 0
        for path in old:
            # Again: it may have been attached while we looked.
            if path.stem not in used and _is_old(path, before):
                path.unlink()
                removed += 1
    except (apsw.Error, OSError) as error:
        raise StudioError(ErrorKind.STORAGE, str(error)) from error
    return removed


def _is_old(path: Path, before: float) -> bool:
    return path.stat().st_mtime < before and path.is_file()
