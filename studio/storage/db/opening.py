"""Opens the database file whatever state it is in, and never overwrites one that is damaged.

new file        made under another name and renamed, so a real file is never empty
clean           opened at once, nothing is checked
unclean exit    a small file is checked before use, a large one by the caller afterwards
older schema    backed up, then migrated step by step
newer schema    opened read-only, its bytes unchanged
damaged         renamed to `*.damaged-<time>` with its log; the newest good backup takes its
                place, or a new file where there is none
"""

from __future__ import annotations

import json
import os
import struct
from collections.abc import Callable
from contextlib import suppress
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

import apsw

from studio.core.errors import ErrorKind, StudioError
from studio.core.texts import QT_TRANSLATE_NOOP
from studio.storage.db import connection as sqlite
from studio.storage.db.backups import (
    Backup,
    BackupFailed,
    back_up,
    damage_in,
    good_backups,
    list_backups,
    rotate,
)
from studio.storage.db.migrations import MIGRATIONS, NEWEST
from studio.storage.files import (
    copy_whole,
    part_beside,
    private_file,
    private_folder,
    sync_file,
    sync_folder,
)

FOLDER_AWAY = QT_TRANSLATE_NOOP(
    "transfer", "The data folder is not there. Connect its disk and start again."
)
CHECK_FIRST_BYTES = 16 * 1024 * 1024  # quick_check reads about 50 MB a second


class DatabaseState(StrEnum):
    """What was found; the window has a sentence for each but NEW and GOOD."""

    NEW = "new"
    GOOD = "good"
    NEWER = "newer"  # written by a newer program: read-only
    RESTORED = "restored"  # damaged, kept aside; a backup is in its place
    EMPTIED = "emptied"  # damaged, kept aside; there was no good backup


class OpeningStep(StrEnum):
    """What the opening is at; some of it takes seconds with a large history."""

    OPENING = "opening"
    CHECKING = "checking"  # after an unclean exit
    BACKING_UP = "backing_up"  # before a migration
    MIGRATING = "migrating"
    RESTORING = "restoring"


class OpenReport(NamedTuple):
    """What happened while the database was opened.

    `kept_aside` are the damaged files under their new names, `backup` the copy now in their
    place, `damage` what was wrong in SQLite's words. `log_lost`: the write-ahead log of an
    unclean exit has vanished, so the last words before it may be missing. `check_pending`: the
    file is too large to be checked before use. `interrupted` answers had been cut by the exit.
    """

    state: DatabaseState
    kept_aside: tuple[Path, ...] = ()
    backup: Path | None = None
    damage: str = ""
    unclean: bool = False
    log_lost: bool = False
    check_pending: bool = False
    interrupted: int = 0


class Place(NamedTuple):
    """Where a database lives: its file, the folder of its backups, and the VFS (for tests).

    With `must_exist` there was one before: a folder that is away, as with its disk, is not made
    anew. `tell` hears what the opening is at, in the thread that opens.
    """

    path: Path
    backups: Path | None = None
    vfs: str | None = None
    check_first_bytes: int = CHECK_FIRST_BYTES
    must_exist: bool = False
    tell: Callable[[OpeningStep], None] = lambda stage: None

    def beside(self, suffix: str) -> Path:
        """A companion file such as `studio.db-wal`."""
        return self.path.with_name(self.path.name + suffix)

    @property
    def log(self) -> Path:
        """SQLite's write-ahead log."""
        return self.beside("-wal")


class _Damaged(Exception):
    """The file cannot be trusted; says why."""


