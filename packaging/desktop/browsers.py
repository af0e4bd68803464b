"""Real web browsers on a desktop, each with a new profile, in English and with loopback only."""

from __future__ import annotations

import json
import shutil
import subprocess
from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from desktop.waiting import wait_until

if TYPE_CHECKING:
    from desktop.desktop import Desktop

PATIENCE = 60.0  # the first window of a new profile

# A page at once: no questions, nothing that is fetched by itself, and for other hosts than this
# computer a proxy that is not there.
_PREFERENCES: dict[str, bool | int | str] = {
    "app.normandy.enabled": False,
    "app.update.enabled": False,
    "browser.aboutwelcome.enabled": False,
    "browser.preonboarding.enabled": False,
    "browser.safebrowsing.malware.enabled": False,
    "browser.safebrowsing.phishing.enabled": False,
    "browser.shell.checkDefaultBrowser": False,
    "browser.startup.homepage_override.mstone": "ignore",
    "browser.topsites.contile.enabled": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "extensions.update.enabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "network.proxy.type": 1,
    "network.proxy.http": "127.0.0.1",
    "network.proxy.http_port": 9,
    "network.proxy.ssl": "127.0.0.1",
    "network.proxy.ssl_port": 9,
    "termsofuse.bypassNotification": True,
    "toolkit.telemetry.enabled": False,
}


def place_window(
    desktop: Desktop,
    title: str,
    box: tuple[int, int, int, int],
    said: Callable[[], str] = str,
) -> None:
    """Bring a window of any program to the front and to `box`, once it is there."""

    def shown() -> bool:
        return title.encode() in desktop.started.attempt("wmctrl", "-l").stdout

    wait_until(shown, f"a window {title!r}", PATIENCE, said)
    for way in ("vert", "horz"):
        desktop.started.run("wmctrl", "-r", title, "-b", f"remove,maximized_{way}")
    desktop.started.run("wmctrl", "-r", title, "-e", ",".join(map(str, (0, *box))))
    desktop.started.run("wmctrl", "-a", title)


class Browser(ABC):
    """One browser with a profile of its own on `desktop`; the first page starts it."""

    program: str  # also the name of Debian's package
    copy_image_key = "y"  # in the menu of a picture, in English

    def __init__(self, desktop: Desktop) -> None:
        self._desktop = desktop
        self._profile = desktop.folder / self.program
        self._process: subprocess.Popen[bytes] | None = None

    @classmethod
    def missing(cls) -> bool:
        """Whether it is not installed."""
        return shutil.which(cls.program) is None

    @property
    def said(self) -> str:
        """The end of what it wrote to its terminal."""
        return self._desktop.started.said(self.program)

    def open(self, address: str) -> None:
        """Begin to show a page in a window of its own."""
        self._profile.mkdir(exist_ok=True)
        command = self._command(address, first=self._process is None)
        process = self._desktop.started.start(command, name=self.program)
        self._process = self._process or process

    def place(self, title: str, box: tuple[int, int, int, int]) -> None:
        """Bring the window of a page to the front and to `box`, once it is there."""
        place_window(self._desktop, title, box, lambda: self.said)

    def end(self) -> None:
        """End it and all of its windows."""
        if self._process is not None:
            self._desktop.started.end(self._process)

    @abstractmethod
    def _command(self, address: str, *, first: bool) -> list[str]: ...

    def _file(self, name: str) -> Path:
        return self._profile / name


class Firefox(Browser):
    """Mozilla's."""

    program = "firefox-esr"

    def _command(self, address: str, *, first: bool) -> list[str]:
        lines = [f"user_pref({json.dumps(k)}, {json.dumps(v)});" for k, v in _PREFERENCES.items()]
        self._file("user.js").write_text("\n".join(lines), encoding="utf-8")
        options = ["--new-instance"] if first else []
        return [self.program, "--profile", str(self._profile), *options, "--new-window", address]


class Chromium(Browser):
    """The one that Chrome, Edge and many others are made of."""

    program = "chromium"

    def _command(self, address: str, *, first: bool) -> list[str]:
        return [
            self.program,
            f"--user-data-dir={self._profile}",
            "--no-first-run",
            "--no-default-browser-check",
            "--no-sandbox",  # as root, and in containers, there is none
            "--test-type",  # no bar that complains of the last one
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-dev-shm-usage",
            "--disable-gpu",
            "--disable-sync",
            "--password-store=basic",
            "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
            f"--app={address}",
        ]


BROWSERS: tuple[type[Browser], ...] = (Firefox, Chromium)
