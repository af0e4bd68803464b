"""Goes from what a search found to the place of it inside the conversation."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer

from studio.sessions.chat.session import ChatSession
from studio.sessions.history.search import Hit, SearchHit
from studio.ui.chat.presenter import Presenter


class HistoryJump(QObject):
    """Opens the conversation, shows the version that holds the hit, and marks it in sight."""

    def __init__(self, presenter: Presenter) -> None:
        super().__init__(presenter)
        self._presenter = presenter
        self._hit: Hit | None = None  # where to go once its conversation is there
        self._shown = False  # whether the marks in the transcript are ours
        presenter.shown.connect(self._on_shown)

    def go(self, found: SearchHit) -> None:
        """Show what was found; one that matches by its title alone is opened as it is."""
        self._hit = found.hit
        if found.hit is None:
            self._unmark()
        self._presenter.open_conversation(found.summary.id)
        session = self._presenter.session
        if session is not None and session.conversation.id == found.summary.id:
            self._on_shown(session)

    def _on_shown(self, session: ChatSession) -> None:
        hit = self._hit
        if hit is None or session.conversation.id != hit.conversation_id:
            self._hit = None
            self._unmark()
            return
        if any(message.id == hit.message_id for message in session.messages):
            self._hit = None
            # When the page has got its size: how far to scroll depends on it.
            QTimer.singleShot(0, self, lambda: self._reveal(hit))
        else:
            # On another version; the session tells when that is shown.
            session.show_message(hit.message_id)

    def _reveal(self, hit: Hit) -> None:
        session = self._presenter.session
        message = (
            next((m for m in session.messages if m.id == hit.message_id), None) if session else None
        )
        if message is None:
            return
        self._presenter.view.finding.show_hit(message.id, hit.words, hit.before)
        self._shown = True

    def _unmark(self) -> None:
        if self._shown:
            self._shown = False
            self._presenter.view.finding.dismiss()
