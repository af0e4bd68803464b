"""The course of one answer, the same for both chat doors: ask, believe, read, judge the end.

A door adds what its own interface looks like: how a request is written and how events are read.
"""

from __future__ import annotations

import asyncio
import json
from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import AsyncExitStack, aclosing
from dataclasses import dataclass, replace
from typing import Any

from studio.core.errors import ErrorKind, StudioError
from studio.core.stream import (
    ChatRequest,
    ParametersDropped,
    ReasoningDelta,
    StreamEnd,
    StreamEvent,
    StreamStarted,
    TextDelta,
    ToolCallDelta,
    UsageReport,
)
from studio.providers.base import Endpoint, NetworkSettings, RateLimitListener
from studio.providers.failures import Border
from studio.providers.guard import (
    DAMAGED,
    EventSplitter,
    Pace,
    ServerEvent,
    TextCleaner,
    Turns,
    clean_text,
    next_piece,
    payloads,
    read_whole,
)
from studio.providers.headers import request_id
from studio.providers.refusals import is_web_page
from studio.providers.thinking import ThinkSplitter

AFTER_FINISH_SECONDS = 2.0  # how long usage is awaited once the answer is whole
DRAIN_SECONDS = 0.05  # for the last bytes, so that the connection can be kept
DRAIN_BYTES = 65536
_STREAM_MARKS = (b"data:", b"event:", b"id:", b"retry:", b":", b"\xef\xbb\xbfdata:")


@dataclass(slots=True)
class AnswerState:
    """What is known of an answer so far."""

    has_content: bool = False
    finish: str = ""  # the reason, once the answer is whole
    ended: bool = False  # the door's last mark came: nothing more is read
    damaged: bool = False  # an event could not be read: something is missing
    hollow: bool = False  # an event came that should hold something and held null
    input_tokens: int | None = None
    output_tokens: int | None = None


class AnswerReader(ABC):
    """Reads the events of one answer into ours; `state` says how far it is."""

    def __init__(self, border: Border, response_headers: Any, token: str) -> None:
        self.state = AnswerState()
        self._border = border
        self._headers = response_headers
        self._token = token
        self._splitter = ThinkSplitter()
        self._text = TextCleaner(token)
        self._reasoning = TextCleaner(token)

    @abstractmethod
    def read(self, name: str, payload: dict[str, Any]) -> list[StreamEvent]:
        """The events that one event of the stream amounts to."""

    @abstractmethod
    def read_answer(self, payload: dict[str, Any]) -> list[StreamEvent]:
        """The events that a whole answer amounts to; sets `finish`."""

    def read_event(self, event: ServerEvent) -> list[StreamEvent]:
        """The events of one event as it stood in the stream."""
        if event.data.lstrip().startswith("[DONE]"):
            self.state.ended = True
            if self.state.has_content:
                # The server says that it is done, though some never give a reason.
                self.state.finish = self.state.finish or "stop"
            return []
        found: list[StreamEvent] = []
        heard = payloads(event.data)
        if event.name == "error" and not any(isinstance(each, dict) for each in heard):
            raise self._border.refusal_within(self._headers, event.data)
        for payload in heard:
            if payload is DAMAGED:
                # Behind the finish mark only the count follows, which nobody misses.
                self.state.damaged = self.state.damaged or not self.state.finish
            elif isinstance(payload, dict):
                error = payload.get("error") or payload.get("errors")
                if error or event.name == "error":
                    raise self._border.refusal_within(self._headers, payload)
                found += self.read(event.name, payload)
        return found

    def content(self, text: str) -> list[StreamEvent]:
        """Text of the answer, cleaned; a thought within it is told apart."""
        self.state.has_content = True
        found: list[StreamEvent] = []
        for thought, words in self._splitter.feed(text):
            found += self.reasoning(words) if thought else self._visible(words)
        return found

    def _visible(self, words: str) -> list[StreamEvent]:
        cleaned = self._text.feed(words)
        return [TextDelta(cleaned)] if cleaned else []

    def tool_call(
        self, index: int, call_id: str = "", name: str = "", arguments: str = ""
    ) -> list[StreamEvent]:
        """A piece of a tool call, cleaned."""
        if not (call_id or name or arguments):
            return []
        self.state.has_content = True
        cleaned = (clean_text(each, self._token) for each in (call_id, name, arguments))
        return [ToolCallDelta(index, *cleaned)]

    def reasoning(self, text: str) -> list[StreamEvent]:
        """Reasoning, cleaned."""
        self.state.has_content = True
        cleaned = self._reasoning.feed(text)
        return [ReasoningDelta(cleaned)] if cleaned else []

    def count(self, input_tokens: object, output_tokens: object) -> None:
        """Take over what the service counted; zeros are no counts."""
        if isinstance(input_tokens, int) and 0 < input_tokens < 2**53:
            self.state.input_tokens = input_tokens
        if isinstance(output_tokens, int) and 0 < output_tokens < 2**53:
            self.state.output_tokens = output_tokens

    def flush(self) -> list[StreamEvent]:
        """What was held back: half a letter, half a token, half a tag."""
        found: list[StreamEvent] = []
        for thought, words in self._splitter.flush():
            found += self.reasoning(words) if thought else self._visible(words)
        if held := self._reasoning.flush():
            found.append(ReasoningDelta(held))
        if held := self._text.flush():
            found.append(TextDelta(held))
        return found


