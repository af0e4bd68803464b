"""Changes of the schema in order: one function a change, never edited once released.

Each runs inside one transaction that also raises `user_version`, so that a file has the old
schema or the new one. A change comes with a stored old database in `tests/data/databases/`.
"""

from __future__ import annotations

from collections.abc import Callable

import apsw

_FIRST_SCHEMA = """
CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;

CREATE TABLE folders(
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    position INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- `activity` orders the history: it only grows, so a clock set back changes nothing.
CREATE TABLE conversations(
    key INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    title TEXT NOT NULL,
    model TEXT NOT NULL,
    door TEXT NOT NULL,
    system_prompt TEXT NOT NULL,
    parameters TEXT NOT NULL,
    head_id TEXT,
    pinned INTEGER NOT NULL DEFAULT 0,
    folder_id TEXT REFERENCES folders(id) ON DELETE SET NULL,
    thumbnail TEXT NOT NULL DEFAULT '',
    deleted_at REAL,
    created_at REAL NOT NULL,
    updated_at REAL NOT NULL,
    activity INTEGER NOT NULL
) STRICT;
CREATE INDEX conversations_by_activity ON conversations(activity);
CREATE INDEX conversations_listed ON conversations(pinned, activity) WHERE deleted_at IS NULL;
CREATE INDEX conversations_listed_by_kind ON conversations(kind, pinned, activity)
    WHERE deleted_at IS NULL;
CREATE INDEX conversations_by_folder ON conversations(folder_id, pinned, activity)
    WHERE folder_id IS NOT NULL;
CREATE INDEX conversations_deleted ON conversations(deleted_at) WHERE deleted_at IS NOT NULL;

CREATE TABLE messages(
    key INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    conversation INTEGER NOT NULL REFERENCES conversations(key) ON DELETE CASCADE,
    parent INTEGER REFERENCES messages(key) ON DELETE CASCADE,
    role TEXT NOT NULL,
    status TEXT NOT NULL,
    model TEXT NOT NULL,
    finish_reason TEXT NOT NULL,
    input_tokens INTEGER,
    output_tokens INTEGER,
    first_token REAL,
    total_seconds REAL,
    error TEXT,
    request_id TEXT NOT NULL,
    created_at REAL NOT NULL
) STRICT;
CREATE INDEX messages_by_conversation ON messages(conversation, parent);
CREATE INDEX messages_by_parent ON messages(parent) WHERE parent IS NOT NULL;
CREATE INDEX messages_streaming ON messages(status) WHERE status = 'streaming';

CREATE TABLE parts(
    message INTEGER NOT NULL REFERENCES messages(key) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    kind TEXT NOT NULL,
    text TEXT NOT NULL,
    rest TEXT NOT NULL DEFAULT '',
    UNIQUE(message, position)
) STRICT;

CREATE TABLE pictures(
    key INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    request TEXT NOT NULL,
    path TEXT NOT NULL UNIQUE,
    sha256 TEXT NOT NULL,
    width INTEGER NOT NULL,
    height INTEGER NOT NULL,
    byte_size INTEGER NOT NULL,
    seconds REAL,
    demo INTEGER NOT NULL,
    favourite INTEGER NOT NULL DEFAULT 0,
    missing INTEGER NOT NULL DEFAULT 0,
    arriving INTEGER NOT NULL DEFAULT 0,
    deleted_at REAL,
    created_at REAL NOT NULL
) STRICT;
CREATE INDEX pictures_favourite ON pictures(key) WHERE favourite = 1;
CREATE INDEX pictures_deleted ON pictures(deleted_at) WHERE deleted_at IS NOT NULL;
CREATE INDEX pictures_arriving ON pictures(key) WHERE arriving = 1;

CREATE TABLE image_jobs(
    key INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    request TEXT NOT NULL,
    origin TEXT NOT NULL,
    status TEXT NOT NULL,
    task_id TEXT NOT NULL,
    result_url TEXT NOT NULL,
    error TEXT NOT NULL,
    position REAL NOT NULL,
    created_at REAL NOT NULL,
    submitted_at REAL
) STRICT;
CREATE INDEX image_jobs_by_status ON image_jobs(status);

CREATE TABLE ledger(
    day TEXT NOT NULL,
    origin TEXT NOT NULL,
    model TEXT NOT NULL,
    calls INTEGER NOT NULL DEFAULT 0,
    input_tokens INTEGER NOT NULL DEFAULT 0,
    output_tokens INTEGER NOT NULL DEFAULT 0,
    pictures INTEGER NOT NULL DEFAULT 0,
    refusals INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY(day, origin, model)
) STRICT, WITHOUT ROWID;

CREATE TABLE catalogue(
    key TEXT PRIMARY KEY,
    content TEXT NOT NULL,
    fetched_at REAL NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE drafts(
    place TEXT PRIMARY KEY,
    content TEXT NOT NULL,
    updated_at REAL NOT NULL
) STRICT, WITHOUT ROWID;

-- Written by ngrams.py: each row is the set of grams of one text, see there.
CREATE VIRTUAL TABLE message_index USING fts5(
    grams, content='', contentless_delete=1, detail=none, tokenize='ascii');
CREATE VIRTUAL TABLE title_index USING fts5(
    grams, content='', contentless_delete=1, detail=none, tokenize='ascii');
CREATE VIRTUAL TABLE picture_index USING fts5(
    grams, content='', contentless_delete=1, detail=none, tokenize='ascii');
"""


_READINGS = """
-- Only where it differs from the source: what is read of a message. See readings.py.
CREATE TABLE readings(
    message INTEGER PRIMARY KEY REFERENCES messages(key) ON DELETE CASCADE,
    text TEXT NOT NULL
) STRICT;
"""


def m001_first_schema(connection: apsw.Connection) -> None:
    """Conversations, pictures, jobs, ledger, caches, drafts and the search indices."""
    connection.execute(_FIRST_SCHEMA)


def m002_readings(connection: apsw.Connection) -> None:
    """A search looks at what is read of a message; the newest ones are read at once."""
    connection.execute(_READINGS)
    if not connection.execute("SELECT EXISTS (SELECT 1 FROM messages)").get:
        return  # a new history
    # Only here: it takes the parser of Markdown, which no ordinary start needs.
    from studio.storage.db.readings import mark_all_unread, read_on

    mark_all_unread(connection)
    read_on(connection)


MIGRATIONS: tuple[Callable[[apsw.Connection], None], ...] = (m001_first_schema, m002_readings)
NEWEST = len(MIGRATIONS)
