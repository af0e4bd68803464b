"""Every database that was ever written opens today, with all that was in it."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import apsw
import pytest

from studio.core.errors import StudioError
from studio.core.messages import Conversation
from studio.storage.db import opening
from studio.storage.db.backups import list_backups
from studio.storage.db.database import Database
from studio.storage.db.migrations import MIGRATIONS, NEWEST
from studio.storage.history import conversations, listing
from tests.unit.storage.content import content_of

STORED = Path(__file__).parents[2] / "data" / "databases"
VERSIONS = range(1, NEWEST + 1)


@pytest.fixture(params=VERSIONS)
def stored(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Database, str]]:
    version = request.param
    shutil.copy(STORED / f"v{version}.db", tmp_path / "studio.db")
    database = Database.open(tmp_path / "studio.db", backup_folder=tmp_path / "backups")
    yield database, (STORED / f"v{version}.json").read_text(encoding="ascii").strip()
    database.close()


def test_there_is_a_stored_database_of_every_schema() -> None:
    assert {each.name for each in STORED.glob("v*.db")} == {f"v{each}.db" for each in VERSIONS}


def test_an_old_database_opens_with_all_that_was_in_it(stored: tuple[Database, str]) -> None:
    database, content = stored
    assert database.wait_open().state is opening.DatabaseState.GOOD
    assert database.call_sync(content_of) == content
    version = database.call_sync(lambda connection: connection.pragma("user_version"))
    assert version == NEWEST


def test_an_old_schema_grows_into_the_new_one(stored: tuple[Database, str], tmp_path: Path) -> None:
    database, _ = stored
    fresh = Database.open(tmp_path / "fresh" / "studio.db")

    def schema(connection: apsw.Connection) -> set[str]:
        rows = connection.execute("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL")
        return {" ".join(str(row[0]).split()) for row in rows}

    assert database.call_sync(schema) == fresh.call_sync(schema)
    fresh.close()


def _two(connection: apsw.Connection) -> None:
    connection.execute("ALTER TABLE conversations ADD COLUMN colour TEXT NOT NULL DEFAULT 'red'")


def _three(connection: apsw.Connection) -> None:
    connection.execute("UPDATE conversations SET colour = 'violet'")


def _broken(connection: apsw.Connection) -> None:
    connection.execute("UPDATE conversations SET title = 'lost'")
    connection.execute("ALTER TABLE conversations DROP COLUMN colour")
    connection.execute("SELECT 1 FROM nowhere")


def begun(path: Path) -> None:
    database = Database.open(path)
    database.call_sync(conversations.save_conversation, Conversation(title="kept"))
    database.close()


def test_a_backup_is_made_before_a_migration(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "studio.db"
    begun(path)
    monkeypatch.setattr(opening, "MIGRATIONS", (*MIGRATIONS, _two, _three))
    monkeypatch.setattr(opening, "NEWEST", NEWEST + 2)
    database = Database.open(path, backup_folder=tmp_path / "backups")
    colours = database.call_sync(
        lambda connection: connection.execute("SELECT colour FROM conversations").get
    )
    database.close()
    assert colours == "violet"
    backup = list_backups(tmp_path / "backups")[0]
    assert backup.label == f"before-v{NEWEST + 2}"
    old = sqlite3.connect(backup.path)
    assert old.execute("PRAGMA user_version").fetchone() == (NEWEST,)
    assert old.execute("SELECT title FROM conversations").fetchall() == [("kept",)]
    old.close()


def test_a_migration_that_fails_stops_at_the_last_whole_step(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "studio.db"
    begun(path)
    with monkeypatch.context() as newer:
        newer.setattr(opening, "MIGRATIONS", (*MIGRATIONS, _two, _broken))
        newer.setattr(opening, "NEWEST", NEWEST + 2)
        with pytest.raises(StudioError) as raised:
            Database.open(path, backup_folder=tmp_path / "backups")
        assert "nowhere" in raised.value.detail
    old = sqlite3.connect(path)
    assert old.execute("PRAGMA user_version").fetchone() == (NEWEST + 1,)
    assert old.execute("SELECT title, colour FROM conversations").fetchall() == [("kept", "red")]
    old.close()
    assert len(list_backups(tmp_path / "backups")) == 1
    with monkeypatch.context() as fixed:
        fixed.setattr(opening, "MIGRATIONS", (*MIGRATIONS, _two, _three))
        fixed.setattr(opening, "NEWEST", NEWEST + 2)
        database = Database.open(path)
        page = database.call_sync(listing.list_conversations)
        database.close()
    assert [each.title for each in page] == ["kept"]
