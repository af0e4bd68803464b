"""The password of a proxy is a secret like the token: no file of ours ever holds it."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest

from studio.app.container import network_of
from studio.core.messages import ChatProtocol
from studio.core.proxies import split_password, with_password
from studio.core.settings import ProxyMode, Settings
from studio.providers.registry import build_chat, endpoint_for
from studio.sessions.account.proxy_password import PasswordPlace, ProxyPassword
from studio.sessions.preferences import Preferences
from studio.sessions.requests.tasks import TaskGroup
from studio.storage.preferences import PreferencesFile
from studio.storage.secrets import SecretStore
from tests.account_parts import RefusingKeyring, WorkingKeyring, settled
from tests.contract.asking import TOKEN, outcome_of, question
from tests.contract.wire import Play, WireServer, head

WORD = "hunter2-Zq9"
TYPED = f"socks5://me:{WORD}@127.0.0.1:1080"
BARE = "socks5://me@127.0.0.1:1080"


class Start:
    """One start of the program, as far as the proxy is concerned."""

    def __init__(self, folder: Path, store: SecretStore | None = None, **settings: object) -> None:
        self.file = folder / "settings.json"
        self.tasks = TaskGroup()
        stored = PreferencesFile(self.file)
        loaded = stored.load().settings._replace(**settings)  # type: ignore[arg-type]  # by name
        self.preferences = Preferences(stored, loaded, self.tasks)
        self.store = store if store is not None else WorkingKeyring()
        self.password = ProxyPassword(self.store, self.preferences, self.tasks)

    @property
    def proxy(self) -> str:
        """What requests go through."""
        return network_of(self.preferences.settings, self.password.password).proxy


def words_in(folder: Path) -> list[Path]:
    """The files that hold the password in any spelling."""
    spellings = [WORD.encode(), WORD.encode("utf-16-le"), base64.b64encode(WORD.encode())]
    return [
        path
        for path in folder.rglob("*")
        if path.is_file() and any(each in path.read_bytes() for each in spellings)
    ]


@pytest.mark.parametrize(
    ("address", "bare", "password"),
    [
        (TYPED, BARE, WORD),
        ("http://host:1", "http://host:1", ""),
        ("me:word@host:1", "me@host:1", "word"),
        ("me@host:1", "me@host:1", ""),
        ("http://me:@host:1", "http://me@host:1", ""),
        ("http://:word@host:1", "http://host:1", "word"),
        ("http://me:a@b/c:d@host:1", "http://me@host:1", "a@b/c:d"),
        ("", "", ""),
    ],
)
def test_a_password_is_taken_out_of_an_address(address: str, bare: str, password: str) -> None:
    assert split_password(address) == (bare, password)


def test_a_password_is_put_in_so_that_it_can_be_read_back() -> None:
    assert with_password(BARE, WORD) == TYPED
    assert with_password(TYPED, "other") == TYPED
    assert with_password("http://host:1", WORD) == "http://host:1"
    assert with_password("http://me@host:1", "a@b/c#d e") == "http://me:a%40b%2Fc%23d%20e@host:1"
    # Letter by letter: what looks like a code in an address is none in a field.
    assert with_password("http://me@host:1", "p%40ss") == "http://me:p%2540ss@host:1"
    assert with_password("http://na#me@host:1", "a") == "http://na%23me:a@host:1"
    assert with_password("socks5://na/me@host:1", "") == "socks5://na%2Fme@host:1"
    assert with_password("名@host:1", "字") == "%E5%90%8D:%E5%AD%97@host:1"


async def test_a_typed_password_goes_to_the_keyring_and_into_no_file(tmp_path: Path) -> None:
    start = Start(tmp_path)
    start.preferences.change(proxy_mode=ProxyMode.OWN, proxy_url=TYPED)
    assert start.preferences.settings.proxy_url == BARE
    assert start.proxy == TYPED, "the next request needs it at once"
    await settled()
    assert start.password.place is PasswordPlace.KEYRING
    assert json.loads(start.file.read_text())["proxy_url"] == BARE
    assert words_in(tmp_path) == []
    # The next start has it again.
    later = Start(tmp_path, start.store)
    assert later.proxy == BARE
    heard: list[str] = []
    later.password.changed.connect(lambda: heard.append(later.proxy))
    await later.password.load()
    assert heard == [TYPED]
    assert later.password.place is PasswordPlace.KEYRING
    await settled()
    assert words_in(tmp_path) == []


async def test_an_old_file_gives_its_password_away(tmp_path: Path) -> None:
    old = {"proxy_mode": "own", "proxy_url": TYPED, "of a newer program": 7}
    (tmp_path / "settings.json").write_text(json.dumps(old), encoding="utf-8")
    start = Start(tmp_path)
    assert start.proxy == TYPED, "nothing may go around the proxy before the keyring answered"
    await start.password.load()
    await settled()
    assert words_in(tmp_path) == []
    stored = json.loads(start.file.read_text())
    assert (stored["proxy_url"], stored["of a newer program"]) == (BARE, 7)
    assert start.proxy == TYPED
    assert start.store.read(f"proxy {BARE}") == WORD


def test_even_settings_that_hold_one_are_written_without(tmp_path: Path) -> None:
    PreferencesFile(tmp_path / "settings.json").save(Settings(proxy_url=TYPED))
    assert words_in(tmp_path) == []


async def test_without_a_keyring_it_is_kept_in_memory_alone(tmp_path: Path) -> None:
    start = Start(tmp_path, RefusingKeyring())
    start.preferences.change(proxy_mode=ProxyMode.OWN, proxy_url=TYPED)
    await settled()
    assert start.password.place is PasswordPlace.SESSION
    assert start.proxy == TYPED
    assert words_in(tmp_path) == []


async def test_who_keeps_the_token_in_memory_keeps_the_password_there(tmp_path: Path) -> None:
    store = WorkingKeyring({f"proxy {BARE}": "an earlier one"})
    start = Start(tmp_path, store, token_this_session_only=True)
    start.preferences.change(proxy_mode=ProxyMode.OWN, proxy_url=TYPED)
    await start.password.load()
    await settled()
    assert start.password.place is PasswordPlace.SESSION
    assert store.read(f"proxy {BARE}") == "an earlier one"


async def test_a_password_never_follows_to_another_proxy(tmp_path: Path) -> None:
    start = Start(tmp_path)
    start.preferences.change(proxy_mode=ProxyMode.OWN, proxy_url=TYPED)
    await settled()
    other = "socks5://me@proxy.example:1080"
    start.preferences.change(proxy_url=other)
    assert start.proxy == other
    await settled()
    assert start.password.place is PasswordPlace.NOWHERE
    assert start.store.read(f"proxy {BARE}") is None
    start.preferences.change(proxy_url=BARE)
    assert start.proxy == BARE


async def test_the_proxy_is_given_the_password_and_the_service_is_not(tmp_path: Path) -> None:
    refusing = Play((head("407 Proxy Authentication Required", content_length="0"),))
    async with WireServer(refusing) as proxy:
        start = Start(tmp_path)
        address = f"http://me:{WORD}@127.0.0.1:{proxy.port}"
        start.preferences.change(proxy_mode=ProxyMode.OWN, proxy_url=address)
        network = network_of(start.preferences.settings, start.password.password)
        endpoint = endpoint_for("cn", "https://host.example/v1")
        provider = build_chat(ChatProtocol.OPENAI, endpoint, TOKEN, network)
        outcome = await outcome_of(provider, question())
        await provider.close()
        assert outcome.kind == "proxy"
        assert outcome.error is not None
        assert WORD not in f"{outcome.error!r} {outcome.error.detail} {outcome.error.stored()}"
        (seen,) = proxy.seen
        login = base64.b64encode(f"me:{WORD}".encode()).decode()
        assert seen.headers["proxy-authorization"] == f"Basic {login}"
    await settled()
    assert words_in(tmp_path) == []
