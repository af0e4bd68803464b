"""Mouse, keys and clipboard of a desktop, through the programs a person's devices go through."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from desktop.started import Started
from desktop.waiting import DesktopError, wait_until

KEY_MS = 4
STEP_SECONDS = 0.03  # between two points of a drag: the toolkit needs a moment at each


class Hands:
    """One pointer and one keyboard."""

    def __init__(self, started: Started) -> None:
        self._started = started
        self._holder: subprocess.Popen[bytes] | None = None

    def click(self, x: int, y: int, button: int = 1, times: int = 1) -> None:
        """Move there and click, once or as fast as a double or triple click is."""
        often = ("--repeat", str(times), "--delay", "60") if times > 1 else ()
        self._do("mousemove", str(x), str(y), "click", *often, str(button))

    def move(self, x: int, y: int) -> None:
        """Move the pointer."""
        self._do("mousemove", str(x), str(y))

    def scroll(self, x: int, y: int, clicks: int) -> None:
        """Turn the wheel at a point; negative is up."""
        button = "5" if clicks > 0 else "4"
        self._do("mousemove", str(x), str(y), "click", "--repeat", str(abs(clicks)), button)

    def drag(
        self,
        start: tuple[int, int],
        end: tuple[int, int],
        taken: Callable[[], bool] = lambda: True,
    ) -> None:
        """Press at `start`, move to `end` by way of many points, and let go there once `taken`.

        `taken`: whether what is below the pointer has answered that it takes what is dragged;
        letting go before it has is no drop.
        """
        self._do("mousemove", str(start[0]), str(start[1]), "mousedown", "1")
        try:
            for part in (5, 15, 30):
                self._step(start[0] + part, start[1] + part)
            steps = 12
            for step in range(1, steps + 1):
                self._step(
                    start[0] + (end[0] - start[0]) * step // steps,
                    start[1] + (end[1] - start[1]) * step // steps,
                )

            # The target answers to moves above it; without some, letting go is no drop.
            def answered() -> bool:
                for part in (-6, -3, 3, 0):
                    self._step(end[0] + part, end[1] + part)
                return taken()

            wait_until(answered, "a target that takes what is dragged")
        finally:
            self._do("mouseup", "1")

    def _step(self, x: int, y: int) -> None:
        self.move(x, y)
        time.sleep(STEP_SECONDS)

    def keys(self, *chords: str) -> None:
        """Press chords as xdotool names them: "ctrl+2", "Return"."""
        self._do("key", "--delay", str(KEY_MS), *chords)

    def type(self, words: str, delay_ms: int = KEY_MS) -> None:
        """Type characters of a keyboard; others would get lost on the way and are refused."""
        if not words.isascii():
            raise DesktopError("only ASCII can be typed: paste it, or use an input method")
        self._do("type", "--delay", str(delay_ms), "--", words, within=10 + len(words) * 0.1)

    def copy(self, content: bytes, kind: str = "UTF8_STRING") -> None:
        """Put something on the clipboard; it stays until the next."""
        # The holder stays alive to hand it out: it must not inherit a pipe that someone reads.
        source = Path(self._started.environment["TMPDIR"]) / "clipboard"
        source.write_bytes(content)
        if self._holder is not None:
            self._started.end(self._holder)
        command = ["xclip", "-quiet", "-selection", "clipboard", "-t", kind, "-i", str(source)]
        self._holder = self._started.start(command)
        holder = self._holder

        def offered() -> bool:
            if holder.poll() is not None:
                raise DesktopError("the clipboard could not be filled")
            asked = self._started.attempt("xclip", "-selection", "clipboard", "-o", "-t", kind)
            return asked.returncode == 0 and asked.stdout == content

        wait_until(offered, "what was put on the clipboard")
        source.unlink()

    def copied(self, kind: str = "UTF8_STRING") -> bytes:
        """What is on the clipboard."""
        asked = self._started.attempt("xclip", "-selection", "clipboard", "-o", "-t", kind)
        return asked.stdout if asked.returncode == 0 else b""

    def _do(self, *words: str, within: float = 10.0) -> None:
        self._started.run("xdotool", *words, within=within)
