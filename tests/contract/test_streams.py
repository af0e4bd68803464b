"""What becomes of an answer's bytes: whole, cut, stalled, damaged, or something else altogether."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.contract.asking import Asker, question
from tests.contract.dialects import event
from tests.contract.wire import CLOSE, HANG, RESET, Pause, WireServer, chunked, until_close, whole


async def test_a_whole_stream_is_complete(asker: Asker) -> None:
    dialect = asker.dialect
    async with WireServer(chunked(dialect.stream("Hel", "lo 你好"))) as server:
        outcome = await asker.ask(server.address)
        assert (outcome.text, outcome.end, outcome.kind) == ("Hello 你好", "stop", "")
        assert outcome.usage is not None
        assert (outcome.usage.input_tokens, outcome.usage.output_tokens) == (5, 7)
        assert [(each.method, each.path) for each in server.seen] == [("POST", dialect.route)]


async def test_reasoning_is_kept_apart(asker: Asker) -> None:
    dialect = asker.dialect
    pieces = [*dialect.begin(), dialect.thought("Hm"), dialect.thought("m."), dialect.text("Yes")]
    pieces += [*dialect.finish(), dialect.mark()]
    async with WireServer(chunked(pieces)) as server:
        outcome = await asker.ask(server.address)
        assert (outcome.reasoning, outcome.text, outcome.end) == ("Hmm.", "Yes", "stop")


async def test_a_clean_end_without_the_mark_is_no_success(asker: Asker) -> None:
    dialect = asker.dialect
    # Its end could be the beginning of a token: it was held back, and comes all the same.
    pieces = [*dialect.begin(), dialect.text("half of its ms")]
    for play in (chunked(pieces), until_close(pieces)):
        async with WireServer(play) as server:
            outcome = await asker.ask(server.address)
            assert (outcome.text, outcome.end, outcome.kind) == ("half of its ms", "", "cut_short")
            assert outcome.error is not None
            assert outcome.error.had_partial
            assert len(server.seen) == 1


async def test_finish_seen_but_last_mark_missing(asker: Asker) -> None:
    dialect = asker.dialect
    pieces = [*dialect.begin(), dialect.text("whole"), *dialect.finish()]
    async with WireServer(until_close(pieces)) as server:
        outcome = await asker.ask(server.address)
        expected = ("stop", "") if dialect.is_whole_after == "finish" else ("", "cut_short")
        assert (outcome.end, outcome.kind) == expected
        assert outcome.text == "whole"


@pytest.mark.parametrize("ending", [CLOSE, RESET], ids=["fin", "rst"])
async def test_a_broken_chunked_body_keeps_the_text(asker: Asker, ending: object) -> None:
    dialect = asker.dialect
    pieces: list[bytes | Pause] = [*dialect.begin(), dialect.text("half ms"), Pause(0.05)]
    play = chunked(pieces, finished=False, ending=RESET if ending is RESET else CLOSE)
    async with WireServer(play) as server:
        outcome = await asker.ask(server.address)
        assert (outcome.text, outcome.kind, len(server.seen)) == ("half ms", "cut_short", 1)


async def test_a_stall_ends_at_the_limit_and_keeps_the_text(asker: Asker) -> None:
    asker.network = replace(asker.network, idle_seconds=0.3)
    dialect = asker.dialect
    pieces = [*dialect.begin(), dialect.text("one "), dialect.text("two")]
    async with WireServer(chunked(pieces, finished=False, ending=HANG)) as server:
        outcome = await asker.ask(server.address)
        assert (outcome.text, outcome.kind, len(server.seen)) == ("one two", "idle", 1)
        await server.seen[0].client_left.wait()


async def test_a_plain_answer_to_a_stream_request_is_a_full_reply(asker: Asker) -> None:
    async with WireServer(whole(asker.dialect.answer("All at once", "Hm"))) as server:
        outcome = await asker.ask(server.address)
        assert (outcome.text, outcome.reasoning) == ("All at once", "Hm")
        assert (outcome.end, outcome.kind) == ("stop", "")


async def test_without_streaming(asker: Asker) -> None:
    async with WireServer(whole(asker.dialect.answer("At once"))) as server:
        outcome = await asker.ask(server.address, question(stream=False))
        assert (outcome.text, outcome.end) == ("At once", "stop")
        assert outcome.usage is not None
        assert server.seen[0].json["stream"] is False


async def test_a_web_page_is_no_answer(asker: Asker) -> None:
    page = "<!DOCTYPE html><html><body><img src=x>Please log in</body></html>"
    for play in (whole(page, content_type="text/html"), whole(page, content_type="text/plain")):
        async with WireServer(play) as server:
            outcome = await asker.ask(server.address)
            assert (outcome.text, outcome.kind, len(server.seen)) == ("", "web_page", 1)
            assert outcome.error is not None
            assert "<" not in outcome.error.detail


@pytest.mark.parametrize(
    ("body", "kind", "said"),
    [
        ('{"error": {"message": "oh no", "request_id": "r-1"}}', "refused", "oh no"),
        ('{"errors": {"message": "Server is busy"}, "request_id": "r-1"}',
         "busy", "Server is busy"),
        ('{"errors": {"message": "today\'s quota for model X", "request_id": "r-1"}}',
         "done_for_today", "today's quota for model X"),
    ],
)  # fmt: skip
async def test_an_error_with_status_200(asker: Asker, body: str, kind: str, said: str) -> None:
    async with WireServer(whole(body)) as server:
        outcome = await asker.ask(server.address)
        assert outcome.error is not None
        assert (outcome.kind, outcome.error.detail) == (kind, said)
        assert outcome.error.request_id == "r-1"
        assert len(server.seen) == 1


async def test_plain_words_with_status_200(asker: Asker) -> None:
    async with WireServer(whole("upstream gone", content_type="text/plain")) as server:
        outcome = await asker.ask(server.address)
        assert outcome.error is not None
        assert (outcome.kind, outcome.error.detail) == ("bad_reply", "upstream gone")


async def test_an_empty_body_is_an_empty_answer(asker: Asker) -> None:
    for play in (whole(b""), chunked([])):
        async with WireServer(play) as server:
            outcome = await asker.ask(server.address)
            assert outcome.kind in ("empty_answer", "cut_short")
            assert outcome.end == ""


@pytest.mark.parametrize(
    "error",
    [
        event({"error": {"message": "gone wrong", "code": "x"}}),
        event({"errors": {"message": "gone wrong"}}),
        event({"error": {"message": "gone wrong"}}, "error"),
        event({"type": "error", "error": {"type": "api", "message": "gone wrong"}}, "error"),
        event("gone wrong", "error"),
    ],
)
async def test_an_error_in_mid_stream_keeps_the_text(asker: Asker, error: bytes) -> None:
    dialect = asker.dialect
    pieces = [*dialect.begin(), dialect.text("half"), error, dialect.text(" more")]
    async with WireServer(chunked(pieces)) as server:
        outcome = await asker.ask(server.address)
        assert outcome.error is not None
        assert (outcome.text, outcome.error.detail) == ("half", "gone wrong")
        assert outcome.error.had_partial
        assert len(server.seen) == 1
