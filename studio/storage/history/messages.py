"""Saves and loads messages with their parts: whole ones, growing ones, and the path that is shown.

All functions take the connection first and run on its thread: `await database.call(save, …)`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from itertools import groupby
from operator import itemgetter
from typing import Any

import apsw

from studio.core.errors import StoredError
from studio.core.messages import (
    ImagePart,
    Message,
    MessageStatus,
    Part,
    ReasoningPart,
    Role,
    TextPart,
    Timing,
    ToolCallPart,
    ToolResultPart,
    Usage,
)
from studio.core.transfer.values import Wrong, as_dict, mended, read
from studio.storage.db.connection import number, storable, transaction
from studio.storage.db.readings import index_message

DEEPEST = 1_000_000  # ends the walk up even where a damaged file made a circle
_ROLES = {each.value: each for each in Role}
_STATES = {each.value: each for each in MessageStatus}
# The kinds of parts with more than text, and which field that text is.
_REST: dict[str, tuple[type[Part], str]] = {
    "reasoning": (ReasoningPart, "text"),
    "image": (ImagePart, ""),
    "tool_call": (ToolCallPart, "arguments"),
    "tool_result": (ToolResultPart, "text"),
}

_UPSERT = """
INSERT INTO messages(id, conversation, parent, role, status, model, finish_reason, input_tokens,
    output_tokens, first_token, total_seconds, error, request_id, created_at)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT(id) DO UPDATE SET status = excluded.status, model = excluded.model,
    finish_reason = excluded.finish_reason, input_tokens = excluded.input_tokens,
    output_tokens = excluded.output_tokens, first_token = excluded.first_token,
    total_seconds = excluded.total_seconds, error = excluded.error,
    request_id = excluded.request_id
