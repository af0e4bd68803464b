"""Puts the pictures of an import in their places, and takes them away again if it fails.

Files come before the rows that name them. A note beside the database says which files there will
be, so that a program that is killed in between leaves none of them behind: `undo_broken_imports`
at the next start removes those that no row names.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import apsw

from studio.core.errors import ErrorKind, StudioError
from studio.core.transfer.common import BAD_PICTURE, Watch, refused
from studio.storage.db import connection as sqlite
from studio.storage.files import private_folder, write_whole
from studio.storage.pictures.attachments import Attachments
from studio.storage.pictures.decoding import open_picture

if TYPE_CHECKING:
    # Clearing up after a kill, at each start, needs neither the readers nor the tables.
    from studio.storage.transfer.import_files import Import
    from studio.storage.transfer.import_staging import Staging

_ENDING = ".moda-import"
_HASH = re.compile(r"[0-9a-f]{64}")


class ArrivingPictures:
    """The files of one import; `withdraw` them when it fails, `settle` when it is done."""

    def __init__(self, database: Path, attachments: Attachments, library: Path) -> None:
        self._note = database.with_name(f".{os.urandom(8).hex()}{_ENDING}")
        self._attachments, self._library = attachments, library
        self._written: dict[Path, int] = {}
        self.missing = 0

    def bring(self, staging: Staging, source: Import, watch: Watch) -> None:
        """Write every picture that is staged and not here yet.

        Raises StudioError when one is damaged or the disk refuses.
        """
        rows = staging.connection
        attached = [
            (self._attachments.path(str(sha256), str(media_type)), str(sha256), str(media_type))
            for sha256, media_type in rows.execute(
                "SELECT sha256, media_type FROM staged_attachments ORDER BY sha256"
            ).fetchall()
        ]
        attached = [each for each in attached if not self._has(each[1], each[2])]
        made = [
            (self._library / str(path), str(sha256))
            for path, sha256 in rows.execute(
                "SELECT path, sha256 FROM staged_pictures WHERE NOT missing ORDER BY seq"
            ).fetchall()
        ]
        if not attached and not made:
            return
        self._write_note([each[0] for each in attached], [each[0] for each in made])
        total = len(attached) + len(made)
        for done, (path, sha256, _) in enumerate(attached):
            watch.step(done, total)
            self._write(path, sha256, source.picture(sha256))
        for done, (path, sha256) in enumerate(made, start=len(attached)):
            watch.step(done, total)
            self._write(path, sha256, source.library_picture(sha256))
        watch.step(total, total)

    def withdraw(self) -> None:
        """Remove the files again, and leave those that somebody else has written since."""
        for path, written_at in self._written.items():
            with suppress(OSError):
                if path.stat().st_mtime_ns == written_at:
                    path.unlink()
        self.settle()

    def settle(self) -> None:
        """Everything is as it should be."""
        self._note.unlink(missing_ok=True)

    def _has(self, sha256: str, media_type: str) -> bool:
        try:
            self._attachments.read(sha256, media_type)
        except StudioError:
            return False
        return True

    def _write_note(self, attached: list[Path], made: list[Path]) -> None:
        folder = self._attachments.folder
        note = {
            "attachments": [each.relative_to(folder).as_posix() for each in attached],
            "library": [each.name for each in made],
        }
        try:
            write_whole(self._note, json.dumps(note).encode(), private=True)
        except OSError as error:
            raise StudioError(ErrorKind.STORAGE, str(error)) from error

    def _write(self, path: Path, sha256: str, content: bytes | None) -> None:
        if content is None:
            self.missing += 1
            return
        if hashlib.sha256(content).hexdigest() != sha256:
            raise refused(BAD_PICTURE, name=sha256)
        try:
            with open_picture(content):
                pass
        except StudioError as error:
            raise refused(BAD_PICTURE, error.detail, name=sha256) from error
        before = path.exists()
        try:
            own = self._attachments.folder in path.parents  # or the user's folder of pictures
            if own:
                private_folder(self._attachments.folder)
                private_folder(path.parent)
            path.parent.mkdir(parents=True, exist_ok=True)
            write_whole(path, content, private=own)
            if not before:
                self._written[path] = path.stat().st_mtime_ns
        except OSError as error:
            raise StudioError(ErrorKind.STORAGE, str(error)) from error


def undo_broken_imports(database: Path, attachments: Attachments, library: Path) -> int:
    """Remove the pictures of imports that a killed program did not finish; how many.

    Blocks, for a worker thread at the start, before the library looks at its folder.
    """
    notes = [each for each in database.parent.glob(f".*{_ENDING}") if each.is_file()]
    if not notes:
        return 0
    removed = 0
    try:
        shown, paths = _named(database)
    except apsw.Error:
        return 0  # the next start will see to it
    for note in notes:
        listed = _read_note(note)
        files = [(attachments.folder / name, Path(name).stem in shown) for name in listed[0]]
        files += [(library / name, name in paths) for name in listed[1]]
        for path, named in files:
            if not named and path.is_file():
                with suppress(OSError):
                    path.unlink()
                    removed += 1
        note.unlink(missing_ok=True)
    return removed


def _named(database: Path) -> tuple[set[str], set[str]]:
    """What rows name: the hashes of messages' pictures, and the files of made ones."""
    connection = sqlite.connect_read_only(database)
    try:
        return pictures_in_use(connection), {
            str(row[0]) for row in connection.execute("SELECT path FROM pictures")
        }
    finally:
        connection.close()


def pictures_in_use(connection: apsw.Connection) -> set[str]:
    """The sha256 of every picture that a message, also in the trash, or a draft shows."""
    # By their look and not as JSON: what names a picture keeps it, also in a damaged row.
    used: set[str] = set()
    for (rest,) in connection.execute("SELECT DISTINCT rest FROM parts WHERE kind = 'image'"):
        used.update(_HASH.findall(str(rest)))
    for (content,) in connection.execute("SELECT content FROM drafts"):
        used.update(_HASH.findall(str(content)))
    return used


def _read_note(note: Path) -> tuple[list[str], list[str]]:
    try:
        stored = json.loads(note.read_bytes())
        return list(map(str, stored["attachments"])), list(map(str, stored["library"]))
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return [], []
