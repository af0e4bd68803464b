"""Plays a stream: frames at a pace, pauses and cuts, over HTTP or over the bare connection."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable

    from starlette.types import Receive, Scope, Send

    from studio.demo.journal import Entry
    from studio.demo.wire import Connection

# A burst leaves in writes of this size: many events each, as from a fast server.
BURST_BYTES = 32_768
LONG_REST_SECONDS = 0.05


class FrameKind(Enum):
    """What a frame means; faults tell frames apart by it."""

    OPEN = auto()
    THOUGHT = auto()
    WORD = auto()
    TURN = auto()  # the seam between reasoning and answer, or between blocks
    FINISH = auto()
    USAGE = auto()
    DONE = auto()
    FOREIGN = auto()


@dataclass(frozen=True, slots=True)
class Frame:
    """Bytes to send. Words and thoughts are tokens: they come at the pace of the stream."""

    kind: FrameKind
    payload: bytes

    @property
    def is_token(self) -> bool:
        return self.kind in (FrameKind.WORD, FrameKind.THOUGHT)


@dataclass(frozen=True, slots=True)
class Pause:
    """Silence; `seconds` None lasts until the client leaves."""

    seconds: float | None


class Cut(Enum):
    """Ways of ending a body that is not whole."""

    END = auto()  # the HTTP body ends properly, the stream in it does not
    FIN = auto()  # the connection closes inside a chunk
    RESET = auto()  # the connection is reset


Step = Frame | Pause | Cut


class Line(Protocol):
    """Where a performance is played."""

    async def open(self, content_type: str, headers: dict[str, str]) -> None: ...
    async def write(self, payload: bytes) -> None: ...
    async def end(self) -> None: ...
    async def cut(self, how: Cut) -> None: ...


class HttpLine:
    """The ordinary way: a chunked body through the server."""

    def __init__(self, send: Send, connection: Connection) -> None:
        self._send = send
        self._connection = connection

    async def open(self, content_type: str, headers: dict[str, str]) -> None:
        pairs = {"content-type": content_type, "cache-control": "no-cache", **headers}
        raw = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in pairs.items()]
        await self._send({"type": "http.response.start", "status": 200, "headers": raw})

    async def write(self, payload: bytes) -> None:
        await self._send({"type": "http.response.body", "body": payload, "more_body": True})

    async def end(self) -> None:
        await self._send({"type": "http.response.body", "body": b"", "more_body": False})

    async def cut(self, how: Cut) -> None:
        if how is Cut.END:
            await self.end()
        elif how is Cut.FIN:
            # A chunk that promises more bytes than will ever come.
            self._connection.write(b"400\r\ndata: ")
            await self._connection.close()
        else:
            await self._connection.reset()


class BareLine:
    """A body without length or chunks, ended by the connection's end, as from HTTP/1.0."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def open(self, content_type: str, headers: dict[str, str]) -> None:
        pairs = {"content-type": content_type, "connection": "close", **headers}
        head = "".join(f"{name}: {value}\r\n" for name, value in pairs.items())
        self._connection.write(f"HTTP/1.1 200 OK\r\n{head}\r\n".encode("latin-1"))

    async def write(self, payload: bytes) -> None:
        self._connection.write(payload)

    async def end(self) -> None:
        await self._connection.close()

    async def cut(self, how: Cut) -> None:
        if how is Cut.RESET:
            await self._connection.reset()
        else:
            await self._connection.close()


@dataclass(slots=True)
class Playback:
    """An answer that plays `steps`; it is an ASGI application and used once.

    `rate` is in tokens a second, 0 means as fast as the client reads. `lead` is the silence
    before the first token.
    """

    steps: Iterable[Step]
    connection: Connection
    entry: Entry
    rate: float
    lead: float = 0.0
    content_type: str = "text/event-stream; charset=utf-8"
    headers: dict[str, str] | None = None
    bare: bool = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        line: Line = BareLine(self.connection) if self.bare else HttpLine(send, self.connection)
        await line.open(self.content_type, self.headers or {})
        how = await self._play(line)
        if self.connection.is_gone:
            return
        if how is None:
            await line.end()
        else:
            await line.cut(how)

    async def _play(self, line: Line) -> Cut | None:
        loop = asyncio.get_running_loop()
        due = loop.time() + self.lead
        interval = 1.0 / self.rate if self.rate > 0 else 0.0
        waiting = bytearray()
        for step in self.steps:
            if isinstance(step, Cut):
                await self._flush(line, waiting)
                return step
            if isinstance(step, Pause):
                await self._flush(line, waiting)
                if await self.connection.wait_gone(step.seconds):
                    return None
                continue
            if step.is_token:
                if due > loop.time():
                    await self._flush(line, waiting)
                    await self._rest(due - loop.time())
                due += interval
                self.entry.tokens_sent += 1
            waiting += step.payload
            if len(waiting) >= BURST_BYTES:
                await self._flush(line, waiting)
                # A burst must not starve the box's other clients.
                await asyncio.sleep(0)
            if self.connection.is_gone:
                return None
        await self._flush(line, waiting)
        return None

    async def _rest(self, seconds: float) -> None:
        if seconds > LONG_REST_SECONDS:
            await self.connection.wait_gone(seconds)
        else:
            # Five times cheaper, and a client that left is noticed soon enough.
            await asyncio.sleep(max(0.0, seconds))

    async def _flush(self, line: Line, waiting: bytearray) -> None:
        if waiting:
            await line.write(bytes(waiting))
            self.entry.bytes_sent += len(waiting)
            waiting.clear()
