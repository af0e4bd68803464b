"""Calls that may hang run apart: their result, their error, and being left behind."""

from __future__ import annotations

import asyncio
import threading

import pytest

from studio.sessions.requests.abandonable_call import run_apart


async def test_the_result_and_the_error_of_a_call_arrive() -> None:
    assert await run_apart(threading.get_ident, 10, "call") != threading.get_ident()

    def fail() -> None:
        raise KeyError("gone")

    with pytest.raises(KeyError, match="gone"):
        await run_apart(fail, 10, "call")


async def test_a_call_that_hangs_is_left_behind_and_its_late_result_is_dropped() -> None:
    release, ended = threading.Event(), threading.Event()

    def hang() -> int:
        release.wait()
        ended.set()
        return 1

    with pytest.raises(TimeoutError):
        await run_apart(hang, 0.02, "call")
    thread = next(each for each in threading.enumerate() if each.name == "call")
    assert thread.daemon, "a call that hangs would keep the program from ending"
    release.set()
    thread.join(10)
    assert ended.is_set()
    await asyncio.sleep(0)


async def test_cancelling_does_not_wait_for_the_call() -> None:
    release = threading.Event()
    waiting = asyncio.get_running_loop().create_task(run_apart(release.wait, 60, "call"))
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    release.set()
