"""What GNOME and KDE say of the proxy is what "system" means on their desktops."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from studio.providers import desktop_proxy
from studio.providers.base import NetworkSettings
from studio.providers.network import proxy_for

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
