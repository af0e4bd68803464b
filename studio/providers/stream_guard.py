"""What we believe of a stream: its type, its lines, its pace, its end, and its letters.

Both SDKs are asked for the bytes of the answer instead of their parsed events
(`with_streaming_response`). Their own parsers lose the first event behind a byte order mark, raise
bare UnicodeDecodeError, JSONDecodeError or RecursionError in mid-answer, read a line of any length
into memory, take a web page, an error with status 200 or a cut answer for an empty success, and
cost many times the bytes they parse. One splitter here serves both protocols, so both get the same
care; transport.py has decoded and capped the bytes before.
"""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections.abc import AsyncIterator
from typing import Any, NamedTuple

from studio.core.errors import ErrorKind, StudioError
from studio.core.redaction import MASK, redact, secrets_of
from studio.providers.charsets import EventTexts, Narrowed

LINE_LIMIT = 8 * 1024 * 1024
WHOLE_ANSWER_LIMIT = 32 * 1024 * 1024  # of an answer that is one JSON
FIRST_CONTENT_FACTOR = 5  # how much longer signs of life are believed before the first content
TURN_SECONDS = 0.004  # work after which the event loop gets its turn
_BOM = b"\xef\xbb\xbf"


class ServerEvent(NamedTuple):
    """One event of a stream: its name (mostly empty) and its data, decoded."""

    name: str
    data: str


class EventSplitter:
    """Splits the bytes of a stream into events: any line end, any cut, bad letters as U+FFFD.

    `alive` counts complete lines, comments too: signs of life that need not be content.
    """

    def __init__(self, content_type: str = "") -> None:
        self._bytes, self._texts = Narrowed(content_type), EventTexts(content_type)
        self._open = bytearray()  # a line that has not ended
        self._after_return = False
        self._first = True
        self._name = ""
        self._data: list[bytes] = []
        self.alive = 0

    def feed(self, piece: bytes) -> list[ServerEvent]:
        """The events that `piece` completes. Raises StudioError(TOO_LARGE) for a line over 8 MB."""
        return self._split(self._bytes.feed(piece))

    def _split(self, piece: bytes) -> list[ServerEvent]:
        if self._after_return and piece[:1] == b"\n":
            piece = piece[1:]
        self._after_return = False
        if b"\r" in piece:
            self._after_return = piece.endswith(b"\r")
            piece = piece.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        lines = piece.split(b"\n")
        if self._open:
            self._open += lines[0]
            if len(lines) > 1:
                lines[0] = bytes(self._open)
                self._open.clear()
        if len(lines) > 1 or not self._open:
            self._open += lines.pop()
        else:
            lines.clear()
        if len(self._open) > LINE_LIMIT:
            raise StudioError(ErrorKind.TOO_LARGE)
        events: list[ServerEvent] = []
        for line in lines:
            self._take(line, events)
        return events

    def finish(self) -> list[ServerEvent]:
        """The event that stands at the end of the stream without its blank line, if any."""
        events = self._split(self._bytes.feed(b"", last=True))
        if self._open:
            self._take(bytes(self._open), events)
            self._open.clear()
        self._take(b"", events)
        return [*events, *(ServerEvent(*each) for each in self._texts.rest())]

    def _take(self, line: bytes, events: list[ServerEvent]) -> None:
        self.alive += 1
        if self._first:
            self._first = False
            line = line.removeprefix(_BOM)
        if line[:5] == b"data:":
            self._data.append(line[6:] if line[5:6] == b" " else line[5:])
        elif line[:6] == b"event:":
            self._name = line[6:].decode("utf-8", "replace").strip()
        elif not line and (self._data or self._name):
            data = self._data[0] if len(self._data) == 1 else b"\n".join(self._data)
            if len(data) > LINE_LIMIT:
                raise StudioError(ErrorKind.TOO_LARGE)
            events += [ServerEvent(*each) for each in self._texts.read(self._name, data)]
            self._data.clear()
            self._name = ""


class Damaged:
    """Stands for data that looked like an event but could not be read: something is missing."""


DAMAGED = Damaged()


_decode = json.JSONDecoder().raw_decode


def payloads(data: str) -> list[Any]:
    """The JSON within an event's data; words that are no JSON are passed over as a sign of life.

    An object that cannot be read becomes DAMAGED: the answer may be shown, but not as whole.
    """
    try:
        payload, end = _decode(data)
        if end == len(data) or not data[end:].strip():
            return [payload]
    except (ValueError, RecursionError):
        pass
    # Some servers leave out the blank line between two events.
    found: list[Any] = []
    for line in data.split("\n"):
        try:
            found.append(json.loads(line))
        except (ValueError, RecursionError):
            if line.lstrip().startswith(("{", "[{", "[[")):
                found.append(DAMAGED)
    return found


