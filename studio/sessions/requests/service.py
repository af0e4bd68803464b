"""The service that is talked to: its address, the token in memory, and providers built for both."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Protocol

from PySide6.QtCore import QObject, Signal

from studio.core.errors import ErrorKind, StudioError
from studio.core.messages import ChatProtocol
from studio.core.texts import QT_TRANSLATE_NOOP
from studio.providers.base import ChatProvider, Endpoint, Hub, ImageProvider, NetworkSettings
from studio.sessions.requests.tasks import TaskGroup

NO_PICTURES = QT_TRANSLATE_NOOP(
    "hosts", "This host makes no pictures. Choose another one in the settings."
)
DEMO = "demo"  # the id of the service in a box, wherever it listens


def key_of(endpoint: Endpoint) -> str:
    """What is kept of a service (counts, its models) is kept under this: its origin or DEMO."""
    return DEMO if endpoint.id == DEMO else endpoint.origin


class Builders(Protocol):
    """Makes providers; `studio.providers.registry` does it for real."""

    def build_chat(
        self, protocol: ChatProtocol, endpoint: Endpoint, token: str, network: NetworkSettings
    ) -> ChatProvider:
        """A provider for one protocol."""
        ...

    def build_images(
        self, endpoint: Endpoint, token: str, network: NetworkSettings
    ) -> ImageProvider:
        """A provider of pictures."""
        ...

    def build_hub(self, endpoint: Endpoint, token: str, network: NetworkSettings) -> Hub:
        """The routes beside inference."""
        ...


class Service(QObject):
    """Hands out providers for the endpoint, token and network in force.

    Providers are built when first asked for and closed when any of the three changes, so a
    setting holds from the next request on. `await ready()` first: building needs the SDK of
    the protocol, which loads in the background: the first one after the first paint, another when
    its protocol is first chosen.
    """

    changed = Signal()

    def __init__(
        self,
        builders: Builders,
        endpoint: Endpoint,
        network: NetworkSettings,
        tasks: TaskGroup,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._builders, self._tasks = builders, tasks
        self._endpoint, self._network = endpoint, network
        self._token = ""
        self._demo = False
        self._chats: dict[ChatProtocol, ChatProvider] = {}
        self._images: ImageProvider | None = None
        self._hub: Hub | None = None
        self._load: Callable[[ChatProtocol], asyncio.Future[None]] | None = None
        self._loading: dict[ChatProtocol, asyncio.Future[None]] = {}
        self._chosen = ChatProtocol.OPENAI  # by the conversation in sight
        self._admission: Callable[[str], None] | None = None
        self._streaming = True

    @property
    def endpoint(self) -> Endpoint:
        """Where requests go."""
        return self._endpoint

    @property
    def key(self) -> str:
        """What is kept of the service in use is kept under this."""
        return key_of(self._endpoint)

    @property
    def network(self) -> NetworkSettings:
        """How the network is reached."""
        return self._network

    @property
    def demo(self) -> bool:
        """Whether the service in a box answers; everything it says is marked so."""
        return self._demo

    @property
    def has_token(self) -> bool:
        """Whether a token is in memory, or none is needed."""
        return bool(self._token) or not self._endpoint.needs_token

    def use(self, endpoint: Endpoint, token: str, *, demo: bool = False) -> None:
        """Talk to `endpoint` with `token` from now on; a token never follows to another origin."""
        self._endpoint, self._token, self._demo = endpoint, token, demo
        self._rebuild()

    def set_network(self, network: NetworkSettings) -> None:
        """Reach the network another way from the next request on."""
        if network != self._network:
            self._network = network
            self._rebuild()

    def preload_with(self, load: Callable[[ChatProtocol], asyncio.Future[None]]) -> None:
        """How the SDK of a protocol is imported in the background; the chosen one is now."""
        protocol = self._open_protocol(self._chosen)
        self._loading[protocol] = load(protocol)
        self._load = load

    def choose(self, protocol: ChatProtocol) -> None:
        """The next question will come to this protocol: have what it needs by then."""
        self._chosen, protocol = protocol, self._open_protocol(protocol)
        if self._load is not None and protocol not in self._loading:
            self._loading[protocol] = self._load(protocol)

    @property
    def protocols(self) -> tuple[ChatProtocol, ...]:
        """The chat interfaces that the service in use has."""
        there = {
            ChatProtocol.OPENAI: self._endpoint.openai_base,
            ChatProtocol.ANTHROPIC: self._endpoint.anthropic_base,
        }
        return tuple(protocol for protocol in ChatProtocol if there[protocol])

    @property
    def streaming(self) -> bool:
        """Whether answers are asked for as a stream."""
        return self._streaming

    def set_streaming(self, streaming: bool) -> None:
        """Ask for answers as a stream, or whole, from the next request on."""
        self._streaming = streaming

    def set_admission(self, check: Callable[[str], None]) -> None:
        """Let `check` say before a request queues whether a model should be asked at all."""
        self._admission = check

    def admit(self, model: str) -> None:
        """Raise StudioError for a model that would only refuse, and for none at all.

        Whatever asks a model passes here first: a name that is empty is never sent.
        """
        if not model.strip():
            raise StudioError(ErrorKind.NO_MODEL)
        if self._admission is not None:
            self._admission(model)

    async def ready(self, protocol: ChatProtocol | None = None) -> None:
        """Wait until providers, one of `protocol` too, do not hold up the window when built."""
        if protocol is not None:
            self.choose(protocol)
        loading = self._loading.get(self._open_protocol(self._chosen))
        if loading is not None:
            # Shielded: a send that is stopped must not stop the import that others wait for.
            await asyncio.shield(loading)

    def chat(self, protocol: ChatProtocol) -> ChatProvider:
        """The provider of a protocol, or of the one that the host has.

        StudioError(NO_TOKEN) where a token is needed first.
        """
        self._demand_token()
        protocol = self._open_protocol(protocol)
        if protocol not in self._chats:
            self._chats[protocol] = self._builders.build_chat(protocol, *self._where())
        return self._chats[protocol]

    def images(self) -> ImageProvider:
        """The provider of pictures; StudioError(NO_TOKEN) where a token is needed first."""
        self._demand_token()
        if not self._endpoint.openai_base:
            values = {"host": self._endpoint.host, "reason": NO_PICTURES}
            raise StudioError(ErrorKind.REFUSED, values=values)
        if self._images is None:
            self._images = self._builders.build_images(*self._where())
        return self._images

    def hub(self) -> Hub:
        """The routes beside inference; they also answer without a token, as far as they can."""
        if self._hub is None:
            self._hub = self._builders.build_hub(*self._where())
        return self._hub

    def hub_for(self, endpoint: Endpoint, token: str, *, plain_http: bool = False) -> Hub:
        """A hub for a token or host that is only being tried; the caller closes it."""
        network = replace(self._network, allow_plain_http=True) if plain_http else self._network
        return self._builders.build_hub(endpoint, token, network)

    def renew(self) -> None:
        """Build providers anew for the next request, as with nothing learned."""
        for provider in self._take_all():
            self._tasks.start(provider.close(), "close a provider")

    async def close(self) -> None:
        """Close all connections."""
        await asyncio.gather(*(provider.close() for provider in self._take_all()))

    def _where(self) -> tuple[Endpoint, str, NetworkSettings]:
        return self._endpoint, self._token, self._network

    def _demand_token(self) -> None:
        if not self.has_token:
            raise StudioError(ErrorKind.NO_TOKEN, values={"host": self._endpoint.host})

    def _open_protocol(self, protocol: ChatProtocol) -> ChatProtocol:
        return protocol if protocol in self.protocols else self.protocols[0]

    def _rebuild(self) -> None:
        self.renew()
        self.choose(self._chosen)
        self.changed.emit()

    def _take_all(self) -> list[ChatProvider | ImageProvider | Hub]:
        others = [each for each in (self._images, self._hub) if each is not None]
        old: list[ChatProvider | ImageProvider | Hub] = [*self._chats.values(), *others]
        self._chats, self._images, self._hub = {}, None, None
        return old
