"""The virtual environment in `.venv`: made when missing, mended when stale, never half-made."""

from __future__ import annotations

import compileall
import contextlib
import hashlib
import json
import os
import platform
import shutil
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

LOCKS = {"run": "requirements.lock", "dev": "requirements-dev.lock"}
# An environment with the developer's tools can also do everything the smaller one can.
COVERS = {"run": ("run",), "dev": ("run", "dev")}


class SetupError(Exception):
    """Set-up cannot go on; the text is the one sentence for the person at the terminal."""


def say(text: str) -> None:
    """Tell the person at the terminal; stdout stays free for what the program itself prints."""
    print(text, file=sys.stderr, flush=True)


def base_python() -> str:
    """The Python that runs this: itself, and not a virtual environment of it or a link to it."""
    return str(Path(getattr(sys, "_base_executable", "") or sys.executable).resolve())


@dataclass(frozen=True)
class Environment:
    """The `.venv` of the checkout at `root`."""

    root: Path
    asked: str = ""  # the Python that `--python` names; "" without it

    @property
    def folder(self) -> Path:
        return self.root / ".venv"

    @property
    def python(self) -> Path:
        return self._scripts / ("python.exe" if os.name == "nt" else "python")

    @property
    def stamp(self) -> Path:
        return self.folder / "moda-studio-stamp.json"

    @property
    def _scripts(self) -> Path:
        return self.folder / ("Scripts" if os.name == "nt" else "bin")

    def tool(self, name: str) -> Path:
        """The program `name` that a package installed here."""
        return self._scripts / (name + ".exe" if os.name == "nt" else name)

    def lock(self, wanted: str) -> Path:
        return self.root / "packaging" / LOCKS[wanted]

    def fingerprint(self, wanted: str) -> str:
        """Changes whenever the environment has to be made anew: lock, project, Python, place."""
        digest = hashlib.sha256()
        for part in (
            self.lock(wanted).read_bytes(),
            self._installed_part().encode(),
            str(self.root).encode(),
            self.interpreter().encode(),
        ):
            digest.update(hashlib.sha256(part).digest())
        return digest.hexdigest()

    def _installed_part(self) -> str:
        """What of pyproject.toml an installation depends on: not the settings of the linters."""
        with (self.root / "pyproject.toml").open("rb") as file:
            project = tomllib.load(file)
        parts = [project.get("build-system"), project.get("project")]
        return json.dumps([*parts, project.get("tool", {}).get("hatch")], sort_keys=True)

    @staticmethod
    def interpreter() -> str:
        """Which Python this is, as far as compiled packages care."""
        return (
            f"{platform.python_implementation()} {platform.python_version()} {platform.machine()}"
        )

    def is_fresh(self, wanted: str) -> bool:
        """Whether the last set-up ended well and still fits; `wanted` is "run" or "dev"."""
        return self.python.exists() and self._read_stamp().get(wanted) == self.fingerprint(wanted)

    def ensure(self, wanted: str) -> None:
        """Make the environment fit for `wanted`; does nothing but read three files when it is."""
        if not self.is_fresh(wanted):
            stamp = self._read_stamp()
            # The developer's tools that are here already follow the lock as well.
            wanted = "dev" if "dev" in stamp else wanted
            whole = self.is_of_this_python()
            # Taken away first, written last: what lies between is redone from the beginning.
            self.stamp.unlink(missing_ok=True)
            if not whole:
                self._create(stamp.get("python", ""))
            self._install(wanted)
            self.write_stamp(wanted, self.asked or stamp.get("asked", ""))
        self._compile_sources()

    def write_stamp(self, wanted: str, asked: str = "") -> None:
        """Say that the environment holds `wanted` as locked now, and which Python made it."""
        stamp = {each: self.fingerprint(each) for each in COVERS[wanted]}
        stamp["python"] = self._place()
        stamp |= {"base": base_python(), "version": platform.python_version(), "asked": asked}
        draft = self.stamp.with_suffix(".new")
        draft.write_text(json.dumps(stamp, indent=2) + "\n", encoding="utf-8")
        draft.replace(self.stamp)

    def made_by(self) -> dict[str, str]:
        """`base`, `version` and, where it was named, `asked`: the Python of the environment here.

        Nothing where there is none, or one from before these were noted.
        """
        known = {name: self._read_stamp().get(name) for name in ("base", "version", "asked")}
        return {name: value for name, value in known.items() if value and isinstance(value, str)}

    def is_of_this_python(self) -> bool:
        """Whether there is an environment, and the Python that runs this made it."""
        return self.python.exists() and self._read_stamp().get("python") == self._place()

    def _place(self) -> str:
        return f"{self.interpreter()} in {self.root}"

    def _read_stamp(self) -> dict[str, str]:
        try:
            stamp = json.loads(self.stamp.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return stamp if isinstance(stamp, dict) else {}

    def _create(self, before: str) -> None:
        now = platform.python_version()
        # "CPython 3.11.7 x86_64 in …"
        old = before.split(" ")[1] if before.count(" ") > 1 else now
        why = f", as it is for {old}" if old != now else ""
        say(f"Making .venv for Python {now}{why} ...")
        if self.folder.is_dir():
            shutil.rmtree(self.folder, ignore_errors=True)
        made = subprocess.run(
            [base_python(), "-I", "-m", "venv", "--clear", str(self.folder)],
            # Whatever the shell says of homes, modules and warnings is another Python's.
            env={k: v for k, v in os.environ.items() if not k.startswith("PYTHON")},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        if made.returncode != 0:
            raise SetupError(
                "Python could not make a virtual environment (on Debian and Ubuntu: "
                "apt-get install python3-venv); it said:\n" + _last_lines(made.stdout)
            )

    def _install(self, wanted: str) -> None:
        lock = self.lock(wanted)
        say(f"Installing what packaging/{lock.name} names (a few minutes on a slow line) ...")
        from pip_settings import variables_for

        pip = partial(self._pip, variables_for(self.python, os.environ))
        pip("--require-hashes", "--no-deps", "--only-binary", ":all:", "-r", str(lock))
        pip("--no-deps", "--no-build-isolation", "--editable", str(self.root))

    def _pip(self, variables: dict[str, str], *arguments: str) -> None:
        command = [
            *(str(self.python), "-m", "pip", "install"),
            # Start-up doubles without compiled modules, so they are made whatever the shell says.
            *("--compile", "--retries", "10", "--progress-bar", "off"),
            *("--disable-pip-version-check", "--no-input"),
            *arguments,
        ]
        with subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            env=variables,
        ) as pip:
            assert pip.stdout is not None
            lines = _follow(pip.stdout)
        if pip.returncode != 0:
            raise SetupError("pip could not install the packages; it said:\n" + _last_lines(lines))

    def _compile_sources(self) -> None:
        """Compile the project's own modules, which no installer does for an editable install."""
        compileall.compile_dir(str(self.root / "studio"), quiet=2)


def _follow(output: Iterable[str]) -> str:
    """Show one moving line of progress on a terminal, a few plain ones elsewhere; return all."""
    live = sys.stderr.isatty()
    width = max(20, shutil.get_terminal_size().columns - 1)
    lines: list[str] = []
    seen = 0
    for line in output:
        lines.append(line)
        word, _, rest = line.strip().partition(" ")
        if word in ("Collecting", "Obtaining"):
            seen += 1
            current = f"  {seen:3}  {rest.split(' (from')[0]}"
        elif word in ("Downloading", "Using"):
            current = f"  {seen:3}  {rest.removeprefix('cached ')}"
        elif line.startswith("Installing collected"):
            current = f"  {seen:3}  packages are here, unpacking them ..."
        else:
            continue
        if live:
            sys.stderr.write("\r" + current[:width].ljust(width))
            sys.stderr.flush()
        elif "MB)" in current or "unpacking" in current:
            say(current)
    if live and seen:
        sys.stderr.write("\r" + " " * width + "\r")
    return "".join(lines)


def _last_lines(text: str, count: int = 15) -> str:
    lines = [line for line in text.splitlines() if line.strip() and "WARNING: Location" not in line]
    return "\n".join("  " + line for line in lines[-count:])


@contextlib.contextmanager
def only_one(path: Path, on_wait: Callable[[], None]) -> Iterator[None]:
    """Hold the file lock at `path`, so that two set-ups at once take turns.

    The system lets go of it when the process ends, however it ends.
    """
    with path.open("a+b") as file:
        if not _try_lock(file.fileno()):
            on_wait()
            _wait_lock(file.fileno())
        yield


if sys.platform == "win32":
    import msvcrt
    import time

    def _try_lock(descriptor: int) -> bool:
        os.lseek(descriptor, 0, os.SEEK_SET)
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

    def _wait_lock(descriptor: int) -> None:
        while not _try_lock(descriptor):
            time.sleep(0.5)
else:
    import fcntl

    def _try_lock(descriptor: int) -> bool:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _wait_lock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