RETURNING key
"""
MESSAGE_COLUMNS = """m.key, m.id, m.role, m.status, m.model, m.finish_reason, m.input_tokens,
    m.output_tokens, m.first_token, m.total_seconds, m.error, m.request_id, m.created_at"""
_PATH = f"""
WITH RECURSIVE path(key, depth) AS (
    SELECT key, 0 FROM messages WHERE id = ?
    UNION ALL
    SELECT m.parent, path.depth + 1 FROM path JOIN messages m ON m.key = path.key
    WHERE m.parent IS NOT NULL AND path.depth < {DEEPEST}
)
SELECT path.depth, p.kind, p.text, p.rest, {MESSAGE_COLUMNS}
FROM path CROSS JOIN messages m ON m.key = path.key LEFT JOIN parts p ON p.message = m.key
ORDER BY path.depth DESC, p.position
"""


class UnknownPlace(LookupError):
    """A message was to be saved into a conversation or below a message that is not there."""


def save_message(connection: apsw.Connection, message: Message, *, head: bool = True) -> None:
    """Insert `message` or bring the stored one up to date, with all its parts, in one go.

    With `head`, it becomes the leaf that its conversation shows. A new message moves its
    conversation to the top of the history. What is final can be searched from then on.
    """
    with transaction(connection):
        conversation = number(
            connection, "SELECT key FROM conversations WHERE id = ?", (message.conversation_id,)
        )
        if not conversation:
            raise UnknownPlace(f"no conversation {message.conversation_id}")
        parent = _key(connection, message.parent_id) if message.parent_id else None
        if parent == 0:
            raise UnknownPlace(f"no message {message.parent_id}")
        known = _key(connection, message.id)
        key = number(connection, _UPSERT, message_row(message, conversation, parent))
        if known:
            connection.execute("DELETE FROM parts WHERE message = ?", (key,))
        connection.executemany("INSERT INTO parts VALUES (?, ?, ?, ?, ?)", part_rows(key, message))
        _touch(connection, conversation, message, new=not known, head=head)
        if message.status is not MessageStatus.STREAMING:
            index_message(connection, key, message.role, message.text)


def save_partial(connection: apsw.Connection, message: Message) -> None:
    """Store how far a streaming answer has come: only the parts that can have grown are written.

    The message itself must have been saved before; earlier parts never change while it streams.
    """
    with transaction(connection):
        key = _key(connection, message.id)
        stored = number(connection, "SELECT count(*) FROM parts WHERE message = ?", (key,))
        connection.executemany(
            "INSERT INTO parts VALUES (?, ?, ?, ?, ?)"
            " ON CONFLICT(message, position) DO UPDATE"
            " SET kind = excluded.kind, text = excluded.text, rest = excluded.rest",
            list(part_rows(key, message))[max(0, stored - 1) :] if key else (),
        )


def load_path(connection: apsw.Connection, conversation_id: str, leaf_id: str) -> list[Message]:
    """The messages from the first down to `leaf_id`, in order; empty when there is no such leaf."""
    messages: list[Message] = []
    parent: str | None = None
    rows = connection.execute(_PATH, (leaf_id,))
    for _, grouped in groupby(rows, key=itemgetter(0)):
        message = _message(list(grouped), conversation_id, parent)
        messages.append(message)
        parent = message.id
    return messages


def load_message(connection: apsw.Connection, message_id: str) -> Message | None:
    """One message by its id."""
    rows: list[Any] = connection.execute(
        f"SELECT 0, p.kind, p.text, p.rest, {MESSAGE_COLUMNS}, c.id,"
        " (SELECT id FROM messages WHERE key = m.parent)"
        " FROM messages m JOIN conversations c ON c.key = m.conversation"
        " LEFT JOIN parts p ON p.message = m.key WHERE m.id = ? ORDER BY p.position",
        (message_id,),
    ).fetchall()
    return _message(rows, rows[0][-2], rows[0][-1]) if rows else None


def load_all(connection: apsw.Connection, conversation_id: str) -> list[Message]:
    """Every message of a conversation, all versions, parents before their children."""
    rows = connection.execute(
        f"SELECT m.key, p.kind, p.text, p.rest, {MESSAGE_COLUMNS},"
        " (SELECT id FROM messages WHERE key = m.parent)"
        " FROM conversations c JOIN messages m ON m.conversation = c.key"
        " LEFT JOIN parts p ON p.message = m.key WHERE c.id = ? ORDER BY m.key, p.position",
        (conversation_id,),
    )
    each = (list(grouped) for _, grouped in groupby(rows, key=itemgetter(0)))
    return [_message(grouped, conversation_id, grouped[0][-1]) for grouped in each]


def load_versions(
    connection: apsw.Connection, conversation_id: str
) -> dict[str | None, tuple[str, ...]]:
    """Where a conversation branches: for each parent (None at the top) its versions, oldest first.

    Parents with a single child are left out.
    """
    rows = connection.execute(
        "SELECT parent.id, m.id, m.parent FROM conversations c"
        " JOIN messages m ON m.conversation = c.key"
        " LEFT JOIN messages parent ON parent.key = m.parent"
        " WHERE c.id = ? ORDER BY m.parent, m.key",
        (conversation_id,),
    )
    groups = ((above, [row[1] for row in each]) for above, each in groupby(rows, itemgetter(0)))
    return {above: tuple(ids) for above, ids in groups if len(ids) > 1}


def newest_leaf(connection: apsw.Connection, message_id: str) -> str:
    """The leaf that is reached from a message by its newest versions; itself when it is one."""
    row = connection.execute(
        "WITH RECURSIVE down(key, id, depth) AS ("
        " SELECT key, id, 0 FROM messages WHERE id = ?"
        " UNION ALL SELECT m.key, m.id, depth + 1 FROM down JOIN messages m ON m.key ="
        " (SELECT max(key) FROM messages WHERE parent = down.key)"
        f" WHERE depth < {DEEPEST}"
        ") SELECT id FROM down ORDER BY depth DESC LIMIT 1",
        (message_id,),
    ).fetchone()
    return str(row[0]) if row else message_id


def newest_message(connection: apsw.Connection, conversation_id: str) -> str | None:
    """The id of the message that came last into a conversation, whatever its version."""
    row = connection.execute(
        "SELECT m.id FROM conversations c JOIN messages m ON m.conversation = c.key"
        " WHERE c.id = ? ORDER BY m.key DESC LIMIT 1",
        (conversation_id,),
    ).fetchone()
    return str(row[0]) if row else None


def parts_of(rows: list[Any]) -> tuple[Part, ...]:
    """Parts from their (position, kind, text, rest)."""
    return tuple(_join(kind, text, rest) for _, kind, text, rest in rows)


def message_of(row: Any, parts: list[Any], conversation_id: str, parent: str | None) -> Message:
    """A message from the values of MESSAGE_COLUMNS; each part is (position, kind, text, rest)."""
    return _message(
        [(*part, *row) for part in parts] or [(0, None, None, None, *row)], conversation_id, parent
    )


def _touch(
    connection: apsw.Connection, conversation: int, message: Message, *, new: bool, head: bool
) -> None:
    if head:
        connection.execute(
            "UPDATE conversations SET head_id = ? WHERE key = ?", (message.id, conversation)
        )
    if new:
        connection.execute(
            "UPDATE conversations SET updated_at = max(updated_at, ?),"
            " activity = (SELECT max(activity) FROM conversations) + 1 WHERE key = ?",
            (message.created_at, conversation),
        )
    picture = next((image.sha256 for image in message.images if image.sha256), "")
    if picture:
        connection.execute(
            "UPDATE conversations SET thumbnail = ? WHERE key = ? AND thumbnail = ''",
            (picture, conversation),
        )


def _key(connection: apsw.Connection, message_id: str) -> int:
    return number(connection, "SELECT key FROM messages WHERE id = ?", (message_id,))


def message_row(message: Message, conversation: int, parent: int | None) -> tuple[Any, ...]:
    """The values of a message's row from `id` on, in the order of the table."""
    return (
        message.id,
        conversation,
        parent,
        message.role.value,
        message.status.value,
        storable(message.model),
        storable(message.finish_reason),
        message.usage.input_tokens,
        message.usage.output_tokens,
        message.timing.first_token,
        message.timing.total,
        storable(message.error.to_json()) if message.error else None,
        storable(message.request_id),
        message.created_at,
    )


