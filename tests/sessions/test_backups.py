"""Backups as a session: listing them, making one, and what goes before a restore."""

from __future__ import annotations

from pathlib import Path

import pytest

from studio.core.messages import Conversation, Message, Role, TextPart
from studio.core.settings import Settings
from studio.sessions.operations.backups import DAMAGED, Backups, Reason
from studio.sessions.operations.operations import Operation, Operations, Outcome
from studio.sessions.operations.restart_request import RestartRequest
from studio.sessions.preferences import Preferences
from studio.sessions.requests.tasks import TaskGroup
from studio.storage.db import backups
from studio.storage.db.database import Database
from studio.storage.db.opening import restore
from studio.storage.history import conversations
from studio.storage.locations import locate
from studio.storage.preferences import PreferencesFile
from tests.scripted import until


class House:
    """A history and its backups."""

    def __init__(self, folder: Path) -> None:
        self.places = locate(folder)
        self.tasks = TaskGroup()
        self.operations, self.restart = Operations(self.tasks), RestartRequest()
        self.outcomes: list[Outcome] = []
        self.operations.ended.connect(self.outcomes.append)
        self.database = Database(self.places.database, backup_folder=self.places.backups)
        preferences = Preferences(PreferencesFile(self.places.settings), Settings(), self.tasks)
        self.keeping = Backups(
            self.database, preferences, self.operations, self.restart, self.tasks
        )

    def write(self, words: str) -> None:
        """A conversation more."""
        made = Conversation(title=words)
        asked = Message(made.id, Role.USER, (TextPart(words),))
        self.database.call_sync(conversations.save_turn, made, asked)

    async def ended(self) -> Outcome:
        """The outcome of what was begun, with everything read anew."""
        await until(lambda: bool(self.outcomes) and self.tasks.count == 0)
        return self.outcomes.pop()


async def test_a_backup_says_when_why_and_how_much(tmp_path: Path) -> None:
    house = House(tmp_path)
    house.write("one")
    house.write("two")
    folder = house.places.backups
    for label in (backups.DAILY, "before-v3", backups.BEFORE_RESTORE):
        backups.back_up(house.database.path, folder, label=label, now=1.7e9)
    assert house.keeping.back_up()
    assert (await house.ended()).error is None
    found = {each.reason: each for each in house.keeping.backups}
    assert set(found) == set(Reason)
    assert all(each.conversations == 2 for each in found.values())
    assert found[Reason.AUTOMATIC].made_at == 1.7e9
    assert house.keeping.backups[0].reason is Reason.BY_HAND, "the newest comes first"
    house.keeping.delete(found[Reason.BEFORE_UPDATE])
    await until(lambda: len(house.keeping.backups) == 3)
    house.database.close()


async def test_before_a_restore_the_present_history_becomes_a_backup(tmp_path: Path) -> None:
    house = House(tmp_path)
    house.write("old")
    house.keeping.back_up()
    await house.ended()
    (old,) = house.keeping.backups
    house.write("new")
    assert house.keeping.restore(old)
    assert (await house.ended()).result == old.path
    assert house.restart.backup == old.path
    newest = house.keeping.backups[0]
    assert (newest.reason, newest.conversations) == (Reason.BEFORE_RESTORE, 2)
    house.database.close()
    restore(house.places.database, newest.path)
    assert backups.conversations_in(house.places.database) == 2


async def test_a_damaged_backup_changes_nothing(tmp_path: Path) -> None:
    house = House(tmp_path)
    house.write("only")
    house.keeping.back_up()
    await house.ended()
    (kept,) = house.keeping.backups
    kept.path.write_bytes(kept.path.read_bytes()[:5000])
    house.keeping.restore(kept)
    outcome = await house.ended()
    assert outcome.operation is Operation.RESTORE
    assert outcome.error is not None
    assert outcome.error.values["reason"] == DAMAGED
    assert not house.restart.wanted
    assert [each.path for each in house.keeping.backups] == [kept.path]
    house.database.close()


async def test_a_history_that_cannot_be_opened_can_still_be_replaced(tmp_path: Path) -> None:
    house = House(tmp_path / "sound")
    house.write("saved")
    copy = house.database.back_up()
    house.database.close()
    broken = House(tmp_path / "broken")
    broken.database.close()
    places = locate(tmp_path / "broken")
    places.database.unlink()
    places.database.mkdir()  # nothing that could be opened, nor moved aside by itself
    again = House(tmp_path / "broken")
    again.keeping.refresh()
    await until(lambda: again.tasks.count == 0)
    places.backups.mkdir(exist_ok=True)
    target = places.backups / copy.name
    target.write_bytes(copy.read_bytes())
    again.keeping.refresh()
    await until(lambda: len(again.keeping.backups) == 1)
    assert again.keeping.restore(again.keeping.backups[0])
    assert (await again.ended()).result == target
    assert again.restart.backup == target
    again.database.close()


@pytest.mark.parametrize("cancelled", [True, False])
async def test_a_restore_that_is_cancelled_asks_for_no_restart(
    tmp_path: Path, cancelled: bool
) -> None:
    house = House(tmp_path)
    house.write("kept")
    house.keeping.back_up()
    await house.ended()
    house.keeping.restore(house.keeping.backups[0])
    if cancelled:
        house.operations.cancel()
    outcome = await house.ended()
    assert outcome.cancelled == cancelled
    assert house.restart.wanted != cancelled
    house.database.close()
