"""The trash: what is in it, until when, and both ways out."""

from __future__ import annotations

import time

import pytest
from PySide6.QtCore import QModelIndex

from studio.core.models import Capability
from studio.sessions.history.trash import PAGE, TrashList
from studio.sessions.requests.tasks import TaskGroup
from studio.storage.db.database import Database
from studio.storage.history import conversations, listing
from tests.history_parts import DAY, fill, keep
from tests.scripted import until


@pytest.fixture
def trash(database: Database) -> TrashList:
    """The trash of a database."""
    return TrashList(database, TaskGroup())


def titles(trash: TrashList) -> list[str]:
    """What is in it, from the top."""
    return [trash.at(row).title for row in range(trash.rowCount())]


async def read(trash: TrashList) -> None:
    """Read it anew."""
    trash.is_loaded = False
    trash.refresh()
    await until(lambda: trash.is_loaded)


async def test_it_holds_every_kind_and_says_how_long(database: Database, trash: TrashList) -> None:
    made = [keep(database, "a"), keep(database, "b", kind=Capability.VISION)]
    for each in made:
        database.call_sync(conversations.delete, [each.id])
    await read(trash)
    assert titles(trash) == ["b", "a"]
    now = time.time()
    assert [trash.days_left(0, now + days * DAY) for days in (0, 0.9, 1.1, 29.5, 31)] == [
        *(30, 30, 29),
        *(1, 0),
    ]


async def test_what_is_restored_is_back_and_told(database: Database, trash: TrashList) -> None:
    made = [keep(database, "a"), keep(database, "b")]
    database.call_sync(conversations.delete, [each.id for each in made])
    await read(trash)
    told: list[bool] = []
    trash.restored.connect(lambda: told.append(True))
    trash.restore([made[0].id])
    await until(lambda: titles(trash) == ["b"])
    assert told == [True]
    assert [each.title for each in database.call_sync(listing.list_conversations)] == ["a"]


async def test_what_is_deleted_for_good_is_gone(database: Database, trash: TrashList) -> None:
    made = [keep(database, f"{n}") for n in range(50)]
    database.call_sync(conversations.delete, [each.id for each in made])
    await read(trash)
    trash.delete_for_good([each.id for each in made[:30]])
    await until(lambda: trash.rowCount() == 20)
    trash.empty()
    await until(lambda: trash.rowCount() == 0)
    assert database.call_sync(conversations.load_conversation, made[0].id) is None


async def test_a_full_trash_is_read_in_pages(database: Database, trash: TrashList) -> None:
    ids = fill(database, PAGE + 20)
    database.call_sync(conversations.delete, ids)
    await read(trash)
    assert trash.rowCount() == PAGE
    trash.fetchMore(QModelIndex())
    await until(lambda: trash.rowCount() == PAGE + 20)
    assert not trash.canFetchMore(QModelIndex())
    assert len(set(titles(trash))) == PAGE + 20
