"""One conversation with a model: send, stop, retry, edit; chat and vision share it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Coroutine, Sequence
from contextlib import aclosing
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from studio.core.errors import ErrorKind, StudioError
from studio.core.messages import (
    Conversation,
    ImagePart,
    Message,
    MessageStatus,
    Part,
    Role,
    TextPart,
    titled,
)
from studio.core.stream import FinishMarked
from studio.sessions.chat.answer import Answer
from studio.sessions.chat.context_cut import ContextCut
from studio.sessions.chat.saves import Saves
from studio.sessions.chat.turns import AttachmentReader, request_of
from studio.sessions.chat.versions import Versions
from studio.sessions.requests.request_queue import QueueSlot, RequestQueue, Retry, TurnKind
from studio.sessions.requests.retry import delay_before_retry, tries_of
from studio.sessions.requests.service import Service
from studio.sessions.requests.tasks import TaskGroup
from studio.sessions.states import SessionState
from studio.storage.db.database import Database
from studio.storage.history import conversations

FRAME_MS = 16
# Silence behind a finish mark after which an answer is whole; what comes later is added to it.
WHOLE_MS = 300
YIELD_SECONDS = 0.004  # of work without a pause, then the window has its chance


class ChatSession(QObject):
    """The shown path of one conversation and what happens to it.

    `message_added` for a question means: it is on disk. `message_changed` comes at most once a
    frame. `send_refused` means: nothing was stored or sent, keep the draft.
    """

    messages_reset = Signal()
    message_added = Signal(object)
    message_changed = Signal(object)
    state_changed = Signal(object)
    conversation_changed = Signal(object)
    versions_changed = Signal()
    send_refused = Signal(object)
    parameters_dropped = Signal(object)

    def __init__(
        self,
        conversation: Conversation,
        database: Database,
        attachments: AttachmentReader,
        service: Service,
        request_queue: RequestQueue,
        tasks: TaskGroup,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._conversation = conversation
        self._database, self._attachments = database, attachments
        self._service, self._request_queue, self._tasks = service, request_queue, tasks
        self._messages: list[Message] = []
        self._versions = Versions(database, conversation.id)
        self._state = SessionState.IDLE
        self._stored = False
        self._task: asyncio.Task[object] | None = None
        self._answer: Answer | None = None
        self._turn: QueueSlot | None = None
        self._saves = Saves(database, tasks, lambda: self._conversation, self._replace)
        self.cut = ContextCut(database, tasks, conversation.id, self)
        self._open: set[Answer] = set()  # whose streams are open, though the next may be asked
        self._frame, self._silence = QTimer(self), QTimer(self)
        for timer, pause, work in (
            (self._frame, FRAME_MS, self._on_frame),
            (self._silence, WHOLE_MS, self._on_silence),
        ):
            timer.setSingleShot(True)
            timer.setTimerType(Qt.TimerType.PreciseTimer)
            timer.setInterval(pause)
            timer.timeout.connect(work)

    @property
    def conversation(self) -> Conversation:
        """The conversation without its messages."""
        return self._conversation

    @property
    def messages(self) -> tuple[Message, ...]:
        """The path from the first message to the shown leaf."""
        return tuple(self._messages)

    @property
    def state(self) -> SessionState:
        """What the session is doing."""
        return self._state

    @property
    def turn(self) -> QueueSlot | None:
        """The place in the queue, while there is one."""
        return self._turn

    @property
    def silence(self) -> float:
        """Seconds since anything came of the answer that is being written."""
        return 0.0 if self._answer is None else self._answer.silence

    async def load(self) -> None:
        """Read the stored path; for a conversation that is on disk."""
        found = await self._database.call(conversations.open_conversation, self._conversation.id)
        # What was begun meanwhile is newer than what was read.
        if found is not None and self._state is SessionState.IDLE:
            conversation, path = found
            self._messages = self._saves.over(path)
            self._stored = True
            self._set_conversation(conversation)
            await self._versions.load()
            await self.cut.load()
            self.messages_reset.emit()

    # Verbs of the user.

    def send(self, text: str, images: Sequence[ImagePart] = ()) -> None:
        """Store a question and ask for its answer."""
        parts: tuple[Part, ...] = tuple(images)
        if text.strip():
            parts += (TextPart(text),)
        parent = self._messages[-1].id if self._messages else None
        self._begin(parts, parent)

    def edit(self, message_id: str, text: str) -> None:
        """Ask a question of the path anew, as another version of it, and go on from there."""
        old = self._find(message_id)
        if old is not None and text.strip():
            images: tuple[Part, ...] = old.images
            self._begin((*images, TextPart(text)), old.parent_id)

    def retry(self, message_id: str) -> None:
        """Ask for another version of an answer; the earlier one stays.

        One that could not be saved is saved instead: asking again would cost again.
        """
        if self._saves.holds(message_id):
            self._saves.rest_soon()
            return
        old = self._find(message_id)
        if old is None or self._state is not SessionState.IDLE:
            return
        question = old.parent_id if old.role is Role.ASSISTANT else old.id
        if question is not None:
            self._cut_after(question)
            self._start(self._answer_to(question), SessionState.QUEUED)

    @property
    def unsaved(self) -> bool:
        """Whether an answer is shown that is not on disk yet, or not all of it may be."""
        return self._saves.waiting or bool(self._open)

    async def save_rest(self) -> None:
        """Save answers whose last save failed; StudioError where that still fails."""
        await self._saves.rest()

    @property
    def versions(self) -> dict[str, tuple[int, int]]:
        """For each shown message with other versions: its place from 1, and how many there are."""
        return self._versions.shown(self._messages)

    def show_version(self, message_id: str, step: int) -> None:
        """Show the next (1) or previous (-1) version of a message, with all that followed it."""
        message = self._find(message_id)
        if message is not None and self._state is SessionState.IDLE:
            path = self._versions.path_through(message, step)
            self._tasks.start(self._show_path(path), "show a version")

    def show_message(self, message_id: str) -> None:
        """Show the version that holds a message of this conversation."""
        if self._state is SessionState.IDLE:
            self._tasks.start(self._show_path(self._versions.path_to(message_id)), "show a version")

    async def _show_path(self, reading: Coroutine[Any, Any, list[Message]]) -> None:
        path = await reading
        if path and self._state is SessionState.IDLE:
            self._messages = self._saves.over(path)
            self._set_conversation(replace(self._conversation, head_id=path[-1].id))
            self.messages_reset.emit()

    def stop(self) -> None:
        """End what is under way; what came is kept."""
        if self._task is not None and not self._task.done():
            self._task.cancel()

    def change(self, **what: object) -> None:
        """Change model, protocol, system_prompt, parameters or title; None leaves it as it is."""
        self.follow({name: value for name, value in what.items() if value is not None})
        if self._stored:
            self._tasks.start(self._save_conversation(), "save a conversation")

    def follow(self, what: dict[str, object]) -> None:
        """Take over what was changed, and is stored, elsewhere: title or pin."""
        self._set_conversation(replace(self._conversation, **what))  # type: ignore[arg-type]  # by name

    # What happens.

    def _begin(self, parts: tuple[Part, ...], parent_id: str | None) -> None:
        if self._state is SessionState.IDLE and parts:
            self._start(self._ask(parts, parent_id), SessionState.SAVING)

    def _start(self, work: Coroutine[Any, Any, None], state: SessionState) -> None:
        # At once, so that a second press of the button finds the session busy.
        self._set_state(state)
        self._task = self._tasks.start(work, "answer")
        self._task.add_done_callback(self._on_done)

    def _on_done(self, task: asyncio.Task[object]) -> None:
        if task is self._task:
            self._set_state(SessionState.IDLE)

    async def _ask(self, parts: tuple[Part, ...], parent_id: str | None) -> None:
        question = Message(self._conversation.id, Role.USER, parts, parent_id)
        try:
            await self._saves.rest()  # what is asked may stand below it
            first = self._messages[0] if self._messages and parent_id is None else None
            conversation = titled(self._conversation, question, first)
            await self._saves.save(question, conversation)
        except StudioError as error:
            self.send_refused.emit(error.stored())
            return
        self._stored = True
        self._set_conversation(replace(conversation, head_id=question.id))
        self._cut_after(parent_id)
        self._messages.append(question)
        self.message_added.emit(question)
        await self._answer_to(question.id)

    async def _answer_to(self, question_id: str) -> None:
        model = self._conversation.model
        message = Message(
            self._conversation.id,
            Role.ASSISTANT,
            (),
            question_id,
            MessageStatus.STREAMING,
            model,
        )
        answer = self._answer = Answer(message)
        self._set_conversation(replace(self._conversation, head_id=message.id))
        self._messages.append(message)
        self.message_added.emit(message)
        # Until something else is known, an end of this coroutine is a fault of ours.
        error: StudioError | None = StudioError(ErrorKind.BUG)
        stopped = False
        try:
            await self._saves.save(message)
            await self._versions.load()
            self.versions_changed.emit()
            await self._receive(answer)
            error = None
        except StudioError as failure:
            error = failure
        except asyncio.CancelledError:
            # The end of the program is not the user's Stop, and what was whole before stays so.
            whole = answer in self._open and answer.is_marked
            error = None if whole else StudioError(ErrorKind.PROGRAM_ENDED)
            stopped = not whole and not self._tasks.closing
            raise
        finally:
            await self._close(answer, answer.finish(error, stopped=stopped))

    async def _receive(self, answer: Answer) -> None:
        self._service.admit(answer.message.model)
        self._set_state(SessionState.QUEUED)
        label = self._conversation.title
        async with self._request_queue.turn(
            TurnKind.CHAT, label, answer.message.model
        ) as self._turn:
            tries = 1
            while True:
                try:
                    await self._stream(answer)
                    return
                except StudioError as error:
                    error.had_partial = answer.began
                    delay = delay_before_retry(error, tries)
                    if delay is None:
                        raise
                    tries += 1
                    await self._back_off(delay, Retry(error.kind, tries, tries_of(error.kind)))

    async def _back_off(self, seconds: float, retry: Retry) -> None:
        assert self._turn is not None
        counting = self._request_queue.back_off(self._turn, seconds, retry)
        self._set_state(SessionState.BACKING_OFF)
        await counting

    async def _stream(self, answer: Answer) -> None:
        self._set_state(SessionState.WAITING)
        shown = self.cut.sent(self._messages[:-1])  # the last is the answer itself
        request = await request_of(shown, self._conversation, self._attachments, self._service)
        await self._service.ready(self._conversation.protocol)
        provider = self._service.chat(self._conversation.protocol)
        answer.sent()
        pause = time.perf_counter() + YIELD_SECONDS
        async with aclosing(provider.stream(request)) as events:
            async for event in events:
                answer.take(event)
                if answer.unsettled and (answer in self._open or not self._frame.isActive()):
                    self._write(answer)
                elif isinstance(event, FinishMarked):
                    self._silence.start()
                if time.perf_counter() > pause:
                    await asyncio.sleep(0)
                    pause = time.perf_counter() + YIELD_SECONDS
        self._tell_dropped(answer)

    def _tell_dropped(self, answer: Answer) -> None:
        names, answer.dropped = answer.dropped, ()
        if names:
            self.parameters_dropped.emit(names)

    def _on_frame(self) -> None:
        if self._answer is not None and self._answer.unsettled:
            self._write(self._answer)

    def _write(self, answer: Answer) -> None:
        """Show how far an answer has come, also one that went on behind its mark."""
        self._replace(answer.settle())
        self._saves.save_partial(answer.message)
        if answer is self._answer:
            self._frame.start()
            self._set_state(SessionState.STREAMING)

    def _on_silence(self) -> None:
        """Nothing came behind the mark: the next question may be asked while the stream is open."""
        answer, turn = self._answer, self._turn
        if answer is None or turn is None or not answer.is_marked:
            return
        self._open.add(answer)
        self._let_go()
        self._request_queue.leave(turn)
        message = answer.as_whole()
        self._replace(message)
        self._tell_dropped(answer)
        # As one that is being written still: its end was not seen yet.
        self._saves.save_partial(replace(message, status=MessageStatus.STREAMING), now=True)
        self._set_state(SessionState.IDLE)

    def _let_go(self) -> None:
        self._frame.stop()
        self._answer, self._turn = None, None

    async def _close(self, answer: Answer, message: Message) -> None:
        """Show and store the final state, even while the task is being cancelled."""
        if answer is self._answer:
            self._let_go()
        self._replace(message)
        shown = await self._saves.save_last(message)
        self._open.discard(answer)
        if shown is not message:
            self._replace(shown)

    def _replace(self, message: Message) -> None:
        for place in reversed(range(len(self._messages))):
            if self._messages[place].id == message.id:
                self._messages[place] = message
                self.message_changed.emit(message)
                return

    def _cut_after(self, message_id: str | None) -> None:
        position = next((i for i, m in enumerate(self._messages) if m.id == message_id), -1)
        if position + 1 < len(self._messages):
            del self._messages[position + 1 :]
            self.messages_reset.emit()

    def _find(self, message_id: str) -> Message | None:
        return next((each for each in self._messages if each.id == message_id), None)

    async def _save_conversation(self) -> None:
        await self._database.call(conversations.save_conversation, self._conversation)

    def _set_conversation(self, conversation: Conversation) -> None:
        if conversation != self._conversation:
            self._conversation = conversation
            self.conversation_changed.emit(conversation)

    def _set_state(self, state: SessionState) -> None:
        if state is not self._state:
            self._state = state
            self.state_changed.emit(state)
