"""A generator that is left in the middle comes to its end on its loop, never behind it."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncGenerator, Coroutine

import pytest
import qasync
from PySide6.QtWidgets import QApplication

from studio.sessions.requests import generators
from studio.sessions.requests.generators import Generators

Ends = list[str]  # how each generator ended: "in a task" is the only right one


async def layer(depth: int, ends: Ends) -> AsyncGenerator[int]:
    """One of several, each iterating over the next, as those of an HTTP stack do."""
    try:
        if depth:
            async for each in layer(depth - 1, ends):
                yield each
        for each in range(2):
            yield each
    finally:
        try:
            asyncio.current_task()  # raises without a running loop
            await asyncio.sleep(0)
            ends.append("in a task")
        except RuntimeError:
            ends.append("outside")


async def first_of(generator: AsyncGenerator[int]) -> None:
    """Take one and go."""
    async for _ in generator:
        return


async def kept_alive(ends: Ends) -> None:
    """Leave one in a circle of references: only the garbage collection would find it."""
    circle: list[object] = []
    generator = layer(2, ends)
    circle += [circle, generator]
    await anext(generator)


def on_a_loop_of_qt(work: Coroutine[None, None, None], qapp: QApplication) -> None:
    """Run a coroutine as the program runs itself, and then let Qt go on without the loop."""
    with qasync.QEventLoop(qapp) as loop:
        loop.run_until_complete(Generators(loop).around(work))
        loop.run_until_complete(asyncio.sleep(0))
    gc.collect()
    qapp.sendPostedEvents()


def test_generators_within_generators_end_before_their_loop(qapp: QApplication) -> None:
    ends: Ends = []
    on_a_loop_of_qt(first_of(layer(4, ends)), qapp)
    assert ends == ["in a task"] * 5


def test_a_generator_that_only_garbage_collection_would_find_ends_before_its_loop(
    qapp: QApplication,
) -> None:
    ends: Ends = []
    gc.disable()
    try:
        on_a_loop_of_qt(kept_alive(ends), qapp)
    finally:
        gc.enable()
    assert ends == ["in a task"] * 3


def test_a_generator_that_is_left_behind_its_loop_takes_no_further_step(
    qapp: QApplication,
) -> None:
    ends: Ends = []
    kept = [layer(0, ends)]

    async def begin() -> None:
        await anext(kept[0])
        care._begun.discard(kept[0])  # so that it is not closed with the rest

    with qasync.QEventLoop(qapp) as loop:
        care = Generators(loop)
        loop.run_until_complete(care.around(begin()))
        kept.clear()
        gc.collect()
    qapp.sendPostedEvents()
    assert ends == []


def test_a_generator_that_does_not_end_holds_up_nobody(
    qapp: QApplication, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(generators, "LAST_SECONDS", 0.01)

    async def stubborn() -> AsyncGenerator[int]:
        try:
            yield 1
        finally:
            await asyncio.Event().wait()

    on_a_loop_of_qt(first_of(stubborn()), qapp)
    assert "did not come to their end" in caplog.text


def test_an_error_at_the_end_of_a_generator_is_noted_and_nothing_else(
    qapp: QApplication, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG", generators.__name__)

    async def clumsy() -> AsyncGenerator[int]:
        try:
            yield 1
        finally:
            raise OSError("what the user wrote")

    on_a_loop_of_qt(first_of(clumsy()), qapp)
    assert "OSError" in caplog.text
    assert "what the user wrote" not in caplog.text
