"""Writes generated pictures as files with their settings inside, and their rows with them.

A row comes first, not listed; then the whole file; then the row is listed. Whatever a crash leaves
in between is put right by `Library.reconcile`, which deletes no picture.
"""

from __future__ import annotations

import hashlib
import re
import time
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

import apsw

from studio.core.errors import ErrorKind, StudioError
from studio.core.images import GeneratedImage, ImageRequest
from studio.core.messages import new_id
from studio.storage.db.database import Database
from studio.storage.files import remove_parts, write_whole
from studio.storage.heap import return_large_blocks
from studio.storage.pictures.attachments import MISSING
from studio.storage.pictures.copies import ExportFormat, as_copy, as_png
from studio.storage.pictures.decoding import (
    DECODING_ERRORS,
    open_picture,
    read_picture,
    unreadable,
)
from studio.storage.pictures.file_settings import OURS, read_settings
from studio.storage.pictures.library_rows import (
    add_picture,
    arriving_pictures,
    finish_arrival,
    has_path,
    known_files,
    mark_missing,
    move_picture,
    overdue_pictures,
    remove_rows,
)

__all__ = ["ExportFormat", "Library", "Reconciled"]


@dataclass(frozen=True, slots=True)
class Reconciled:
    """What was found at start: pictures without a row, rows without a picture, moved files."""

    adopted: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    moved: tuple[str, ...] = ()


