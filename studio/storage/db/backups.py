"""Copies of the database that were read back before they count, and which of them are kept."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import apsw

from studio.storage.db import connection as sqlite
from studio.storage.files import (
    name_beside,
    part_beside,
    private_file,
    private_folder,
    sync_file,
    sync_folder,
)

if TYPE_CHECKING:
    from studio.core.transfer.common import Watch

KEEP_DAYS = 7
KEEP_WEEKS = 4
KEEP_REPLACED = 3
DAILY = "daily"
MANUAL = "manual"
BEFORE_RESTORE = "before-restore"
_PAGES_AT_ONCE = 2048  # of 4 kB: some milliseconds between two looks at whether to go on
_STEPS_AT_ONCE = 20_000  # of SQLite's machine, while the copy is checked
_NAME = re.compile(r"^studio-(\d{4}-\d{2}-\d{2}_\d{6})-([a-z0-9-]+)\.db$")


class Backup(NamedTuple):
    """One copy; `made_at` is local time as in its name, `label` says why it was made."""

    path: Path
    made_at: str
    label: str
    byte_size: int

    @property
    def day(self) -> str:
        """The date alone, as 2026-11-24."""
        return self.made_at[:10]

    @property
    def week(self) -> str:
        """Year and number of the week."""
        return time.strftime("%G-%V", time.strptime(self.day, "%Y-%m-%d"))


class BackupFailed(OSError):
    """The copy was not as good as its original, and was removed."""


def back_up(
    database: Path,
    folder: Path,
    *,
    label: str,
    now: float | None = None,
    watch: Watch | None = None,
) -> Path:
    """Copy `database`, also while it is in use; the copy has been checked when this returns.

    Blocks for as long as it takes to read the file. Raises apsw.Error, OSError or, when its
    `watch` ends it, TransferCancelled; then there is no copy.
    """
    private_folder(folder)
    stamp = time.strftime("%Y-%m-%d_%H%M%S", time.localtime(now))
    target = name_beside(folder / f"studio-{stamp}-{label}.db")
    part = part_beside(target)
    try:
        private_file(part)
        _copy(database, part, watch)
        damage = damage_in(part, watch)
        if damage:
            raise BackupFailed(damage)
        sync_file(part)
        part.replace(target)
    except BaseException:
        with suppress(OSError):
            for suffix in ("", "-journal", "-wal", "-shm"):
                part.with_name(part.name + suffix).unlink(missing_ok=True)
        raise
    sync_folder(folder)
    return target


def _copy(database: Path, part: Path, watch: Watch | None) -> None:
    # A connection of its own reads one moment of the file and holds up no writer meanwhile.
    source = sqlite.connect_read_only(database)
    try:
        copy = apsw.Connection(str(part))
        try:
            if watch is not None:
                # Held between the steps: else every change of another would begin anew.
                source.execute("BEGIN")
                sqlite.number(source, "SELECT count(*) FROM sqlite_schema")
            with copy.backup("main", source, "main") as backup:
                while not backup.done:
                    backup.step(-1 if watch is None else _PAGES_AT_ONCE)
                    if watch is not None:
                        # The check that follows takes about as long.
                        watch.step(backup.page_count - backup.remaining, 2 * backup.page_count)
            # One file without a log is what can be copied, moved and opened anywhere.
            copy.execute("PRAGMA journal_mode=DELETE")
        finally:
            copy.close()
    finally:
        source.close()


def damage_in(path: Path, watch: Watch | None = None) -> str:
    """What is wrong with a copy, in SQLite's words; empty when it can be trusted.

    Raises TransferCancelled when its `watch` ends it.
    """
    try:
        connection = sqlite.connect_read_only(path, immutable=True)
    except (apsw.NotADBError, apsw.CorruptError, apsw.CantOpenError) as error:
        return str(error)
    try:
        if watch is not None:
            connection.set_progress_handler(watch.cancelled, _STEPS_AT_ONCE)
        if sqlite.number(connection, "PRAGMA application_id") != sqlite.APPLICATION_ID:
            return "the file belongs to another program"
        return sqlite.damage_of(connection)
    except (apsw.NotADBError, apsw.CorruptError) as error:
        return str(error)
    except apsw.InterruptError:
        from studio.core.transfer.common import TransferCancelled  # no start needs it

        raise TransferCancelled from None
    finally:
        connection.close()


def conversations_in(path: Path) -> int | None:
    """How many conversations a copy holds outside the trash; None when it cannot be read."""
    try:
        connection = sqlite.connect_read_only(path, immutable=True)
        try:
            return sqlite.number(
                connection, "SELECT count(*) FROM conversations WHERE deleted_at IS NULL"
            )
        finally:
            connection.close()
    except apsw.Error:
        return None


def list_backups(folder: Path) -> list[Backup]:
    """Every backup by its name, newest first; nothing is opened."""
    found: list[tuple[str, int, Backup]] = []
    with suppress(FileNotFoundError, NotADirectoryError):
        for path in folder.iterdir():
            match = _NAME.match(path.name)
            if match and path.is_file():
                known = path.stat()
                backup = Backup(path, match[1], match[2], known.st_size)
                # Several of one second are told apart by when they were written.
                found.append((backup.made_at, known.st_mtime_ns, backup))
    return [backup for _, _, backup in sorted(found, reverse=True)]


def good_backups(folder: Path) -> Iterator[Backup]:
    """Backups that can be trusted, newest first; each is checked when its turn comes."""
    return (backup for backup in list_backups(folder) if not damage_in(backup.path))


def due(folder: Path, now: float | None = None) -> bool:
    """Whether today has no daily backup yet."""
    today = time.strftime("%Y-%m-%d", time.localtime(now))
    return all(each.day != today or each.label != DAILY for each in list_backups(folder))


def rotate(folder: Path, keep_days: int = KEEP_DAYS) -> list[Path]:
    """Remove copies that are not needed any more, and return their paths.

    Kept are the newest of each of the last `keep_days` days and 4 weeks that have one, the newest
    before each migration, the last three before a restore, and every one made by hand. The newest
    good copy stays in any case.
    """
    found = list_backups(folder)
    kept: set[Path] = {backup.path for backup in found if backup.label == MANUAL}
    daily = [backup for backup in found if backup.label.startswith(DAILY)]
    kept |= _newest_of_each(((each.day, each) for each in daily), keep_days)
    kept |= _newest_of_each(((each.week, each) for each in daily), KEEP_WEEKS)
    replaced = [backup for backup in found if backup.label == BEFORE_RESTORE]
    kept |= {backup.path for backup in replaced[:KEEP_REPLACED]}
    others = [
        each for each in found if each.label not in (MANUAL, BEFORE_RESTORE) and each not in daily
    ]
    kept |= _newest_of_each(((each.label, each) for each in others), len(others))
    surplus = [each.path for each in found if each.path not in kept]
    if surplus and not any(not damage_in(path) for path in sorted(kept, reverse=True)):
        return []  # a bad disk has spoilt what would stay
    for path in surplus:
        path.unlink(missing_ok=True)
    return surplus


def _newest_of_each(backups: Iterator[tuple[str, Backup]], limit: int) -> set[Path]:
    newest: dict[str, Path] = {}
    for name, backup in backups:
        newest.setdefault(name, backup.path)
    return set(list(newest.values())[:limit])
