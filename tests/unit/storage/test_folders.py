"""Folders, and the history laid out in parts and pages."""

from __future__ import annotations

import apsw
import pytest

from studio.core.messages import new_id
from studio.core.models import Capability
from studio.storage.db.database import Database
from studio.storage.history import conversations, folders, layout, listing
from studio.storage.history.layout import LOOSE, PINNED, PageKey, Scope
from studio.storage.history.listing import PAGE
from tests.history_parts import fill, keep

CHAT = Scope(Capability.CHAT)


def folder(database: Database, name: str) -> str:
    """A new folder's id."""
    made = new_id()
    database.call_sync(folders.create_folder, made, name)
    return made


def named(database: Database) -> list[str]:
    """The names of all folders in their order."""
    return [each.name for each in database.call_sync(folders.list_folders)]


def titles(database: Database, part: str, scope: Scope = CHAT) -> list[str]:
    """The first page of a part."""
    page = database.call_sync(layout.read_page, scope, PageKey(part, 0))
    return [each.title for each in page]


def test_folders_keep_their_order_and_their_names(database: Database) -> None:
    first = folder(database, "  Work \n at  home ")
    folder(database, "工作")
    database.call_sync(folders.create_folder, "nameless", " \n ")
    assert named(database) == ["Work at home", "工作"]
    database.call_sync(folders.rename_folder, first, "Home")
    database.call_sync(folders.rename_folder, first, "   ")
    assert named(database) == ["Home", "工作"]
    database.call_sync(folders.rename_folder, first, "x" * 500)
    assert len(named(database)[0]) == folders.LONGEST_NAME


def test_a_conversation_moves_in_and_out_and_keeps_its_place_in_time(database: Database) -> None:
    old, new = keep(database, "old"), keep(database, "new")
    home = folder(database, "Home")
    database.call_sync(folders.move_to_folder, [old.id], home)
    assert (titles(database, home), titles(database, LOOSE)) == (["old"], ["new"])
    database.call_sync(folders.move_to_folder, [old.id, new.id], home)
    assert (titles(database, home), titles(database, LOOSE)) == (["new", "old"], [])
    database.call_sync(folders.move_to_folder, [old.id], None)
    assert titles(database, LOOSE) == ["old"]
    database.call_sync(folders.move_to_folder, [old.id], "gone meanwhile")
    assert titles(database, LOOSE) == ["old"]


def test_saving_a_conversation_again_leaves_it_in_its_folder(database: Database) -> None:
    made = keep(database, "mine")
    home = folder(database, "Home")
    database.call_sync(folders.move_to_folder, [made.id], home)
    database.call_sync(conversations.save_conversation, made)
    assert titles(database, home) == ["mine"]


def test_a_deleted_folder_keeps_its_conversations_also_in_the_trash(database: Database) -> None:
    kept, trashed = keep(database, "kept"), keep(database, "trashed")
    home = folder(database, "Home")
    database.call_sync(folders.move_to_folder, [kept.id, trashed.id], home)
    database.call_sync(folders.close_folder, home, closed=True)
    database.call_sync(conversations.delete, [trashed.id])
    database.call_sync(folders.delete_folder, home)
    assert named(database) == []
    assert titles(database, LOOSE) == ["kept"]
    database.call_sync(conversations.restore, [trashed.id])
    assert titles(database, LOOSE) == ["trashed", "kept"]
    assert database.call_sync(lambda c: list(c.execute("PRAGMA foreign_key_check"))) == []


def test_a_closed_folder_stays_closed(database: Database) -> None:
    first, second = folder(database, "a"), folder(database, "b")
    database.call_sync(folders.close_folder, second, closed=True)
    assert [each.closed for each in database.call_sync(folders.list_folders)] == [False, True]
    database.call_sync(folders.close_folder, second, closed=False)
    database.call_sync(folders.close_folder, first, closed=True)
    assert [each.closed for each in database.call_sync(folders.list_folders)] == [True, False]


