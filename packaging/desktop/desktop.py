"""A private desktop: virtual screen, window manager, D-Bus, keyring, accessibility, one home."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from enum import Enum
from pathlib import Path
from types import TracebackType

from desktop.control import Control
from desktop.hands import Hands
from desktop.program import Program
from desktop.started import Started
from desktop.waiting import DesktopError, wait_until

TOOLS = {
    "Xvfb": "xvfb",
    "openbox": "openbox",
    "dbus-daemon": "dbus",
    "gnome-keyring-daemon": "gnome-keyring",
    "secret-tool": "libsecret-tools",
    "xdotool": "xdotool",
    "xclip": "xclip",
    "wmctrl": "wmctrl",
    "import": "imagemagick",
}
LAUNCHERS = ("/usr/libexec/at-spi-bus-launcher", "/usr/lib/at-spi2-core/at-spi-bus-launcher")
SYSTEM_PYTHON = "/usr/bin/python3"  # the one that the system's accessibility packages are made for
ROOT = Path(__file__).resolve().parents[2]
PASSWORD = b"a password\n"
PATIENCE = 15.0

# No service files: nothing starts by being asked for, so that what runs here is what was chosen.
_BUS = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path={socket}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"""


class Keyring(Enum):
    """What kind of keyring the desktop offers."""

    UNLOCKED = "unlocked"
    LOCKED = "locked"  # there is one, and nobody opens it
    NONE = "none"


def missing_tools() -> list[str]:
    """The packages, by Debian's names, that a desktop needs and that are not here."""
    lacking = [package for tool, package in TOOLS.items() if shutil.which(tool) is None]
    if not any(Path(each).exists() for each in LAUNCHERS):
        lacking.append("at-spi2-core")
    asked = (
        subprocess.run(
            [SYSTEM_PYTHON, "-c", "from gi.repository import Gio"],
            capture_output=True,
            check=False,
        )
        if Path(SYSTEM_PYTHON).exists()
        else None
    )
    if asked is None or asked.returncode != 0:
        lacking.append("python3-pyatspi")
    return lacking


