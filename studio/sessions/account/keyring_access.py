"""The system's keyring, asked without waiting for it for ever, and what is known of it."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum, auto
from typing import TypeVar

from PySide6.QtCore import QObject, Signal

from studio.sessions.requests.abandonable_call import run_apart
from studio.storage.secrets import (
    SENTENCES,
    SecretPlace,
    SecretProblem,
    SecretStore,
    SecretsUnusable,
)

KEYRING_SECONDS = 60.0  # long enough to type the keyring's own password

T = TypeVar("T")


class KeyringState(Enum):
    """How the system's keyring stands."""

    UNKNOWN = auto()
    WAITING = auto()  # it was asked and has not answered; it may be asking for its password
    USABLE = auto()
    UNUSABLE = auto()


class KeyringAccess(QObject):
    """Reads, writes and forgets tokens by origin, each in a thread of its own."""

    changed = Signal()

    def __init__(
        self,
        store: SecretStore,
        seconds: float = KEYRING_SECONDS,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._store, self._seconds = store, seconds
        self._state = KeyringState.UNKNOWN
        self._name = ""
        self._problem: SecretProblem | None = None

    @property
    def state(self) -> KeyringState:
        """How the keyring stands, by its last answer."""
        return self._state

    @property
    def name(self) -> str:
        """What the system calls its keyring; "" where there is none or it was not asked yet."""
        return self._name

    @property
    def sentence(self) -> str:
        """Why it is UNUSABLE, in English of the context "secrets"; "" otherwise."""
        return SENTENCES[self._problem] if self._problem else ""

    async def read(self, origin: str) -> str:
        """The token of an origin; "" where there is none or the keyring is UNUSABLE."""
        return await self._ask(lambda: self._store.read(origin)) or ""

    async def write(self, origin: str, token: str) -> bool:
        """Keep a token; False where the keyring is UNUSABLE."""
        await self._ask(lambda: self._store.write(origin, token))
        return self._state is KeyringState.USABLE

    async def forget(self, origin: str) -> bool:
        """Remove a token, if there is one; False where the keyring is UNUSABLE."""
        await self._ask(lambda: self._store.forget(origin))
        return self._state is KeyringState.USABLE

    async def _ask(self, work: Callable[[], T]) -> T | None:
        self._state, self._problem = KeyringState.WAITING, None
        self.changed.emit()

        def ask() -> tuple[SecretPlace, T]:
            # Described here too, because finding the backend takes tens of milliseconds.
            place = self._store.describe()
            if place.problem is not None:
                raise SecretsUnusable(place.problem)
            return place, work()

        answer = None
        problem: SecretProblem | None = SecretProblem.BROKEN
        try:
            place, answer = await run_apart(ask, self._seconds, "keyring")
            self._name, problem = place.keyring, None
        except SecretsUnusable as error:
            problem = error.problem
        except TimeoutError:
            pass
        finally:
            self._problem = problem
            self._state = KeyringState.UNUSABLE if problem else KeyringState.USABLE
            self.changed.emit()
        return answer
