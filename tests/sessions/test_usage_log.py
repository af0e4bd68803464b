"""What was used and what is left: counted for every call, believed until the next day."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import aclosing
from dataclasses import replace

import pytest

from studio.core.credits import RateLimits
from studio.core.errors import ErrorKind, StudioError
from studio.core.images import ImageRequest
from studio.core.messages import ChatProtocol
from studio.core.stream import ChatRequest, StreamEnd, TextDelta, UsageReport
from studio.providers.base import (
    ChatProvider,
    Endpoint,
    ExchangeRecorder,
    Finished,
    Hub,
    ImageProvider,
    NetworkSettings,
    RateLimitListener,
    StillRunning,
    Submitted,
)
from studio.sessions.requests.metering import MeteredBuilders
from studio.sessions.requests.service import DEMO, key_of
from studio.sessions.requests.usage_log import ModelUse, UsageLog, Used, next_day
from studio.storage.db.database import Database
from tests.scripted import ENDPOINT, ScriptedChat, ScriptedHub, Step, said, until

KEY, MODEL = key_of(ENDPOINT), "org/model"
NETWORK = NetworkSettings()
NOON = 1_700_000_000.0 // 86_400 * 86_400 + 4 * 3600  # in UTC+8
ASKED = ChatRequest(MODEL, ())


class Orders:
    """Takes orders, or refuses them as told."""

    def __init__(self) -> None:
        self.refusals: list[StudioError] = []
        self.taken = 0

    async def submit(self, request: ImageRequest) -> Submitted | Finished:
        if self.refusals:
            raise self.refusals.pop(0)
        self.taken += 1
        return Submitted("task")

    async def poll(self, task_id: str) -> StillRunning | Finished:
        return Finished((f"https://results.example/{task_id}",))

    async def download(self, url: str) -> bytes:
        return url.encode()

    async def close(self) -> None:
        return None


class Registry:
    """Hands out scripted providers and keeps the listeners that they were given."""

    def __init__(self) -> None:
        self.chat, self.orders = ScriptedChat(), Orders()
        self.listeners: list[RateLimitListener] = []

    def _heard(self, listener: RateLimitListener | None) -> None:
        assert listener is not None
        self.listeners.append(listener)

    def build_chat(
        self,
        protocol: ChatProtocol,
        endpoint: Endpoint,
        token: str,
        network: NetworkSettings,
        listener: RateLimitListener | None = None,
        recorder: ExchangeRecorder | None = None,
    ) -> ChatProvider:
        self._heard(listener)
        return self.chat

    def build_images(
        self,
        endpoint: Endpoint,
        token: str,
        network: NetworkSettings,
        listener: RateLimitListener | None = None,
        recorder: ExchangeRecorder | None = None,
    ) -> ImageProvider:
        self._heard(listener)
        return self.orders

    def build_hub(
        self,
        endpoint: Endpoint,
        token: str,
        network: NetworkSettings,
        listener: RateLimitListener | None = None,
        recorder: ExchangeRecorder | None = None,
    ) -> Hub:
        self._heard(listener)
        return ScriptedHub()


class Clock:
    """A time of day that a test sets."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> float:
        return self.now


class Rig:
    """A ledger on a real database, and providers that report to it."""

    def __init__(self, database: Database) -> None:
        self.clock, self.registry = Clock(), Registry()
        self.database = database
        self.usage_log = UsageLog(database, self.clock)
        self.builders = MeteredBuilders(self.registry, self.usage_log)
        self.chat = self.builders.build_chat(ChatProtocol.OPENAI, ENDPOINT, "", NETWORK)
        self.images = self.builders.build_images(ENDPOINT, "", NETWORK)
        self.ended: list[tuple[str, str, ErrorKind | None]] = []
        self.usage_log.call_ended.connect(lambda *facts: self.ended.append(facts))

    async def ask(self, *script: Step, model: str = MODEL) -> str:
        """The text of one answer."""
        self.registry.chat.scripts.append(script)
        found = ""
        async with aclosing(self.chat.stream(replace(ASKED, model=model))) as events:
            async for event in events:
                found += event.text if isinstance(event, TextDelta) else ""
        return found

    async def refused(self, kind: ErrorKind, model: str = MODEL) -> StudioError:
        """Ask and be refused; what came of it."""
        with pytest.raises(StudioError) as caught:
            await self.ask(StudioError(kind), model=model)
        return caught.value

    async def used(self, days: int = 1) -> Sequence[ModelUse]:
        """What the database says."""
        return await self.usage_log.used(days)


