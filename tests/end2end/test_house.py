"""What holds for every run: one program a folder, damaged files kept, no door left open."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import psutil
from desktop import Desktop, wait_until

from studio.demo.launch import DemoProcess
from tests.end2end.parts import TOKEN, Start, Tell, Use, files_with


def test_a_second_start_brings_the_first_window_to_the_front(
    use: Use, start: Start, data: Path, desktop: Desktop
) -> None:
    user = use(data)
    user.studio.wait_front()
    other = desktop.start_drag_source(desktop.home / "nothing")
    other.find(name="Drag me")
    other.wait_front()
    second = start("--data-dir", str(data))
    assert second.wait_end() == 0
    user.studio.wait_front()
    other.end()
    assert user.studio.running
    # The same for one that was made small.
    desktop.started.run("xdotool", "windowminimize", "--sync", user.studio.window())
    third = start("--data-dir", str(data))
    assert third.wait_end() == 0
    user.studio.wait_front()


def test_a_window_that_is_closed_as_soon_as_it_shows_is_gone_soon(
    start: Start, data: Path, box: DemoProcess
) -> None:
    studio = start("--base-url", box.base_url, "--data-dir", str(data))
    studio.window()
    studio.close()
    # What is left off is counted in tests/unit/providers/test_packages.py; this is the whole of it.
    assert studio.wait_end() == 0


def test_a_folder_left_locked_by_a_crash_opens_again(use: Use, data: Path) -> None:
    use(data).studio.kill()
    assert use(data).studio.running


def test_damaged_settings_are_kept_aside_and_said(use: Use, data: Path) -> None:
    data.mkdir(parents=True)
    (data / "settings.json").write_text('{"language": "en", ')
    user = use(data)
    user.studio.wait_words("The settings file was damaged")
    (aside,) = data.glob("settings.json.damaged*")
    assert aside.read_text() == '{"language": "en", '
    user.ask("Hello")
    user.wait_answer()


def test_a_damaged_history_is_kept_aside_and_never_overwritten(use: Use, data: Path) -> None:
    data.mkdir(parents=True)
    damaged = b"SQLite format 3\0" + b"\xff" * 50_000
    (data / "studio.db").write_bytes(damaged)
    user = use(data)
    user.studio.wait_words("The history was damaged and there is no backup")
    aside = [path for path in data.rglob("*") if path.is_file() and path.read_bytes() == damaged]
    assert [path.name != "studio.db" for path in aside] == [True]
    # The new one works.
    user.ask("Hello")
    assert "Demo" in user.wait_answer()
    user.studio.close()
    assert user.studio.wait_end() == 0
    again = use(data)
    again.studio.click("list item", part="Hello")
    again.wait_said("Demo")


def test_a_folder_that_cannot_be_written_is_said_and_the_draft_stays(
    data: Path, desktop: Desktop, box: DemoProcess
) -> None:
    data.mkdir(parents=True)
    data.chmod(0o500)
    # Rights say nothing to root, unless it gives that privilege away.
    bound = ["setpriv", "--bounding-set=-dac_override,-dac_read_search", "--"]
    command = [*(bound if os.geteuid() == 0 else []), sys.executable, "-P", "-m", "studio"]
    where = ("--base-url", box.base_url, "--data-dir", str(data))
    studio = desktop.start_program(*where, more={"MODA_STUDIO_TOKEN": TOKEN}, command=command)
    try:
        studio.wait_words("The data folder cannot be used")
        studio.click("push button", "Close")
        studio.wait_gone(part="The data folder cannot be used")
        studio.write("Message", "A question")
        studio.keys("Return")
        studio.wait_words("It could not be saved")
        assert studio.find("text", "Message").text == "A question"
        assert list(data.iterdir()) == []
        studio.close()
        assert studio.wait_end() == 0
    finally:
        studio.end()


def test_no_door_is_open_and_nothing_but_the_service_is_spoken_to(
    use: Use, data: Path, box: DemoProcess, tell: Tell
) -> None:
    user = use(data)
    seen: set[tuple[str, int]] = set()
    listening: list[object] = []

    def look_at_sockets() -> None:
        process = psutil.Process(user.studio.pid)
        for each in [process, *process.children(recursive=True)]:
            for socket in each.net_connections("inet"):
                if socket.status == psutil.CONN_LISTEN or not socket.raddr:
                    listening.append(socket)
                else:
                    seen.add((socket.raddr.ip, socket.raddr.port))

    look_at_sockets()
    user.ask("Hello")

    def answered() -> bool:
        look_at_sockets()
        return bool(tell("requests?door=chat")["requests"])

    wait_until(answered, "the question at the service")
    user.wait_answer()
    look_at_sockets()
    assert listening == []
    assert seen == {("127.0.0.1", box.port)}


def test_the_token_is_in_no_file_after_a_whole_session(
    use: Use, data: Path, desktop: Desktop, tell: Tell
) -> None:
    user = use(data)
    user.ask("Hello")
    user.wait_answer()
    # A service that repeats the token is no reason to keep it.
    tell("scenario", {"name": "echo_token", "for": "chat", "times": 1})
    user.ask("Hello again")
    assert TOKEN not in user.wait_answer()
    user.go("Images")
    user.order("A red boat")
    user.studio.find(name="Picture: A red boat", within=30)
    user.studio.close()
    assert user.studio.wait_end() == 0
    assert files_with(TOKEN, desktop.home) == []
    assert files_with("Hello again", data)  # the search does find what is there


def test_every_control_that_takes_the_keyboard_has_a_name(use: Use, data: Path) -> None:
    user = use(data)
    user.studio.find("push button", "Send")
    for tab in ("Chat", "Vision", "Images"):
        user.go(tab)
        # What goes away while a reader asks one thing after another has no name for a moment.
        user.studio.wait(
            lambda glance: all(each.name for each in glance.controls if each.takes_keys),
            "a name for every control",
        )
