"""The first start: the welcome sheet, the token check, the keyring, and the trial offline."""

from __future__ import annotations

import hashlib
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from desktop import Desktop, Keyring, Program, User

from studio.demo.launch import DemoProcess
from tests.end2end.parts import TOKEN, Start, Tell, files_with


def open_welcome(desktop: Desktop, studio: Program) -> None:
    """Open the sheet with the token field."""
    User(desktop, studio).run("Site and token")
    studio.find("text", "Access token")


def check(studio: Program, token: str) -> None:
    """Put a token into the field and have it checked."""
    studio.paste("Access token", token, masked=True)
    studio.click("push button", part="Check")


def test_a_first_start_welcomes_and_can_be_tried_offline(
    desktop: Desktop, start: Start, data: Path
) -> None:
    studio = start("--data-dir", str(data))
    user = User(desktop, studio)
    studio.find("panel", "Welcome to Moda Studio")
    glance = studio.wait_words("modelscope.ai")
    assert "modelscope.cn" in glance.words
    assert not studio.find("push button", "Start").enabled
    studio.click("push button", "Try it offline")
    user.wait_demo()
    studio.wait_gone("panel", "Welcome to Moda Studio")
    user.ask("What is 12*34?")
    answer = user.wait_answer()
    assert "408" in answer
    assert "Demo" in answer


def test_a_wrong_token_gets_a_sentence_and_a_right_one_is_kept_in_the_keyring(
    desktop: Desktop, start: Start, data: Path, box: DemoProcess, tell: Tell
) -> None:
    desktop.forget_secret(service="moda-studio", username=box.hub_url)
    tell("requests", method="DELETE")
    arguments = ("--base-url", box.base_url, "--data-dir", str(data))
    studio = start(*arguments)
    open_welcome(desktop, studio)
    check(studio, "ms-mistyped-0000")
    studio.wait_words("It was mistyped or revoked")
    assert not studio.find("push button", "Start").enabled
    assert desktop.secret(service="moda-studio", username=box.hub_url) is None

    check(studio, TOKEN)
    studio.wait_words("Kept in")
    assert desktop.secret(service="moda-studio", username=box.hub_url) == TOKEN
    assert TOKEN not in studio.look().words
    studio.click("push button", "Start")
    studio.wait_gone("panel", "Welcome to Moda Studio")
    studio.close()
    assert studio.wait_end() == 0

    # It is read back by the next start, and goes with the question.
    again = start(*arguments)
    again.wait_words("250 credits")
    user = User(desktop, again)
    user.ask("Hello")
    assert "Demo" in user.wait_answer()
    known = {each["token_sha256"] for each in tell("requests")["accounts"]}
    assert known == {hashlib.sha256(TOKEN.encode()).hexdigest()}
    again.close()
    assert again.wait_end() == 0
    assert files_with(TOKEN, desktop.home) == []  # the keyring's own file is encrypted


def test_what_is_no_token_is_said_in_place_and_never_sent(
    desktop: Desktop, start: Start, data: Path, box: DemoProcess, tell: Tell
) -> None:
    desktop.forget_secret(service="moda-studio", username=box.hub_url)
    studio = start("--base-url", box.base_url, "--data-dir", str(data))
    open_welcome(desktop, studio)
    studio.wait_words("Will be kept in")
    tell("requests", method="DELETE")
    studio.click("push button", "Check")
    studio.wait_words("Paste your access token into the field first.")
    for words in ("魔搭令牌", "x" * 10_240):
        studio.paste("Access token", words, masked=True)
        studio.wait_gone(part="This is not a token")
        studio.click("push button", "Check")
        studio.wait_words("This is not a token")
        assert len(studio.find("text", "Access token").text) == len(words)
    # The program may have asked for the models meanwhile, but nothing of this went along.
    assert not any(each["secrets"] for each in tell("requests")["requests"])


