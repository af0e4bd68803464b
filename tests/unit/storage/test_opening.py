"""Whatever state the file is in: it is opened, or kept aside, never overwritten in silence."""

from __future__ import annotations

import hashlib
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import apsw
import pytest

from studio.core.errors import ErrorKind, StudioError
from studio.core.messages import Conversation, Message, MessageStatus, Role, TextPart
from studio.storage.db import connection as sqlite
from studio.storage.db.backups import list_backups
from studio.storage.db.database import Database
from studio.storage.db.migrations import NEWEST
from studio.storage.db.opening import DatabaseState, OpenReport
from studio.storage.history import conversations, listing, messages


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def fill(database: Database, count: int = 30) -> Conversation:
    conversation = Conversation(title="kept")
    database.call_sync(conversations.save_conversation, conversation)
    parent = None
    for index in range(count):
        text = f"word {index} " + random.Random(index).randbytes(400).hex()
        message = Message(conversation.id, Role.USER, (TextPart(text),), parent)
        database.call_sync(messages.save_message, message)
        parent = message.id
    return conversation


def filled(path: Path, *, with_backup: bool = True) -> Conversation:
    database = Database.open(path, backup_folder=path.parent / "backups")
    conversation = fill(database)
    if with_backup:
        database.back_up()
    database.close()
    return conversation


def opened(path: Path) -> tuple[OpenReport, list[str]]:
    database = Database.open(path, backup_folder=path.parent / "backups")
    try:
        titles = [each.title for each in database.call_sync(listing.list_conversations)]
        return database.wait_open(), titles
    finally:
        database.close()


def crash(path: Path, target: Path, *, work: Callable[[Database], None] | None = None) -> Path:
    """The files as a killed program leaves them: a copy made while the database is open."""
    database = Database.open(path, backup_folder=path.parent / "backups")
    database.wait_open()
    database.call_sync(lambda _: None)  # what the opening does last is done before this
    if work is not None:
        work(database)
    target.mkdir()
    for each in path.parent.iterdir():
        if each.is_file():
            shutil.copy(each, target / each.name)
    database.close()
    return target / path.name


def test_a_clean_exit_leaves_one_file(tmp_path: Path) -> None:
    filled(tmp_path / "studio.db", with_backup=False)
    assert [each.name for each in tmp_path.iterdir()] == ["studio.db"]
    report, titles = opened(tmp_path / "studio.db")
    assert report == OpenReport(DatabaseState.GOOD)
    assert titles == ["kept"]


def test_the_settings_that_keep_data_safe_are_on(tmp_path: Path) -> None:
    database = Database.open(tmp_path / "studio.db")
    names = ("journal_mode", "synchronous", "foreign_keys", "trusted_schema", "busy_timeout")
    more = ("cell_size_check", "journal_size_limit", "application_id", "user_version")

    def read(connection: apsw.Connection) -> dict[str, object]:
        return {name: connection.pragma(name) for name in names + more}

    values = database.call_sync(read)
    database.close()
    assert values == {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "trusted_schema": 0,
        "busy_timeout": 5000,
        "cell_size_check": 1,
        "journal_size_limit": 64 * 1024 * 1024,
        "application_id": sqlite.APPLICATION_ID,
        "user_version": NEWEST,
    }


def test_an_unsound_sqlite_is_refused() -> None:
    sqlite.require_sound_sqlite()
    for version in ("3.40.1", "3.51.2"):
        with pytest.raises(StudioError, match="storage") as raised:
            sqlite.require_sound_sqlite(version)
        assert version in raised.value.detail
    sqlite.require_sound_sqlite("3.51.3")
    sqlite.require_sound_sqlite("4.0.0")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x00",
        b"x" * 100,
        b"This is a text and no database. " * 1000,
        b"SQLite format 3\x00",
        b"SQLite format 3\x00" + b"\x00" * 4080,
    ],
)
@pytest.mark.parametrize("with_backup", [True, False])
def test_what_is_no_database_is_kept_aside(
    tmp_path: Path, content: bytes, with_backup: bool
) -> None:
    path = tmp_path / "studio.db"
    filled(path, with_backup=with_backup)
    path.write_bytes(content)
    report, titles = opened(path)
    assert report.state is (DatabaseState.RESTORED if with_backup else DatabaseState.EMPTIED)
    assert titles == (["kept"] if with_backup else [])
    assert (report.backup is not None) == with_backup
    assert report.kept_aside[0].name.startswith("studio.db.damaged-")
    assert report.kept_aside[0].read_bytes() == content
    assert report.damage
    assert opened(path)[0].state is DatabaseState.GOOD


