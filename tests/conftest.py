"""What holds for every test: no network but loopback, a clean home, a clean environment."""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

# Before Qt is loaded by any test: tests of widgets paint into memory. Those that need a real
# window start one of their own.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

_FOREIGN = ("OPENAI_", "ANTHROPIC_", "MODA_STUDIO_")
_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")
_LOOPBACK = ("127.", "::1", "localhost", "::ffff:127.")


_NOT_RUN = "needs real web browsers: asked for with --browsers"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--browsers", action="store_true", help="also run what needs web browsers")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if not config.getoption("--browsers"):
        for item in items:
            if item.get_closest_marker("browsers"):
                item.add_marker(pytest.mark.skip(reason=_NOT_RUN))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say in a line of its own what was left out, so that nobody takes it for passed."""
    left_out = sum("browsers" in each.keywords for each in terminalreporter.getreports("skipped"))
    if left_out:
        terminalreporter.write_line(
            f"NOT RUN: {left_out} tests with real browsers and a file manager; "
            "packaging/dev.py test --browsers gets and runs them.",
            yellow=True,
            bold=True,
        )


class ReachedOutError(AssertionError):
    """A test tried to reach another machine."""


@pytest.fixture(autouse=True)
def _only_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    connect, connect_ex = socket.socket.connect, socket.socket.connect_ex

    def check(own: socket.socket, address: Any) -> None:
        if own.family in (socket.AF_INET, socket.AF_INET6):
            host = str(address[0])
            if not host.startswith(_LOOPBACK):
                raise ReachedOutError(host)

    def checked_connect(self: socket.socket, address: Any) -> None:
        check(self, address)
        connect(self, address)

    def checked_connect_ex(self: socket.socket, address: Any) -> int:
        check(self, address)
        return connect_ex(self, address)

    monkeypatch.setattr(socket.socket, "connect", checked_connect)
    monkeypatch.setattr(socket.socket, "connect_ex", checked_connect_ex)


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: Any) -> None:
    for name in list(os.environ):
        if name.startswith(_FOREIGN) or name.upper() in _PROXIES:
            monkeypatch.delenv(name)
    home: Path = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("HOME", str(home))
    for name, folder in (
        ("XDG_DATA_HOME", "data"),
        ("XDG_CONFIG_HOME", "config"),
        ("XDG_CACHE_HOME", "cache"),
        ("XDG_STATE_HOME", "state"),
    ):
        monkeypatch.setenv(name, str(home / folder))


@pytest.fixture(autouse=True, scope="session")
def _none_keeps_its_references() -> Iterator[None]:
    """Some builds of PySide6 drop a reference to None with every call, until Python aborts."""
    before = sys.getrefcount(None)
    yield
    if sys.version_info < (3, 12):
        assert sys.getrefcount(None) > before - 1000, "PySide6 loses references to None"
