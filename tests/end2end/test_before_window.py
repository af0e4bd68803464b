"""What is asked and said in plain windows before there is the program's own."""

from __future__ import annotations

from pathlib import Path

from desktop import Desktop

from tests.end2end.parts import Start, Use

ELSEWHERE = "4711\npython3\nanother-computer\nfeedbeef\nanother-boot\n"


def lock_of_another_computer(data: Path) -> Path:
    data.mkdir(parents=True)
    lock = data / "studio.lock"
    lock.write_text(ELSEWHERE, encoding="ascii")
    return lock


def test_a_folder_in_use_on_another_computer_is_left_alone(desktop: Desktop, data: Path) -> None:
    lock = lock_of_another_computer(data)
    studio = desktop.start_program("--data-dir", str(data))
    try:
        studio.wait_words("in use on another computer")
        assert str(data) in str(studio.look())
        assert "in use on another computer" in studio.said
        studio.click("push button", "Quit")
        assert studio.wait_end() == 1
        assert lock.read_text(encoding="ascii") == ELSEWHERE
        assert [each.name for each in data.iterdir()] == ["studio.lock"]
    finally:
        studio.end()


def test_a_folder_that_was_moved_from_another_computer_opens_when_one_says_so(
    desktop: Desktop, data: Path
) -> None:
    lock_of_another_computer(data)
    studio = desktop.start_program("--data-dir", str(data))
    try:
        studio.click("push button", "Start anyway")
        studio.find("check box", "Chat")
        studio.close()
        assert studio.wait_end(20) == 0
    finally:
        studio.end()


def test_a_lock_without_content_does_not_keep_the_window_away(use: Use, data: Path) -> None:
    data.mkdir(parents=True)
    (data / "studio.lock").touch()
    use(data).studio.wait_front()


def test_a_name_that_cannot_be_used_is_said_in_a_window(desktop: Desktop, data: Path) -> None:
    data.mkdir(parents=True)
    more = {"XDG_DATA_HOME": str(data / "\udcff")}
    studio = desktop.start_program(more=more)
    try:
        studio.wait_words("Rename it")
        assert "Rename it" in studio.said
        studio.keys("Return")
        assert studio.wait_end() == 1
    finally:
        studio.end()


def test_a_program_that_is_still_starting_is_waited_for(start: Start, data: Path) -> None:
    first = start("--data-dir", str(data), "--demo")
    first.window()
    second = start("--data-dir", str(data), "--demo")
    assert second.wait_end() == 0
    first.wait_front()
