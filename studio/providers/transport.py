"""What stands between either HTTP stack and the wire: what leaves, where to, and what is believed.

    request  -> only allowed headers, the token only to its own origin, never a proxy for loopback
    response <- redirects only within the origin and once, decoded here under a cap, counted

Below the SDKs is the one place that neither the environment nor an SDK's defaults can get around.
"""

from __future__ import annotations

import functools
import time
import zlib
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any
from urllib.parse import urljoin, urlsplit

from studio.core.errors import ErrorKind, StudioError
from studio.providers.addresses import is_literal, is_loopback, is_public, origin_of
from studio.providers.base import ExchangeRecorder, NetworkSettings
from studio.providers.headers import outgoing
from studio.providers.reasons import OVER_PROXY, proxy_values
from studio.providers.recording import Recording, asked
from studio.providers.stream_guard import CooperativeYield
from studio.providers.streaming_body import fill

MEBIBYTE = 1024 * 1024
DECODED_LIMIT = 32 * MEBIBYTE  # of a body that came compressed
PIECE = 64 * 1024  # decoded at once
RESULT_HOPS = 3  # redirects on the way to a result, which may lie anywhere public
# A kept connection that the server had closed shows itself at once. What breaks later than this
# after the request's last byte may have been read and worked on: it is never sent again.
STALE_SECONDS = 0.5
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
# Only these repeat the request as it was; the others would turn a POST into a GET.
_FAITHFUL_REDIRECTS = frozenset({307, 308})

# Both stacks have the same interface but no common types; their objects are Any within this module.
MakeConnections = Callable[..., Any]
FindProxy = Callable[[str, NetworkSettings], Awaitable[str]]


@dataclass(frozen=True, slots=True)
class ClientPolicy:
    """Where a client may go and what it may say of itself.

    `origins` are the only ones it reaches; empty means any public https host (and loopback where
    `local` is set), for results that lie elsewhere, and the host of `own_origin` wherever that is.
    `auth` goes to `origins`, or to `own_origin`, and nowhere else.
    `recorder` hears of every exchange.
    """

    origins: tuple[str, ...] = ()
    auth: Mapping[str, str] = field(default_factory=dict)
    body_limit: int = 256 * MEBIBYTE
    local: bool = False
    kept: bool = True  # keep idle connections; off where it must be known whether a request left
    recorder: ExchangeRecorder | None = None
    own_origin: str = ""

    def is_own(self, url: str) -> bool:
        """Whether `url` is at the service's own origin."""
        return bool(self.own_origin) and origin_of(url) == self.own_origin

    def is_own_host(self, host: str) -> bool:
        """Whether `host` is the service's own, at any port: as trusted as the service itself."""
        return bool(self.own_origin) and host.lower() == (urlsplit(self.own_origin).hostname or "")

    @property
    def token(self) -> str:
        """The token within `auth`; "" without one."""
        return self.auth.get("Authorization", "").removeprefix("Bearer ")


class _Watch:
    """What happened on the wire during one request, as the stack traces it."""

    def __init__(self, public_only: bool) -> None:
        self.connected = False
        self.securing = False
        self.sending = False
        self.last_byte = 0.0  # when some of the request last went out, of time.monotonic()
        self._public_only = public_only

    async def __call__(self, event: str, details: dict[str, Any]) -> None:
        if event.endswith("connect_tcp.complete"):
            self.connected = True
            if self._public_only:
                await self._check_peer(details["return_value"])
        elif event.endswith("start_tls.started"):
            self.securing = True
        elif event.endswith("start_tls.complete"):
            self.securing = False
        elif "send_request" in event:
            self.sending, self.last_byte = True, time.monotonic()
            if (asking := asked.get()) is not None:
                asking.left = True

    async def _check_peer(self, stream: Any) -> None:
        # The name was resolved by now: this is the address that would really be asked.
        peer = stream.get_extra_info("server_addr")
        if not peer or not is_public(str(peer[0])):
            await stream.aclose()
            raise StudioError(ErrorKind.REDIRECTED, "not a public address")


