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
    *("studio.storage.pictures.attachments", "studio.storage.secrets", "studio.storage.usage_log"),
    *("studio.core.tokens", "studio.core.models", "studio.core.messages", "studio.core.images"),
    *(
        "studio.sessions.account.doctor",
        "studio.sessions.account.account",
        "studio.sessions.account.balance_watch",
    ),
    *(
        "studio.sessions.requests.exchange_log",
        "studio.sessions.requests.usage_log",
        "studio.sessions.requests.metering",
    ),
    *("tomllib", "studio.sessions.models.service_models", "studio.sessions.models.catalogue"),
    *(
        "studio.sessions.chat.answer",
        "studio.sessions.chat.turns",
        "studio.storage.history.conversations",
    ),
    *(
        "studio.sessions.chat.session",
        "studio.sessions.chat.chats",
        "studio.sessions.chat.pictures",
    ),
    *("studio.sessions.requests.lessons", "studio.ui.chat.model_details"),
    *(
        "studio.sessions.account.hosts",
        "studio.sessions.account.proxy_password",
        "studio.sessions.operations.restart_request",
    ),
    *(
        "studio.sessions.chat.titles",
        "studio.ui.widgets.credit_words",
        "studio.ui.transfer.import_drop",
    ),
    *(
        "studio.ui.chat.inspector",
        "studio.ui.widgets.notice",
        "studio.ui.links",
        "studio.ui.chat.attachments",
    ),
    *("studio.core.drafts", "studio.sessions.chat.drafts", "studio.ui.chat.draft"),
    *("studio.ui.chat.message_menu", "studio.ui.chat.recovery_actions", "studio.ui.chat.presenter"),
    *(
        "studio.ui.widgets.empty_chat",
        "studio.storage.history.layout",
        "studio.storage.history.search",
    ),
    *("studio.sessions.history.search", "studio.ui.history.filter", "studio.ui.history.results"),
    *(
        "studio.ui.history.tools",
        "studio.ui.widgets.remarks",
        "studio.ui.shell.history_jump",
        "studio.ui.shell.typed_text",
    ),
    *("markdown_it", "studio.core.markdown.incremental", "studio.ui.transcript.layout.style"),
    *(
        "studio.ui.transcript.layout.prose",
        "studio.ui.transcript.layout.section",
        "studio.ui.transcript.layout.conversation_layout",
    ),
    *("studio.ui.transcript.accessible", "studio.ui.transcript.view"),
    *(
        "studio.app.logs",
        "studio.app.preload",
        "studio.app.startup_notices",
        "studio.app.maintenance",
    ),
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
