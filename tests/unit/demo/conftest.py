"""One running box for all tests here, wiped before each; every test has an account of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from studio.demo.launch import DemoProcess, spawn
from studio.demo.options import BoxOptions
from tests.unit.demo.client import Client


@pytest.fixture(scope="session")
def running_box() -> Iterator[DemoProcess]:
    options = BoxOptions(tokens_per_second=0, task_seconds=0, record=True, files_port=0)
    with spawn(options) as process:
        yield process


@pytest.fixture
def box(running_box: DemoProcess) -> Client:
    client = Client(running_box)
    with client.http() as http:
        http.delete("/_box/scenario")
        http.delete("/_box/requests")
        http.post(
            "/_box/settings", json={"tokens_per_second": 0, "tokens": None, "task_seconds": 0}
        )
    return client
