"""What leaves alternates between user and model, and holds nothing empty."""

from __future__ import annotations

import itertools

import pytest

from studio.core.messages import Role
from studio.core.stream import ChatMessage, Content, ImageContent, TextContent, ThinkingContent
from studio.core.turns import alternating

U, A = Role.USER, Role.ASSISTANT
PICTURE = ImageContent("image/png", b"x")


def turn(role: Role, *parts: str | Content) -> ChatMessage:
    """A turn of texts and other parts."""
    return ChatMessage(role, tuple(TextContent(p) if isinstance(p, str) else p for p in parts))


def texts(turns: tuple[ChatMessage, ...]) -> list[str]:
    """The words of each turn."""
    return ["".join(p.text for p in t.content if isinstance(p, TextContent)) for t in turns]


def test_a_question_after_one_that_was_refused_goes_on_from_it() -> None:
    found = alternating([turn(U, "one"), turn(A), turn(U, "two")])
    assert texts(found) == ["one\n\ntwo"]


@pytest.mark.parametrize("empty", ["", " ", "\n\t", "\u3000"])
def test_an_answer_of_blanks_or_thoughts_alone_is_none(empty: str) -> None:
    for answer in (turn(A, empty), turn(A, ThinkingContent("Hm", "S1"), empty)):
        assert texts(alternating([turn(U, "one"), answer, turn(U, "two")])) == ["one\n\ntwo"]


def test_a_signed_thought_stays_with_its_answer() -> None:
    answer = turn(A, ThinkingContent("Hm", "S1"), "yes")
    found = alternating([turn(U, "one"), answer, turn(U, "two")])
    assert found[1] == answer


def test_the_first_to_speak_is_the_user() -> None:
    assert texts(alternating([turn(A, "hello"), turn(U, "one")])) == ["one"]


def test_a_picture_alone_is_something_to_say() -> None:
    found = alternating([turn(U, PICTURE, ""), turn(U, "what is it?")])
    assert found == (ChatMessage(U, (PICTURE, TextContent("what is it?"))),)


def test_two_answers_in_a_row_become_one() -> None:
    found = alternating([turn(U, "one"), turn(A, "half"), turn(A, "and half"), turn(U, "two")])
    assert texts(found) == ["one", "half\n\nand half", "two"]


def test_any_order_of_turns_alternates_and_loses_no_word() -> None:
    kinds = [turn(U, "u"), turn(U, ""), turn(U, PICTURE), turn(A, "a"), turn(A)]
    kinds.append(turn(A, ThinkingContent("t")))
    for turns in itertools.product(kinds, repeat=4):
        found = alternating(turns)
        roles = [each.role for each in found]
        assert roles == [(U, A)[n % 2] for n in range(len(found))]
        for each in found:
            assert any(not isinstance(p, ThinkingContent) for p in each.content)
            assert not any(isinstance(p, TextContent) and not p.text for p in each.content)
        said = sum(text.count("u") for text in texts(found))
        assert said == sum(text.count("u") for text in texts(tuple(turns)))
