"""Chatting in a real window: answer, stop, close and come back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.end2end.parts import Tell, Use

LONG = 4000  # tokens: an answer that is still under way when it is looked at


@pytest.fixture
def slow(tell: Tell) -> None:
    """Answers take minutes, until the end of the test."""
    tell("settings", {"tokens": LONG, "tokens_per_second": 40})


@pytest.fixture(autouse=True)
def _as_always(tell: Tell) -> Iterator[None]:
    yield
    tell("settings", {"tokens": None, "tokens_per_second": 300})


def test_an_answer_is_there_after_closing_and_starting_again(use: Use, data: Path) -> None:
    user = use(data)
    user.ask("Explain quicksort with one example")
    answer = user.wait_answer()
    assert "pivot" in answer
    user.studio.close()
    assert user.studio.wait_end() == 0

    again = use(data)
    again.studio.click("list item", part="Explain quicksort")
    assert again.wait_said("pivot") == answer


def test_a_stopped_answer_keeps_its_words(use: Use, data: Path, slow: None, tell: Tell) -> None:
    tell("requests", method="DELETE")
    user = use(data)
    user.ask("Tell me something long")
    user.wait_streaming()
    user.studio.keys("Escape")
    user.studio.wait_gone("push button", "Stop")
    stopped = user.read()
    assert len(stopped) > len("Tell me something long")
    # The service was told, too: it does not go on writing.
    tell("wait?door=chat&state=left&seconds=5")
    user.studio.close()
    assert user.studio.wait_end() == 0
    again = use(data)
    again.studio.click("list item", part="Tell me something long")
    assert again.wait_said("Tell me something long") == stopped


def test_closing_while_an_answer_comes_ends_soon_and_keeps_what_came(
    use: Use, data: Path, slow: None
) -> None:
    user = use(data)
    user.ask("Tell me something long")
    came = user.wait_streaming()
    user.studio.close()
    assert user.studio.wait_end(within=6) == 0
    again = use(data)
    again.studio.click("list item", part="Tell me something long")
    kept = again.wait_said("Tell me something long")
    assert kept.startswith(came.rstrip("…").rstrip()[:40])
    assert len(kept) >= len(came) - 20


def test_a_crash_while_an_answer_comes_keeps_what_was_stored(
    use: Use, data: Path, slow: None
) -> None:
    user = use(data)
    user.ask("Tell me something long")
    came = user.wait_streaming()
    user.studio.kill()
    again = use(data)
    again.studio.click("list item", part="Tell me something long")
    kept = again.wait_said("Tell me something long")
    assert len(kept) > len("Tell me something long\n")
    assert kept[:40] == came[:40]
