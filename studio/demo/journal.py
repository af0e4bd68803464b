"""Remembers every request that reached the box, so that a test can ask what was really sent."""

from __future__ import annotations

import asyncio
import hashlib
import json
import time
from collections import Counter, deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from starlette.datastructures import Headers

    from studio.demo.wire import Connection

KEPT = 20_000
_SHOWN_HEADERS = (
    "accept",
    "anthropic-version",
    "content-type",
    "host",
    "user-agent",
    "x-modelscope-async-mode",
    "x-modelscope-task-type",
    "x-studio-scenario",
)
_SECRET_HEADERS = ("authorization", "x-api-key", "cookie", "proxy-authorization")


@dataclass(slots=True)
class Entry:
    """One request. Times are seconds since the epoch; a token is kept as its SHA-256 only."""

    number: int
    door: str
    method: str
    path: str
    query: str
    connection: int
    header_names: list[str]
    headers: dict[str, str]
    secrets: dict[str, str]
    arrived_at: float
    body_size: int = 0
    body_sha256: str = ""
    body: Any = None
    scenario: str = ""
    status: int | None = None
    first_byte_at: float | None = None
    ended_at: float | None = None
    client_left_at: float | None = None
    bytes_sent: int = 0
    tokens_sent: int = 0

    def public(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(slots=True)
class Journal:
    """The requests of a box, newest last, with counters for each kind of route."""

    keeps_bodies: bool = False
    entries: deque[Entry] = field(default_factory=lambda: deque(maxlen=KEPT))
    arrived: Counter[str] = field(default_factory=Counter)
    _changed: asyncio.Event = field(default_factory=asyncio.Event)
    _open: dict[int, Entry] = field(default_factory=dict)
    _number: int = 0

    def arrive(
        self, door: str, method: str, path: str, query: str, headers: Headers, link: Connection
    ) -> Entry:
        """Write a new request down."""
        self._number += 1
        entry = Entry(
            number=self._number,
            door=door,
            method=method,
            path=path,
            query=query,
            connection=link.number,
            header_names=sorted(headers.keys()),
            headers={name: headers[name] for name in _SHOWN_HEADERS if name in headers},
            secrets={
                name: hashlib.sha256(headers[name].removeprefix("Bearer ").encode()).hexdigest()
                for name in _SECRET_HEADERS
                if name in headers
            },
            arrived_at=time.time(),
        )
        self.entries.append(entry)
        self.arrived[door] += 1
        self._open[link.number] = entry
        self.touch()
        return entry

    def read(self, entry: Entry, body: bytes) -> None:
        """Add the body of a request once it has arrived whole."""
        entry.body_size = len(body)
        entry.body_sha256 = hashlib.sha256(body).hexdigest()
        if self.keeps_bodies and body:
            try:
                entry.body = json.loads(body)
            except (ValueError, RecursionError):
                entry.body = body.decode("utf-8", "replace")
        self.touch()

    def end(self, entry: Entry) -> None:
        """The answer to a request is over, whole or not."""
        entry.ended_at = time.time()
        self._open.pop(entry.connection, None)
        self.touch()

    def left(self, link: Connection) -> None:
        """A connection was closed; a request that was still being answered lost its client."""
        entry = self._open.pop(link.number, None)
        if entry is not None and entry.ended_at is None:
            if link.was_cut_here:
                entry.ended_at = time.time()
            else:
                entry.client_left_at = time.time()
        self.touch()

    def clear(self) -> None:
        self.entries.clear()
        self.arrived.clear()
        self.touch()

    def touch(self) -> None:
        """Wake whoever waits for a change."""
        self._changed.set()
        self._changed = asyncio.Event()

    async def wait_change(self, seconds: float) -> None:
        """Return at the next change, or after `seconds`."""
        try:
            await asyncio.wait_for(self._changed.wait(), seconds)
        except TimeoutError:
            return
