"""A raw-socket server that plays scripted bytes, so that any fault of a wire can be shown."""

from __future__ import annotations

import asyncio
import json
import socket
import struct
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self


@dataclass(frozen=True)
class Pause:
    """Wait so long."""

    seconds: float


@dataclass(frozen=True)
class Until:
    """Wait for a test's signal."""

    event: asyncio.Event


class Ending:
    """What happens to the connection after the last byte."""


KEEP = Ending()  # serve the next request on it
CLOSE = Ending()  # an orderly FIN
RESET = Ending()  # RST
HANG = Ending()  # nothing more comes; ends when the client goes

Step = bytes | Pause | Until


@dataclass(frozen=True)
class Play:
    """The answer to one request: what is written, step by step, and how it ends."""

    steps: tuple[Step, ...]
    ending: Ending = CLOSE


@dataclass
class Seen:
    """One request as it came."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    raw_head: bytes
    client_left: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def json(self) -> Any:
        """The body, read."""
        return json.loads(self.body)


class WireServer:
    """Plays one Play a request, in order; the last one again and again.

    With a `route`, anything else that is asked for is not there, and not seen.
    """

    def __init__(self, *plays: Play, ssl: Any = None, route: str = "") -> None:
        self._route = route
        self.plays = list(plays)
        self.seen: list[Seen] = []
        self.connections = 0
        self.arrived = asyncio.Event()
        self._served = 0
        self._ssl = ssl
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._idle = asyncio.Event()
        self._idle.set()

    @property
    def port(self) -> int:
        """Where it listens."""
        assert self._server is not None
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    @property
    def address(self) -> str:
        """Scheme, host and port."""
        return f"{'https' if self._ssl else 'http'}://127.0.0.1:{self.port}"

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(
            self._serve, "127.0.0.1", 0, limit=2**26, ssl=self._ssl
        )
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        assert self._server is not None
        self._server.close()
        for writer in list(self._writers):
            writer.transport.abort()
        await self._server.wait_closed()
        await self._idle.wait()

    async def quiet(self) -> None:
        """Wait until every connection has ended."""
        await self._idle.wait()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        self._idle.clear()
        self.connections += 1
        try:
            with suppress(ConnectionError, asyncio.IncompleteReadError):
                while await self._exchange(reader, writer):
                    pass
        finally:
            writer.close()
            self._writers.discard(writer)
            if not self._writers:
                self._idle.set()

    async def _exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = await reader.readuntil(b"\r\n\r\n")
        lines = head.decode("latin-1").split("\r\n")
        method, path, _ = lines[0].split(" ", 2)
        headers = {}
        for line in lines[1:]:
            name, colon, value = line.partition(":")
            if colon:
                headers[name.strip().lower()] = value.strip()
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        seen = Seen(method, path, headers, body, head)
        if self._route and path != self._route:
            await self._perform(whole("", "404 Not Found"), reader, writer)
            return True
        self.seen.append(seen)
        self.arrived.set()
        play = self.plays[min(self._served, len(self.plays) - 1)]
        self._served += 1
        try:
            await self._perform(play, reader, writer)
        except ConnectionError:
            seen.client_left.set()
            raise
        if play.ending is HANG:
            with suppress(ConnectionError):
                while await reader.read(65536):
                    pass
            seen.client_left.set()
        elif play.ending is RESET:
            _reset(writer)
        return play.ending is KEEP

    async def _perform(
        self, play: Play, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        for step in play.steps:
            if isinstance(step, bytes):
                writer.write(step)
                await writer.drain()
            elif isinstance(step, Pause):
                await asyncio.sleep(step.seconds)
            else:
                await step.event.wait()
            if reader.at_eof():
                raise ConnectionResetError


def _reset(writer: asyncio.StreamWriter) -> None:
    raw = writer.get_extra_info("socket")
    # No lingering: the kernel answers with RST instead of FIN.
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


def head(status: str = "200 OK", **headers: str) -> bytes:
    """Status line and headers; `content_type` means `Content-Type`."""
    lines = [f"HTTP/1.1 {status}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def whole(
    body: bytes | str | dict[str, Any] | list[Any],
    status: str = "200 OK",
    *,
    content_type: str = "application/json",
    ending: Ending = KEEP,
    **headers: str,
) -> Play:
    """An answer of known length."""
    if isinstance(body, dict | list):
        body = json.dumps(body)
    content = body.encode() if isinstance(body, str) else body
    start = head(status, content_type=content_type, content_length=str(len(content)), **headers)
    return Play((start + content,), ending)


STREAM_HEAD = {"content_type": "text/event-stream"}


def chunk(content: bytes) -> bytes:
    """One chunk of a chunked body."""
    return b"%x\r\n%s\r\n" % (len(content), content)


LAST_CHUNK = b"0\r\n\r\n"


def chunked(
    pieces: Iterable[bytes | Pause | Until],
    *,
    ending: Ending = KEEP,
    finished: bool = True,
    **headers: str,
) -> Play:
    """A stream of chunks, one a piece; unfinished ones lack the last chunk."""
    steps: list[Step] = [head(transfer_encoding="chunked", **{**STREAM_HEAD, **headers})]
    steps += [chunk(each) if isinstance(each, bytes) else each for each in pieces]
    if finished:
        steps.append(LAST_CHUNK)
    return Play(tuple(steps), ending)


def until_close(
    pieces: Iterable[bytes | Pause | Until], *, ending: Ending = CLOSE, **headers: str
) -> Play:
    """A stream whose end is the connection's: a cut looks like a success to HTTP."""
    start = head(connection="close", **{**STREAM_HEAD, **headers})
    return Play((start, *pieces), ending)
