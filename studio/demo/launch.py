"""Starts a box in its own process and says where it listens; loads nothing heavy."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import tempfile
import threading
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO

from studio.demo.options import BoxOptions

START_SECONDS = 20.0
STOP_SECONDS = 3.0


class DemoFailed(RuntimeError):
    """The box did not come up; the text ends with what it said last."""


@dataclass(slots=True)
class DemoProcess:
    """A running box. `stop` ends it; so does the end of the process that started it."""

    base_url: str
    hub_url: str
    files_url: str
    port: int
    process: subprocess.Popen[bytes]

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def is_running(self) -> bool:
        return self.process.poll() is None

    def stop(self) -> None:
        """End the box and wait for its end; a second call does nothing."""
        if self.process.stdin is not None and not self.process.stdin.closed:
            self.process.stdin.close()
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(STOP_SECONDS)
        if self.process.stdout is not None:
            self.process.stdout.close()

    def __enter__(self) -> DemoProcess:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def command() -> list[str]:
    """The words that start a box: a frozen program carries it inside itself."""
    if getattr(sys, "frozen", False):
        return [sys.executable, "--serve-demo"]
    return [sys.executable, "-m", "studio.demo"]


def spawn(options: BoxOptions | None = None, *, within: float = START_SECONDS) -> DemoProcess:
    """Start a box and return once it listens; raises `DemoFailed` after `within` seconds.

    Blocks for about half a second: on an event loop use `start_demo`.
    """
    wanted = replace(options or BoxOptions(), exit_with_parent=True)
    if wanted.state is not None:
        # The box runs in another folder than its caller.
        wanted = replace(wanted, state=wanted.state.resolve())
    complaints = tempfile.TemporaryFile()  # noqa: SIM115 - the child keeps writing to it
    # -m needs the package to be found wherever the caller stands.
    root = None if getattr(sys, "frozen", False) else Path(__file__).resolve().parents[2]
    process = subprocess.Popen(
        [*command(), *wanted.arguments()],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=complaints,
        cwd=root,
        # A console program started from a windowed one would open a black window.
        creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
    )
    line = _first_line(process, within)
    try:
        said = json.loads(line)
        return DemoProcess(
            said["base_url"], said["hub_url"], said["files_url"], said["port"], process
        )
    except (ValueError, KeyError, TypeError) as error:
        process.kill()
        process.wait(STOP_SECONDS)
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()
        raise DemoFailed(f"The service in a box did not start. {_tail(complaints)}") from error
    finally:
        complaints.close()


async def start_demo(
    options: BoxOptions | None = None, *, within: float = START_SECONDS
) -> DemoProcess:
    """`spawn` for an event loop: waits in a thread."""
    return await asyncio.to_thread(spawn, options, within=within)


def _first_line(process: subprocess.Popen[bytes], within: float) -> bytes:
    # A thread and not select(): pipes cannot be selected on Windows.
    lines: list[bytes] = []

    def read() -> None:
        if process.stdout is not None:
            lines.append(process.stdout.readline())

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    reader.join(within)
    if not lines:
        process.kill()  # ends the read as well
        reader.join(STOP_SECONDS)
        return b""
    return lines[0]


def _tail(complaints: IO[bytes]) -> str:
    complaints.seek(0)
    return complaints.read().decode("utf-8", "replace")[-600:].strip()
