"""One long piece of work at a time: how far it is, how it ends, and that the program waits."""

from __future__ import annotations

import asyncio
import threading

import pytest

from studio.core.errors import ErrorKind, StudioError
from studio.core.transfer.common import Watch
from studio.sessions.operations.operations import Operation, Operations, Outcome
from studio.sessions.requests.tasks import TaskGroup
from tests.scripted import until


class Bench:
    """Operations, and what they told."""

    def __init__(self) -> None:
        self.tasks = TaskGroup()
        self.operations = Operations(self.tasks)
        self.outcomes: list[Outcome] = []
        self.failures: list[object] = []
        self.operations.ended.connect(self.outcomes.append)
        self.tasks.failed.connect(self.failures.append)

    async def ended(self) -> Outcome:
        """The outcome, once there is one."""
        await until(lambda: bool(self.outcomes))
        return self.outcomes.pop()


class Steps:
    """Work in steps that the test allows one by one; it hears of a wish to end at each."""

    def __init__(self, count: int) -> None:
        self.count, self.done = count, 0
        self.allowed = threading.Semaphore(0)
        self.thread = ""

    def __call__(self, watch: Watch) -> str:
        self.thread = threading.current_thread().name
        while self.done < self.count:
            self.allowed.acquire()
            watch.step(self.done, self.count)
            self.done += 1
        watch.progress(self.count, self.count)
        return "all of it"


async def test_work_runs_in_a_thread_tells_how_far_it_is_and_brings_its_result() -> None:
    bench, steps = Bench(), Steps(4)
    assert bench.operations.start(Operation.EXPORT, steps)
    assert (bench.operations.operation, bench.operations.share) == (Operation.EXPORT, None)
    for done in (1, 2):
        steps.allowed.release()
        await until(lambda done=done: steps.done == done)  # type: ignore[misc]  # bound at once
    assert bench.operations.share == 0.25
    steps.allowed.release(2)
    assert await bench.ended() == Outcome(Operation.EXPORT, "all of it")
    assert bench.operations.operation is None
    assert steps.thread != threading.main_thread().name


async def test_only_one_thing_is_done_at_a_time() -> None:
    bench, steps = Bench(), Steps(1)
    assert bench.operations.start(Operation.BACK_UP, steps)
    assert not bench.operations.start(Operation.IMPORT, lambda _: "never")
    assert bench.operations.operation is Operation.BACK_UP
    steps.allowed.release()
    assert (await bench.ended()).result == "all of it"
    assert bench.operations.start(Operation.IMPORT, lambda _: "now")
    assert (await bench.ended()).result == "now"


async def test_a_cancelled_operation_ends_at_its_next_step() -> None:
    bench, steps = Bench(), Steps(100)
    bench.operations.start(Operation.IMPORT, steps)
    steps.allowed.release()
    await until(lambda: steps.done == 1)
    bench.operations.cancel()
    assert bench.operations.cancelling
    steps.allowed.release()
    outcome = await bench.ended()
    assert outcome.cancelled
    assert steps.done == 1
    assert not bench.operations.cancelling


async def test_a_refusal_comes_as_words_and_anything_else_as_a_fault() -> None:
    bench = Bench()

    def refuse(_: Watch) -> str:
        raise StudioError(ErrorKind.NOT_IMPORTED, values={"reason": "why"})

    def break_down(_: Watch) -> str:
        raise ZeroDivisionError

    bench.operations.start(Operation.IMPORT, refuse)
    outcome = await bench.ended()
    assert outcome.error is not None
    assert outcome.error.kind is ErrorKind.NOT_IMPORTED
    assert not outcome.cancelled
    bench.operations.start(Operation.IMPORT, break_down)
    await until(lambda: bool(bench.failures))
    assert bench.operations.operation is None, "the next one can begin"
    assert bench.outcomes == []


@pytest.mark.parametrize("hears", [True, False])
async def test_the_end_of_the_program_ends_the_work_and_waits_for_it(hears: bool) -> None:
    bench, steps = Bench(), Steps(1 if hears else 0)
    left = threading.Event()

    def work(watch: Watch) -> str:
        try:
            return steps(watch)
        finally:
            left.set()

    bench.operations.start(Operation.BACK_UP, work)
    await until(lambda: bool(steps.thread))
    closing = asyncio.get_running_loop().create_task(bench.tasks.close())
    if hears:
        await until(lambda: bench.operations.cancelling)
        steps.allowed.release()
    await closing
    assert left.is_set()
    assert bench.tasks.count == 0
