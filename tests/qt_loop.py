"""One event loop for asyncio and Qt, for tests of sessions and widgets."""

from __future__ import annotations

import asyncio

import qasync
from PySide6.QtWidgets import QApplication


def qt_loop() -> asyncio.AbstractEventLoop:
    """A fresh loop on the one application of the test process."""
    app = QApplication.instance() or QApplication([])
    loop: asyncio.AbstractEventLoop = qasync.QEventLoop(app, already_running=False)
    return loop
