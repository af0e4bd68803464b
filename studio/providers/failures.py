"""Turns every exception of the SDKs, the HTTP stacks, TLS and parsing into one StudioError.

Exceptions are told by their names and by what caused them, so that nothing heavy is imported here.
"""

from __future__ import annotations

import json
import re
import socket
import ssl
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from studio.core.errors import ErrorAction, ErrorKind, StudioError
from studio.core.redaction import redact
from studio.providers import headers as header_fields
from studio.providers.base import RateLimitListener
from studio.providers.reasons import BY_SCRIPT, certificate_values
from studio.providers.recording import Asked, asked
from studio.providers.refusals import LONGEST_DETAIL, Refusal, kind_of, read_body, read_payload
from studio.providers.transport import SentError, UnreachedError

_K = ErrorKind
_LIBRARIES = frozenset({"openai", "anthropic", "httpx", "httpx2", "httpcore", "httpcore2", "anyio"})
# Names of the classes of both SDKs and both HTTP stacks; the first along a class's line holds.
_BY_NAME: dict[str, ErrorKind] = {
    "APITimeoutError": _K.TIMED_OUT,
    "ConnectTimeout": _K.TIMED_OUT,
    "ReadTimeout": _K.TIMED_OUT,
    "WriteTimeout": _K.TIMED_OUT,
    "PoolTimeout": _K.TIMED_OUT,
    "TimeoutException": _K.TIMED_OUT,
    "ProxyError": _K.PROXY,
    "ConnectError": _K.NO_NETWORK,
    "ReadError": _K.CUT_SHORT,
    "WriteError": _K.CUT_SHORT,
    "CloseError": _K.CUT_SHORT,
    "NetworkError": _K.NO_NETWORK,
    "RemoteProtocolError": _K.CUT_SHORT,
    "LocalProtocolError": _K.BAD_ADDRESS,
    "UnsupportedProtocol": _K.BAD_ADDRESS,
    "InvalidURL": _K.BAD_ADDRESS,
    "CookieConflict": _K.BAD_REPLY,
    "TooManyRedirects": _K.REDIRECTED,
    "DecodingError": _K.BAD_REPLY,
    "StreamError": _K.CUT_SHORT,
    "APIResponseValidationError": _K.BAD_REPLY,
    "LengthFinishReasonError": _K.BAD_REPLY,
    "APIConnectionError": _K.NO_NETWORK,
    "APIError": _K.BAD_REPLY,
    "SSEError": _K.BAD_REPLY,
    # The families, for members that are not named above.
    "ProtocolError": _K.CUT_SHORT,
    "TransportError": _K.NO_NETWORK,
    "HTTPError": _K.NO_NETWORK,
    "OpenAIError": _K.BAD_REPLY,
    "AnthropicError": _K.BAD_REPLY,
}
# What parsing a server's nonsense raises, be it in an SDK or in json itself.
_PARSING = (json.JSONDecodeError, UnicodeError, RecursionError)
# ... and what it raises within an SDK; raised by us, the same would be a bug.
_SLIPS = (AssertionError, TypeError, AttributeError, LookupError, ValueError, RuntimeError)

_BY_SCRIPT = {"reason": BY_SCRIPT, "step": ErrorAction.NETWORK_SETTINGS.value}


def chain_of(error: BaseException) -> list[BaseException]:
    """The exception and what caused it, outermost first, through groups; at most 32."""
    found: list[BaseException] = []
    waiting: list[BaseException | None] = [error]
    while waiting and len(found) < 32:
        current = waiting.pop(0)
        if current is None or any(current is known for known in found):
            continue
        found.append(current)
        if isinstance(current, BaseExceptionGroup):
            waiting.extend(current.exceptions)
        waiting.append(current.__cause__ or current.__context__)
    return found


def _library_of(kind: type[BaseException]) -> str:
    return kind.__module__.partition(".")[0]


def _kind_by_name(error: BaseException) -> ErrorKind | None:
    for base in type(error).__mro__:
        if _library_of(base) in _LIBRARIES and base.__name__ in _BY_NAME:
            return _BY_NAME[base.__name__]
    return None


def _tls_kind(error: ssl.SSLError) -> ErrorKind:
    if isinstance(error, ssl.SSLCertVerificationError):
        # "Hostname mismatch, …" or "IP address mismatch, certificate is not valid for …"
        return _K.TLS_OTHER_HOST if "mismatch" in str(error).lower() else _K.TLS
    reason = f"{getattr(error, 'reason', '')} {error}".upper()
    plain = ("WRONG_VERSION_NUMBER", "HTTP_REQUEST", "UNKNOWN_PROTOCOL", "RECORD_LAYER", "EOF")
    return _K.NO_TLS if any(word in reason for word in plain) else _K.TLS


def _system_kind(chain: list[BaseException]) -> ErrorKind | None:
    """What the operating system or TLS said, deep in the chain."""
    for error in reversed(chain):
        if isinstance(error, ssl.SSLError):
            return _tls_kind(error)
        if isinstance(error, socket.gaierror):
            return _K.UNKNOWN_HOST
        if isinstance(error, ConnectionRefusedError):
            return _K.NOTHING_THERE
        if isinstance(error, MemoryError):
            return _K.TOO_LARGE
        if _library_of(type(error)) in ("socksio", "python_socks"):
            return _K.PROXY
    return None


def _is_ours(error: BaseException) -> bool:
    """Whether the exception was raised by a line of this project."""
    frames = traceback.extract_tb(error.__traceback__)
    return bool(frames) and "studio" in Path(frames[-1].filename).parts[-3:-1]


