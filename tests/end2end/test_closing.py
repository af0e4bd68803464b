"""Closing the program: whatever it is at, it is gone about as soon as it came, and 2 s at most.

On a busy machine 2 s are nothing, but the start has then taken longer too: what the end may take
is the larger of both. None of what the program waits for here would come in a minute.
"""

from __future__ import annotations

import os
import signal
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from desktop import Desktop, Program, User

from tests.end2end.parts import TOKEN, Start, Tell, Use

PROMISED = 2.0


def by_its_button(studio: Program) -> None:
    """Close the window."""
    studio.close()


def by_the_system(studio: Program) -> None:
    """Tell the process to end, as at the end of a session."""
    os.kill(studio.pid, signal.SIGTERM)


@contextmanager
def gone_soon(way: Callable[[Program], None] = by_its_button) -> Iterator[list[Program]]:
    """Close the program that the block starts and brings to where it shall be closed."""
    running: list[Program] = []
    begun = time.monotonic()
    yield running
    opening = time.monotonic() - begun
    begun = time.monotonic()
    way(running[0])
    # Until the window lives there is nothing to put away, and a signal ends it as it ends anything.
    code = running[0].wait_end()
    assert code == 0 or (way is by_the_system and code == -signal.SIGTERM)
    assert time.monotonic() - begun <= max(PROMISED, opening)


@contextmanager
def silent_server() -> Iterator[str]:
    """A server that takes every connection and says nothing."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen(50)
        yield f"http://127.0.0.1:{taken.getsockname()[1]}/v1"


@pytest.mark.parametrize("way", [by_its_button, by_the_system])
def test_a_window_that_has_just_come_goes_while_the_rest_is_still_loaded(
    use: Use, data: Path, way: Callable[[Program], None]
) -> None:
    with gone_soon(way) as running:
        running.append(use(data).studio)


def test_it_goes_while_a_dialog_is_open(use: Use, data: Path) -> None:
    with gone_soon(by_the_system) as running:
        user = use(data)
        running.append(user.studio)
        user.run("Import conversations")
        user.studio.find("text", "File name:")


def test_it_goes_while_an_answer_and_a_picture_are_waited_for(
    use: Use, data: Path, tell: Tell
) -> None:
    tell("settings", {"task_seconds": 60, "tokens": 4000, "tokens_per_second": 40})
    try:
        with gone_soon() as running:
            user = use(data)
            running.append(user.studio)
            user.go("Images")
            user.order("a quiet lake")
            user.go("Chat")
            user.ask("Tell me something long")
            user.wait_streaming(60)
    finally:
        tell("settings", {"task_seconds": 1.5, "tokens": None, "tokens_per_second": 300})


def test_it_goes_while_a_server_says_nothing(desktop: Desktop, start: Start, data: Path) -> None:
    more = {"MODA_STUDIO_TOKEN": TOKEN}
    with silent_server() as address, gone_soon() as running:
        studio = start("--base-url", address, "--data-dir", str(data), more=more)
        running.append(studio)
        studio.find("text", "Message")
        User(desktop, studio).ask("Is anybody there?")
        studio.find("push button", "Stop")


def test_it_goes_while_the_keyring_does_not_answer(
    desktop: Desktop, start: Start, data: Path
) -> None:
    with silent_server() as address, desktop.hanging_keyring(), gone_soon() as running:
        studio = start("--base-url", address, "--data-dir", str(data))
        running.append(studio)
        User(desktop, studio).run("Site and token")
        studio.wait_words("Waiting for your system keyring")
