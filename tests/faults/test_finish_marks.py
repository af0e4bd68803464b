"""An answer is whole only when its end was seen, whatever stands where the reason stands."""

from __future__ import annotations

import json
from typing import Any

import pytest

from studio.providers import chat_client
from tests.contract.asking import Asker, Outcome, question
from tests.contract.dialects import event
from tests.contract.wire import (
    CLOSE,
    HANG,
    RESET,
    Ending,
    Pause,
    Play,
    Until,
    WireServer,
    chunked,
    until_close,
    whole,
)

OPENAI = next(each for each in Asker.every() if each.protocol.value == "openai")
ANTHROPIC = next(each for each in Asker.every() if each.protocol.value == "anthropic")
DONE = event("[DONE]")
Pieces = list[bytes | Pause | Until]
COUNT = event({"choices": [], "usage": {"prompt_tokens": 5, "completion_tokens": 7}})


def frame(words: str = "", finish: Any = None) -> bytes:
    """A chunk with some words and what stands for its reason."""
    delta = {"content": words} if words else {}
    return event({"choices": [{"index": 0, "delta": delta, "finish_reason": finish}]})


async def _ask(play: Play, asker: Asker = OPENAI) -> Outcome:
    async with WireServer(play) as server:
        outcome = await asker.ask(server.address)
        assert len(server.seen) == 1
        return outcome


@pytest.fixture
def _brief(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chat_client, "AFTER_FINISH_SECONDS", 0.1)
    monkeypatch.setattr(chat_client, "AFTER_MARK_SECONDS", 0.4)


async def test_the_word_null_ends_nothing_however_long_the_pause() -> None:
    pieces: Pieces = [
        frame("第一段，", "null"),
        Pause(2.5),
        frame("第二段。", "null"),
        frame("", "stop"),
    ]
    outcome = await _ask(chunked([*pieces, DONE]))
    assert (outcome.text, outcome.end, outcome.kind) == ("第一段，第二段。", "stop", "")


@pytest.mark.parametrize(
    "word",
    ["null", "NULL", "None", "nil", "", "  ", "undefined", "false", "'null'", '""', "Unspecified",
     "in_progress", False, 0, [], {}, ["stop"]],
    ids=str,
)  # fmt: skip
@pytest.mark.usefixtures("_brief")
async def test_a_cut_behind_a_word_that_says_nothing_is_a_cut(word: object) -> None:
    for ending in (until_close([frame("half ", word), frame("of it", word)]),
                   chunked([frame("half ", word), frame("of it", word)])):  # fmt: skip
        outcome = await _ask(ending)
        assert (outcome.text, outcome.end, outcome.kind) == ("half of it", "", "cut_short")
    outcome = await _ask(chunked([frame("all ", word), Pause(0.6), frame("of it", word), DONE]))
    assert (outcome.text, outcome.end, outcome.kind) == ("all of it", "stop", "")


@pytest.mark.usefixtures("_brief")
async def test_words_behind_a_mark_belong_to_the_answer() -> None:
    pieces: Pieces = [frame("one ", "stop"), Pause(0.6), frame("two ", "stop"), Pause(0.6)]
    outcome = await _ask(chunked([*pieces, frame("three", "stop"), DONE]))
    assert (outcome.text, outcome.end, outcome.kind) == ("one two three", "stop", "")
    alone: Pieces = [
        frame("one "),
        frame("", "stop"),
        Pause(0.2),
        frame("two"),
        frame("", "stop"),
        DONE,
    ]
    outcome = await _ask(chunked(alone))
    assert (outcome.text, outcome.end, outcome.kind) == ("one two", "stop", "")


@pytest.mark.usefixtures("_brief")
async def test_a_thought_or_a_call_behind_a_mark_belongs_to_the_answer_too() -> None:
    thought = {"choices": [{"delta": {"reasoning_content": "Hm"}, "finish_reason": "stop"}]}
    outcome = await _ask(chunked([event(thought), Pause(0.6), frame("Yes"), frame("", "stop")]))
    assert (outcome.reasoning, outcome.text, outcome.end) == ("Hm", "Yes", "stop")


