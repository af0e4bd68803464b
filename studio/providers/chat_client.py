"""The course of one answer, the same for both chat protocols: ask, believe, read, judge the end.

A protocol adds what is its own: how a request is written and how events are read.
"""

from __future__ import annotations

import asyncio
import json
from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Iterator
from contextlib import AsyncExitStack, aclosing
from dataclasses import dataclass, replace
from typing import Any

from studio.core.errors import ErrorKind, StudioError
from studio.core.lessons import DROPS, Fact, learned_from
from studio.core.messages import Role
from studio.core.stream import (
    ChatRequest,
    ImageContent,
    ModelLearned,
    ParametersDropped,
    StreamEnd,
    StreamEvent,
    StreamStarted,
    UsageReport,
)
from studio.providers.answer_reader import AnswerReader, AnswerState
from studio.providers.base import (
    Endpoint,
    ExchangeRecorder,
    NetworkSettings,
    RateLimitListener,
)
from studio.providers.charsets import text_of
from studio.providers.failures import ErrorContext
from studio.providers.headers import request_id
from studio.providers.image_refusals import refused_of_answer
from studio.providers.refusals import error_in, is_web_page
from studio.providers.stream_guard import CooperativeYield, EventSplitter, IdleTimeout, clean_text
from studio.providers.streaming_body import enclosed

AFTER_FINISH_SECONDS = 2.0  # how long the last mark is awaited once the answer is whole
# How long more is awaited behind a finish mark alone: some servers set it too early, and pause.
AFTER_MARK_SECONDS = 10.0
DRAIN_SECONDS = 0.05  # for the last bytes, so that the connection can be kept
DRAIN_BYTES = 65536
_STREAM_MARKS = (b"data:", b"event:", b"id:", b"retry:", b":", b"\xef\xbb\xbfdata:")


# Refusals that may be about how something was asked, rather than about what or by whom.
_TEACHING = frozenset({ErrorKind.REFUSED, ErrorKind.MODEL_GONE, ErrorKind.BUSY})
MOST_LESSONS = 3  # that one question may teach, each with another request


@dataclass(frozen=True, slots=True)
class ChatCall:
    """The arguments of one call of an SDK, and what in it a model may turn out not to take."""

    arguments: dict[str, Any]
    sent: frozenset[Fact] = frozenset()