@pytest.mark.parametrize("keep", [1, 100, 4096, 0.5, 0.9])
def test_a_truncated_file_is_kept_aside(tmp_path: Path, keep: float) -> None:
    path = tmp_path / "studio.db"
    filled(path)
    whole = path.read_bytes()
    cut = whole[: int(keep if keep >= 1 else len(whole) * keep)]
    path.write_bytes(cut)
    report, titles = opened(path)
    assert report.state is DatabaseState.RESTORED
    assert report.kept_aside[0].read_bytes() == cut
    assert titles == ["kept"]


def test_an_emptied_file_keeps_its_log(tmp_path: Path) -> None:
    path = crash(self_made := tmp_path / "studio.db", tmp_path / "crashed", work=fill_more)
    assert self_made.exists()
    log = path.with_name("studio.db-wal").read_bytes()
    assert log
    path.write_bytes(b"")
    report, titles = opened(path)
    assert report.state is DatabaseState.EMPTIED
    assert [each.name[-4:] for each in report.kept_aside][:2][1] == "-wal"
    assert report.kept_aside[1].read_bytes() == log
    assert titles == []


def fill_more(database: Database) -> None:
    fill(database)


def test_a_missing_file_is_restored_from_its_backup(tmp_path: Path) -> None:
    path = tmp_path / "studio.db"
    filled(path)
    path.unlink()
    report, titles = opened(path)
    assert report.state is DatabaseState.RESTORED
    assert titles == ["kept"]


def test_a_database_of_another_program_is_kept_aside(tmp_path: Path) -> None:
    path = tmp_path / "studio.db"
    other = sqlite3.connect(path)
    other.execute("CREATE TABLE theirs(a)")
    other.commit()
    other.close()
    before = digest(path)
    report, _ = opened(path)
    assert report.state is DatabaseState.EMPTIED
    assert digest(report.kept_aside[0]) == before


