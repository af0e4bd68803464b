"""Work reaches the one thread in order, and what was given to be saved is saved."""

from __future__ import annotations

import asyncio
import threading
from contextlib import suppress
from pathlib import Path

import apsw
import pytest

from studio.core.errors import ErrorKind, StudioError
from studio.core.messages import Conversation
from studio.storage.db import connection as sqlite
from studio.storage.db.database import Database
from studio.storage.db.opening import OpeningStep, Place, open_database
from studio.storage.history import conversations, listing


async def test_results_and_errors_come_back_to_the_loop(database: Database) -> None:
    conversation = Conversation(title="kept")
    await database.call(conversations.save_conversation, conversation)
    page = await database.call(listing.list_conversations, limit=5)
    assert [each.title for each in page] == ["kept"]
    with pytest.raises(StudioError) as raised:
        await database.call(lambda connection: connection.execute("SELECT no").get)
    assert raised.value.kind is ErrorKind.STORAGE
    with pytest.raises(ZeroDivisionError):  # a bug stays a bug
        await database.call(lambda connection: 1 // 0)


async def test_a_cancelled_wait_still_saves(database: Database) -> None:
    released = threading.Event()
    blocking = database.call(lambda connection: released.wait(10))
    saving = database.call(conversations.save_conversation, Conversation(title="kept"))
    saving.cancel()
    with pytest.raises(asyncio.CancelledError):
        await saving
    released.set()
    assert await blocking
    page = await database.call(listing.list_conversations)
    assert [each.title for each in page] == ["kept"]


async def test_work_given_before_the_file_is_open_waits(tmp_path: Path) -> None:
    database = Database(tmp_path / "studio.db")
    assert await database.call(listing.list_conversations) == []
    database.close()


async def test_a_database_that_cannot_be_opened_says_so_to_everyone(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file")
    database = Database(tmp_path / "data" / "studio.db")
    for _ in range(2):
        with pytest.raises(StudioError) as raised:
            await database.call(listing.list_conversations)
        assert raised.value.kind is ErrorKind.STORAGE
        assert raised.value.detail
    database.close()


def test_closing_finishes_what_was_given(tmp_path: Path) -> None:
    database = Database.open(tmp_path / "studio.db")

    async def give() -> None:
        for number in range(50):
            database.call(conversations.save_conversation, Conversation(title=f"{number}"))

    asyncio.run(give())
    database.close()
    database.close()
    with pytest.raises(StudioError):
        database.call_sync(listing.list_conversations)
    again = Database.open(tmp_path / "studio.db")
    assert again.call_sync(listing.count_conversations) == 50
    again.close()


def test_everything_runs_on_one_thread(database: Database) -> None:
    def where(connection: apsw.Connection) -> int:
        return threading.get_ident()

    threads = {database.call_sync(where) for _ in range(5)}
    assert len(threads) == 1
    assert threading.get_ident() not in threads


def test_a_transaction_is_all_or_nothing(database: Database) -> None:
    from studio.storage.db.connection import transaction

    def torn(connection: apsw.Connection) -> None:
        with transaction(connection):
            conversations.save_conversation(connection, Conversation(title="first"))
            with transaction(connection):
                conversations.save_conversation(connection, Conversation(title="second"))
            raise RuntimeError("in the middle")

    with pytest.raises(RuntimeError):
        database.call_sync(torn)
    assert database.call_sync(listing.list_conversations) == []
    database.call_sync(conversations.save_conversation, Conversation(title="after"))
    assert database.call_sync(listing.count_conversations) == 1


@pytest.mark.parametrize("name", ["\udcff", "a\0b", "x" * 300, "file/below", "folder"])
def test_a_path_that_no_database_can_have_is_refused_in_words(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").write_bytes(b"in the way")
    (tmp_path / "folder").mkdir()
    database = Database(tmp_path / name)
    with pytest.raises(StudioError) as refused:
        database.wait_open()
    assert refused.value.kind is ErrorKind.STORAGE
    with pytest.raises(StudioError) as later:
        database.call_sync(sqlite.number, "SELECT 1")
    assert later.value.kind is ErrorKind.STORAGE
    database.close()
    with pytest.raises(StudioError):
        database.call_sync(sqlite.number, "SELECT 1")


def test_a_fault_of_ours_while_the_database_is_opened_is_told_like_any_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise LookupError("broken by the test")

    monkeypatch.setattr("studio.storage.db.opening.MIGRATIONS", (broken,))
    database = Database(tmp_path / "studio.db")
    with pytest.raises(StudioError) as refused:
        database.wait_open()
    assert refused.value.detail == "LookupError: broken by the test"
    database.close()


def test_what_takes_long_at_the_opening_is_named(tmp_path: Path) -> None:
    path = tmp_path / "studio.db"
    Database.open(path).close()
    with apsw.Connection(str(path)) as connection:
        connection.execute("PRAGMA user_version = 0")
        connection.execute("PRAGMA writable_schema = RESET")
    stages: list[OpeningStep] = []
    place = Place(path, tmp_path / "backups", tell=stages.append)
    path.with_name("studio.db.open").write_text("{}", encoding="ascii")
    with suppress(StudioError):
        open_database(place)
    assert stages[:3] == [OpeningStep.CHECKING, OpeningStep.BACKING_UP, OpeningStep.MIGRATING]
    damaged = Place(tmp_path / "damaged.db", tell=stages.append)
    damaged.path.write_bytes(b"damaged")
    stages.clear()
    open_database(damaged)[0].close()
    assert stages == [OpeningStep.RESTORING]