class GuardedTransport:
    """A transport of either stack; see the module's docstring for what it sees to."""

    def __init__(
        self,
        module: ModuleType,
        access: ClientPolicy,
        network: NetworkSettings,
        make_connections: MakeConnections,
        find_proxy: FindProxy,
        by_script: Callable[[str, NetworkSettings], Awaitable[bool]],
    ) -> None:
        self._module: Any = module
        self._access = access
        self._network = network
        self._make = make_connections
        self._find_proxy, self._by_script = find_proxy, by_script
        self._routes: dict[tuple[str, bool], Any] = {}

    async def __aenter__(self) -> GuardedTransport:
        return self

    async def __aexit__(self, *_exc: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close every connection."""
        routes, self._routes = list(self._routes.values()), {}
        for route in routes:
            await route.aclose()

    def _route(self, proxy: str, *, kept: bool) -> Any:
        key = (proxy, kept)
        if key not in self._routes:
            self._routes[key] = self._make(proxy, self._network, kept=kept)
        return self._routes[key]

    def _check(self, url: str, host: str, *, own: bool) -> None:
        """Refuse what this client has no business with; `own`: nobody else has sent us there."""
        origins, scheme = self._access.origins, url.partition("://")[0]
        if origins:
            if origin_of(url) not in origins:
                raise StudioError(ErrorKind.REDIRECTED, host)
        elif own and self._access.is_own_host(host):
            pass
        elif is_loopback(host):
            if not self._access.local:
                raise StudioError(ErrorKind.REDIRECTED, host)
        elif scheme != "https" or (is_literal(host) and not is_public(host)):
            raise StudioError(ErrorKind.REDIRECTED, host)
        plain_http = scheme == "http" and not is_loopback(host)
        if plain_http and not self._network.allow_plain_http:
            raise StudioError(ErrorKind.NOT_ENCRYPTED)

    async def handle_async_request(self, request: Any) -> Any:
        """Send `request` and return its response, or raise StudioError for what is refused."""
        url, hops, own = str(request.url), 0, True
        while True:
            # A stranger's redirect leads to the public only, and never back with the token.
            own = own and self._access.is_own_host(self._module.URL(url).host)
            response, recording = await self._send(request, url, own=own)
            location = response.headers.get("location", "")
            if response.status_code not in _REDIRECTS or not location:
                return self._believed(response, recording)
            await response.aclose()
            recording.end()  # its body says nothing
            target, hops = urljoin(url, location), hops + 1
            faithful = response.status_code in _FAITHFUL_REDIRECTS or request.method == "GET"
            bound = bool(self._access.origins)
            if not faithful or (bound and origin_of(target) != origin_of(url)):
                raise StudioError(ErrorKind.REDIRECTED, origin_of(target))
            if hops > (1 if bound else RESULT_HOPS):
                raise StudioError(ErrorKind.REDIRECTED, "redirected again and again")
            url = target

    async def _send(self, request: Any, url: str, *, own: bool) -> tuple[Any, Recording]:
        target = self._module.URL(url)
        self._check(url, target.host, own=own)
        proxy = await self._find_proxy(url, self._network)
        if proxy and target.scheme == "http":
            # The proxy would read token and prompt.
            raise StudioError(ErrorKind.NOT_ENCRYPTED, values={"reason": OVER_PROXY})
        anywhere = not self._access.origins and not is_loopback(target.host)
        watch = _Watch(public_only=anywhere and not own and not proxy)
        known = bool(self._access.origins) or (own and self._access.is_own(url))
        headers = outgoing(request.headers.multi_items(), self._access.auth if known else {})
        headers.insert(0, ("Host", target.netloc.decode("ascii")))
        stream = request.stream
        if filled := fill(self._module, request.content):
            stream, length = filled
            headers = [each for each in headers if each[0].lower() != "content-length"]
            headers.append(("Content-Length", str(length)))
        wire = self._module.Request(
            request.method,
            target,
            headers=headers,
            stream=stream,
            extensions={**request.extensions, "trace": watch},
        )
        own_host = bool(self._access.origins)
        recording = Recording(
            self._access.recorder, wire, url, own_host=own_host, token=self._access.token
        )
        trouble = "stopped"
        try:
            response = await self._exchange(wire, watch, proxy)
            trouble = ""
        except StudioError as error:
            trouble = error.kind.value
            raise
        except self._module.TransportError as error:
            trouble = type(error).__name__
            told = self._told_by_course(error, watch, proxy)
            alone = told is None and not (proxy or watch.connected)
            if alone and await self._by_script(url, self._network):
                told = UnreachedError()
            if told is None:
                raise
            raise told from error
        finally:
            if trouble:
                recording.end(trouble)
        recording.answered(response.status_code, response.headers)
        return response, recording

    async def _exchange(self, wire: Any, watch: _Watch, proxy: str) -> Any:
        kept = self._access.kept
        broken = (
            self._module.RemoteProtocolError,
            self._module.ReadError,
            self._module.WriteError,
        )
        try:
            return await self._route(proxy, kept=kept).handle_async_request(wire)
        except broken:
            # A kept connection that the server had closed meanwhile, seen before the first byte
            # of an answer: once more at once, over a new one. A new one that breaks is a failure.
            late = time.monotonic() - watch.last_byte > STALE_SECONDS
            if watch.connected or not kept or late:
                raise
        return await self._route(proxy, kept=False).handle_async_request(wire)

    def _told_by_course(self, error: Exception, watch: _Watch, proxy: str) -> Exception | None:
        """Tell apart what only the wire's course can tell; all else is for failures.py."""
        module = self._module
        if isinstance(error, module.ConnectTimeout) and watch.securing:
            return StudioError(ErrorKind.NO_TLS)
        never_connected = isinstance(error, module.ConnectError | module.ConnectTimeout)
        if proxy and (
            isinstance(error, module.ProxyError) or (never_connected and not watch.connected)
        ):
            return StudioError(ErrorKind.PROXY, str(error), values=proxy_values(str(error)))
        return SentError(str(error)) if watch.sending else None

    def _believed(self, response: Any, recording: Recording) -> Any:
        encoding = response.headers.get("content-encoding", "").strip().lower()
        dropped = {"content-encoding", "content-length"} if encoding else frozenset()
        headers = [
            (name, value)
            for name, value in response.headers.multi_items()
            if name.lower() not in dropped
        ]
        body_type = _body_type(self._module)
        return self._module.Response(
            status_code=response.status_code,
            headers=headers,
            stream=body_type(response.stream, encoding, self._access.body_limit, recording),
            extensions=response.extensions,
        )


async def _decoded(
    pieces: AsyncGenerator[bytes, None], encoding: str, limit: int
) -> AsyncIterator[bytes]:
    """Undo gzip or deflate piece by piece, never holding more than a piece of what it grows to."""
    # 47 takes gzip and zlib by their heads; a raw deflate stream has none.
    inflate = zlib.decompressobj(47)
    total, begun, turns = 0, False, CooperativeYield()
    async with aclosing(pieces):
        async for piece in pieces:
            if not begun and encoding == "deflate" and piece[:1] != b"\x78":
                inflate = zlib.decompressobj(-15)
            begun = True
            rest = piece
            while rest:
                try:
                    plain = inflate.decompress(rest, PIECE)
                except zlib.error:
                    raise StudioError(ErrorKind.BAD_REPLY, f"broken {encoding}") from None
                total += len(plain)
                if total > limit:
                    raise StudioError(ErrorKind.TOO_LARGE)
                if plain:
                    yield plain
                if turns.due:
                    await turns.give()  # one read off the wire may grow a thousandfold
                rest = inflate.unconsumed_tail
    if begun and not inflate.eof:
        raise StudioError(ErrorKind.CUT_SHORT)


async def _counted(pieces: AsyncGenerator[bytes, None], limit: int) -> AsyncIterator[bytes]:
    total = 0
    async with aclosing(pieces):
        async for piece in pieces:
            total += len(piece)
            if total > limit:
                raise StudioError(ErrorKind.TOO_LARGE)
            yield piece


@functools.cache
def _body_type(module: ModuleType) -> Any:
    """The body of a response under its cap, as `module` wants it: a subclass of its stream."""

    class GuardedBody(module.AsyncByteStream):  # type: ignore[misc, name-defined]  # either stack's
        def __init__(self, inner: Any, encoding: str, limit: int, recording: Recording) -> None:
            self._inner = inner
            self._recording = recording
            self._encoding = encoding
            self._limit = limit

        def __aiter__(self) -> AsyncIterator[bytes]:
            pieces = self._recording.noted(self._inner)
            if self._encoding in ("", "identity"):
                return _counted(pieces, self._limit)
            if self._encoding in ("gzip", "x-gzip", "deflate"):
                return _decoded(pieces, self._encoding, min(self._limit, DECODED_LIMIT))
            raise StudioError(ErrorKind.BAD_REPLY, f"content-encoding {self._encoding[:40]}")

        async def aclose(self) -> None:
            await self._inner.aclose()
            self._recording.closed()

    return GuardedBody


class UnreachedError(Exception):
    """Nobody was reached without the proxy that a script of the system would have named."""


class SentError(Exception):
    """A request broke after it began to leave: whether it arrived is not known."""
