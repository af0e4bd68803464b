"""A provider that is closed while it is only just being made leaves no connection behind."""

from __future__ import annotations

import asyncio
import gc
import gzip
import sys
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing, contextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest

from studio.core.errors import StudioError
from studio.core.stream import TextDelta
from studio.providers.base import ChatProvider
from studio.providers.registry import build_hub, endpoint_for
from tests.contract.asking import FAST, TOKEN, Asker, outcome_of, question
from tests.contract.wire import HANG, Play, Until, WireServer, chunked, whole


def connections(port: int) -> int:
    """How many connections of this process lead to a port."""
    found = psutil.Process().net_connections("tcp")
    return sum(bool(each.raddr) and each.raddr.port == port for each in found)


async def test_a_hub_closed_during_its_first_question_keeps_nothing_open() -> None:
    async with WireServer(whole({"data": []})) as server:
        hub = build_hub(endpoint_for("cn", server.address), TOKEN, FAST)

        async def ask() -> None:
            try:
                await hub.models()
            except StudioError:
                return

        asking = asyncio.get_running_loop().create_task(ask())
        await asyncio.sleep(0)
        await hub.close()
        await asking
        assert connections(server.port) == 0


async def test_a_door_closed_during_its_first_question_keeps_nothing_open(
    one_a_protocol: Asker,
) -> None:
    async with (
        WireServer(chunked(one_a_protocol.dialect.stream("Hi"))) as server,
        one_a_protocol.provider(server.address) as provider,
    ):
        asking = asyncio.get_running_loop().create_task(outcome_of(provider, question()))
        await asyncio.sleep(0)
        await provider.close()
        # What was asked before is answered: a setting holds from the next request on.
        assert (await asking).text == "Hi"
        assert connections(server.port) == 0


async def test_an_answer_under_way_outlives_the_end_of_its_provider(one_a_protocol: Asker) -> None:
    dialect, go_on = one_a_protocol.dialect, asyncio.Event()
    begun = [*dialect.begin(), dialect.text("one ")]
    play = chunked([*begun, Until(go_on), dialect.text("two"), *dialect.finish(), dialect.mark()])
    async with WireServer(play) as server, one_a_protocol.provider(server.address) as provider:
        heard = ""
        async with aclosing(provider.stream(question())) as events:
            async for event in events:
                if isinstance(event, TextDelta):
                    heard += event.text
                    await provider.close()
                    go_on.set()
        assert heard == "one two"
        assert connections(server.port) == 0


@contextmanager
def none_left_in_the_middle() -> Iterator[None]:
    """Fails when a generator of ours ends because nobody refers to it, and not by being closed.

    It would end at some later time, at worst behind its loop.
    """
    left: list[str] = []
    before = sys.get_asyncgen_hooks()

    def leave(generator: AsyncGenerator[Any, Any]) -> None:
        code = generator.ag_code  # type: ignore[attr-defined]  # unknown to its ABC
        if "studio" in Path(code.co_filename).parts:
            left.append(code.co_qualname)
        assert before.finalizer is not None
        before.finalizer(generator)

    sys.set_asyncgen_hooks(finalizer=leave)
    try:
        yield
        gc.collect()
    finally:
        sys.set_asyncgen_hooks(*before)
    assert left == []


GROWING = gzip.compress(bytes(40 * 1024 * 1024))


def growing(content_type: str) -> Play:
    """A small body that unpacks to more than is believed, and is not over then."""
    head = f"HTTP/1.1 200 OK\r\nContent-Type: {content_type}\r\nContent-Encoding: gzip\r\n"
    length = f"Content-Length: {len(GROWING) + 5}\r\n\r\n"
    return Play((f"{head}{length}".encode(), GROWING), HANG)


def cut() -> Play:
    """A body that is shorter than it says."""
    return Play((b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{",))


@pytest.mark.parametrize("play", [growing("application/json"), cut()], ids=["too large", "cut"])
async def test_a_reply_of_the_hub_that_is_refused_half_way_is_closed_at_once(play: Play) -> None:
    with none_left_in_the_middle():
        async with WireServer(play) as server:
            hub = build_hub(endpoint_for("cn", server.address), TOKEN, FAST)
            with pytest.raises(StudioError):
                await hub.models()
            await hub.close()


@pytest.mark.parametrize("way", ["stopped", "left", "too large", "endless line"])
async def test_an_answer_that_is_not_read_to_its_end_is_closed_at_once(
    one_a_protocol: Asker, way: str
) -> None:
    dialect, go_on = one_a_protocol.dialect, asyncio.Event()
    begun = [*dialect.begin(), dialect.text("one ")]
    rest = b"data: " + b"x" * (9 * 1024 * 1024) if way == "endless line" else Until(go_on)
    play = chunked([*begun, rest, *dialect.finish(), dialect.mark()])
    if way == "too large":
        play = growing("text/event-stream")
    heard = asyncio.Event()

    async def listen(provider: ChatProvider) -> None:
        async with aclosing(provider.stream(question())) as events:
            async for event in events:
                if isinstance(event, TextDelta):
                    heard.set()
                    if way == "left":
                        return

    with none_left_in_the_middle():
        async with WireServer(play) as server, one_a_protocol.provider(server.address) as provider:
            asking = asyncio.get_running_loop().create_task(listen(provider))
            if way == "stopped":
                await heard.wait()
                asking.cancel()
            await asyncio.wait([asking])
            go_on.set()
    failed = not asking.cancelled() and isinstance(asking.exception(), StudioError)
    assert failed == (way in ("too large", "endless line"))
