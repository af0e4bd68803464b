"""Notes the course of each exchange for the black box: sizes, times and numbers, never words."""

from __future__ import annotations

import re
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from studio.core.exchanges import Exchange
from studio.core.redaction import redact
from studio.providers import headers as header_fields
from studio.providers.base import ExchangeRecorder


@dataclass(slots=True)
class Asked:
    """What is being asked: the model is known where a request is written, `left` where it leaves.

    `left`: something of the request went out, so that an answer can be at fault at all.
    """

    model: str = ""
    left: bool = False


asked: ContextVar[Asked | None] = ContextVar("asked", default=None)

_REFUSAL = 400  # from this status on a body is short and holds the server's number
_LOOKED_AT = 4096  # bytes of a refusal in which the number is looked for
_NUMBER = re.compile(rb'"(?:request_id|requestId|RequestId)"\s*:\s*"([\w.:-]{1,200})"')


class Recording:
    """One exchange under way; it is handed over once, when `end` is first called."""

    def __init__(
        self,
        recorder: ExchangeRecorder | None,
        request: Any,
        url: str,
        *,
        own_host: bool,
        token: str = "",
    ) -> None:
        """`request` is one of either HTTP stack; `own_host`: the path may be noted.

        `token` is taken out of what a server echoes.
        """
        parts = urlsplit(url)
        self._recorder, self._token = recorder, token
        self._at, self._began = time.time(), time.perf_counter()
        self._method, self._host = request.method, parts.netloc.rpartition("@")[2]
        self._route = parts.path if own_host else ""
        asking = asked.get()
        self._model = "" if asking is None else asking.model
        length = request.headers.get("content-length", "")
        self._sent = int(length) if length.isdigit() else 0
        self._status: int | None = None
        self._request_id = ""
        self._received = 0
        self._first: float | None = None
        self._refusal = b""
        self._whole = False

    def answered(self, status: int, headers: header_fields.HeaderLookup) -> None:
        """The head of an answer came."""
        self._first = time.perf_counter() - self._began
        self._status, self._request_id = status, header_fields.request_id(headers)

    async def noted(self, body: Any) -> AsyncGenerator[bytes, None]:
        """The pieces of the body, a stream of either HTTP stack, as they come off the wire."""
        # Closed by whoever stops half-way, and not by the garbage collection: that may be late.
        async with aclosing(aiter(body)) as pieces:
            async for piece in pieces:
                self._received += len(piece)
                if self._status is not None and self._status >= _REFUSAL:
                    self._refusal = (self._refusal + piece)[:_LOOKED_AT]
                yield piece
        self._whole = True

    def closed(self) -> None:
        """The answer is let go: read to its end, or cut, or no longer wanted."""
        self.end("" if self._whole else "not read to its end")

    def end(self, trouble: str = "") -> None:
        """The exchange is over; only the first call counts."""
        recorder, self._recorder = self._recorder, None
        if recorder is None:
            return
        found = _NUMBER.search(self._refusal)
        number = self._request_id or (found.group(1).decode("ascii", "replace") if found else "")
        number = redact(number, self._token) if number else ""
        recorder(
            Exchange(
                self._at,
                self._method,
                self._host,
                self._route,
                self._model,
                self._status,
                number,
                self._sent,
                self._received,
                self._first,
                time.perf_counter() - self._began,
                trouble,
            )
        )
