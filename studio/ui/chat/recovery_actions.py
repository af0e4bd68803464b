"""What helps where an answer waits or fails: a countdown in its place, another model to go on."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QDate, QDateTime, QObject, QTimer

from studio.core.errors import ErrorAction, StoredError
from studio.core.messages import Message
from studio.core.models import Capability
from studio.sessions.chat.session import ChatSession
from studio.sessions.states import SessionState
from studio.sessions.studio import Studio
from studio.ui.look import text

if TYPE_CHECKING:
    from studio.ui.chat.inspector import Inspector
    from studio.ui.transcript.view import TranscriptView

_TICK_MS = 200
_LONGEST_NAP_MS = 600_000  # a computer that slept past midnight is noticed after that


class Remedies(QObject):
    """Follows the session that is shown, and does what its cards offer."""

    def __init__(
        self,
        kind: Capability,
        studio: Studio,
        use_model: Callable[[str], None],
        inspector: Inspector,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._kind, self._studio, self._use_model = kind, studio, use_model
        self._inspector = inspector
        self._busy = False  # whether an answer is under way
        self._view: TranscriptView | None = None
        self._session: ChatSession | None = None
        self._offline = ""  # the message that is asked again when the demo answers
        studio.service.changed.connect(self._on_service_changed)
        self._counting = ""  # the message that shows a countdown
        self._tick = QTimer(self)
        self._tick.setInterval(_TICK_MS)
        self._tick.timeout.connect(self._show)
        self._midnight = QTimer(self)  # "tomorrow" in a card is today then
        self._midnight.setSingleShot(True)
        self._midnight.timeout.connect(self._await_midnight)
        self._day = QDate.currentDate()

    def attach(self, view: TranscriptView) -> None:
        """Let the cards of a view offer another model."""
        self._view = view
        view.set_successor(self._successor)
        self._studio.catalogue.changed.connect(self._on_models_changed)
        self._await_midnight()

    def follow(self, session: ChatSession) -> None:
        """Show what `session` waits for now, and where it is cut."""
        if session is not self._session:
            if self._session is not None:
                self._session.cut.changed.disconnect(self._show_cut)
            session.cut.changed.connect(self._show_cut)
            self._busy = False
        self._session = session
        was_busy, self._busy = self._busy, session.state is not SessionState.IDLE
        if was_busy and not self._busy and session.messages:
            self._show_refusal(session.messages[-1])
        self._show()
        self._show_cut()

    def act(self, action: str, message_id: str) -> bool:
        """Do what a card offers; False for what is not of here."""
        from studio.ui.transcript.layout.wait import CANCEL
        from studio.ui.transcript.words import ASK_ANYWAY, CONTINUE_WITH, MEND, SEND_ALL

        session = self._session
        if session is None:
            return False
        verbs: dict[str, Callable[[], None]] = {
            CANCEL: session.stop,
            SEND_ALL: session.cut.send_all,
        }
        if verb := verbs.get(action):
            verb()
        elif action.startswith(CONTINUE_WITH):
            self._use_model(action.removeprefix(CONTINUE_WITH))
            session.retry(message_id)
        elif action == ASK_ANYWAY:
            asked = next((m.model for m in session.messages if m.id == message_id), "")
            self._studio.usage_log.ask_again(self._studio.service.key, asked)
            session.retry(message_id)
        elif action == ErrorAction.SHORTEN:
            if session.cut.shorten(session.messages, message_id):
                session.retry(message_id)
        elif action == ErrorAction.TRY_OFFLINE:
            self._offline = message_id
            return False  # the window starts the demo
        elif action == MEND:
            for refused in (each for each in session.messages if each.id == message_id):
                self._show_refusal(refused, mend=True)
        else:
            return False
        return True

    def _on_service_changed(self) -> None:
        message_id, self._offline = self._offline, ""
        session = self._session
        if session is None or not self._studio.service.demo:
            return
        if any(message.id == message_id for message in session.messages):
            session.retry(message_id)

    def _show_refusal(self, message: Message, *, mend: bool = False) -> None:
        """Say at its field which value was refused."""
        error = message.error
        if error is not None and (fields := error.values.get("fields", "").split()):
            self._inspector.show_refusal(fields, error.detail, mend=mend)

    def _successor(self, model: str) -> str:
        return self._studio.catalogue.successor(model, self._kind)

    def _show_cut(self) -> None:
        if self._view is not None and self._session is not None:
            self._view.stage.set_cut(self._session.cut.last_unsent)
            self._view.set_successor(self._successor)  # which shows the cards anew

    def _on_models_changed(self) -> None:
        if self._view is not None:
            self._view.set_successor(self._successor)

    def _await_midnight(self) -> None:
        today = QDate.currentDate()
        if today != self._day:
            self._day = today
            self._on_models_changed()
        left = QDateTime.currentDateTime().msecsTo(today.addDays(1).startOfDay())
        self._midnight.start(min(left + 1, _LONGEST_NAP_MS))

    def _show(self) -> None:
        from studio.ui.transcript.layout.wait import Waiting

        session, view = self._session, self._view
        if session is None or view is None:
            return
        turn = session.turn
        counting = session.messages[-1].id if session.messages else ""
        if turn is None or turn.resumes_at is None or turn.retry is None:
            self._tick.stop()
            if self._counting:
                view.set_waiting(self._counting, None)
            self._counting = ""
            return
        if self._counting and self._counting != counting:
            view.set_waiting(self._counting, None)
        left = max(0.0, turn.resumes_at - time.monotonic())
        reason = text.error_words(StoredError(turn.retry.reason))[0]
        waiting = Waiting(
            math.ceil(left),
            left / turn.pause if turn.pause else 0.0,
            reason,
            turn.retry.next_try,
            turn.retry.most_tries,
        )
        view.set_waiting(counting, waiting)
        self._counting = counting
        if not self._tick.isActive():
            self._tick.start()