class Library:
    """The folder of generated pictures and their rows; all methods block: for a worker thread.

    They raise StudioError of kind STORAGE when the disk refuses.
    """

    def __init__(self, database: Database, folder: Path) -> None:
        self._database = database
        self.folder = folder
        return_large_blocks()

    def path(self, image: GeneratedImage) -> Path:
        """Where the file of a picture lies."""
        return self.folder / image.path

    def keep(
        self,
        content: bytes,
        request: ImageRequest,
        *,
        seconds: float | None = None,
        demo: bool = False,
        with_settings: bool = True,
        picture_id: str = "",
    ) -> GeneratedImage:
        """Save a picture that has arrived: checked, as PNG, with its settings inside, with its row.

        With a `picture_id` of its own it can be known again. Raises StudioError of kind
        NOT_A_PICTURE when `content` is none.
        """
        image = GeneratedImage(request, "", "", 0, 0, 0, seconds, demo, id=picture_id or new_id())
        try:
            encoded = as_png(read_picture(content), image if with_settings else None)
        except StudioError as error:
            raise _no_picture(error.detail, error.values) from error
        except DECODING_ERRORS as error:
            raise _no_picture(str(error), {}) from error
        image = replace(
            image,
            path=_file_name(request, image.created_at),
            sha256=hashlib.sha256(encoded.content).hexdigest(),
            width=encoded.width,
            height=encoded.height,
            byte_size=len(encoded.content),
        )
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            image = self._database.call_sync(_reserve, image, self.folder)
            write_whole(self.path(image), encoded.content)
        except OSError as error:
            with suppress(StudioError):  # the first failure is the one that matters
                self._database.call_sync(finish_arrival, image.id, arrived=False)
            raise StudioError(ErrorKind.STORAGE, str(error)) from error
        self._database.call_sync(finish_arrival, image.id, arrived=True)
        return image

    def read(self, image: GeneratedImage) -> bytes:
        """The file of a picture; raises StudioError when it is gone or cannot be read."""
        try:
            return self.path(image).read_bytes()
        except FileNotFoundError as error:
            raise unreadable(MISSING, str(error)) from error
        except OSError as error:
            raise StudioError(ErrorKind.STORAGE, str(error)) from error

    def export(
        self,
        image: GeneratedImage,
        target: Path,
        file_format: ExportFormat,
        *,
        with_settings: bool,
        quality: int = 95,
    ) -> bool:
        """Save a copy, over a file that may be there; that one stays whole if saving fails.

        Whether the settings are inside as wanted: not every format has room for long ones.
        """
        encoded = as_copy(self.read(image), image, file_format, with_settings, quality)
        try:
            write_whole(target, encoded.content)
        except OSError as error:
            raise StudioError(ErrorKind.STORAGE, str(error)) from error
        return not encoded.left_out

    def reconcile(self) -> Reconciled:
        """Bring rows and files together after whatever happened; for the start of the program.

        A picture of ours without a row gets one, a row without a file is marked, a renamed file
        is followed. Foreign files and all pictures stay as they are.
        """
        remove_parts([self.folder])
        for each in self._database.call_sync(arriving_pictures):
            arrived = bool(each.sha256) and _sha256_of(self.path(each)) == each.sha256
            self._database.call_sync(finish_arrival, each.id, arrived=arrived)
        rows = self._database.call_sync(known_files)
        present: set[str] = set()
        with suppress(OSError):
            present = {each.name for each in self.folder.iterdir() if each.suffix == ".png"}
        paths = {path for path, _ in rows.values()}
        gone = {each for each, (path, _) in rows.items() if path not in present}
        adopted: list[str] = []
        moved: list[str] = []
        for name in sorted(present - paths):
            found = self._of_ours(name)
            if found is None:
                continue
            if found.id in gone:
                self._database.call_sync(move_picture, found.id, name)
                gone.discard(found.id)
                moved.append(found.id)
            elif found.id not in rows:
                self._database.call_sync(add_picture, found)
                rows[found.id] = (name, False)
                adopted.append(found.id)
        missing = {each: each in gone for each, (_, marked) in rows.items()}
        changed = {each: now for each, now in missing.items() if rows[each][1] != now}
        if changed:
            self._database.call_sync(mark_missing, changed)
        newly = tuple(each for each, now in changed.items() if now)
        return Reconciled(tuple(adopted), newly, tuple(moved))

    def empty_trash(self, now: float | None = None) -> int:
        """Remove for good what was deleted 30 days ago, file and row; how many."""
        overdue = self._database.call_sync(overdue_pictures, now)
        for each in overdue:
            # A file that somebody has changed since is theirs.
            if _sha256_of(self.path(each)) == each.sha256:
                with suppress(OSError):
                    self.path(each).unlink()
        self._database.call_sync(remove_rows, [each.id for each in overdue])
        return len(overdue)

    def _of_ours(self, name: str) -> GeneratedImage | None:
        try:
            content = read_picture(self.folder / name)
            # Cheap first: most foreign pictures are no more than looked through for our mark.
            settings = read_settings(content) if OURS.encode() in content else None
            if settings is None or not settings.id:
                return None
            with open_picture(content) as opened:
                opened.load()
                width, height = opened.size
        except (StudioError, *DECODING_ERRORS):
            return None
        return GeneratedImage(
            settings.request,
            name,
            hashlib.sha256(content).hexdigest(),
            width,
            height,
            len(content),
            settings.seconds,
            settings.demo,
            settings.created_at or time.time(),
            settings.id,
        )


def _file_name(request: ImageRequest, created_at: float) -> str:
    stamp = time.strftime("%Y-%m-%d_%H%M%S", time.localtime(created_at))
    model = re.sub(r"[^A-Za-z0-9._-]+", "-", request.model.rsplit("/", 1)[-1]).strip(".-")[:60]
    seed = None if request.seed is None else f"{request.seed}"
    return "_".join(each for each in (stamp, model, seed) if each) + ".png"


def _reserve(connection: apsw.Connection, image: GeneratedImage, folder: Path) -> GeneratedImage:
    """The row of a picture that is about to be written, under a name that nobody has."""
    wanted = folder / image.path
    path, number = wanted, 1
    while has_path(connection, path.name) or path.exists():
        number += 1
        path = wanted.with_name(f"{wanted.stem}-{number}{wanted.suffix}")
    reserved = replace(image, path=path.name)
    # Of a try that failed so badly that even its row could not be taken back.
    finish_arrival(connection, image.id, arrived=False)
    add_picture(connection, reserved, arriving=True)
    return reserved


def _sha256_of(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return ""


def _no_picture(detail: str, values: dict[str, str]) -> StudioError:
    return StudioError(ErrorKind.NOT_A_PICTURE, detail, values=values)
