"""What killed programs left goes, what somebody may still want to see stays."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from studio.storage import key_value
from studio.storage.history import conversations
from studio.storage.maintenance.cleanup import Cleared, clear_up, drop_replaced, sweep_attachments
from tests.unit.storage.transfer_parts import House, small_picture

DAY = 86400


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = House(tmp_path / "house")
    yield made
    made.close()


def sweep(house: House, *, days_later: float) -> int:
    now = time.time() + days_later * DAY
    return sweep_attachments(house.source.database, house.attachments, now=now)


def test_pictures_go_only_when_nothing_shows_them_any_more(house: House) -> None:
    kept = house.talk("kept", "look", picture=small_picture(1))
    thrown = house.talk("thrown away", "look", picture=small_picture(2))
    gone = house.talk("gone for good", "look", picture=small_picture(3))
    draft = house.attached(small_picture(4))
    house.attached(small_picture(5))  # of a question that was never sent
    house.database.call_sync(key_value.save_draft, "chat", {"pictures": [draft.sha256]})
    house.database.call_sync(conversations.delete, [gone.id])
    house.database.call_sync(conversations.empty_trash, now=time.time() + 31 * DAY)
    house.database.call_sync(conversations.delete, [thrown.id])
    assert len(house.files()) == 5
    assert sweep(house, days_later=44) == 0
    assert sweep(house, days_later=46) == 2
    assert len(house.files()) == 3
    assert house.attachments.read(draft.sha256, "image/png") == small_picture(4)
    for talk in (kept, thrown):
        opened = house.database.call_sync(conversations.open_conversation, talk.id)
        assert opened is not None
        image = opened[1][0].images[0]
        assert house.attachments.read(image.sha256, image.media_type)


def test_a_picture_that_is_attached_again_stays(house: House) -> None:
    old = house.attached(small_picture(1))
    path = house.attachments.path(old.sha256, "image/png")
    os.utime(path, (1e9, 1e9))
    house.attached(small_picture(1))
    assert sweep(house, days_later=1) == 0
    assert path.exists()


@pytest.mark.parametrize("why", ["damaged", "replaced"])
def test_nothing_goes_while_another_database_may_need_it(house: House, why: str) -> None:
    house.attached(small_picture(1))
    aside = house.folder / f"studio.db.{why}-2026-11-24_120000"
    aside.write_bytes(b"kept")
    assert sweep(house, days_later=400) == 0
    aside.unlink()
    assert sweep(house, days_later=400) == 1


def test_half_files_of_a_killed_program_go_and_those_being_written_stay(house: House) -> None:
    house.attached(small_picture(1))
    for folder in (house.folder, *house.folder.glob("attachments/*")):
        old = folder / ".0123456789abcdef.moda-part"
        old.write_bytes(b"half")
        os.utime(old, (1e9, 1e9))
        (folder / ".fedcba9876543210.moda-part").write_bytes(b"now")
    found = clear_up(house.source.database, house.attachments, house.source.pictures)
    assert found == Cleared(2, 0)
    assert house.litter() == [".fedcba9876543210.moda-part"] * 2


def test_a_history_that_a_backup_replaced_goes_after_long_and_a_damaged_one_never(
    house: House,
) -> None:
    database = house.source.database
    old = database.with_name(f"{database.name}.replaced-2026-01-02_030405")
    log = database.with_name(f"{old.name}-wal")
    odd = database.with_name(f"{database.name}.replaced-by-hand")
    damaged = database.with_name(f"{database.name}.damaged-2026-01-02_030405")
    for path in (old, log, odd, damaged):
        path.write_bytes(b"x")
    day = time.mktime((2026, 1, 2, 3, 4, 5, 0, 0, -1))
    assert drop_replaced(database, now=day + 44 * 86400) == 0
    assert drop_replaced(database, now=day + 46 * 86400) == 2
    assert [each.exists() for each in (old, log, odd, damaged)] == [False, False, True, True]
