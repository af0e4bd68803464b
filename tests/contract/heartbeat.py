"""A timer of 50 ms on the event loop: how long work kept it from beating."""

from __future__ import annotations

import asyncio
import time
from types import TracebackType
from typing import Self

BEAT = 0.05


class Heartbeat:
    """Beats while it is entered; `longest` is the most CPU time in seconds between two beats.

    CPU time, as a busy machine delays everything by wall time, and waiting does no harm.
    """

    def __init__(self) -> None:
        self.longest = 0.0
        self._last = 0.0
        self._timer: asyncio.TimerHandle | None = None

    def _beat(self) -> None:
        now = time.thread_time()
        self.longest = max(self.longest, now - self._last)
        self._last = now
        self._timer = asyncio.get_running_loop().call_later(BEAT, self._beat)

    async def __aenter__(self) -> Self:
        self._last = time.thread_time()
        self._beat()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.longest = max(self.longest, time.thread_time() - self._last)
        if self._timer is not None:
            self._timer.cancel()
