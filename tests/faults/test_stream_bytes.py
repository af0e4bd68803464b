"""Bytes that no server should send and some do: every letter arrives, nothing crashes."""

from __future__ import annotations

import itertools
import json
from dataclasses import replace

import pytest

from studio.core.errors import StudioError
from studio.core.stream import ReasoningDelta, TextDelta, ToolCallDelta
from tests.contract.asking import TOKEN, Asker, question
from tests.contract.dialects import AnthropicDialect, OpenAIDialect, event
from tests.contract.wire import (
    CLOSE,
    HANG,
    RESET,
    Ending,
    Pause,
    WireServer,
    chunked,
    until_close,
    whole,
)
from tests.faults.memory import Growth

LETTERS = "aé你🐉z"


async def _text_of(asker: Asker, pieces: list[bytes]) -> str:
    async with WireServer(chunked(pieces)) as server:
        outcome = await asker.ask(server.address)
        assert outcome.kind == "", outcome.error and outcome.error.detail
        assert outcome.end == "stop"
        assert len(server.seen) == 1
        return outcome.text


async def test_letters_cut_at_every_byte(asker: Asker) -> None:
    stream = b"".join(asker.dialect.stream(LETTERS))
    where = stream.index("é".encode())
    for cut in range(where, where + len(LETTERS.encode()) + 2):
        assert await _text_of(asker, [stream[:cut], stream[cut:]]) == LETTERS


async def test_one_byte_at_a_time(asker: Asker) -> None:
    stream = b"".join(asker.dialect.stream(LETTERS))
    assert await _text_of(asker, [stream[at : at + 1] for at in range(len(stream))]) == LETTERS


@pytest.mark.parametrize("line_end", [b"\n", b"\r", b"\r\n"])
async def test_any_line_end_cut_anywhere(asker: Asker, line_end: bytes) -> None:
    stream = b"".join(asker.dialect.stream("one", " two")).replace(b"\n", line_end)
    assert await _text_of(asker, [stream]) == "one two"
    assert await _text_of(asker, [stream[at : at + 1] for at in range(len(stream))]) == "one two"


async def test_a_byte_order_mark_loses_nothing(asker: Asker) -> None:
    stream = b"\xef\xbb\xbf" + asker.dialect.text("first") + b"".join(asker.dialect.stream(" then"))
    assert await _text_of(asker, [stream]) == "first then"


async def test_data_without_space_on_several_lines_and_unknown_fields(asker: Asker) -> None:
    dialect = asker.dialect
    odd = []
    for piece in dialect.stream("one", " two"):
        text = piece.decode().replace("data: ", "data:")
        odd.append(f": sign of life\nid: 7\nretry: 10\nunknown: x\n{text}".encode())
    odd.insert(1, b'event: never.heard.of\ndata: {"some": "thing"}\n\n')
    assert await _text_of(asker, odd) == "one two"
    split = dialect.text("three").decode().replace('": ', '":\ndata: ', 1).encode()
    assert await _text_of(asker, [*dialect.begin(), split, *dialect.finish(), dialect.mark()]) == (
        "three"
    )


async def test_bad_utf8_becomes_a_mark_and_the_stream_goes_on(asker: Asker) -> None:
    broken = asker.dialect.text("caf@ ole").replace(b"@", b"\xe9")
    pieces = [*asker.dialect.begin(), broken, *asker.dialect.finish(), asker.dialect.mark()]
    assert await _text_of(asker, pieces) == "caf\ufffd ole"


async def test_words_that_are_no_json_are_passed_over(asker: Asker) -> None:
    pieces = asker.dialect.stream("one")
    pieces[1:1] = [b"data: ping\n\n", b"data:\n\n", b"data: \n\n", b"\n\n\n"]
    assert await _text_of(asker, pieces) == "one"


async def test_payloads_that_hold_nothing_are_passed_over(asker: Asker) -> None:
    pieces = asker.dialect.stream("one")
    nothings: list[object] = [None, 7, "word", [], [1, [2]], {}, {"choices": []}]
    nothings += [{"choices": None}, {"choices": {}}, {"choices": [None]}, {"choices": [7]}]
    nothings += [{"choices": [{"delta": None}]}, {"choices": [{"delta": [1]}]}]
    nothings += [{"choices": [{"delta": {"content": None, "tool_calls": None}}]}]
    nothings += [{"choices": [{"delta": {"content": 7, "reasoning_content": 7}}]}]
    nothings += [{"type": "content_block_delta"}, {"type": "content_block_delta", "delta": 7}]
    nothings += [{"type": "message_start"}, {"type": "message_delta", "usage": None}, {"type": 7}]
    nothings += [{"usage": {"prompt_tokens": "many"}}, {"usage": []}, {"error": None}]
    pieces[1:1] = [event(each) for each in nothings]
    assert await _text_of(asker, pieces) == "one"


