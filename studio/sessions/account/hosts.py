"""The servers beside the service: add, test, choose one for the next request, go back."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import Enum, auto
from typing import Protocol

from PySide6.QtCore import QObject, Signal

from studio.core.errors import ErrorKind, StoredError, StudioError
from studio.core.hosts import HostKind, OtherHost
from studio.providers.base import Endpoint
from studio.sessions.account.account import Account
from studio.sessions.preferences import Preferences
from studio.sessions.requests.service import Service
from studio.sessions.requests.tasks import TaskGroup

LONGEST_NAME = 60


class EndpointMaker(Protocol):
    """Makes endpoints of addresses; `studio.providers.registry.endpoint_for` does it for real."""

    def __call__(
        self,
        site: str,
        base_url: str = "",
        *,
        allow_plain_http: bool = False,
        needs_token: bool | None = None,
    ) -> Endpoint:
        """Raises StudioError (BAD_ADDRESS, NOT_ENCRYPTED)."""
        ...


class Reach(Enum):
    """What a test found."""

    TESTING = auto()
    ANSWERS = auto()
    FAILS = auto()


@dataclass(frozen=True, slots=True)
class Finding:
    """How a test of a host went; `models` is None where it answers but lists none."""

    reach: Reach
    models: int | None = None
    error: StoredError | None = None


def endpoint_of(host: OtherHost, make: EndpointMaker) -> Endpoint:
    """Where a host is; raises StudioError for an address that cannot be used."""
    made = make(
        host.kind.value,
        host.address,
        allow_plain_http=host.plain_http,
        needs_token=host.needs_token,
    )
    return replace(made, title=host.name or made.host)


class Hosts(QObject):
    """`changed`: the hosts, which one is in use, or what a test found."""

    changed = Signal()

    def __init__(
        self,
        service: Service,
        account: Account,
        preferences: Preferences,
        make: EndpointMaker,
        tasks: TaskGroup,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._service, self._account, self._preferences = service, account, preferences
        self._make, self._tasks = make, tasks
        self._findings: dict[str, Finding] = {}
        self._tests: dict[str, asyncio.Task[object]] = {}
        preferences.changed.connect(self._on_preferences_changed)
        service.changed.connect(self.changed)
        account.changed.connect(self.changed)

    @property
    def all(self) -> tuple[OtherHost, ...]:
        """The hosts as they were added."""
        return self._preferences.settings.other_hosts

    @property
    def in_use(self) -> OtherHost | None:
        """The host that is talked to; None for a site of the service or the demo."""
        if self._service.demo or self._account.site is not None:
            return None
        # What is really talked to: the setting is another one where the command line named a host.
        used = self._service.endpoint
        bases = (used.openai_base, used.anthropic_base)
        return next((host for host in self.all if host.address in bases), None)

    @property
    def given(self) -> OtherHost | None:
        """The host in use that stands in no list: the command line named it."""
        used = self._service.endpoint
        if self._service.demo or self._account.site is not None or self.in_use is not None:
            return None
        kind = HostKind.OPENAI if used.openai_base else HostKind.ANTHROPIC
        address = used.openai_base or used.anthropic_base
        return OtherHost(used.title, address, kind, needs_token=used.needs_token)

    @property
    def site_title(self) -> str:
        """The site that is gone back to."""
        return self._account.endpoint_of(self._preferences.settings.site).title

    @property
    def site_in_use(self) -> bool:
        """Whether a site of the service is talked to."""
        return self._account.site is not None and not self._service.demo

    @property
    def lacks_token(self) -> bool:
        """Whether the host in use wants a token that is not there."""
        other = self._account.site is None and not self._service.demo
        return other and not self._service.has_token

    def finding(self, address: str) -> Finding | None:
        """What the last test of a host found; None before one."""
        return self._findings.get(address)

    def checked(self, host: OtherHost) -> OtherHost:
        """A host with its address cleaned; raises StudioError (BAD_ADDRESS, NOT_ENCRYPTED)."""
        endpoint = endpoint_of(host, self._make)
        base = endpoint.openai_base or endpoint.anthropic_base
        plain = host.plain_http and base.startswith("http://")
        name = " ".join(host.name.split())[:LONGEST_NAME] or endpoint.host
        return host._replace(name=name, address=base, plain_http=plain)

    def save(self, host: OtherHost, old: str = "") -> OtherHost:
        """Add a host, or put it in the place of the one at the address `old`.

        Raises StudioError (BAD_ADDRESS, NOT_ENCRYPTED), and changes nothing then.
        """
        host = self.checked(host)
        others = [each for each in self.all if each.address not in (host.address, old)]
        places = [each.address for each in self.all]
        place = places.index(old) if old in places else len(others)
        others.insert(min(place, len(others)), host)
        was_used = bool(old) and self._preferences.settings.host == old
        self._findings.pop(old, None)
        self._findings.pop(host.address, None)
        self._preferences.change(other_hosts=tuple(others))
        if was_used or self._preferences.settings.host == host.address:
            self.use(host.address)
        return host

    def remove(self, address: str) -> None:
        """Take a host off the list; its token stays in the keyring until it is forgotten there."""
        kept = tuple(each for each in self.all if each.address != address)
        if self._preferences.settings.host == address:
            self.use_site()
        self._findings.pop(address, None)
        self._preferences.change(other_hosts=kept)

    def use(self, address: str) -> None:
        """Talk to a host from the next request on, with its own token if one is kept."""
        host = next((each for each in self.all if each.address == address), None)
        if host is None:
            return
        endpoint = endpoint_of(host, self._make)
        # First what the network allows, which depends on the host, then the host.
        self._preferences.change(host=address)
        self._account.switch_to(endpoint)
        self.changed.emit()

    def use_site(self) -> None:
        """Talk to the service's site again."""
        self._preferences.change(host="")
        self._account.switch_to(self._account.endpoint_of(self._preferences.settings.site))
        self.changed.emit()

    def test(self, address: str) -> None:
        """Ask a host for its models; costs nothing. `finding` says how it went."""
        host = next((each for each in self.all if each.address == address), None)
        if host is not None and address not in self._tests:
            self._findings[address] = Finding(Reach.TESTING)
            self._tests[address] = self._tasks.start(self._test(host), "test a host")
            self.changed.emit()

    async def _test(self, host: OtherHost) -> None:
        finding = Finding(Reach.FAILS)
        try:
            finding = await self._ask(host)
        except StudioError as error:
            finding = Finding(Reach.FAILS, error=error.stored())
        finally:
            del self._tests[host.address]
            # It may have been changed meanwhile: then the old finding says nothing.
            if host in self.all:
                self._findings[host.address] = finding
            self.changed.emit()

    async def _ask(self, host: OtherHost) -> Finding:
        endpoint = endpoint_of(host, self._make)
        token = ""
        if host.needs_token:
            token = await self._account.token_for(endpoint.origin)
            if not token:
                raise StudioError(ErrorKind.NO_TOKEN, values={"host": endpoint.title})
        await self._service.ready()
        hub = self._service.hub_for(endpoint, token, plain_http=host.plain_http)
        try:
            return Finding(Reach.ANSWERS, len(await hub.models()))
        except StudioError as error:
            if error.kind is not ErrorKind.REFUSED:
                raise
            return Finding(Reach.ANSWERS)  # a server without a list of its models
        finally:
            await hub.close()

    def _on_preferences_changed(self, names: frozenset[str]) -> None:
        if names & {"other_hosts", "host"}:
            self.changed.emit()


def home_endpoint(
    hosts: tuple[OtherHost, ...], address: str, site: Callable[[], Endpoint], make: EndpointMaker
) -> Endpoint:
    """Where to begin: the host that was in use, or the site where that cannot be."""
    host = next((each for each in hosts if each.address == address), None)
    if host is None:
        return site()
    try:
        return endpoint_of(host, make)
    except StudioError:  # a settings file that was written by hand
        return site()
