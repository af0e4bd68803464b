"""Takes conversations in from a file: ours or ChatGPT's, merged into the history, all or nothing.

What will be added is read into a database of its own, where it is checked and compared with what
there is; then the pictures are put in their places; then all rows are added at once. Nothing that
was here before is changed or removed. See `import_staging` for what is merged and what is copied.
"""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

import apsw

from studio.core.errors import ErrorKind, StudioError
from studio.core.transfer import Imported, Watch, file_stem, is_file_name
from studio.core.transfer_json import ExportedPicture
from studio.storage.database import Database
from studio.storage.export import Source
from studio.storage.import_commit import HistoryChanged, commit
from studio.storage.import_files import open_import
from studio.storage.import_pictures import ArrivingPictures
from studio.storage.import_reading import ImportFile
from studio.storage.import_staging import Staging
from studio.storage.library_rows import has_path

TRIES = 3
# Of a thousand steps of the whole: reading, then pictures, then rows.
_READ, _BROUGHT, _WHOLE = 600, 700, 1000
_one_at_a_time = threading.Lock()


def import_file(
    database: Database,
    source: Source,
    path: Path,
    *,
    watch: Watch = Watch(),  # noqa: B008 - a frozen value
) -> Imported:
    """Add what `path` holds; blocks, for a worker thread. `source` says where ours lies.

    Raises StudioError, of kind NOT_IMPORTED when it is for the file (`values["reason"]` says
    why) and STORAGE when it is for our disk, or TransferCancelled: then nothing was added.
    Others can use the database meanwhile, but wait while the rows are added at the end.
    """
    with _one_at_a_time:
        for last in range(1, TRIES + 1):
            try:
                return _import(database, source, path, watch)
            except HistoryChanged as error:
                if last == TRIES:
                    raise StudioError(ErrorKind.STORAGE, "the history is being changed") from error
            except (apsw.Error, OSError) as error:
                raise StudioError(ErrorKind.STORAGE, str(error)) from error
    raise AssertionError  # the loop returns or raises


def _import(database: Database, source: Source, path: Path, watch: Watch) -> Imported:
    pictures = ArrivingPictures(source.database, source.attachments, source.pictures)
    with open_import(path) as file, Staging(source.database) as staging:
        try:
            _read(file, staging, source.pictures, _part(watch, 0, _READ))
            pictures.bring(staging, file, _part(watch, _READ, _BROUGHT))
            database.call_sync(
                commit,
                staging.path,
                _part(watch, _BROUGHT, _WHOLE),
                newest_last=file.newest_last,
            )
        except BaseException:
            pictures.withdraw()
            raise
        pictures.settle()
        return Imported(
            staging.conversations,
            staging.copied,
            staging.merged,
            staging.unchanged,
            staging.messages,
            staging.pictures,
            pictures.missing,
            file.skipped_pictures,
        )


def _part(watch: Watch, start: int, end: int) -> Watch:
    """The same watch for a part of the whole."""

    def progress(done: int, total: int) -> None:
        share = done / total if total else 1.0
        watch.progress(start + round((end - start) * min(1.0, share)), _WHOLE)

    return replace(watch, progress=progress)


def _read(file: ImportFile, staging: Staging, library: Path, watch: Watch) -> None:
    for exported in file.conversations():
        watch.step(file.done, file.total)
        staging.add(exported)
    staging.add_folders(file.folders())
    paths: set[str] = set()
    for picture in file.library():
        watch.step(file.done, file.total)
        placed = staging.place_for_picture(picture)
        if placed is not None:
            path = _free_name(staging, library, placed, paths)
            paths.add(path.casefold())
            there = file.has_library_picture(placed.image.sha256)
            staging.add_picture(replace(placed, missing=not there), path)


def _free_name(staging: Staging, library: Path, picture: ExportedPicture, taken: set[str]) -> str:
    """The picture's own file name, made safe, or one like it that nobody has."""
    name = picture.image.path
    stem = name.removesuffix(".png")
    if not (name.endswith(".png") and is_file_name(name)):
        stem = file_stem(stem, "picture")
    name, number = f"{stem}.png", 1
    while (
        name.casefold() in taken or has_path(staging.connection, name) or (library / name).exists()
    ):
        number += 1
        name = f"{stem}-{number}.png"
    return name