@pytest.mark.parametrize(
    "damage",
    [
        b'data: {"choices": [{"delta": {"content": "lo\n\n',
        b"data: " + b'{"a":' * 100_000 + b"\n\n",
        b'data: {"n": ' + b"9" * 5000 + b"}\n\n",
    ],
    ids=["half", "deep", "huge-number"],
)
async def test_a_damaged_event_shows_the_rest_but_never_as_whole(
    asker: Asker, damage: bytes
) -> None:
    pieces = asker.dialect.stream("one", " two")
    pieces.insert(-3, damage)
    async with WireServer(chunked(pieces)) as server:
        outcome = await asker.ask(server.address)
        assert (outcome.text, outcome.end, outcome.kind) == ("one two", "", "bad_reply")
        assert outcome.error is not None
        assert outcome.error.had_partial


async def test_not_a_number_is_no_harm(asker: Asker) -> None:
    pieces = asker.dialect.stream("one")
    pieces.insert(1, b'data: {"usage": {"prompt_tokens": NaN, "completion_tokens": 1e999}}\n\n')
    assert await _text_of(asker, pieces) == "one"


async def test_surrogates_nul_and_controls_can_be_kept(asker: Asker) -> None:
    words = ["a\ud83d", "\ude00b", "\udc00c", "\0d", "\u202ee", "\x1b[31mf"]
    pieces = [*asker.dialect.begin()]
    for each in words:
        # As servers write them: escapes in ASCII, so that a half letter can travel at all.
        said = asker.dialect.text("@@")
        pieces.append(said.replace(b'"@@"', json.dumps(each).encode()))
    pieces += [*asker.dialect.finish(), asker.dialect.mark()]
    text = await _text_of(asker, pieces)
    assert text == "a😀b\ufffdc\ufffdd\u202ee\x1b[31mf"
    assert text.encode().decode() == text


async def test_what_is_asked_may_hold_half_a_letter(asker: Asker) -> None:
    async with WireServer(chunked(asker.dialect.stream("ok"))) as server:
        outcome = await asker.ask(server.address, question("a\ud83d\0b 😀"))
        assert outcome.text == "ok"
        assert server.seen[0].json["messages"][-1]["content"] == "a\ufffd\ufffdb 😀"


async def test_an_echoed_token_is_masked_however_it_is_cut(asker: Asker) -> None:
    for size in (1, 2, 7, 39):
        parts = [TOKEN[at : at + size] for at in range(0, len(TOKEN), size)]
        text = await _text_of(asker, asker.dialect.stream("Your token is ", *parts, ". Mm"))
        assert text == "Your token is •••. Mm"
    assert await _text_of(asker, asker.dialect.stream(f"see {TOKEN[3:]}!")) == "see •••!"


@pytest.mark.parametrize("reason", ["length", "content_filter"])
async def test_other_reasons_pass(asker: Asker, reason: str) -> None:
    async with WireServer(chunked(asker.dialect.stream("cut", reason=reason))) as server:
        outcome = await asker.ask(server.address)
        assert (outcome.text, outcome.end) == ("cut", reason)


async def test_what_follows_the_last_mark_is_not_read(asker: Asker) -> None:
    pieces = [*asker.dialect.stream("done"), asker.dialect.text(" and more")]
    async with WireServer(chunked(pieces, finished=False, ending=HANG)) as server:
        outcome = await asker.ask(server.address)
        assert (outcome.text, outcome.end) == ("done", "stop")
        await server.seen[0].client_left.wait()


@pytest.mark.parametrize("ending", [CLOSE, RESET, HANG], ids=["fin", "rst", "open"])
async def test_nothing_that_happens_behind_the_last_mark_matters(
    asker: Asker, ending: Ending
) -> None:
    pieces: list[bytes | Pause] = [*asker.dialect.stream("done"), Pause(0.02)]
    async with WireServer(chunked(pieces, finished=False, ending=ending)) as server:
        outcome = await asker.ask(server.address)
        assert (outcome.text, outcome.end, outcome.kind) == ("done", "stop", "")


