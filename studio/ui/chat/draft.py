"""What is written and not yet sent: kept for each conversation until it is stored as a message."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QObject, QTimer, Signal

from studio.core.capabilities import Capability
from studio.core.drafts import KEEP_MS, MessageDraft
from studio.core.errors import StoredError
from studio.core.messages import ImagePart, Message, Role
from studio.sessions.chat.drafts import Drafts
from studio.sessions.chat.session import ChatSession
from studio.sessions.states import SessionState
from studio.ui.chat.attachments import QuestionPictures
from studio.ui.chat.composer import Composer


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
            self._draft.take_out(self._session, self._question)

    def _on_refused(self, error: StoredError) -> None:
        self.end()
        self._draft.take_back(self._session, self._question)
        self._draft.refused.emit(error)

    def _on_state(self, state: SessionState) -> None:
        if state is SessionState.IDLE:  # stopped before it was stored
            self.end()


class Draft(QObject):
    """The words and pictures in the message field, which belong to the conversation in sight.

    While a message is edited, the draft before it is kept. All of it is on the disk within half
    a second. `refused(StoredError)`: a question could not be stored; it is still in the field.
    """

    refused = Signal(object)

    def __init__(
        self, kind: Capability, drafts: Drafts, composer: Composer, attachments: QuestionPictures
    ) -> None:
        super().__init__(composer)
        self._new, self._drafts = f"new:{kind.value}", drafts
        self._composer, self._attachments = composer, attachments
        self._session: ChatSession | None = None
        self._place = ""  # where what is in the field was kept last
        self._taken = ""  # the deleted conversation that it was taken along from
        self._editing = ""
        self._kept = ""
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(KEEP_MS)
        self._pause.timeout.connect(self.keep)
        composer.draft_changed.connect(self._on_changed)
        attachments.changed.connect(self._on_changed)
        attachments.came_late.connect(self._on_late_picture)
        drafts.loaded.connect(self._on_loaded)
        drafts.collecting.connect(self.keep)

    # Which conversation.

    def show(self, session: ChatSession) -> None:
        """Put the draft of a conversation into the field, and keep that of the last one."""
        if session is self._session:
            return
        self.keep()
        place, taken = self._place_of(session), self._taken
        if place != self._new:
            self._taken = ""
        if place == taken and self._place == self._new and self._find(place) is None:
            self._move(place)  # it is back
        before, self._session = self._place, session
        self._place = place
        if self._place == before:  # one new conversation after another
            return
        self._fill(self._find(self._place) or MessageDraft())

    def take_along(self) -> None:
        """The conversation is deleted: what is in the field goes to a new one that has nothing."""
        self.keep()
        if self._find(self._new) is None and not self._editing and self._place != self._new:
            before = self._place
            if self._move(self._new):
                self._taken, self._session = before, None

    def _move(self, place: str) -> bool:
        """Keep what is in the field elsewhere from now on; False when there is nothing in it."""
        mine = self._find(self._place)
        if mine is not None:
            self._drafts.put(self._place, None)
            self._drafts.put(place, mine)
            self._place = place
            self._attachments.belong_to(place)
        return mine is not None

    def _place_of(self, session: ChatSession) -> str:
        return session.conversation.id if session.messages else self._new

    def _find(self, place: str) -> MessageDraft | None:
        return self._drafts.find(place, MessageDraft)

    def _fill(self, draft: MessageDraft) -> None:
        shown = self._session.messages if self._session is not None else ()
        edited = any(each.id == draft.version_of for each in shown)
        self._editing = draft.version_of if edited else ""
        self._kept = draft.kept if edited else ""
        words = draft.text
        if draft.version_of and not edited and draft.kept:
            words = f"{draft.kept}\n{draft.text}"  # another version is shown now
        self._attachments.replace(draft.pictures, self._place)
        self._composer.begin_with(words)
        self._composer.set_note("")
        self.retranslate()

    # Keeping it.

    def keep(self) -> None:
        """Give what is in the field to the disk now."""
        self._pause.stop()
        if self._session is None:
            return
        place = self._place_of(self._session)
        if self._place != place:  # its first question was stored
            self._drafts.put(self._place, None)
            self._place = place
            self._attachments.belong_to(place)
        words, pictures = self._composer.text, self._attachments.parts
        self._drafts.put(place, MessageDraft(words, pictures, self._editing, self._kept))

    def _on_changed(self) -> None:
        if not self._pause.isActive():
            self._pause.start()

    def _on_loaded(self) -> None:
        found = self._find(self._place) if self._session is not None else None
        if found is not None and not self._editing:
            self._fill(found)

    def _on_late_picture(self, place: str, part: ImagePart) -> None:
        found = self._find(place) or MessageDraft()
        pictures = (*found.pictures, part)
        self._drafts.put(place, MessageDraft(found.text, pictures, found.version_of, found.kept))

    # Editing and sending.

    def edit(self, message: Message) -> None:
        """Put a message into the field, to be sent as another version of itself."""
        if not self._editing:
            self._kept = self._composer.text
        self._editing = message.id
        self._composer.set_text(message.text)
        self.retranslate()
        self._composer.field.setFocus()

    @property
    def is_editing(self) -> bool:
        """Whether the field holds a message that was sent before."""
        return bool(self._editing)

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

    def take_out(self, session: ChatSession, question: Question) -> None:
        """A question is stored: it leaves the field, and a draft from before it comes back."""
        asked_new = self._place == self._new and self._composer.text == question.words
        if session is not self._session and not asked_new:
            self._take_out_of_draft(session, question)
            return
        self._attachments.remove(question.pictures)
        written = self._composer.text
        if self._editing:
            self._kept = question.kept if self._kept == question.words else self._kept
        elif written == question.words:
            self._composer.set_text(question.kept)
        elif question.kept:
            self._composer.set_text(f"{question.kept}\n{written}")
        self.keep()

    def _take_out_of_draft(self, session: ChatSession, question: Question) -> None:
        for place in (session.conversation.id, self._new):
            found = self._find(place)
            if found is not None and found.text == question.words:
                left = tuple(each for each in found.pictures if each not in question.pictures)
                self._drafts.put(place, MessageDraft(question.kept, left))

    def take_back(self, session: ChatSession, question: Question) -> None:
        """A question was not stored: an edited one is still edited."""
        if session is self._session and not self._editing:
            self._editing, self._kept = question.version_of, question.kept