@pytest.fixture
def rig(database: Database) -> Rig:
    """A ledger with nothing in it."""
    return Rig(database)


async def test_every_answer_is_counted_with_what_the_service_counted(rig: Rig) -> None:
    assert await rig.ask(TextDelta("Hi"), UsageReport(7, 3), StreamEnd("stop")) == "Hi"
    await rig.ask(*said("again"))
    assert await rig.used() == (ModelUse(KEY, MODEL, Used(2, 7, 3)),)
    assert rig.ended == [(KEY, MODEL, None)] * 2


async def test_a_refusal_is_a_call_and_a_refusal(rig: Rig) -> None:
    await rig.refused(ErrorKind.THROTTLED)
    await rig.refused(ErrorKind.CUT_SHORT)
    assert await rig.used() == (ModelUse(KEY, MODEL, Used(2, refusals=1)),)


@pytest.mark.parametrize("kind", [ErrorKind.NO_NETWORK, ErrorKind.TLS, ErrorKind.NO_TOKEN])
async def test_what_never_reached_the_service_is_no_call(rig: Rig, kind: ErrorKind) -> None:
    await rig.refused(kind)
    assert await rig.used() == ()
    assert rig.ended == []


async def test_an_answer_that_was_stopped_was_a_call(rig: Rig) -> None:
    async def ask() -> None:
        await rig.ask(TextDelta("half"), asyncio.Event())

    task = asyncio.get_running_loop().create_task(ask())
    await until(lambda: bool(rig.registry.chat.requests))
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert rig.registry.chat.open_streams == 0
    assert await rig.used() == (ModelUse(KEY, MODEL, Used(1)),)


async def test_orders_and_pictures_are_counted(rig: Rig) -> None:
    await rig.images.submit(ImageRequest("org/painter", "a boat"))
    rig.usage_log.count_pictures(KEY, "org/painter")
    rig.registry.orders.refusals = [StudioError(ErrorKind.REFUSED)]
    with pytest.raises(StudioError):
        await rig.images.submit(ImageRequest("org/painter", "a boat"))
    assert await rig.used() == (ModelUse(KEY, "org/painter", Used(2, pictures=1, refusals=1)),)


async def test_days_are_added_up_and_the_busiest_model_comes_first(rig: Rig) -> None:
    await rig.ask(*said("a"), model="org/b")
    await rig.ask(*said("a"))
    await rig.ask(*said("a"))
    assert [use.model for use in await rig.used()] == [MODEL, "org/b"]
    rig.clock.now += 3 * 86_400
    await rig.ask(*said("a"), model="org/b")
    assert [(use.model, use.used.calls) for use in await rig.used(2)] == [("org/b", 1)]
    assert [(use.model, use.used.calls) for use in await rig.used(7)] == [("org/b", 2), (MODEL, 2)]


async def test_a_model_that_is_done_for_today_is_not_asked_again(rig: Rig) -> None:
    await rig.refused(ErrorKind.DONE_FOR_TODAY)
    asked = len(rig.registry.chat.requests)
    again = await rig.refused(ErrorKind.THROTTLED)
    assert again.kind is ErrorKind.DONE_FOR_TODAY
    assert again.values["model"] == MODEL
    assert float(again.values["until"]) == next_day(NOON)
    assert len(rig.registry.chat.requests) == asked
    rig.registry.chat.scripts.clear()
    # It is that model that is done, and no other one.
    assert await rig.ask(*said("fine"), model="org/other") == "fine"