def _place(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    where = f" ({Path(frames[-1].filename).name}:{frames[-1].lineno})" if frames else ""
    return f"{type(error).__name__}{where}"


def kind_of_exception(error: BaseException) -> ErrorKind:
    """The kind of an exception that is neither ours nor an HTTP status."""
    chain = chain_of(error)
    deep = _system_kind(chain)
    if deep is not None:
        return deep
    if any("illegal header value" in str(each).lower() for each in chain):
        return _K.BAD_TOKEN_TEXT
    # The innermost cause that has a name tells most: APIConnectionError <- ProxyError.
    named = next((kind for each in reversed(chain) if (kind := _kind_by_name(each))), None)
    if named is not None:
        return named
    for kinds, kind in ((TimeoutError, _K.TIMED_OUT), (OSError, _K.NO_NETWORK)):
        if any(isinstance(each, kinds) for each in chain):
            return kind
    if any(isinstance(each, _PARSING) for each in chain):
        return _K.BAD_REPLY
    return _K.BAD_REPLY if isinstance(error, _SLIPS) and not _is_ours(error) else _K.BUG


def clean_detail(text: str, token: str) -> str:
    """Foreign words fit to be shown and stored: no token, no control signs, at most 2,000 long."""
    text = redact(text[: 8 * LONGEST_DETAIL], token)
    text = re.sub(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069]", "", text)
    text = text.strip()
    return text if len(text) <= LONGEST_DETAIL else text[: LONGEST_DETAIL - 1] + "…"


@dataclass(frozen=True, slots=True)
class ErrorContext:
    """The border of one service: whatever crosses it outwards is a StudioError without secrets.

    `host` and `model` fill the words of the error; `token` is masked wherever it occurs.
    `listener` hears of the quota headers of every response, refusals too.
    """

    host: str
    token: str = ""
    model: str = ""
    listener: RateLimitListener | None = None
    course: Asked = field(default_factory=Asked)
    pictures: bool = False  # the request holds some
    chat: bool = True  # it is one of turns, of which the oldest could be left out

    def note(self, headers: header_fields.HeaderLookup) -> None:
        """Pass on what a response's headers say of quota."""
        limits = header_fields.rate_limits(headers) if self.listener is not None else None
        if limits is not None and self.listener is not None:
            self.listener(limits, self.model)

    def error(
        self,
        kind: ErrorKind,
        detail: str = "",
        *,
        request_id: str = "",
        retry_after: float | None = None,
    ) -> StudioError:
        """A StudioError with this border's values, its foreign texts cleaned."""
        return StudioError(
            kind,
            clean_detail(detail, self.token),
            request_id=clean_detail(request_id, self.token)[:200],
            retry_after=retry_after,
            values={"host": self.host, "model": self.model},
        )

    def refusal(
        self,
        status: int,
        headers: header_fields.HeaderLookup,
        body: bytes,
    ) -> StudioError:
        """What a response of an error status says."""
        read = read_body(body, headers.get("content-type", ""))
        return self._refused(status, headers, read)

    def refusal_within(self, headers: header_fields.HeaderLookup, payload: object) -> StudioError:
        """What an error says that came as JSON within an answer of status 200."""
        return self._refused(0, headers, read_payload(payload))

    def _refused(
        self, status: int, headers: header_fields.HeaderLookup, read: Refusal
    ) -> StudioError:
        fallback = f"HTTP {status}" if status and not read.web_page else ""
        kind = kind_of(status, read, pictures=self.pictures)
        if kind is _K.CONTEXT_FULL and not self.chat:
            kind = _K.REFUSED
        return self.error(
            kind,
            read.message or read.code or fallback,
            request_id=read.request_id or header_fields.request_id(headers),
            retry_after=header_fields.retry_after(headers),
        )

    def explain(self, error: Exception) -> StudioError:
        """Any exception as a StudioError; one that is a StudioError within comes out again."""
        chain = chain_of(error)
        for each in chain:
            if isinstance(each, StudioError):
                each.values = {"host": self.host, "model": self.model, **each.values}
                each.detail = clean_detail(each.detail, self.token)
                return each
        for each in chain:
            response: Any = getattr(each, "response", None)
            if _library_of(type(each)) in _LIBRARIES and hasattr(response, "status_code"):
                self.note(response.headers)
                return self.refusal(response.status_code, response.headers, _content(response))
        kind = kind_of_exception(error)
        if kind is _K.BAD_TOKEN_TEXT:
            return self.error(kind)  # its text holds the token
        if kind is _K.BAD_REPLY and not self.course.left:
            kind = _K.BUG  # no server has said anything yet: what we gave the stack was wrong
        if kind is _K.CUT_SHORT and any(isinstance(each, SentError) for each in chain):
            kind = _K.UNANSWERED
        if kind in (_K.BUG, _K.BAD_REPLY):
            return self.error(kind, _place(error))
        said = (str(each) for each in reversed(chain))
        told = self.error(kind, next((text for text in said if text), _place(error)))
        for each in chain:
            told.values |= certificate_values(each) if kind is _K.TLS else {}
            told.values |= _BY_SCRIPT if isinstance(each, UnreachedError) else {}
        return told

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Let nothing but StudioError out; cancellation passes."""
        self.course.model = self.model
        asked.set(self.course)
        try:
            yield
        # The one documented border: SDKs raise what they like, and all of it is explained here.
        except Exception as error:  # noqa: BLE001
            # From None: the text of a cause may hold the token or the prompt.
            raise self.explain(error) from None


def _content(response: Any) -> bytes:  # a Response of either HTTP stack
    try:
        content = response.content
    except RuntimeError:  # not read: the connection broke first
        return b""
    return content if isinstance(content, bytes) else b""
