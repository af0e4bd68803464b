"""A long history: folders, pages that are read when they are seen, and what is chosen of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt

from studio.core.messages import new_id
from studio.core.models import Capability
from studio.sessions.history.conversation_list import ConversationList, HistoryRole
from studio.sessions.history.rows import UNKNOWN, day_starts
from studio.sessions.requests.tasks import TaskGroup
from studio.storage.db.database import Database
from studio.storage.history import folders, listing
from studio.storage.history.listing import PAGE
from tests.history_parts import DAY, CountingDatabase, fill, keep, lines
from tests.scripted import until

MANY = 100_000


@pytest.fixture
def counting(tmp_path: Path) -> Iterator[CountingDatabase]:
    """A database that notes what it is asked."""
    opened = CountingDatabase(tmp_path / "data" / "counted.db")
    opened.calls = []
    opened.wait_open()
    yield opened
    opened.close()


def listing_of(database: Database) -> tuple[ConversationList, TaskGroup]:
    """The chat history of a database, and its tasks."""
    tasks = TaskGroup()
    return ConversationList(Capability.CHAT, database, tasks), tasks


def folder(database: Database, name: str, *ids: str) -> str:
    """A folder that holds these conversations."""
    made = new_id()
    database.call_sync(folders.create_folder, made, name)
    database.call_sync(folders.move_to_folder, ids, made)
    return made


# Folders.


async def test_folders_stand_between_what_is_pinned_and_the_days(database: Database) -> None:
    keep(database, "old", age=40 * DAY)
    made = [keep(database, name) for name in ("a", "b", "c", "d")]
    folder(database, "Home", made[0].id, made[1].id)
    folder(database, "Empty")
    rows, _ = listing_of(database)
    await rows.reload()
    rows.pin(made[3].id, True)
    await until(lambda: lines(rows)[0] == "[PINNED]")
    assert lines(rows) == [
        *("[PINNED]", "d"),
        *("(Home 2)", "b", "a", "(Empty 0)"),
        *("[TODAY]", "c", "[EARLIER]", "old"),
    ]


async def test_a_pinned_one_is_on_top_wherever_it_is_kept(database: Database) -> None:
    made = [keep(database, name) for name in ("a", "b")]
    folder(database, "Home", made[0].id, made[1].id)
    rows, _ = listing_of(database)
    await rows.reload()
    rows.pin(made[0].id, True)
    await until(lambda: lines(rows) == ["[PINNED]", "a", "(Home 1)", "b"])


async def test_a_closed_folder_hides_what_it_holds_and_says_how_much(database: Database) -> None:
    made = keep(database, "inside")
    keep(database, "outside")
    home = folder(database, "Home", made.id)
    rows, _ = listing_of(database)
    await rows.reload()
    rows.change_folders("close_folder", home, closed=True)
    await until(lambda: lines(rows) == ["(Home 1)", "[TODAY]", "outside"])
    assert rows.row_of(made.id) == -1
    rows.change_folders("close_folder", home, closed=False)
    await until(lambda: lines(rows) == ["(Home 1)", "inside", "[TODAY]", "outside"])


async def test_a_change_of_folders_is_told_to_other_lists(database: Database) -> None:
    made = keep(database, "one")
    rows, tasks = listing_of(database)
    told: list[bool] = []
    rows.shared_changed.connect(lambda: told.append(True))
    await rows.reload()
    rows.change_folders("create_folder", "f", "Home")
    rows.change_folders("move_to_folder", [made.id], "f")
    await until(lambda: tasks.count == 0)
    assert lines(rows) == ["(Home 1)", "one"]
    assert len(told) == 2


async def test_the_first_sight_shows_folders_before_they_are_counted(database: Database) -> None:
    made = keep(database, "inside")
    keep(database, "outside")
    folder(database, "Home", made.id)
    rows, _ = listing_of(database)
    rows.show_page(*database.call_sync(listing.first_sight, Capability.CHAT))
    assert lines(rows) == [f"(Home {UNKNOWN})", "inside", "[TODAY]", "outside"]
    await rows.reload()
    assert lines(rows) == ["(Home 1)", "inside", "[TODAY]", "outside"]


async def test_a_folder_heading_can_be_reached_and_not_chosen(database: Database) -> None:
    folder(database, "Home")
    rows, _ = listing_of(database)
    await rows.reload()
    assert rows.flags(rows.index(0, 0)) == Qt.ItemFlag.ItemIsEnabled
    assert rows.index(0, 0).data(HistoryRole.FOLDER).name == "Home"


# Pages.


async def test_a_page_in_sight_costs_a_page_however_long_the_history_is(
    counting: CountingDatabase,
) -> None:
    ids = fill(counting, MANY)
    rows, tasks = listing_of(counting)
    await rows.reload()
    assert rows.rowCount() == MANY + 1
    counting.calls.clear()
    for first in (0, 30_000, MANY - 20, 60_000):
        rows.want(first, first + 20)
        await until(lambda: tasks.count == 0)
        assert None not in [rows.at(row) for row in range(first + 1, first + 20)]
    assert [name for name, _ in counting.calls] == ["read_page"] * len(counting.calls)
    assert len(counting.calls) <= 8, "at most two pages for each sight"
    assert max(count for _, count in counting.calls) == PAGE
    summary = rows.at(60_001)
    assert summary is not None
    assert summary.id == ids[MANY - 60_001]


async def test_scrolling_far_reads_what_is_seen_at_last_and_not_what_was_passed(
    counting: CountingDatabase,
) -> None:
    fill(counting, MANY)
    rows, tasks = listing_of(counting)
    await rows.reload()
    counting.calls.clear()
    for first in range(0, MANY - 100, 100):  # as a drag of the bar within one frame
        rows.want(first, first + 20)
    await until(lambda: tasks.count == 0)
    assert rows.at(MANY - 190) is not None
    assert len(counting.calls) <= 3, counting.calls


async def test_what_is_held_stays_small_while_one_scrolls(database: Database) -> None:
    fill(database, 20_000)
    rows, tasks = listing_of(database)
    await rows.reload()
    for first in range(0, 19_000, 250):
        rows.want(first, first + 20)
        await until(lambda: tasks.count == 0)
    assert len(rows.titles) <= 30 * PAGE


async def test_a_reload_reads_no_more_than_what_is_in_sight(counting: CountingDatabase) -> None:
    fill(counting, 20_000)
    rows, tasks = listing_of(counting)
    await rows.reload()
    rows.want(10_000, 10_020)
    await until(lambda: rows.at(10_010) is not None and tasks.count == 0)
    counting.calls.clear()
    await rows.reload()
    assert [name for name, _ in counting.calls] == ["read_outline"]
    assert counting.calls[0][1] <= 3 * PAGE
    assert rows.at(10_010) is not None


async def test_nothing_is_reset_when_only_lines_changed(database: Database) -> None:
    made = [keep(database, f"{n}") for n in range(5)]
    rows, _ = listing_of(database)
    await rows.reload()
    resets: list[bool] = []
    rows.modelReset.connect(lambda: resets.append(True))
    rows.rename(made[2].id, "renamed")
    await until(lambda: "renamed" in lines(rows))
    assert resets == []
    keep(database, "another")
    await rows.reload()
    assert resets == [True]


async def test_the_headings_of_the_days_follow_as_far_as_pages_are_read(
    database: Database,
) -> None:
    fill(database, PAGE, age=40 * DAY)
    for number in range(PAGE + 50):
        keep(database, f"today {number}")
    rows, tasks = listing_of(database)
    await rows.reload()
    assert rows.headings == [0], "nothing is known beyond the first page"
    rows.want(PAGE, PAGE + 60)
    await until(lambda: tasks.count == 0)
    assert rows.headings == [0, PAGE + 51]


def test_days_begin_at_midnight() -> None:
    from datetime import datetime

    today, yesterday, week = (datetime.fromtimestamp(each) for each in day_starts((2026, 3, 20)))
    assert today == datetime(2026, 3, 20)
    assert yesterday == datetime(2026, 3, 19)
    assert week == datetime(2026, 3, 14)


# What is chosen of it.


async def test_chosen_rows_are_resolved_at_once_or_when_they_were_read(
    database: Database,
) -> None:
    ids = fill(database, 3 * PAGE)[::-1]
    rows, _ = listing_of(database)
    await rows.reload()
    got: list[list[str]] = []
    rows.resolve(rows.stretches(1, 3), got.append)
    assert got == [ids[:3]], "what is loaded needs no reading"
    rows.resolve(rows.stretches(0, rows.rowCount() - 1), got.append)
    await until(lambda: len(got) == 2)
    assert got[1] == ids


async def test_many_are_deleted_restored_pinned_and_moved(database: Database) -> None:
    made = [keep(database, name) for name in ("a", "b", "c")]
    home = folder(database, "Home")
    rows, _ = listing_of(database)
    await rows.reload()
    ids = [each.id for each in made[:2]]
    rows.delete(*ids)
    await until(lambda: lines(rows) == ["(Home 0)", "[TODAY]", "c"])
    rows.restore(*ids)
    await until(lambda: lines(rows) == ["(Home 0)", "[TODAY]", "c", "b", "a"])
    told: list[str] = []
    rows.edited.connect(lambda identity, _: told.append(identity))
    rows.pin_all(ids, True)
    await until(lambda: lines(rows)[:3] == ["[PINNED]", "b", "a"])
    assert told == ids
    rows.pin_all(ids, False)
    rows.change_folders("move_to_folder", ids, home)
    await until(lambda: lines(rows) == ["(Home 2)", "b", "a", "[TODAY]", "c"])


# Limits.


async def test_the_list_is_limited_to_a_model_or_a_folder(database: Database) -> None:
    a, b = keep(database, "a", model="x/one"), keep(database, "b", model="x/two")
    keep(database, "c", model="x/two")
    home = folder(database, "Home", a.id, b.id)
    folder(database, "Empty")
    rows, _ = listing_of(database)
    await rows.reload()
    rows.limit_to("x/two", None)
    await until(lambda: lines(rows) == ["(Home 1)", "b", "[TODAY]", "c"])
    rows.limit_to("", home)
    await until(lambda: lines(rows) == ["[TODAY]", "b", "a"])
    assert [each.name for each in rows.every_folder] == ["Home", "Empty"]
    rows.limit_to("x/one", home)
    await until(lambda: lines(rows) == ["[TODAY]", "a"])
    rows.limit_to("", None)
    await until(lambda: len(lines(rows)) == 6)
    models: list[list[str]] = []
    rows.find_models(models.append)
    await until(lambda: bool(models))
    assert models == [["x/two", "x/one"]]


async def test_a_folder_that_is_deleted_elsewhere_limits_no_longer(database: Database) -> None:
    made = keep(database, "a")
    keep(database, "b")
    home = folder(database, "Home", made.id)
    rows, tasks = listing_of(database)
    rows.limit_to("", home)
    await until(lambda: lines(rows) == ["[TODAY]", "a"])
    database.call_sync(folders.delete_folder, home)
    rows.refresh()
    await until(lambda: lines(rows) == ["[TODAY]", "b", "a"] and tasks.count == 0)
    assert rows.limits == ("", None)


async def test_refreshes_that_come_together_read_once_or_twice(counting: CountingDatabase) -> None:
    keep(counting, "a")
    rows, tasks = listing_of(counting)
    await rows.reload()
    counting.calls.clear()
    for _ in range(20):
        rows.refresh()
    await until(lambda: tasks.count == 0)
    assert len(counting.calls) == 1
    rows.refresh()
    await until(lambda: bool(counting.calls[1:]) or tasks.count == 0)
    keep(counting, "b")
    rows.refresh()
    await until(lambda: tasks.count == 0)
    assert lines(rows) == ["[TODAY]", "b", "a"]
