"""Other hosts: each with its own token, chosen for the next request, and left again."""

from __future__ import annotations

from contextlib import aclosing
from pathlib import Path

import pytest

from studio.app.container import home, network_of
from studio.core.errors import ErrorKind, StudioError
from studio.core.hosts import HostKind, OtherHost
from studio.core.messages import ChatProtocol, Role
from studio.core.settings import Settings, Site
from studio.core.stream import ChatMessage, ChatRequest, TextContent, TextDelta
from studio.providers import registry
from studio.providers.base import Endpoint, NetworkSettings
from studio.sessions.account.account import Account, TokenState
from studio.sessions.account.hosts import Hosts, Reach
from studio.sessions.preferences import Preferences
from studio.sessions.requests.service import Service
from studio.sessions.requests.tasks import TaskGroup
from studio.storage.preferences import PreferencesFile
from tests.account_parts import WorkingKeyring
from tests.contract.dialects import DIALECTS
from tests.contract.wire import Play, WireServer, chunked, whole
from tests.scripted import until

SITE_TOKEN, HOST_TOKEN = "ms-site-token-000000000001", "sk-host-token-000000000002"
ASKED = ChatRequest("org/model", (ChatMessage(Role.USER, (TextContent("Hello"),)),))


def listing(*models: str) -> Play:
    """The answer to a question for models."""
    return whole({"data": [{"id": model} for model in models]})


class Rig:
    """Real providers over real sockets; the site is one of the servers, too."""

    def __init__(self, folder: Path, site: str = "http://127.0.0.1:9") -> None:
        self.tasks = TaskGroup()
        self.keyring = WorkingKeyring()
        self.preferences = Preferences(
            PreferencesFile(folder / "settings.json"), Settings(), self.tasks
        )
        self.site = registry.endpoint_for("cn", site, needs_token=True)
        network = NetworkSettings(proxy="", connect_seconds=3.0)
        self.service = Service(registry, self.site, network, self.tasks)
        self.account = Account(
            self.service, self.keyring, self.preferences, self.endpoint_of, self.tasks
        )
        self.hosts = Hosts(
            self.service, self.account, self.preferences, registry.endpoint_for, self.tasks
        )

    def endpoint_of(self, site: Site) -> Endpoint:
        """Every site is the one server."""
        return self.site

    async def ask(self, protocol: ChatProtocol = ChatProtocol.OPENAI) -> str:
        """The text of one answer of the service in use."""
        found = ""
        async with aclosing(self.service.chat(protocol).stream(ASKED)) as events:
            async for event in events:
                found += event.text if isinstance(event, TextDelta) else ""
        return found

    async def quiet(self) -> None:
        """Wait until nothing is under way."""
        await until(lambda: self.tasks.count == 0)

    async def close(self) -> None:
        """End in an orderly way."""
        await self.quiet()
        await self.service.close()


def host(address: str, kind: HostKind = HostKind.OPENAI, *, token: bool = True) -> OtherHost:
    """A host of that address."""
    return OtherHost("Lab", address, kind, needs_token=token)


async def test_a_host_is_saved_as_typed_but_clean(tmp_path: Path) -> None:
    rig = Rig(tmp_path)
    saved = rig.hosts.save(OtherHost("  My   lab ", " https://LLM.example/v1/chat/completions/ "))
    assert saved == OtherHost("My lab", "https://llm.example/v1")
    assert rig.hosts.all == (saved,)
    assert rig.hosts.save(OtherHost("", "llm2.example")).name == "llm2.example"
    await rig.close()
    loaded = PreferencesFile(tmp_path / "settings.json").load()
    assert [each.name for each in loaded.settings.other_hosts] == ["My lab", "llm2.example"]


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("", ErrorKind.BAD_ADDRESS),
        ("not an address", ErrorKind.BAD_ADDRESS),
        ("https://me:pass@host/v1", ErrorKind.BAD_ADDRESS),
        ("http://10.0.0.5:8000", ErrorKind.NOT_ENCRYPTED),
    ],
)
async def test_a_bad_address_is_said_and_changes_nothing(
    tmp_path: Path, address: str, kind: ErrorKind
) -> None:
    rig = Rig(tmp_path)
    with pytest.raises(StudioError) as caught:
        rig.hosts.save(host(address))
    assert caught.value.kind is kind
    assert rig.hosts.all == ()