def test_the_outline_counts_every_part_once(database: Database) -> None:
    made = [keep(database, f"{n}") for n in range(10)]
    keep(database, "a picture", kind=Capability.VISION)
    home, empty = folder(database, "Home"), folder(database, "Empty")
    database.call_sync(folders.move_to_folder, [each.id for each in made[:4]], home)
    database.call_sync(conversations.pin_all, [made[0].id, made[9].id], pinned=True)
    database.call_sync(conversations.delete, [made[1].id])
    keys = [PageKey(PINNED, 0), PageKey(home, 0), PageKey(LOOSE, 0)]
    seen = database.call_sync(layout.read_outline, CHAT, keys)
    assert (seen.pinned, seen.loose) == (2, 5)
    assert {each.id: each.length for each in seen.folders} == {home: 2, empty: 0}
    assert [len(seen.pages[key]) for key in keys] == [2, 2, 5]
    assert [each.title for each in seen.pages[keys[0]]] == ["9", "0"]


def test_a_scope_limits_to_a_model_and_to_a_folder(database: Database) -> None:
    a, b = keep(database, "a", model="x/one"), keep(database, "b", model="x/two")
    c = keep(database, "c", model="x/one")
    home = folder(database, "Home")
    database.call_sync(folders.move_to_folder, [b.id, c.id], home)
    database.call_sync(conversations.pin, c.id, pinned=True)
    one = CHAT._replace(model="x/one")
    seen = database.call_sync(layout.read_outline, one, ())
    assert (seen.pinned, seen.loose, seen.folders[0].length) == (1, 1, 0)
    inside = CHAT._replace(folder_id=home)
    seen = database.call_sync(layout.read_outline, inside, ())
    assert (seen.pinned, seen.loose) == (1, 1)
    assert titles(database, LOOSE, inside) == ["b"]
    assert titles(database, PINNED, inside) == ["c"]
    assert titles(database, LOOSE, one) == ["a"]
    assert database.call_sync(layout.list_models, Capability.CHAT) == ["x/one", "x/two"]
    assert a.model == "x/one"


@pytest.mark.parametrize("with_folder", [False, True])
def test_pages_hold_everything_once_and_in_order(database: Database, with_folder: bool) -> None:
    ids = fill(database, 2 * PAGE + 30)
    if with_folder:
        home = folder(database, "Home")
        database.call_sync(folders.move_to_folder, ids[50:60], home)
        del ids[50:60]
    pages = [database.call_sync(layout.read_page, CHAT, PageKey(LOOSE, n)) for n in range(4)]
    assert [each.id for page in pages for each in page] == ids[::-1]
    assert pages[3] == ()
    stretch = database.call_sync(layout.read_ids, CHAT, LOOSE, 95, 20)
    assert stretch == ids[::-1][95:115]


def test_the_first_sight_brings_folders_only_where_there_are_some(database: Database) -> None:
    keep(database, "one")
    page, known = database.call_sync(listing.first_sight, Capability.CHAT)
    assert ([each.title for each in page], known) == (["one"], ())
    home = folder(database, "Home")
    _, known = database.call_sync(listing.first_sight, Capability.CHAT)
    assert [each.id for each in known] == [home]


def test_what_is_deleted_for_good_is_gone_with_its_words(database: Database) -> None:
    from studio.storage.history import search

    made = [keep(database, f"秋天 {n}") for n in range(4)]
    database.call_sync(conversations.delete, [each.id for each in made[:3]])
    gone = database.call_sync(conversations.delete_for_good, [made[0].id, made[3].id, "nobody"])
    assert gone == 1, "only what is in the trash"
    assert len(database.call_sync(conversations.list_trash)) == 2
    assert database.call_sync(conversations.delete_for_good, None, limit=1) == 1
    assert database.call_sync(conversations.delete_for_good, None) == 1
    assert database.call_sync(conversations.list_trash) == []
    page = database.call_sync(search.search_messages, "秋天")
    assert [each.title for each in page.hits] == ["秋天 3"]

    def left(connection: apsw.Connection) -> int:
        return sum(
            int(str(connection.execute(f"SELECT count(*) FROM {table}").get))
            for table in ("messages", "parts", "message_index", "title_index")
        )

    assert database.call_sync(left) == 4


def test_the_trash_is_read_in_pages(database: Database) -> None:
    made = [keep(database, f"{n}") for n in range(7)]
    for each in made:
        database.call_sync(conversations.delete, [each.id])
    first = database.call_sync(conversations.list_trash, limit=4)
    rest = database.call_sync(conversations.list_trash, limit=4, skipped=4)
    assert [each.title for each in [*first, *rest]] == ["6", "5", "4", "3", "2", "1", "0"]
