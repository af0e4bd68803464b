"""What a question needs is there when it is asked, and of the SDKs only the one that is used."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Iterator

import pytest

from studio.core.messages import ChatProtocol
from studio.providers import registry
from studio.providers.base import Endpoint, NetworkSettings
from studio.sessions.requests.service import Service
from studio.sessions.requests.tasks import TaskGroup
from studio.sessions.requests.ui_thread_gc import UiThreadGc

BOTH = registry.endpoint_for("cn")
ONE = registry.endpoint_for("anthropic", "https://example.org")


class Loader:
    """Imports when it is told to."""

    def __init__(self) -> None:
        self.asked_for: list[ChatProtocol] = []
        self.loads: dict[ChatProtocol, asyncio.Future[None]] = {}

    def __call__(self, protocol: ChatProtocol) -> asyncio.Future[None]:
        self.asked_for.append(protocol)
        self.loads[protocol] = asyncio.get_running_loop().create_future()
        return self.loads[protocol]


def service(endpoint: Endpoint = BOTH) -> Service:
    return Service(registry, endpoint, NetworkSettings(), TaskGroup())


async def test_the_start_loads_the_door_of_the_conversation_in_sight_and_no_other() -> None:
    made, loader = service(), Loader()
    made.choose(
        ChatProtocol.ANTHROPIC
    )  # the conversation was there before anything could be loaded
    made.preload_with(loader)
    made.choose(ChatProtocol.ANTHROPIC)
    assert loader.asked_for == [ChatProtocol.ANTHROPIC]


async def test_the_other_door_is_loaded_when_it_is_chosen_and_once() -> None:
    made, loader = service(), Loader()
    made.preload_with(loader)
    for protocol in (ChatProtocol.ANTHROPIC, ChatProtocol.OPENAI, ChatProtocol.ANTHROPIC):
        made.choose(protocol)
    assert loader.asked_for == [ChatProtocol.OPENAI, ChatProtocol.ANTHROPIC]


async def test_a_question_waits_for_the_door_it_goes_through() -> None:
    made, loader = service(), Loader()
    made.preload_with(loader)
    loader.loads[ChatProtocol.OPENAI].set_result(None)
    await made.ready()
    waiting = asyncio.get_running_loop().create_task(made.ready(ChatProtocol.ANTHROPIC))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert not waiting.done()
    loader.loads[ChatProtocol.ANTHROPIC].set_result(None)
    await waiting


async def test_a_question_that_is_stopped_does_not_stop_the_import() -> None:
    made, loader = service(), Loader()
    made.preload_with(loader)
    waiting = asyncio.get_running_loop().create_task(made.ready(ChatProtocol.OPENAI))
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.wait((waiting,))
    assert not loader.loads[ChatProtocol.OPENAI].cancelled()


async def test_a_host_with_one_door_has_that_one_loaded_whatever_is_chosen() -> None:
    made, loader = service(ONE), Loader()
    made.preload_with(loader)
    made.choose(ChatProtocol.OPENAI)
    assert loader.asked_for == [ChatProtocol.ANTHROPIC]
    made.use(BOTH, "ms-token")  # and where both are, the one that was chosen
    assert loader.asked_for == [ChatProtocol.ANTHROPIC, ChatProtocol.OPENAI]


async def test_where_loading_ahead_fails_questions_go_on_without_it() -> None:
    made = service()

    def fail(protocol: ChatProtocol) -> asyncio.Future[None]:
        raise RuntimeError("can't start new thread")

    with pytest.raises(RuntimeError):
        made.preload_with(fail)
    made.choose(ChatProtocol.ANTHROPIC)
    await made.ready(ChatProtocol.OPENAI)


@pytest.fixture
def collector() -> Iterator[UiThreadGc]:
    made = UiThreadGc()
    yield made
    made.close()
    gc.unfreeze()


async def test_nothing_is_collected_while_one_of_two_doors_is_still_loading(
    collector: UiThreadGc,
) -> None:
    collector.pause()
    collector.pause()
    collector.start()
    assert not collector._timer.isActive()
    collector.start()
    assert collector._timer.isActive()


async def test_what_was_garbage_before_is_not_kept_with_what_is_loaded(
    collector: UiThreadGc,
) -> None:
    collector.start()

    class Ring:
        def __init__(self) -> None:
            self.itself = self

    Ring()
    collector.pause()
    assert not [each for each in gc.get_objects() if type(each) is Ring]
    collector.start()
