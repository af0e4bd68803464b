"""Takes conversations in from files, ours or other programs', merged into the history.

What will be added is read into a database of its own, where it is checked and compared with what
there is; then the pictures are put in their places; then all rows are added at once: all or
nothing. Nothing that was here before is changed or removed. See `import_staging` for what is
merged and what is copied.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import apsw

from studio.core.errors import ErrorKind, StudioError
from studio.core.transfer.common import (
    EVERYTHING,
    Choice,
    FoundConversation,
    Imported,
    Preview,
    Watch,
    file_stem,
    is_file_name,
)
from studio.core.transfer.json_format import Exported, ExportedPicture, StoredFolder
from studio.storage.db import connection as sqlite
from studio.storage.db.database import Database
from studio.storage.pictures.library_rows import has_path
from studio.storage.transfer.export import Source
from studio.storage.transfer.import_commit import HistoryChanged, commit
from studio.storage.transfer.import_files import Import, open_import
from studio.storage.transfer.import_pictures import ArrivingPictures
from studio.storage.transfer.import_staging import Staging

TRIES = 3
# Of a thousand steps of the whole: reading, then pictures, then rows.
_READ, _BROUGHT, _WHOLE = 600, 700, 1000
_one_at_a_time = threading.Lock()


def import_file(
    database: Database,
    source: Source,
    path: Path | Sequence[Path],
    *,
    choice: Choice = EVERYTHING,
    watch: Watch = Watch(),  # noqa: B008 - a frozen value
) -> Imported:
    """Add what files or folders hold; blocks, for a worker thread. `source` says where ours lies.

    Raises StudioError, of kind NOT_IMPORTED when it is for the file (`values["reason"]` says
    why) and STORAGE when it is for our disk, or TransferCancelled: then nothing was added.
    Others can use the database meanwhile; who writes while the rows are added waits for it.
    """
    with _one_at_a_time:
        for last in range(1, TRIES + 1):
            try:
                return _import(database, source, path, choice, watch)
            except HistoryChanged as error:
                if last == TRIES:
                    raise StudioError(ErrorKind.STORAGE, "the history is being changed") from error
            except (apsw.Error, OSError) as error:
                raise StudioError(ErrorKind.STORAGE, str(error)) from error
    raise AssertionError  # the loop returns or raises


def look_into(
    source: Source,
    path: Path | Sequence[Path],
    *,
    watch: Watch = Watch(),  # noqa: B008 - a frozen value
) -> Preview:
    """What files or folders hold, without importing any of it; blocks, for a worker thread.

    Raises StudioError and TransferCancelled as `import_file` does.
    """
    found: dict[str, FoundConversation] = {}
    try:
        here = _known_ids(source.database)
        scratch = source.database.parent
        with open_import(path, scratch=scratch, only_count=True, watch=watch) as file:
            for each in file.conversations():
                watch.step(file.done, file.total)
                conversation = each.conversation
                before = found.get(conversation.id)
                if before is None or before.messages < len(each.messages):
                    known = conversation.id in here
                    found[conversation.id] = _described(each, here=known)
            made = sum(1 for _ in file.library())
            listed = sorted(found.values(), key=lambda each: -each.changed)
            return Preview(
                file.clients,
                tuple(listed),
                tuple(file.skipped),
                made,
                file.skipped_pictures,
                len(file.folders()),
            )
    except (apsw.Error, OSError) as error:
        raise StudioError(ErrorKind.STORAGE, str(error)) from error


def _known_ids(database: Path) -> set[str]:
    connection = sqlite.connect_read_only(database)
    try:
        return {str(row[0]) for row in connection.execute("SELECT id FROM conversations")}
    finally:
        connection.close()


def _described(exported: Exported, *, here: bool) -> FoundConversation:
    conversation = exported.conversation
    return FoundConversation(
        conversation.id,
        conversation.title,
        conversation.created_at,
        conversation.updated_at,
        len(exported.messages),
        sum(len(each.images) for each in exported.messages),
        here,
    )


def _import(
    database: Database, source: Source, path: Path | Sequence[Path], choice: Choice, watch: Watch
) -> Imported:
    pictures = ArrivingPictures(source.database, source.attachments, source.pictures)
    scratch = source.database.parent
    with (
        open_import(path, scratch=scratch, wanted=choice.ids, watch=_part(watch, 0, _READ)) as file,
        Staging(source.database) as staging,
    ):
        try:
            _read(file, staging, source.pictures, choice, _part(watch, 0, _READ))
            pictures.bring(staging, file, _part(watch, _READ, _BROUGHT))
            with database.beside() as connection:
                commit(
                    connection,
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
            tuple(file.skipped),
        )


def _part(watch: Watch, start: int, end: int) -> Watch:
    """The same watch for a part of the whole."""

    def progress(done: int, total: int) -> None:
        share = done / total if total else 1.0
        watch.progress(start + round((end - start) * min(1.0, share)), _WHOLE)

    return replace(watch, progress=progress)


def _read(file: Import, staging: Staging, library: Path, choice: Choice, watch: Watch) -> None:
    for exported in file.conversations():
        watch.step(file.done, file.total)
        staging.add(_as_chosen(exported, choice, foreign=file.foreign))
    staging.add_folders([StoredFolder(*choice.folder)] if choice.folder else file.folders())
    paths: set[str] = set()
    for picture in file.library():
        watch.step(file.done, file.total)
        placed = staging.place_for_picture(picture)
        if placed is not None:
            path = _free_name(staging, library, placed, paths)
            paths.add(path.casefold())
            there = file.has_library_picture(placed.image.sha256)
            staging.add_picture(replace(placed, missing=not there), path)


def _as_chosen(exported: Exported, choice: Choice, *, foreign: bool) -> Exported:
    """With a model that can be asked here, and in the folder that was chosen."""
    named = exported.conversation.model
    unknown = foreign and bool(choice.models) and named not in choice.models
    if choice.model and (not named or unknown):
        conversation = replace(exported.conversation, model=choice.model)
        exported = replace(exported, conversation=conversation)
    return replace(exported, folder=choice.folder[0]) if choice.folder else exported


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