class ChatClient(ABC):
    """A ChatProvider on one of the SDKs; see `base.ChatProvider` for what callers must know."""

    def __init__(
        self,
        endpoint: Endpoint,
        token: str,
        network: NetworkSettings,
        listener: RateLimitListener | None = None,
        recorder: ExchangeRecorder | None = None,
    ) -> None:
        self._recorder = recorder
        self._endpoint = endpoint
        self._token = token
        self._network = network
        self._listener = listener
        self._client: Any = None  # of an SDK: made when first used, importing one takes a second
        self._making = asyncio.Lock()
        self._under_way = 0
        self._closed = False
        self._facts: dict[str, frozenset[Fact]] = {}  # learned here, by model

    @abstractmethod
    def _call(self, request: ChatRequest) -> ChatCall:
        """What is asked of a model of which `request.known` is known."""

    @abstractmethod
    async def _make(self) -> Any:
        """A client of the protocol's SDK."""

    @abstractmethod
    def _ask(self, client: Any, arguments: dict[str, Any]) -> Any:
        """The client's response manager: entered, it sends and gives the response's head."""

    @abstractmethod
    def _reader(self, border: ErrorContext, headers: Any) -> AnswerReader:
        """A reader for one answer."""

    async def close(self) -> None:
        """Close kept connections; what is under way ends first, and then closes its own."""
        self._closed = True
        if self._under_way:
            return
        client, self._client = self._client, None
        if client is not None:
            await client.close()

    async def stream(self, request: ChatRequest) -> AsyncGenerator[StreamEvent, None]:
        """Yield the answer's events; see `base.ChatProvider.stream`."""
        border = ErrorContext(
            self._endpoint.host,
            self._token,
            request.model,
            self._listener,
            pictures=any(
                isinstance(p, ImageContent) for turn in request.turns for p in turn.content
            ),
        )
        if self._endpoint.needs_token and not self._token:
            raise border.error(ErrorKind.NO_TOKEN)
        readers: list[AnswerReader] = []
        self._under_way += 1
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
            if error.kind is ErrorKind.REFUSED:
                _name_values(error, request)
            raise
        finally:
            self._under_way -= 1
            if self._closed:
                await self.close()

    async def _course(
        self, request: ChatRequest, border: ErrorContext, readers: list[AnswerReader]
    ) -> AsyncGenerator[StreamEvent, None]:
        async with AsyncExitStack() as stack:
            notes, response = await self._open(request, border, stack)
            pace = IdleTimeout(self._network.idle_seconds)
            stack.callback(pace.close)
            border.note(response.headers)
            yield StreamStarted(clean_text(request_id(response.headers), self._token))
            for note in notes:
                yield note
            reader = self._reader(border, response.headers)
            readers.append(reader)
            state = reader.state
            body = aclosing(response.http_response.aiter_raw())
            pieces: AsyncIterator[bytes] = await stack.enter_async_context(body)
            piece = await pace.next_piece(pieces)
            if not _is_stream(piece, response.headers):
                answer = await pace.whole(pieces, piece or b"")
                for event in _whole_answer(answer, response.headers, reader, border):
                    yield event
            else:
                splitter = EventSplitter(response.headers.get("content-type", ""))
                stream = _stream(piece, pieces, splitter, reader, pace, border)
                async for event in await stack.enter_async_context(aclosing(stream)):
                    yield event
            for event in reader.flush():
                yield event
            _judge(state, border)
            if state.input_tokens is not None or state.output_tokens is not None:
                yield UsageReport(state.input_tokens, state.output_tokens)
            await _drain(pieces, border, pace)
            yield StreamEnd(state.finish)

    async def _open(
        self, request: ChatRequest, border: ErrorContext, stack: AsyncExitStack
    ) -> tuple[list[StreamEvent], Any]:
        """Ask, and ask again as often as a refusal teaches how; what it taught, and the answer."""
        enclosed.set({})
        known = request.known | self._facts.get(request.model, frozenset())
        request = replace(request, known=known)
        learned: list[ModelLearned] = []
        while True:
            if Fact.STREAMS_ONLY in request.known:
                request = replace(request, stream=True)
            call = self._call(request)
            try:
                response = await self._send(call, border, stack)
            except StudioError as error:
                fact = _lesson(error, call, request) if len(learned) < MOST_LESSONS else None
                if fact is None:
                    raise
                learned.append(ModelLearned(fact, error.detail))
                request = replace(request, known=request.known | {fact})
                continue
            # Only now: what is refused either way has taught nothing.
            self._facts[request.model] = request.known
            dropped = _dropped(request)
            return [*learned, *([ParametersDropped(dropped)] if dropped else [])], response

    async def _send(self, call: ChatCall, border: ErrorContext, stack: AsyncExitStack) -> Any:
        border.course.left = False
        with border.watched():
            async with self._making:
                self._client = self._client or await self._make()
            manager = self._ask(self._client, call.arguments)
            limit = self._network.connect_seconds + self._network.idle_seconds
            async with asyncio.timeout(limit):
                return await stack.enter_async_context(manager)


def _lesson(error: StudioError, call: ChatCall, request: ChatRequest) -> Fact | None:
    """What a refusal teaches that is not known yet."""
    if error.kind not in _TEACHING:
        return None
    thoughts = Fact.WANTS_REASONING not in request.known and any(
        turn.role is Role.ASSISTANT for turn in request.turns
    )
    return learned_from(error.detail, call.sent, stream=request.stream, thoughts=thoughts)


def _name_values(error: StudioError, request: ChatRequest) -> None:
    """Say as `values["fields"]` which values a refusal is about: they are the user's to mend."""
    # The longest answer leaves at one protocol whether it was set or not.
    sent = {"max_tokens": None, **chosen(request)}
    if fields := refused_of_answer(error.detail, sent):
        error.values["fields"] = " ".join(fields)


def _dropped(request: ChatRequest) -> tuple[str, ...]:
    """The user's parameters that the model does not take."""
    names = (DROPS[fact] for fact in Fact if fact in request.known and fact in DROPS)
    chosen = request.parameters
    return tuple(name for name in names if getattr(chosen, name) not in (None, ()))


def chosen(request: ChatRequest) -> dict[str, Any]:
    """The parameters that the user set and the model takes, by their names in `Parameters`."""
    withheld = {DROPS[fact] for fact in request.known if fact in DROPS}
    values = {name: getattr(request.parameters, name) for name in DROPS.values()}
    return {
        name: value
        for name, value in values.items()
        if value not in (None, ()) and name not in withheld
    }


def facts_about(names: Iterable[str]) -> frozenset[Fact]:
    """The facts that would keep these parameters from being sent."""
    wanted = set(names)
    return frozenset(fact for fact, name in DROPS.items() if name in wanted)