def test_flipped_bytes_are_found_after_an_unclean_exit(tmp_path: Path) -> None:
    path = tmp_path / "studio.db"
    filled(path)
    found = 0
    for seed in range(12):
        folder = tmp_path / f"crashed-{seed}"
        broken = crash(path, folder)
        shutil.copytree(tmp_path / "backups", folder / "backups")
        content = bytearray(broken.read_bytes())
        numbers = random.Random(seed)
        start = 4096 * numbers.randrange(len(content) // 4096)
        content[start : start + 4096] = numbers.randbytes(4096)
        broken.write_bytes(content)
        report, titles = opened(broken)
        assert titles == ["kept"]
        if report.state is DatabaseState.RESTORED:
            found += 1
            assert report.kept_aside[0].read_bytes() == bytes(content)
        else:
            assert report.state is DatabaseState.GOOD  # a free page: nothing was lost
    assert found >= 10


def test_damage_met_while_working_is_repaired_at_the_next_start(tmp_path: Path) -> None:
    path = tmp_path / "studio.db"
    conversation = filled(path)
    connection = apsw.Connection(str(path))
    root = connection.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'parts'").get
    connection.close()
    content = bytearray(path.read_bytes())
    content[4096 * (root - 1) : 4096 * root] = b"\x55" * 4096
    path.write_bytes(content)
    database = Database.open(path, backup_folder=tmp_path / "backups")
    assert database.wait_open().state is DatabaseState.GOOD  # a clean exit: nothing was checked
    with pytest.raises(StudioError) as raised:
        database.call_sync(conversations.open_conversation, conversation.id)
    assert raised.value.kind is ErrorKind.STORAGE
    with pytest.raises(StudioError):
        database.back_up()
    database.close()
    report, titles = opened(path)
    assert report.state is DatabaseState.RESTORED
    assert report.kept_aside[0].read_bytes() == bytes(content)
    assert titles == ["kept"]


def test_words_in_the_log_survive_a_crash(tmp_path: Path) -> None:
    path = crash(tmp_path / "studio.db", tmp_path / "crashed", work=fill_more)
    report, titles = opened(path)
    assert report.state is DatabaseState.GOOD
    assert report.unclean
    assert not report.log_lost
    assert titles == ["kept"]


def test_a_log_that_vanished_is_told(tmp_path: Path) -> None:
    path = crash(tmp_path / "studio.db", tmp_path / "crashed", work=fill_more)
    path.with_name("studio.db-wal").unlink()
    report, titles = opened(path)
    assert report.state is DatabaseState.GOOD
    assert report.log_lost
    assert titles == []
    assert not opened(path)[0].log_lost


def test_a_log_of_another_database_is_not_taken_for_ours(tmp_path: Path) -> None:
    (tmp_path / "ours").mkdir()
    (tmp_path / "theirs").mkdir()
    filled(tmp_path / "ours" / "studio.db")
    ours = crash(tmp_path / "ours" / "studio.db", tmp_path / "crashed-ours")
    shutil.copytree(tmp_path / "ours" / "backups", tmp_path / "crashed-ours" / "backups")
    theirs = crash(tmp_path / "theirs" / "studio.db", tmp_path / "crashed-theirs", work=fill_more)
    before = digest(ours)
    shutil.copy(theirs.with_name("studio.db-wal"), ours.with_name("studio.db-wal"))
    report, titles = opened(ours)
    assert report.state is DatabaseState.RESTORED
    assert digest(report.kept_aside[0]) == before
    assert titles == ["kept"]


def test_answers_cut_by_a_crash_become_interrupted(tmp_path: Path) -> None:
    answers: list[Message] = []

    def stream(database: Database) -> None:
        conversation = fill(database)
        answer = Message(
            conversation.id,
            Role.ASSISTANT,
            (TextPart("half an ans"),),
            status=MessageStatus.STREAMING,
        )
        database.call_sync(messages.save_message, answer)
        answers.append(answer)

    path = crash(tmp_path / "studio.db", tmp_path / "crashed", work=stream)
    database = Database.open(path)
    assert database.wait_open().interrupted == 1
    loaded = database.call_sync(messages.load_message, answers[0].id)
    database.close()
    assert loaded is not None
    assert loaded.status is MessageStatus.INTERRUPTED
    assert loaded.text == "half an ans"
    assert loaded.error is not None
    assert loaded.error.kind is ErrorKind.PROGRAM_ENDED


@pytest.mark.parametrize("crashed", [False, True])
def test_a_newer_file_is_only_read(tmp_path: Path, crashed: bool) -> None:
    path = tmp_path / "studio.db"
    conversation = filled(path)

    def raise_version(database: Database) -> None:
        database.call_sync(lambda connection: connection.pragma("user_version", NEWEST + 1))

    if crashed:
        path = crash(path, tmp_path / "crashed", work=raise_version)
    else:
        database = Database.open(path)
        raise_version(database)
        database.close()
    watched = [each for each in path.parent.glob("studio.db*") if not each.name.endswith("-shm")]
    before = {each: digest(each) for each in watched}
    database = Database.open(path)
    assert database.wait_open().state is DatabaseState.NEWER
    opened_one = database.call_sync(conversations.open_conversation, conversation.id)
    assert opened_one is not None
    assert len(opened_one[1]) == 30
    with pytest.raises(StudioError) as raised:
        database.call_sync(conversations.save_conversation, Conversation())
    assert raised.value.kind is ErrorKind.STORAGE
    database.close()
    assert {each: digest(each) for each in watched} == before


def test_a_large_file_is_checked_while_it_is_in_use(tmp_path: Path) -> None:
    path = tmp_path / "studio.db"
    filled(path)
    crashed = crash(path, tmp_path / "crashed", work=fill_more)
    database = Database(crashed, check_first_bytes=0)
    assert database.wait_open().check_pending
    database.call_sync(conversations.save_conversation, Conversation(title="meanwhile"))
    assert database.checked.result(timeout=30) == ""
    database.close()
    report, titles = opened(crashed)
    assert report == OpenReport(DatabaseState.GOOD)
    assert "meanwhile" in titles


def test_damage_found_while_in_use_is_repaired_at_the_next_start(tmp_path: Path) -> None:
    path = tmp_path / "studio.db"
    filled(path)
    broken = crash(path, folder := tmp_path / "crashed")
    shutil.copytree(tmp_path / "backups", folder / "backups")
    connection = apsw.Connection(str(broken))
    root = connection.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'parts'").get
    connection.close()
    content = bytearray(broken.read_bytes())
    content[4096 * (root - 1) : 4096 * root] = b"\x55" * 4096
    broken.write_bytes(content)
    database = Database(broken, backup_folder=folder / "backups", check_first_bytes=0)
    assert database.checked.result(timeout=30)
    database.close()
    report, titles = opened(broken)
    assert report.state is DatabaseState.RESTORED
    assert titles == ["kept"]


def test_a_bad_backup_is_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "studio.db"
    filled(path)
    older = list_backups(tmp_path / "backups")[0]
    newer = older.path.with_name("studio-2999-01-01_000000-daily.db")
    newer.write_bytes(older.path.read_bytes()[:9000])
    path.write_bytes(b"gone")
    report, titles = opened(path)
    assert report.backup == older.path
    assert titles == ["kept"]
    assert newer.exists()


def test_a_folder_in_its_place_is_told_in_words(tmp_path: Path) -> None:
    path = tmp_path / "studio.db"
    path.mkdir()
    with pytest.raises(StudioError) as raised:
        Database.open(path)
    assert raised.value.kind is ErrorKind.STORAGE
    assert path.is_dir()


def test_a_file_in_place_of_the_folder_is_told_in_words(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file")
    with pytest.raises(StudioError) as raised:
        Database.open(tmp_path / "data" / "studio.db")
    assert raised.value.kind is ErrorKind.STORAGE


def test_names_that_shells_and_addresses_stumble_over(tmp_path: Path) -> None:
    folder = tmp_path / "with space % # ? 数据 🎈"
    filled(folder / "studio.db")
    (folder / "studio.db").write_bytes(b"gone")
    assert opened(folder / "studio.db")[1] == ["kept"]


_OPEN_AS_NOBODY = """
import os, sys
from pathlib import Path
from studio.core.errors import StudioError
from studio.storage.db.database import Database
if os.getuid() == 0:
    os.setgid(65534); os.setuid(65534)
try:
    Database.open(Path(sys.argv[1]))
except StudioError as error:
    print(error.kind.value, error.detail)
"""


@pytest.mark.skipif(os.name == "nt", reason="rights are other there")
@pytest.mark.parametrize("exists", [True, False])
def test_a_read_only_folder_is_told_in_words(tmp_path: Path, exists: bool) -> None:
    path = tmp_path / "data" / "studio.db"
    if exists:
        filled(path, with_backup=False)
    else:
        path.parent.mkdir()
    before = {each.name: digest(each) for each in path.parent.iterdir()}
    path.parent.chmod(0o555)
    for folder in (tmp_path, *tmp_path.parents):
        if folder.owner() == Path.home().owner() and folder != Path("/"):
            folder.chmod(folder.stat().st_mode | 0o005)
        if folder.name.startswith("pytest-of"):
            break
    done = subprocess.run(
        [sys.executable, "-c", _OPEN_AS_NOBODY, str(path)],
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    )
    path.parent.chmod(0o755)
    assert done.stdout.startswith("storage "), done.stdout
    assert {each.name: digest(each) for each in path.parent.iterdir()} == before


@pytest.mark.parametrize("seconds", [0.3, None])
def test_a_file_locked_by_another_program(tmp_path: Path, seconds: float | None) -> None:
    path = tmp_path / "studio.db"
    filled(path)
    database = Database.open(path)
    patience = 5000 if seconds else 50
    database.call_sync(lambda connection: connection.set_busy_timeout(patience))
    other = apsw.Connection(str(path))
    other.execute("BEGIN IMMEDIATE")
    conversation = Conversation(title="waited")
    if seconds is None:
        with pytest.raises(StudioError) as raised:
            database.call_sync(conversations.save_conversation, conversation)
        assert raised.value.kind is ErrorKind.STORAGE
        other.execute("ROLLBACK")
        database.call_sync(conversations.save_conversation, conversation)
    else:
        timer = threading.Timer(seconds, lambda: other.execute("ROLLBACK"))
        timer.start()
        database.call_sync(conversations.save_conversation, conversation)
        timer.join()
    other.close()
    titles = [each.title for each in database.call_sync(listing.list_conversations)]
    database.close()
    assert "waited" in titles
