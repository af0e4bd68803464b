"""Generators that are left in the middle are closed on the loop that they ran on, while it runs."""

from __future__ import annotations

import asyncio
import logging
import sys
import weakref
from collections import deque
from collections.abc import AsyncGenerator, Coroutine
from typing import Any, TypeVar

from studio.sessions.requests.tasks import TaskGroup

_log = logging.getLogger(__name__)

LAST_SECONDS = 1.0  # that what is still open has to come to its end

Generator = AsyncGenerator[Any, Any]
T = TypeVar("T")


class Generators:
    """Does for a loop of Qt what asyncio's own loops do for themselves: qasync sets no hooks.

    An answer that is stopped or refused leaves generators within the HTTP stack, each holding the
    next. Without a loop's care they are ended outside of any task, where what they await raises.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        """From now on and until the end of `around`, for all that this thread begins to iterate."""
        self._loop, self._tasks = loop, TaskGroup()
        self._begun: weakref.WeakSet[Generator] = weakref.WeakSet()
        self._left: deque[Generator] = deque()  # by any thread: whose was the last reference
        self._closing: set[asyncio.Task[None]] = set()
        self._open = True
        self._before = sys.get_asyncgen_hooks()
        sys.set_asyncgen_hooks(firstiter=self._begun.add, finalizer=self._leave)

    async def around(self, work: Coroutine[Any, Any, T]) -> T:
        """What `work` returns, once nothing that it began is left.

        Both in one coroutine: qasync lets Qt go on behind the end of one, with no loop running.
        """
        try:
            return await work
        finally:
            self._left.extend(self._begun)
            await self.settle()
            self._open = False
            sys.set_asyncgen_hooks(*self._before)

    async def settle(self) -> None:
        """Close what was left until now, and whatever that leaves."""
        self._close_left()
        while self._closing:
            _, late = await asyncio.wait(self._closing, timeout=LAST_SECONDS)
            if late:
                _log.warning("%d generator(s) did not come to their end", len(late))
                for task in late:
                    task.cancel()
                await asyncio.wait(late, timeout=LAST_SECONDS)
                return
            self._close_left()

    def _leave(self, generator: Generator) -> None:
        # What nobody closes after the loop has ended is dropped without another step.
        if self._open and not self._loop.is_closed():
            self._left.append(generator)
            self._loop.call_soon_threadsafe(self._close_left)

    def _close_left(self) -> None:
        while self._left and self._open and self._loop.is_running():
            generator = self._left.popleft()
            self._begun.discard(generator)
            task = self._tasks.start(_closed(generator), "close a generator")
            self._closing.add(task)
            task.add_done_callback(self._closing.discard)


async def _closed(generator: Generator) -> None:
    try:
        await generator.aclose()
    except Exception as error:  # noqa: BLE001 - nobody waits for what it has to say
        _log.debug("a generator that was left: %s", type(error).__name__)
