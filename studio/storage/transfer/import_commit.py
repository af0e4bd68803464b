"""Adds what was staged to the history: all of it or nothing, in one transaction of our database."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import apsw

from studio.core.transfer.common import Watch
from studio.storage.db.connection import number, transaction

AT_ONCE = 2000  # rows between two looks at whether to go on

_MESSAGES = """
INSERT INTO main.messages(key, id, conversation, parent, role, status, model, finish_reason,
    input_tokens, output_tokens, first_token, total_seconds, error, request_id, created_at)
SELECT ?1 + m.seq, m.id,
    CASE WHEN c.merged THEN (SELECT key FROM main.conversations WHERE id = c.id)
        ELSE ?2 + c.seq END,
    CASE WHEN m.parent IS NOT NULL THEN ?1 + m.parent
        WHEN m.parent_id IS NOT NULL THEN (SELECT key FROM main.messages WHERE id = m.parent_id)
        END,
    m.role, m.status, m.model, m.finish_reason, m.input_tokens, m.output_tokens, m.first_token,
    m.total_seconds, m.error, m.request_id, m.created_at
FROM staged.staged_messages m JOIN staged.staged_conversations c ON c.seq = m.conversation
WHERE m.seq BETWEEN ?3 AND ?4 ORDER BY m.seq
"""
_PARTS = """
INSERT INTO main.parts SELECT ?1 + message, position, kind, text, rest
FROM staged.staged_parts WHERE rowid BETWEEN ?2 AND ?3 ORDER BY rowid
"""
_INDEX = """
INSERT INTO message_index(rowid, grams) SELECT ?1 + seq, grams
FROM staged.staged_messages WHERE grams <> '' AND seq BETWEEN ?2 AND ?3 ORDER BY seq
"""
_READINGS = """
INSERT INTO main.readings SELECT ?1 + seq, reading
FROM staged.staged_messages WHERE reading IS NOT NULL AND seq BETWEEN ?2 AND ?3 ORDER BY seq
"""
_FOLDERS = """
INSERT INTO main.folders(id, name, position)
SELECT id, name, (SELECT coalesce(max(position), 0) FROM main.folders) + seq
FROM staged.staged_folders f
WHERE NOT EXISTS (SELECT 1 FROM main.folders o WHERE o.id = f.id OR o.name = f.name)
ORDER BY seq
"""
_CONVERSATIONS = """
INSERT INTO main.conversations(key, id, kind, title, model, door, system_prompt, parameters,
    head_id, pinned, folder_id, thumbnail, deleted_at, created_at, updated_at, activity)
SELECT ?1 + seq, id, kind, title, model, door, system_prompt, parameters, head_id, pinned,
    (SELECT o.id FROM staged.staged_folders f JOIN main.folders o ON o.id = f.id OR o.name = f.name
     WHERE f.id = c.folder_id ORDER BY o.id = f.id DESC LIMIT 1),
    thumbnail, deleted_at, created_at, updated_at, 0
FROM staged.staged_conversations c WHERE NOT merged ORDER BY seq
"""
_MERGED = """
UPDATE main.conversations AS c SET
    updated_at = max(c.updated_at, s.updated_at),
    head_id = coalesce(s.head_id, c.head_id),
    deleted_at = CASE WHEN s.deleted_at IS NULL THEN NULL ELSE c.deleted_at END,
    thumbnail = CASE WHEN c.thumbnail = '' THEN s.thumbnail ELSE c.thumbnail END
FROM staged.staged_conversations s WHERE s.merged AND s.id = c.id
"""
_PICTURES = """
INSERT INTO main.pictures(key, id, request, path, sha256, width, height, byte_size, seconds, demo,
    favourite, missing, deleted_at, created_at)
SELECT ?1 + seq, id, request, path, sha256, width, height, byte_size, seconds, demo, favourite,
    missing, deleted_at, created_at
FROM staged.staged_pictures ORDER BY seq
"""
# What was decided while staging has to hold still.
_CHANGED = """
SELECT EXISTS (SELECT 1 FROM staged.staged_conversations s
               LEFT JOIN main.conversations c ON c.id = s.id WHERE s.merged <> (c.id IS NOT NULL))
    OR EXISTS (SELECT 1 FROM staged.staged_messages s JOIN main.messages m ON m.id = s.id)
    OR EXISTS (SELECT 1 FROM staged.staged_messages s
               WHERE s.parent IS NULL AND s.parent_id IS NOT NULL
               AND NOT EXISTS (SELECT 1 FROM main.messages WHERE id = s.parent_id))
    OR EXISTS (SELECT 1 FROM staged.staged_pictures s
               JOIN main.pictures p ON p.id = s.id OR p.path = s.path)