class Mark:
    """A small file that lies beside the database while it is open.

    Found at the next start it says that the last exit was not clean. `sessions` are the values
    that `meta.session` can have then: a log that leads to another one is not that exit's log.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.sessions: list[str] = []
        self.closing = self.suspect = self.found = False
        self.begun = False  # whether anything may have been written since it lies there

    @classmethod
    def read(cls, place: Place) -> Mark:
        """The mark beside the database; `found` is False where there is none."""
        mark = cls(place.beside(".open"))
        try:
            stored = json.loads(mark.path.read_bytes())
            mark.found = mark.begun = True
            mark.sessions = [str(each) for each in stored["sessions"]]
            mark.closing = stored["closing"] is True
            mark.suspect = stored["suspect"] is True
            mark.begun = stored.get("begun", True) is not False
        except FileNotFoundError:
            pass
        except (ValueError, KeyError, TypeError, AttributeError):
            mark.found = mark.begun = True  # written when the power went
        return mark

    def write(self) -> None:
        """Put it there; not synced, as it only tells of programs that died, not of power."""
        stored = {"sessions": self.sessions, "closing": self.closing, "suspect": self.suspect}
        stored["begun"] = self.begun
        if not self.path.exists():
            private_file(self.path)
        self.path.write_text(json.dumps(stored), encoding="ascii")

    def remove(self) -> None:
        """The exit was clean."""
        self.path.unlink(missing_ok=True)


def begin_session(connection: apsw.Connection, mark: Mark) -> None:
    """Tie file, log and mark together; one commit, so it is done after the first page is read."""
    fresh = os.urandom(16).hex()
    mark.sessions = [*mark.sessions, fresh]
    mark.begun = True
    mark.write()
    connection.execute("INSERT OR REPLACE INTO meta VALUES ('session', ?)", (fresh,))
    mark.sessions = [fresh]
    mark.write()


def open_database(place: Place) -> tuple[apsw.Connection, Mark, OpenReport]:
    """Open what is at `place`; raises StudioError of kind STORAGE when that is impossible."""
    sqlite.require_sound_sqlite()
    try:
        if place.must_exist and not place.path.parent.is_dir():
            raise StudioError(ErrorKind.STORAGE, values={"reason": FOLDER_AWAY})
        private_folder(place.path.parent)
        return _open(place)
    except (apsw.Error, OSError, ValueError) as error:
        # ValueError: a path that no file can have, such as one that is not UTF-8.
        raise StudioError(ErrorKind.STORAGE, str(error)) from error


def _open(place: Place) -> tuple[apsw.Connection, Mark, OpenReport]:
    mark = Mark.read(place)
    try:
        if _is_new(place):
            if place.must_exist:
                raise StudioError(ErrorKind.STORAGE, values={"reason": FOLDER_AWAY})
            _create(place)
            mark.found = False
            return _open_sound(place, mark, DatabaseState.NEW)
        return _open_sound(place, mark, DatabaseState.GOOD)
    except _Damaged as damage:
        from studio.storage.db.quarantine import set_aside  # no ordinary start needs it

        kept = set_aside(place.path)
        mark.remove()
        place.tell(OpeningStep.RESTORING)
        backup = _restore_newest(place)
        if backup is None:
            _create(place)
        state = DatabaseState.EMPTIED if backup is None else DatabaseState.RESTORED
        try:
            connection, mark, report = _open_sound(place, Mark.read(place), state)
        except _Damaged as again:  # a backup that was good a moment ago
            raise StudioError(ErrorKind.STORAGE, str(again)) from again
        found = backup.path if backup else None
        return connection, mark, report._replace(kept_aside=kept, backup=found, damage=str(damage))


def _is_new(place: Place) -> bool:
    """Whether there has never been a database here; anything else that is odd is damage."""
    try:
        with place.path.open("rb") as file:
            header = file.read(100)
    except FileNotFoundError:
        if place.log.exists() and place.log.stat().st_size:
            raise _Damaged("the file is missing, its log is there") from None
        if place.backups is not None and list_backups(place.backups):
            raise _Damaged("the file is missing, its backups are there") from None
        return True
    if len(header) < 100 or not header.startswith(sqlite.MAGIC):
        raise _Damaged("file is not a database")
    return False


def _header_version(place: Place) -> tuple[int, int]:
    """`user_version` and `application_id` as the file itself says, without its log."""
    with place.path.open("rb") as file:
        header = file.read(100)
    version: int = struct.unpack(">i", header[60:64])[0]
    application: int = struct.unpack(">i", header[68:72])[0]
    return version, application


def _create(place: Place) -> None:
    """Make an empty database of the newest schema, whole or not at all."""
    part = part_beside(place.path)
    try:
        private_file(part)  # and what SQLite puts beside it gets its rights
        connection = apsw.Connection(str(part), vfs=place.vfs)
        try:
            connection.execute(f"PRAGMA application_id={sqlite.APPLICATION_ID}")
            connection.execute("PRAGMA synchronous=FULL")
            _migrate(connection, 0)
            connection.execute("INSERT INTO meta VALUES ('session', ?)", (os.urandom(16).hex(),))
            connection.execute("PRAGMA journal_mode=WAL")
        finally:
            connection.close()
        sync_file(part)
        part.replace(place.path)
    except BaseException:
        with suppress(OSError):
            for suffix in ("", "-journal", "-wal", "-shm"):
                part.with_name(part.name + suffix).unlink(missing_ok=True)
        raise
    sync_folder(place.path.parent)


def _open_sound(
    place: Place, mark: Mark, state: DatabaseState
) -> tuple[apsw.Connection, Mark, OpenReport]:
    has_log = place.log.exists() and place.log.stat().st_size > 0
    unclean = mark.found or has_log
    vanished = not mark.closing and not place.log.exists()
    log_lost = mark.found and mark.begun and not has_log and vanished
    if not has_log and _header_version(place)[0] > NEWEST:
        return _newer(place, mark, immutable=True)
    try:
        connection = sqlite.connect(place.path, vfs=place.vfs)
        try:
            version = sqlite.number(connection, "PRAGMA user_version")
            if version > NEWEST:
                connection.close()
                return _newer(place, mark, immutable=False)
            if sqlite.number(connection, "PRAGMA application_id") != sqlite.APPLICATION_ID:
                raise _Damaged("the file belongs to another program")
            session = _session(connection)
            if mark.sessions and session not in mark.sessions:
                if _frames(connection):
                    raise _Damaged("the log belongs to another database")
                log_lost = True
            mark.sessions = [session]
            pending = unclean and not _checked_before_use(connection, place, mark)
            _take_into_use(connection, place, version, mark, pending)
        except BaseException:
            connection.close()
            raise
    except (apsw.NotADBError, apsw.CorruptError) as error:
        raise _Damaged(str(error)) from error
    report = OpenReport(state, unclean=unclean, log_lost=log_lost, check_pending=pending)
    return connection, mark, report


def _newer(
    place: Place, mark: Mark, *, immutable: bool
) -> tuple[apsw.Connection, Mark, OpenReport]:
    connection = sqlite.connect_read_only(place.path, immutable=immutable)
    return connection, mark, OpenReport(DatabaseState.NEWER, unclean=mark.found)


def _session(connection: apsw.Connection) -> str:
    return str(connection.execute("SELECT value FROM meta WHERE key = 'session'").get or "")


def _frames(connection: apsw.Connection) -> int:
    """How many pages of the log are in force; an empty or torn log has none."""
    return connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_NOOP)[0]


def _checked_before_use(connection: apsw.Connection, place: Place, mark: Mark) -> bool:
    size = place.path.stat().st_size
    if size > place.check_first_bytes and not mark.suspect:
        return False
    place.tell(OpeningStep.CHECKING)
    damage = sqlite.damage_of(connection)
    if damage:
        raise _Damaged(damage)
    return True


def _take_into_use(
    connection: apsw.Connection, place: Place, version: int, mark: Mark, check_pending: bool
) -> None:
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute(f"PRAGMA journal_size_limit={sqlite.JOURNAL_LIMIT}")
    if version < NEWEST:
        if place.backups is not None:
            place.tell(OpeningStep.BACKING_UP)
            _back_up_first(connection, place, place.backups)
        place.tell(OpeningStep.MIGRATING)
        _migrate(connection, version)
    _session(connection)  # a copy has no log before it is first read: without one, a mark would lie
    mark.closing = mark.suspect = mark.begun = False
    mark.write()
    if not check_pending:
        sqlite.allow_checkpoints(connection)


def _back_up_first(connection: apsw.Connection, place: Place, folder: Path) -> None:
    try:
        back_up(place.path, folder, label=f"before-v{NEWEST}")
    except BackupFailed:
        damage = sqlite.damage_of(connection)
        if damage:
            raise _Damaged(damage) from None
        raise  # the original is sound: it is the place of the copy that is not
    rotate(folder)


def _migrate(connection: apsw.Connection, version: int) -> None:
    for reached, change in enumerate(MIGRATIONS[version:], start=version + 1):
        with sqlite.transaction(connection):
            change(connection)
            connection.execute(f"PRAGMA user_version={reached}")


def _restore_newest(place: Place) -> Backup | None:
    if place.backups is None:
        return None
    for backup in good_backups(place.backups):
        copy_whole(backup.path, place.path)
        return backup
    return None


def restore(path: Path, backup: Path) -> tuple[Path, ...]:
    """Put a backup in the place of the database, which must be closed; for a worker thread.

    The present file is kept beside it under the names that are returned. Raises StudioError, and
    then the present file is where it was, when the backup is not good.
    """
    from studio.storage.db.quarantine import set_aside

    try:
        damage = damage_in(backup)
        if damage:
            raise StudioError(ErrorKind.STORAGE, damage)
        place = Place(path)
        kept = set_aside(path, "replaced")
        Mark.read(place).remove()
        copy_whole(backup, path)
    except (apsw.Error, OSError) as error:
        raise StudioError(ErrorKind.STORAGE, str(error)) from error
    return kept