async def test_the_last_event_without_its_blank_line(asker: Asker) -> None:
    stream = b"".join(asker.dialect.stream("whole")).rstrip(b"\n")
    async with WireServer(until_close([stream])) as server:
        outcome = await asker.ask(server.address)
        assert (outcome.text, outcome.end) == ("whole", "stop")


async def test_every_cut_shows_a_prefix_and_is_whole_only_after_its_mark(
    one_a_protocol: Asker,
) -> None:
    asker, dialect = one_a_protocol, one_a_protocol.dialect
    said = "So: ein bißchen 你好 🐉."
    words = [said[at : at + 4] for at in range(0, len(said), 4)]
    pieces = [*dialect.begin(), dialect.thought("Hm"), *map(dialect.text, words)]
    pieces += dialect.finish()
    before = b"".join(pieces)
    marked = len(before) if dialect.is_whole_after == "mark" else before.rindex(b"data: ") - 1
    stream = before + dialect.mark()
    async with WireServer(*(until_close([stream[:cut]]) for cut in range(len(stream)))) as server:
        async with asker.provider(server.address) as provider:
            for cut in range(len(stream)):
                outcome = await asker.again(provider)
                assert said.startswith(outcome.text)
                assert "Hm".startswith(outcome.reasoning)
                assert outcome.end in ("", "stop")
                if outcome.end:
                    assert outcome.text == said
                    assert cut >= marked - 2
                else:
                    assert cut <= marked + len(dialect.mark())
                    assert isinstance(outcome.error, StudioError)
        assert len(server.seen) == len(stream)


async def test_a_line_without_end_is_refused(asker: Asker) -> None:
    start = b"".join([*asker.dialect.begin(), asker.dialect.text("before")])
    block = b"x" * 65536
    pieces = [start, b"data: ", *itertools.repeat(block, 1024)]
    async with WireServer(until_close(pieces)) as server:
        with Growth() as growth:
            outcome = await asker.ask(server.address)
        assert (outcome.text, outcome.kind) == ("before", "too_large")
        assert growth.megabytes < 100


async def test_signs_of_life_are_waited_for_but_not_for_ever(asker: Asker) -> None:
    asker.network = replace(asker.network, idle_seconds=0.2)
    life: list[bytes | Pause] = [b": still here\n\n", Pause(0.05)] * 400
    async with WireServer(chunked(life, finished=False, ending=CLOSE)) as server:
        outcome = await asker.ask(server.address)
        assert (outcome.kind, len(server.seen)) == ("idle", 1)
    # Once the answer began only content counts: this one would be whole in three times the limit.
    begun = [asker.dialect.text("one"), *life[:24], *asker.dialect.stream(" two")]
    async with WireServer(chunked(begun)) as server:
        outcome = await asker.ask(server.address)
        assert (outcome.text, outcome.kind) == ("one", "idle")


async def test_a_slow_first_word_is_awaited_while_the_server_lives(asker: Asker) -> None:
    asker.network = replace(asker.network, idle_seconds=0.3)
    pieces: list[bytes | Pause] = [b": thinking\n\n", Pause(0.15)] * 4
    async with WireServer(chunked([*pieces, *asker.dialect.stream("at last")])) as server:
        outcome = await asker.ask(server.address)
        assert (outcome.text, outcome.end) == ("at last", "stop")


async def test_a_drip_of_bytes_is_no_content(asker: Asker) -> None:
    asker.network = replace(asker.network, idle_seconds=0.3)
    drops: list[bytes | Pause] = [b"d", Pause(0.05)]
    drip = [asker.dialect.text("one"), *(drops * 100)]
    async with WireServer(chunked(drip, finished=False, ending=CLOSE)) as server:
        outcome = await asker.ask(server.address)
        assert (outcome.text, outcome.kind) == ("one", "idle")


async def test_a_stall_before_the_headers(asker: Asker) -> None:
    asker.network = replace(asker.network, connect_seconds=0.2, idle_seconds=0.2)
    async with WireServer(replace(whole(b""), steps=(), ending=HANG)) as server:
        outcome = await asker.ask(server.address)
        assert (outcome.kind, len(server.seen)) == ("timed_out", 1)
        await server.seen[0].client_left.wait()


