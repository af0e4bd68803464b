"""Tests of sessions run on the loop that the program uses."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import pytest

from studio.storage.db.database import Database
from tests.qt_loop import qt_loop, unhandled


def pytest_asyncio_loop_factories() -> dict[str, Callable[[], asyncio.AbstractEventLoop]]:
    """Qt and asyncio together."""
    return {"qt": qt_loop}


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol() -> Generator[None, object, object]:
    """Garbage dies between the tests: a worker thread that freed a Qt object would end in a crash.

    What outlives a test is frozen, so that only what is new is looked at.
    """
    gc.disable()
    result = yield
    gc.collect()
    gc.freeze()
    gc.enable()
    return result


@pytest.fixture(autouse=True)
def _nothing_is_unhandled() -> Iterator[None]:
    yield
    found = [str(each.get("exception") or each.get("message")) for each in unhandled]
    unhandled.clear()
    assert not found, found


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """A real database in a folder of its own."""
    opened = Database.open(tmp_path / "data" / "studio.db")
    yield opened
    opened.close()
