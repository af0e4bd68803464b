"""What GNOME and KDE say of the proxy is what "system" means on their desktops."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest

from studio.core.errors import ErrorKind, StudioError
from studio.providers import desktop_proxy
from studio.providers.base import NetworkSettings
from studio.providers.desktop_proxy import names_script
from studio.providers.network import proxy_for
from studio.providers.registry import build_hub, endpoint_for

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="others are asked by Python")

GNOME = """\
org.gnome.system.proxy autoconfig-url ''
org.gnome.system.proxy ignore-hosts ['localhost', '127.0.0.0/8', '::1', '*.intern.example']
org.gnome.system.proxy mode 'manual'
org.gnome.system.proxy use-same-proxy true
org.gnome.system.proxy.ftp host ''
org.gnome.system.proxy.ftp port 0
org.gnome.system.proxy.http authentication-password ''
org.gnome.system.proxy.http enabled false
org.gnome.system.proxy.http host 'web.example'
org.gnome.system.proxy.http port 8080
org.gnome.system.proxy.https host 'tls.example'
org.gnome.system.proxy.https port 8443
org.gnome.system.proxy.socks host 'socks.example'
org.gnome.system.proxy.socks port 1080
"""
KDE = """\
[Proxy Settings]
NoProxyFor=intern.example,192.168.*
ProxyType=1
ReversedException=false
httpProxy=http://web.example 8080
httpsProxy=http://tls.example 8443
socksProxy=socks://socks.example 1080
"""


class Desktop:
    """A home and a path of its own."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.config, self.tools = folder / "config", folder / "bin"
        self.config.mkdir()
        self.tools.mkdir()
        monkeypatch.setenv("XDG_CONFIG_HOME", str(self.config))
        monkeypatch.setenv("PATH", f"{self.tools}:/usr/bin:/bin")
        for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv("XDG_CURRENT_DESKTOP", raising=False)
        desktop_proxy._asked.cache_clear()

    def gsettings(self, said: str, code: int = 0) -> None:
        """A program of that name that says this."""
        program = self.tools / "gsettings"
        program.write_text(f"#!/bin/sh\ncat <<'END'\n{said}END\nexit {code}\n", encoding="utf-8")
        program.chmod(0o755)

    def kioslaverc(self, text: str) -> None:
        (self.config / "kioslaverc").write_text(text, encoding="utf-8")


@pytest.fixture
def desktop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desktop:
    return Desktop(tmp_path, monkeypatch)


def asked(url: str) -> str:
    return proxy_for(url, NetworkSettings(proxy="system"))


