"""The parts of the desktop that need no screen: waiting, finding, and ending what was started."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from desktop.control import Control, Glance
from desktop.started import Started
from desktop.user import words_of
from desktop.waiting import DesktopError, NotSeenError, wait_until


def control(role: str, name: str, *states: str, text: str = "", width: int = 10) -> Control:
    box = (0, 0, width, 10)
    return Control(role, name, "", text, None, frozenset(("showing", *states)), box, 1)


def test_waiting_ends_with_the_first_true_answer() -> None:
    answers = iter([None, False, "there"])
    assert wait_until(lambda: next(answers), "it", 5) == "there"


def test_waiting_in_vain_says_for_what_and_what_was_there() -> None:
    with pytest.raises(NotSeenError, match=r"not within 0.1 s: a door\na wall"):
        wait_until(lambda: None, "a door", 0.1, lambda: "a wall")


def test_controls_are_found_by_role_name_and_part_of_their_words() -> None:
    glance = Glance(
        [
            control("push button", "Send"),
            control("text", "Message", text="a draft"),
            control("push button", "Send", width=0),
            Control("label", "Hidden", "", "", None, frozenset(), (0, 0, 9, 9), 1),
        ]
    )
    assert [each.role for each in glance.find(name="Send")] == ["push button"]
    assert [each.name for each in glance.find(part="draft")] == ["Message"]
    assert glance.find("label") == []
    assert "Hidden" not in glance.words


def test_places_follow_the_scale_of_the_program() -> None:
    said = {"role": "text", "name": "x", "description": "", "states": [], "box": [1, 2, 30, 40]}
    assert Control.of({**said, "depth": 1}, 2).centre == (32, 44)


def test_a_language_without_a_catalogue_has_the_english_words() -> None:
    assert words_of("xx") == {}


@pytest.mark.skipif(sys.platform != "linux", reason="processes are found in /proc")
def test_everything_that_was_started_is_ended_even_what_left_its_group(tmp_path: Path) -> None:
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path)}
    started = Started(environment, tmp_path)
    process = started.start(["sh", "-c", "setsid sleep 300 & echo away; wait"], name="runaway")
    wait_until(lambda: "away" in started.said("runaway"), "the start of a runaway")
    wait_until(lambda: len(started.left()) == 2, "both processes")
    started.end_all()
    assert started.left() == []
    assert process.poll() is not None


@pytest.mark.skipif(sys.platform != "linux", reason="processes are found in /proc")
def test_a_command_that_fails_or_hangs_is_said(tmp_path: Path) -> None:
    started = Started({"PATH": os.environ["PATH"], "HOME": str(tmp_path)}, tmp_path)
    with pytest.raises(DesktopError, match="sh failed with 3: no way"):
        started.run("sh", "-c", "echo no way >&2; exit 3")
    with pytest.raises(DesktopError, match=r"sleep did not end within 0.1 s"):
        started.run("sleep", "60", within=0.1)
