"""A program killed at any moment has kept every word that it said was kept."""

from __future__ import annotations

import hashlib
import random
import subprocess
import sys
import threading
from pathlib import Path

import apsw
import pytest

from studio.core.messages import MessageStatus
from studio.storage import connection as sqlite
from studio.storage import library_rows, messages, search
from studio.storage.attachments import Attachments
from studio.storage.database import Database
from studio.storage.library import Library
from studio.storage.opening import DatabaseState
from tests.unit.storage.writer import sha

ROOT = Path(__file__).parents[3]
KILLS = 20


def run_and_kill(folder: Path, seed: int, seconds: float, *modes: str) -> list[list[str]]:
    """What the writer acknowledged in that time from its beginning; the last line may be cut."""
    writer = subprocess.Popen(
        [sys.executable, "-m", "tests.unit.storage.writer", str(folder), str(seed), *modes],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert writer.stdout is not None
    assert writer.stdout.readline() == "begun\n"
    timer = threading.Timer(seconds, writer.kill)
    timer.start()
    lines = writer.stdout.read().split("\n")
    writer.wait()
    timer.join()
    writer.stdout.close()
    return [line.split() for line in lines[:-1]]


def check(folder: Path, acknowledged: list[list[str]]) -> tuple[int, int]:
    """Look for every acknowledged thing; how many answers had been cut, and pictures there are."""
    database = Database.open(folder / "studio.db", backup_folder=folder / "backups")
    report = database.wait_open()
    assert report.state in (DatabaseState.GOOD, DatabaseState.NEW)
    assert not report.log_lost
    library = Library(database, folder / "pictures")
    found = library.reconcile()
    assert found.missing == ()
    for kind, *words in acknowledged:
        if kind == "message":
            message = database.call_sync(messages.load_message, words[0])
            assert message is not None
            assert (message.status.value, sha(message.text)) == (words[1], words[2])
        elif kind == "partial":
            message = database.call_sync(messages.load_message, words[0])
            assert message is not None
            assert len(message.text) >= int(words[1])
            assert message.status in (MessageStatus.COMPLETE, MessageStatus.INTERRUPTED)
        elif kind == "picture":
            picture = database.call_sync(library_rows.load_picture, words[0])
            assert picture is not None
            content = library.read(picture.image)
            assert hashlib.sha256(content).hexdigest() == words[1] == picture.image.sha256
        else:
            assert Attachments(folder / "attachments").read(words[0], "image/png")
    listed = database.call_sync(library_rows.list_pictures, limit=10**6)
    files = {each.name for each in (folder / "pictures").glob("*")}
    assert files == {each.image.path for each in listed}
    finals = [words for kind, *words in acknowledged if kind == "message"]
    if finals:
        message = database.call_sync(messages.load_message, finals[-1][0])
        assert message is not None
        page = database.call_sync(search.search_messages, f'"{message.text[:12]}"', limit=10**6)
        assert message.id in {hit.message_id for hit in page.hits}

    def sound(connection: apsw.Connection) -> None:
        assert sqlite.damage_of(connection) == ""
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        connection.execute("INSERT INTO message_index(message_index) VALUES ('integrity-check')")
        streaming = "SELECT count(*) FROM messages WHERE status = 'streaming'"
        assert connection.execute(streaming).get == 0

    database.call_sync(sound)
    database.close()
    return report.interrupted, len(listed)


def test_every_acknowledged_word_survives_a_kill(tmp_path: Path) -> None:
    numbers = random.Random(54)
    acknowledged = interrupted = pictures = 0
    for kill in range(KILLS):
        seconds = numbers.uniform(0, 0.05 if numbers.random() < 0.7 else 0.2)
        said = run_and_kill(tmp_path, kill, seconds)
        acknowledged += len(said)
        cut, pictures = check(tmp_path, said)
        interrupted += cut
    assert acknowledged > KILLS
    assert interrupted > 0
    assert pictures > 0


def test_a_program_that_acknowledges_too_early_is_found_out(tmp_path: Path) -> None:
    numbers = random.Random(54)
    with pytest.raises(AssertionError):
        for kill in range(200):
            check(tmp_path, run_and_kill(tmp_path, kill, numbers.uniform(0, 0.05), "early"))
