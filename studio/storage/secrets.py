"""Keeps the access token in the system's keyring, and says so honestly when it cannot."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol, TypeVar

from studio.core.errors import ErrorKind, StudioError
from studio.core.texts import QT_TRANSLATE_NOOP

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

T = TypeVar("T")

SERVICE = "moda-studio"
# jeepney gives the session's bus 1 s to let us in; a machine that has just started takes longer.
PATIENCE_SECONDS = 20.0
# These store nothing, or in a file that anybody can read; `keyrings.alt` holds only such ones.
_UNSAFE = ("keyring.backends.fail", "keyring.backends.null", "keyrings.alt")
# Backends raise errors of their own system; a module is only looked at once it is loaded.
_FOREIGN_ERRORS = (
    ("keyring.errors", "KeyringError"),
    ("secretstorage.exceptions", "SecretStorageException"),
    ("jeepney.wrappers", "DBusErrorResponse"),
    ("jeepney.io.common", "RouterClosed"),
    ("win32ctypes.pywin32.pywintypes", "error"),
    ("pywintypes", "error"),
)


# CRED_MAX_CREDENTIAL_BLOB_SIZE: what the Credential Manager takes.
_WINDOWS_BYTES = 2560


class SecretProblem(StrEnum):
    """Why the keyring cannot be used; SENTENCES has the words."""

    NO_KEYRING = "no keyring"
    UNSAFE = "unsafe"
    LOCKED = "locked"
    NO_COLLECTION = "no collection"
    TOO_LONG = "too long"
    NOT_KEPT = "not kept"
    BROKEN = "broken"


SENTENCES: dict[SecretProblem, str] = {
    SecretProblem.NO_KEYRING: QT_TRANSLATE_NOOP(
        "secrets", "This system has no keyring that could keep the token."
    ),
    SecretProblem.UNSAFE: QT_TRANSLATE_NOOP(
        "secrets", "The keyring set up here would not protect the token, so it is not used."
    ),
    SecretProblem.LOCKED: QT_TRANSLATE_NOOP(
        "secrets", "The system keyring is locked and was not opened."
    ),
    SecretProblem.NO_COLLECTION: QT_TRANSLATE_NOOP(
        "secrets",
        "The system keyring holds no collection yet, and none was made. Make one in the desktop's "
        "password program.",
    ),
    SecretProblem.TOO_LONG: QT_TRANSLATE_NOOP(
        "secrets", "The token is longer than Windows keeps: about 1,280 characters."
    ),
    SecretProblem.NOT_KEPT: QT_TRANSLATE_NOOP(
        "secrets", "The system keyring took the token but did not give it back."
    ),
    SecretProblem.BROKEN: QT_TRANSLATE_NOOP("secrets", "The system keyring does not answer."),
}


class SecretsUnusable(StudioError):
    """The keyring refused; nothing was written anywhere else. `detail` never holds a token."""

    def __init__(self, problem: SecretProblem, detail: str = "") -> None:
        super().__init__(ErrorKind.STORAGE, detail, values={"reason": SENTENCES[problem]})
        self.problem = problem


@dataclass(frozen=True, slots=True)
class SecretPlace:
    """Where tokens are kept: the keyring's own name, or "" for memory only."""

    keyring: str = ""
    problem: SecretProblem | None = None


class SecretStore(Protocol):
    """Tokens by the origin they belong to; calls may block for as long as a prompt is open."""

    def read(self, origin: str) -> str | None:
        """The token of an origin; None when there is none."""

    def write(self, origin: str, token: str) -> None:
        """Keep a token; when this returns it has been read back."""

    def forget(self, origin: str) -> None:
        """Remove a token; nothing happens when there is none."""

    def describe(self) -> SecretPlace:
        """Where tokens are kept."""


