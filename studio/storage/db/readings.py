"""What is read of messages: the text that a search looks at, kept where it is not the source.

Messages of a database that is older than that are read little by little, the newest first. Until
then a search looks at their source. The functions take the connection first.
"""

from __future__ import annotations

import apsw

from studio.core.errors import ErrorKind, StoredError
from studio.core.markdown.visible import visible_text
from studio.core.messages import Role
from studio.storage.db.connection import number, transaction
from studio.storage.db.ngrams import index_text

AT_ONCE = 200_000  # characters of source read in one call: at most half a second
_MOST = 2_000  # messages in one call
_PLAIN = 20  # so many times as quickly text without marks is read
_UNREAD = "unread_below"

# The text of a message m as it is read.
READ_TEXT = """coalesce((SELECT r.text FROM readings r WHERE r.message = m.key),
    (SELECT group_concat(p.text, '' ORDER BY p.position) FROM parts p
     WHERE p.message = m.key AND p.kind = 'text'))"""


def reading_of(role: str, source: str) -> str:
    """What is read of a message; what the user wrote stays as it was typed."""
    return visible_text(source, literal=role == Role.USER)


def index_message(connection: apsw.Connection, key: int, role: str, source: str) -> None:
    """Make a message found by what is read of it; nothing is found of an empty one."""
    text = reading_of(role, source)
    if text == source:
        connection.execute("DELETE FROM readings WHERE message = ?", (key,))
    else:
        connection.execute("INSERT OR REPLACE INTO readings VALUES (?, ?)", (key, text))
    index_text(connection, "message_index", key, text)


def mark_all_unread(connection: apsw.Connection) -> None:
    """Every message that is there has to be read by `read_on`."""
    end = number(connection, "SELECT max(key) FROM messages") + 1
    connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (_UNREAD, str(end)))


def read_on(connection: apsw.Connection, characters: int = AT_ONCE) -> bool:
    """Read the newest messages that were not read yet; whether there are more of them."""
    with transaction(connection):
        end = int(
            str(connection.execute("SELECT value FROM meta WHERE key = ?", (_UNREAD,)).get or 0)
        )
        if not end:
            return False
        rows = connection.execute(
            "SELECT m.key, m.role, m.status, (SELECT group_concat(p.text, '' ORDER BY p.position)"
            " FROM parts p WHERE p.message = m.key AND p.kind = 'text')"
            " FROM messages m WHERE m.key < ? ORDER BY m.key DESC LIMIT ?",
            (end, _MOST),
        )
        changed, first = [], 0
        for key, role, status, text in rows:
            first = int(str(key))
            source = "" if status == "streaming" else str(text or "")
            differs = reading_of(str(role), source) != source
            characters -= len(source) if differs else len(source) // _PLAIN + 1
            if differs:
                changed.append((first, str(role), source))
            if characters <= 0:
                break
        for key, role, source in changed:
            index_message(connection, key, role, source)
        connection.execute("DELETE FROM meta WHERE key = ?", (_UNREAD,))
        if first > 1:
            connection.execute("INSERT INTO meta VALUES (?, ?)", (_UNREAD, str(first)))
    return first > 1


def end_streaming(connection: apsw.Connection) -> int:
    """Turn answers that a killed program left streaming into interrupted ones; how many."""
    error = StoredError(ErrorKind.PROGRAM_ENDED).to_json()
    with transaction(connection):
        left = [
            (int(row[0]), str(row[1]), str(row[2] or ""))
            for row in connection.execute(
                "SELECT m.key, m.role, group_concat(p.text, '' ORDER BY p.position) FROM messages m"
                " LEFT JOIN parts p ON p.message = m.key AND p.kind = 'text'"
                " WHERE m.status = 'streaming' GROUP BY m.key"
            )
        ]
        for key, role, text in left:
            index_message(connection, key, role, text)
        connection.execute(
            "UPDATE messages SET status = 'interrupted', error = coalesce(error, ?)"
            " WHERE status = 'streaming'",
            (error,),
        )
    return len(left)
