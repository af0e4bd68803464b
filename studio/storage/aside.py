"""Moves a database out of its place and puts another one there: each whole, and none is lost."""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path

from studio.storage.files import part_beside, sync_file, sync_folder

SUFFIXES = ("", "-wal", "-shm")  # a database and what SQLite keeps beside it


def set_aside(path: Path, why: str = "damaged") -> tuple[Path, ...]:
    """Rename the database and what belongs to it; their names still fit together."""
    target = _free_name(path, f"{path.name}.{why}-{time.strftime('%Y-%m-%d_%H%M%S')}")
    kept: list[Path] = []
    for suffix in SUFFIXES:
        source = path.with_name(path.name + suffix)
        if source.is_dir():
            raise IsADirectoryError(f"{source} is a folder")
        if source.exists():
            aside = target.with_name(target.name + suffix)
            os.rename(source, aside)  # noqa: PTH104 - fails on Windows where replace would not
            kept.append(aside)
    sync_folder(path.parent)
    return tuple(kept)


def _free_name(path: Path, name: str) -> Path:
    """A file name beside the database under which nothing was set aside yet, not even a log."""
    candidate, number = path.with_name(name), 1
    while any(candidate.with_name(candidate.name + each).exists() for each in SUFFIXES):
        number += 1
        candidate = path.with_name(f"{name}-{number}")
    return candidate


def put_in_place(copy: Path, path: Path) -> None:
    """Copy a database to `path`: the whole copy is there when this returns, or what was there."""
    part = part_beside(path)
    try:
        shutil.copyfile(copy, part)
        sync_file(part)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    sync_folder(path.parent)
