"""Tests of widgets run on the loop that the program uses."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.qt_loop import qt_loop

from studio.storage.database import Database


def pytest_asyncio_loop_factories() -> dict[str, Callable[[], asyncio.AbstractEventLoop]]:
    """Qt and asyncio together."""
    return {"qt": qt_loop}


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """A real database in a folder of its own."""
    opened = Database.open(tmp_path / "data" / "studio.db")
    yield opened
    opened.close()
