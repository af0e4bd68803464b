"""A database in a temporary folder, closed at the end whatever a test did with it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from studio.storage.db.database import Database


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = Database.open(tmp_path / "studio.db", backup_folder=tmp_path / "backups")
    yield opened
    opened.close()
