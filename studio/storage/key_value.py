"""Keeps drafts and what was fetched of the catalogue: small JSON values by name."""

from __future__ import annotations

import json
import time
from contextlib import suppress
from typing import Any

import apsw

from studio.core.transfer.values import Wrong, read
from studio.storage.db.connection import storable


def save_draft(connection: apsw.Connection, place: str, content: Any) -> None:
    """Keep what is being written at `place`; None forgets it.

    A place is the id of a conversation, `new:` with the kind of one that is not stored yet, or
    `images` for the form of pictures.
    """
    if content is None:
        connection.execute("DELETE FROM drafts WHERE place = ?", (place,))
        return
    text = storable(json.dumps(content, ensure_ascii=False))
    connection.execute(
        "INSERT INTO drafts VALUES (?, ?, ?) ON CONFLICT(place) DO UPDATE"
        " SET content = excluded.content, updated_at = excluded.updated_at",
        (place, text, time.time()),
    )


def load_drafts(connection: apsw.Connection) -> dict[str, Any]:
    """Every draft by its place; one that is not JSON is left out and stays where it is."""
    found: dict[str, Any] = {}
    for place, content in connection.execute("SELECT place, content FROM drafts"):
        with suppress(Wrong):
            found[str(place)] = read(str(content))
    return found


def drop_stray_drafts(connection: apsw.Connection) -> None:
    """Forget the drafts of conversations that are gone for good."""
    connection.execute(
        "DELETE FROM drafts WHERE place != 'images' AND place NOT LIKE 'new:%'"
        " AND place NOT IN (SELECT id FROM conversations)"
    )


def save_catalogue(
    connection: apsw.Connection, key: str, content: Any, *, now: float | None = None
) -> None:
    """Keep something fetched, as JSON, with the time it was fetched."""
    text = storable(json.dumps(content, ensure_ascii=False))
    fetched_at = time.time() if now is None else now
    connection.execute(
        "INSERT INTO catalogue VALUES (?, ?, ?) ON CONFLICT(key) DO UPDATE"
        " SET content = excluded.content, fetched_at = excluded.fetched_at",
        (key, text, fetched_at),
    )


def load_catalogue(connection: apsw.Connection, key: str) -> tuple[Any, float] | None:
    """What was kept under `key` and when it was fetched (seconds since the epoch).

    It is some JSON: whoever asked looks at its types. None also for what is no JSON any more.
    """
    row = connection.execute(
        "SELECT content, fetched_at FROM catalogue WHERE key = ?", (key,)
    ).fetchone()
    try:
        return (read(row[0]), float(row[1])) if row else None
    except Wrong:
        return None
