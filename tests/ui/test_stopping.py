"""Stop, wherever a request is: the window is free at once, the server let go, nothing lost."""

from __future__ import annotations

import asyncio
import socket
import sys
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from pathlib import Path

import pytest

from studio.core.messages import MessageStatus
from studio.providers.registry import endpoint_for
from studio.sessions.states import SessionState
from tests.contract.asking import FAST, TOKEN
from tests.contract.dialects import OpenAIDialect
from tests.contract.heartbeat import Heartbeat
from tests.contract.wire import HANG, Play, Seen, WireServer, chunked, whole
from tests.governed_parts import GovernedRun
from tests.scripted import until
from tests.wired_parts import wired_run

SPOKEN = OpenAIDialect()
Open = Callable[[str], AbstractAsyncContextManager[GovernedRun]]


@pytest.fixture
def window(tmp_path: Path) -> Open:
    """Opens the window on a service at an address."""

    @asynccontextmanager
    async def open_(address: str) -> AsyncIterator[GovernedRun]:
        run = wired_run(tmp_path, endpoint_for("openai", address), TOKEN, FAST)
        await run.begin()
        run.tab.use_model("org/model")
        await run.studio.service.ready()
        yield run
        await run.quit()  # within the loop of the test, with nothing left under way

    return open_


def chats(server: WireServer) -> list[Seen]:
    """The questions that arrived, without what else the program asks for."""
    return [each for each in server.seen if each.path == SPOKEN.route]


def _shows(run: GovernedRun, words: list[str]) -> bool:
    return run.shown == words


async def stopped(run: GovernedRun) -> float:
    """Press Stop as the button does; the seconds of CPU until the window is free again."""
    began = time.thread_time()
    run.tab.presenter.stop()
    await run.idle()
    assert run.last.status is MessageStatus.STOPPED
    stored = await run.stored(run.session.conversation.id)
    assert [(m.text, m.status) for m in stored] == [
        (m.text, m.status) for m in run.session.messages
    ]
    assert run.shown[0] == "a question"
    return time.thread_time() - began


async def asking(run: GovernedRun, reached: Callable[[], bool]) -> None:
    """Ask, and wait until the request is where it is to be stopped."""
    run.ask("a question")
    await until(reached)


async def test_while_the_name_is_looked_up(window: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    answered, asked = threading.Event(), threading.Event()
    real = socket.getaddrinfo

    def silent(host: object, *given: object, **named: object) -> object:
        if host not in ("silent.example", b"silent.example"):
            return real(host, *given, **named)  # type: ignore[arg-type]  # passed on as it came
        asked.set()
        answered.wait()
        raise socket.gaierror(socket.EAI_NONAME, "no such name")

    monkeypatch.setattr(socket, "getaddrinfo", silent)
    async with window("https://silent.example/v1") as run:
        await asking(run, asked.is_set)
        try:
            assert await stopped(run) < 0.2
        finally:
            answered.set()


@pytest.fixture
def full_listener() -> Iterator[str]:
    """An address where connections are begun and never finished: nobody takes them."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        waiting = [socket.socket() for _ in range(8)]
        for each in waiting:
            each.setblocking(False)
            each.connect_ex(listener.getsockname())
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        for each in waiting:
            each.close()


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a full queue answers at once")
async def test_while_it_connects(window: Open, full_listener: str) -> None:
    async with window(full_listener) as run:
        await asking(run, lambda: run.session.state is SessionState.WAITING)
        assert await stopped(run) < 0.2


@pytest.mark.parametrize("stage", ["before the headers", "before the first word", "in an answer"])
async def test_while_the_service_is_at_it(window: Open, stage: str) -> None:
    pieces = {"before the first word": SPOKEN.begin(), "in an answer": [SPOKEN.text("half")]}
    play = (
        chunked(pieces[stage], finished=False, ending=HANG) if stage in pieces else Play((), HANG)
    )
    async with WireServer(play) as server, window(server.address) as run:
        async with Heartbeat() as heart:
            words = "half" if stage == "in an answer" else ""
            await asking(
                run, lambda: len(chats(server)) == 1 and run.shown == ["a question", words]
            )
            assert await stopped(run) < 0.2
            (chat,) = chats(server)
            await asyncio.wait_for(chat.client_left.wait(), 1)
        assert heart.longest < 0.2
        assert run.shown == ["a question", words]
        assert len(chats(server)) == 1
        # The next question is not held up by the one that was stopped.
        server.plays = [chunked(SPOKEN.stream("fresh"))]
        await run.asked("again")
        assert run.shown[-1] == "fresh"


async def test_while_it_waits_as_long_as_the_service_asked(window: Open) -> None:
    said = {"errors": {"message": "We have to rate limit you"}}
    play = whole(said, "429 Too Many Requests", retry_after="7")
    async with WireServer(play) as server, window(server.address) as run:
        await asking(run, lambda: run.session.state is SessionState.BACKING_OFF)
        assert run.card is not None
        assert run.card.title == "Retrying in 7 s"
        assert run.offered == ["Cancel"]
        assert await stopped(run) < 0.2
        assert len(chats(server)) == 1


async def test_a_hundred_times_in_a_row(window: Open) -> None:
    play = chunked([SPOKEN.text("one")], finished=False, ending=HANG)
    async with WireServer(play) as server, window(server.address) as run:
        tasks = run.tasks.count
        for number in range(1, 101):
            run.ask("a question")
            await until(partial(_shows, run, ["a question", "one"] * number))
            run.tab.presenter.stop()
            await run.idle()
            assert run.shown == ["a question", "one"] * number
        assert len(chats(server)) == 100
        for each in chats(server):
            await each.client_left.wait()
        await until(lambda: run.tasks.count <= tasks)
        server.plays = [chunked(SPOKEN.stream("fresh"))]
        await run.asked("and now")
        assert run.shown[-1] == "fresh"
