"""The real program from outside: what it shows, where one clicks, how it ended."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from desktop.control import Control, Glance
from desktop.waiting import DesktopError, NotSeenError, Seen, wait_until

if TYPE_CHECKING:
    from desktop.desktop import Desktop


class Program:
    """One running program on a desktop; all waiting ends in `NotSeenError` at the latest."""

    def __init__(
        self,
        desktop: Desktop,
        process: subprocess.Popen[bytes],
        name: str,
        patience: float,
        scale: float = 1,
    ) -> None:
        self._desktop, self._process, self._name = desktop, process, name
        self._scale = scale
        self.patience = patience

    # What it shows.

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    @property
    def said(self) -> str:
        """The end of what it wrote to its terminal."""
        return self._desktop.started.said(self._name)

    def look(self) -> Glance:
        """What it shows now; nothing before its window is there."""
        return Glance(self._desktop.look(self.pid, self._scale))

    def find(
        self, role: str = "", name: str = "", *, part: str = "", within: float | None = None
    ) -> Control:
        """The first control with this role, this name, and `part` among its words; waits for it."""
        glances: list[Glance] = []

        def seen() -> Control | None:
            self._must_run()
            glances[:] = [self.look()]
            found = glances[0].find(role, name, part=part)
            return found[0] if found else None

        what = f"{role or 'a control'} {name or part!r}"
        return self._wait(seen, what, within, lambda: str(glances[0]))

    def wait_words(self, part: str, *, within: float | None = None) -> Glance:
        """What it shows once the words `part` are on the screen."""
        return self.wait(lambda glance: part in glance.words, f"the words {part!r}", within)

    def wait_gone(
        self, role: str = "", name: str = "", *, part: str = "", within: float | None = None
    ) -> None:
        """Return once there is no such control."""
        self.wait(
            lambda glance: bool(glance.controls) and not glance.find(role, name, part=part),
            f"{role} {name or part!r} gone",
            within,
        )

    def wait(self, so: Callable[[Glance], bool], what: str, within: float | None = None) -> Glance:
        """What it shows once that is `so`."""
        glances: list[Glance] = []

        def seen() -> Glance | None:
            self._must_run()
            glances[:] = [self.look()]
            return glances[0] if so(glances[0]) else None

        return self._wait(seen, what, within, lambda: str(glances[0]))

    def settled(self, role: str = "", name: str = "", *, part: str = "") -> Control:
        """The control once it can be used and no longer moves."""
        last: list[Control] = []

        def seen() -> Control | None:
            control = self.find(role, name, part=part)
            still = bool(last) and last[0].box == control.box and control.enabled
            last[:] = [control]
            return control if still else None

        what = f"{role} {name or part!r} ready to be used"
        return self._wait(seen, what, None, lambda: str(self.look()))

    # What one does with it.

    def click(self, role: str = "", name: str = "", *, part: str = "") -> Control:
        """Click at the middle of a control, once it is there and can be used."""
        control = self.settled(role, name, part=part)
        self._desktop.hands.click(*control.centre)
        return control

    def focus(self, name: str) -> None:
        """Click into a field and wait until it has the keyboard."""
        self.click("text", name)

        def focused(glance: Glance) -> bool:
            return any("focused" in each.states for each in glance.find("text", name))

        self.wait(focused, f"{name!r} to have the keyboard")

    def write(self, name: str, words: str, *, masked: bool = False) -> None:
        """Type words into a field in place of what is there, and wait until they are."""
        self.focus(name)
        self._desktop.hands.keys("ctrl+a", "Delete")
        self._desktop.hands.type(words)
        self._wait_text(name, words, masked)

    def paste(self, name: str, words: str, *, masked: bool = False) -> None:
        """Paste words into a field in place of what is there, and wait until they are."""
        self._desktop.hands.copy(words.encode())
        self.focus(name)
        self._desktop.hands.keys("ctrl+a", "ctrl+v")
        self._wait_text(name, words, masked)

    def _wait_text(self, name: str, words: str, masked: bool) -> None:
        def there(glance: Glance) -> bool:
            texts = [each.text for each in glance.find("text", name)]
            if masked:
                return any(len(text) == len(words) and text != words for text in texts)
            return words in texts

        self.wait(there, f"{len(words)} characters in {name!r}" if masked else f"{words!r} there")

    def keys(self, *chords: str) -> None:
        """Press chords while its window has the keyboard."""
        self._desktop.hands.keys(*chords)

    def type(self, words: str) -> None:
        """Type words to whatever has the keyboard."""
        self._desktop.hands.type(words)

    # Its window.

    def window(self) -> str:
        """The X id of its window."""
        return wait_until(self._window, "a window", self.patience, lambda: self.said)

    def _window(self) -> str | None:
        self._must_run()
        asked = self._desktop.started.attempt(
            "xdotool", "search", "--onlyvisible", "--pid", str(self.pid)
        )
        ids = asked.stdout.decode().split()
        return ids[-1] if ids else None

    def wait_front(self, within: float | None = None) -> None:
        """Return once its window is the active one."""
        active = ("xdotool", "getactivewindow", "getwindowpid")

        def front() -> bool:
            return self._desktop.started.attempt(*active).stdout.strip() == str(self.pid).encode()

        wait_until(front, "its window in front", within or self.patience)

    def close(self) -> None:
        """Close the window as its close button does; the program may take its time."""
        self._desktop.started.run("wmctrl", "-i", "-c", self.window())

    def wait_end(self, within: float = 10.0) -> int:
        """The exit code, once it has ended."""
        try:
            return self._process.wait(within)
        except subprocess.TimeoutExpired as error:
            raise NotSeenError(f"not within {within:g} s: the end of the program") from error

    def kill(self) -> None:
        """End it as a crash does: at once, with no chance to store anything."""
        os.kill(self.pid, signal.SIGKILL)
        self._process.wait(5)

    def end(self) -> None:
        """End it somehow, if it still runs."""
        if self._process.poll() is None:
            with contextlib.suppress(DesktopError):
                self.close()
                self.wait_end(4)
        self._desktop.started.end(self._process)

    @property
    def running(self) -> bool:
        """Whether it runs."""
        return self._process.poll() is None

    def picture(self, path: Path) -> Path:
        """Write a picture of its window."""
        self._desktop.started.run("import", "-silent", "-window", self.window(), str(path))
        return path

    def screen(self, path: Path) -> Path:
        """Write a picture of the whole screen, with what lies over its window."""
        return self._desktop.picture(path)

    def _must_run(self) -> None:
        code = self._process.poll()
        if code is not None:
            raise DesktopError(f"the program has ended with {code}; it said:\n{self.said}")

    def _wait(
        self,
        look: Callable[[], Seen | None],
        what: str,
        within: float | None,
        instead: Callable[[], str],
    ) -> Seen:
        patience = self.patience if within is None else within
        return wait_until(look, what, patience, lambda: f"It showed:\n{instead()}\n{self.said}")