async def test_a_plain_way_is_allowed_for_the_host_it_was_accepted_for_only(
    tmp_path: Path,
) -> None:
    rig = Rig(tmp_path)
    plain = rig.hosts.save(OtherHost("Lab", "http://10.0.0.5:8000", plain_http=True))
    assert plain.plain_http
    other = rig.hosts.save(OtherHost("Safe", "https://llm.example", plain_http=True))
    assert not other.plain_http
    settings = rig.preferences.settings
    assert not network_of(settings).allow_plain_http
    rig.hosts.use(plain.address)
    assert network_of(rig.preferences.settings).allow_plain_http
    rig.hosts.use(other.address)
    assert not network_of(rig.preferences.settings).allow_plain_http
    await rig.close()


async def test_a_token_goes_to_its_own_host_only(tmp_path: Path) -> None:
    answer = chunked(DIALECTS[ChatProtocol.OPENAI].stream("Hi"))
    async with WireServer(answer) as there, WireServer(answer) as here:
        rig = Rig(tmp_path, here.address)
        rig.keyring.write(rig.site.origin, SITE_TOKEN)
        rig.keyring.write(there.address, HOST_TOKEN)
        rig.account.load()
        await until(lambda: rig.service.has_token)
        await rig.quiet()
        assert await rig.ask() == "Hi"
        saved = rig.hosts.save(host(there.address))
        rig.hosts.use(saved.address)
        assert rig.hosts.in_use == saved
        await until(lambda: rig.service.has_token)
        await rig.quiet()
        assert await rig.ask() == "Hi"
        rig.hosts.use_site()
        await until(lambda: rig.service.has_token)
        await rig.quiet()
        assert await rig.ask() == "Hi"
        sent_there = [seen.headers.get("authorization", "") for seen in there.seen]
        sent_here = [seen.headers.get("authorization", "") for seen in here.seen]
        assert set(sent_there) == {f"Bearer {HOST_TOKEN}"}
        assert set(sent_here) == {f"Bearer {SITE_TOKEN}"}
        await rig.close()


async def test_a_host_without_a_kept_token_gets_none_and_says_so(tmp_path: Path) -> None:
    async with WireServer(whole("{}")) as there:
        rig = Rig(tmp_path)
        rig.account.adopt(SITE_TOKEN)
        rig.hosts.use(rig.hosts.save(host(there.address)).address)
        await rig.quiet()
        assert rig.hosts.lacks_token
        with pytest.raises(StudioError) as caught:
            await rig.ask()
        assert caught.value.kind is ErrorKind.NO_TOKEN
        assert there.seen == []
        await rig.close()


async def test_a_host_that_needs_no_token_gets_none_and_answers(tmp_path: Path) -> None:
    async with WireServer(chunked(DIALECTS[ChatProtocol.OPENAI].stream("Hi"))) as there:
        rig = Rig(tmp_path)
        rig.account.adopt(SITE_TOKEN)
        rig.hosts.use(rig.hosts.save(host(there.address, token=False)).address)
        await rig.quiet()
        assert await rig.ask() == "Hi"
        assert all(SITE_TOKEN not in str(seen.headers) for seen in there.seen)
        assert all("authorization" not in seen.headers for seen in there.seen)
        await rig.close()


async def test_a_host_with_one_door_is_asked_over_that_door(tmp_path: Path) -> None:
    async with WireServer(chunked(DIALECTS[ChatProtocol.ANTHROPIC].stream("Hi"))) as there:
        rig = Rig(tmp_path)
        saved = rig.hosts.save(host(there.address, HostKind.ANTHROPIC, token=False))
        rig.hosts.use(saved.address)
        await rig.quiet()
        there.seen.clear()
        assert rig.service.protocols == (ChatProtocol.ANTHROPIC,)
        assert await rig.ask(ChatProtocol.OPENAI) == "Hi"
        assert [seen.path for seen in there.seen] == ["/v1/messages"]
        with pytest.raises(StudioError) as caught:
            rig.service.images()
        assert caught.value.kind is ErrorKind.REFUSED
        assert "no pictures" in caught.value.values["reason"]
        await rig.close()


