"""Titles by the model, for those who switched that on: one short call a conversation, no more.

It waits behind everything else, gives way to whatever comes meanwhile, is never repeated, and
its failures are told by the black box alone: the first line of the question is a title too.
"""

from __future__ import annotations

import asyncio
import weakref
from contextlib import aclosing

from PySide6.QtCore import QObject

from studio.core.errors import StudioError
from studio.core.messages import MessageStatus, Parameters, Role, title_from
from studio.core.stream import ChatMessage, ChatRequest, TextContent, TextDelta
from studio.core.titles import clean_title, request_for
from studio.sessions.chat.session import ChatSession
from studio.sessions.models.catalogue import Catalogue
from studio.sessions.preferences import Preferences
from studio.sessions.requests.request_queue import RequestQueue, TurnKind, TurnState
from studio.sessions.requests.service import Service
from studio.sessions.requests.tasks import TaskGroup
from studio.sessions.states import SessionState
from studio.storage.db.database import Database
from studio.storage.history.titles import replace_title

LONGEST_SECONDS = 30.0
MOST_TOKENS = 96  # of the answer


class Titles(QObject):
    """Names each conversation that it follows, after its first whole answer."""

    def __init__(
        self,
        service: Service,
        request_queue: RequestQueue,
        catalogue: Catalogue,
        preferences: Preferences,
        database: Database,
        tasks: TaskGroup,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._service, self._request_queue, self._catalogue = service, request_queue, catalogue
        self._preferences, self._database, self._tasks = preferences, database, tasks
        self._asked: set[str] = set()  # conversations, whatever came of it
        self._asking: dict[int, asyncio.Task[object]] = {}  # under way, by their turn's number
        request_queue.changed.connect(self._give_way)

    def follow(self, session: ChatSession) -> None:
        """Name the conversation of `session` when its first answer is there."""

        followed = weakref.ref(session)  # its own signal must not keep it alive

        def look(state: SessionState) -> None:
            found = followed()
            if state is SessionState.IDLE and found is not None and self._wants_title(found):
                self._asked.add(found.conversation.id)
                self._tasks.start(self._name(found), "name a conversation")

        session.state_changed.connect(look)

    def _wants_title(self, session: ChatSession) -> bool:
        conversation, messages = session.conversation, session.messages
        if not self._preferences.settings.name_conversations or len(messages) != 2:
            return False
        question, answer = messages
        whole = answer.role is Role.ASSISTANT and answer.status is MessageStatus.COMPLETE
        untouched = conversation.title == title_from(question.text) != ""
        return (
            whole
            and untouched
            and bool(answer.text)
            and conversation.id not in self._asked
            and not self._tasks.closing
        )

    async def _name(self, session: ChatSession) -> None:
        old = session.conversation.title
        try:
            title = clean_title(await self._ask(session))
            if not title or title == old or session.conversation.title != old:
                return
            # The database decides: the user may be renaming it in the list right now.
            replaced = await self._database.call(replace_title, session.conversation.id, old, title)
        except (StudioError, TimeoutError):
            return
        if replaced and session.conversation.title == old:
            session.follow({"title": title})

    async def _ask(self, session: ChatSession) -> str:
        conversation = session.conversation
        question, answer = session.messages
        model = answer.model
        self._service.admit(model)  # one that is done for today is not asked
        thinks = self._catalogue.find(model).reasoning
        request = ChatRequest(
            model,
            (ChatMessage(Role.USER, (TextContent(request_for(question.text, answer.text)),)),),
            parameters=Parameters(max_tokens=MOST_TOKENS, thinking=False if thinks else None),
            stream=False,
        )
        said: list[str] = []
        async with self._request_queue.turn(TurnKind.TITLE, conversation.title, model) as turn:
            self._asking[turn.number] = turn.task
            try:
                self._service.admit(model)  # it may have waited long
                async with asyncio.timeout(LONGEST_SECONDS):
                    await self._service.ready(conversation.protocol)
                    provider = self._service.chat(conversation.protocol)
                    async with aclosing(provider.stream(request)) as events:
                        async for event in events:
                            if isinstance(event, TextDelta):
                                said.append(event.text)
            finally:
                del self._asking[turn.number]
        return "".join(said)

    def _give_way(self) -> None:
        """Nobody waits for a title: it ends when anything else wants its place."""
        if self._asking and any(
            turn.state is TurnState.WAITING
            and turn.kind is not TurnKind.TITLE
            and not self._request_queue.held(turn)  # that one waits for a picture
            for turn in self._request_queue.turns
        ):
            for task in self._asking.values():
                task.cancel()
