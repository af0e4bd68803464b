"""Backups are made while one works, read back before they count, and never thrown away at once."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import apsw
import pytest

from studio.core.errors import ErrorKind, StudioError
from studio.core.messages import Conversation, Message, Role, TextPart
from studio.core.transfer.common import TransferCancelled, Watch
from studio.storage.db import backups
from studio.storage.db.database import Database
from studio.storage.history import conversations, listing, messages
from tests.unit.storage.content import content_of

NOON = time.mktime((2026, 11, 24, 12, 0, 0, 0, 0, -1))
DAY = 86400


def begin(database: Database) -> Conversation:
    conversation = Conversation(title="kept")
    database.call_sync(conversations.save_conversation, conversation)
    return conversation


def test_a_copy_made_while_writing_is_whole(database: Database, tmp_path: Path) -> None:
    conversation = begin(database)
    first = Message(conversation.id, Role.USER, (TextPart("before"),))
    database.call_sync(messages.save_message, first)
    written = 0
    with ThreadPoolExecutor(1) as worker:
        copying = worker.submit(lambda: [database.back_up("daily") for _ in range(5)])
        while not copying.done():
            message = Message(conversation.id, Role.USER, (TextPart(f"word {written}"),), first.id)
            database.call_sync(messages.save_message, message)
            written += 1
    assert written > 0
    for path in set(copying.result()) & set(tmp_path.glob("backups/*")):
        copy = Database.open(tmp_path / path.stem / "copy.db")
        copy.close()
        copy.path.write_bytes(path.read_bytes())
        copy = Database.open(copy.path)
        page = copy.call_sync(listing.list_conversations)
        saved = copy.call_sync(messages.load_all, conversation.id)
        copy.close()
        assert [each.title for each in page] == ["kept"]
        assert saved[0] == first
    assert len(database.call_sync(messages.load_all, conversation.id)) == written + 1


def test_a_copy_holds_the_same(database: Database, tmp_path: Path) -> None:
    begin(database)
    path = database.back_up()
    copy = tmp_path / "restored" / "studio.db"
    copy.parent.mkdir()
    copy.write_bytes(path.read_bytes())
    restored = Database.open(copy)
    assert restored.call_sync(content_of) == database.call_sync(content_of)
    restored.close()
    assert [each.name for each in path.parent.iterdir()] == [path.name]


def test_one_copy_a_day_is_made_by_itself(database: Database) -> None:
    begin(database)
    assert database.back_up_daily() is not None
    assert database.back_up_daily() is None


def test_without_a_place_it_is_told(tmp_path: Path) -> None:
    (tmp_path / "backups").write_text("a file")
    database = Database.open(tmp_path / "studio.db", backup_folder=tmp_path / "backups")
    with pytest.raises(StudioError) as raised:
        database.back_up()
    database.close()
    assert raised.value.kind is ErrorKind.STORAGE
    nowhere = Database.open(tmp_path / "other.db")
    with pytest.raises(StudioError):
        nowhere.back_up()
    assert nowhere.back_up_daily() is None
    nowhere.close()


def fill(database: Database, folder: Path, days: dict[int, str]) -> None:
    """A copy with the label for each day from NOON on."""
    for day, label in days.items():
        backups.back_up(database.path, folder, label=label, now=NOON + day * DAY)


def test_seven_days_four_weeks_and_one_a_version_are_kept(
    database: Database, tmp_path: Path
) -> None:
    begin(database)
    folder = tmp_path / "copies"
    fill(database, folder, dict.fromkeys(range(60), "daily"))
    fill(database, folder, {1: "before-v2", 2: "before-v2", 3: "before-v3", 4: "manual"})
    backups.rotate(folder)
    left = backups.list_backups(folder)
    daily = [each for each in left if each.label == "daily"]
    newest_week = {each.day for each in daily[:7]}
    assert len(newest_week) == 7
    assert len({each.week for each in daily}) == 4
    assert len(daily) <= 7 + 4
    assert sorted(each.label for each in left if each.label != "daily") == [
        "before-v2",
        "before-v3",
        "manual",
    ]
    assert [each.day for each in left if each.label == "before-v2"] == ["2026-11-26"]
    assert backups.rotate(folder) == []


def test_of_several_copies_in_one_second_the_last_is_kept(
    database: Database, tmp_path: Path
) -> None:
    conversation = begin(database)
    folder = tmp_path / "copies"
    for number in range(12):
        message = Message(conversation.id, Role.USER, (TextPart(f"word {number}"),))
        database.call_sync(messages.save_message, message)
        last = backups.back_up(database.path, folder, label="daily", now=NOON)
        assert backups.list_backups(folder)[0].path == last
        if number % 3 == 2:
            assert len(backups.rotate(folder)) >= 2
            assert [each.path for each in backups.list_backups(folder)] == [last]


def test_the_only_good_copy_is_never_removed(database: Database, tmp_path: Path) -> None:
    begin(database)
    folder = tmp_path / "copies"
    fill(database, folder, dict.fromkeys(range(40), "daily"))
    found = backups.list_backups(folder)
    good = found[-1]
    for each in found[:-1]:
        each.path.write_bytes(b"spoilt")
    assert backups.rotate(folder) == []
    assert good.path.exists()
    assert [each.path for each in backups.good_backups(folder)] == [good.path]


def test_foreign_files_among_them_are_left_alone(database: Database, tmp_path: Path) -> None:
    begin(database)
    folder = tmp_path / "copies"
    fill(database, folder, dict.fromkeys(range(40), "daily"))
    (folder / "notes.txt").write_text("mine")
    (folder / "studio-2020-01-01_000000-daily.db-old").write_text("mine")
    backups.rotate(folder)
    assert (folder / "notes.txt").exists()
    assert (folder / "studio-2020-01-01_000000-daily.db-old").exists()


def test_a_copy_does_not_change_the_original(tmp_path: Path) -> None:
    database = Database.open(tmp_path / "studio.db")
    begin(database)
    database.close()
    before = hashlib.sha256((tmp_path / "studio.db").read_bytes()).hexdigest()
    backups.back_up(tmp_path / "studio.db", tmp_path / "backups", label="daily")
    assert hashlib.sha256((tmp_path / "studio.db").read_bytes()).hexdigest() == before


def long_history(database: Database, count: int = 1200) -> Conversation:
    """Some megabytes, so that a copy takes several steps."""
    conversation = begin(database)
    text = (TextPart("a long sentence of many words " * 400),)

    def fill(connection: apsw.Connection) -> None:
        with connection:
            for _ in range(count):
                messages.save_message(connection, Message(conversation.id, Role.USER, text))

    database.call_sync(fill)
    return conversation


def test_a_copy_in_steps_shows_one_moment_and_how_far_it_is(
    database: Database, tmp_path: Path
) -> None:
    conversation = long_history(database)
    before = len(database.call_sync(messages.load_all, conversation.id))
    seen: list[tuple[int, int]] = []

    def write_meanwhile(done: int, total: int) -> None:
        seen.append((done, total))
        late = Message(conversation.id, Role.USER, (TextPart("written meanwhile"),))
        database.call_sync(messages.save_message, late)

    path = database.back_up(watch=Watch(write_meanwhile))
    assert len(seen) > 1
    assert [done for done, _ in seen] == sorted(done for done, _ in seen), "never begun anew"
    copy = tmp_path / "copy" / "studio.db"
    copy.parent.mkdir()
    copy.write_bytes(path.read_bytes())
    opened = Database.open(copy)
    assert len(opened.call_sync(messages.load_all, conversation.id)) == before
    opened.close()


def test_a_copy_that_is_cancelled_anywhere_leaves_nothing(
    database: Database, tmp_path: Path
) -> None:
    long_history(database)
    folder = tmp_path / "backups"
    cancelled = 0
    for at in range(1000):
        asked = iter(range(at))
        try:
            database.back_up(watch=Watch(cancelled=partial(_is_over, asked)))
        except TransferCancelled:
            cancelled += 1
            assert list(folder.iterdir()) == []
        else:
            break
    assert cancelled > 3, "also while the copy is checked"
    assert len(list(folder.iterdir())) == 1


def _is_over(asked: Iterator[int]) -> bool:
    return next(asked, None) is None


def test_the_last_three_before_a_restore_stay(database: Database) -> None:
    begin(database)
    folder = database.path.parent / "kept"
    for day in range(5):
        now = NOON + day * DAY
        backups.back_up(database.path, folder, label=backups.BEFORE_RESTORE, now=now)
    backups.rotate(folder)
    assert [each.day for each in backups.list_backups(folder)] == [
        "2026-11-28",
        "2026-11-27",
        "2026-11-26",
    ]


def test_a_copy_says_how_many_conversations_it_holds(database: Database, tmp_path: Path) -> None:
    begin(database)
    gone = begin(database)
    database.call_sync(conversations.delete, [gone.id])
    path = database.back_up()
    assert backups.conversations_in(path) == 1
    path.write_bytes(b"not a database")
    assert backups.conversations_in(path) is None
    assert backups.conversations_in(tmp_path / "nowhere.db") is None