def part_rows(key: int, message: Message) -> Iterator[tuple[int, int, str, str, str]]:
    """The rows of a message's parts."""
    for position, part in enumerate(message.parts):
        kind, text, rest = _split(part)
        stored = storable(json.dumps(rest, ensure_ascii=False)) if rest else ""
        yield key, position, kind, storable(text), stored


def _split(part: Part) -> tuple[str, str, dict[str, Any]]:
    """Kind, text and the rest of a part."""
    match part:
        case TextPart(text):
            return "text", text, {}
        case ReasoningPart(text, seconds, signature, redacted):
            # Left out where there is none: an older program reads what it knows.
            hidden = {"redacted": redacted} if redacted else {}
            return "reasoning", text, {"seconds": seconds, "signature": signature, **hidden}
        case ImagePart():
            return "image", "", asdict(part)
        case ToolCallPart(call_id, name, arguments):
            return "tool_call", arguments, {"call_id": call_id, "name": name}
        case ToolResultPart(call_id, text):
            return "tool_result", text, {"call_id": call_id}


def _join(kind: str, text: str, rest: str) -> Part:
    """A part from its row; what is wrong in the rest costs that value and not the text."""
    if kind not in _REST:
        return TextPart(text)  # also of a newer program: shown as what it says
    made, place = _REST[kind]
    try:
        fields = as_dict(read(rest)) if rest else {}
    except Wrong:
        fields = {}
    if place:
        fields[place] = text
    return mended(made, {"call_id": "", "name": "", **fields})


def _message(rows: list[Any], conversation_id: str, parent: str | None) -> Message:
    row = rows[0]
    return Message(
        conversation_id=conversation_id,
        role=_ROLES.get(row[6], Role.ASSISTANT),
        parts=tuple(_join(each[1], each[2], each[3]) for each in rows if each[1] is not None),
        parent_id=parent,
        status=_STATES.get(row[7], MessageStatus.INTERRUPTED),
        model=row[8],
        finish_reason=row[9],
        usage=Usage(row[10], row[11]),
        timing=Timing(row[12], row[13]),
        error=StoredError.from_json(row[14]) if row[14] else None,
        request_id=row[15],
        created_at=row[16],
        id=row[5],
    )
