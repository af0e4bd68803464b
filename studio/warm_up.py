"""Loads what the window lives on, between its first paint and the loop that it then runs on."""

from __future__ import annotations

import importlib
import logging
import threading
from collections.abc import Iterator

from PySide6.QtCore import QEventLoop, QObject, Qt, QTimer, Signal

_log = logging.getLogger(__name__)

# In one go on the window's own thread they would hold it for 130 ms of CPU.
NEEDED = (
    "asyncio",
    "qasync",
    "encodings.idna",
    "html",
    "studio.providers.addresses",
    "studio.providers.registry",
    "studio.storage.attachments",
    "studio.storage.secrets",
    "studio.sessions.account",
    "studio.sessions.balance_watch",
    "studio.sessions.black_box",
    "studio.sessions.catalogue",
    "studio.sessions.chats",
    "studio.sessions.gate",
    "studio.sessions.hosts",
    "studio.sessions.metering",
    "studio.sessions.model_choices",
    "studio.sessions.pictures",
    "studio.sessions.proxy_password",
    "studio.sessions.restart",
    "studio.sessions.titles",
    "studio.ui.credit_words",
    "studio.ui.import_drop",
    "studio.ui.inspector",
    "studio.ui.history_tools",
    "studio.ui.talk",
    "studio.ui.transcript.view",
    "studio.ui.widgets.empty_chat",
    "studio.logs",
    "studio.house",
    "studio.opening",
    "studio.preload",
)


class _Loading(QObject):
    ended = Signal()

    def run(self) -> None:
        """Import everything; a part that fails says so again to whoever needs it."""
        try:
            for name in NEEDED:
                importlib.import_module(name)
        except ImportError:
            _log.warning("a part of the program could not be loaded", exc_info=True)
        finally:
            self.ended.emit()


def warm_up(steps: Iterator[None]) -> None:
    """Load everything, then do `steps` one by one; the window is painted in between.

    Clicks and keys wait until this returns: they would meet a window with nobody behind it.
    """
    loading, waiting = _Loading(), QEventLoop()

    def step() -> None:
        try:
            next(steps)
        except StopIteration:
            waiting.quit()
        else:
            QTimer.singleShot(0, step)

    loading.ended.connect(step, Qt.ConnectionType.QueuedConnection)
    threading.Thread(target=loading.run, name="warm up", daemon=True).start()
    waiting.exec(QEventLoop.ProcessEventsFlag.ExcludeUserInputEvents)
