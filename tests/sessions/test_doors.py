"""What a question needs is there when it is asked, and of the SDKs only the one that is used."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Iterator

import pytest

from studio.core.messages import Door
from studio.providers import registry
from studio.providers.base import Endpoint, NetworkSettings
from studio.sessions.requests.service import Service
from studio.sessions.requests.tasks import TaskGroup
from studio.sessions.requests.ui_thread_gc import Collector

BOTH = registry.endpoint_for("cn")
ONE = registry.endpoint_for("anthropic", "https://example.org")


class Loader:
    """Imports when it is told to."""

    def __init__(self) -> None:
        self.asked_for: list[Door] = []
        self.loads: dict[Door, asyncio.Future[None]] = {}

    def __call__(self, door: Door) -> asyncio.Future[None]:
        self.asked_for.append(door)
        self.loads[door] = asyncio.get_running_loop().create_future()
        return self.loads[door]


def service(endpoint: Endpoint = BOTH) -> Service:
    return Service(registry, endpoint, NetworkSettings(), TaskGroup())


async def test_the_start_loads_the_door_of_the_conversation_in_sight_and_no_other() -> None:
    made, loader = service(), Loader()
    made.choose(Door.ANTHROPIC)  # the conversation was there before anything could be loaded
    made.preload_with(loader)
    made.choose(Door.ANTHROPIC)
    assert loader.asked_for == [Door.ANTHROPIC]


async def test_the_other_door_is_loaded_when_it_is_chosen_and_once() -> None:
    made, loader = service(), Loader()
    made.preload_with(loader)
    for door in (Door.ANTHROPIC, Door.OPENAI, Door.ANTHROPIC):
        made.choose(door)
    assert loader.asked_for == [Door.OPENAI, Door.ANTHROPIC]


async def test_a_question_waits_for_the_door_it_goes_through() -> None:
    made, loader = service(), Loader()
    made.preload_with(loader)
    loader.loads[Door.OPENAI].set_result(None)
    await made.ready()
    waiting = asyncio.get_running_loop().create_task(made.ready(Door.ANTHROPIC))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert not waiting.done()
    loader.loads[Door.ANTHROPIC].set_result(None)
    await waiting


async def test_a_question_that_is_stopped_does_not_stop_the_import() -> None:
    made, loader = service(), Loader()
    made.preload_with(loader)
    waiting = asyncio.get_running_loop().create_task(made.ready(Door.OPENAI))
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.wait((waiting,))
    assert not loader.loads[Door.OPENAI].cancelled()


async def test_a_host_with_one_door_has_that_one_loaded_whatever_is_chosen() -> None:
    made, loader = service(ONE), Loader()
    made.preload_with(loader)
    made.choose(Door.OPENAI)
    assert loader.asked_for == [Door.ANTHROPIC]
    made.use(BOTH, "ms-token")  # and where both are, the one that was chosen
    assert loader.asked_for == [Door.ANTHROPIC, Door.OPENAI]


async def test_where_loading_ahead_fails_questions_go_on_without_it() -> None:
    made = service()

    def fail(door: Door) -> asyncio.Future[None]:
        raise RuntimeError("can't start new thread")

    with pytest.raises(RuntimeError):
        made.preload_with(fail)
    made.choose(Door.ANTHROPIC)
    await made.ready(Door.OPENAI)


@pytest.fixture
def collector() -> Iterator[Collector]:
    made = Collector()
    yield made
    made.close()
    gc.unfreeze()


async def test_nothing_is_collected_while_one_of_two_doors_is_still_loading(
    collector: Collector,
) -> None:
    collector.pause()
    collector.pause()
    collector.start()
    assert not collector._timer.isActive()
    collector.start()
    assert collector._timer.isActive()


async def test_what_was_garbage_before_is_not_kept_with_what_is_loaded(
    collector: Collector,
) -> None:
    collector.start()

    class Ring:
        def __init__(self) -> None:
            self.itself = self

    Ring()
    collector.pause()
    assert not [each for each in gc.get_objects() if type(each) is Ring]
    collector.start()
