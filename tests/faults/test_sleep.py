"""A computer that goes to sleep in the middle of an answer, and a wire that only shows life."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import time
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from tests.contract.asking import Asker
from tests.contract.wire import CLOSE, Pause, Until, WireServer, chunked, whole
from tests.faults.test_network import Certificate, right  # noqa: F401 - a fixture
from tests.scripted import until

ROOT = Path(__file__).resolve().parents[2]
CHILD = """
import asyncio, json, sys
from contextlib import aclosing
from studio.core.errors import StudioError
from studio.core.stream import TextDelta
from tests.contract.asking import Asker, question

async def main(place, address):
    asker = Asker.every()[place]
    async with asker.provider(address) as provider:
        for _ in range(2):
            text, kind = "", ""
            try:
                async with aclosing(provider.stream(question())) as events:
                    async for event in events:
                        if isinstance(event, TextDelta):
                            text += event.text
                            print("heard", flush=True)
            except StudioError as error:
                kind = error.kind.value
            print(json.dumps([text, kind]), flush=True)

asyncio.run(main(int(sys.argv[1]), sys.argv[2]))
"""


@pytest.mark.skipif(not hasattr(signal, "SIGSTOP"), reason="no such signal here")
@pytest.mark.parametrize("place", [0, 1], ids=["openai", "anthropic"])
async def test_a_sleep_in_mid_answer_keeps_what_came_and_the_next_one_works(place: int) -> None:
    dialect = Asker.every()[place].dialect
    asleep = asyncio.Event()
    half = chunked([dialect.text("half"), Until(asleep)], finished=False, ending=CLOSE)
    async with WireServer(half, chunked(dialect.stream("fresh"))) as server:
        child = await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", CHILD, str(place), server.address),
            stdout=asyncio.subprocess.PIPE,
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        assert child.stdout is not None
        assert await child.stdout.readline() == b"heard\n"
        os.kill(child.pid, signal.SIGSTOP)
        process = psutil.Process(child.pid)
        await until(lambda: process.status() == psutil.STATUS_STOPPED)
        asleep.set()  # while it sleeps, the server gives up on it
        before = server.connections
        await server.quiet()
        os.kill(child.pid, signal.SIGCONT)
        assert json.loads(await child.stdout.readline()) == ["half", "cut_short"]
        assert await child.stdout.readline() == b"heard\n"
        assert json.loads(await child.stdout.readline()) == ["fresh", ""]
        assert await child.wait() == 0
        assert (len(server.seen), before, server.connections) == (2, 1, 2)


async def test_a_wire_that_only_shows_life_costs_nothing(one_a_protocol: Asker) -> None:
    one_a_protocol.network = replace(one_a_protocol.network, idle_seconds=0.4)
    life: list[bytes | Pause] = [b": still here\n\n", Pause(0.01)] * 400
    async with WireServer(chunked(life, finished=False, ending=CLOSE)) as server:
        began, cpu = time.monotonic(), time.thread_time()
        outcome = await one_a_protocol.ask(server.address)
        spent, passed = time.thread_time() - cpu, time.monotonic() - began
        assert (outcome.kind, len(server.seen)) == ("idle", 1)
        # The server's own work in the same thread is in it.
        assert spent < passed / 2


async def test_a_redirect_from_tls_to_plain_http_is_refused(
    one_a_protocol: Asker,
    right: Certificate,  # noqa: F811 - the fixture
) -> None:
    one_a_protocol.network = replace(one_a_protocol.network, certificate_file=str(right.file))
    async with WireServer(whole({})) as plain:
        play = whole("", "308 Permanent Redirect", location=f"{plain.address}/v1/elsewhere")
        async with WireServer(play, ssl=right.context) as server:
            outcome = await one_a_protocol.ask(server.address)
            assert (outcome.kind, len(server.seen)) == ("redirected", 1)
        # The same host and port, only without TLS, is another origin too.
        async with WireServer(play, ssl=right.context) as server:
            server.plays = [whole("", "307 T", location=f"http://127.0.0.1:{server.port}/x")]
            assert (await one_a_protocol.ask(server.address)).kind == "redirected"
            assert len(server.seen) == 1
        assert plain.connections == 0
