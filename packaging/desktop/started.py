"""The programs a desktop has started: each can be ended by its id, and all of them are."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

from desktop.waiting import DesktopError, wait_until

MARK = "STUDIO_DESKTOP"  # in the environment of all that a desktop starts, and of their children
GRACE_SECONDS = 2.0


class Started:
    """Starts programs with one environment; `end_all` ends them and what they started themselves.

    Each is the head of a process group, and carries a mark in its environment: a daemon that
    left its group is found by that, and nothing else is ever touched.
    """

    def __init__(self, environment: dict[str, str], folder: Path) -> None:
        self.environment = environment
        self._mark = f"{folder}"
        environment[MARK] = self._mark
        self._logs = folder / "said"
        self._logs.mkdir(mode=0o700)
        self._all: list[subprocess.Popen[bytes]] = []

    def start(
        self,
        command: Sequence[str],
        *,
        more: Mapping[str, str] | None = None,
        stdin: int | IO[bytes] = subprocess.DEVNULL,
        stdout: int | IO[bytes] | None = None,
        keep: Sequence[int] = (),
        name: str = "",
    ) -> subprocess.Popen[bytes]:
        """Start `command`; what it says goes to a file that `said` reads."""
        # Ends with its starter, should that be killed before it can end anything itself.
        bound = ["setpriv", "--pdeathsig", "KILL", "--"] if shutil.which("setpriv") else []
        with self._log(name or Path(command[0]).name).open("ab") as log:
            process = subprocess.Popen(
                [*bound, *command],
                env={**self.environment, **(more or {})},
                cwd=self.environment["HOME"],
                stdin=stdin,
                stdout=log if stdout is None else stdout,
                stderr=log,
                start_new_session=True,
                pass_fds=tuple(keep),
            )
        self._all.append(process)
        return process

    def said(self, name: str, last: int = 2000) -> str:
        """The end of what a program has written."""
        path = self._log(name)
        text = path.read_text("utf-8", "replace") if path.exists() else ""
        # No half line at the beginning: it could not be told what it is.
        return text if len(text) <= last else text[-last:].partition("\n")[2]

    def run(self, *command: str, within: float = 10.0, stdin: bytes = b"") -> str:
        """Run a short command to its end and return what it printed; raises `DesktopError`."""
        done = self.attempt(*command, within=within, stdin=stdin)
        if done.returncode != 0:
            said = done.stderr.decode("utf-8", "replace").strip()
            raise DesktopError(f"{command[0]} failed with {done.returncode}: {said}")
        return done.stdout.decode("utf-8", "replace")

    def attempt(
        self, *command: str, within: float = 10.0, stdin: bytes = b""
    ) -> subprocess.CompletedProcess[bytes]:
        """Run a short command that may fail."""
        try:
            return subprocess.run(
                command,
                env=self.environment,
                cwd=self.environment["HOME"],
                input=stdin,
                capture_output=True,
                timeout=within,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise DesktopError(f"{command[0]} did not end within {within:g} s") from error
        except OSError as error:
            raise DesktopError(f"{command[0]} cannot be started: {error}") from error

    def end(self, process: subprocess.Popen[bytes], grace: float = GRACE_SECONDS) -> None:
        """End one program and its group, politely first."""
        if process.poll() is None:
            _signal_group(process.pid, signal.SIGTERM)
            try:
                process.wait(grace)
            except subprocess.TimeoutExpired:
                _signal_group(process.pid, signal.SIGKILL)
                process.wait(grace)
        _signal_group(process.pid, signal.SIGKILL)
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with contextlib.suppress(BrokenPipeError):
                    pipe.close()
        if process in self._all:
            self._all.remove(process)

    def end_all(self) -> None:
        """End everything, the newest first; returns when nothing of it is left."""
        for process in reversed(list(self._all)):
            self.end(process)
        until = time.monotonic() + GRACE_SECONDS
        while left := self.left():
            for pid in left:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            if time.monotonic() > until:
                raise DesktopError(f"could not be ended: {left}")
            time.sleep(0.02)

    def left(self) -> list[int]:
        """The ids of all living processes that carry this desktop's mark."""
        wanted = f"{MARK}={self._mark}".encode()
        found: list[int] = []
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                variables = (folder / "environ").read_bytes().split(b"\0")
            except OSError:
                continue  # gone meanwhile, or somebody else's
            if wanted in variables and int(folder.name) != os.getpid():
                found.append(int(folder.name))
        return found

    def wait_socket(self, path: Path, what: str) -> None:
        """Return once a daemon has opened its socket."""
        wait_until(path.exists, f"the socket of {what}", instead=lambda: self.said(what))

    def on_bus(self, name: str) -> bool:
        """Whether somebody has this name on the session's bus."""
        bus, method = "org.freedesktop.DBus", "org.freedesktop.DBus.NameHasOwner"
        asking = ("dbus-send", "--session", "--print-reply", f"--dest={bus}", "/")
        return b"boolean true" in self.attempt(*asking, method, f"string:{name}").stdout

    def _log(self, name: str) -> Path:
        return self._logs / f"{name}.txt"


def _signal_group(pid: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, number)
