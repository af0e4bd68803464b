"""Each call to the disk fails once: nothing acknowledged is lost, and the next try works."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import apsw
import pytest

from studio.core.errors import ErrorKind, StudioError
from studio.core.messages import Conversation, Message, MessageStatus, Role, TextPart
from studio.storage.db import connection as sqlite
from studio.storage.db import opening
from studio.storage.db.database import Database
from studio.storage.db.migrations import MIGRATIONS, NEWEST
from studio.storage.history import conversations, listing, messages, search
from studio.storage.pictures.attachments import Attachments
from studio.storage.transfer.export import Source, export_everything
from studio.storage.transfer.imports import import_file
from tests.unit.storage.content import content_of
from tests.unit.storage.transfer_parts import House, furnish

# What a disk in Python raises where SQLite asks for no answer cannot be raised any further.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


USUAL = apsw.vfs_names()[0]


class Disk:
    """Counts calls to the disk, and fails the one whose turn it is."""

    def __init__(self) -> None:
        self.calls = 0
        self.failing: int | None = None
        self.error: type[apsw.Error] = apsw.IOError
        self.failed = False

    def fail(self, number: int, error: type[apsw.Error]) -> None:
        self.calls, self.failing, self.error, self.failed = 0, number, error, False

    def heal(self) -> None:
        self.failing = None

    def called(self) -> None:
        self.calls += 1
        if self.failing is not None and self.calls == self.failing:
            self.failed = True
            raise self.error("the disk says no")


DISK = Disk()


class FaultyFile(apsw.VFSFile):
    """A file of the faulty disk; closing and locking always work, as they do in life."""

    def __init__(self, name: Any, flags: list[int]) -> None:
        super().__init__(USUAL, name, flags)

    def xRead(self, amount: int, offset: int) -> bytes:
        DISK.called()
        return super().xRead(amount, offset)

    def xWrite(self, data: Any, offset: int) -> None:
        DISK.called()
        super().xWrite(data, offset)

    def xSync(self, flags: int) -> None:
        DISK.called()  # no real syncing, which is slow: power loss is not tested here

    def xTruncate(self, newsize: int) -> None:
        DISK.called()
        super().xTruncate(newsize)


class FaultyVFS(apsw.VFS):
    """The disk under a database."""

    def __init__(self) -> None:
        super().__init__("faulty", USUAL)

    def xOpen(self, name: Any, flags: list[int]) -> apsw.VFSFile:
        DISK.called()
        return FaultyFile(name, flags)


@pytest.fixture(autouse=True)
def vfs() -> Iterator[None]:
    faulty = FaultyVFS()
    DISK.heal()
    yield
    DISK.heal()
    faulty.unregister()


CONVERSATION = Conversation(title="秋天")
QUESTION = Message(CONVERSATION.id, Role.USER, (TextPart("问题 " * 400),))
STREAMING = Message(
    CONVERSATION.id,
    Role.ASSISTANT,
    (TextPart("half"),),
    QUESTION.id,
    status=MessageStatus.STREAMING,
)
PARTIAL = replace(STREAMING, parts=(TextPart("half an answer " * 600),))
FINAL = replace(PARTIAL, parts=(TextPart("答案 " * 800),), status=MessageStatus.COMPLETE)


def send(database: Database) -> None:
    database.call_sync(conversations.save_conversation, CONVERSATION)
    database.call_sync(messages.save_message, QUESTION)
    database.call_sync(messages.save_message, STREAMING)


def stream(database: Database) -> None:
    database.call_sync(messages.save_partial, PARTIAL)


def finish(database: Database) -> None:
    database.call_sync(messages.save_message, FINAL)


def delete(database: Database) -> None:
    database.call_sync(conversations.delete, [CONVERSATION.id])
    database.call_sync(conversations.empty_trash, now=9e9)


STEPS: tuple[Callable[[Database], None], ...] = (send, stream, finish, delete)


def state(database: Database) -> str:
    """How far the story has come in the file."""
    loaded = database.call_sync(messages.load_all, CONVERSATION.id)
    conversation = database.call_sync(conversations.load_conversation, CONVERSATION.id)
    if conversation is None:
        return "nothing" if not loaded else "torn"
    known: list[tuple[str, list[Message]]] = [
        ("begun", []),
        ("asked", [QUESTION]),
        ("send", [QUESTION, STREAMING]),
        ("stream", [QUESTION, PARTIAL]),
        ("finish", [QUESTION, FINAL]),
    ]
    return next((name for name, wanted in known if loaded == wanted), "torn")


AFTER = {
    "send": ("nothing", ["begun", "asked", "send"]),
    "stream": ("send", ["stream"]),
    "finish": ("stream", ["finish"]),
    "delete": ("finish", ["nothing"]),
}


def sound(path: Path) -> None:
    connection = sqlite.connect_read_only(path, immutable=True)
    assert sqlite.damage_of(connection) == ""
    assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    connection.close()


@pytest.mark.parametrize("error", [apsw.IOError, apsw.FullError])
@pytest.mark.parametrize("step", STEPS, ids=lambda step: str(step.__name__))
def test_every_failing_call_leaves_the_old_or_the_new(
    tmp_path: Path, step: Callable[[Database], None], error: type[apsw.Error]
) -> None:
    before, later = AFTER[step.__name__]
    refused = 0
    for number in range(1, 400):
        path = tmp_path / f"{number}" / "studio.db"
        database = Database(path, vfs="faulty")
        database.call_sync(listing.list_conversations)
        for earlier in STEPS[: STEPS.index(step)]:
            earlier(database)
        DISK.fail(number, error)
        try:
            step(database)
        except StudioError as raised:
            refused += 1
            assert raised.kind is ErrorKind.STORAGE
            assert state(database) in (before, *later)
        DISK.heal()
        step(database)  # the retry of the user
        assert state(database) == later[-1]
        database.close()
        sound(path)
        if not DISK.failed:
            break
    else:
        pytest.fail("it never came to an end")
    assert refused >= 3


def test_the_first_start_on_a_failing_disk(tmp_path: Path) -> None:
    refused = 0
    for number in range(1, 400):
        path = tmp_path / f"{number}" / "studio.db"
        DISK.fail(number, apsw.FullError if number % 2 else apsw.IOError)
        database = Database(path, vfs="faulty")
        try:
            database.wait_open()
        except StudioError as raised:
            refused += 1
            assert raised.kind is ErrorKind.STORAGE
            with pytest.raises(StudioError):
                database.call_sync(listing.list_conversations)
        database.close()
        DISK.heal()
        again = Database(path, vfs="faulty")
        assert again.wait_open().state in (opening.DatabaseState.NEW, opening.DatabaseState.GOOD)
        send(again)
        again.close()
        sound(path)
        assert {each.name for each in path.parent.iterdir()} == {"studio.db"}
        if not DISK.failed:
            break
    else:
        pytest.fail("it never came to an end")
    assert refused >= 10


def m002_for_this_test(connection: apsw.Connection) -> None:
    connection.execute("ALTER TABLE conversations ADD COLUMN colour TEXT NOT NULL DEFAULT ''")
    connection.execute("UPDATE conversations SET colour = 'violet'")
    connection.execute("CREATE INDEX conversations_by_colour ON conversations(colour)")


def test_a_migration_on_a_failing_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    refused = 0
    for number in range(1, 400):
        folder = tmp_path / f"{number}"
        path = folder / "studio.db"
        database = Database.open(path)
        for step in (send, stream, finish):
            step(database)
        database.close()
        with monkeypatch.context() as newer:
            newer.setattr(opening, "MIGRATIONS", (*MIGRATIONS, m002_for_this_test))
            newer.setattr(opening, "NEWEST", NEWEST + 1)
            DISK.fail(number, apsw.FullError if number % 2 else apsw.IOError)
            database = Database(path, backup_folder=folder / "backups", vfs="faulty")
            try:
                database.wait_open()
            except StudioError:
                refused += 1
            database.close()
            DISK.heal()
            connection = sqlite.connect_read_only(path)
            version = connection.pragma("user_version")
            columns = [row[1] for row in connection.execute("PRAGMA table_info(conversations)")]
            connection.close()
            assert version == (NEWEST + 1 if "colour" in columns else NEWEST)
            database = Database(path, backup_folder=folder / "backups", vfs="faulty")
            assert database.wait_open().state is opening.DatabaseState.GOOD
            assert state(database) == "finish"
            page = database.call_sync(search.search_messages, "答案")
            assert [hit.message_id for hit in page.hits] == [FINAL.id]
            database.close()
        sound(path)
        copies = list((folder / "backups").iterdir())
        assert copies
        for copy in copies:
            sound(copy)
        if not DISK.failed:
            break
    else:
        pytest.fail("it never came to an end")
    assert refused >= 5


@pytest.mark.parametrize("error", [apsw.IOError, apsw.FullError])
def test_a_backup_on_a_failing_disk(tmp_path: Path, error: type[apsw.Error]) -> None:
    database = Database(tmp_path / "studio.db", backup_folder=tmp_path / "backups", vfs=USUAL)
    for step in (send, stream, finish):
        step(database)
    refused = 0
    apsw.set_default_vfs("faulty")
    try:
        for number in range(1, 2000):
            DISK.fail(number, error)
            try:
                database.back_up()
            except StudioError as raised:
                refused += 1
                assert raised.kind is ErrorKind.STORAGE
                assert list((tmp_path / "backups").iterdir()) == []
            DISK.heal()
            for copy in (tmp_path / "backups").iterdir():
                sound(copy)
                copy.unlink()
            if not DISK.failed:
                break
        else:
            pytest.fail("it never came to an end")
    finally:
        apsw.set_default_vfs(USUAL)
    assert refused >= 20
    assert state(database) == "finish"
    database.close()
    sound(tmp_path / "studio.db")


@pytest.mark.parametrize("error", [apsw.IOError, apsw.FullError])
def test_an_import_on_a_failing_disk_adds_all_or_nothing(
    tmp_path: Path, error: type[apsw.Error]
) -> None:
    made = House(tmp_path / "made")
    furnish(made, count=3)
    export_everything(made.source, tmp_path / "a.zip")
    made.close()
    refused = 0
    for number in range(1, 2000, 5):
        folder = tmp_path / f"{number}"
        database = Database(folder / "studio.db", vfs="faulty")
        source = Source(database.path, Attachments(folder / "attachments"), folder / "pictures")
        send(database)
        before = database.call_sync(content_of)
        DISK.fail(number, error)
        try:
            import_file(database, source, tmp_path / "a.zip")
        except StudioError as raised:
            refused += 1
            assert raised.kind is ErrorKind.STORAGE
            assert database.call_sync(content_of) == before
            assert not list(folder.glob("pictures/*"))
            assert not list(folder.glob("attachments/*/*"))
        DISK.heal()
        assert not list(folder.glob(".*"))
        again = import_file(database, source, tmp_path / "a.zip")
        assert again.conversations + again.unchanged == 3
        database.close()
        sound(folder / "studio.db")
        if not DISK.failed:
            break
    else:
        pytest.fail("it never came to an end")
    assert refused >= 5