"""


class HistoryChanged(Exception):
    """The history was changed in the meantime: it has to be decided anew what is new."""


def commit(connection: apsw.Connection, staged: Path, watch: Watch, *, newest_last: bool) -> None:
    """Add everything; raises HistoryChanged or TransferCancelled, and then nothing was added.

    On a connection of its own, so that others can read meanwhile. With `newest_last` the staged
    conversations keep their order among each other, else they are ordered by their time.
    """
    connection.execute("ATTACH ? AS staged", (str(staged),))
    try:
        with transaction(connection):
            if number(connection, _CHANGED):
                raise HistoryChanged
            _add(connection, watch, newest_last)
    finally:
        connection.execute("DETACH staged")


def _add(connection: apsw.Connection, watch: Watch, newest_last: bool) -> None:
    first = number(connection, "SELECT max(key) FROM main.conversations")
    keys = number(connection, "SELECT max(key) FROM main.messages")
    pictures = number(connection, "SELECT max(key) FROM main.pictures")
    connection.execute(_FOLDERS)
    connection.execute(_CONVERSATIONS, (first,))
    connection.execute(_MERGED)
    connection.execute(
        "INSERT INTO title_index(rowid, grams) SELECT ?1 + seq, grams"
        " FROM staged.staged_conversations WHERE NOT merged AND grams <> '' ORDER BY seq",
        (first,),
    )
    messages = number(connection, "SELECT max(seq) FROM staged.staged_messages")
    parts = number(connection, "SELECT max(rowid) FROM staged.staged_parts")
    work: list[tuple[str, tuple[int, ...]]] = []
    work += [(_MESSAGES, (keys, first, *piece)) for piece in _pieces(messages)]
    work += [(_PARTS, (keys, *piece)) for piece in _pieces(parts)]
    work += [(_READINGS, (keys, *piece)) for piece in _pieces(messages)]
    work += [(_INDEX, (keys, *piece)) for piece in _pieces(messages)]
    for done, (sql, bindings) in enumerate(work):
        watch.step(done, len(work))
        connection.execute(sql, bindings)
    connection.execute(_PICTURES, (pictures,))
    connection.execute(
        "INSERT INTO picture_index(rowid, grams) SELECT ?1 + seq, grams"
        " FROM staged.staged_pictures WHERE grams <> '' ORDER BY seq",
        (pictures,),
    )
    _order(connection, first, newest_last)
    watch.step(len(work), len(work))


def _pieces(count: int) -> Iterator[tuple[int, int]]:
    return ((start, start + AT_ONCE - 1) for start in range(1, count + 1, AT_ONCE))


def _order(connection: apsw.Connection, first: int, newest_last: bool) -> None:
    """Put what was added between what we had, by the days on which it was used last."""
    order = "s.seq" if newest_last else "c.updated_at, s.seq"
    added: list[Any] = connection.execute(
        "SELECT c.key, c.updated_at FROM staged.staged_conversations s"
        f" JOIN main.conversations c ON c.id = s.id ORDER BY {order}"
    ).fetchall()
    moved = {row[0] for row in added}
    ours: list[Any] = [
        row
        for row in connection.execute(
            "SELECT key, updated_at, activity FROM main.conversations ORDER BY activity, key"
        )
        if row[0] not in moved
    ]
    places = {row[0]: row[2] for row in ours}
    merged = _woven([row[:2] for row in ours], added)
    connection.executemany(
        "UPDATE main.conversations SET activity = ? WHERE key = ?",
        [(place, key) for place, key in enumerate(merged, 1) if places.get(key) != place],
    )


def _woven(ours: list[Any], added: list[Any]) -> list[int]:
    """Both sequences in one, each in its own order, by the newest time so far in each."""
    woven: list[int] = []
    at, ours_time, added_time = 0, float("-inf"), float("-inf")
    for key, time in added:
        added_time = max(added_time, time)
        while at < len(ours) and max(ours_time, ours[at][1]) <= added_time:
            ours_time = max(ours_time, ours[at][1])
            woven.append(ours[at][0])
            at += 1
        woven.append(key)
    return woven + [key for key, _ in ours[at:]]
