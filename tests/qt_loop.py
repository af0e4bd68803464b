"""One event loop for asyncio and Qt, for tests of sessions and widgets."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import qasync
from PySide6.QtWidgets import QApplication

from studio.sessions.requests.generators import Generator, Generators

# What ended in a loop and not with whoever waited; a fixture lets no test pass with any of it.
# "Cannot enter into task" is one: an event loop within the loop took a step out of the queue.
unhandled: list[dict[str, Any]] = []


def _remember(_: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    unhandled.append(context)


class _WatchedGenerators(Generators):
    """Tells of every generator of ours that nobody closed: it would end late, or nowhere.

    Those of others are closed between the coroutines of a test: begun within one, that could be
    carried on behind it, where Qt goes on with no loop running.
    """

    def _leave(self, generator: Generator) -> None:
        code = generator.ag_code  # type: ignore[attr-defined]  # unknown to its ABC
        if "studio" in Path(code.co_filename).parts:
            unhandled.append({"message": f"left in the middle: {code.co_qualname}"})
        self._left.append(generator)


class _QtLoop(qasync.QEventLoop):  # type: ignore[misc]  # qasync has no types
    """The program runs one coroutine; pytest runs several on a loop."""

    def __init__(self) -> None:
        app = QApplication.instance() or QApplication([])
        super().__init__(app, already_running=False)
        self.set_exception_handler(_remember)
        self._generators = _WatchedGenerators(self)

    def run_until_complete(self, future: Any) -> Any:
        try:
            return super().run_until_complete(future)
        finally:
            super().run_until_complete(self._generators.settle())
            asyncio._set_running_loop(None)

    def run_forever(self) -> Any:
        # The library lets Qt go on once more behind this: what comes due there, as on a slow
        # machine, is still of this loop.
        try:
            return super().run_forever()
        finally:
            asyncio._set_running_loop(self)

    async def shutdown_asyncgens(self) -> None:
        await self._generators.around(super().shutdown_asyncgens())


def qt_loop() -> asyncio.AbstractEventLoop:
    """A fresh loop on the one application of the test process."""
    loop: asyncio.AbstractEventLoop = _QtLoop()
    return loop
