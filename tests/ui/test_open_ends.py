"""A server that says it has finished and keeps the connection: the window is free at once."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from studio.core.errors import ErrorKind
from studio.core.messages import MessageStatus
from studio.providers import chat_client
from studio.providers.registry import endpoint_for
from studio.sessions.chat.session import WHOLE_MS
from studio.sessions.states import SessionState
from tests.contract.asking import FAST, TOKEN
from tests.contract.dialects import OpenAIDialect, event
from tests.contract.wire import HANG, KEEP, Ending, Pause, Play, Until, WireServer, chunked
from tests.governed_parts import GovernedRun
from tests.scripted import until
from tests.wired_parts import wired_run

SPOKEN = OpenAIDialect()
SECOND = chunked(SPOKEN.stream("Second."))
WHOLE = MessageStatus.COMPLETE
SLACK = 1.0  # seconds that a busy machine may add


def frame(words: str = "", finish: str | None = None) -> bytes:
    """A chunk with some words and a reason."""
    delta = {"content": words} if words else {}
    return event({"choices": [{"index": 0, "delta": delta, "finish_reason": finish}]})


def held_open(*pieces: bytes | Pause | Until, ending: Ending = HANG) -> Play:
    """A stream that is not ended."""
    return chunked(pieces, finished=ending is KEEP, ending=ending)


@asynccontextmanager
async def window(folder: Path, *plays: Play) -> AsyncIterator[tuple[GovernedRun, WireServer]]:
    """The window on a server that plays these to its questions."""
    async with WireServer(*plays, route=SPOKEN.route) as server:
        run = wired_run(folder, endpoint_for("openai", server.address), TOKEN, FAST)
        await run.begin()
        run.tab.use_model("org/model")
        await run.studio.service.ready()
        yield run, server
        await run.quit()


async def free_again(run: GovernedRun) -> float:
    """Seconds from the first words until the window takes the next question."""
    await until(lambda: run.session.state is SessionState.STREAMING)
    began = time.monotonic()
    await until(lambda: run.session.state is SessionState.IDLE)
    return time.monotonic() - began


async def stored(run: GovernedRun) -> list[tuple[str, MessageStatus]]:
    """What another start of the program would show."""
    return [(each.text, each.status) for each in await run.stored(run.session.conversation.id)]


@pytest.mark.parametrize(
    "pieces",
    [(frame("All of "), frame("it"), frame("", "stop")), (frame("All of "), frame("it", "stop"))],
    ids=["mark-alone", "mark-with-words"],
)
async def test_an_answer_that_is_finished_looks_finished_while_its_stream_is_open(
    tmp_path: Path, pieces: tuple[bytes, ...]
) -> None:
    async with window(tmp_path, held_open(*pieces), SECOND) as (run, server):
        run.ask("One?")
        assert await free_again(run) < WHOLE_MS / 1000 + SLACK
        assert (run.last.text, run.last.status) == ("All of it", WHOLE)
        assert not run.tab.presenter.can_stop
        assert not server.seen[0].client_left.is_set(), "what may follow is still read"
        await run.asked("Two?")
        assert run.shown == ["One?", "All of it", "Two?", "Second."]
        assert len(server.seen) == 2


async def test_words_that_come_long_behind_the_mark_are_not_lost(tmp_path: Path) -> None:
    more = asyncio.Event()
    late = (Until(more), frame(" more"), frame("", "stop"), SPOKEN.mark())
    first = held_open(frame("One"), frame("", "stop"), *late, ending=KEEP)
    async with window(tmp_path, first, SECOND) as (run, _):
        run.ask("One?")
        await free_again(run)
        await run.asked("Two?")  # the next question stands below by now
        more.set()
        await until(lambda: not run.session.unsaved)
        assert run.shown == ["One?", "One more", "Two?", "Second."]
        assert await stored(run) == [(each, WHOLE) for each in run.shown]


async def test_what_goes_on_behind_a_mark_and_breaks_is_not_called_whole(tmp_path: Path) -> None:
    more = asyncio.Event()
    first = chunked([frame("One"), frame("", "stop"), Until(more), frame(" mo")], finished=False)
    async with window(tmp_path, first) as (run, server):
        run.ask("One?")
        await free_again(run)
        more.set()
        await until(lambda: run.session.messages[-1].text == "One mo")
        for writer in list(server._writers):
            writer.transport.abort()
        await until(lambda: not run.session.unsaved)
        assert run.last.status is MessageStatus.INTERRUPTED
        assert run.last.error is not None
        assert run.last.error.kind in (ErrorKind.CUT_SHORT, ErrorKind.IDLE)
        assert (await stored(run))[-1] == ("One mo", MessageStatus.INTERRUPTED)


async def test_stop_behind_the_mark_leaves_the_answer_as_it_was_seen(tmp_path: Path) -> None:
    async with window(tmp_path, held_open(frame("All of it"), frame("", "stop"))) as (run, _):
        run.ask("One?")
        await free_again(run)
        assert (await stored(run))[-1] == ("All of it", MessageStatus.STREAMING)
        run.session.stop()  # as the end of the program does
        await until(lambda: not run.session.unsaved)
        assert (run.last.text, run.last.status) == ("All of it", WHOLE)
        assert (await stored(run))[-1] == ("All of it", WHOLE)


async def test_the_last_letter_is_there_though_it_could_begin_the_token(tmp_path: Path) -> None:
    pieces = (frame("It went boo"), frame(TOKEN[0]), frame("", "stop"))
    async with window(tmp_path, held_open(*pieces)) as (run, _):
        run.ask("One?")
        await free_again(run)
        assert run.shown == ["One?", f"It went boo{TOKEN[0]}"]


async def test_the_stream_is_let_go_when_nothing_followed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chat_client, "AFTER_MARK_SECONDS", 0.6)
    async with window(tmp_path, held_open(frame("All"), frame("", "length"))) as (run, server):
        run.ask("One?")
        await free_again(run)
        assert (run.last.finish_reason, run.last.status) == ("length", WHOLE)
        await server.seen[-1].client_left.wait()
        await until(lambda: not run.session.unsaved)
        assert (run.last.text, run.last.finish_reason) == ("All", "length")
        assert len(server.seen) == 1


async def test_a_server_that_marks_every_piece_is_not_called_finished_between_them(
    tmp_path: Path,
) -> None:
    words = [frame(f"{n} ", "stop") for n in range(3)]
    pause = Pause(0.1)
    play = held_open(words[0], pause, words[1], pause, words[2], SPOKEN.mark(), ending=KEEP)
    async with window(tmp_path, play) as (run, _):
        states: list[SessionState] = []
        run.session.state_changed.connect(states.append)
        await run.asked("One?")
        assert states.count(SessionState.IDLE) == 1
        assert (run.last.text, run.last.status) == ("0 1 2 ", WHOLE)
