"""Runs a call of the operating system that may hang, so that nothing has to wait for it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

T = TypeVar("T")


async def run_apart(work: Callable[[], T], seconds: float, name: str) -> T:
    """The result of `work`, run in a thread of its own; TimeoutError after `seconds`.

    A call that hangs is abandoned: its thread is a daemon, so that the program can end, which
    a thread of the loop's pool would not allow. Cancelling abandons it too.
    """
    loop = asyncio.get_running_loop()
    outcome: asyncio.Future[T] = loop.create_future()

    def settle(result: T | None, error: BaseException | None) -> None:
        if outcome.done():
            return
        if error is not None:
            outcome.set_exception(error)
        else:
            outcome.set_result(result)  # type: ignore[arg-type] # None only where T allows it

    def run() -> None:
        result, error = None, None
        try:
            result = work()
        except BaseException as raised:  # noqa: BLE001 - handed to the one who waits
            error = raised
        # The loop may have been closed while an abandoned call was hanging.
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(settle, result, error)

    threading.Thread(target=run, name=name, daemon=True).start()
    return await asyncio.wait_for(outcome, seconds)
