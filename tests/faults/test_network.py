"""Hosts that are not there, not safe or not what they seem; proxies; connections that end."""

from __future__ import annotations

import asyncio
import datetime
import functools
import gzip
import ipaddress
import ssl
import zlib
from collections.abc import Iterator
from contextlib import aclosing
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from studio.core.errors import ErrorAction, ErrorKind, StudioError
from studio.core.stream import TextDelta
from studio.providers import network
from studio.providers.base import NetworkSettings
from studio.providers.network import proxy_for, trust
from studio.providers.reasons import (
    BY_SCRIPT,
    EXPIRED,
    NOT_YET,
    OVER_PROXY,
    PROXY_BUSY,
    PROXY_FORBIDS,
)
from studio.providers.registry import build_chat, build_hub, endpoint_for
from tests.contract.asking import FAST, TOKEN, Asker, outcome_of, question
from tests.contract.wire import CLOSE, HANG, Pause, Play, WireServer, chunked, head, whole
from tests.faults.memory import Growth


@dataclass(frozen=True)
class Certificate:
    """A self-signed certificate and what a server needs of it."""

    file: Path
    context: ssl.SSLContext


def _certificate(folder: Path, *names: str, days: tuple[int, int] = (-1, 30)) -> Certificate:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Test")])
    now = datetime.datetime.now(datetime.UTC)
    alternatives: list[x509.GeneralName] = []
    for each in names:
        try:
            alternatives.append(x509.IPAddress(ipaddress.ip_address(each)))
        except ValueError:
            alternatives.append(x509.DNSName(each))
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + datetime.timedelta(days=days[0]))
        .not_valid_after(now + datetime.timedelta(days=days[1]))
        .add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = folder / "cert.pem"
    file.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private = folder / "key.pem"
    private.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file, private)
    return Certificate(file, context)


@pytest.fixture
def right(tmp_path: Path) -> Certificate:
    """A certificate for this computer that nobody trusts yet."""
    return _certificate(tmp_path, "127.0.0.1", "localhost")


@pytest.fixture
def wrong(tmp_path: Path) -> Certificate:
    """A certificate of somebody else."""
    return _certificate(tmp_path, "example.org")


