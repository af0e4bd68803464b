"""Saves, lists, renames, pins, deletes and restores conversations.

All functions take the connection first and run on its thread: `await database.call(save, …)`.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable
from dataclasses import asdict, replace
from typing import Any

import apsw

from studio.core.messages import (
    ChatProtocol,
    Conversation,
    Message,
    MessageStatus,
    Parameters,
    new_id,
    title_without_number,
)
from studio.core.models import Capability
from studio.core.transfer.values import Wrong, mended, read
from studio.storage.db.connection import number, storable, transaction
from studio.storage.db.ngrams import index_text
from studio.storage.history.listing import KINDS, SUMMARY_COLUMNS, ConversationSummary, summary_of
from studio.storage.history.messages import load_path, save_message

TRASH_DAYS = 30
_PROTOCOLS = {each.value: each for each in ChatProtocol}

_SAVE = """
INSERT INTO conversations(id, kind, title, model, door, system_prompt, parameters, head_id, pinned,
    created_at, updated_at, activity)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?,
    (SELECT coalesce(max(activity), 0) + 1 FROM conversations))
ON CONFLICT(id) DO UPDATE SET kind = excluded.kind, title = excluded.title, model = excluded.model,
    door = excluded.door, system_prompt = excluded.system_prompt,
    parameters = excluded.parameters, head_id = excluded.head_id, pinned = excluded.pinned,
    updated_at = max(updated_at, excluded.updated_at)