@pytest.mark.parametrize("name", ["GNOME", "ubuntu:GNOME", "X-Cinnamon", ""])
def test_gnomes_proxy_is_taken(
    desktop: Desktop, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv("XDG_CURRENT_DESKTOP", name)
    desktop.gsettings(GNOME)
    assert asked("https://host.example/v1") == "http://tls.example:8443"
    assert asked("http://host.example/") == "http://web.example:8080"
    assert asked("https://a.intern.example/") == ""


@pytest.mark.parametrize("name", ["KDE", ""])
def test_kdes_proxy_is_taken(desktop: Desktop, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv("XDG_CURRENT_DESKTOP", name)
    desktop.gsettings("", 1)
    desktop.kioslaverc(KDE)
    assert asked("https://host.example/v1") == "http://tls.example:8443"
    assert asked("https://a.intern.example/") == ""
    assert asked("https://192.168.3.4/") == ""


def test_socks_is_for_all_that_has_no_proxy_of_its_own(desktop: Desktop) -> None:
    lines = [each for each in GNOME.splitlines() if ".http" not in each]
    desktop.gsettings("\n".join(lines) + "\n")
    assert asked("https://host.example/") == "socks5://socks.example:1080"


def test_variables_go_before_the_desktop(desktop: Desktop, monkeypatch: pytest.MonkeyPatch) -> None:
    desktop.gsettings(GNOME)
    monkeypatch.setenv("https_proxy", "http://mine.example:1")
    assert asked("https://host.example/") == "http://mine.example:1"


def test_kde_may_name_variables(desktop: Desktop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CURRENT_DESKTOP", "KDE")
    monkeypatch.setenv("MY_PROXY", "http://named.example:3128")
    desktop.kioslaverc("[Proxy Settings]\nProxyType=4\nhttpsProxy=MY_PROXY\n")
    assert asked("https://host.example/") == "http://named.example:3128"


@pytest.mark.parametrize(
    "said",
    [
        GNOME.replace("'manual'", "'none'"),
        GNOME.replace("'manual'", "'auto'"),
        "",
        "nonsense\n",
        "org.gnome.system.proxy mode 'manual'\norg.gnome.system.proxy.https host [[[\n",
    ],
)
def test_a_desktop_that_says_nothing_of_use_has_no_proxy(desktop: Desktop, said: str) -> None:
    desktop.gsettings(said)
    assert asked("https://host.example/") == ""


@pytest.mark.parametrize(
    "text",
    ["", "[Proxy Settings]\nProxyType=0\nhttpsProxy=http://p 1\n", "no section", "\0[[[", "[A]\n="],
)
def test_a_file_of_kde_that_makes_no_sense_is_none(
    desktop: Desktop, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.setenv("XDG_CURRENT_DESKTOP", "KDE")
    desktop.kioslaverc(text)
    assert asked("https://host.example/") == ""


# A script decides.

AUTO = GNOME.replace("'manual'", "'auto'")
LOGIN = GNOME.replace("https host 'tls.example'", "https host ''") + (
    "org.gnome.system.proxy.http use-authentication true\n"
    "org.gnome.system.proxy.http authentication-user 'me@work'\n"
    "org.gnome.system.proxy.http authentication-password 'a/b c#1'\n"
)


@pytest.mark.parametrize(
    "said",
    [
        AUTO,
        AUTO.replace("autoconfig-url ''", "autoconfig-url 'http://wpad.example/proxy.pac'"),
    ],
)
def test_a_script_of_gnome_is_noticed_and_not_run(desktop: Desktop, said: str) -> None:
    desktop.gsettings(said)
    assert names_script()
    assert asked("https://host.example/") == ""


@pytest.mark.parametrize("kind", ["2", "3"])
def test_a_script_of_kde_is_noticed(
    desktop: Desktop, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setenv("XDG_CURRENT_DESKTOP", "KDE")
    desktop.kioslaverc(f"[Proxy Settings]\nProxyType={kind}\n")
    assert names_script()
    assert asked("https://host.example/") == ""


@pytest.mark.parametrize(
    ("said", "named"),
    [
        ("<dictionary> {\n  ProxyAutoConfigEnable : 1\n  ProxyAutoConfigURLString : x\n}\n", True),
        ("<dictionary> {\n  ProxyAutoDiscoveryEnable : 1\n}\n", True),
        ("<dictionary> {\n  ProxyAutoConfigEnable : 0\n  HTTPEnable : 0\n}\n", False),
        ("", False),
    ],
)
def test_a_script_of_macos_is_noticed(
    desktop: Desktop, monkeypatch: pytest.MonkeyPatch, said: str, named: bool
) -> None:
    program = desktop.tools / "scutil"
    program.write_text(f"#!/bin/sh\ncat <<'END'\n{said}END\n", encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setattr(sys, "platform", "darwin")
    assert names_script() is named


def test_a_proxy_by_hand_or_by_variables_is_no_script(
    desktop: Desktop, monkeypatch: pytest.MonkeyPatch
) -> None:
    desktop.gsettings(GNOME)
    assert not names_script()
    desktop_proxy._asked.cache_clear()
    desktop.gsettings(AUTO)
    monkeypatch.setenv("all_proxy", "http://mine.example:1")
    assert not names_script()


# GNOME's login.


def test_gnomes_login_is_used_and_coded_for_an_address(desktop: Desktop) -> None:
    desktop.gsettings(LOGIN)
    wanted = "http://me%40work:a%2Fb%20c%231@web.example:8080"
    assert asked("http://host.example/") == wanted
    assert asked("https://host.example/") == wanted, "one proxy for all"
    assert asked("https://a.intern.example/") == ""


def test_gnomes_login_goes_to_no_other_proxy(desktop: Desktop) -> None:
    desktop.gsettings(LOGIN.replace("https host ''", "https host 'tls.example'"))
    assert asked("https://host.example/") == "http://tls.example:8443"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("use-authentication true", "use-authentication false"),
        ("authentication-user 'me@work'", "authentication-user ''"),
        ("authentication-user 'me@work'", "authentication-user [[["),
    ],
)
def test_a_login_that_is_off_or_odd_is_none(desktop: Desktop, old: str, new: str) -> None:
    desktop.gsettings(LOGIN.replace(old, new))
    assert asked("https://host.example/") == "http://web.example:8080"


async def test_a_login_of_the_desktop_is_seen_in_no_error_and_no_log(
    desktop: Desktop, caplog: pytest.LogCaptureFixture
) -> None:
    """The proxy is there and refuses, or is not there at all, or its address makes no sense."""
    caplog.set_level("DEBUG")
    server = await asyncio.start_server(_refuses, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    for host, taken in (("127.0.0.1", port), ("127.0.0.1", 1), ("127.0.0.1 x", port)):
        desktop_proxy._asked.cache_clear()
        place = LOGIN.replace("'web.example'", f"'{host}'").replace("port 8080", f"port {taken}")
        desktop.gsettings(place)
        caught = await _refusal()
        everything = f"{caught!r} {vars(caught)} {caught.stored().to_json()} {caplog.text}"
        assert caught.kind is ErrorKind.PROXY
        assert "a/b c#1" not in everything and "a%2Fb" not in everything
        assert "me%40work" not in everything and "bWVAd29yazph" not in everything
    server.close()


async def _refuses(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
    await writer.drain()
    writer.close()


async def _refusal() -> StudioError:
    endpoint = endpoint_for("openai", "https://host.example/v1")
    hub = build_hub(endpoint, "a-token-of-mine", NetworkSettings(proxy="system"))
    try:
        with pytest.raises(StudioError) as caught:
            await hub.models()
        return caught.value
    finally:
        await hub.close()
