"""Runs a call of the operating system that may hang, so that nothing has to wait for it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class _Operation(Generic[T]):
    """One call in a thread of its own, and whether anybody still waits for it."""

    def __init__(self, work: Callable[[], T]) -> None:
        self._work = work
        self._loop = asyncio.get_running_loop()
        self.outcome: asyncio.Future[T] = self._loop.create_future()
        self._awaited = True
        self._lock = threading.Lock()

    def run(self) -> None:
        """What the thread does."""
        try:
            result = self._work()
        except BaseException as error:  # noqa: BLE001 - handed to the one who waits
            self._tell(self._fail, error)
        else:
            self._tell(self._succeed, result)

    def abandon(self) -> None:
        """Nobody waits any more: the loop may be gone when the call returns, so leave it alone."""
        with self._lock:
            self._awaited = False

    def _tell(self, settle: Callable[..., None], value: object) -> None:
        with self._lock:
            if self._awaited:
                self._loop.call_soon_threadsafe(settle, value)

    def _succeed(self, result: T) -> None:
        if not self.outcome.done():
            self.outcome.set_result(result)

    def _fail(self, error: BaseException) -> None:
        if not self.outcome.done():
            self.outcome.set_exception(error)


async def run_apart(work: Callable[[], T], seconds: float, name: str) -> T:
    """The result of `work`, run in a thread of its own; TimeoutError after `seconds`.

    A call that hangs is abandoned: its thread is a daemon, so that the program can end, which
    a thread of the loop's pool would not allow. Cancelling abandons it too.
    """
    operation = _Operation(work)
    threading.Thread(target=operation.run, name=name, daemon=True).start()
    try:
        return await asyncio.wait_for(operation.outcome, seconds)
    finally:
        operation.abandon()
