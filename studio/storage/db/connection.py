"""One SQLite connection as we want it: safe settings, whole transactions, storable text."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import apsw

from studio.core.errors import ErrorKind, StudioError

APPLICATION_ID = 0x4D6F6461  # "Moda"
MAGIC = b"SQLite format 3\x00"
# Older ones can corrupt a WAL file when it is reset: https://sqlite.org/wal.html#walresetbug
OLDEST_SQLITE = (3, 51, 3)
BUSY_MILLISECONDS = 5000
JOURNAL_LIMIT = 64 * 1024 * 1024
CHECKPOINT_PAGES = 1000


def require_sound_sqlite(version: str | None = None) -> None:
    """Raise StudioError when the SQLite in use is one that can damage our file."""
    version = version or apsw.sqlite_lib_version()
    if tuple(int(number) for number in version.split(".")[:3]) < OLDEST_SQLITE:
        oldest = ".".join(map(str, OLDEST_SQLITE))
        raise StudioError(ErrorKind.STORAGE, f"SQLite {version} is older than {oldest}")


def connect(path: Path, *, vfs: str | None = None) -> apsw.Connection:
    """Open for reading and writing; nothing is written yet, and no checkpoint runs by itself.

    Call `allow_checkpoints` once the file is known to be whole: until then closing leaves the
    file and its write-ahead log as they were found.
    """
    connection = apsw.Connection(str(path), vfs=vfs)
    with _closed_on_failure(connection):
        connection.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)
        connection.config(apsw.SQLITE_DBCONFIG_DEFENSIVE, 1)
        connection.set_busy_timeout(BUSY_MILLISECONDS)
        connection.wal_autocheckpoint(0)
        connection.execute(
            "PRAGMA foreign_keys=ON; PRAGMA trusted_schema=OFF; PRAGMA cell_size_check=ON;"
            "PRAGMA synchronous=FULL; PRAGMA cache_size=-16000;"
        )
    return connection


@contextmanager
def _closed_on_failure(connection: apsw.Connection) -> Iterator[None]:
    # An exception keeps its frames, and they would keep the file open and its locks held.
    try:
        yield
    except BaseException:
        connection.close()
        raise


def allow_checkpoints(connection: apsw.Connection) -> None:
    """Let the write-ahead log flow back into the file from now on."""
    connection.wal_autocheckpoint(CHECKPOINT_PAGES)
    connection.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0)


def connect_read_only(path: Path, *, immutable: bool = False) -> apsw.Connection:
    """Open for reading; with `immutable`, nobody writes there and no file is created beside it."""
    from urllib.parse import quote  # not before the first paint

    address = "file:" + quote(str(path).replace("\\", "/")) + "?mode=ro"
    if immutable:
        address += "&immutable=1"
    flags = apsw.SQLITE_OPEN_READONLY | apsw.SQLITE_OPEN_URI
    connection = apsw.Connection(address, flags=flags)
    with _closed_on_failure(connection):
        connection.set_busy_timeout(BUSY_MILLISECONDS)
        connection.execute("PRAGMA trusted_schema=OFF; PRAGMA cell_size_check=ON;")
    return connection


def number(connection: apsw.Connection, sql: str, bindings: tuple[Any, ...] = ()) -> int:
    """The one number that `sql` gives; 0 for NULL or no row."""
    return int(connection.execute(sql, bindings).get or 0)


def damage_of(connection: apsw.Connection) -> str:
    """What SQLite's quick check finds wrong, in its words; empty when the file is sound."""
    try:
        found = [str(row[0]) for row in connection.execute("PRAGMA quick_check(3)")]
    except (apsw.CorruptError, apsw.NotADBError) as error:
        return str(error)
    return "" if found == ["ok"] else "; ".join(found)


@contextmanager
def transaction(connection: apsw.Connection) -> Iterator[None]:
    """All or nothing; inside another transaction it is a part of that one."""
    if connection.in_transaction:
        with connection:
            yield
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        # SQLite has rolled back by itself after some failures, such as a full disk.
        if not connection.get_autocommit():
            with suppress(apsw.Error):
                connection.execute("ROLLBACK")
        raise


def storable(text: str) -> str:
    """`text` without lone surrogates, which no file can hold; nearly always `text` itself."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text
