"""Binds a conversation's session to the widgets of its tab: what is shown, what is asked."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from studio.core.errors import ErrorAction, ErrorKind, StoredError
from studio.core.messages import Conversation, Message
from studio.core.models import Capability, can
from studio.sessions.chat.session import ChatSession
from studio.sessions.states import SessionState
from studio.sessions.studio import Studio
from studio.ui.chat.attachments import QuestionPictures
from studio.ui.chat.draft import Draft, Question
from studio.ui.chat.drop_zone import DropZone
from studio.ui.chat.message_menu import copy_error, open_message_menu
from studio.ui.chat.recovery_actions import Remedies
from studio.ui.chat.wait_note import WaitNote
from studio.ui.look import text
from studio.ui.widgets.empty_chat import EmptyChat
from studio.ui.widgets.notice import Notice
from studio.ui.widgets.save_text import file_name_for, save_text

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from studio.ui.chat.conversation_view import ConversationView
    from studio.ui.transcript.view import TranscriptView


class Presenter(QObject):
    """One session at a time; another one may go on in the background meanwhile."""

    noticed = Signal(object)
    moved_on = Signal()
    link_activated = Signal(str)
    help_requested = Signal(object)
    action_requested = Signal(str)
    shown = Signal(object)  # the ChatSession whose messages are on the page now
    conversation_changed = Signal()  # which one is shown, its title, its model

    def __init__(
        self, kind: Capability, studio: Studio, tab: ConversationView, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self._parent = parent  # of menus and sheets
        self._kind, self._studio, self._tab = kind, studio, tab
        self._session: ChatSession | None = None
        self._view: TranscriptView | None = None
        self._lacks_picture = self._busy_said = False  # and that was said
        self._wanted = ""  # the stored conversation that was asked for last
        self.attachments = QuestionPictures(studio.pictures, tab.composer)
        self.attachments.set_objection(self._why_no_pictures)
        self._draft = Draft(kind, studio.drafts, tab.composer, self.attachments)
        self._wait = WaitNote(tab.composer)
        self._remedies = Remedies(kind, studio, self.use_model, tab.inspector, self)
        self._connect()

    def _connect(self) -> None:
        tab = self._tab
        self._studio.chats.opened.connect(self._on_opened)
        self._studio.chats.forked.connect(self._on_forked)
        tab.head.model_chosen.connect(self.use_model)
        tab.head.protocol_chosen.connect(lambda protocol: self._change(protocol=protocol))
        tab.inspector.changed.connect(lambda p, v: self._change(system_prompt=p, parameters=v))
        tab.inspector.noticed.connect(self.noticed)
        tab.composer.send_requested.connect(self._on_send)
        tab.composer.stop_requested.connect(self.stop)
        tab.composer.busy_pressed.connect(self._on_busy_pressed)
        tab.composer.attach_requested.connect(self.attachments.browse)
        self.attachments.noticed.connect(self.noticed)
        self.attachments.changed.connect(self._on_attachments_changed)
        self._draft.refused.connect(self._on_send_refused)
        self._studio.pictures.ready.connect(self._on_picture_ready)
        self._studio.service.changed.connect(self._on_service_changed)
        self._studio.catalogue.changed.connect(self._on_models_changed)
        if isinstance(tab.empty, EmptyChat):
            tab.empty.sample_chosen.connect(self._on_sample)
            tab.empty.import_requested.connect(lambda: self.action_requested.emit("import"))
        elif isinstance(tab.empty, DropZone):
            tab.empty.browse_requested.connect(self.attachments.browse)
            tab.empty.paste_requested.connect(self.attachments.paste)
            tab.empty.url_requested.connect(self.attachments.ask_address)
        self._on_service_changed()

    def retranslate(self) -> None:
        """Set all words anew."""
        if self._view is not None:
            self._view.setAccessibleName(self.tr("Conversation"))
        self.attachments.retranslate()
        self._draft.retranslate()
        if self._session is not None:
            self._show_conversation(self._session.conversation)

    # Verbs.

    def new_conversation(self) -> None:
        """Begin an empty conversation with the model used last, and the draft for a new one."""
        self._wanted = ""
        self._tab.inspector.flush()
        like = self._session.conversation if self._session is not None else None
        model = "" if like is None else like.model.strip()
        default = self._studio.catalogue.default
        model = default(self._kind, model) if model else self._last_model()
        self._show(self._studio.chats.begin(self._kind, model, like))

    def open_conversation(self, conversation_id: str) -> None:
        """Show a stored conversation."""
        self._wanted = conversation_id
        if self._session is not None and self._session.conversation.id == conversation_id:
            return
        self._tab.inspector.flush()
        self._studio.chats.open(Conversation(id=conversation_id, kind=self._kind))

    def _on_opened(self, session: ChatSession) -> None:
        # Another tab may have asked for it, or the user has gone on to another one meanwhile.
        if session.conversation.id == self._wanted:
            self._show(session)

    def stop(self) -> None:
        """End the answer that is under way, its text stays; else give up editing."""
        if not self._draft.give_up_editing() and self._session is not None:
            self._session.stop()

    def use_model(self, model: str) -> None:
        """Ask another model from now on, and begin with it next time."""
        vision = self._kind is Capability.VISION
        self._studio.preferences.change(**{"vision_model" if vision else "chat_model": model})
        self._change(model=model)
        self.moved_on.emit()

    def find(self) -> None:
        """Find in the conversation."""
        if self.is_read:
            self.view.finding.open()

    @property
    def view(self) -> TranscriptView:
        """The transcript, built when there is something to show."""
        if self._view is None:
            from studio.ui.transcript.view import TranscriptView

            self._view = TranscriptView()
            self._view.set_pictures(self._studio.pictures.thumbnail)
            self._remedies.attach(self._view)
            self._view.link_activated.connect(self.link_activated)
            self._view.action_triggered.connect(self._on_message_action)
            self._view.code_saved.connect(self._on_code_saved)
            self._view.setAccessibleName(self.tr("Conversation"))
            self._tab.pages.addWidget(self._view)
            self._tab.composer.follow(self._view)
            self._view.zoomed.connect(self._on_zoomed)
        return self._view

    # The session.

    @property
    def session(self) -> ChatSession | None:
        """The conversation that is shown."""
        return self._session

    @property
    def is_read(self) -> bool:
        """Whether there is anything to read."""
        return self._view is not None and self._tab.pages.currentWidget() is self._view

    @property
    def can_stop(self) -> bool:
        """Whether an answer is under way, or a message is being edited."""
        busy = self._session is not None and self._session.state is not SessionState.IDLE
        return busy or self._draft.is_editing

    @property
    def stored_conversation(self) -> Conversation | None:
        """The conversation that is shown; None while nothing was said in it."""
        session = self._session
        return session.conversation if session is not None and session.messages else None

    def _last_model(self) -> str:
        settings = self._studio.preferences.settings
        vision = self._kind is Capability.VISION
        chosen = settings.vision_model if vision else settings.chat_model
        return self._studio.catalogue.default(self._kind, chosen.strip())

    def _adopt(self, session: ChatSession) -> None:
        """One that came without a model takes the user's; it is stored with the next question."""
        if not session.conversation.model.strip() and (model := self._last_model()):
            session.follow({"model": model})

    def _show(self, session: ChatSession) -> None:
        old = self._session
        if old is not None:
            old.disconnect(self)
        if old is not session:
            self._tab.inspector.flush()  # what was just typed belongs to the old one
            self.moved_on.emit()
        self._session = session
        self._adopt(session)
        self._draft.show(session)
        session.messages_reset.connect(self._on_reset)
        session.message_added.connect(self._on_added)
        session.message_changed.connect(self._on_changed)
        session.state_changed.connect(self._on_state)
        session.conversation_changed.connect(self._show_conversation)
        session.versions_changed.connect(self._show_versions)
        session.parameters_dropped.connect(self._on_parameters_dropped)
        self._on_reset()
        self._show_conversation(session.conversation)
        self._on_state(session.state)

    def _show_conversation(self, conversation: Conversation) -> None:
        if self._session is not None and not conversation.model.strip() and self._last_model():
            self._adopt(self._session)  # and comes here again
            return
        vision = self._kind is Capability.VISION
        empty_title = self.tr("New question") if vision else self.tr("New conversation")
        self._tab.head.show_conversation(conversation, empty_title)
        self._tab.inspector.show_conversation(conversation)
        self._show_price()
        self.conversation_changed.emit()

    def _on_models_changed(self) -> None:
        if self._session is not None:
            self._adopt(self._session)
        self._show_price()

    def _show_price(self) -> None:
        if self._session is not None:
            cost = self._studio.catalogue.find(self._session.conversation.model).cost
            self._tab.composer.set_price("" if cost is None else text.credit_count(cost))

    def _on_reset(self) -> None:
        assert self._session is not None
        if self._session.messages or self._view is not None:
            self.view.set_messages(self._session.messages)
            self._show_versions()
        self._show_page()
        self.shown.emit(self._session)

    def _show_versions(self) -> None:
        if self._session is not None and self._view is not None:
            for message_id, (place, count) in self._session.versions.items():
                self._view.set_versions(message_id, place, count)

    def _on_added(self, message: Message) -> None:
        self.view.append_message(message)
        self._show_page()

    def _on_changed(self, message: Message) -> None:
        self.view.update_message(message)

    def _show_page(self) -> None:
        filled, was_read = self._session is not None and bool(self._session.messages), self.is_read
        if filled:
            self._tab.pages.setCurrentWidget(self.view)
        else:
            self._tab.pages.setCurrentIndex(0)
        if self.is_read != was_read:
            self._tab.order_stops()

    def _on_state(self, state: SessionState) -> None:
        self._tab.composer.set_busy(state is not SessionState.IDLE)
        if state is SessionState.IDLE and self._busy_said:
            self._busy_said = False
            self.moved_on.emit()
        if self._session is not None:
            self._wait.follow(self._session)
            self._remedies.follow(self._session)

    # What the user does.

    def _on_zoomed(self, zoom: float) -> None:
        words = self.tr("Text size: {n} %").replace("{n}", text.number(round(100 * zoom)))
        self.noticed.emit(Notice(words, brief=True))

    def _on_busy_pressed(self) -> None:
        self._busy_said = True
        words = self.tr("The answer is still being written. Your message waits in the field.")
        self.noticed.emit(Notice(words, self.tr("Stop"), self.stop))

    def _on_send(self) -> None:
        self.moved_on.emit()
        assert self._session is not None
        first = self._kind is Capability.VISION and not self._session.messages
        if not self._session.conversation.model.strip():
            words = text.error_sentence(StoredError(ErrorKind.NO_MODEL))
            self.noticed.emit(Notice(words, self.tr("Choose…"), self._tab.head.picker.open))
            return
        if self.attachments.busy:
            self.noticed.emit(Notice(self.tr("One moment: the picture is still being read.")))
        elif first and not self.attachments.parts:
            self._lacks_picture = True
            self.noticed.emit(Notice(self.tr("Add a picture first, then ask about it.")))
        elif not self.attachments.any or self.attachments.welcome():
            self._tab.inspector.flush()
            self._draft.send(self._session)

    def _why_no_pictures(self) -> str:
        if self._session is None:
            return ""
        model = self._studio.catalogue.find(self._session.conversation.model)
        if can(model, Capability.VISION):
            return ""
        words = self.tr("{model} takes no pictures. Choose a model that can see, or ask in Vision.")
        return words.replace("{model}", model.short_name)

    def _on_send_refused(self, error: StoredError) -> None:
        self.noticed.emit(Notice(text.error_sentence(error)))

    def _on_parameters_dropped(self, names: tuple[str, ...]) -> None:
        words = self.tr("This model takes no {names}: the answer came without.")
        self.noticed.emit(Notice(words.replace("{names}", text.listed(names))))

    def _change(self, **what: object) -> None:
        if self._session is not None:
            self._session.change(**what)

    def _on_sample(self, question: str) -> None:
        self._tab.composer.set_text(question)
        self._tab.composer.field.setFocus()

    def leave(self, conversation_id: str) -> None:
        """Go on without a conversation that was deleted."""
        if self._session is not None and self._session.conversation.id == conversation_id:
            self._draft.take_along()
            self.new_conversation()
        self._studio.chats.forget(conversation_id)

    def _on_message_action(self, action: str, message_id: str) -> None:
        assert self._session is not None
        session = self._session
        verbs: dict[str, Callable[[], object]] = {
            "retry": lambda: session.retry(message_id),
            "edit": lambda: self._on_message(message_id, self._draft.edit),
            "previous_version": lambda: session.show_version(message_id, -1),
            "next_version": lambda: session.show_version(message_id, 1),
            "fork": lambda: self._studio.chats.fork(message_id),
            "show_code": self._show_code,
            "details": lambda: self._on_message(
                message_id, partial(open_message_menu, self._parent)
            ),
            ErrorAction.COPY_DETAILS.value: lambda: self._on_message(message_id, self._copy_error),
            ErrorAction.CONTINUE.value: lambda: self._draft.hand_over(
                session, Question(self.tr("Go on from where you stopped."))
            ),
        }
        verb = verbs.get(action)
        if self._remedies.act(action, message_id):
            return
        if verb is not None:
            verb()
        elif action in ErrorAction.__members__.values():
            self.help_requested.emit(ErrorAction(action))

    def _on_message(self, message_id: str, work: Callable[[Message], None]) -> None:
        assert self._session is not None
        message = next((m for m in self._session.messages if m.id == message_id), None)
        if message is not None:
            work(message)

    def _copy_error(self, message: Message) -> None:
        if message.error is not None:
            copy_error(message.error)
            self.noticed.emit(Notice(self.tr("The details are on the clipboard.")))

    def _show_code(self) -> None:
        from studio.ui.chat.code_sheet import open_code

        assert self._session is not None
        open_code(self._session, self._studio.service, self._parent, self._on_code_saved)

    def _on_code_saved(self, code: str, language: str) -> None:
        save_text(self._parent, code, file_name_for(language), self.noticed.emit)

    def _on_forked(self, session: ChatSession) -> None:
        if session.conversation.kind is self._kind:
            self._show(session)
            self.noticed.emit(
                Notice(self.tr("This is a new conversation; the earlier one stays as it is."))
            )

    def _on_attachments_changed(self) -> None:
        if self._lacks_picture and self.attachments.any:
            self._lacks_picture = False
            self.moved_on.emit()
        self._tab.composer.field.setFocus()

    def _on_picture_ready(self, sha256: str) -> None:
        if self._view is not None:
            self._view.picture_ready(sha256)

    def _on_service_changed(self) -> None:
        self._tab.head.show_demo(self._studio.service.demo)
        self._tab.head.show_protocols(self._studio.service.protocols)
