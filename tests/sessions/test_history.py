"""The list of conversations: order, headings, pages, and what one can do with a line."""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import Qt

from studio.core.messages import Conversation, Message, Role, TextPart
from studio.core.models import Capability
from studio.sessions.history.conversation_list import ConversationList, HistoryRole
from studio.sessions.history.rows import LOOSE, Group, arrange
from studio.sessions.requests.tasks import TaskGroup
from studio.storage.db.database import Database
from studio.storage.history import conversations
from studio.storage.history.listing import PAGE, ConversationSummary
from tests.scripted import until


def keep(
    database: Database, title: str, *, kind: Capability = Capability.CHAT, age: float = 0.0
) -> Conversation:
    """Store a conversation of one question, `age` seconds old."""
    when = time.time() - age
    made = Conversation(kind=kind, title=title, model="o/m", created_at=when, updated_at=when)
    asked = Message(made.id, Role.USER, (TextPart(title),), created_at=when)
    database.call_sync(conversations.save_turn, made, asked)
    return made


def lines(rows: ConversationList) -> list[str]:
    """Titles, and headings in brackets."""
    shown = []
    for row in range(rows.rowCount()):
        index = rows.index(row, 0)
        group = index.data(HistoryRole.GROUP)
        shown.append(f"[{group.name}]" if group else index.data(HistoryRole.SUMMARY).title)
    return shown


@pytest.fixture
def rows(database: Database) -> ConversationList:
    """The chat history."""
    return ConversationList(Capability.CHAT, database, TaskGroup())


async def test_newest_first_with_headings(database: Database, rows: ConversationList) -> None:
    for title, days in (("old", 40), ("yesterday", 1), ("today", 0)):
        keep(database, title, age=days * 86400)
    keep(database, "a picture", kind=Capability.VISION)
    await rows.reload()
    assert lines(rows) == ["[TODAY]", "today", "[YESTERDAY]", "yesterday", "[EARLIER]", "old"]


async def test_pinned_ones_stay_on_top(database: Database, rows: ConversationList) -> None:
    first = keep(database, "first")
    keep(database, "second")
    await rows.reload()
    rows.pin(first.id, True)
    await until(lambda: lines(rows)[0] == "[PINNED]")
    assert lines(rows) == ["[PINNED]", "first", "[TODAY]", "second"]
    rows.pin(first.id, False)
    await until(lambda: lines(rows) == ["[TODAY]", "second", "first"])


async def test_rename_delete_and_undo(database: Database, rows: ConversationList) -> None:
    made = keep(database, "before")
    await rows.reload()
    rows.rename(made.id, "  after  ")
    await until(lambda: lines(rows) == ["[TODAY]", "after"])
    rows.rename(made.id, "   ")
    assert rows.title_of(made.id) == "after"
    rows.delete(made.id)
    await until(lambda: rows.rowCount() == 0)
    rows.restore(made.id)
    await until(lambda: lines(rows) == ["[TODAY]", "after"])


async def test_more_is_read_when_it_is_in_sight(database: Database, rows: ConversationList) -> None:
    for number in range(PAGE + 20):
        keep(database, f"c{number}")
    await rows.reload()
    assert rows.rowCount() == PAGE + 21
    assert len(rows.titles) == PAGE
    assert rows.at(PAGE + 20) is None
    rows.want(PAGE + 5, PAGE + 20)
    await until(lambda: rows.at(PAGE + 20) is not None)
    assert lines(rows)[-1] == "c0"


async def test_headings_cannot_be_chosen(database: Database, rows: ConversationList) -> None:
    keep(database, "one")
    await rows.reload()
    assert rows.flags(rows.index(0, 0)) == Qt.ItemFlag.NoItemFlags
    assert rows.flags(rows.index(1, 0)) & Qt.ItemFlag.ItemIsSelectable


def heading_of(summary: ConversationSummary) -> Group | None:
    """What stands above the only conversation, on 20 March 2026."""
    blocks, _ = arrange((), {LOOSE: 1}, {(LOOSE, 0): (summary,)}, (2026, 3, 20))
    return blocks[0].group


@pytest.mark.parametrize(
    ("days", "group"),
    [(0, Group.TODAY), (1, Group.YESTERDAY), (2, Group.THIS_WEEK), (8, Group.EARLIER)],
)
def test_a_day_has_its_heading(days: int, group: Group) -> None:
    noon = datetime(2026, 3, 20, 12).astimezone()
    then = (noon - timedelta(days=days)).timestamp()
    summary = ConversationSummary("id", Capability.CHAT, "t", "m", False, then)
    assert heading_of(summary) is group


def test_a_clock_that_was_set_back_keeps_new_conversations_under_today(tmp_path: Path) -> None:
    later = datetime(2027, 3, 20, 12).astimezone().timestamp()
    summary = ConversationSummary("id", Capability.CHAT, "t", "m", False, later)
    assert heading_of(summary) is Group.TODAY
