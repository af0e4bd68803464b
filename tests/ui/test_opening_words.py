"""What is said of a history that was found in another state than it was left."""

from __future__ import annotations

from pathlib import Path

import pytest

from studio.app.startup_notices import words_for_opening
from studio.storage.db.backups import BEFORE_RESTORE, DAILY
from studio.storage.db.database import Database
from studio.storage.db.opening import Mark, Place

pytestmark = pytest.mark.usefixtures("qapp")


def backed_up(folder: Path, label: str) -> Path:
    """A closed history and one backup of it."""
    path = folder / "studio.db"
    database = Database.open(path, backup_folder=folder / "backups")
    database.back_up(label)
    database.close()
    return path


def words_of(path: Path) -> str:
    database = Database(path, backup_folder=path.parent / "backups")
    words = words_for_opening(database.wait_open())
    database.close()
    return words


def test_a_restore_that_was_killed_half_way_is_called_that(tmp_path: Path) -> None:
    path = backed_up(tmp_path, BEFORE_RESTORE)
    path.rename(tmp_path / "studio.db.replaced-2026-01-01_000000")
    words = words_of(path)
    assert "Going back to a backup was interrupted" in words
    assert "damaged" not in words


def test_a_file_that_is_gone_is_not_called_damaged(tmp_path: Path) -> None:
    path = backed_up(tmp_path, DAILY)
    path.unlink()
    words = words_of(path)
    assert "was missing" in words
    assert not words.endswith(": ")


@pytest.mark.parametrize(("begun", "lost"), [(False, False), (True, True)])
def test_a_crash_before_anything_was_written_lost_no_words(
    tmp_path: Path, begun: bool, lost: bool
) -> None:
    path = backed_up(tmp_path, DAILY)
    mark = Mark(Place(path).beside(".open"))
    mark.begun = begun
    mark.write()
    assert ("may be lost" in words_of(path)) is lost