RETURNING key
"""
CONVERSATION_COLUMNS = (
    "id, kind, title, model, door, system_prompt, parameters, head_id, pinned, created_at,"
    " updated_at"
)


def save_conversation(connection: apsw.Connection, conversation: Conversation) -> None:
    """Insert a conversation, or bring the stored one up to date apart from its messages."""
    with transaction(connection):
        key = number(connection, _SAVE, conversation_row(conversation))
        index_text(connection, "title_index", key, conversation.title)


def save_turn(
    connection: apsw.Connection, conversation: Conversation, message: Message, *, head: bool = True
) -> None:
    """Save a conversation with a message of it, both or neither; see `save_message` for `head`."""
    with transaction(connection):
        save_conversation(connection, conversation)
        save_message(connection, message, head=head)


def load_conversation(connection: apsw.Connection, conversation_id: str) -> Conversation | None:
    """A conversation apart from its messages, also from the trash; None when there is none."""
    row = connection.execute(
        f"SELECT {CONVERSATION_COLUMNS} FROM conversations WHERE id = ?", (conversation_id,)
    ).fetchone()
    return conversation_of(row) if row else None


def open_conversation(
    connection: apsw.Connection, conversation_id: str
) -> tuple[Conversation, list[Message]] | None:
    """A conversation with the messages from its first to its head."""
    conversation = load_conversation(connection, conversation_id)
    if conversation is None:
        return None
    head = conversation.head_id
    return conversation, load_path(connection, conversation_id, head) if head else []


def rename(connection: apsw.Connection, conversation_id: str, title: str) -> None:
    """Give a conversation another title; its place in the history stays."""
    with transaction(connection):
        key = number(
            connection,
            "UPDATE conversations SET title = ? WHERE id = ? RETURNING key",
            (storable(title), conversation_id),
        )
        if key:
            index_text(connection, "title_index", key, title)


def pin(connection: apsw.Connection, conversation_id: str, *, pinned: bool) -> None:
    """Keep a conversation on top of the history, or no longer."""
    connection.execute(
        "UPDATE conversations SET pinned = ? WHERE id = ?", (pinned, conversation_id)
    )


def pin_all(connection: apsw.Connection, conversation_ids: Iterable[str], *, pinned: bool) -> None:
    """Keep conversations on top of the history, or no longer."""
    with transaction(connection):
        for each in conversation_ids:
            pin(connection, each, pinned=pinned)


def set_head(connection: apsw.Connection, conversation_id: str, message_id: str) -> None:
    """Show another leaf: the one that ends in `message_id`."""
    connection.execute(
        "UPDATE conversations SET head_id = ? WHERE id = ?", (message_id, conversation_id)
    )


def delete(connection: apsw.Connection, conversation_ids: Iterable[str]) -> None:
    """Move conversations to the trash, where they stay for 30 days; `restore` brings them back."""
    with transaction(connection):
        now = time.time()
        for each in conversation_ids:
            connection.execute(
                "UPDATE conversations SET deleted_at = ? WHERE id = ? AND deleted_at IS NULL",
                (now, each),
            )


def restore(connection: apsw.Connection, conversation_ids: Iterable[str]) -> None:
    """Bring conversations back from the trash to where they were."""
    with transaction(connection):
        for each in conversation_ids:
            connection.execute("UPDATE conversations SET deleted_at = NULL WHERE id = ?", (each,))


def list_trash(
    connection: apsw.Connection, *, limit: int = 100, skipped: int = 0
) -> list[ConversationSummary]:
    """What can be restored, newest deletion first; `skipped` are on the pages before."""
    rows = connection.execute(
        f"SELECT {SUMMARY_COLUMNS} FROM conversations WHERE deleted_at IS NOT NULL"
        " ORDER BY deleted_at DESC, key DESC LIMIT ? OFFSET ?",
        (limit, skipped),
    )
    return [summary_of(row) for row in rows]


def empty_trash(connection: apsw.Connection, *, now: float | None = None, limit: int = 20) -> int:
    """Remove for good what has been in the trash for 30 days, at most `limit` at a time."""
    before = (time.time() if now is None else now) - TRASH_DAYS * 86400
    return _remove(connection, "deleted_at < ? LIMIT ?", (before, limit))


def delete_for_good(
    connection: apsw.Connection, conversation_ids: Iterable[str] | None, *, limit: int = 20
) -> int:
    """Remove conversations of the trash now, None is all, at most `limit` at a time; how many.

    What is not in the trash stays.
    """
    if conversation_ids is None:
        return _remove(connection, "deleted_at IS NOT NULL LIMIT ?", (limit,))
    with transaction(connection):
        where = "deleted_at IS NOT NULL AND id = ?"
        return sum(_remove(connection, where, (each,)) for each in conversation_ids)


def _remove(connection: apsw.Connection, where: str, bindings: tuple[Any, ...]) -> int:
    with transaction(connection):
        keys = connection.execute(
            f"SELECT key FROM conversations WHERE {where}", bindings
        ).fetchall()
        for (key,) in keys:
            connection.execute(
                "DELETE FROM message_index WHERE rowid IN"
                " (SELECT key FROM messages WHERE conversation = ?)",
                (key,),
            )
            connection.execute("DELETE FROM title_index WHERE rowid = ?", (key,))
            connection.execute("DELETE FROM conversations WHERE key = ?", (key,))
    return len(keys)


def fork(connection: apsw.Connection, message_id: str) -> Conversation | None:
    """A new conversation that holds copies of the messages down to `message_id`."""
    row = connection.execute(
        "SELECT c.id FROM messages m JOIN conversations c ON c.key = m.conversation WHERE m.id = ?",
        (message_id,),
    ).fetchone()
    source = load_conversation(connection, row[0]) if row else None
    if source is None:
        return None
    now = time.time()
    copy = replace(
        source,
        id=new_id(),
        title=_numbered(connection, source.title),
        head_id=None,
        pinned=False,
        created_at=now,
        updated_at=now,
    )
    with transaction(connection):
        save_conversation(connection, copy)
        parent: str | None = None
        for each in load_path(connection, source.id, message_id):
            ended = each.status
            if ended is MessageStatus.STREAMING:  # nobody will go on with the copy
                ended = MessageStatus.INTERRUPTED
            message = replace(
                each, id=new_id(), conversation_id=copy.id, parent_id=parent, status=ended
            )
            save_message(connection, message)
            parent = message.id
    return replace(copy, head_id=parent)


_MOST_COPIES = 100


def _numbered(connection: apsw.Connection, title: str) -> str:
    """The title of a copy: with the next number that no other conversation has, from 2."""
    stem = title_without_number(title)
    for count in range(2, _MOST_COPIES):
        wanted = f"{stem} ({count})"
        taken = "SELECT 1 FROM conversations WHERE title = ? LIMIT 1"
        if not connection.execute(taken, (wanted,)).fetchone():
            return wanted
    return title


def conversation_row(conversation: Conversation) -> tuple[Any, ...]:
    """The values of CONVERSATION_COLUMNS."""
    given = {name: each for name, each in asdict(conversation.parameters).items() if each != ()}
    parameters = {name: each for name, each in given.items() if each is not None}
    return (
        conversation.id,
        conversation.kind.value,
        storable(conversation.title),
        storable(conversation.model),
        conversation.protocol.value,
        storable(conversation.system_prompt),
        storable(json.dumps(parameters, ensure_ascii=False)),
        conversation.head_id,
        conversation.pinned,
        conversation.created_at,
        conversation.updated_at,
    )


def conversation_of(row: Any) -> Conversation:
    """A conversation from the values of CONVERSATION_COLUMNS."""
    try:
        parameters = mended(Parameters, read(row[6]))
    except Wrong:  # costs the parameters and not the conversation
        parameters = Parameters()
    return Conversation(
        id=row[0],
        kind=KINDS.get(row[1], Capability.CHAT),
        title=row[2],
        model=row[3],
        protocol=_PROTOCOLS.get(row[4], ChatProtocol.OPENAI),
        system_prompt=row[5],
        parameters=parameters,
        head_id=row[7],
        pinned=bool(row[8]),
        created_at=row[9],
        updated_at=row[10],
    )
