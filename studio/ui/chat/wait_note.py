"""What a conversation waits for, and how long, beside the button that ends it."""

from __future__ import annotations

import math
import time

from PySide6.QtCore import QObject, QTimer

from studio.sessions.chat.session import ChatSession
from studio.sessions.states import SessionState
from studio.ui.chat.composer import Composer
from studio.ui.look import text

_TICK_MS = 250
# How long an answer may be silent before that is said; reasoning and prose come in steps.
SILENT_SECONDS = 15.0
_WAITING = (
    SessionState.QUEUED,
    SessionState.BACKING_OFF,
    SessionState.WAITING,
    SessionState.STREAMING,
)


class WaitNote(QObject):
    """Follows a session; ticks only while it waits."""

    def __init__(self, composer: Composer) -> None:
        super().__init__(composer)
        self._composer = composer
        self._session: ChatSession | None = None
        self._said = ""
        self._tick = QTimer(self)
        self._tick.setInterval(_TICK_MS)
        self._tick.timeout.connect(self._show)

    def follow(self, session: ChatSession) -> None:
        """Say what `session` waits for now."""
        self._session = session
        if session.state in _WAITING:
            self._tick.start()
            self._show()
        else:
            self._tick.stop()
            self._say("")

    def _show(self) -> None:
        if self._session is None:
            return
        turn = self._session.turn
        now = time.monotonic()
        if self._session.state is SessionState.STREAMING:
            words = self._silence()
        elif turn is not None and turn.resumes_at is not None:
            left = text.whole_seconds(math.ceil(max(0.0, turn.resumes_at - now)))
            words = self.tr("Next try in {time}").replace("{time}", left)
        elif turn is None or self._session.state is SessionState.QUEUED:
            words = self.tr("Waiting for its turn")
        else:
            waited = text.seconds(now - turn.since)
            words = self.tr("Waiting for the model, {time}").replace("{time}", waited)
        self._say(words)

    def _silence(self) -> str:
        silence = self._session.silence if self._session is not None else 0.0
        if silence < SILENT_SECONDS:
            return ""
        since = text.whole_seconds(int(silence))
        return self.tr("Nothing has come for {time}").replace("{time}", since)

    def _say(self, words: str) -> None:
        if words != self._said:
            self._said = words
            self._composer.set_note(words)
