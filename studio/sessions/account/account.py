"""The account: which token is in use, where it is kept, what is known of it and of its credits."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import aclosing
from enum import Enum, auto

from PySide6.QtCore import QObject, Signal

from studio.core.credits import Balance
from studio.core.errors import StoredError, StudioError
from studio.core.settings import ProxyMode, Site
from studio.core.tokens import clean_token
from studio.providers.base import Endpoint
from studio.sessions.account.doctor import (
    Examination,
    Way,
    concerns_account,
    examine,
    masked,
    refused_at_once,
    unexamined,
)
from studio.sessions.account.keyring_access import KEYRING_SECONDS, KeyringAccess
from studio.sessions.preferences import Preferences
from studio.sessions.requests.service import Service
from studio.sessions.requests.tasks import TaskGroup
from studio.storage.secrets import SecretStore


class TokenState(Enum):
    """What is known of the token in use."""

    UNKNOWN = auto()  # not looked for yet
    MISSING = auto()
    UNCHECKED = auto()
    CHECKING = auto()
    VALID = auto()
    PROBLEM = auto()  # `error` says which


class TokenPlace(Enum):
    """Where the token in use is kept."""

    NOWHERE = auto()
    KEYRING = auto()
    SESSION = auto()  # in memory, gone when the program ends


class Account(QObject):
    """The token in use and the verbs around it; widgets see its end only (`shown_token`).

    `changed`: any property but the examination. `examined`: a row of the doctor settled.
    `kept`: a token is in use from now on. `keep_refused`: the keyring did not take it, and it is
    not in use; offer `session_only`. `balance_missed`: the service did not answer for it.
    """

    changed = Signal()
    examined = Signal()
    kept = Signal()
    keep_refused = Signal()
    balance_missed = Signal()

    def __init__(
        self,
        service: Service,
        store: SecretStore,
        preferences: Preferences,
        endpoint_of: Callable[[Site], Endpoint],
        tasks: TaskGroup,
        *,
        home: Callable[[], Endpoint] | None = None,
        keyring_seconds: float = KEYRING_SECONDS,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._service, self._preferences = service, preferences
        self._endpoint_of, self._tasks = endpoint_of, tasks
        self._home = home or (lambda: endpoint_of(preferences.settings.site))
        self._keyring = KeyringAccess(store, keyring_seconds, self)
        self._token = ""
        self._state = TokenState.UNKNOWN
        self._place = TokenPlace.NOWHERE
        self._balance = Balance()
        self._error: StoredError | None = None
        self._leftover = False
        self._examination = unexamined(service.endpoint.title)
        self._examined = ("", "")  # origin and token of the examination
        self._examining: asyncio.Task[object] | None = None
        self._demo = service.demo
        self._keyring.changed.connect(self.changed)
        service.changed.connect(self._on_service_changed)
        preferences.changed.connect(self._on_preferences_changed)

    @property
    def state(self) -> TokenState:
        """What is known of the token in use; CHECKING while the doctor examines any token."""
        return TokenState.CHECKING if self.checking else self._state

    @property
    def place(self) -> TokenPlace:
        """Where the token in use is kept."""
        return self._place

    @property
    def keyring(self) -> KeyringAccess:
        """How the system's keyring stands, for showing it."""
        return self._keyring

    @property
    def shown_token(self) -> str:
        """Enough of the token in use to know it by; "" without one."""
        return masked(self._token) if self._token else ""

    @property
    def balance(self) -> Balance:
        """Credits as far as known."""
        return self._balance

    @property
    def error(self) -> StoredError | None:
        """What is wrong with the token in use, in the state PROBLEM."""
        return self._error

    @property
    def leftover(self) -> bool:
        """Whether a forgotten token may still be in the keyring, because that did not let go."""
        return self._leftover

    @property
    def examination(self) -> Examination:
        """The doctor's rows, of the token checked last."""
        return self._examination

    @property
    def checking(self) -> bool:
        """Whether the doctor is at work."""
        return self._examining is not None

    @property
    def site(self) -> Site | None:
        """The site in use, in the box the one chosen before; None for another host."""
        if self._demo:
            return self._preferences.settings.site
        origin = self._service.endpoint.origin
        return next((site for site in Site if self._endpoint_of(site).origin == origin), None)

    @property
    def demo(self) -> bool:
        """Whether the service in a box answers instead of a site."""
        return self._demo

    def endpoint_of(self, site: Site | None) -> Endpoint:
        """The addresses of a site, or of the host in use."""
        return self._service.endpoint if site is None else self._endpoint_of(site)

    def load(self) -> None:
        """Read the token of the host in use from the keyring, then ask for the balance."""
        self._tasks.start(self._load(), "read the token")

    def adopt(self, token: str) -> None:
        """Use a token from outside for the host in use, in memory only.

        A token that is no token raises StudioError at once.
        """
        self._use(self._service.endpoint, clean_token(token), TokenPlace.SESSION)
        self.refresh_balance()

    def check(self, token: str, site: Site | None = None) -> None:
        """Examine a token for a site (None: the host in use); "" examines the one in use.

        A token that is no token raises StudioError at once, and nothing is sent. An examination
        that is under way is given up.
        """
        token = clean_token(token) if token or not self._token else self._token
        self.stop_checking()
        self._examining = self._tasks.start(
            self._check(token, self.endpoint_of(site)), "check the token"
        )
        self.changed.emit()

    def stop_checking(self) -> None:
        """Give up the examination, and forget what it found."""
        if self._examining is not None:
            self._examining.cancel()
            self._examining = None
            self.changed.emit()
        self._examination = unexamined(self._service.endpoint.title)
        self._examined = ("", "")
        self.examined.emit()

    def keep(self, token: str, site: Site | None = None, *, session_only: bool = False) -> None:
        """Use a token from now on, kept in the keyring or for this session; "" is the one in use.

        Ends with `kept` or `keep_refused`. A token that is no token raises StudioError at once.
        """
        token = clean_token(token) if token or not self._token else self._token
        self._tasks.start(self._keep(token, site, session_only), "keep the token")

    def forget(self) -> None:
        """Drop the token in use from memory and from the keyring."""
        self._tasks.start(self._forget(), "forget the token")

    def switch_site(self, site: Site) -> None:
        """Talk to another site with its own token, if one is kept."""
        if site is self.site:
            return
        self._preferences.change(site=site, host="")
        self.switch_to(self._endpoint_of(site))

    def switch_to(self, endpoint: Endpoint) -> None:
        """Talk to another host with its own token, if one is kept."""
        self.stop_checking()
        self._use(endpoint, "", TokenPlace.NOWHERE)
        self.load()

    async def token_for(self, origin: str) -> str:
        """The token that is used or kept for an origin; "" without one."""
        if origin == self._service.endpoint.origin and self._token:
            return self._token
        return await self._keyring.read(origin)

    def leave_demo(self) -> None:
        """Go back from the service in a box to the chosen site or host."""
        if self._demo:
            self.switch_to(self._home())

    def refresh_balance(self) -> None:
        """Ask for the credits; costs nothing, and tells a token that was revoked."""
        self._tasks.start(self._refresh_balance(), "ask for the balance")

    async def _load(self) -> None:
        endpoint = self._service.endpoint
        if self._preferences.settings.token_this_session_only:
            self._use(endpoint, "", TokenPlace.NOWHERE)  # the keyring is not even asked
            return
        token = await self._keyring.read(endpoint.origin)
        if self._token or endpoint.origin != self._service.endpoint.origin:
            return  # the user was faster
        self._use(endpoint, token, TokenPlace.KEYRING if token else TokenPlace.NOWHERE)
        await self._refresh_balance()

    async def _check(self, token: str, endpoint: Endpoint) -> None:
        await self._service.ready()
        self._examined = (endpoint.origin, token)
        try:
            way = await self._way(endpoint)
            hub = self._service.hub_for(endpoint, token)
        except StudioError as error:
            self._examination = refused_at_once(endpoint.title, error)
        else:
            try:
                async with aclosing(examine(hub, endpoint, way, token)) as course:
                    async for self._examination in course:
                        if not self._examination.finished:
                            self.examined.emit()
            finally:
                await hub.close()
        self._examining = None
        self._learn()
        self.changed.emit()
        self.examined.emit()

    async def _keep(self, token: str, site: Site | None, session_only: bool) -> None:
        endpoint = self.endpoint_of(site)
        origin = endpoint.origin
        was_kept = self._place is TokenPlace.KEYRING and origin == self._service.endpoint.origin
        if not session_only and not await self._keyring.write(origin, token):
            self._say_where_it_is()
            self.keep_refused.emit()
            return
        self._use(endpoint, token, TokenPlace.SESSION if session_only else TokenPlace.KEYRING)
        self._preferences.change(token_this_session_only=session_only)
        if site is not None:
            self._preferences.change(site=site, host="")
        self._learn()
        self.kept.emit()
        if session_only and was_kept:
            self._leftover = not await self._keyring.forget(origin)
            self.changed.emit()

    async def _forget(self) -> None:
        origin = self._service.endpoint.origin
        place = self._place
        self.stop_checking()
        self._use(self._service.endpoint, "", TokenPlace.NOWHERE)
        if place is TokenPlace.KEYRING:
            self._leftover = not await self._keyring.forget(origin)
            self.changed.emit()

    async def _refresh_balance(self) -> None:
        endpoint, token = self._service.endpoint, self._token
        if not endpoint.hub or not self._service.has_token:
            return
        await self._service.ready()
        try:
            balance = await self._service.hub().check_token()
        except StudioError as error:
            # The box has no account: whatever it refuses says nothing of one.
            if concerns_account(error.kind) and token == self._token and not self._demo:
                self._state, self._error = TokenState.PROBLEM, error.stored()
                self.changed.emit()
            elif token == self._token:
                self.balance_missed.emit()
            return
        if token == self._token and endpoint.origin == self._service.endpoint.origin:
            self._state, self._error, self._balance = TokenState.VALID, None, balance
            self.changed.emit()

    def _use(self, endpoint: Endpoint, token: str, place: TokenPlace) -> None:
        self._token, self._place, self._balance = token, place, Balance()
        self._error, self._leftover = None, False
        self._state = TokenState.UNCHECKED if token else TokenState.MISSING
        self._service.use(endpoint, token)
        self.changed.emit()

    def _learn(self) -> None:
        """Take over what the examination found, if it was of the token in use."""
        found = self._examination
        mine = (self._service.endpoint.origin, self._token)
        if not found.finished or self._examined != mine:
            return
        self._balance = found.balance
        self._error = None
        if found.error is not None and concerns_account(found.error.kind):
            self._state, self._error = TokenState.PROBLEM, found.error
        elif found.accepted:
            self._state = TokenState.VALID
        self.changed.emit()

    async def _way(self, endpoint: Endpoint) -> Way:
        # Part of the network stack, which loads after the first paint.
        from studio.providers.network import find_proxy

        if not await find_proxy(endpoint.openai_base, self._service.network):
            return Way.DIRECT
        own = self._preferences.settings.proxy_mode is ProxyMode.OWN
        return Way.OWN_PROXY if own else Way.SYSTEM_PROXY

    def _on_service_changed(self) -> None:
        if self._service.demo is self._demo:
            return
        self._demo = self._service.demo
        if self._demo:
            self.stop_checking()
            self._token, self._place = "", TokenPlace.NOWHERE
            self._state, self._error, self._balance = TokenState.VALID, None, Balance()
            self.changed.emit()
            self.refresh_balance()

    def _on_preferences_changed(self, names: frozenset[str]) -> None:
        if "token_this_session_only" not in names or not self._token:
            return
        session_only = self._preferences.settings.token_this_session_only
        if session_only is not (self._place is TokenPlace.SESSION):
            self.keep("", self.site, session_only=session_only)

    def _say_where_it_is(self) -> None:
        """Put the setting back to where the token in use truly is."""
        if self._token:
            in_memory = self._place is TokenPlace.SESSION
            self._preferences.change(token_this_session_only=in_memory)
