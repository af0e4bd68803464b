"""Searching the history while one types: what is found, in which order, and more of it."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QModelIndex

from studio.core.messages import Role
from studio.core.models import Capability
from studio.sessions.history.search import FoundList, Order
from studio.sessions.requests.tasks import TaskGroup
from studio.storage.db.database import Database
from studio.storage.history import conversations, folders, messages
from studio.storage.history.layout import Scope
from tests.history_parts import keep
from tests.scripted import until

CHAT = Scope(Capability.CHAT)


@pytest.fixture
def tasks() -> TaskGroup:
    """The tasks of the search."""
    return TaskGroup()


@pytest.fixture
def found(database: Database, tasks: TaskGroup) -> FoundList:
    """A search that found nothing yet."""
    return FoundList(database, tasks)


def titles(found: FoundList) -> list[str]:
    """What is found, from the top."""
    return [found.at(row).summary.title for row in range(found.rowCount())]


async def ask(found: FoundList, text: str, scope: Scope = CHAT) -> list[str]:
    """Search, and wait for the answer."""
    found.look_for(text, scope)
    await until(lambda: found.is_answered)
    return titles(found)


async def test_a_hit_says_where_it_is(database: Database, found: FoundList) -> None:
    long = "前言。" * 40
    made = keep(database, "排序", "写一下快排", f"{long}不用自己写快排，sorted() 就够了")
    assert await ask(found, "快排") == ["排序"]
    (row,) = [found.at(0)]
    assert row.hit is not None
    assert row.hit.conversation_id == made.id
    message = database.call_sync(messages.load_message, row.hit.message_id)
    assert message is not None
    assert message.role is Role.ASSISTANT, "the newest message that matches"
    assert message.text[row.hit.at : row.hit.at + row.hit.length] == "快排"
    start, end = row.marks[0]
    assert row.excerpt[start:end] == "快排"
    assert row.count == 2


async def test_a_title_is_marked_and_stands_before_what_was_only_said(
    database: Database, found: FoundList
) -> None:
    keep(database, "面试题：快排", "先问好")
    keep(database, "别的", "快排", "快排", "快排")
    assert await ask(found, "快排") == ["面试题：快排", "别的"]
    title = found.at(0)
    assert [title.summary.title[start:end] for start, end in title.title_marks] == ["快排"]
    assert title.hit is None
    assert title.excerpt == "先问好", "the beginning stands for a hit"
    found.set_order(Order.NEWEST)
    await until(lambda: titles(found) == ["别的", "面试题：快排"])


async def test_quotes_or_and_minus(database: Database, found: FoundList) -> None:
    for title in ("autumn poem", "poem of autumn", "spring poem"):
        keep(database, title)
    assert await ask(found, '"autumn poem"') == ["autumn poem"]
    assert await ask(found, "poem -autumn") == ["spring poem"]
    assert set(await ask(found, "spring OR of")) == {"spring poem", "poem of autumn"}


async def test_only_the_last_of_what_is_typed_is_looked_for(
    database: Database, found: FoundList, tasks: TaskGroup
) -> None:
    keep(database, "abcdef")
    answers: list[list[str]] = []
    found.answered.connect(lambda: answers.append(titles(found)))
    for length in range(1, 7):
        found.look_for("abcdef"[:length], CHAT)
        assert tasks.count <= 1
    await until(lambda: found.is_answered)
    assert answers == [["abcdef"]]
    found.look_for("", CHAT)
    assert titles(found) == []


async def test_more_is_found_when_one_scrolls_and_nothing_twice(
    database: Database, found: FoundList, tasks: TaskGroup
) -> None:
    for number in range(130):
        keep(database, f"t{number}", f"needle {number}")
    first = await ask(found, "needle")
    assert 0 < len(first) < 130
    complete = [found.is_complete]
    while found.canFetchMore(QModelIndex()):
        found.fetchMore(QModelIndex())
        await until(lambda: tasks.count == 0)
    assert [*complete, found.is_complete] == [False, True]
    assert titles(found)[: len(first)] == first
    assert sorted(titles(found)) == sorted(f"t{n}" for n in range(130))


async def test_a_search_is_limited_to_kind_model_and_folder(
    database: Database, found: FoundList
) -> None:
    keep(database, "chat needle", model="x/one")
    inside = keep(database, "inside needle", model="x/two")
    keep(database, "vision needle", kind=Capability.VISION)
    database.call_sync(folders.create_folder, "f", "Home")
    database.call_sync(folders.move_to_folder, [inside.id], "f")
    assert set(await ask(found, "needle")) == {"chat needle", "inside needle"}
    assert await ask(found, "needle", CHAT._replace(model="x/one")) == ["chat needle"]
    assert await ask(found, "needle", CHAT._replace(folder_id="f")) == ["inside needle"]
    assert len(await ask(found, "needle", Scope())) == 3


async def test_what_was_deleted_is_dropped_and_comes_back_when_it_is_restored(
    database: Database, found: FoundList
) -> None:
    made = [keep(database, f"needle {n}") for n in range(3)]
    await ask(found, "needle")
    database.call_sync(conversations.delete, [made[1].id])
    found.drop([made[1].id])
    assert titles(found) == ["needle 2", "needle 0"]
    database.call_sync(conversations.restore, [made[1].id])
    found.search_again()
    await until(lambda: len(titles(found)) == 3)


async def test_a_search_that_fails_is_told_and_the_next_one_works(
    database: Database, found: FoundList, tasks: TaskGroup
) -> None:
    keep(database, "needle")
    told: list[object] = []
    tasks.failed.connect(told.append)
    database.call_sync(lambda c: c.execute("ALTER TABLE title_index RENAME TO elsewhere").get)
    found.look_for("needle", CHAT)
    await until(lambda: bool(told))
    database.call_sync(lambda c: c.execute("ALTER TABLE elsewhere RENAME TO title_index").get)
    assert await ask(found, "needl") == ["needle"]