async def test_think_tags_at_the_head_are_reasoning(asker: Asker) -> None:
    said = "<think>\nHm <b> 2 < 3 </thin>k\n</think>\n\nYes, </think> and <think> are words."
    for size in (1, 3, 100):
        words = [said[at : at + size] for at in range(0, len(said), size)]
        async with WireServer(chunked(asker.dialect.stream(*words))) as server:
            outcome = await asker.ask(server.address)
            assert outcome.reasoning == "Hm <b> 2 < 3 </thin>k"
            assert outcome.text == "Yes, </think> and <think> are words."


async def test_a_thought_that_never_closes_is_all_reasoning(asker: Asker) -> None:
    async with WireServer(chunked(asker.dialect.stream("<think>On and on </th"))) as server:
        outcome = await asker.ask(server.address)
        assert (outcome.reasoning, outcome.text, outcome.end) == ("On and on </th", "", "stop")


async def test_text_that_only_begins_like_a_tag_is_text(asker: Asker) -> None:
    async with WireServer(chunked(asker.dialect.stream(" <thi", "ng> ok"))) as server:
        assert (await asker.ask(server.address)).text == " <thing> ok"
    async with WireServer(chunked(asker.dialect.stream("<thin"))) as server:
        assert (await asker.ask(server.address)).text == "<thin"


async def test_the_empty_shell_is_an_empty_answer() -> None:
    shell = {"id": "", "choices": None, "usage": {"prompt_tokens": 0, "completion_tokens": 0}}
    for play in (whole(shell), chunked([event(shell)]), chunked([event(shell), event("[DONE]")])):
        for asker in _openai():
            async with WireServer(play) as server:
                outcome = await asker.ask(server.address)
                assert (outcome.kind, len(server.seen)) == ("empty_answer", 1)


async def test_a_stop_without_a_word_is_an_empty_answer(asker: Asker) -> None:
    pieces = [*asker.dialect.begin(), *asker.dialect.finish(), asker.dialect.mark()]
    async with WireServer(chunked(pieces)) as server:
        assert (await asker.ask(server.address)).kind == "empty_answer"


async def test_done_without_a_reason_is_whole() -> None:
    dialect = OpenAIDialect()
    for asker in _openai():
        pieces = [dialect.text("all"), dialect.mark()]
        async with WireServer(chunked(pieces)) as server:
            outcome = await asker.ask(server.address)
            assert (outcome.text, outcome.end) == ("all", "stop")


async def test_tool_calls_in_all_their_forms() -> None:
    def delta(*calls: object) -> bytes:
        return event({"choices": [{"delta": {"content": "", "tool_calls": list(calls)}}]})

    pieces = [
        delta({"index": 0, "id": "a", "function": {"name": "look", "arguments": ""}}),
        delta({"index": 0, "id": "a", "function": {"name": None, "arguments": '{"x"'}}),
        delta({"index": None, "id": "", "function": {"name": None, "arguments": ":1}"}}),
        delta({"id": "b", "function": {"name": "say", "arguments": "{}"}}, None, 7),
        event({"choices": [{"delta": {}, "finish_reason": "tool_calls"}]}),
        event("[DONE]"),
    ]
    for asker in _openai():
        async with WireServer(chunked(pieces)) as server:
            outcome = await asker.ask(server.address)
            calls: dict[int, list[str]] = {}
            for each in outcome.events:
                if isinstance(each, ToolCallDelta):
                    call = calls.setdefault(each.index, ["", ""])
                    call[0] += each.name
                    call[1] += each.arguments
            assert calls == {0: ["look", '{"x":1}'], 1: ["say", "{}"]}
            assert outcome.end == "tool_calls"


async def test_a_signature_comes_with_its_thought() -> None:
    dialect = AnthropicDialect()
    signature = event(
        {"type": "content_block_delta", "delta": {"type": "signature_delta", "signature": "S1"}},
        "content_block_delta",
    )
    pieces = [dialect.thought("Hm"), signature, *dialect.stream("Yes")]
    for asker in _anthropic():
        async with WireServer(chunked(pieces)) as server:
            outcome = await asker.ask(server.address)
            thoughts = [each for each in outcome.events if isinstance(each, ReasoningDelta)]
            assert "".join(each.signature for each in thoughts) == "S1"
            assert outcome.text == "Yes"
            assert any(isinstance(each, TextDelta) for each in outcome.events)


def _openai() -> list[Asker]:
    return [each for each in Asker.every() if each.protocol.value == "openai"]


def _anthropic() -> list[Asker]:
    return [each for each in Asker.every() if each.protocol.value == "anthropic"]
