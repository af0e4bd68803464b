"""Loads what the window lives on, between its first paint and the loop that it then runs on."""

from __future__ import annotations

import importlib
import logging
from collections.abc import Callable, Iterator

from PySide6.QtCore import QEventLoop, QTimer

# What others import comes first, so that each is a small step. On the window's own thread: PySide
# makes its classes when they are first imported, and in another thread that races with Qt.
NEEDED = (
    *("socket", "selectors", "ssl", "subprocess", "asyncio", "qasync", "encodings.idna", "html"),
    *("studio.providers.addresses", "studio.providers.registry"),
    *("studio.storage.attachments", "studio.storage.secrets", "studio.storage.ledger"),
    *("studio.core.tokens", "studio.core.models", "studio.core.messages", "studio.core.images"),
    *("studio.sessions.doctor", "studio.sessions.account", "studio.sessions.balance_watch"),
    *("studio.sessions.black_box", "studio.sessions.ledger", "studio.sessions.metering"),
    *("tomllib", "studio.sessions.service_models", "studio.sessions.catalogue"),
    *("studio.sessions.answer", "studio.sessions.turns", "studio.storage.conversations"),
    *("studio.sessions.chat", "studio.sessions.chats", "studio.sessions.pictures"),
    *("studio.sessions.lessons", "studio.ui.model_details"),
    *("studio.sessions.hosts", "studio.sessions.proxy_password", "studio.sessions.restart"),
    *("studio.sessions.titles", "studio.ui.credit_words", "studio.ui.import_drop"),
    *("studio.ui.inspector", "studio.ui.notice", "studio.ui.links", "studio.ui.attachments"),
    *("studio.core.drafts", "studio.sessions.drafts", "studio.ui.draft"),
    *("studio.ui.message_menu", "studio.ui.remedies", "studio.ui.talk"),
    *("studio.ui.widgets.empty_chat", "studio.storage.outline", "studio.storage.search"),
    *("studio.sessions.history_search", "studio.ui.history_filter", "studio.ui.history_results"),
    *("studio.ui.history_tools", "studio.ui.history_jump", "studio.ui.typed_text"),
    *("markdown_it", "studio.core.markdown", "studio.ui.transcript.style"),
    *("studio.ui.transcript.prose", "studio.ui.transcript.section", "studio.ui.transcript.stage"),
    *("studio.ui.transcript.accessible", "studio.ui.transcript.view"),
    *("studio.logs", "studio.preload", "studio.opening", "studio.house"),
)

_log = logging.getLogger(__name__)


def warm_up(steps: Iterator[None], report: Callable[[Exception, str], None] | None = None) -> None:
    """Load everything, then do `steps`, one a turn; the window is painted in between.

    Clicks and keys wait until this returns: they would meet a window with nobody behind it. What
    cannot be loaded fails again, and says so, where it is needed; a step that fails is the last.
    """
    waiting = QEventLoop()
    work = _work(steps)

    def turn() -> None:
        try:
            next(work)
        except StopIteration:
            waiting.quit()
        except Exception as error:
            waiting.quit()
            if report is None:
                raise
            report(error, "the start")
        else:
            QTimer.singleShot(0, turn)

    QTimer.singleShot(0, turn)
    waiting.exec(QEventLoop.ProcessEventsFlag.ExcludeUserInputEvents)


def _work(steps: Iterator[None]) -> Iterator[None]:
    for name in NEEDED:
        try:
            importlib.import_module(name)
        except Exception as error:  # noqa: BLE001 - as above
            _log.error("%s cannot be loaded: %s", name, type(error).__name__)
        yield
    yield from steps
