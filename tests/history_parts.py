"""Histories for tests: of a few conversations that one can name, or of very many."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, Concatenate, ParamSpec, TypeVar

import apsw

from studio.core.messages import Conversation, Message, Role, TextPart, new_id
from studio.core.models import Capability
from studio.sessions.history.conversation_list import ConversationList, HistoryRole
from studio.storage.db.connection import transaction
from studio.storage.db.database import Database
from studio.storage.history import conversations
from studio.storage.history.conversations import conversation_row

P = ParamSpec("P")
R = TypeVar("R")
DAY = 86400.0


def keep(
    database: Database,
    title: str,
    *texts: str,
    kind: Capability = Capability.CHAT,
    age: float = 0.0,
    model: str = "o/m",
) -> Conversation:
    """Store a conversation of these messages, or of one that says its title."""
    when = time.time() - age
    made = Conversation(kind=kind, title=title, model=model, created_at=when, updated_at=when)
    parent: str | None = None
    for place, text in enumerate(texts or (title,)):
        role = Role.ASSISTANT if place % 2 else Role.USER
        message = Message(made.id, role, (TextPart(text),), parent, created_at=when)
        database.call_sync(conversations.save_turn, made, message)
        parent = message.id
    return made


def fill(database: Database, count: int, *, age: float = 60 * DAY) -> list[str]:
    """Store very many conversations without messages, in one go; their ids, the oldest first."""
    when = time.time() - age
    made = [
        Conversation(title=f"c{n}", model="o/m", created_at=when, updated_at=when, id=new_id())
        for n in range(count)
    ]

    def insert(connection: apsw.Connection) -> None:
        with transaction(connection):
            connection.executemany(
                "INSERT INTO conversations(id, kind, title, model, door, system_prompt,"
                " parameters, head_id, pinned, created_at, updated_at, activity)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                ((*conversation_row(each), n + 1) for n, each in enumerate(made)),
            )

    database.call_sync(insert)
    return [each.id for each in made]


def lines(rows: ConversationList) -> list[str]:
    """Titles as they are listed; headings of days in [ ], of folders in ( )."""
    shown = []
    for row in range(rows.rowCount()):
        index = rows.index(row, 0)
        group, folder = index.data(HistoryRole.GROUP), index.data(HistoryRole.FOLDER)
        if group is not None:
            shown.append(f"[{group.name}]")
        elif folder is not None:
            shown.append(f"({folder.name} {folder.length})")
        else:
            summary = index.data(HistoryRole.SUMMARY)
            shown.append(summary.title if summary is not None else "…")
    return shown


class CountingDatabase(Database):
    """A real database that notes what it was asked for, and how many rows it answered with."""

    calls: list[tuple[str, int]]

    def submit(
        self,
        function: Callable[Concatenate[apsw.Connection, P], R],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> Future[R]:
        """Have the work done, and note how much came of it."""
        future = super().submit(function, *args, **kwargs)

        def note(done: Future[R]) -> None:
            self.calls.append((function.__name__, _rows_of(done.result())))

        future.add_done_callback(note)
        return future


def _rows_of(answer: Any) -> int:
    pages = getattr(answer, "pages", None)
    if pages is not None:
        return sum(len(page) for page in pages.values())
    return len(answer) if isinstance(answer, list | tuple) else 0
