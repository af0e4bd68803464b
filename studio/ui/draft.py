"""What is written and not yet on disk: a question leaves the field when it is stored."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal

from studio.core.errors import StoredError
from studio.core.messages import ImagePart, Message, Role
from studio.sessions.chat import ChatSession, SessionState
from studio.ui.attachments import Attachments
from studio.ui.widgets.composer import Composer


@dataclass(frozen=True, slots=True)
class Question:
    """What was handed over; `version_of` is the message it is another version of."""

    words: str
    pictures: tuple[ImagePart, ...] = ()
    version_of: str = ""
    kept: str = ""  # the draft that was in the field before the message was edited


class _Asked(QObject):
    """A question on its way to the disk, whatever conversation the user looks at meanwhile."""

    def __init__(self, draft: Draft, session: ChatSession, question: Question) -> None:
        super().__init__(draft)
        self._draft, self._session, self._question = draft, session, question
        session.message_added.connect(self._on_added)
        session.send_refused.connect(self._on_refused)
        session.state_changed.connect(self._on_state)

    def end(self) -> None:
        """Nothing more is to come."""
        self._session.disconnect(self)
        self.deleteLater()

    def _on_added(self, message: Message) -> None:
        if message.role is Role.USER:
            self.end()
            self._draft.take_out(self._question)

    def _on_refused(self, error: StoredError) -> None:
        self.end()
        self._draft.take_back(self._question)
        self._draft.refused.emit(error)

    def _on_state(self, state: SessionState) -> None:
        if state is SessionState.IDLE:  # stopped before it was stored
            self.end()


class Draft(QObject):
    """The words in the message field; while a message is edited, the draft before it is kept.

    `refused(StoredError)`: a question could not be stored; it is still in the field.
    """

    refused = Signal(object)

    def __init__(self, composer: Composer, attachments: Attachments) -> None:
        super().__init__(composer)
        self._composer, self._attachments = composer, attachments
        self._editing = ""
        self._kept = ""

    def edit(self, message: Message) -> None:
        """Put a message into the field, to be sent as another version of itself."""
        if not self._editing:
            self._kept = self._composer.text
        self._editing = message.id
        self._composer.set_text(message.text)
        self.retranslate()
        self._composer.field.setFocus()

    def retranslate(self) -> None:
        """Set all words anew."""
        if self._editing:
            self._composer.set_note(self.tr("Editing: sending makes a new version. Esc cancels."))

    def give_up_editing(self) -> bool:
        """Bring the draft back; False when nothing was being edited."""
        if not self._editing:
            return False
        self._composer.set_note("")
        self._composer.set_text(self._kept)
        self._editing = self._kept = ""
        return True

    def send(self, session: ChatSession) -> None:
        """Send what is in the field, as the question or version that it is."""
        words = self._composer.text
        if any(message.id == self._editing for message in session.messages):
            question = Question(words, (), self._editing, self._kept)
        else:
            question = Question(words, self._attachments.parts, "", self._kept)
        self._editing = self._kept = ""
        self.hand_over(session, question)

    def hand_over(self, session: ChatSession, question: Question) -> None:
        """Have a question asked; the field is touched only when it holds the same words."""
        asked = _Asked(self, session, question)
        if question.version_of:
            session.edit(question.version_of, question.words)
        else:
            session.send(question.words, question.pictures)
        if session.state is SessionState.IDLE:  # it was busy a moment ago, or there was nothing
            asked.end()

    def take_out(self, question: Question) -> None:
        """A question is stored: it leaves the field, and a draft from before it comes back."""
        self._attachments.remove(question.pictures)
        written = self._composer.text
        if self._editing:
            self._kept = question.kept if self._kept == question.words else self._kept
        elif written == question.words:
            self._composer.set_text(question.kept)
        elif question.kept:
            self._composer.set_text(f"{question.kept}\n{written}")

    def take_back(self, question: Question) -> None:
        """A question was not stored: an edited one is still edited."""
        if not self._editing:
            self._editing, self._kept = question.version_of, question.kept
