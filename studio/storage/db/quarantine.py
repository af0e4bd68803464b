"""Moves a database out of its place, with what belongs to it, so that none is lost."""

from __future__ import annotations

import os
import time
from pathlib import Path

from studio.storage.files import sync_folder

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
