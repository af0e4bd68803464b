"""Questions and pictures in two lanes, over real sockets, with the service in a box."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from pytestqt import plugin

from studio.core.errors import ErrorKind
from studio.core.images import JobStatus
from studio.core.messages import Conversation, MessageStatus
from studio.core.settings import Settings
from studio.demo.launch import DemoProcess, spawn
from studio.demo.options import BoxOptions
from studio.providers import registry
from studio.sessions.chat.session import ChatSession
from studio.sessions.images.session import ImageSession, PollInterval
from studio.sessions.preferences import Preferences
from studio.sessions.requests.request_queue import RequestQueue, TurnState
from studio.sessions.requests.service import Service
from studio.sessions.requests.tasks import TaskGroup
from studio.sessions.states import SessionState
from studio.storage.db.database import Database
from studio.storage.pictures import jobs
from studio.storage.pictures.attachments import Attachments
from studio.storage.pictures.library import Library
from studio.storage.pictures.thumbnails import Thumbnails
from studio.storage.preferences import PreferencesFile
from tests.contract.asking import FAST, TOKEN
from tests.painting_parts import request, until
from tests.scripted import idle

LONG = 60.0  # seconds that the service works on a picture
SHORT = 0.4
MODEL = "Qwen/Qwen3.5-35B-A3B"
QUICK = PollInterval(first=0.05, longest=0.1)


class House:
    """One run of the program without its windows; everything in it is real."""

    def __init__(self, folder: Path, box: DemoProcess) -> None:
        self.box, self.tasks, self.request_queue = box, TaskGroup(), RequestQueue()
        self.database = Database.open(folder / "studio.db")
        endpoint = registry.endpoint_for("cn", box.base_url)
        self.service = Service(registry, endpoint, FAST, self.tasks)
        self.service.use(endpoint, TOKEN)
        self.attachments = Attachments(folder / "attachments")
        self.images = ImageSession(
            self.database,
            Library(self.database, folder / "pictures"),
            Thumbnails(folder / "thumbnails"),
            Preferences(PreferencesFile(folder / "settings.json"), Settings(), self.tasks),
            self.service,
            self.request_queue,
            self.tasks,
            QUICK,
        )

    async def quit(self) -> None:
        """End in an orderly way."""
        await self.tasks.close()
        await self.service.close()
        self.database.close()

    def session(self) -> ChatSession:
        """A new conversation."""
        return ChatSession(
            Conversation(model=MODEL),
            self.database,
            self.attachments,
            self.service,
            self.request_queue,
            self.tasks,
        )

    async def asked(self, words: str = "Tell me of the sea") -> float:
        """Ask and wait for the whole answer; how many seconds that took."""
        session, began = self.session(), time.monotonic()
        session.send(words)
        await idle(session)
        assert session.messages[-1].status is MessageStatus.COMPLETE
        return time.monotonic() - began

    async def pending(self, count: int = 1) -> None:
        """Wait until the service has accepted so many orders."""
        await until(
            lambda: len(self.states(TurnState.PENDING)) == count, self.request_queue.changed
        )

    async def ended(self, count: int) -> None:
        """Wait until so many orders are left."""
        await until(lambda: len(self.images.jobs) == count, self.images.job_removed)

    def states(self, state: TurnState) -> list[str]:
        """What stands so in the queue, by its label."""
        return [turn.label for turn in self.request_queue.turns if turn.state is state]

    async def seen(self) -> list[dict[str, Any]]:
        """What the box was asked for, oldest first."""
        async with httpx.AsyncClient(trust_env=False) as client:
            report = (await client.get(f"{self.box.hub_url}/_box/requests")).json()
        found: list[dict[str, Any]] = report["requests"]
        return found

    async def plan(self, name: str, **more: Any) -> None:
        """What the box does to the next request."""
        async with httpx.AsyncClient(trust_env=False) as client:
            wish = {"name": name, "times": 1, **more}
            answer = await client.post(f"{self.box.hub_url}/_box/scenario", json=wish)
        assert answer.status_code == 200, answer.text

    async def orders(self) -> int:
        """How many pictures were ordered."""
        return sum(each["door"] == "images" for each in await self.seen())


def _box(seconds: float, state: Path | None = None) -> DemoProcess:
    options = BoxOptions(
        tokens_per_second=0, tokens=20, first_token_seconds=0, task_seconds=seconds, state=state
    )
    return spawn(options)


@pytest.fixture(scope="module")
def slow_box() -> Iterator[DemoProcess]:
    """A box that works a minute on each picture."""
    with _box(LONG) as running:
        yield running


@pytest.fixture(scope="module")
def quick_box() -> Iterator[DemoProcess]:
    """A box whose pictures are soon there."""
    with _box(SHORT) as running:
        yield running


@asynccontextmanager
async def _house(folder: Path, box: DemoProcess) -> AsyncIterator[House]:
    async with httpx.AsyncClient(trust_env=False) as client:
        await client.delete(f"{box.hub_url}/_box/scenario")
        await client.delete(f"{box.hub_url}/_box/requests")
    made = House(folder, box)
    # Between a test and the end of its fixtures Qt is pumped while the loop stands still: a look at
    # a picture that comes due there, as on a slow machine, would find no loop running.
    pump, plugin._process_events = plugin._process_events, lambda: None
    try:
        yield made
    finally:
        await made.quit()
        plugin._process_events = pump


@pytest.fixture
async def slow(tmp_path: Path, slow_box: DemoProcess) -> AsyncIterator[House]:
    async with _house(tmp_path, slow_box) as made:
        yield made


@pytest.fixture
async def quick(tmp_path: Path, quick_box: DemoProcess) -> AsyncIterator[House]:
    async with _house(tmp_path, quick_box) as made:
        yield made


async def test_a_question_is_answered_while_the_service_works_on_a_picture(slow: House) -> None:
    slow.images.generate(request())
    await slow.pending()
    assert await slow.asked() < LONG / 2
    assert slow.states(TurnState.PENDING) == ["A lighthouse at dusk"]
    (job,) = slow.images.jobs
    assert job.status is JobStatus.PENDING


async def test_the_next_order_waits_for_the_first_picture_and_questions_pass_it(
    slow: House,
) -> None:
    slow.images.generate(request("first"))
    slow.images.generate(request("second"))
    slow.images.generate(request("third"))
    await slow.pending()
    await until(lambda: slow.request_queue.waiting == 2, slow.request_queue.changed)
    assert [slow.images.progress(job.id).ahead for job in slow.images.jobs] == [None, 1, 2]
    for _ in range(2):
        await slow.asked()
    assert await slow.orders() == 1
    assert slow.states(TurnState.WAITING) == ["second", "third"]


async def test_the_next_order_goes_when_the_first_picture_is_there(quick: House) -> None:
    quick.images.generate(request("first"))
    quick.images.generate(request("second"))
    ends: list[tuple[str, int]] = []

    def note() -> None:
        ends.extend((turn, quick.request_queue.running) for turn in quick.states(TurnState.RUNNING))

    quick.request_queue.changed.connect(note)
    await until(lambda: len(quick.images.jobs) == 2, quick.images.job_added)
    await quick.ended(0)
    assert await quick.orders() == 2
    assert max(running for _, running in ends) == 1  # never two pictures under way


async def test_an_order_that_is_being_sent_is_a_request_like_any_other(slow: House) -> None:
    await slow.plan("silence:0.5", **{"for": "images"})
    slow.images.generate(request())
    await until(lambda: slow.states(TurnState.RUNNING), slow.request_queue.changed)
    session = slow.session()
    session.send("And now?")
    await until(lambda: slow.request_queue.waiting == 1, slow.request_queue.changed)
    assert slow.states(TurnState.RUNNING) == ["A lighthouse at dusk"]
    await idle(session)


async def test_an_order_waits_for_the_answer_that_is_being_written(slow: House) -> None:
    await slow.plan("pause", **{"for": "chat"})
    session = slow.session()
    session.send("Tell me of the sea")
    await until(lambda: slow.request_queue.running == 1, slow.request_queue.changed)
    slow.images.generate(request())
    await until(lambda: slow.request_queue.waiting == 1, slow.request_queue.changed)
    assert await slow.orders() == 0
    session.stop()
    await slow.pending()


async def test_stopping_the_wait_for_a_picture_lets_the_next_order_go(slow: House) -> None:
    slow.images.generate(request("first"))
    slow.images.generate(request("second"))
    await slow.pending()
    await until(lambda: slow.request_queue.waiting == 1, slow.request_queue.changed)
    slow.images.cancel(slow.images.jobs[0].id)
    await until(lambda: slow.states(TurnState.PENDING) == ["second"], slow.request_queue.changed)
    assert [job.status for job in slow.images.jobs] == [JobStatus.CANCELLED, JobStatus.PENDING]


async def test_an_order_taken_back_while_it_waits_leaves_both_lanes_as_they_were(
    slow: House,
) -> None:
    slow.images.generate(request("first"))
    slow.images.generate(request("second"))
    await slow.pending()
    await until(lambda: slow.request_queue.waiting == 1, slow.request_queue.changed)
    slow.request_queue.cancel(slow.request_queue.turns[-1].number)
    await slow.ended(1)
    assert await slow.asked() < LONG / 2
    assert slow.states(TurnState.PENDING) == ["first"]
    assert await slow.orders() == 1


async def test_stopping_an_answer_leaves_the_picture_alone(slow: House) -> None:
    slow.images.generate(request())
    await slow.pending()
    await slow.plan("stall", **{"for": "chat"})
    session = slow.session()
    session.send("Tell me of the sea")
    await until(lambda: session.state is SessionState.STREAMING, session.state_changed)
    session.stop()
    await idle(session)
    assert slow.states(TurnState.PENDING) == ["A lighthouse at dusk"]
    await slow.asked()


async def test_an_order_that_counts_down_keeps_its_place_and_questions_wait_for_it(
    slow: House,
) -> None:
    await slow.plan("429:1", **{"for": "images"})
    slow.images.generate(request())
    await until(lambda: slow.states(TurnState.BACKING_OFF), slow.request_queue.changed)
    session = slow.session()
    session.send("And now?")
    await until(lambda: slow.request_queue.waiting == 1, slow.request_queue.changed)
    assert len(await slow.seen()) == 1  # who is too fast asks nothing else meanwhile
    await idle(session)
    await slow.pending()
    assert await slow.orders() == 2


async def test_a_question_that_counts_down_does_not_keep_the_picture_from_coming(
    quick: House,
) -> None:
    quick.images.generate(request())
    await quick.pending()
    await quick.plan("429:30", **{"for": "chat"})
    session = quick.session()
    session.send("And now?")
    await until(lambda: quick.states(TurnState.BACKING_OFF), quick.request_queue.changed)
    await quick.ended(0)
    assert quick.states(TurnState.BACKING_OFF)
    session.stop()
    await idle(session)


async def test_looks_that_are_refused_for_being_too_fast_keep_no_question_waiting(
    slow: House,
) -> None:
    await slow.plan("429:30", **{"for": "tasks"})
    slow.images.generate(request())
    job_id = (await until(lambda: slow.images.jobs, slow.images.job_added))[0].id
    trouble = await until(
        lambda: slow.images.progress(job_id).trouble, slow.images.progress_changed
    )
    assert trouble.kind is ErrorKind.THROTTLED
    assert await slow.asked() < LONG / 2


async def test_after_a_restart_the_picture_is_waited_for_and_no_question_waits(
    tmp_path: Path,
) -> None:
    state = tmp_path / "tasks"
    with _box(LONG, state) as box:
        before = House(tmp_path, box)
        before.images.generate(request("first"))
        before.images.generate(request("second"))
        await before.pending()
        await until(lambda: before.request_queue.waiting == 1, before.request_queue.changed)
        await before.quit()
        after = House(tmp_path, box)
        await after.images.resume()
        await after.pending()
        assert await after.asked() < LONG / 2
        assert after.states(TurnState.WAITING) == ["second"]
        assert await after.orders() == 1
        await after.quit()


async def test_pictures_that_were_accepted_before_a_restart_wait_for_nobody(
    tmp_path: Path, quick_box: DemoProcess
) -> None:
    async with _house(tmp_path, quick_box) as before:
        before.request_queue.set_limits(1, 2)
        before.images.generate(request("first"))
        before.images.generate(request("second"))
        await before.pending(2)
    after = House(tmp_path, quick_box)
    after.request_queue.set_paused(True)  # what runs runs on, and these run
    await after.images.resume()
    await after.ended(0)
    assert await after.orders() == 2
    assert await after.database.call(jobs.load_jobs) == []
    await after.quit()


async def test_more_pictures_at_once_are_still_ordered_one_after_the_other(slow: House) -> None:
    slow.request_queue.set_limits(1, 3)
    most: list[int] = []
    slow.request_queue.changed.connect(lambda: most.append(len(slow.states(TurnState.RUNNING))))
    for prompt in ("first", "second", "third", "fourth"):
        slow.images.generate(request(prompt))
    await slow.pending(3)
    assert max(most) == 1
    assert slow.states(TurnState.WAITING) == ["fourth"]
