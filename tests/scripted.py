"""A scripted service: providers that do what a test wrote down and remember what was asked."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from studio.core.credits import Balance
from studio.core.errors import ErrorKind, StudioError
from studio.core.images import ImageRequest
from studio.core.messages import ChatProtocol, Conversation
from studio.core.models import Capability, ModelInfo
from studio.core.stream import ChatRequest, StreamEnd, StreamEvent, TextDelta
from studio.providers.base import (
    ChatProvider,
    Endpoint,
    ExchangeRecorder,
    Finished,
    Hub,
    ImageProvider,
    NetworkSettings,
    RateLimitListener,
    StillRunning,
    Submitted,
)
from studio.providers.hub import Offer
from studio.sessions.chat.session import ChatSession
from studio.sessions.requests.request_queue import RequestQueue
from studio.sessions.requests.service import Service
from studio.sessions.requests.tasks import TaskGroup
from studio.sessions.states import SessionState
from studio.storage.db.database import Database
from studio.storage.pictures.attachments import Attachments

ENDPOINT = Endpoint(
    id="scripted",
    title="scripted",
    openai_base="http://127.0.0.1:9/v1",
    anthropic_base="http://127.0.0.1:9",
    needs_token=False,
)

# A step of an answer: an event, an error to raise, or something to wait for.
Step = StreamEvent | StudioError | Exception | asyncio.Event


def said(*texts: str, reason: str = "stop") -> list[Step]:
    """A whole answer."""
    return [*(TextDelta(text) for text in texts), StreamEnd(reason)]


@dataclass
class ScriptedChat:
    """Plays one script a request; asked again after the last, it fails as a real host would."""

    scripts: list[Sequence[Step]] = field(default_factory=list)
    requests: list[ChatRequest] = field(default_factory=list)
    open_streams: int = 0
    closed: bool = False

    async def stream(self, request: ChatRequest) -> AsyncGenerator[StreamEvent, None]:
        self.requests.append(request)
        if not self.scripts:
            raise StudioError(ErrorKind.NO_NETWORK, values={"host": "scripted"})
        self.open_streams += 1
        try:
            for step in self.scripts.pop(0):
                if isinstance(step, asyncio.Event):
                    await step.wait()
                elif isinstance(step, Exception):
                    raise step
                else:
                    yield step
        finally:
            self.open_streams -= 1

    async def close(self) -> None:
        self.closed = True


@dataclass
class ScriptedHub:
    """Lists what it was given; tells a balance."""

    listed: tuple[ModelInfo, ...] = ()
    balance: Balance = field(default_factory=Balance)
    failure: StudioError | None = None

    async def check_token(self) -> Balance:
        self._fail()
        return self.balance

    async def models(self) -> tuple[ModelInfo, ...]:
        self._fail()
        return self.listed

    async def kinds(self, model_id: str) -> frozenset[Capability]:
        return frozenset()

    async def offers(self, model_id: str) -> tuple[Offer, ...] | None:
        return None

    async def cost(self, model_id: str) -> float | None:
        return None

    async def close(self) -> None:
        pass

    def _fail(self) -> None:
        if self.failure is not None:
            raise self.failure


class NoImages:
    """An image provider for tests that make no pictures: any use of it fails."""

    async def submit(self, request: ImageRequest) -> Submitted | Finished:
        raise StudioError(ErrorKind.REFUSED)

    async def poll(self, task_id: str) -> StillRunning | Finished:
        raise StudioError(ErrorKind.REFUSED)

    async def download(self, url: str) -> bytes:
        raise StudioError(ErrorKind.REFUSED)

    async def close(self) -> None:
        pass


@dataclass
class ScriptedBuilders:
    """Hands out the scripted providers and counts."""

    chat: ScriptedChat = field(default_factory=ScriptedChat)
    hub: ScriptedHub = field(default_factory=ScriptedHub)
    built: list[tuple[Endpoint, str]] = field(default_factory=list)
    recorders: list[ExchangeRecorder | None] = field(default_factory=list)

    def build_chat(
        self,
        protocol: ChatProtocol,
        endpoint: Endpoint,
        token: str,
        network: NetworkSettings,
        listener: RateLimitListener | None = None,
        recorder: ExchangeRecorder | None = None,
    ) -> ChatProvider:
        self.built.append((endpoint, token))
        self.recorders.append(recorder)
        return self.chat

    def build_images(
        self,
        endpoint: Endpoint,
        token: str,
        network: NetworkSettings,
        listener: RateLimitListener | None = None,
        recorder: ExchangeRecorder | None = None,
    ) -> ImageProvider:
        return NoImages()

    def build_hub(
        self,
        endpoint: Endpoint,
        token: str,
        network: NetworkSettings,
        listener: RateLimitListener | None = None,
        recorder: ExchangeRecorder | None = None,
    ) -> Hub:
        return self.hub


@dataclass
class ChatParts:
    """Everything around a chat session, real but for the service."""

    database: Database
    folder: Path
    chat: ScriptedChat = field(default_factory=ScriptedChat)
    tasks: TaskGroup = field(default_factory=TaskGroup)
    request_queue: RequestQueue = field(default_factory=RequestQueue)

    def __post_init__(self) -> None:
        self.attachments = Attachments(self.folder / "attachments")
        self.builders = ScriptedBuilders(chat=self.chat)
        self.service = Service(self.builders, ENDPOINT, NetworkSettings(), self.tasks)

    def session(self, conversation: Conversation | None = None) -> ChatSession:
        """A session of a new conversation, or of a given one."""
        return ChatSession(
            conversation or Conversation(model="org/model"),
            self.database,
            self.attachments,
            self.service,
            self.request_queue,
            self.tasks,
        )


async def until(condition: Callable[[], bool], seconds: float = 10.0) -> None:
    """Wait until something holds; a test that never gets there fails by time-out."""
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 - any state of any object
            await asyncio.sleep(0.002)


async def idle(session: ChatSession) -> None:
    """Wait until a session has stored everything and does nothing."""
    await until(lambda: session.state is SessionState.IDLE)