class KeyringSecrets:
    """Tokens in the keyring of the system.

    Every method may wait for a prompt to unlock it: call in a worker thread with a time-out of
    your own, and simply leave the thread behind when nobody answers. Raises SecretsUnusable.
    """

    def read(self, origin: str) -> str | None:
        """The token of an origin; None when there is none."""
        try:
            return _patiently(lambda: _usable_backend().get_password(SERVICE, origin))
        except _failures() as error:
            raise _unusable(error) from None

    def write(self, origin: str, token: str) -> None:
        """Keep a token; when this returns it has been read back."""

        def work() -> str | None:
            backend = _usable_backend()
            if _is_windows(backend) and len(token.encode("utf-16-le")) > _WINDOWS_BYTES:
                raise SecretsUnusable(SecretProblem.TOO_LONG)
            backend.set_password(SERVICE, origin, token)
            return backend.get_password(SERVICE, origin)

        try:
            kept = _patiently(work)
        except _failures() as error:
            raise _unusable(error, token) from None
        if kept != token:
            raise SecretsUnusable(SecretProblem.NOT_KEPT)

    def forget(self, origin: str) -> None:
        """Remove a token; nothing happens when there is none."""

        def work() -> None:
            backend = _usable_backend()
            if backend.get_password(SERVICE, origin) is not None:
                backend.delete_password(SERVICE, origin)

        try:
            _patiently(work)
        except _failures() as error:
            raise _unusable(error) from None

    def describe(self) -> SecretPlace:
        """The name of the keyring, or why there is none; opens no prompt."""
        try:
            return SecretPlace(str(_patiently(_usable_backend).name))
        except SecretsUnusable as error:
            return SecretPlace(problem=error.problem)
        except _failures() as error:
            return SecretPlace(problem=_unusable(error).problem)


def _patiently(work: Callable[[], T]) -> T:
    """Do `work` again while the session's bus does not let us in; each of ours may be repeated."""
    until = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            return work()
        except TimeoutError:
            if time.monotonic() > until:
                raise


_looking = threading.Lock()


def _chosen() -> KeyringBackend:
    """The backend that keyring uses, looked for anew where it had found none.

    It looks once in a process, and a bus that does not let it in at once is no keyring to it, as
    one that comes up a second after us would be: the token would seem lost for the whole run.
    """
    # keyring takes tens of milliseconds to import and looks for its backends then.
    import keyring
    from keyring.backend import get_all_keyring
    from keyring.backends import SecretService, fail

    with _looking:
        if isinstance(keyring.get_keyring(), fail.Keyring):
            try:
                _ = SecretService.Keyring.priority
            except TimeoutError:
                raise  # nobody knows yet
            except _failures():
                pass  # there is none
            get_all_keyring()
            get_all_keyring.reset()
            keyring.core.init_backend()
        return keyring.get_keyring()


def _usable_backend() -> KeyringBackend:
    """The backend that keyring would use, if it protects what it keeps."""
    chosen = _chosen()
    # A chain writes to its first member that works: look at each of them.
    members: list[KeyringBackend] = list(getattr(chosen, "backends", ())) or [chosen]
    safe = [each for each in members if not type(each).__module__.startswith(_UNSAFE)]
    if safe:
        return safe[0]
    modules = {type(each).__module__ for each in members}
    if modules <= {"keyring.backends.fail", "keyring.backends.chainer"}:
        raise SecretsUnusable(SecretProblem.NO_KEYRING)
    raise SecretsUnusable(SecretProblem.UNSAFE, ", ".join(sorted(modules)))


def _is_windows(backend: KeyringBackend) -> bool:
    return type(backend).__module__ == "keyring.backends.Windows"


def _failures() -> tuple[type[BaseException], ...]:
    import sys

    found: list[type[BaseException]] = [
        OSError,
        ImportError,
        RuntimeError,
        ValueError,
        TypeError,
        AttributeError,
        LookupError,
    ]
    for module, name in _FOREIGN_ERRORS:
        error = getattr(sys.modules.get(module), name, None)
        if isinstance(error, type) and issubclass(error, BaseException):
            found.append(error)
    return tuple(found)


def _unusable(error: BaseException, token: str = "") -> SecretsUnusable:
    names = {each.__name__ for each in type(error).__mro__}
    if "NoKeyringError" in names:
        problem = SecretProblem.NO_KEYRING
    elif "InitError" in names and "unlock" not in str(error).lower():
        problem = SecretProblem.NO_COLLECTION
    elif names & {"KeyringLocked", "LockedException", "InitError", "PromptDismissedException"}:
        problem = SecretProblem.LOCKED
    else:
        problem = SecretProblem.BROKEN
    text = f"{type(error).__name__}: {error}"
    return SecretsUnusable(problem, text.replace(token, "…") if token else text)