class Desktop:
    """A context: all is there inside, all has ended after it.

    `size` is the screen in pixels; `language` is the system's, as in LANG.
    """

    def __init__(
        self,
        *,
        size: tuple[int, int] = (1600, 1000),
        keyring: Keyring = Keyring.UNLOCKED,
        language: str = "en_US",
        patience: float = PATIENCE,
    ) -> None:
        self._size, self._keyring = size, keyring
        self._patience = patience
        # Short and not below TMPDIR: the path of a socket has room for 107 bytes.
        parent = "/tmp" if Path("/tmp").is_dir() else None
        self.folder = Path(tempfile.mkdtemp(prefix="desk-", dir=parent))
        self.home = self.folder / "home"
        self.started = Started(self._environment(language), self.folder)
        self.hands = Hands(self.started)
        self._eyes: subprocess.Popen[bytes] | None = None
        self._programs = 0
        self.bus: subprocess.Popen[bytes] | None = None  # the session's, once it is there

    def __enter__(self) -> Desktop:
        try:
            self._start_screen()
            self._start_bus()
            self._start_keyring()
            self._start_eyes()
            self._start_manager()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """End everything and remove the folder."""
        try:
            self.started.end_all()
        finally:
            for path in self.folder.rglob("*"):
                if path.is_dir() and not path.is_symlink():
                    path.chmod(0o700)  # a test may have locked one
            shutil.rmtree(self.folder, ignore_errors=True)

    # Programs.

    def start_program(
        self,
        *arguments: str,
        more: Mapping[str, str] | None = None,
        command: Sequence[str] | None = None,
        scale: float = 1,
    ) -> Program:
        """Start the studio with `arguments` (or another `command`) in a process of its own.

        `more` goes into its environment; at `scale` 2 everything is drawn twice as large.
        """
        self._programs += 1
        name = f"program-{self._programs}"
        words = [*(command or (sys.executable, "-P", "-m", "studio")), *arguments]
        more = {"QT_SCALE_FACTOR": f"{scale:g}", **(more or {})}
        process = self.started.start(words, more=more, name=name)
        return Program(self, process, name, self._patience, scale)

    def start_drag_source(self, path: Path) -> Program:
        """A small window of another process; dragging from it drags the file at `path`."""
        source = Path(__file__).with_name("drag_source.py")
        return self.start_program(str(path), command=[sys.executable, str(source)])

    def look(self, pid: int, scale: float = 1) -> list[Control]:
        """All controls that a process shows to screen readers, parents before children."""
        eyes = self._eyes
        assert eyes is not None and eyes.stdin is not None and eyes.stdout is not None
        # Bounded although reading a pipe is not: ending the eyes ends the read.
        guard = threading.Timer(self._patience, eyes.kill)
        guard.start()
        try:
            eyes.stdin.write(json.dumps({"pid": pid}).encode() + b"\n")
            eyes.stdin.flush()
            line = eyes.stdout.readline()
        except BrokenPipeError:
            line = b""
        finally:
            guard.cancel()
        answer = json.loads(line) if line else {"failed": self.started.said("eyes")}
        if isinstance(answer, dict):
            if "failed" in answer:
                raise DesktopError(f"The eyes do not see: {answer['failed']}")
            return []
        return [Control.of(each, scale) for each in answer]

    def picture(self, path: Path) -> Path:
        """Write a picture of the whole screen."""
        self.started.run("import", "-silent", "-window", "root", str(path))
        return path

    # Its parts.

    def _environment(self, language: str) -> dict[str, str]:
        folders = {
            "HOME": self.home,
            "XDG_CONFIG_HOME": self.home / ".config",
            "XDG_DATA_HOME": self.home / ".local/share",
            "XDG_STATE_HOME": self.home / ".local/state",
            "XDG_CACHE_HOME": self.home / ".cache",
            "XDG_RUNTIME_DIR": self.folder / "run",
            "TMPDIR": self.home / "tmp",
        }
        for folder in folders.values():
            folder.mkdir(mode=0o700, parents=True)
        return {
            # Nothing of the caller's but the way to its programs: no token, proxy or display.
            "PATH": os.environ.get("PATH", os.defpath),
            **{name: str(folder) for name, folder in folders.items()},
            "LANG": f"{language}.UTF-8",
            "LC_CTYPE": "C.UTF-8",
            "GSETTINGS_BACKEND": "keyfile",
            "NO_AT_BRIDGE": "1",  # for the desktop's own programs; Qt looks at the next one only
            "QT_LINUX_ACCESSIBILITY_ALWAYS_ON": "1",
            "QT_QPA_PLATFORM": "xcb",
            "LIBGL_ALWAYS_SOFTWARE": "1",
            "PYTHONFAULTHANDLER": "1",  # a crash says where
            "PYTHONPATH": str(ROOT),  # the studio of this checkout, wherever one is installed
        }

    def _start_screen(self) -> None:
        width, height = self._size
        reading, writing = os.pipe()
        command = ["Xvfb", "-displayfd", str(writing), "-screen", "0", f"{width}x{height}x24"]
        try:
            self.started.start([*command, "-nolisten", "tcp", "-noreset"], keep=[writing])
        finally:
            os.close(writing)
        guard = threading.Timer(self._patience, self.started.end_all)
        guard.start()
        with os.fdopen(reading, "rb") as pipe:
            number = pipe.readline().strip()
        guard.cancel()
        if not number:
            raise DesktopError(f"No virtual screen: {self.started.said('Xvfb')}")
        self.started.environment["DISPLAY"] = f":{number.decode()}"

    def _start_bus(self) -> None:
        socket = self.folder / "run" / "bus"
        config = self.folder / "bus.conf"
        config.write_text(_BUS.format(socket=socket), encoding="utf-8")
        self.bus = self.started.start(["dbus-daemon", f"--config-file={config}", "--nofork"])
        self.started.wait_socket(socket, "dbus-daemon")
        self.started.environment["DBUS_SESSION_BUS_ADDRESS"] = f"unix:path={socket}"

    def _start_keyring(self) -> None:
        if self._keyring is Keyring.NONE:
            return
        self.bring_keyring()
        if self._keyring is Keyring.LOCKED:
            self.store_secret("something", application="another program")
            self.started.end(self._daemon)
            self._run_keyring()

    def bring_keyring(self) -> None:
        """Start an unlocked keyring; one that offers NONE gets it so later than its programs."""
        self._run_keyring("--unlock")

    @contextlib.contextmanager
    def hanging_keyring(self) -> Iterator[None]:
        """The keyring answers nothing meanwhile."""
        self._daemon.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self._daemon.send_signal(signal.SIGCONT)

    def _run_keyring(self, *options: str) -> None:
        name = "gnome-keyring-daemon"
        self._daemon = self.started.start(
            [name, "--foreground", "--components=secrets", *options],
            stdin=subprocess.PIPE if options else subprocess.DEVNULL,
        )
        if self._daemon.stdin is not None:
            self._daemon.stdin.write(PASSWORD)
            self._daemon.stdin.close()

        def there() -> bool:
            return self.started.on_bus("org.freedesktop.secrets")

        wait_until(there, "the keyring", self._patience, lambda: self.started.said(name))

    def _start_eyes(self) -> None:
        launcher = next(each for each in LAUNCHERS if Path(each).exists())
        self.started.start([launcher, "--launch-immediately"])
        eyes = Path(__file__).with_name("eyes.py")
        self._eyes = self.started.start(
            [SYSTEM_PYTHON, str(eyes)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            name="eyes",
        )

        def open_eyed() -> bool:
            try:
                self.look(os.getpid())
            except DesktopError:
                return False
            return True

        wait_until(open_eyed, "the eyes", self._patience, lambda: self.started.said("eyes"))

    def _start_manager(self) -> None:
        self.started.start(["openbox"])

        def managed() -> bool:
            return self.started.attempt("wmctrl", "-m").returncode == 0

        wait_until(
            managed, "a window manager", self._patience, lambda: self.started.said("openbox")
        )

    # The keyring from outside.

    def store_secret(self, secret: str, **attributes: str) -> None:
        """Keep a secret as another program would."""
        words = ["store", "--label=x", *_pairs(attributes)]
        self.started.run("secret-tool", *words, stdin=secret.encode())

    def forget_secret(self, **attributes: str) -> None:
        """Remove a secret; nothing happens when there is none."""
        self.started.attempt("secret-tool", "clear", *_pairs(attributes))

    def secret(self, **attributes: str) -> str | None:
        """A secret of the keyring, asked for by another program than the one that keeps it."""
        asked = self.started.attempt("secret-tool", "lookup", *_pairs(attributes))
        return asked.stdout.decode() if asked.returncode == 0 else None


def _pairs(attributes: Mapping[str, str]) -> list[str]:
    return [word for pair in attributes.items() for word in pair]
