"""The token is in a keyring that protects it, or nowhere; every refusal has its words."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import keyring
import pytest
from keyring import backend
from keyring.backends.fail import Keyring as FailKeyring
from keyring.backends.null import Keyring as NullKeyring
from keyring.errors import InitError, KeyringLocked, PasswordDeleteError, PasswordSetError

from studio.storage.secrets import (
    SENTENCES,
    KeyringSecrets,
    SecretProblem,
    SecretsUnusable,
)

ORIGIN = "https://api-inference.modelscope.cn"
TOKEN = "ms-0123456789-secret"


class FakeKeyring(backend.KeyringBackend):
    """Keeps passwords in memory, and fails as told."""

    priority = -1  # never chosen by itself
    name = "Fake Wallet"

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # keyring's own is untyped
        self.kept: dict[tuple[str, str], str] = {}
        self.failures: dict[str, Exception] = {}
        self.changes = ""

    def _fail(self, verb: str) -> None:
        if verb in self.failures:
            raise self.failures[verb]

    def get_password(self, service: str, username: str) -> str | None:
        self._fail("get")
        found = self.kept.get((service, username))
        return found + self.changes if found is not None else None

    def set_password(self, service: str, username: str, password: str) -> None:
        self._fail("set")
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        self._fail("delete")
        if (service, username) not in self.kept:
            raise PasswordDeleteError("not found")
        del self.kept[service, username]


@pytest.fixture
def wallet() -> Iterator[FakeKeyring]:
    before = keyring.get_keyring()
    fake = FakeKeyring()
    keyring.set_keyring(fake)
    yield fake
    keyring.set_keyring(before)


@pytest.fixture
def keyring_in_use() -> Iterator[None]:
    before = keyring.get_keyring()
    yield
    keyring.set_keyring(before)


def test_a_token_comes_back_and_can_be_forgotten(wallet: FakeKeyring) -> None:
    secrets = KeyringSecrets()
    assert secrets.read(ORIGIN) is None
    secrets.write(ORIGIN, TOKEN)
    assert secrets.read(ORIGIN) == TOKEN
    assert secrets.read("https://elsewhere") is None
    assert wallet.kept == {("moda-studio", ORIGIN): TOKEN}
    assert secrets.describe().keyring == "Fake Wallet"
    secrets.forget(ORIGIN)
    secrets.forget(ORIGIN)
    assert secrets.read(ORIGIN) is None


@pytest.mark.parametrize("verb", ["get", "set", "delete"])
@pytest.mark.parametrize(
    ("failure", "problem"),
    [
        (KeyringLocked("locked"), SecretProblem.LOCKED),
        (
            InitError("Failed to create the collection: Prompt dismissed.."),
            SecretProblem.NO_COLLECTION,
        ),
        (InitError("Failed to unlock the collection!"), SecretProblem.LOCKED),
        (PasswordSetError("no"), SecretProblem.BROKEN),
        (OSError("bus is gone"), SecretProblem.BROKEN),
        (RuntimeError("backend is broken"), SecretProblem.BROKEN),
        (ModuleNotFoundError("bogus"), SecretProblem.BROKEN),
    ],
)
def test_every_failure_has_its_words(
    wallet: FakeKeyring, verb: str, failure: Exception, problem: SecretProblem
) -> None:
    secrets = KeyringSecrets()
    secrets.write(ORIGIN, TOKEN)
    wallet.failures[verb] = failure
    with pytest.raises(SecretsUnusable) as raised:
        secrets.write(ORIGIN, TOKEN) if verb == "set" else secrets.forget(ORIGIN)
    assert raised.value.problem is problem
    assert raised.value.values["reason"] == SENTENCES[problem]


def test_a_failure_never_shows_the_token(wallet: FakeKeyring) -> None:
    wallet.failures["set"] = ValueError(f"cannot store {TOKEN}")
    with pytest.raises(SecretsUnusable) as raised:
        KeyringSecrets().write(ORIGIN, TOKEN)
    assert TOKEN not in raised.value.detail
    assert raised.value.__cause__ is None
    assert raised.value.__suppress_context__


def test_a_keyring_that_forgets_or_changes_the_token_is_found_out(wallet: FakeKeyring) -> None:
    wallet.changes = "x"
    with pytest.raises(SecretsUnusable) as raised:
        KeyringSecrets().write(ORIGIN, TOKEN)
    assert raised.value.problem is SecretProblem.NOT_KEPT


class PlaintextKeyring(FakeKeyring):
    """As in keyrings.alt: it would write the token to a file."""


PlaintextKeyring.__module__ = "keyrings.alt.file"


@pytest.mark.usefixtures("keyring_in_use")
@pytest.mark.parametrize(
    ("chosen", "problem"),
    [
        (NullKeyring, SecretProblem.UNSAFE),
        (PlaintextKeyring, SecretProblem.UNSAFE),
        (FailKeyring, SecretProblem.NO_KEYRING),
    ],
)
def test_a_keyring_that_protects_nothing_is_refused(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    chosen: type[backend.KeyringBackend],
    problem: SecretProblem,
) -> None:
    # Where keyring found none it is looked for anew: not the one of whoever runs this.
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", f"unix:path={tmp_path / 'none'}")
    instance = chosen()
    keyring.set_keyring(instance)
    secrets = KeyringSecrets()
    assert secrets.describe().problem is problem
    with pytest.raises(SecretsUnusable) as raised:
        secrets.write(ORIGIN, TOKEN)
    assert raised.value.problem is problem
    with pytest.raises(SecretsUnusable) as raised:
        secrets.read(ORIGIN)
    assert raised.value.problem is problem
    assert getattr(instance, "kept", {}) == {}


class Chain(FakeKeyring):
    """Like keyring's own chain, as a user may have set it up: a plain file first."""

    def __init__(self, *members: FakeKeyring) -> None:
        super().__init__()
        self.backends = members


@pytest.mark.usefixtures("keyring_in_use")
def test_of_a_chain_only_the_safe_member_is_used() -> None:
    plain, safe = PlaintextKeyring(), FakeKeyring()
    keyring.set_keyring(Chain(plain, safe))
    KeyringSecrets().write(ORIGIN, TOKEN)
    assert plain.kept == {}
    assert safe.kept == {("moda-studio", ORIGIN): TOKEN}


def test_a_token_that_windows_cannot_keep_has_a_sentence_of_its_own(
    monkeypatch: pytest.MonkeyPatch, wallet: FakeKeyring
) -> None:
    monkeypatch.setattr(FakeKeyring, "__module__", "keyring.backends.Windows")
    secrets = KeyringSecrets()
    secrets.write(ORIGIN, "x" * 1280)
    for token in ("x" * 1281, "\U0001f600" * 641):
        with pytest.raises(SecretsUnusable) as refused:
            secrets.write(ORIGIN, token)
        assert refused.value.problem is SecretProblem.TOO_LONG
        assert token not in refused.value.detail
    assert secrets.read(ORIGIN) == "x" * 1280


def test_elsewhere_a_long_token_is_kept(wallet: FakeKeyring) -> None:
    KeyringSecrets().write(ORIGIN, "x" * 5000)
    assert KeyringSecrets().read(ORIGIN) == "x" * 5000