def _is_stream(first: bytes | None, headers: Any) -> bool:
    """Whether an answer is a stream: by its type, or by its first bytes where the type is wrong."""
    content_type = headers.get("content-type", "").lower()
    looks = (first or b"").lstrip().startswith(_STREAM_MARKS)
    return "text/event-stream" in content_type or (looks and "html" not in content_type)


def _whole_answer(
    body: bytes, headers: Any, reader: AnswerReader, border: ErrorContext
) -> list[StreamEvent]:
    """The events of an answer that came at once; StudioError for what is none."""
    number = request_id(headers)
    if not body.strip():
        raise border.error(ErrorKind.EMPTY_ANSWER, request_id=number)
    if is_web_page(body, headers.get("content-type", "")):
        raise border.error(ErrorKind.WEB_PAGE, request_id=number)
    text = text_of(body, headers.get("content-type", ""))
    try:
        payload = json.loads(text)
    except (ValueError, RecursionError):
        raise border.error(ErrorKind.BAD_REPLY, text[:4000], request_id=number) from None
    if not isinstance(payload, dict):
        raise border.error(ErrorKind.BAD_REPLY, request_id=number)
    if error_in(payload):
        raise border.refusal_within(headers, payload)
    return reader.read_answer(payload)


async def _stream(
    piece: bytes | None,
    pieces: AsyncIterator[bytes],
    splitter: EventSplitter,
    reader: AnswerReader,
    pace: IdleTimeout,
    border: ErrorContext,
) -> AsyncGenerator[StreamEvent, None]:
    """The events of an answer that streams, from its first bytes to its end."""
    turns, more = CooperativeYield(), True
    while more and not reader.state.ended:
        more = piece is not None
        for event in _heard(piece, splitter, reader, pace):
            yield event
            if turns.due:
                await turns.give()
        for event in reader.marked() if more else ():
            yield event
        if more and not reader.state.ended:
            try:
                piece = await _next(pieces, reader.state, border, pace)
            except Exception:
                # What waited for more is shown: an event without its end, or without a charset.
                for event in _heard(None, splitter, reader, pace):
                    yield event
                raise


def _heard(
    piece: bytes | None, splitter: EventSplitter, reader: AnswerReader, pace: IdleTimeout
) -> Iterator[StreamEvent]:
    """The events that some more bytes, or the end of them, amount to."""
    alive = splitter.alive
    content = False
    try:
        for event in splitter.finish() if piece is None else splitter.feed(piece):
            found = reader.read_event(event)
            if found:
                content = True
                yield from found
            if reader.state.ended:
                return
    finally:
        if content:
            pace.content()
        elif splitter.alive > alive:
            pace.alive()


async def _next(
    pieces: AsyncIterator[bytes], state: AnswerState, border: ErrorContext, pace: IdleTimeout
) -> bytes | None:
    if not state.finish:
        return await pace.next_piece(pieces)
    doubtful = state.with_words and not state.certain
    if doubtful and state.retracted:
        return await pace.next_piece(pieces)
    # The answer is whole: only its count may follow, and whatever breaks now breaks nothing.
    if not doubtful:
        pace.hurry(AFTER_FINISH_SECONDS if state.certain else AFTER_MARK_SECONDS)
    try:
        with border.watched():
            return await pace.next_piece(pieces)
    except StudioError:
        return None


def _judge(state: AnswerState, border: ErrorContext) -> None:
    """Raise unless the answer is whole."""
    if state.broken:
        gave_up = ErrorKind.CUT_SHORT if state.has_content else ErrorKind.BUSY
        raise border.error(gave_up, state.broken)
    doubtful = state.with_words and state.retracted and not (state.certain or state.ended)
    if not state.finish or doubtful:
        nothing = not state.has_content and (state.hollow or state.ended)
        raise border.error(ErrorKind.EMPTY_ANSWER if nothing else ErrorKind.CUT_SHORT)
    if state.damaged:
        raise border.error(ErrorKind.BAD_REPLY)
    if state.finish == "stop" and not state.has_content:
        raise border.error(ErrorKind.EMPTY_ANSWER)


async def _drain(pieces: AsyncIterator[bytes], border: ErrorContext, pace: IdleTimeout) -> None:
    """Read the few bytes behind the last mark, so that the connection serves the next request."""
    rest = DRAIN_BYTES
    pace.hurry(DRAIN_SECONDS)
    try:
        with border.watched():
            while rest > 0 and (piece := await pace.next_piece(pieces)) is not None:
                rest -= len(piece)
    except StudioError:
        return  # broken, or still open: closing the response closes it