@dataclass(frozen=True, slots=True)
class Call:
    """The arguments of one call of an SDK, and the user's parameters it had to leave out."""

    arguments: dict[str, Any]
    dropped: tuple[str, ...] = ()


class ChatDoor(ABC):
    """A ChatProvider on one of the SDKs; see `base.ChatProvider` for what callers must know."""

    def __init__(
        self,
        endpoint: Endpoint,
        token: str,
        network: NetworkSettings,
        listener: RateLimitListener | None = None,
    ) -> None:
        self._endpoint = endpoint
        self._token = token
        self._network = network
        self._listener = listener

    @abstractmethod
    def _call(self, request: ChatRequest) -> Call:
        """What is asked first."""

    @abstractmethod
    def _softer(self, call: Call, error: StudioError, request: ChatRequest) -> Call | None:
        """What is asked instead when `error` names a parameter the model will not have."""

    @abstractmethod
    async def _send(self, arguments: dict[str, Any]) -> Any:
        """An SDK's response manager: entered, it sends and gives the response's head."""

    @abstractmethod
    def _reader(self, border: Border, headers: Any) -> AnswerReader:
        """A reader for one answer."""

    @abstractmethod
    async def close(self) -> None:
        """Close kept connections."""

    async def stream(self, request: ChatRequest) -> AsyncGenerator[StreamEvent, None]:
        """Yield the answer's events; see `base.ChatProvider.stream`."""
        border = Border(self._endpoint.host, self._token, request.model, self._listener)
        if self._endpoint.needs_token and not self._token:
            raise border.error(ErrorKind.NO_TOKEN)
        readers: list[AnswerReader] = []
        try:
            with border.watched():
                async with aclosing(self._course(request, border, readers)) as events:
                    async for event in events:
                        yield event
        except StudioError as error:
            for reader in readers:
                for event in reader.flush():
                    yield event
                error.had_partial = reader.state.has_content
            raise

    async def _course(
        self, request: ChatRequest, border: Border, readers: list[AnswerReader]
    ) -> AsyncGenerator[StreamEvent, None]:
        async with AsyncExitStack() as stack:
            pace = Pace(self._network.idle_seconds)
            call, response = await self._open(request, border, stack)
            border.note(response.headers)
            yield StreamStarted(request_id(response.headers))
            if call.dropped:
                yield ParametersDropped(call.dropped)
            reader = self._reader(border, response.headers)
            readers.append(reader)
            pieces: AsyncIterator[bytes] = response.http_response.aiter_raw()
            async with aclosing(_believed(response, pieces, reader, border, pace)) as events:
                async for event in events:
                    yield event
            for event in reader.flush():
                yield event
            _judge(reader.state, border)
            state = reader.state
            if state.input_tokens is not None or state.output_tokens is not None:
                yield UsageReport(state.input_tokens, state.output_tokens)
            await _drain(pieces)
            yield StreamEnd(state.finish)

    async def _open(
        self, request: ChatRequest, border: Border, stack: AsyncExitStack
    ) -> tuple[Call, Any]:
        call: Call | None = self._call(request)
        softened = 0
        while call is not None:
            try:
                with border.watched():
                    manager = await self._send(call.arguments)
                    limit = self._network.connect_seconds + self._network.idle_seconds
                    async with asyncio.timeout(limit):
                        return call, await stack.enter_async_context(manager)
            except StudioError as error:
                softer = self._softer(call, error, request) if softened < 2 else None
                if softer is None:
                    raise
                call, softened = softer, softened + 1
        raise border.error(ErrorKind.BUG)  # not reached: `softer` is never None here


