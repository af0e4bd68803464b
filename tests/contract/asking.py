"""What the contract's tests share: a question asked over a real socket, and what came of it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field

from studio.core.errors import StudioError
from studio.core.messages import ChatProtocol, Parameters, Role
from studio.core.stream import (
    ChatMessage,
    ChatRequest,
    ReasoningDelta,
    StreamEnd,
    StreamEvent,
    TextContent,
    TextDelta,
    TextWasThought,
    UsageReport,
)
from studio.providers.base import ChatProvider, NetworkSettings
from studio.providers.registry import PROVIDERS, ProviderRow, build_chat, endpoint_for
from tests.contract.dialects import DIALECTS, Dialect

TOKEN = "ms-0f3b7a52-61c4-4f0e-9c1d-5a7be2d94c11"
FAST = NetworkSettings(proxy="", connect_seconds=3.0, idle_seconds=5.0)
PROTOCOLS = [(row, protocol) for row in PROVIDERS for protocol in row.protocols]
DOOR_NAMES = [f"{row.id}-{protocol.value}" for row, protocol in PROTOCOLS]


@dataclass
class Outcome:
    """What a stream amounted to."""

    events: list[StreamEvent] = field(default_factory=list)
    error: StudioError | None = None

    @property
    def text(self) -> str:
        """All visible text."""
        said = self.events[self._turned :]
        return "".join(each.text for each in said if isinstance(each, TextDelta))

    @property
    def reasoning(self) -> str:
        """All reasoning, with what came as text and was none."""
        before, after = self.events[: self._turned], self.events[self._turned :]
        words = [e.text for e in before if isinstance(e, ReasoningDelta | TextDelta)]
        more = "".join(each.text for each in after if isinstance(each, ReasoningDelta))
        return "".join(words).strip() + more if before else more

    @property
    def _turned(self) -> int:
        """How many events there are up to the last that says that all text was reasoning."""
        places = [n for n, each in enumerate(self.events) if isinstance(each, TextWasThought)]
        return places[-1] + 1 if places else 0

    @property
    def end(self) -> str:
        """The finish reason; empty when the answer is not whole."""
        last = self.events[-1] if self.events else None
        return last.reason if isinstance(last, StreamEnd) else ""

    @property
    def usage(self) -> UsageReport | None:
        """What the service counted."""
        return next((each for each in self.events if isinstance(each, UsageReport)), None)

    @property
    def kind(self) -> str:
        """The kind of the error, or empty."""
        return self.error.kind.value if self.error else ""


@dataclass
class Asker:
    """A provider of one row and protocol, and the dialect its server must speak."""

    row: ProviderRow
    protocol: ChatProtocol
    network: NetworkSettings = FAST
    token: str = TOKEN

    @classmethod
    def every(cls) -> list[Asker]:
        """One for every row and protocol."""
        return [cls(row, protocol) for row, protocol in PROTOCOLS]

    @property
    def dialect(self) -> Dialect:
        """How the server must answer."""
        return DIALECTS[self.protocol]

    @asynccontextmanager
    async def provider(self, address: str) -> AsyncIterator[ChatProvider]:
        """A provider that is closed behind the test."""
        endpoint = endpoint_for(self.row.id, address)
        made = build_chat(self.protocol, endpoint, self.token, self.network)
        try:
            yield made
        finally:
            await made.close()

    async def ask(self, address: str, request: ChatRequest | None = None) -> Outcome:
        """Ask one question of a new provider and take in everything."""
        async with self.provider(address) as provider:
            return await outcome_of(provider, request or question())

    async def again(self, provider: ChatProvider, model: str = "org/model") -> Outcome:
        """Ask the same question of a provider that is there already."""
        return await outcome_of(provider, question(model=model))


async def outcome_of(provider: ChatProvider, request: ChatRequest) -> Outcome:
    """Everything that one question brings; no error may hold the token."""
    outcome = Outcome()
    try:
        async with aclosing(provider.stream(request)) as events:
            async for each in events:
                outcome.events.append(each)
    except StudioError as error:
        outcome.error = error
        shown = f"{error!r} {error.detail} {error.request_id} {error.values} {error.stored()}"
        assert TOKEN not in shown
        assert TOKEN[3:] not in shown
    return outcome


def question(
    text: str = "Hello",
    *,
    stream: bool = True,
    model: str = "org/model",
    parameters: Parameters | None = None,
) -> ChatRequest:
    """A question of one turn."""
    turn = ChatMessage(Role.USER, (TextContent(text),))
    return ChatRequest(model, (turn,), parameters=parameters or Parameters(), stream=stream)
