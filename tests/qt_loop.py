"""One event loop for asyncio and Qt, for tests of sessions and widgets."""

from __future__ import annotations

import asyncio
from typing import Any

import qasync
from PySide6.QtWidgets import QApplication

from studio.sessions.tasks import close_abandoned_generators

# What ended in a loop and not with whoever waited; a fixture lets no test pass with any of it.
# "Cannot enter into task" is one: an event loop within the loop took a step out of the queue.
unhandled: list[dict[str, Any]] = []


def _remember(_: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    unhandled.append(context)


def qt_loop() -> asyncio.AbstractEventLoop:
    """A fresh loop on the one application of the test process."""
    app = QApplication.instance() or QApplication([])
    loop: asyncio.AbstractEventLoop = qasync.QEventLoop(app, already_running=False)
    loop.set_exception_handler(_remember)
    close_abandoned_generators(loop)
    return loop