async def test_the_next_day_of_the_service_asks_again(rig: Rig) -> None:
    await rig.refused(ErrorKind.DONE_FOR_TODAY)
    rig.clock.now = next_day(NOON) - 1
    assert rig.usage_log.done_until(KEY, MODEL) == next_day(NOON)
    rig.clock.now = next_day(NOON)
    assert rig.usage_log.done_until(KEY, MODEL) is None
    assert await rig.ask(*said("good morning")) == "good morning"


async def test_the_day_of_the_service_begins_at_midnight_in_china() -> None:
    assert next_day(NOON) - NOON == 12 * 3600
    assert next_day(next_day(NOON)) - next_day(NOON) == 86_400


async def test_an_answer_takes_the_mark_away(rig: Rig) -> None:
    await rig.refused(ErrorKind.DONE_FOR_TODAY)
    rig.usage_log.ask_again(KEY, MODEL)  # the user wants it asked anyway
    assert await rig.ask(*said("it works")) == "it works"
    assert rig.usage_log.done_until(KEY, MODEL) is None


async def test_credits_that_returned_take_all_marks_of_their_service_away(rig: Rig) -> None:
    await rig.refused(ErrorKind.DONE_FOR_TODAY)
    await rig.refused(ErrorKind.DONE_FOR_TODAY, "org/other")
    rig.usage_log.ask_again(KEY)
    assert [rig.usage_log.done_until(KEY, model) for model in (MODEL, "org/other")] == [None, None]


async def test_a_picture_model_that_is_done_takes_no_order(rig: Rig) -> None:
    rig.registry.orders.refusals = [StudioError(ErrorKind.DONE_FOR_TODAY)]
    for _ in range(2):
        with pytest.raises(StudioError) as caught:
            await rig.images.submit(ImageRequest("org/painter", "a boat"))
        assert caught.value.kind is ErrorKind.DONE_FOR_TODAY
    assert rig.registry.orders.taken == 0
    assert (await rig.used())[0].used.calls == 1


async def test_a_restart_still_knows_who_is_done_for_today(rig: Rig) -> None:
    await rig.refused(ErrorKind.DONE_FOR_TODAY)
    another = UsageLog(rig.database, rig.clock)
    await another.load()
    assert another.done_until(KEY, MODEL) == next_day(NOON)
    rig.clock.now = next_day(NOON)
    assert another.done_until(KEY, MODEL) is None


async def test_a_disk_that_refuses_costs_no_answer(rig: Rig) -> None:
    rig.database.close()
    assert await rig.ask(*said("still here")) == "still here"


async def test_the_box_is_counted_under_one_name_wherever_it_listens() -> None:
    ports = ("http://127.0.0.1:4001/v1", "http://127.0.0.1:4002/v1")
    assert {key_of(replace(ENDPOINT, id=DEMO, openai_base=each)) for each in ports} == {DEMO}
    assert len({key_of(replace(ENDPOINT, openai_base=each)) for each in ports}) == 2


LIMITS = RateLimits(limit=2000, remaining=1874, model_limit=200, model_remaining=12)


def _told(rig: Rig) -> Callable[[RateLimits, str], None]:
    return rig.registry.listeners[0]


async def test_what_the_headers_say_is_known_for_the_account_and_for_the_model(rig: Rig) -> None:
    assert rig.usage_log.limits(KEY) == RateLimits()
    _told(rig)(LIMITS, MODEL)
    assert rig.usage_log.limits(KEY) == RateLimits(limit=2000, remaining=1874)
    assert rig.usage_log.limits(KEY, MODEL) == RateLimits(model_limit=200, model_remaining=12)
    assert rig.usage_log.limits(KEY, "org/other") == RateLimits()
    assert rig.usage_log.limits("https://elsewhere.example") == RateLimits()


async def test_what_was_left_yesterday_is_not_known_today(rig: Rig) -> None:
    _told(rig)(LIMITS, MODEL)
    rig.clock.now = next_day(NOON)
    assert rig.usage_log.limits(KEY) == RateLimits()