async def test_a_script_of_the_system_that_is_not_run_is_told_when_nobody_is_reached(
    asker: Asker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(network, "names_script", lambda: True)
    asker = replace(asker, network=replace(FAST, proxy="system"))
    outcome = await asker.ask("https://no-such-host.invalid")
    assert outcome.error is not None
    assert outcome.error.kind is ErrorKind.UNKNOWN_HOST
    assert outcome.error.values["reason"] == BY_SCRIPT
    assert outcome.error.stored().action is ErrorAction.NETWORK_SETTINGS
    # Where the user wants no proxy, or on this computer itself, no script is to blame.
    for proxy, address in (("", "https://no-such-host.invalid"), ("system", "http://127.0.0.1:1")):
        asker = replace(asker, network=replace(FAST, proxy=proxy))
        outcome = await asker.ask(address)
        assert outcome.error is not None
        assert "reason" not in outcome.error.values


async def test_an_unknown_name(asker: Asker) -> None:
    outcome = await asker.ask("https://no-such-host.invalid")
    assert outcome.kind == "unknown_host"


async def test_nothing_listens(asker: Asker) -> None:
    async with WireServer(whole({})) as server:
        address = server.address
    assert (await asker.ask(address)).kind == "nothing_there"


async def test_a_certificate_nobody_trusts(asker: Asker, right: Certificate) -> None:
    async with WireServer(whole({}), ssl=right.context) as server:
        outcome = await asker.ask(server.address)
        assert (outcome.kind, len(server.seen)) == ("tls", 0)


async def test_a_certificate_of_another_host(asker: Asker, wrong: Certificate) -> None:
    asker.network = replace(FAST, certificate_file=str(wrong.file))
    async with WireServer(whole({}), ssl=wrong.context) as server:
        outcome = await asker.ask(server.address)
        assert (outcome.kind, len(server.seen)) == ("tls_other_host", 0)


async def test_an_extra_certificate_file_is_trusted(asker: Asker, right: Certificate) -> None:
    asker.network = replace(FAST, certificate_file=str(right.file))
    play = chunked(asker.dialect.stream("safe"))
    async with WireServer(play, ssl=right.context) as server:
        outcome = await asker.ask(server.address)
        assert (outcome.text, outcome.kind) == ("safe", "")
        hub = build_hub(endpoint_for("cn", server.address), TOKEN, asker.network)
        server.plays = [whole({"data": [{"id": "a/b"}]})]
        assert [each.id for each in await hub.models()] == ["a/b"]
        await hub.close()


async def test_a_server_that_does_not_speak_tls(asker: Asker) -> None:
    asker.network = replace(FAST, connect_seconds=0.3)
    async with WireServer(whole({})) as server:
        outcome = await asker.ask(server.address.replace("http://", "https://"))
        assert outcome.kind == "no_tls"


async def test_a_server_that_is_silent_when_asked_for_tls(asker: Asker) -> None:
    asker.network = replace(FAST, connect_seconds=0.3)

    gone = asyncio.Event()

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()
        await writer.wait_closed()
        gone.set()

    server = await asyncio.start_server(listen, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    outcome = await asker.ask(f"https://127.0.0.1:{port}")
    assert outcome.kind == "no_tls"
    await gone.wait()
    server.close()
    await server.wait_closed()


async def test_the_certificate_file_is_missing_or_none(asker: Asker, tmp_path: Path) -> None:
    broken = tmp_path / "broken.pem"
    broken.write_text("not a certificate")
    for file in (tmp_path / "none.pem", broken, tmp_path):
        asker.network = replace(FAST, certificate_file=str(file))
        outcome = await asker.ask("https://127.0.0.1:1")
        assert outcome.kind == "certificate_file"
        assert outcome.error is not None
        assert str(tmp_path) not in outcome.error.detail


async def test_ssl_cert_file_in_the_environment_is_no_matter(
    asker: Asker, right: Certificate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", "/nowhere/at/all.pem")
    trust.__globals__["_trust"].cache_clear()
    async with WireServer(chunked(asker.dialect.stream("ok"))) as server:
        assert (await asker.ask(server.address)).text == "ok"
    monkeypatch.setenv("SSL_CERT_FILE", str(right.file))
    trust.__globals__["_trust"].cache_clear()
    async with WireServer(whole({}), ssl=right.context) as server:
        assert (await asker.ask(server.address)).kind == "tls"


@pytest.fixture
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An environment without any proxy."""
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    yield


@pytest.mark.usefixtures("no_proxies")
@pytest.mark.parametrize(
    ("variables", "setting", "url", "expected"),
    [
        ({}, "system", "https://host.example/v1", ""),
        ({"https_proxy": "http://p:1"}, "system", "https://host.example/v1", "http://p:1"),
        ({"HTTPS_PROXY": "p:1"}, "system", "https://host.example/v1", "http://p:1"),
        ({"all_proxy": "socks://p:1"}, "system", "https://host.example/v1", "socks5://p:1"),
        ({"all_proxy": "socks5h://p:1/"}, "system", "https://host.example/", "socks5h://p:1"),
        ({"https_proxy": "http://p:1"}, "", "https://host.example/v1", ""),
        ({"https_proxy": "http://p:1"}, "http://q:2", "https://host.example/v1", "http://q:2"),
        ({}, "socks5://u:p%40ss@q:2", "https://host.example/", "socks5://u:p%40ss@q:2"),
        ({"https_proxy": "http://p:1"}, "system", "https://127.0.0.1:8/", ""),
        ({}, "http://q:2", "http://localhost:8/", ""),
        ({}, "http://q:2", "http://[::1]:8/", ""),
        ({"https_proxy": "http://p:1", "no_proxy": "host.example"}, "system",
         "https://host.example/v1", ""),
        ({"https_proxy": "http://p:1", "no_proxy": ".example"}, "system",
         "https://host.example/v1", ""),
        ({"https_proxy": "http://p:1", "no_proxy": "10.0.0.0/8"}, "system",
         "https://10.1.2.3/v1", ""),
        ({"https_proxy": "http://p:1", "no_proxy": "*"}, "system", "https://host.example/", ""),
        ({"https_proxy": "http://p:1", "no_proxy": "a,*.example"}, "system",
         "https://host.example/", ""),
        ({"https_proxy": "http://p:1", "no_proxy": "192.168.*"}, "system",
         "https://192.168.7.1:8000/", ""),
        ({"https_proxy": "http://p:1", "no_proxy": "192.168.*"}, "system",
         "https://10.192.168.1/", "http://p:1"),
        ({"https_proxy": "http://p:1", "no_proxy": "host.example:443"}, "system",
         "https://host.example/v1", ""),
        ({"https_proxy": "http://p:1", "no_proxy": "host.example:443"}, "system",
         "https://host.example:8443/", "http://p:1"),
        ({"https_proxy": "http://p:1", "no_proxy": "other.example; host.example"}, "system",
         "https://host.example/", ""),
        ({"https_proxy": "http://p:1", "no_proxy": "fd00::/8"}, "system",
         "https://[fd00::1]/", ""),
        ({"https_proxy": "http://p:1", "no_proxy": "<local>"}, "system", "https://pc/", ""),
        ({"https_proxy": "http://na#me:a/b@p:1"}, "system", "https://host.example/",
         "http://na%23me:a%2Fb@p:1"),
        ({"https_proxy": "http://me:p%41@p:1"}, "system", "https://host.example/",
         "http://me:p%41@p:1"),
    ],
)  # fmt: skip
def test_which_proxy_is_taken(
    monkeypatch: pytest.MonkeyPatch,
    variables: dict[str, str],
    setting: str,
    url: str,
    expected: str,
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert proxy_for(url, NetworkSettings(proxy=setting)) == expected


@pytest.mark.parametrize("address", ["ftp://p:1", "http://", "socks4://p:1", "http://p:99999"])
def test_a_proxy_that_cannot_be_one(address: str) -> None:
    with pytest.raises(StudioError) as caught:
        proxy_for("https://host.example/", NetworkSettings(proxy=address))
    assert caught.value.kind is ErrorKind.PROXY


async def test_a_proxy_is_asked_for_a_tunnel_and_sees_no_token(asker: Asker) -> None:
    refusing = Play((head("407 Proxy Authentication Required", content_length="0"),))
    async with WireServer(refusing) as proxy:
        asker.network = replace(FAST, proxy=f"http://user:secret@127.0.0.1:{proxy.port}")
        outcome = await asker.ask("https://host.example/v1")
        assert outcome.kind == "proxy"
        assert outcome.error is not None
        assert "secret" not in outcome.error.detail
        assert proxy.seen[0].method == "CONNECT"
        assert TOKEN.encode() not in proxy.seen[0].raw_head


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        ("502 Bad Gateway", PROXY_BUSY),
        ("503 Service Unavailable", PROXY_BUSY),
        ("504 Gateway Timeout", PROXY_BUSY),
        ("403 Forbidden", PROXY_FORBIDS),
        ("407 Proxy Authentication Required", None),
    ],
)
async def test_a_proxy_that_cannot_reach_the_service_is_no_wrong_password(
    one_a_protocol: Asker, status: str, reason: str | None
) -> None:
    asker = one_a_protocol
    async with WireServer(Play((head(status, content_length="0"),))) as proxy:
        asker.network = replace(FAST, proxy=f"http://127.0.0.1:{proxy.port}")
        error = (await asker.ask("https://host.example/v1")).error
        assert error is not None
        assert error.kind is ErrorKind.PROXY
        assert error.values.get("reason") == reason
        assert error.values["host"] == "host.example"
        assert reason is None or error.values["status"] == status[:3]


@pytest.mark.parametrize(("days", "reason"), [((-30, -1), EXPIRED), ((1, 30), NOT_YET)])
async def test_a_certificate_out_of_its_time_names_the_date(
    one_a_protocol: Asker, tmp_path: Path, days: tuple[int, int], reason: str
) -> None:
    asker, made = one_a_protocol, _certificate(tmp_path, "127.0.0.1", days=days)
    asker.network = replace(FAST, certificate_file=str(made.file))
    async with WireServer(whole({}), ssl=made.context) as server:
        error = (await asker.ask(server.address)).error
        assert error is not None
        assert error.kind is ErrorKind.TLS
        assert error.values["reason"] == reason
        assert error.values["date"] == f"{datetime.datetime.now():%Y-%m-%d}"


async def test_a_proxy_that_is_not_there(asker: Asker) -> None:
    async with WireServer(whole({})) as server:
        port = server.port
    for scheme in ("http", "socks5"):
        asker.network = replace(FAST, proxy=f"{scheme}://127.0.0.1:{port}")
        assert (await asker.ask("https://host.example/v1")).kind == "proxy"


class Socks:
    """A small SOCKS 5 server with a name and a password; every tunnel leads to `target`."""

    def __init__(self, target: int) -> None:
        self.asked: list[str] = []
        self._target = target

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Shake hands, connect, and pass bytes on."""
        await reader.readexactly(2)
        await reader.readexactly(1)
        writer.write(b"\x05\x02")
        await reader.readexactly(1)
        name = await reader.readexactly((await reader.readexactly(1))[0])
        word = await reader.readexactly((await reader.readexactly(1))[0])
        writer.write(b"\x01\x00")
        await reader.readexactly(4)
        host = await reader.readexactly((await reader.readexactly(1))[0])
        await reader.readexactly(2)
        self.asked.append(f"{name.decode()}:{word.decode()} {host.decode()}")
        writer.write(b"\x05\x00\x00\x01\x00\x00\x00\x00\x00\x00")
        theirs, ours = await asyncio.open_connection("127.0.0.1", self._target)
        await asyncio.gather(_pass_on(reader, ours), _pass_on(theirs, writer))


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while piece := await reader.read(65536):
            writer.write(piece)
    except ConnectionError:
        pass
    writer.close()


async def test_a_socks_proxy_with_a_name_carries_both_stacks(asker: Asker, tmp_path: Path) -> None:
    certificate = _certificate(tmp_path, "host.example")
    play = chunked(asker.dialect.stream("through"))
    async with WireServer(play, ssl=certificate.context) as server:
        socks = Socks(server.port)
        listening = await asyncio.start_server(socks.serve, "127.0.0.1", 0)
        port = listening.sockets[0].getsockname()[1]
        asker.network = replace(
            FAST,
            proxy=f"socks5://me:pass@127.0.0.1:{port}",
            certificate_file=str(certificate.file),
        )
        outcome = await asker.ask("https://host.example/v1")
        assert (outcome.text, outcome.kind) == ("through", "")
        server.plays = [whole({"data": [{"id": "a/b"}]})]
        hub = build_hub(endpoint_for("cn", "https://host.example"), TOKEN, asker.network)
        assert len(await hub.models()) == 1
        await hub.close()
        assert socks.asked == ["me:pass host.example"] * 2
        listening.close()
        await listening.wait_closed()


async def test_plain_http_to_others_is_refused_even_over_a_proxy(asker: Asker) -> None:
    with pytest.raises(StudioError) as caught:
        endpoint_for(asker.row.id, "http://host.example/v1")
    assert caught.value.kind is ErrorKind.NOT_ENCRYPTED
    endpoint = endpoint_for(asker.row.id, "http://host.example/v1", allow_plain_http=True)
    async with WireServer(whole({})) as proxy:
        for allowed in (False, True):
            network = replace(
                FAST, proxy=f"http://127.0.0.1:{proxy.port}", allow_plain_http=allowed
            )
            provider = build_chat(asker.protocol, endpoint, TOKEN, network)
            error = (await outcome_of(provider, question())).error
            assert error is not None
            assert error.kind is ErrorKind.NOT_ENCRYPTED
            assert (error.values.get("reason") == OVER_PROXY) is allowed
            await provider.close()
        assert proxy.connections == 0


async def test_a_connection_the_server_closed_meanwhile_is_replaced(asker: Asker) -> None:
    stream = chunked(asker.dialect.stream("ok"))
    # The second request on the kept connection is answered by an end without a byte.
    async with WireServer(stream, Play((), CLOSE), stream) as server:
        async with asker.provider(server.address) as provider:
            assert (await asker.again(provider)).text == "ok"
            outcome = await asker.again(provider)
            assert (outcome.text, outcome.kind) == ("ok", "")
        assert (len(server.seen), server.connections) == (3, 2)


async def test_a_new_connection_that_breaks_is_not_tried_again(asker: Asker) -> None:
    async with WireServer(Play((), CLOSE)) as server:
        outcome = await asker.ask(server.address)
        assert (outcome.kind, len(server.seen)) == ("unanswered", 1)


async def test_an_idle_connection_closed_by_the_server(asker: Asker) -> None:
    stream = chunked(asker.dialect.stream("ok"), ending=CLOSE)
    async with WireServer(stream) as server, asker.provider(server.address) as provider:
        for _ in range(3):
            assert (await asker.again(provider)).text == "ok"
        assert len(server.seen) == 3


async def test_the_connection_is_kept_for_the_next_question(asker: Asker) -> None:
    async with WireServer(chunked(asker.dialect.stream("ok"))) as server:
        async with asker.provider(server.address) as provider:
            for _ in range(5):
                assert (await asker.again(provider)).end == "stop"
        assert (len(server.seen), server.connections) == (5, 1)


@functools.cache
def _bomb(megabytes: int) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    block = b"\0" * 2**20
    return b"".join([*(packer.compress(block) for _ in range(megabytes)), packer.flush()])


@pytest.mark.parametrize("status", ["200 OK", "500 Internal Server Error"])
async def test_a_gzip_bomb_is_stopped(one_a_protocol: Asker, status: str) -> None:
    play = whole(_bomb(400), status, content_encoding="gzip")
    async with WireServer(play) as server:
        with Growth() as growth:
            outcome = await one_a_protocol.ask(server.address)
        assert (outcome.kind, len(server.seen)) == ("too_large", 1)
        assert growth.megabytes < 150
        hub = build_hub(endpoint_for("cn", server.address), TOKEN, FAST)
        with Growth() as growth, pytest.raises(StudioError) as caught:
            await hub.models()
        assert caught.value.kind is ErrorKind.TOO_LARGE
        assert growth.megabytes < 150
        await hub.close()


async def test_a_compressed_stream_is_read(asker: Asker) -> None:
    stream = b"".join(asker.dialect.stream("packed"))
    for encoding, packed in (
        ("gzip", gzip.compress(stream)),
        ("deflate", zlib.compress(stream)),
        ("deflate", zlib.compress(stream)[2:-4]),
    ):
        pieces = [packed[at : at + 7] for at in range(0, len(packed), 7)]
        async with WireServer(chunked(pieces, content_encoding=encoding)) as server:
            outcome = await asker.ask(server.address)
            assert (outcome.text, outcome.end) == ("packed", "stop")
    async with WireServer(chunked([stream], content_encoding="br")) as server:
        assert (await asker.ask(server.address)).kind == "bad_reply"


@pytest.mark.parametrize("when", ["before the headers", "in mid-stream"])
async def test_stop_closes_the_connection(asker: Asker, when: str) -> None:
    play = Play((), HANG)
    if when == "in mid-stream":
        play = chunked([asker.dialect.text("one")], finished=False, ending=HANG)
    async with WireServer(play) as server, asker.provider(server.address) as provider:
        heard = asyncio.Event()

        async def listen() -> None:
            async with aclosing(provider.stream(question())) as events:
                async for each in events:
                    if isinstance(each, TextDelta):
                        heard.set()

        async with asyncio.TaskGroup() as group:
            listening = group.create_task(listen())
            await (server.arrived if when == "before the headers" else heard).wait()
            started = asyncio.get_running_loop().time()
            listening.cancel()
        await server.seen[0].client_left.wait()
        assert asyncio.get_running_loop().time() - started < 1.0


async def test_leaving_the_stream_closes_the_connection(asker: Asker) -> None:
    pieces: list[bytes | Pause] = [asker.dialect.text("one"), Pause(0.01)] * 2
    play = chunked(pieces, finished=False, ending=HANG)
    async with WireServer(play) as server, asker.provider(server.address) as provider:
        async with aclosing(provider.stream(question())) as events:
            async for each in events:
                if isinstance(each, TextDelta):
                    break
        await server.seen[0].client_left.wait()


async def test_stop_and_ask_again_a_hundred_times(one_a_protocol: Asker) -> None:
    asker = one_a_protocol
    play = chunked([asker.dialect.text("one"), Pause(0.2)], finished=False, ending=HANG)
    async with WireServer(play) as server, asker.provider(server.address) as provider:
        before = len(asyncio.all_tasks())
        for _ in range(100):
            async with aclosing(provider.stream(question())) as events:
                async for each in events:
                    if isinstance(each, TextDelta):
                        assert each.text == "one"
                        break
        for seen in server.seen:
            await seen.client_left.wait()
        assert len(server.seen) == 100
        server.plays.append(chunked(asker.dialect.stream("fresh")))
        assert (await asker.again(provider)).text == "fresh"
        await asyncio.sleep(0)
        assert len(asyncio.all_tasks()) <= before + 2
