"""What can still be read of a damaged file finds its way back, and nothing else is changed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import apsw
import pytest

from studio.core.errors import StudioError
from studio.core.images import GeneratedImage, ImageJob, ImageRequest, JobStatus
from studio.core.messages import Conversation, Message, MessageStatus, Role, TextPart
from studio.storage.db import opening
from studio.storage.db.database import Database
from studio.storage.history import conversations, listing, messages, search
from studio.storage.maintenance.salvage import salvage
from studio.storage.pictures import jobs, library_rows

REQUEST = ImageRequest("m", "猫")


def talk(database: Database, numbers: range) -> None:
    for number in numbers:
        conversation = Conversation(title=f"talk {number}")
        database.call_sync(conversations.save_conversation, conversation)
        question = Message(conversation.id, Role.USER, (TextPart(f"question {number} " * 20),))
        answer = Message(
            conversation.id, Role.ASSISTANT, (TextPart(f"answer {number} 秋天 " * 30),), question.id
        )
        for each in (question, answer):
            database.call_sync(messages.save_message, each)


def titles(database: Database) -> list[str]:
    return [each.title for each in database.call_sync(listing.list_conversations, limit=1000)]


def spoil(path: Path, table: str) -> None:
    """Overwrite one page in the middle of a table."""
    connection = apsw.Connection(str(path))
    sql = "SELECT pageno FROM dbstat WHERE name = ? AND pagetype = 'leaf' ORDER BY path"
    pages = [int(str(row[0])) for row in connection.execute(sql, (table,))]
    connection.close()
    content = bytearray(path.read_bytes())
    page = pages[len(pages) // 2]
    content[4096 * (page - 1) : 4096 * page] = b"\xaa" * 4096
    path.write_bytes(content)


def damaged_one(folder: Path, table: str, *, with_backup: bool) -> Path:
    path = folder / "studio.db"
    database = Database.open(path, backup_folder=folder / "backups")
    talk(database, range(20))
    if with_backup:
        database.back_up()
    talk(database, range(20, 60))
    image = GeneratedImage(REQUEST, "1.png", "ab" * 32, 1, 1, 1)
    database.call_sync(library_rows.add_picture, image)
    job = ImageJob(REQUEST, "https://h", JobStatus.PENDING, "t-1")
    database.call_sync(jobs.save_job, job)
    database.close()
    spoil(path, table)
    path.with_name("studio.db.open").write_text('{"sessions": [], "closing": false}')
    return path


@pytest.mark.parametrize("with_backup", [True, False])
@pytest.mark.parametrize("table", ["messages", "parts", "conversations"])
def test_what_can_be_read_comes_back(tmp_path: Path, table: str, with_backup: bool) -> None:
    path = damaged_one(tmp_path, table, with_backup=with_backup)
    database = Database.open(path, backup_folder=tmp_path / "backups")
    report = database.wait_open()
    wanted = opening.DatabaseState.RESTORED if with_backup else opening.DatabaseState.EMPTIED
    assert report.state is wanted
    assert len(titles(database)) == (20 if with_backup else 0)
    found = salvage(database, report.kept_aside[0])
    assert not found.whole
    assert found.pictures == 1
    back = titles(database)
    whole = [f"talk {number}" for number in range(60)]
    if table == "conversations":
        # The messages of a conversation that is lost come back in one named after them.
        assert len(back) == 60
        assert sum(title.startswith("question") for title in back) == 60 - len({*back} & {*whole})
    else:
        assert set(back) >= set(whole)
        assert len(back) <= 61  # texts whose messages are lost come back in one of their own
    hits = database.call_sync(search.search_messages, "秋天", limit=100).hits
    assert len(hits) == 60 if table != "parts" else len(hits) >= 50
    again = salvage(database, report.kept_aside[0])
    assert (again.conversations, again.messages, again.pictures) == (0, 0, 0)
    assert [job.task_id for job in database.call_sync(jobs.load_jobs)] == ["t-1"]
    assert len(database.call_sync(library_rows.list_pictures)) == 1
    database.close()


def test_nothing_that_is_there_is_changed(tmp_path: Path) -> None:
    path = damaged_one(tmp_path, "parts", with_backup=True)
    database = Database.open(path, backup_folder=tmp_path / "backups")
    first = database.call_sync(listing.list_conversations)[0]
    database.call_sync(conversations.rename, first.id, "renamed since")
    before = database.call_sync(messages.load_all, first.id)
    salvage(database, database.wait_open().kept_aside[0])
    loaded = database.call_sync(conversations.load_conversation, first.id)
    assert loaded is not None
    assert loaded.title == "renamed since"
    assert database.call_sync(messages.load_all, first.id) == before
    database.close()


def test_a_sound_file_is_taken_over_whole(tmp_path: Path) -> None:
    (tmp_path / "old").mkdir()
    old = Database.open(tmp_path / "old" / "studio.db")
    talk(old, range(3))
    newest = old.call_sync(listing.list_conversations)[0]
    path = old.call_sync(conversations.open_conversation, newest.id)
    assert path is not None
    answer = replace(
        path[1][-1], id="f" * 32, status=MessageStatus.STREAMING, parts=(TextPart("half"),)
    )
    old.call_sync(messages.save_message, answer)
    old.call_sync(conversations.delete, [old.call_sync(listing.list_conversations)[-1].id])
    old.close()
    database = Database.open(tmp_path / "studio.db")
    found = salvage(database, tmp_path / "old" / "studio.db")
    assert found.whole
    assert (found.conversations, found.messages) == (3, 7)
    assert titles(database) == ["talk 2", "talk 1"]
    assert len(database.call_sync(conversations.list_trash)) == 1
    cut = database.call_sync(messages.load_message, answer.id)
    assert cut is not None
    assert cut.status is MessageStatus.INTERRUPTED
    taken = database.call_sync(conversations.open_conversation, newest.id)
    assert taken is not None
    assert [each.id for each in taken[1]] == [path[1][0].id, answer.id]
    database.close()


@pytest.mark.parametrize("content", [b"", b"no database", b"SQLite format 3\x00" + b"\x00" * 9000])
def test_a_file_that_cannot_be_read_gives_nothing(
    database: Database, tmp_path: Path, content: bytes
) -> None:
    (tmp_path / "damaged").write_bytes(content)
    found = salvage(database, tmp_path / "damaged")
    assert (found.messages, found.whole) == (0, False)
    assert salvage(database, tmp_path / "gone").messages == 0
    assert (tmp_path / "damaged").read_bytes() == content


def test_a_backup_is_put_back_and_the_present_file_kept(tmp_path: Path) -> None:
    path = tmp_path / "studio.db"
    database = Database.open(path, backup_folder=tmp_path / "backups")
    talk(database, range(2))
    backup = database.back_up()
    talk(database, range(2, 4))
    database.close()
    present = path.read_bytes()
    kept = opening.restore(path, backup)
    assert kept[0].read_bytes() == present
    assert ".replaced-" in kept[0].name
    database = Database.open(path, backup_folder=tmp_path / "backups")
    assert database.wait_open().state is opening.DatabaseState.GOOD
    assert sorted(titles(database)) == ["talk 0", "talk 1"]
    database.close()
    assert backup.exists()


def test_a_bad_backup_is_not_put_back(tmp_path: Path) -> None:
    path = tmp_path / "studio.db"
    Database.open(path).close()
    before = path.read_bytes()
    (tmp_path / "bad.db").write_bytes(before[:5000])
    for bad in ("bad.db", "gone.db"):
        with pytest.raises(StudioError):
            opening.restore(path, tmp_path / bad)
    assert path.read_bytes() == before
    assert sorted(each.name for each in tmp_path.iterdir()) == ["bad.db", "studio.db"]
