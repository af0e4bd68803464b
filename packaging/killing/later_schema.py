"""The program as it may be one day: with three more changes of the schema, each of some work."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import apsw

from studio.storage.db import opening
from studio.storage.db.migrations import MIGRATIONS, NEWEST

STEPS = 3
COLUMNS = ("first", "second", "third")


def _add_column(connection: apsw.Connection, name: str) -> None:
    connection.execute(f"ALTER TABLE messages ADD COLUMN {name} TEXT NOT NULL DEFAULT ''")
    connection.execute(f"UPDATE messages SET {name} = 'of ' || id")
    connection.execute(f"CREATE INDEX messages_{name} ON messages({name})")


def one(connection: apsw.Connection) -> None:
    """Every row of the largest table is written anew."""
    _add_column(connection, COLUMNS[0])


def two(connection: apsw.Connection) -> None:
    """A table is made anew from another."""
    _add_column(connection, COLUMNS[1])
    connection.execute("CREATE TABLE copied AS SELECT message, position, text FROM parts")


def three(connection: apsw.Connection) -> None:
    """... and goes again."""
    connection.execute("DROP TABLE copied")
    _add_column(connection, COLUMNS[2])


LATER = (*MIGRATIONS, one, two, three)


def use() -> None:
    """Be that program from now on."""
    vars(opening).update(MIGRATIONS=LATER, NEWEST=NEWEST + STEPS)


@contextmanager
def used() -> Iterator[None]:
    """Be that program for a while."""
    use()
    try:
        yield
    finally:
        vars(opening).update(MIGRATIONS=MIGRATIONS, NEWEST=NEWEST)
