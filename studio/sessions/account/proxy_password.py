"""The password of the own proxy: in the keyring or in memory, and never in the settings file."""

from __future__ import annotations

import asyncio
from enum import Enum, auto

from PySide6.QtCore import QObject, Signal

from studio.core.proxies import needs_password, split_password
from studio.sessions.account.keyring_access import KEYRING_SECONDS, KeyringAccess
from studio.sessions.preferences import Preferences
from studio.sessions.requests.tasks import TaskGroup
from studio.storage.secrets import SecretStore


class PasswordPlace(Enum):
    """Where the password in use is kept."""

    NOWHERE = auto()
    KEYRING = auto()
    SESSION = auto()  # in memory, gone when the program ends


class ProxyPassword(QObject):
    """Takes a password out of the proxy's address as soon as one stands in it.

    It belongs to that one address: another address begins without one, and the old one is
    forgotten. `changed`: the password or its place is another now.
    """

    changed = Signal()

    def __init__(
        self,
        store: SecretStore,
        preferences: Preferences,
        tasks: TaskGroup,
        *,
        keyring_seconds: float = KEYRING_SECONDS,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._preferences, self._tasks = preferences, tasks
        self._keyring = KeyringAccess(store, keyring_seconds, self)
        self._address = split_password(preferences.settings.proxy_url)[0]
        self._password = ""
        self._place = PasswordPlace.NOWHERE
        preferences.changed.connect(self._on_preferences_changed)

    @property
    def password(self) -> str:
        """The password for the address of the settings; "" where none is known."""
        return self._password

    @property
    def place(self) -> PasswordPlace:
        """Where it is kept."""
        return self._place

    async def load(self) -> None:
        """Read the password from the keyring, or take it there from an old settings file."""
        if split_password(self._preferences.settings.proxy_url)[1]:
            self._take()
        elif needs_password(self._address) and self._may_ask:
            address = self._address
            password = await self._keyring.read(_key(address))
            if password and address == self._address and not self._password:
                self._use(password, PasswordPlace.KEYRING)

    @property
    def _may_ask(self) -> bool:
        # Who wants no token in the keyring wants no password there either.
        return not self._preferences.settings.token_this_session_only

    def _on_preferences_changed(self, names: frozenset[str]) -> None:
        if "proxy_url" in names:
            self._take()

    def _take(self) -> None:
        address, password = split_password(self._preferences.settings.proxy_url)
        old = self._address
        if address != old:
            if self._place is PasswordPlace.KEYRING:
                self._tasks.start(self._keyring.forget(_key(old)), "forget a password")
            self._address = address
            if not password:
                self._use("", PasswordPlace.NOWHERE)
        if password:
            self._use(password, PasswordPlace.SESSION)
            self._preferences.change(proxy_url=address)
            if self._may_ask:
                self._tasks.start(self._keep(address, password), "keep a password")

    async def _keep(self, address: str, password: str) -> None:
        kept = await self._keyring.write(_key(address), password)
        if kept and (address, password) == (self._address, self._password):
            self._use(password, PasswordPlace.KEYRING)

    def _use(self, password: str, place: PasswordPlace) -> None:
        if (password, place) != (self._password, self._place):
            self._password, self._place = password, place
            self.changed.emit()


class ProxyScript(QObject):
    """Whether the system leaves its proxy to a script; `changed` when that is known."""

    changed = Signal()

    def __init__(self, tasks: TaskGroup) -> None:
        super().__init__()
        self.named = False
        tasks.start(self._look(), "look for a proxy script")

    async def _look(self) -> None:
        from studio.providers.desktop_proxy import names_script

        self.named = await asyncio.to_thread(names_script)
        self.changed.emit()


def _key(address: str) -> str:
    """What it is kept under, beside the tokens with their origins."""
    return f"proxy {address}"
