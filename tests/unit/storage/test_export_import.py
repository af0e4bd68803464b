"""What is taken out comes in again unchanged, and what is taken in never changes what is there."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from zipfile import ZipFile

import apsw
import pytest

from studio.core.errors import ErrorKind, StudioError
from studio.core.messages import Message, MessageStatus, Role, TextPart
from studio.core.transfer.common import ConversationFormat, Imported, TransferCancelled, Watch
from studio.storage.db import connection as sqlite
from studio.storage.history import conversations, listing, messages
from studio.storage.pictures import library_rows
from studio.storage.transfer import imports
from studio.storage.transfer.export import Manner, export_conversations, export_everything
from studio.storage.transfer.import_commit import commit
from studio.storage.transfer.import_pictures import ArrivingPictures, undo_broken_imports
from studio.storage.transfer.imports import import_file
from tests.unit.storage.transfer_parts import House, furnish, small_picture


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = House(tmp_path / "one")
    yield made
    made.close()


@pytest.fixture
def third(tmp_path: Path) -> Iterator[House]:
    made = House(tmp_path / "three")
    yield made
    made.close()


@pytest.fixture
def other(tmp_path: Path) -> Iterator[House]:
    made = House(tmp_path / "two")
    yield made
    made.close()


def take_in(house: House, path: Path, watch: Watch = Watch()) -> Imported:  # noqa: B008
    found = import_file(house.database, house.source, path, watch=watch)
    house.database.call_sync(sound)
    assert house.litter() == []
    return found


def sound(connection: apsw.Connection) -> None:
    assert sqlite.damage_of(connection) == ""
    assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    for table in ("message_index", "title_index", "picture_index"):
        connection.execute(f"INSERT INTO {table}({table}) VALUES ('integrity-check')")
    activities = connection.execute("SELECT activity FROM conversations").fetchall()
    assert len({row[0] for row in activities}) == len(activities)
    attached = connection.execute("PRAGMA database_list").fetchall()
    assert "staged" not in {row[1] for row in attached}


def titles(house: House) -> list[str]:
    """The history from the top."""
    page = house.database.call_sync(listing.list_conversations, limit=10**6)
    return [each.title for each in page]


def test_everything_comes_back_byte_for_byte(house: House, other: House, tmp_path: Path) -> None:
    furnish(house)
    first = export_everything(house.source, tmp_path / "first.zip")
    assert (first.conversations, first.missing_pictures) == (12, 0)
    found = take_in(other, tmp_path / "first.zip")
    assert (found.conversations, found.messages, found.pictures) == (12, 96, 5)
    assert found.missing_pictures == 0
    export_everything(other.source, tmp_path / "second.zip")
    assert (tmp_path / "second.zip").read_bytes() == (tmp_path / "first.zip").read_bytes()
    assert other.content() == house.content()
    assert other.files() == house.files()
    assert titles(other) == titles(house)


def test_a_json_file_comes_back_byte_for_byte(house: House, other: House, tmp_path: Path) -> None:
    furnish(house)
    first, second = tmp_path / "first.json", tmp_path / "second.json"
    assert export_conversations(house.source, None, first, ConversationFormat.JSON)[1] == 11
    found = take_in(other, first)
    assert (found.conversations, found.messages) == (11, 88)
    export_conversations(other.source, None, second, ConversationFormat.JSON)
    assert second.read_bytes() == first.read_bytes()
    attached = {name: each for name, each in house.files().items() if name.startswith("attach")}
    assert len(other.files()) >= 3
    assert other.files().items() <= attached.items()


def test_the_same_history_gives_the_same_file(house: House, tmp_path: Path) -> None:
    furnish(house)
    for name in ("one.zip", "two.zip"):
        export_everything(house.source, tmp_path / name)
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()


def test_an_empty_history_can_be_taken_out_and_in(
    house: House, other: House, tmp_path: Path
) -> None:
    export_everything(house.source, tmp_path / "empty.zip")
    assert take_in(other, tmp_path / "empty.zip") == Imported()
    with pytest.raises(StudioError):
        export_conversations(house.source, None, tmp_path / "no.json", ConversationFormat.JSON)
    assert not (tmp_path / "no.json").exists()


def test_a_second_import_adds_nothing(house: House, tmp_path: Path) -> None:
    furnish(house)
    before, files = house.content(), house.files()
    export_everything(house.source, tmp_path / "all.zip")
    found = take_in(house, tmp_path / "all.zip")
    assert (found.conversations, found.merged, found.messages, found.pictures) == (0, 0, 0, 0)
    assert found.unchanged == 12
    assert (house.content(), house.files()) == (before, files)


def test_what_was_written_since_stays_and_what_was_written_elsewhere_comes(
    house: House, other: House, tmp_path: Path
) -> None:
    talk = house.talk("shared", "question", "answer")
    export_conversations(house.source, None, tmp_path / "a.json", ConversationFormat.JSON)
    take_in(other, tmp_path / "a.json")
    here = Message(talk.id, Role.USER, (TextPart("written here"),), talk.head_id)
    house.database.call_sync(messages.save_message, here)
    there = Message(talk.id, Role.USER, (TextPart("written there"),), talk.head_id)
    other.database.call_sync(messages.save_message, there)
    export_conversations(other.source, None, tmp_path / "b.json", ConversationFormat.JSON)
    found = take_in(house, tmp_path / "b.json")
    assert (found.conversations, found.merged, found.messages) == (0, 1, 1)
    saved = house.database.call_sync(messages.load_all, talk.id)
    assert {each.text for each in saved} == {"question", "answer", "written here", "written there"}
    assert titles(house) == ["shared"]
    stored = house.database.call_sync(conversations.load_conversation, talk.id)
    assert stored is not None
    assert stored.head_id == here.id  # what is shown here does not change by itself
    versions = house.database.call_sync(messages.load_versions, talk.id)
    assert set(versions[talk.head_id]) == {here.id, there.id}


def test_a_conversation_that_went_on_elsewhere_goes_on_here(
    house: House, other: House, tmp_path: Path
) -> None:
    talk = house.talk("shared", "question", "answer")
    house.talk("newer", "something else")
    export_conversations(house.source, [talk.id], tmp_path / "a.json", ConversationFormat.JSON)
    take_in(other, tmp_path / "a.json")
    more = Message(talk.id, Role.USER, (TextPart("and then?"),), talk.head_id)
    other.database.call_sync(messages.save_message, more)
    export_conversations(other.source, None, tmp_path / "b.json", ConversationFormat.JSON)
    take_in(house, tmp_path / "b.json")
    opened = house.database.call_sync(conversations.open_conversation, talk.id)
    assert opened is not None
    assert [each.text for each in opened[1]] == ["question", "answer", "and then?"]
    assert titles(house) == ["shared", "newer"]


def test_other_words_under_a_known_id_become_a_version_once(
    house: House, other: House, tmp_path: Path
) -> None:
    talk = house.talk("shared", "question", "answer")
    export_conversations(house.source, None, tmp_path / "a.json", ConversationFormat.JSON)
    text = (tmp_path / "a.json").read_text(encoding="utf-8")
    (tmp_path / "b.json").write_text(text.replace('"answer"', '"forged"'), encoding="utf-8")
    before = house.database.call_sync(messages.load_all, talk.id)
    for again in (False, True):
        found = take_in(house, tmp_path / "b.json")
        assert (found.merged, found.messages) == ((0, 0) if again else (1, 1))
        stored = house.database.call_sync(messages.load_all, talk.id)
        assert stored[:2] == before
        assert [each.text for each in stored] == ["question", "answer", "forged"]
        assert titles(house) == ["shared"]
    opened = house.database.call_sync(conversations.open_conversation, talk.id)
    assert opened is not None
    assert [each.text for each in opened[1]] == ["question", "answer"]
    versions = house.database.call_sync(messages.load_versions, talk.id)
    assert [len(each) for each in versions.values()] == [2]


def test_a_message_id_of_another_conversation_is_never_taken_over(
    house: House, other: House, tmp_path: Path
) -> None:
    mine = house.talk("mine", "my words", "their answer")
    other.talk("theirs", "other words")
    export_conversations(other.source, None, tmp_path / "a.json", ConversationFormat.JSON)
    text = (tmp_path / "a.json").read_text(encoding="utf-8")
    (message,) = other.database.call_sync(messages.load_all, conversation_ids(other)[0])
    assert mine.head_id is not None
    stolen = text.replace(message.id, mine.head_id)
    (tmp_path / "b.json").write_text(stolen, encoding="utf-8")
    found = take_in(house, tmp_path / "b.json")
    assert (found.conversations, found.copied) == (1, 1)
    saved = house.database.call_sync(messages.load_all, mine.id)
    assert [each.text for each in saved] == ["my words", "their answer"]


def conversation_ids(house: House) -> list[str]:
    page = house.database.call_sync(listing.list_conversations, limit=10**6)
    return [each.id for each in page]


def test_what_lies_in_the_trash_comes_back_by_an_import(house: House, tmp_path: Path) -> None:
    talk = house.talk("thrown away", "question")
    export_conversations(house.source, None, tmp_path / "a.json", ConversationFormat.JSON)
    house.database.call_sync(conversations.delete, [talk.id])
    assert titles(house) == []
    found = take_in(house, tmp_path / "a.json")
    assert (found.merged, found.messages) == (1, 0)
    assert titles(house) == ["thrown away"]


def test_imported_conversations_take_their_places_by_their_days(
    house: House, other: House, tmp_path: Path
) -> None:
    def on_day(where: House, title: str, day: int) -> None:
        talk = where.talk(title, title)
        where.database.call_sync(
            lambda connection: (
                connection.execute(
                    "UPDATE conversations SET updated_at = ? WHERE id = ?", (day * 86400.0, talk.id)
                ).get
            )
        )
        where.database.call_sync(
            lambda connection: (
                connection.execute("UPDATE messages SET created_at = ?", (86400.0,)).get
            )
        )

    for title, day in (("b", 20), ("d", 40), ("f", 60)):
        on_day(house, title, day)
    for title, day in (("a", 10), ("c", 30), ("e", 50)):
        on_day(other, title, day)
    export_everything(other.source, tmp_path / "a.zip")
    take_in(house, tmp_path / "a.zip")
    assert titles(house) == ["f", "e", "d", "c", "b", "a"]
    house.talk("g", "the newest")
    assert titles(house)[0] == "g"


def test_an_answer_on_its_way_is_taken_out_as_an_interrupted_one(
    house: House, other: House, tmp_path: Path
) -> None:
    talk = house.talk("now", "question")
    answer = Message(
        talk.id, Role.ASSISTANT, (TextPart("half"),), talk.head_id, MessageStatus.STREAMING
    )
    house.database.call_sync(messages.save_message, answer)
    export_everything(house.source, tmp_path / "a.zip")
    take_in(other, tmp_path / "a.zip")
    stored = other.database.call_sync(messages.load_message, answer.id)
    assert stored is not None
    assert (stored.text, stored.status) == ("half", MessageStatus.INTERRUPTED)


def test_pictures_that_are_gone_are_told_and_the_words_come_anyway(
    house: House, other: House, tmp_path: Path
) -> None:
    furnish(house)
    for each in house.folder.glob("attachments/*/*"):
        each.unlink()
    (picture,) = house.database.call_sync(library_rows.list_pictures, limit=1)
    house.library.path(picture.image).unlink()
    written = export_everything(house.source, tmp_path / "a.zip")
    assert written.missing_pictures == 5
    found = take_in(other, tmp_path / "a.zip")
    assert (found.conversations, found.missing_pictures) == (12, 4)
    row = other.database.call_sync(library_rows.load_picture, picture.image.id)
    assert row is not None
    assert row.missing
    export_everything(other.source, tmp_path / "b.zip")
    assert (tmp_path / "b.zip").read_bytes() == (tmp_path / "a.zip").read_bytes()


def test_a_picture_of_the_same_name_gets_another(
    house: House, other: House, tmp_path: Path
) -> None:
    furnish(house)
    for each in house.folder.glob("pictures/*.png"):
        (other.folder / "pictures").mkdir(exist_ok=True)
        (other.folder / "pictures" / each.name).write_bytes(b"somebody's own")
    export_everything(house.source, tmp_path / "a.zip")
    take_in(other, tmp_path / "a.zip")
    files = other.files()
    own = [name for name, content in files.items() if content == b"somebody's own"]
    assert len(own) == 5
    listed = other.database.call_sync(library_rows.list_pictures)
    assert len(listed) == 4
    for picture in listed:
        assert other.library.read(picture.image) == house.library.read(
            next(
                each.image
                for each in house.database.call_sync(library_rows.list_pictures)
                if each.image.id == picture.image.id
            )
        )


class Interrupting:
    """Cancels at the given call, and remembers what it was told."""

    def __init__(self, at: int) -> None:
        self.at, self.calls = at, 0
        self.told: list[tuple[int, int]] = []

    def cancelled(self) -> bool:
        self.calls += 1
        return self.calls == self.at

    @property
    def watch(self) -> Watch:
        return Watch(lambda done, total: self.told.append((done, total)), self.cancelled)


def test_an_import_that_is_cancelled_anywhere_leaves_nothing(
    house: House, other: House, third: House, tmp_path: Path
) -> None:
    furnish(house)
    export_everything(house.source, tmp_path / "a.zip")
    other.talk("mine", "my words")
    before, files = other.content(), other.files()
    whole = Interrupting(10**9)
    take_in(third, tmp_path / "a.zip", whole.watch)
    assert whole.told == sorted(whole.told)
    assert whole.told[-1] == (1000, 1000)
    cancelled = 0
    for at in range(1, whole.calls + 1):
        with pytest.raises(TransferCancelled):
            take_in(other, tmp_path / "a.zip", Interrupting(at).watch)
        assert (other.content(), other.files()) == (before, files)
        assert other.litter() == []
        cancelled += 1
    assert cancelled > 20
    assert take_in(other, tmp_path / "a.zip").conversations == 12


def print_nothing(page: str, target: Path, watch: Watch) -> None:
    """A printer whose paper is left white."""
    watch.step(1, 1)
    target.write_text(page, encoding="utf-8")


def test_an_export_that_is_cancelled_leaves_nothing(house: House, tmp_path: Path) -> None:
    furnish(house)
    out = tmp_path / "out"
    out.mkdir()
    for kind in ConversationFormat:
        for at in range(1, 12):
            with pytest.raises(TransferCancelled):
                watch = Interrupting(at).watch
                manner = Manner(printer=print_nothing)
                target = out / "x"
                export_conversations(house.source, None, target, kind, manner=manner, watch=watch)
    for at in range(1, 25):
        with pytest.raises(TransferCancelled):
            export_everything(house.source, out / "x.zip", watch=Interrupting(at).watch)
    assert list(out.iterdir()) == []


def test_one_can_go_on_writing_while_an_export_runs(house: House, tmp_path: Path) -> None:
    furnish(house)
    begun = threading.Event()
    written = threading.Event()

    def progress(done: int, total: int) -> None:
        begun.set()
        written.wait(20)

    def write() -> None:
        begun.wait(20)
        house.talk("meanwhile", "not in the export")
        written.set()

    writer = threading.Thread(target=write)
    writer.start()
    watch = Watch(progress)
    done = export_conversations(
        house.source, None, tmp_path / "a.json", ConversationFormat.JSON, watch=watch
    )
    writer.join()
    assert done.conversations == 11
    assert b"not in the export" not in (tmp_path / "a.json").read_bytes()
    assert "meanwhile" in titles(house)


def test_a_full_disk_during_an_export_keeps_the_old_file(house: House, tmp_path: Path) -> None:
    furnish(house)
    with pytest.raises(StudioError) as raised:
        export_everything(house.source, tmp_path / "nowhere" / "a.zip")
    assert raised.value.kind is ErrorKind.STORAGE
    (tmp_path / "a.zip").write_bytes(b"old")
    (tmp_path / "a.zip").chmod(0o400)
    export_everything(house.source, tmp_path / "a.zip")
    with ZipFile(tmp_path / "a.zip") as archive:
        assert archive.testzip() is None


def test_a_history_that_changes_under_an_import_is_compared_anew(
    house: House, other: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    furnish(house)
    export_everything(house.source, tmp_path / "a.zip")
    calls = 0

    def late(connection: apsw.Connection, *args: object, **named: object) -> None:
        nonlocal calls
        calls += 1
        if calls == 1:
            taken = house.database.call_sync(conversations.load_conversation, ids[0])
            assert taken is not None
            conversations.save_conversation(connection, replace(taken, title="in between"))
        commit(connection, *args, **named)  # type: ignore[arg-type]  # as it was called

    ids = conversation_ids(house)
    monkeypatch.setattr(imports, "commit", late)
    found = take_in(other, tmp_path / "a.zip")
    assert calls == 2
    assert (found.conversations, found.merged, found.copied) == (11, 1, 0)
    assert "in between" in titles(other)


def test_the_pictures_of_an_import_that_was_killed_go_at_the_next_start(
    house: House, other: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    furnish(house)
    export_everything(house.source, tmp_path / "a.zip")
    mine = small_picture(0)  # the same as one of the file's
    other.talk("mine", "my words", picture=mine)
    before = other.files()

    class Killed(BaseException):
        pass

    def killed(*args: object, **named: object) -> None:
        raise Killed

    monkeypatch.setattr(imports, "commit", killed)
    monkeypatch.setattr(ArrivingPictures, "withdraw", lambda self: None)
    with pytest.raises(Killed):
        import_file(other.database, other.source, tmp_path / "a.zip")
    assert len(other.files()) > len(before)
    shown = next(name for name in other.files() if name not in before and "attach" in name)
    sha256 = Path(shown).stem
    kept = other.attachments.read(sha256, f"image/{'png' if shown.endswith('png') else 'jpeg'}")
    other.talk("since", "my words", picture=kept)
    removed = undo_broken_imports(other.source.database, other.attachments, other.source.pictures)
    assert removed > 3
    assert other.files() == {**before, shown: kept}
    assert other.litter() == []
    assert other.library.reconcile().adopted == ()


def test_a_disk_that_refuses_the_pictures_leaves_nothing(
    house: House, other: House, tmp_path: Path
) -> None:
    furnish(house)
    export_everything(house.source, tmp_path / "a.zip")
    other.talk("mine", "my words")
    before, files = other.content(), other.files()
    last = sorted(each.name for each in house.folder.glob("attachments/*"))[-1]
    blocked = other.folder / "attachments" / last
    blocked.parent.mkdir(exist_ok=True)
    blocked.write_bytes(b"a file where a folder should be")
    with pytest.raises(StudioError) as raised:
        import_file(other.database, other.source, tmp_path / "a.zip")
    assert raised.value.kind is ErrorKind.STORAGE
    blocked.unlink()
    assert (other.content(), other.files()) == (before, files)
    assert other.litter() == []
    assert take_in(other, tmp_path / "a.zip").conversations == 12
