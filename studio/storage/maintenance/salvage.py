"""Takes out of a damaged database, which was kept aside, what the one in its place does not have.

Tables are read from both ends without their indices until the damage is met, and what is found is
saved as if it were new, by its id: nothing that is there already is changed. The damaged file is
only read.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import apsw

from studio.core.errors import ErrorKind, StoredError
from studio.core.images import ImageJob
from studio.core.messages import Conversation, Message, MessageStatus, Role, title_from
from studio.storage.db import connection as sqlite
from studio.storage.db.database import Database
from studio.storage.db.migrations import NEWEST
from studio.storage.history import conversations, messages
from studio.storage.pictures import jobs, library_rows

_READABLE = range(1, NEWEST + 1)  # the tables that are read are the same in all of them
AT_ONCE = 200  # messages saved before other work gets its turn


@dataclass(frozen=True, slots=True)
class Salvaged:
    """How much was taken out of a damaged file; `whole` when no place in it was unreadable."""

    conversations: int = 0
    messages: int = 0
    pictures: int = 0
    whole: bool = True


@dataclass(slots=True)
class _Found:
    """The rows that could be read, by their keys."""

    conversations: dict[int, Conversation] = field(default_factory=dict)
    deleted: set[str] = field(default_factory=set)
    messages: dict[int, Any] = field(default_factory=dict)
    parts: dict[int, list[Any]] = field(default_factory=lambda: defaultdict(list))
    pictures: list[library_rows.LibraryPicture] = field(default_factory=list)
    jobs: list[ImageJob] = field(default_factory=list)
    whole: bool = True


def salvage(database: Database, damaged: Path) -> Salvaged:
    """Save into `database` what can be read of `damaged`; blocks, for a worker thread.

    Nothing happens for a file that cannot be read at all. Raises StudioError when it cannot be
    saved; doing it again then goes on.
    """
    try:
        found = _read(damaged)
    except (apsw.Error, OSError):
        return Salvaged(whole=False)
    counted = database.call_sync(_save_conversations, found)
    saved = 0
    waiting = sorted(found.messages)
    for start in range(0, len(waiting), AT_ONCE):
        saved += database.call_sync(_save_messages, found, waiting[start : start + AT_ONCE])
    saved += database.call_sync(_save_orphans, found)
    database.call_sync(_set_heads, found)
    pictures = database.call_sync(_save_pictures, found)
    return Salvaged(counted, saved, pictures, found.whole)


def _read(damaged: Path) -> _Found:
    log = damaged.with_name(damaged.name + "-wal")
    connection = sqlite.connect_read_only(damaged, immutable=not log.exists())
    found = _Found()
    try:
        if connection.pragma("user_version") not in _READABLE:
            raise apsw.SchemaChangeError("the schema is another one")
        for row in _rows(connection, found, "conversations", conversations.CONVERSATION_COLUMNS):
            found.conversations[row[0]] = conversations.conversation_of(row[1:])
        for row in _rows(connection, found, "conversations", "id, deleted_at"):
            if row[2] is not None:
                found.deleted.add(row[1])
        columns = f"{messages.MESSAGE_COLUMNS}, m.conversation, m.parent"
        for row in _rows(connection, found, "messages", columns):
            found.messages[row[0]] = row[1:]
        for row in _rows(connection, found, "parts", "message, position, kind, text, rest"):
            found.parts[row[1]].append(row[2:])
        for row in _rows(connection, found, "pictures", library_rows.PICTURE_COLUMNS):
            found.pictures.append(library_rows.picture_of(row[1:]))
        for row in _rows(connection, found, "image_jobs", jobs.JOB_COLUMNS):
            found.jobs.append(jobs.job_of(row[1:]))
    finally:
        connection.close()
    return found


def _rows(connection: apsw.Connection, found: _Found, table: str, columns: str) -> Iterator[Any]:
    """Every row that can be read, with its rowid in front: from the start, then from the end."""
    select = f"SELECT m.rowid, {columns} FROM {table} AS m NOT INDEXED"
    last = 0
    try:
        for row in connection.execute(f"{select} ORDER BY m.rowid"):
            last = row[0]
            yield row
    except apsw.CorruptError:
        found.whole = False
        try:
            yield from connection.execute(
                f"{select} WHERE m.rowid > ? ORDER BY m.rowid DESC", (last,)
            )
        except apsw.CorruptError:
            return


def _save_conversations(connection: apsw.Connection, found: _Found) -> int:
    saved = 0
    with sqlite.transaction(connection):
        for _, each in sorted(found.conversations.items()):
            if conversations.load_conversation(connection, each.id) is None:
                conversations.save_conversation(connection, each)
                if each.id in found.deleted:
                    conversations.delete(connection, [each.id])
                saved += 1
        known = {job.id for job in jobs.load_jobs(connection)}
        known |= {job.id for job in jobs.load_jobs(connection, ended=True)}
        for job in found.jobs:
            if job.id not in known:
                jobs.save_job(connection, job)
    return saved


def _save_messages(connection: apsw.Connection, found: _Found, keys: list[int]) -> int:
    saved = 0
    with sqlite.transaction(connection):
        for key in keys:
            row = found.messages[key]
            if messages.load_message(connection, row[1]) is not None:
                continue
            parent = found.messages.get(row[-1])
            parts = sorted(found.parts.get(key, ()))
            home = found.conversations.get(row[-2])
            if home is None:
                home = _home_for(connection, found, row[-2], parts)
            message = messages.message_of(row, parts, home.id, parent[1] if parent else None)
            if message.status is MessageStatus.STREAMING:
                error = StoredError(ErrorKind.PROGRAM_ENDED)
                message = replace(message, status=MessageStatus.INTERRUPTED, error=error)
            messages.save_message(connection, message, head=False)
            saved += 1
    return saved


def _save_orphans(connection: apsw.Connection, found: _Found) -> int:
    """Texts whose messages could not be read: kept as one conversation, in their order."""
    texts: list[tuple[str, list[Any]]] = []
    for key in sorted(found.parts.keys() - found.messages.keys()):
        parts = sorted(found.parts[key])
        known = "SELECT count(*) FROM parts WHERE message = ? AND position = ? AND text = ?"
        # A backup of the same database has the same keys.
        if all(sqlite.number(connection, known, (key, part[0], part[2])) for part in parts):
            continue
        said = f"{key} {parts}".encode("utf-8", "replace")
        identity = hashlib.sha256(said).hexdigest()[:32]  # the same one if this is done again
        if messages.load_message(connection, identity) is None:
            texts.append((identity, parts))
    if not texts:
        return 0
    with sqlite.transaction(connection):
        home = _home_for(connection, found, 0, texts[0][1])
        parent: str | None = None
        for identity, parts in texts:
            blank = Message(home.id, Role.ASSISTANT, messages.parts_of(parts), parent)
            messages.save_message(connection, replace(blank, id=identity))
            parent = identity
    return len(texts)


def _home_for(
    connection: apsw.Connection, found: _Found, key: int, parts: list[Any]
) -> Conversation:
    """A new conversation for messages whose own could not be read."""
    text = next((part[2] for part in parts if part[1] == "text"), "")
    home = Conversation(title=title_from(text))
    conversations.save_conversation(connection, home)
    found.conversations[key] = home
    return home


def _set_heads(connection: apsw.Connection, found: _Found) -> None:
    with sqlite.transaction(connection):
        for each in found.conversations.values():
            head = each.head_id
            if head is None or messages.load_message(connection, head) is None:
                stored = conversations.load_conversation(connection, each.id)
                head = stored.head_id if stored else None
            if head is None or messages.load_message(connection, head) is None:
                head = messages.newest_message(connection, each.id)
            if head is not None:
                conversations.set_head(connection, each.id, head)


def _save_pictures(connection: apsw.Connection, found: _Found) -> int:
    saved = 0
    for each in found.pictures:
        taken = library_rows.has_path(connection, each.image.path)
        if taken or library_rows.load_picture(connection, each.image.id) is not None:
            continue
        library_rows.add_picture(connection, each.image)
        library_rows.set_favourite(connection, each.image.id, favourite=each.favourite)
        if each.deleted_at is not None:
            library_rows.delete_pictures(connection, [each.image.id])
        saved += 1
    return saved
