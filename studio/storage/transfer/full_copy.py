"""Copies the history with all its pictures into a folder that the program can be started on."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import apsw

from studio.core.transfer.common import Watch, not_written
from studio.storage.db import backups
from studio.storage.files import name_beside, part_beside, sync_file, sync_folder
from studio.storage.transfer.export import Source

HISTORY = "studio.db"
ATTACHMENTS = "attachments"
PICTURES = "pictures"


def copy_everything(
    source: Source,
    target: Path,
    *,
    watch: Watch = Watch(),  # noqa: B008 - a frozen value
) -> Path:
    """Make the folder `target`, or one beside it if there is something, and return its path.

    It holds a checked copy of the database, the pictures of messages and those that were made,
    under the names of a data folder. Blocks, for a worker thread; writers go on meanwhile. Raises
    StudioError of kind STORAGE or TransferCancelled, and then there is no folder.
    """
    target = name_beside(target)
    part = part_beside(target)
    try:
        part.mkdir(parents=True)
        # The database first: each picture that it names is there already, and pictures stay.
        copy = backups.back_up(source.database, part, label=backups.MANUAL)
        copy.rename(part / HISTORY)
        # What leaves the data folder has the rights that the user's other files have.
        (part / HISTORY).chmod(part.stat().st_mode & 0o666)
        files = list(_files(source))
        for done, (path, inside) in enumerate(files):
            watch.step(done, len(files))
            _copy(path, part / inside)
        watch.step(len(files), len(files))
        sync_folder(part)
        part.rename(target)
    except (OSError, apsw.Error) as error:
        shutil.rmtree(part, ignore_errors=True)
        raise not_written(str(error)) from error
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise
    sync_folder(target.parent)
    return target


def _files(source: Source) -> Iterator[tuple[Path, str]]:
    """Every picture and its place in the copy; half files are none."""
    for folder, name in ((source.attachments.folder, ATTACHMENTS), (source.pictures, PICTURES)):
        for path in sorted(folder.rglob("*")):
            inside = path.relative_to(folder)
            if path.is_file() and not any(each.startswith(".") for each in inside.parts):
                yield path, f"{name}/{inside.as_posix()}"


def _copy(path: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        shutil.copyfile(path, target)
    except FileNotFoundError:
        return  # deleted for good in the meantime
    sync_file(target)
