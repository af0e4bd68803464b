"""Backups are made while one works, read back before they count, and never thrown away at once."""

from __future__ import annotations

import hashlib
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from studio.core.errors import ErrorKind, StudioError
from studio.core.messages import Conversation, Message, Role, TextPart
from studio.storage import backups, conversations, listing, messages
from studio.storage.database import Database
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
