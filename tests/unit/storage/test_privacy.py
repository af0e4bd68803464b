"""Other users of the machine see nothing of what is written, and the user's folders are theirs."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from studio.app.logs import start_log
from studio.core.messages import Conversation, Message, Role, TextPart
from studio.storage.db.database import Database
from studio.storage.files import write_whole
from studio.storage.history import conversations
from studio.storage.locations import Locations, locate
from studio.storage.pictures.attachments import Attachments
from studio.storage.preferences import PreferencesFile
from studio.storage.privacy import mend_attachments, mend_rights
from studio.storage.transfer.export import Source
from studio.storage.transfer.full_copy import copy_everything

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="a user's folders are private")


@pytest.fixture(params=[0o022, 0o000, 0o277], ids=["usual", "none", "odd"])
def umask(request: pytest.FixtureRequest) -> Iterator[int]:
    """What the system takes from new files."""
    wanted: int = request.param
    before = os.umask(wanted)
    yield wanted
    os.umask(before)


def rights(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def seen_by_others(folder: Path) -> list[str]:
    """What others could look into, were they in the folder."""
    return [str(each) for each in (folder, *folder.rglob("*")) if rights(each) & 0o077]


def use(locations: Locations) -> Database:
    """A program at work: a conversation, a picture, a backup, settings, a log."""
    database = Database.open(locations.database, backup_folder=locations.backups)
    conversation = Conversation(title="private")
    question = Message(conversation.id, Role.USER, (TextPart("private"),))
    database.call_sync(conversations.save_turn, conversation, question)
    database.back_up()
    Attachments(locations.attachments).keep(b"a picture", "image/png")
    preferences = PreferencesFile(locations.settings)
    preferences.save(preferences.load().settings)
    start_log(locations.logs)
    return database


def test_whatever_is_written_only_the_user_can_read(tmp_path: Path, umask: int) -> None:
    locations = locate(tmp_path / "data")
    database = use(locations)
    names = {each.name for each in locations.data.iterdir()}
    assert {"studio.db", "studio.db-wal", "studio.db.open", "settings.json"} <= names
    assert seen_by_others(locations.data) == []
    assert rights(locations.database) == 0o600
    database.close()


def test_what_an_earlier_version_left_readable_is_mended(tmp_path: Path) -> None:
    locations = Locations(
        tmp_path / "data", tmp_path / "cache", tmp_path / "logs", tmp_path / "p", tmp_path / "note"
    )
    use(locations).close()
    (locations.data / "studio.db.damaged-2026-01-01_000000").touch()
    (locations.logs / "studio.log.1").touch()
    for folder in (locations.data, locations.logs):
        for each in (folder, *folder.rglob("*")):
            each.chmod(0o777 if each.is_dir() else 0o666)
    database = Database(locations.database, prepare=lambda: mend_rights(locations))
    database.wait_open()
    mend_attachments(locations.attachments)
    assert seen_by_others(locations.data) == []
    assert seen_by_others(locations.logs) == []
    database.close()


def test_a_folder_that_the_user_chose_and_what_else_is_in_it_stay_as_they_are(
    tmp_path: Path,
) -> None:
    chosen = tmp_path / "chosen"
    chosen.mkdir()
    chosen.chmod(0o775)
    mine = chosen / "mine.txt"
    mine.touch()
    mine.chmod(0o664)
    outside = tmp_path / "outside"
    outside.touch()
    outside.chmod(0o644)
    (chosen / "studio.link").symlink_to(outside)
    locations = locate(chosen)
    database = Database(locations.database, prepare=lambda: mend_rights(locations))
    database.wait_open()
    assert rights(chosen) == 0o775
    assert rights(mine) == 0o664
    assert rights(outside) == 0o644
    assert rights(locations.database) == 0o600
    database.close()


def test_what_the_user_exports_has_the_rights_of_other_files(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        locations = locate(tmp_path / "data")
        database = use(locations)
        write_whole(tmp_path / "export.md", b"words")
        source = Source(locations.database, Attachments(locations.attachments), locations.pictures)
        copy = copy_everything(source, tmp_path / "copy")
        database.close()
    finally:
        os.umask(before)
    assert rights(tmp_path / "export.md") == 0o644
    assert {rights(each) for each in copy.rglob("*") if each.is_file()} == {0o644}
    assert {rights(each) for each in (copy, *copy.rglob("*")) if each.is_dir()} == {0o755}
