"""Folders of the history: named, in an order, open or closed; a conversation is in one or none.

All functions take the connection first and run on its thread. A folder holds conversations of
every kind; deleting it keeps them.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

from studio.storage.db.connection import number, storable, transaction

if TYPE_CHECKING:
    import apsw

LONGEST_NAME = 80
_CLOSED = "history.closed_folders"


class Folder(NamedTuple):
    """A folder as the history shows it; `length` is how many are listed below it."""

    id: str
    name: str
    closed: bool = False
    length: int = 0


def list_folders(connection: apsw.Connection) -> tuple[Folder, ...]:
    """Every folder in its order, without counts."""
    rows = connection.execute("SELECT id, name FROM folders ORDER BY position, id").fetchall()
    closed = _closed(connection) if rows else set()
    return tuple(Folder(str(row[0]), str(row[1]), row[0] in closed) for row in rows)


def create_folder(connection: apsw.Connection, folder_id: str, name: str) -> None:
    """Add a folder below the others; an empty name adds none."""
    name = clean_name(name)
    if name:
        connection.execute(
            "INSERT INTO folders"
            " VALUES (?, ?, (SELECT coalesce(max(position), 0) + 1 FROM folders))",
            (folder_id, name),
        )


def rename_folder(connection: apsw.Connection, folder_id: str, name: str) -> None:
    """Give a folder another name; an empty one changes nothing."""
    name = clean_name(name)
    if name:
        connection.execute("UPDATE folders SET name = ? WHERE id = ?", (name, folder_id))


def delete_folder(connection: apsw.Connection, folder_id: str) -> None:
    """Remove a folder; its conversations go back among the days, also those in the trash."""
    with transaction(connection):
        connection.execute(
            "UPDATE conversations SET folder_id = NULL WHERE folder_id = ?", (folder_id,)
        )
        connection.execute("DELETE FROM folders WHERE id = ?", (folder_id,))
        _set_closed(connection, _closed(connection) - {folder_id})


def close_folder(connection: apsw.Connection, folder_id: str, *, closed: bool) -> None:
    """Remember whether a folder hides its conversations."""
    with transaction(connection):
        known = _closed(connection)
        _set_closed(connection, known | {folder_id} if closed else known - {folder_id})


def move_to_folder(
    connection: apsw.Connection, conversation_ids: Iterable[str], folder_id: str | None
) -> None:
    """Put conversations into a folder, None takes them out; their order by time stays.

    A folder that is gone meanwhile changes nothing.
    """
    with transaction(connection):
        there = "SELECT count(*) FROM folders WHERE id = ?"
        if folder_id is not None and not number(connection, there, (folder_id,)):
            return
        connection.executemany(
            "UPDATE conversations SET folder_id = ? WHERE id = ?",
            ((folder_id, each) for each in conversation_ids),
        )


def clean_name(name: str) -> str:
    """A name as it is stored: one line, not endless."""
    return storable(" ".join(name.split()))[:LONGEST_NAME]


def _closed(connection: apsw.Connection) -> set[str]:
    stored = connection.execute("SELECT value FROM meta WHERE key = ?", (_CLOSED,)).get
    try:
        found = json.loads(str(stored)) if stored else []
    except (ValueError, RecursionError):
        found = []  # every folder open is no loss
    return {each for each in found if isinstance(each, str)} if isinstance(found, list) else set()


def _set_closed(connection: apsw.Connection, closed: set[str]) -> None:
    connection.execute(
        "INSERT OR REPLACE INTO meta VALUES (?, ?)", (_CLOSED, json.dumps(sorted(closed)))
    )