def test_a_host_that_is_not_there_and_a_login_page_are_told_apart(
    desktop: Desktop, start: Start, data: Path, box: DemoProcess, tell: Tell
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound and not listening: whoever calls is refused
        port = taken.getsockname()[1]
        studio = start("--base-url", f"http://127.0.0.1:{port}/v1", "--data-dir", str(data / "1"))
        open_welcome(desktop, studio)
        check(studio, TOKEN)
        studio.wait_words("Nothing answers at this address.")
        assert not studio.find("push button", "Start").enabled
    studio = start("--base-url", box.base_url, "--data-dir", str(data / "2"))
    open_welcome(desktop, studio)
    tell("scenario", {"name": "html_200", "for": ["models", "balance"]})
    try:
        check(studio, TOKEN)
        studio.wait_words("A login page or a proxy stands in between.")
    finally:
        tell("scenario", method="DELETE")


@pytest.fixture(params=[Keyring.NONE, Keyring.LOCKED], ids=["none", "locked"])
def bare_desktop(request: pytest.FixtureRequest) -> Iterator[Desktop]:
    """A desktop whose keyring cannot be used."""
    with Desktop(keyring=request.param) as made:
        yield made


def test_without_a_keyring_the_token_stays_in_memory(
    _tools: None, bare_desktop: Desktop, box: DemoProcess
) -> None:
    arguments = ("--base-url", box.base_url)
    studio = bare_desktop.start_program(*arguments)
    open_welcome(bare_desktop, studio)
    check(studio, TOKEN)
    studio.click("push button", "Keep it for this session only")
    studio.wait_words("gone when the program ends")
    studio.click("push button", "Start")
    user = User(bare_desktop, studio)
    studio.wait_gone("panel", "Welcome to Moda Studio")
    user.ask("Hello")
    assert "Demo" in user.wait_answer()
    studio.close()
    assert studio.wait_end() == 0
    assert files_with(TOKEN, bare_desktop.folder) == []
    assert files_with("Hello", bare_desktop.folder)  # the search does find what is there


@pytest.fixture
def empty_desktop(_tools: None) -> Iterator[Desktop]:
    """A desktop without a keyring."""
    with Desktop(keyring=Keyring.NONE) as made:
        yield made


def test_a_keyring_that_comes_up_after_the_program_takes_the_token(
    empty_desktop: Desktop, box: DemoProcess
) -> None:
    studio = empty_desktop.start_program("--base-url", box.base_url)
    open_welcome(empty_desktop, studio)
    studio.wait_words("This system has no keyring")
    empty_desktop.bring_keyring()
    check(studio, TOKEN)
    studio.wait_words("Kept in")
    assert empty_desktop.secret(service="moda-studio", username=box.hub_url) == TOKEN
    studio.close()
    assert studio.wait_end() == 0


ASKING = """
import sys
from studio.storage.secrets import KeyringSecrets
import keyring.backends.SecretService
import secretstorage
secrets, (verb, *words) = KeyringSecrets(), sys.argv[1:]
print("now", flush=True)
print(getattr(secrets, verb)(*words))
"""


@pytest.mark.parametrize("verb", ["describe", "read", "write", "forget"])
def test_a_session_that_lets_nobody_in_for_a_while_has_a_keyring_all_the_same(
    desktop: Desktop, verb: str
) -> None:
    origin = "https://a-busy-machine.example"
    desktop.store_secret(TOKEN, service="moda-studio", username=origin)
    words = {"describe": [], "write": [origin, TOKEN[::-1]]}.get(verb, [origin])
    assert desktop.bus is not None
    bus = desktop.bus
    bus.send_signal(signal.SIGSTOP)
    # Longer than the second that is waited for a session; until then nobody is let in.
    later = threading.Timer(2.5, lambda: bus.send_signal(signal.SIGCONT))
    try:
        asking = desktop.started.start(
            [sys.executable, "-c", ASKING, verb, *words], stdout=subprocess.PIPE, name=verb
        )
        assert asking.stdout is not None
        assert asking.stdout.readline() == b"now\n"
        later.start()
        said = asking.stdout.read().decode()
        assert asking.wait(30) == 0, desktop.started.said(verb)
    finally:
        later.cancel()
        bus.send_signal(signal.SIGCONT)
    assert {"describe": "SecretService", "read": TOKEN}.get(verb, "None") in said
    kept = {"write": TOKEN[::-1], "forget": None}.get(verb, TOKEN)
    assert desktop.secret(service="moda-studio", username=origin) == kept
    desktop.forget_secret(service="moda-studio", username=origin)


def test_keys_pressed_as_soon_as_the_window_is_in_front_are_not_lost(
    start: Start, data: Path, box: DemoProcess
) -> None:
    for number in range(3):
        arguments = ("--base-url", box.base_url, "--data-dir", str(data / str(number)))
        studio = start(*arguments, more={"MODA_STUDIO_TOKEN": TOKEN})
        studio.wait_front()
        studio.keys("ctrl+k")
        studio.find("list", "Found")
        studio.end()
