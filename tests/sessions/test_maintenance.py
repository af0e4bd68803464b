"""Tidying up after the start: the daily backup, the trash, and what a damaged file still holds."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from studio.app.container import Late
from studio.app.maintenance import clear_up_first, keep_house
from studio.app.options import Options
from studio.core.capabilities import Capability
from studio.core.messages import Conversation, Message, Role, TextPart
from studio.sessions.history.conversation_list import ConversationList
from studio.sessions.preferences import Preferences
from studio.sessions.requests.tasks import TaskGroup
from studio.sessions.studio import Studio
from studio.storage.db.database import Database
from studio.storage.db.opening import DatabaseState
from studio.storage.history import conversations, listing
from studio.storage.locations import Locations, locate
from studio.storage.preferences import PreferencesFile
from tests.scripted import until


def fill(database: Database, count: int) -> None:
    """Conversations of one question each, long enough to need many pages of the file."""
    for number in range(count):
        made = Conversation(title=f"talk {number}", model="o/m")
        asked = Message(made.id, Role.USER, (TextPart(f"question {number} " + "word " * 400),))
        database.call_sync(conversations.save_turn, made, asked)


def studio_of(locations: Locations, database: Database) -> Studio:
    """The sessions of a program on these folders."""
    tasks = TaskGroup()
    file = PreferencesFile(locations.settings)
    kinds = (Capability.CHAT, Capability.VISION)
    return Studio(
        tasks=tasks,
        preferences=Preferences(file, file.load().settings, tasks),
        locations=locations,
        database=database,
        histories={kind: ConversationList(kind, database, tasks) for kind in kinds},
        late=Late(locations, Options()),
    )


def titles(database: Database) -> set[str]:
    """What the history lists."""
    page = database.call_sync(listing.list_conversations, limit=1000)
    return {each.title for each in page}


@pytest.fixture
def locations(tmp_path: Path) -> Locations:
    """Folders of their own."""
    return locate(tmp_path / "data")


async def test_once_a_day_a_backup_is_made(locations: Locations) -> None:
    database = Database.open(locations.database, backup_folder=locations.backups)
    fill(database, 3)
    assert await keep_house(studio_of(locations, database)) == ""
    first = sorted(locations.backups.iterdir())
    assert first
    await keep_house(studio_of(locations, database))
    assert sorted(locations.backups.iterdir()) == first
    database.close()


async def test_what_a_damaged_file_still_holds_comes_back(locations: Locations) -> None:
    database = Database.open(locations.database, backup_folder=locations.backups)
    fill(database, 60)
    database.close()
    content = bytearray(locations.database.read_bytes())
    middle = len(content) // 2 // 4096 * 4096
    content[middle : middle + 8192] = b"\xff" * 8192
    locations.database.write_bytes(content)
    # An unclean exit is what makes the next start look at the file.
    (locations.database.parent / f"{locations.database.name}.open").write_text("{}")
    again = Database(locations.database, backup_folder=locations.backups)
    report = again.wait_open()
    assert report.state is DatabaseState.EMPTIED
    assert titles(again) == set()
    studio = studio_of(locations, again)
    words = await keep_house(studio)
    assert words
    await until(lambda: studio.tasks.count == 0)
    saved = titles(again)
    assert len(saved) >= 50
    assert saved <= {f"talk {number}" for number in range(60)}
    assert report.kept_aside[0].read_bytes() == bytes(content)
    again.close()


async def test_what_a_killed_program_left_is_gone_before_the_gallery_looks(
    locations: Locations,
) -> None:
    database = Database.open(locations.database, backup_folder=locations.backups)
    half = locations.attachments / "ab" / ".0123456789abcdef.moda-part"
    stray = locations.pictures / "of-an-import.png"
    note = locations.data / ".0123456789abcdef.moda-import"
    for path in (half, stray):
        path.parent.mkdir(parents=True)
        path.write_bytes(b"half")
    note.write_text('{"attachments": [], "library": ["of-an-import.png"]}', encoding="ascii")
    os.utime(half, (1e9, 1e9))
    await clear_up_first(studio_of(locations, database))
    assert not any(each.exists() for each in (half, stray, note))
    database.close()
