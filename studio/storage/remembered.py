"""Keeps drafts and what was fetched of the catalogue: small JSON values by name."""

from __future__ import annotations

import json
import time
from typing import Any

import apsw

from studio.storage.connection import storable


def save_draft(connection: apsw.Connection, place: str, content: Any) -> None:
    """Keep what is being written at `place` (a tab or a conversation id); None forgets it."""
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
    """Every draft by its place."""
    rows = connection.execute("SELECT place, content FROM drafts")
    return {str(row[0]): json.loads(str(row[1])) for row in rows}


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
    """What was kept under `key` and when it was fetched (seconds since the epoch)."""
    row = connection.execute(
        "SELECT content, fetched_at FROM catalogue WHERE key = ?", (key,)
    ).fetchone()
    return (json.loads(row[0]), float(row[1])) if row else None