@pytest.mark.parametrize(
    ("play", "reach", "models", "error"),
    [
        (listing("a", "b"), Reach.ANSWERS, 2, None),
        (whole({"error": "no such route"}, "404 Not Found"), Reach.ANSWERS, None, None),
        (
            whole({"error": {"message": "Invalid token"}}, "401 Unauthorized"),
            Reach.FAILS,
            None,
            ErrorKind.WRONG_TOKEN,
        ),
        (whole("<html>log in</html>", content_type="text/html"), Reach.FAILS, None, None),
    ],
    ids=["lists", "no list", "wrong token", "web page"],
)
async def test_a_test_says_how_a_host_stands(
    tmp_path: Path, play: Play, reach: Reach, models: int | None, error: ErrorKind | None
) -> None:
    async with WireServer(play) as there:
        rig = Rig(tmp_path)
        rig.keyring.write(there.address, HOST_TOKEN)
        saved = rig.hosts.save(host(there.address))
        assert rig.hosts.finding(saved.address) is None
        rig.hosts.test(saved.address)
        rig.hosts.test(saved.address)  # pressed twice
        first = rig.hosts.finding(saved.address)
        assert first is not None
        assert first.reach is Reach.TESTING
        await rig.quiet()
        found = rig.hosts.finding(saved.address)
        assert found is not None
        assert (found.reach, found.models) == (reach, models)
        if error is not None:
            assert found.error is not None
            assert found.error.kind is error
        assert [seen.headers["authorization"] for seen in there.seen] == [f"Bearer {HOST_TOKEN}"]
        # A test chooses nothing.
        assert rig.hosts.in_use is None
        await rig.close()


async def test_a_server_that_is_not_there_fails_its_test(tmp_path: Path) -> None:
    async with WireServer(whole("{}")) as there:
        address = there.address
    rig = Rig(tmp_path)
    saved = rig.hosts.save(host(address, token=False))
    rig.hosts.test(saved.address)
    await rig.quiet()
    found = rig.hosts.finding(saved.address)
    assert found is not None
    assert found.error is not None
    assert found.error.kind is ErrorKind.NOTHING_THERE
    await rig.close()


async def test_changing_a_host_keeps_its_place_and_its_use(tmp_path: Path) -> None:
    rig = Rig(tmp_path)
    first = rig.hosts.save(OtherHost("A", "https://a.example"))
    rig.hosts.save(OtherHost("B", "https://b.example"))
    rig.hosts.use(first.address)
    changed = rig.hosts.save(OtherHost("A2", "https://a2.example"), first.address)
    assert [each.name for each in rig.hosts.all] == ["A2", "B"]
    assert rig.hosts.in_use == changed
    assert rig.service.endpoint.origin == "https://a2.example"
    await rig.close()


async def test_removing_the_host_in_use_goes_back_to_the_site(tmp_path: Path) -> None:
    rig = Rig(tmp_path)
    saved = rig.hosts.save(OtherHost("A", "https://a.example"))
    rig.hosts.use(saved.address)
    rig.hosts.remove(saved.address)
    assert rig.hosts.all == ()
    assert rig.hosts.site_in_use
    assert rig.service.endpoint == rig.site
    await rig.close()


async def test_choosing_a_site_leaves_the_host(tmp_path: Path) -> None:
    rig = Rig(tmp_path)
    rig.hosts.use(rig.hosts.save(OtherHost("A", "https://a.example")).address)
    assert rig.account.site is None
    rig.account.switch_site(Site.INTERNATIONAL)
    await rig.quiet()
    assert rig.preferences.settings.host == ""
    assert rig.hosts.site_in_use
    await rig.close()


async def test_a_restart_begins_with_the_host_that_was_in_use(tmp_path: Path) -> None:
    lab = OtherHost("Lab", "https://llm.example/v1")
    settings = Settings(other_hosts=(lab,), host=lab.address)
    found = home(settings)
    assert (found.origin, found.title) == ("https://llm.example", "Lab")
    assert home(Settings()).id == "cn"
    assert home(Settings(other_hosts=(lab,), host="https://gone.example")).id == "cn"
    broken = OtherHost("Broken", "http://10.0.0.5")
    assert home(Settings(other_hosts=(broken,), host=broken.address)).id == "cn"


async def test_a_token_that_is_entered_for_a_host_is_kept_for_that_host(tmp_path: Path) -> None:
    async with WireServer(listing("a")) as there:
        rig = Rig(tmp_path)
        rig.hosts.use(rig.hosts.save(host(there.address)).address)
        await rig.quiet()
        rig.account.keep(HOST_TOKEN)
        await rig.quiet()
        assert rig.keyring.read(there.address) == HOST_TOKEN
        assert rig.keyring.read(rig.site.origin) is None
        assert rig.account.state is not TokenState.MISSING
        assert not rig.hosts.lacks_token
        await rig.close()


async def test_answers_can_be_asked_for_whole(tmp_path: Path) -> None:
    rig = Rig(tmp_path)
    assert rig.service.streaming
    rig.service.set_streaming(False)
    assert not rig.service.streaming
