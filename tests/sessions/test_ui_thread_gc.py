"""Garbage with Qt objects in it dies on the thread it lives on."""

from __future__ import annotations

import gc
import threading
import weakref
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QObject

from studio.sessions.requests.ui_thread_gc import UiThreadGc


class Ring(QObject):
    """A Qt object in a circle, as a widget that is captured by its own slot."""

    def __init__(self) -> None:
        super().__init__()
        self.itself = self


@pytest.fixture
def collector() -> Iterator[UiThreadGc]:
    made = UiThreadGc()
    yield made
    made.close()


async def test_a_worker_thread_never_frees_it(collector: UiThreadGc) -> None:
    died_in: list[threading.Thread] = []
    ring = Ring()
    weakref.finalize(ring, lambda: died_in.append(threading.current_thread()))
    del ring

    kept: list[list[int]] = []

    def allocate() -> None:
        # Enough to make Python collect all three generations, were it left to itself.
        kept.extend([each] for each in range(200_000))

    worker = threading.Thread(target=allocate)
    worker.start()
    worker.join()
    assert died_in == []
    collector.collect()
    assert died_in == [threading.main_thread()]


async def test_python_collects_by_itself_again_afterwards() -> None:
    was = gc.isenabled()
    collector = UiThreadGc()
    assert not gc.isenabled()
    collector.close()
    assert gc.isenabled()
    if not was:
        gc.disable()