@pytest.mark.parametrize("ending", [CLOSE, RESET], ids=["fin", "rst"])
async def test_a_cut_amid_marks_that_come_too_early_is_a_cut(ending: Ending) -> None:
    pieces: Pieces = [frame("one ", "stop"), Pause(0.05), frame("two ", "stop"), Pause(0.05)]
    outcome = await _ask(chunked(pieces, finished=False, ending=ending))
    assert (outcome.text, outcome.end, outcome.kind) == ("one two ", "", "cut_short")
    outcome = await _ask(until_close(pieces, ending=ending))
    assert (outcome.text, outcome.end, outcome.kind) == ("one two ", "", "cut_short")


async def test_a_mark_beside_the_last_words_is_an_end() -> None:
    for play in (chunked([frame("one "), frame("two", "stop")]),
                 chunked([frame("one "), frame("two", "stop"), COUNT, DONE]),
                 until_close([frame("one "), frame("two", "stop")])):  # fmt: skip
        outcome = await _ask(play)
        assert (outcome.text, outcome.end, outcome.kind) == ("one two", "stop", "")


@pytest.mark.usefixtures("_brief")
async def test_an_open_connection_behind_the_mark_holds_nothing_up() -> None:
    for pieces in ([frame("all"), frame("", "stop"), COUNT], [frame("all"), frame("", "stop")]):
        outcome = await _ask(chunked(pieces, finished=False, ending=HANG))
        assert (outcome.text, outcome.end, outcome.kind) == ("all", "stop", "")


@pytest.mark.usefixtures("_brief")
async def test_signs_of_life_behind_the_mark_hold_nothing_up() -> None:
    life: list[bytes | Pause] = [b": still here\n\n", Pause(0.1)] * 40
    pieces = [frame("all"), frame("", "stop"), *life]
    outcome = await _ask(chunked(pieces, finished=False, ending=HANG))
    assert (outcome.text, outcome.end, outcome.kind) == ("all", "stop", "")


@pytest.mark.parametrize(
    ("word", "reason"),
    [("STOP", "stop"), ("eos", "stop"), ("end_turn", "stop"), ("MAX_TOKENS", "length"),
     ("max_length", "length"), ("function_call", "tool_calls"), ("SAFETY", "content_filter"),
     ("sensitive", "content_filter"), (" Stop ", "stop")],
)  # fmt: skip
async def test_reasons_in_other_spellings(word: str, reason: str) -> None:
    outcome = await _ask(chunked([frame("all"), frame("", word)]))
    assert (outcome.text, outcome.end, outcome.kind) == ("all", reason, "")
    body = json.loads(json.dumps(OPENAI.dialect.answer("all", reason=word)))
    async with WireServer(whole(body)) as server:
        outcome = await OPENAI.ask(server.address, question(stream=False))
        assert (outcome.text, outcome.end, outcome.kind) == ("all", reason, "")


@pytest.mark.parametrize(
    "word", ["insufficient_system_resource", "network_error", "abort", "engine_overloaded", "error"]
)
async def test_a_server_that_gave_up_has_not_answered_in_full(word: str) -> None:
    outcome = await _ask(chunked([frame("half"), frame("", word), DONE]))
    assert (outcome.text, outcome.end, outcome.kind) == ("half", "", "cut_short")
    assert outcome.error is not None
    assert outcome.error.detail == word
    assert (await _ask(chunked([frame("", word), DONE]))).kind == "busy"


async def test_a_word_nobody_has_heard_of_is_believed_with_the_last_mark_alone() -> None:
    pieces = [frame("all "), frame("of it", "banana")]
    outcome = await _ask(chunked([*pieces, DONE]))
    assert (outcome.text, outcome.end, outcome.kind) == ("all of it", "banana", "")
    outcome = await _ask(until_close(pieces))
    assert (outcome.text, outcome.end, outcome.kind) == ("all of it", "", "cut_short")


@pytest.mark.parametrize("word", ["null", "None", "", "end_turn"])
async def test_the_other_door_knows_the_same_words(word: str) -> None:
    dialect = ANTHROPIC.dialect
    early = event({"type": "message_delta", "delta": {"stop_reason": word}}, "message_delta")
    pieces = [*dialect.begin(), dialect.text("one "), early, dialect.text("two")]
    outcome = await _ask(chunked(pieces), ANTHROPIC)
    assert (outcome.text, outcome.end, outcome.kind) == ("one two", "", "cut_short")
    outcome = await _ask(chunked([*pieces, dialect.mark()]), ANTHROPIC)
    assert (outcome.text, outcome.end, outcome.kind) == ("one two", "stop", "")
