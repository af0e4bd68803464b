"""The token doctor over real sockets: the service in a box, a dead port, a login page."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from studio.core.settings import Settings
from studio.demo.launch import DemoProcess, spawn
from studio.providers import registry
from studio.providers.base import Endpoint, NetworkSettings
from studio.sessions.account.account import Account
from studio.sessions.account.doctor import CheckName, CheckState, Examination
from studio.sessions.preferences import Preferences
from studio.sessions.requests.service import Service
from studio.sessions.requests.tasks import TaskGroup
from studio.storage.preferences import PreferencesFile
from tests.account_parts import WorkingKeyring, settled

REACHED, ACCEPTED, BOUND, VERIFIED, CREDITS = CheckName
PASSED, UNKNOWN, STEP, FAILED, WAITS = (
    CheckState.PASSED,
    CheckState.UNKNOWN,
    CheckState.STEP_LEFT,
    CheckState.FAILED,
    CheckState.WAITING,
)


@pytest.fixture(scope="module")
def box() -> Iterator[DemoProcess]:
    """The service in a box, in its own process."""
    process = spawn()
    yield process
    process.stop()


async def examine(folder: Path, endpoint: Endpoint, token: str) -> Examination:
    """Let the doctor examine a token with everything real but the keyring."""
    tasks = TaskGroup()
    preferences = Preferences(PreferencesFile(folder / "settings.json"), Settings(), tasks)
    service = Service(registry, endpoint, NetworkSettings(proxy=""), tasks)
    account = Account(service, WorkingKeyring(), preferences, lambda _site: endpoint, tasks)
    account.check(token)
    await settled()
    await service.close()
    return account.examination


@pytest.mark.parametrize(
    ("token", "states"),
    [
        ("ms-good-token-0000", [PASSED, PASSED, UNKNOWN, UNKNOWN, PASSED]),
        ("ms-wrong-token-0000", [PASSED, FAILED, WAITS, WAITS, WAITS]),
        ("ms-unbound-token-00", [PASSED, PASSED, STEP, WAITS, WAITS]),
        ("ms-unverified-token", [PASSED, PASSED, UNKNOWN, STEP, WAITS]),
        ("ms-throttled-token0", [PASSED, STEP, WAITS, WAITS, WAITS]),
        ("ms-broke-token-0000", [PASSED, PASSED, UNKNOWN, UNKNOWN, STEP]),
    ],
)
async def test_every_state_of_an_account_is_told_apart(
    tmp_path: Path, box: DemoProcess, token: str, states: list[CheckState]
) -> None:
    endpoint = registry.endpoint_for("cn", box.base_url)
    found = await examine(tmp_path, endpoint, token)
    assert [check.state for check in found.checks] == states
    assert "no proxy" in found.check(REACHED).note
    assert int(found.check(REACHED).values["ms"]) >= 0
    assert token not in str(found)


async def test_nothing_that_listens_is_told_as_that(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound and not listening: nobody else gets the port
        port = taken.getsockname()[1]
        endpoint = registry.endpoint_for("cn", f"http://127.0.0.1:{port}")
        found = await examine(tmp_path, endpoint, "ms-good-token-0000")
    assert found.check(REACHED).state is FAILED
    assert found.check(REACHED).note == "connection refused"


@pytest.fixture
async def login_page() -> AsyncIterator[str]:
    """A server that answers everything with a page to log in, as hotels do."""
    page = b"<!DOCTYPE html><html><title>Welcome, guest</title></html>"
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\n"

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(head + b"Content-Length: %d\r\n\r\n" % len(page) + page)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    server.close()


async def test_a_login_page_is_told_as_that(tmp_path: Path, login_page: str) -> None:
    endpoint = registry.endpoint_for("cn", login_page)
    found = await examine(tmp_path, endpoint, "ms-good-token-0000")
    assert found.check(REACHED).state is FAILED
    assert found.check(REACHED).note == "a web page answered"
