"""All open conversations: the shown ones and those that go on in the background."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from studio.core.errors import StudioError
from studio.core.messages import Conversation, MessageStatus, Role, new_id
from studio.core.models import Capability
from studio.sessions.chat.session import ChatSession
from studio.sessions.chat.versions import fork
from studio.sessions.requests.tasks import TaskGroup
from studio.sessions.states import Mark, SessionState
from studio.storage.db.database import Database

if TYPE_CHECKING:
    from studio.storage.history.cut_short import CutShort

# Idle sessions that are kept, so that going back to a conversation costs nothing.
KEPT_IDLE = 8


_MARKS = {
    SessionState.SAVING: Mark.RUNNING,
    SessionState.QUEUED: Mark.WAITING,
    SessionState.BACKING_OFF: Mark.WAITING,
    SessionState.WAITING: Mark.RUNNING,
    SessionState.STREAMING: Mark.RUNNING,
}
_ENDS = {
    MessageStatus.COMPLETE: Mark.UNREAD,
    MessageStatus.INTERRUPTED: Mark.CUT,
    MessageStatus.FAILED: Mark.CUT,
}


class Chats(QObject):
    """Makes a session for each conversation; one that is busy lives on when another is shown.

    `changed(conversation_id)` comes when a conversation's place or line in the history changed,
    `marks_changed` when `mark_of` has another answer for any of them.
    """

    changed = Signal(str)
    marks_changed = Signal()
    opened = Signal(object)  # the ChatSession that `open` was asked for, loaded
    forked = Signal(object)  # the ChatSession of a conversation that branched off, loaded

    def __init__(
        self,
        build: Callable[[Conversation], ChatSession],
        database: Database,
        tasks: TaskGroup,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._build, self._database, self._tasks = build, database, tasks
        self._sessions: dict[str, ChatSession] = {}
        self._reading: set[str] = set()
        self._ended: dict[str, Mark] = {}  # how answers ended that nobody has seen
        self._shown: dict[Capability, str] = {}

    def begin(self, kind: Capability, model: str, like: Conversation | None = None) -> ChatSession:
        """A new, empty conversation; it is stored with its first question.

        With `like`, it takes over system prompt, parameters and protocol.
        """
        now = time.time()
        start = like or Conversation()
        fresh = replace(
            start,
            id=new_id(),
            kind=kind,
            model=model,
            title="",
            head_id=None,
            pinned=False,
            created_at=now,
            updated_at=now,
        )
        return self._add(fresh)

    def session(self, conversation: Conversation) -> tuple[ChatSession, bool]:
        """The session of a stored conversation, and whether it still has to be loaded."""
        known = self._sessions.get(conversation.id)
        if known is not None:
            # Moved to the end: the one that was shown last is kept longest.
            self._sessions[conversation.id] = self._sessions.pop(conversation.id)
            return known, False
        return self._add(conversation), True

    def fork(self, message_id: str) -> None:
        """Begin a conversation with copies of everything down to a message."""
        self._tasks.start(self._fork(message_id), "fork a conversation")

    async def _fork(self, message_id: str) -> None:
        for session in list(self._sessions.values()):
            await session.save_rest()  # the copies are made on disk
        made = await fork(self._database, message_id)
        if made is not None:
            session = self._add(made)
            await session.load()
            self.changed.emit(made.id)
            self.forked.emit(session)

    def open(self, conversation: Conversation) -> None:
        """Show a stored conversation: `opened` brings its session when it has been read."""
        session, unread = self.session(conversation)
        if unread:
            self._reading.add(conversation.id)
            self._tasks.start(self._read(session, conversation.id), "open a conversation")
        elif conversation.id not in self._reading:
            self.opened.emit(session)

    async def _read(self, session: ChatSession, conversation_id: str) -> None:
        try:
            await session.load()
        except StudioError:
            self.forget(conversation_id)  # to be read again when it is asked for again
            raise
        finally:
            self._reading.discard(conversation_id)
        self.opened.emit(session)

    def _add(self, conversation: Conversation) -> ChatSession:
        # Without a parent: a session that is forgotten here lives on while a tab shows it or its
        # task has something to store.
        session = self._build(conversation)
        key = conversation.id
        session.conversation_changed.connect(lambda _: self.changed.emit(key))
        session.state_changed.connect(lambda state: self._on_state(key, state))
        self._sessions[key] = session
        self._forget_idle()
        return session

    # What the history shows of them.

    def mark_of(self, conversation_id: str) -> Mark | None:
        """What is to be shown of a conversation; None where it is at rest."""
        session = self._sessions.get(conversation_id)
        busy = _MARKS.get(session.state) if session is not None else None
        return busy or self._ended.get(conversation_id)

    def show(self, kind: Capability, conversation_id: str) -> None:
        """A tab shows a conversation: what has come of it is seen."""
        self._shown[kind] = conversation_id
        if self._ended.pop(conversation_id, None) is not None:
            self.marks_changed.emit()

    async def find_cut_short(self) -> list[CutShort]:
        """The conversations whose answers the end of the last run cut short; they are marked."""
        from studio.storage.history.cut_short import take_cut_short

        found = await self._database.call(take_cut_short)
        self._ended |= dict.fromkeys((each.id for each in found), Mark.CUT)
        if found:
            self.marks_changed.emit()
        return found

    def _on_state(self, conversation_id: str, state: SessionState) -> None:
        session = self._sessions.get(conversation_id)
        if session is not None and conversation_id not in self._shown.values():
            last = session.messages[-1] if session.messages else None
            answered = last is not None and last.role is Role.ASSISTANT
            end = _ENDS.get(last.status) if last is not None and answered else None
            if state is SessionState.IDLE and end is not None:
                self._ended[conversation_id] = end
            else:
                self._ended.pop(conversation_id, None)
        self.marks_changed.emit()
        self.changed.emit(conversation_id)

    async def reload(self) -> None:
        """Read those anew that do nothing: messages have come in by another way."""
        for session in list(self._sessions.values()):
            if session.state is SessionState.IDLE:
                await session.load()

    def forget(self, conversation_id: str) -> None:
        """Drop the session of a conversation that was deleted; what it does is stopped."""
        session = self._sessions.pop(conversation_id, None)
        self._ended.pop(conversation_id, None)
        if session is not None:
            session.stop()

    def follow(self, conversation_id: str, what: dict[str, object]) -> None:
        """Take over what the user changed of a conversation in the history."""
        session = self._sessions.get(conversation_id)
        if session is not None:
            session.follow(what)

    @property
    def busy(self) -> tuple[ChatSession, ...]:
        """Sessions that are doing something."""
        return tuple(s for s in self._sessions.values() if s.state is not SessionState.IDLE)

    def _forget_idle(self) -> None:
        # One whose answer is not on disk would be read back without it.
        idle = [
            key
            for key, each in self._sessions.items()
            if each.state is SessionState.IDLE and not each.unsaved
        ]
        for key in idle[: max(0, len(idle) - KEPT_IDLE)]:
            del self._sessions[key]
