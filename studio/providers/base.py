"""What every provider can do, as protocols that sessions and fakes share.

Every method raises `StudioError` and nothing else for whatever the network or a server does;
`asyncio.CancelledError` passes through and closes the response on its way.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

# For the types alone: endpoints are read before the first paint, requests come after it.
if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from studio.core.credits import Balance, RateLimits
    from studio.core.exchanges import Exchange
    from studio.core.images import ImageRequest
    from studio.core.models import Capability, ModelInfo
    from studio.core.stream import ChatRequest, StreamEvent
    from studio.providers.hub import Offer


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a service is: every address ends without a slash.

    `openai_base` holds the `/v1`, `anthropic_base` does not; one of them is empty for a host that
    has no such protocol. `hub` is empty for hosts that have none (no balance, no kinds of models).
    `origin` keys the token: it is sent there and to the hub, never elsewhere.
    """

    id: str
    title: str
    openai_base: str
    anthropic_base: str
    hub: str = ""
    token_page: str = ""
    binding_page: str = ""
    account_page: str = ""
    credits_page: str = ""
    needs_token: bool = True

    @property
    def origin(self) -> str:
        """Scheme, host and port of the inference address."""
        scheme, _, rest = (self.openai_base or self.anthropic_base).partition("://")
        return f"{scheme}://{rest.partition('/')[0]}"

    @property
    def host(self) -> str:
        """Host (and port) as shown to the user."""
        return self.origin.partition("://")[2]


@dataclass(frozen=True, slots=True)
class NetworkSettings:
    """One description of the network for both HTTP stacks; seconds and addresses.

    `proxy` is "" for a direct connection, "system" for the environment's, or an address
    (http://, socks5://), possibly with name and password.
    """

    proxy: str = "system"
    certificate_file: str = ""
    connect_seconds: float = 10.0
    idle_seconds: float = 120.0
    allow_plain_http: bool = False  # http:// to other computers, after a warning


@dataclass(frozen=True, slots=True)
class Submitted:
    """The service took the request: ask for `task_id` until it ends."""

    task_id: str
    dropped: tuple[str, ...] = ()  # parameters the service refused and the picture will lack


@dataclass(frozen=True, slots=True)
class Finished:
    """Addresses (https or data:) of the pictures that are ready."""

    urls: tuple[str, ...]
    dropped: tuple[str, ...] = ()  # parameters the service refused and the picture lacks


@dataclass(frozen=True, slots=True)
class StillRunning:
    """The task goes on; `word` is the service's own."""

    word: str


class ChatProvider(Protocol):
    """Answers over one protocol of one service."""

    def stream(self, request: ChatRequest) -> AsyncGenerator[StreamEvent, None]:
        """Yield the answer's events; the last is StreamEnd, or StudioError is raised.

        The caller closes the iterator (`aclosing`) so that the connection ends with it.
        """
        ...

    async def close(self) -> None:
        """Close kept connections."""
        ...


class ImageProvider(Protocol):
    """Pictures from words."""

    async def submit(self, request: ImageRequest) -> Submitted | Finished:
        """Order a picture. Never repeated by itself: it may have been charged.

        Raises StudioError(MAYBE_SUBMITTED) where it is unknown whether the order arrived.
        """
        ...

    async def poll(self, task_id: str) -> StillRunning | Finished:
        """Ask how far a task is; StudioError(TASK_FAILED) when the service gave up."""
        ...

    async def download(self, url: str) -> bytes:
        """Fetch a result without authorisation: at most 64 MiB, and truly a picture."""
        ...

    async def close(self) -> None:
        """Close kept connections."""
        ...


class Hub(Protocol):
    """The routes beside inference: what a token is worth, which models there are."""

    async def check_token(self) -> Balance:
        """Ask for the balance: free, and a wrong token (StudioError) is told from a right one."""
        ...

    async def models(self) -> tuple[ModelInfo, ...]:
        """Models of `/v1/models`; no token needed."""
        ...

    async def kinds(self, model_id: str) -> frozenset[Capability]:
        """What the hub says a model can do; empty when it does not say."""
        ...

    async def offers(self, model_id: str) -> tuple[Offer, ...] | None:
        """Who serves a model; empty: nobody, None: the hub does not say."""
        ...

    async def cost(self, model_id: str) -> float | None:
        """Credits a call as the hub says; None when it does not say."""
        ...

    async def close(self) -> None:
        """Close kept connections."""
        ...


class RateLimitListener(Protocol):
    """Called with the older regime's headers whenever a response carries them."""

    def __call__(self, limits: RateLimits, model: str) -> None: ...


class ExchangeRecorder(Protocol):
    """Called once for every exchange with a server, when it is over."""

    def __call__(self, exchange: Exchange, /) -> None: ...
