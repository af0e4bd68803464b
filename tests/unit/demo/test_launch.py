"""Starting and ending a box as a process of its own."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import psutil
import pytest

from studio.demo.launch import DemoFailed, command, spawn, start_demo
from studio.demo.options import BoxOptions, parse
from studio.demo.server import listening
from tests.unit.demo.client import CHAT, Client

HEAVY = ("starlette", "uvicorn", "PIL", "anyio", "httpx", "argparse")


def test_launching_loads_nothing_heavy() -> None:
    code = "import sys, studio.demo, studio.demo.launch; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()
    assert [name for name in HEAVY if name in loaded] == []


def test_box_says_where_it_listens_and_ends_when_stopped() -> None:
    process = spawn(BoxOptions(port=0))
    assert process.base_url == f"http://127.0.0.1:{process.port}/v1"
    assert process.hub_url == f"http://127.0.0.1:{process.port}"
    assert httpx.get(f"{process.base_url}/models", trust_env=False).status_code == 200
    process.stop()
    assert not process.is_running
    process.stop()


async def test_box_starts_from_an_event_loop() -> None:
    with await start_demo() as process:
        assert process.is_running


def test_box_ends_with_the_program_that_started_it() -> None:
    code = (
        "from studio.demo.launch import spawn\n"
        "box = spawn()\n"
        "print(box.pid, flush=True)\n"
        "import signal; signal.pause()\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
    assert parent.stdout is not None
    box = psutil.Process(int(parent.stdout.readline()))
    parent.kill()
    parent.wait(10)
    parent.stdout.close()
    psutil.wait_procs([box], timeout=10)
    assert not box.is_running()


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGTERM there")
def test_box_ends_on_sigterm_even_with_a_stalled_stream() -> None:
    process = subprocess.Popen(
        [*command(), "--port=0"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    assert process.stdout is not None
    port = json.loads(process.stdout.readline())["port"]
    with socket.create_connection(("127.0.0.1", port)) as client:
        messages = [{"role": "user", "content": "hi"}]
        body = json.dumps({"model": CHAT, "stream": True, "messages": messages}).encode()
        head = (
            "POST /v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer x\r\n"
            f"X-Studio-Scenario: stall\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        client.sendall(head.encode() + body)
        assert client.recv(12) == b"HTTP/1.1 200"
        os.kill(process.pid, signal.SIGTERM)
        assert process.wait(10) in (0, -signal.SIGTERM)
    process.stdout.close()


def test_a_port_that_is_taken_is_said_in_a_sentence() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as taken,
        pytest.raises(DemoFailed, match="port cannot be opened"),
    ):
        spawn(BoxOptions(port=taken.getsockname()[1]))


def test_a_scenario_can_be_there_from_the_start() -> None:
    with spawn(BoxOptions(scenario="503")) as process:
        assert Client(process).chat("hello").status_code == 503
    with pytest.raises(DemoFailed, match="no scenario called no_such"):
        spawn(BoxOptions(scenario="no_such"))


def test_a_state_file_that_cannot_be_read_is_said_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(DemoFailed, match="state file cannot be read"):
        spawn(BoxOptions(state=tmp_path))


def test_a_wrong_option_ends_with_two() -> None:
    ended = subprocess.run([*command(), "--colour=red"], capture_output=True, check=False)
    assert ended.returncode == 2


def test_options_survive_the_command_line(tmp_path: Path) -> None:
    options = BoxOptions(
        port=8123,
        files_port=0,
        tokens_per_second=12.5,
        tokens=7,
        seed=3,
        language="zh_CN",
        accepted_tokens=("ms-a", "ms-b"),
        task_seconds=0.5,
        first_token_seconds=0.0,
        scenario="stall:2",
        state=tmp_path / "tasks.jsonl",
        record=True,
        exit_with_parent=True,
    )
    assert parse(options.arguments()) == options


def test_a_frozen_program_serves_the_box_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    assert command() == [sys.executable, "--serve-demo"]


def test_only_the_accepted_tokens_work_when_some_are_named() -> None:
    with spawn(BoxOptions(accepted_tokens=("ms-right-wrong",))) as process:
        url = f"{process.hub_url}/openapi/v1/magicubes/balance"
        with httpx.Client(trust_env=False) as http:
            good = http.get(url, headers={"authorization": "Bearer ms-right-wrong"})
            bad = http.get(url, headers={"authorization": "Bearer ms-other"})
    assert (good.status_code, bad.status_code) == (200, 401)


def test_answers_are_not_held_back_by_the_kernel() -> None:
    with listening(0) as opened:
        # asyncio switches Nagle's algorithm off for sockets that say they are TCP, no others.
        assert opened.proto == socket.IPPROTO_TCP