class IdleTimeout:
    """The idle timer of one answer: content counts, and for a while signs of life before it begins.

    One timer for the whole answer, moved only when it fires: arming one for each read would cost
    as much as taking the bytes off the wire. `close` it with the answer.
    """

    def __init__(self, idle_seconds: float) -> None:
        self._loop = asyncio.get_running_loop()
        self._idle = idle_seconds
        self._hurried: float | None = None  # until when, while it is in a hurry
        self._deadline = self._loop.time() + idle_seconds
        self._last_limit = self._deadline + (FIRST_CONTENT_FACTOR - 1) * idle_seconds
        self._begun = False
        self._reading: asyncio.Task[object] | None = None
        self._expired = False
        self._timer = self._loop.call_at(self._deadline, self._look)

    def content(self) -> None:
        """Something of the answer came."""
        self._begun, self._hurried = True, None
        self._deadline = self._loop.time() + self._idle

    def alive(self) -> None:
        """The server showed that it is still there."""
        if not self._begun:
            self._deadline = min(self._loop.time() + self._idle, self._last_limit)

    def hurry(self, seconds: float) -> None:
        """Wait no longer than this from now on for more content, however the server lives."""
        until = self._loop.time() + seconds
        self._begun = True
        self._hurried = self._deadline = (
            until if self._hurried is None else min(until, self._hurried)
        )
        self._timer.cancel()
        self._timer = self._loop.call_at(self._deadline, self._look)

    def close(self) -> None:
        """Stop the timer."""
        self._timer.cancel()

    def _look(self) -> None:
        now = self._loop.time()
        # Where nobody reads, the reader is slow and not the server.
        if now >= self._deadline and self._reading is not None:
            self._expired = True
            self._reading.cancel()
            return
        self._timer = self._loop.call_at(max(self._deadline, now + 0.05), self._look)

    async def next_piece(self, pieces: AsyncIterator[bytes]) -> bytes | None:
        """The next bytes, or None at the end. Raises StudioError(IDLE) when it takes too long."""
        reading = self._reading = asyncio.current_task()
        self._expired = False
        try:
            return await anext(pieces, None)
        except asyncio.CancelledError:
            # Ours alone becomes an error; the user's own, at the same moment, goes on.
            if not self._expired or reading is None or reading.uncancel() > 0:
                raise
            raise StudioError(ErrorKind.IDLE) from None
        finally:
            self._reading = None

    async def whole(self, pieces: AsyncIterator[bytes], first: bytes) -> bytes:
        """The whole body of an answer that is no stream, under its cap."""
        body = bytearray(first)
        while (piece := await self.next_piece(pieces)) is not None:
            body += piece
            self.alive()
            if len(body) > WHOLE_ANSWER_LIMIT:
                raise StudioError(ErrorKind.TOO_LARGE)
        return bytes(body)


class CooperativeYield:
    """Lets the event loop have its turn after 4 ms of work, so that the window stays alive."""

    def __init__(self) -> None:
        self._until = time.perf_counter() + TURN_SECONDS

    @property
    def due(self) -> bool:
        """Whether the loop has waited long enough: call `give`."""
        return time.perf_counter() > self._until

    async def give(self) -> None:
        """Let everything else that is ready run once."""
        await asyncio.sleep(0)
        self._until = time.perf_counter() + TURN_SECONDS


_UNFIT = re.compile("[\ud800-\udfff\0]")
_PAIR = re.compile("[\ud800-\udbff][\udc00-\udfff]")


def _joined(match: re.Match[str]) -> str:
    return match[0].encode("utf-16", "surrogatepass").decode("utf-16")


class TextCleaner:
    """Makes streamed text fit to be kept: whole letters, no NUL, no token of ours.

    A surrogate pair may be cut between two deltas, and so may a token that a server echoes: what
    could be the beginning of either is held back until the next delta shows what it is.
    """

    def __init__(self, token: str = "") -> None:
        self._token = token
        self._secrets = secrets_of(token)
        self._letters = frozenset("".join(self._secrets))
        self._held = ""

    @property
    def holds(self) -> bool:
        """Whether something is held back."""
        return bool(self._held)

    def feed(self, text: str) -> str:
        """What of the text so far may go out."""
        if self._held:
            text, self._held = self._held + text, ""
        for secret in self._secrets:
            if secret in text:
                text = text.replace(secret, MASK)
        # Only what ends in a letter of the token can end in a beginning of it.
        if text and text[-1] in self._letters:
            keep = max(_beginning(text, secret) for secret in self._secrets)
            if keep:
                text, self._held = text[:-keep], text[-keep:]
        if text.isascii() and "\0" not in text:
            return text
        if text and "\ud800" <= text[-1] <= "\udbff" and not self._held:
            text, self._held = text[:-1], text[-1]
        return _fit(text)

    def flush(self) -> str:
        """What was held back, at the end."""
        text, self._held = self._held, ""
        return _fit(redact(text, self._token) if text else text)


def _fit(text: str) -> str:
    if _UNFIT.search(text) is None:
        return text
    return _UNFIT.sub("\ufffd", _PAIR.sub(_joined, text))


def _beginning(text: str, secret: str) -> int:
    """How many characters at the end of `text` could be the beginning of `secret`."""
    start = text.find(secret[0], max(0, len(text) - len(secret) + 1))
    while start >= 0:
        if secret.startswith(text[start:]):
            return len(text) - start
        start = text.find(secret[0], start + 1)
    return 0


def clean_text(text: str, token: str = "") -> str:
    """Whole text made fit to be kept, as TextCleaner does with a stream."""
    return _fit(redact(text, token) if token else text)
