"""What a screen reader finds of a conversation in the running program."""

from __future__ import annotations

from pathlib import Path

from desktop import Glance

from tests.end2end.parts import Use


def test_a_conversation_is_a_list_of_messages_with_their_buttons(use: Use, data: Path) -> None:
    """Author, text and state of each; its buttons by name; the keyboard's focus."""
    user = use(data)
    user.ask("Explain quicksort with one example")
    user.wait_answer()

    def told(glance: Glance) -> bool:
        buttons = ("Copy", "Regenerate", "Continue in a new conversation", "More")
        return all(glance.find("push button", name) for name in buttons)

    # The buttons come with the next frame, and a reader asks for one thing after another.
    seen = user.studio.wait(told, "an answer with its buttons")
    lists = seen.find("list", "Conversation")
    assert len(lists) == 1
    answer = [each for each in seen.find("list item") if "pivot" in each.name]
    assert len(answer) == 1
    assert not answer[0].name.startswith("You")

    user.desktop.hands.click(*lists[0].centre)
    user.studio.keys("ctrl+Home")
    question = user.studio.find("list item", part="You: Explain quicksort with one example")
    for each in (question, *answer):
        assert each.depth == lists[0].depth + 1
        assert "focusable" in each.states

    user.studio.keys("ctrl+Down")
    user.studio.wait(
        lambda glance: any("focused" in each.states for each in glance.find("list item")),
        "a message to have the keyboard",
    )
    user.studio.keys("Tab")
    user.studio.wait(
        lambda glance: any("focused" in each.states for each in glance.find("push button")),
        "a button of it to have the keyboard",
    )
