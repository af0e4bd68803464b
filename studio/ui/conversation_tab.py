"""Chat and Vision: one conversation with its history, its answers and where one writes."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import (
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
    QGuiApplication,
    QResizeEvent,
    QShowEvent,
)
from PySide6.QtWidgets import QHBoxLayout, QStackedLayout, QVBoxLayout, QWidget

from studio.core.errors import ErrorAction, StoredError
from studio.core.messages import Conversation, Message, Parameters
from studio.core.models import Capability
from studio.sessions.chat import ChatSession, SessionState
from studio.sessions.studio import Studio
from studio.ui import text, theme
from studio.ui.attachments import Attachments
from studio.ui.conversation_head import ConversationHead
from studio.ui.history_pane import HistoryPane
from studio.ui.inspector import Inspector
from studio.ui.notice import Notice
from studio.ui.side_panels import SidePanels
from studio.ui.transcript.view import TranscriptView
from studio.ui.wait_note import WaitNote
from studio.ui.widgets.composer import Composer
from studio.ui.widgets.controls import hairline, panel
from studio.ui.widgets.drop_zone import DropZone
from studio.ui.widgets.empty_chat import EmptyChat


class ConversationTab(QWidget):
    """Shows one conversation of its kind and does what the user asks of it.

    `noticed(Notice)`, `link_activated(url)` and `help_requested(ErrorAction)` are for the window.
    """

    noticed = Signal(object)
    link_activated = Signal(str)
    help_requested = Signal(object)

    def __init__(self, kind: Capability, studio: Studio, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._kind, self._studio = kind, studio
        self._session: ChatSession | None = None
        self._pending_text = ""
        self._editing = ""
        self._build()
        self._connect()
        self.retranslate()
        self.new_conversation()

    # Layout.

    def _build(self) -> None:
        vision = self._kind is Capability.VISION
        settings = self._studio.preferences.settings
        rows = self._studio.histories[self._kind]
        thumbnail = self._studio.pictures.thumbnail if vision else None
        self._history = HistoryPane(self._kind, rows, thumbnail)
        self._history_line = hairline(vertical=True)
        self._head = ConversationHead(lambda: self._studio.catalogue.models(self._kind))
        self._transcript = TranscriptView()
        self._transcript.set_pictures(self._studio.pictures.thumbnail)
        self._empty: EmptyChat | DropZone = DropZone() if vision else EmptyChat()
        self._composer = Composer()
        self._composer.set_attachable(vision)
        self._composer.field.enter_sends = settings.send_with_enter
        self._attachments = Attachments(self._studio.pictures, self._composer)
        self._inspector = Inspector()
        self._inspector_line = hairline(vertical=True)
        self._stack = QStackedLayout()
        self._stack.addWidget(self._centred(self._empty))
        self._stack.addWidget(self._transcript)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self._history)
        row.addWidget(self._history_line)
        row.addWidget(self._middle(), 1)
        row.addWidget(self._inspector_line)
        row.addWidget(self._inspector)
        self._panels = SidePanels(
            self._kind,
            self._studio.preferences,
            self._head,
            (self._history, self._history_line),
            (self._inspector, self._inspector_line),
        )
        self._wait = WaitNote(self._composer)
        self.setAcceptDrops(vision)

    def _middle(self) -> QWidget:
        space = theme.current().space
        middle = panel("surface")
        column = QVBoxLayout(middle)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._head)
        column.addWidget(hairline())
        column.addLayout(self._stack, 1)
        self._composer.setMaximumWidth(theme.current().size.reading)
        bottom = QHBoxLayout()
        bottom.setContentsMargins(space.xl, 0, space.xl, space.l)
        bottom.addStretch(1)
        bottom.addWidget(self._composer, 100)
        bottom.addStretch(1)
        column.addLayout(bottom)
        return middle

    def _centred(self, page: QWidget) -> QWidget:
        space = theme.current().space
        around = QWidget()
        row = QHBoxLayout(around)
        row.setContentsMargins(space.xl, space.l, space.xl, space.l)
        row.addStretch(1)
        row.addWidget(page, 100)
        row.addStretch(1)
        return around

    def _connect(self) -> None:
        self._history.new_requested.connect(self.new_conversation)
        self._history.opened.connect(self.open_conversation)
        self._history.deleted.connect(self._on_deleted)
        self._history.noticed.connect(self.noticed)
        self._head.model_chosen.connect(self._on_model_chosen)
        self._head.door_chosen.connect(lambda door: self._change(door=door))
        self._head.inspector_toggled.connect(self._panels.want_inspector)
        self._inspector.changed.connect(self._on_inspector_changed)
        self._composer.send_requested.connect(self._on_send)
        self._composer.stop_requested.connect(self.stop)
        self._composer.attach_requested.connect(self._attachments.browse)
        self._attachments.noticed.connect(self.noticed)
        self._attachments.changed.connect(self._on_attachments_changed)
        self._transcript.link_activated.connect(self.link_activated)
        self._transcript.action_triggered.connect(self._on_message_action)
        self._studio.pictures.ready.connect(self._on_picture_ready)
        self._studio.service.changed.connect(self._on_service_changed)
        if isinstance(self._empty, EmptyChat):
            self._empty.sample_chosen.connect(self._on_sample)
        else:
            self._empty.browse_requested.connect(self._attachments.browse)
            self._empty.paste_requested.connect(self._on_paste)
            self._empty.url_requested.connect(self._attachments.ask_address)
        self._on_service_changed()

    def retranslate(self) -> None:
        """Set all words anew."""
        vision = self._kind is Capability.VISION
        hint = self.tr("Add a picture, then ask about it") if vision else self.tr("Ask anything")
        self._composer.field.set_hint(hint)
        self._transcript.setAccessibleName(self.tr("Conversation"))
        if self._session is not None:
            self._show_conversation(self._session.conversation)

    # Verbs of the window.

    def perform(self, action_id: str) -> bool:
        """Do an action of the table that belongs to this tab; False when it does not."""
        verbs: dict[str, Callable[[], object]] = {
            "new": self.new_conversation,
            "write": self._composer.field.setFocus,
            "stop": self.stop,
            "model": self._head.picker.open,
            "search": self._search,
            "history": self._panels.toggle_history,
            "inspector": self._head.toggle_inspector,
            "attach": self._attachments.browse,
            "find": self._transcript.open_find,
            "zoom_in": lambda: self._transcript.zoom(1),
            "zoom_out": lambda: self._transcript.zoom(-1),
            "zoom_reset": lambda: self._transcript.zoom(0),
        }
        verb = verbs.get(action_id)
        if verb is not None:
            verb()
        return verb is not None

    def new_conversation(self) -> None:
        """Begin an empty conversation with the model used last; the draft goes along."""
        like = self._session.conversation if self._session is not None else None
        model = self._last_model() if like is None else like.model
        self._show(self._studio.chats.begin(self._kind, model, like))

    def open_conversation(self, conversation_id: str) -> None:
        """Show a stored conversation."""
        if self._session is None or self._session.conversation.id != conversation_id:
            self._inspector.flush()
            stub = Conversation(id=conversation_id, kind=self._kind)
            session, unread = self._studio.chats.session(stub)
            if unread:
                self._studio.tasks.start(session.load(), "open a conversation")
            self._show(session)

    def stop(self) -> None:
        """End the answer that is under way, its text stays; else give up editing."""
        if self._editing:
            self._editing = ""
            self._composer.set_note("")
            self._composer.clear()
        elif self._session is not None:
            self._session.stop()

    def use_model(self, model: str) -> None:
        """Ask another model from now on, and begin with it next time."""
        self._on_model_chosen(model)

    def ask_about(self, content: bytes, name: str) -> None:
        """Take a picture from elsewhere in the program as the subject of the next question."""
        self._attachments.add_bytes(content, name)

    # The session.

    def _last_model(self) -> str:
        settings = self._studio.preferences.settings
        vision = self._kind is Capability.VISION
        chosen = settings.vision_model if vision else settings.chat_model
        return chosen or self._studio.catalogue.default(self._kind)

    def _show(self, session: ChatSession) -> None:
        if self._session is not None:
            self._session.disconnect(self)
        self._session = session
        session.messages_reset.connect(self._on_reset)
        session.message_added.connect(self._on_added)
        session.message_changed.connect(self._transcript.update_message)
        session.state_changed.connect(self._on_state)
        session.conversation_changed.connect(self._show_conversation)
        session.send_refused.connect(self._on_send_refused)
        session.parameters_dropped.connect(self._on_parameters_dropped)
        self._on_reset()
        self._show_conversation(session.conversation)
        self._on_state(session.state)

    def _show_conversation(self, conversation: Conversation) -> None:
        vision = self._kind is Capability.VISION
        empty_title = self.tr("New question") if vision else self.tr("New chat")
        self._head.show_conversation(conversation, empty_title)
        self._inspector.show_conversation(conversation)
        self._history.mark(conversation.id)

    def _on_reset(self) -> None:
        assert self._session is not None
        self._transcript.set_messages(self._session.messages)
        self._show_page()

    def _on_added(self, message: Message) -> None:
        self._transcript.append_message(message)
        self._show_page()
        if message.text == self._pending_text or message.images:
            # The question is on disk: only now does it leave the field.
            if self._pending_text:
                self._composer.clear()
            self._pending_text = ""
            self._attachments.clear()

    def _show_page(self) -> None:
        filled = self._session is not None and bool(self._session.messages)
        pictures = self._kind is Capability.VISION and self._attachments.any
        self._stack.setCurrentIndex(1 if filled or pictures else 0)

    def _on_state(self, state: SessionState) -> None:
        self._composer.set_busy(state is not SessionState.IDLE)
        if self._session is not None:
            self._wait.follow(self._session)

    # What the user does.

    def _on_send(self, words: str) -> None:
        assert self._session is not None
        if self._kind is Capability.VISION and not self._session.messages:
            if self._attachments.busy:
                self.noticed.emit(Notice(self.tr("One moment: the picture is still being read.")))
                return
            if not self._attachments.parts:
                self.noticed.emit(Notice(self.tr("Add a picture first, then ask about it.")))
                return
        self._inspector.flush()
        self._pending_text = words
        if self._editing:
            self._session.edit(self._editing, words)
            self._editing = ""
        else:
            self._session.send(words, self._attachments.parts)

    def _on_send_refused(self, error: StoredError) -> None:
        self._pending_text = ""
        title, hint = text.error_words(error)
        self.noticed.emit(Notice(f"{title}. {hint}"))

    def _on_parameters_dropped(self, names: tuple[str, ...]) -> None:
        words = self.tr("This model takes no {names}: the answer came without.")
        self.noticed.emit(Notice(words.replace("{names}", ", ".join(names))))

    def _on_model_chosen(self, model: str) -> None:
        vision = self._kind is Capability.VISION
        self._studio.preferences.change(**{"vision_model" if vision else "chat_model": model})
        self._change(model=model)

    def _on_inspector_changed(self, system_prompt: str, parameters: Parameters) -> None:
        self._change(system_prompt=system_prompt, parameters=parameters)

    def _change(self, **what: object) -> None:
        if self._session is not None:
            self._session.change(**what)  # type: ignore[arg-type]  # passed on by name

    def _on_sample(self, question: str) -> None:
        self._composer.set_text(question)
        self._composer.field.setFocus()

    def _on_deleted(self, conversation_id: str) -> None:
        if self._session is not None and self._session.conversation.id == conversation_id:
            self.new_conversation()
        self._studio.chats.forget(conversation_id)

    def _on_message_action(self, action: str, message_id: str) -> None:
        assert self._session is not None
        if action in ("retry", ErrorAction.RETRY):
            self._session.retry(message_id)
        elif action == "edit":
            self._edit(message_id)
        elif action == "cancel":
            self.stop()
        elif action in ErrorAction.__members__.values():
            self.help_requested.emit(ErrorAction(action))

    def _edit(self, message_id: str) -> None:
        assert self._session is not None
        message = next((m for m in self._session.messages if m.id == message_id), None)
        if message is not None:
            self._editing = message_id
            self._composer.set_text(message.text)
            self._composer.set_note(self.tr("Editing: sending makes a new version. Esc cancels."))
            self._composer.field.setFocus()

    def _on_paste(self) -> None:
        self._attachments.paste(QGuiApplication.clipboard().mimeData())

    def _on_attachments_changed(self) -> None:
        self._show_page()
        self._composer.field.setFocus()

    def _on_picture_ready(self, sha256: str) -> None:
        self._transcript.picture_ready(sha256)
        self._history.list.viewport().update()

    def _on_service_changed(self) -> None:
        self._head.show_demo(self._studio.service.demo)

    # The frame.

    def _search(self) -> None:
        self._panels.show_history()
        self._history.focus_search()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._panels.fit(self.width())

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._panels.fit(self.width())
        self._composer.field.setFocus(Qt.FocusReason.OtherFocusReason)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if self._attachments.takes(event.mimeData()):
            event.acceptProposedAction()
            self._hover(True)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self._hover(False)

    def dropEvent(self, event: QDropEvent) -> None:
        self._hover(False)
        event.acceptProposedAction()
        self._attachments.drop(event.mimeData())

    def _hover(self, hovered: bool) -> None:
        if isinstance(self._empty, DropZone):
            self._empty.set_hovered(hovered)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()