async def _believed(
    response: Any, pieces: AsyncIterator[bytes], reader: AnswerReader, border: Border, pace: Pace
) -> AsyncGenerator[StreamEvent, None]:
    """Read what came as what it is: a stream by its type or first bytes, else one whole answer."""
    content_type = response.headers.get("content-type", "").lower()
    first = await next_piece(pieces, pace.deadline)
    looks = (first or b"").lstrip().startswith(_STREAM_MARKS)
    if "text/event-stream" in content_type or (looks and "html" not in content_type):
        async with aclosing(_streamed(first, pieces, reader, border, pace)) as events:
            async for event in events:
                yield event
        return
    body = (first or b"") + await read_whole(pieces, pace)
    if not body.strip():
        raise border.error(ErrorKind.EMPTY_ANSWER, request_id=request_id(response.headers))
    if is_web_page(body, content_type):
        raise border.error(ErrorKind.WEB_PAGE, request_id=request_id(response.headers))
    try:
        payload = json.loads(body.decode("utf-8-sig", "replace"))
    except (ValueError, RecursionError):
        said = body[:4000].decode("utf-8", "replace")
        raise border.error(
            ErrorKind.BAD_REPLY, said, request_id=request_id(response.headers)
        ) from None
    if not isinstance(payload, dict):
        raise border.error(ErrorKind.BAD_REPLY, request_id=request_id(response.headers))
    if payload.get("error") or payload.get("errors"):
        raise border.refusal_within(response.headers, payload)
    for event in reader.read_answer(payload):
        yield event


async def _streamed(
    first: bytes | None,
    pieces: AsyncIterator[bytes],
    reader: AnswerReader,
    border: Border,
    pace: Pace,
) -> AsyncGenerator[StreamEvent, None]:
    splitter, turns = EventSplitter(), Turns()
    piece, more = first, True
    while more:
        more, alive = piece is not None, splitter.alive
        for event in splitter.finish() if piece is None else splitter.feed(piece):
            found = reader.read_event(event)
            if found:
                pace.content()
            for each in found:
                yield each
            if reader.state.ended:
                return
            if turns.due:
                await turns.give()
        if splitter.alive > alive:
            pace.alive()
        if more:
            piece = await _next(pieces, reader.state, border, pace)


async def _next(
    pieces: AsyncIterator[bytes], state: AnswerState, border: Border, pace: Pace
) -> bytes | None:
    if not state.finish:
        return await next_piece(pieces, pace.deadline)
    # The answer is whole: only its count may follow, and whatever breaks now breaks nothing.
    grace = asyncio.get_running_loop().time() + AFTER_FINISH_SECONDS
    try:
        with border.watched():
            return await next_piece(pieces, grace)
    except StudioError:
        return None


def _judge(state: AnswerState, border: Border) -> None:
    """Raise unless the answer is whole."""
    if not state.finish:
        nothing = not state.has_content and (state.hollow or state.ended)
        raise border.error(ErrorKind.EMPTY_ANSWER if nothing else ErrorKind.CUT_SHORT)
    if state.damaged:
        raise border.error(ErrorKind.BAD_REPLY)
    if state.finish == "stop" and not state.has_content:
        raise border.error(ErrorKind.EMPTY_ANSWER)


async def _drain(pieces: AsyncIterator[bytes]) -> None:
    """Read the few bytes behind the last mark, so that the connection serves the next request."""
    loop = asyncio.get_running_loop()
    deadline, rest = loop.time() + DRAIN_SECONDS, DRAIN_BYTES
    try:
        while rest > 0 and (piece := await next_piece(pieces, deadline)) is not None:
            rest -= len(piece)
    except StudioError:
        return  # it stays open: closing the response closes it


def without(call: Call, *names: str, dropped: tuple[str, ...] = ()) -> Call:
    """The call without some arguments; `dropped` are those that the user must be told of."""
    kept = {name: value for name, value in call.arguments.items() if name not in names}
    return replace(call, arguments=kept, dropped=(*call.dropped, *dropped))
