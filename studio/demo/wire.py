"""The connection under a request: tells when the client left, and can misbehave below HTTP."""

from __future__ import annotations

import asyncio
import itertools
import socket
import struct
import time
from typing import TYPE_CHECKING, Any

from uvicorn.protocols.http.h11_impl import H11Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import Receive, Scope, Send

EXTENSION = "studio.connection"
_numbers = itertools.count(1)


class Connection:
    """One client's socket.

    `gone` is set once it is closed, by whichever side. With `drop_next`, the next request on
    it is cut off unanswered, as by a server that forgot a kept-alive connection.
    """

    def __init__(self, transport: asyncio.Transport) -> None:
        self.number = next(_numbers)
        self.gone = asyncio.Event()
        self.opened_at = time.time()
        self.closed_at: float | None = None
        self.requests = 0
        self.drop_next = False
        self.was_cut_here = False
        self.transport = transport

    @property
    def is_gone(self) -> bool:
        return self.gone.is_set()

    def write(self, payload: bytes) -> None:
        """Bytes as they are, past HTTP."""
        self.transport.write(payload)

    async def wait_gone(self, seconds: float | None) -> bool:
        """Wait until the client leaves, at most `seconds`; True when it left."""
        try:
            await asyncio.wait_for(self.gone.wait(), seconds)
        except TimeoutError:
            return False
        return True

    async def close(self) -> None:
        """Send what is written, then an end of stream (FIN)."""
        self.was_cut_here = True
        self.transport.close()
        await self.gone.wait()

    async def reset(self) -> None:
        """Cut the connection so that the client sees a reset (RST)."""
        self.was_cut_here = True
        raw = self.transport.get_extra_info("socket")
        if raw is not None:
            # Lingering for zero seconds is what turns a close into a reset.
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.transport.abort()
        await self.gone.wait()


class Connections:
    """Every connection of a box, open and closed."""

    KEPT = 2000

    def __init__(self) -> None:
        self.open: set[Connection] = set()
        self.closed: list[Connection] = []
        self.peak = 0

    def opened(self, connection: Connection) -> None:
        self.open.add(connection)
        self.peak = max(self.peak, len(self.open))

    def lost(self, connection: Connection) -> None:
        self.open.discard(connection)
        self.closed.append(connection)
        del self.closed[: -self.KEPT]


def protocol_for(connections: Connections, on_lost: Callable[[Connection], None]) -> type[Any]:
    """A uvicorn protocol class whose requests carry their `Connection` in the scope."""

    class WatchedProtocol(H11Protocol):
        connection: Connection

        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
            super().connection_made(transport)
            self.connection = Connection(transport)
            connections.opened(self.connection)
            inner: Any = self.app

            async def with_connection(scope: Scope, receive: Receive, send: Send) -> None:
                scope.setdefault("extensions", {})[EXTENSION] = self.connection
                await inner(scope, receive, send)

            self.app = with_connection

        def connection_lost(self, exc: Exception | None) -> None:
            super().connection_lost(exc)
            self.connection.closed_at = time.time()
            self.connection.gone.set()
            connections.lost(self.connection)
            on_lost(self.connection)

    return WatchedProtocol
