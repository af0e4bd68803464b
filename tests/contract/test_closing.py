"""A provider that is closed while it is only just being made leaves no connection behind."""

from __future__ import annotations

import asyncio
from contextlib import aclosing

import psutil

from studio.core.errors import StudioError
from studio.core.stream import TextDelta
from studio.providers.registry import build_hub, endpoint_for
from tests.contract.asking import FAST, TOKEN, Asker, outcome_of, question
from tests.contract.wire import Until, WireServer, chunked, whole


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
    one_a_door: Asker,
) -> None:
    async with (
        WireServer(chunked(one_a_door.dialect.stream("Hi"))) as server,
        one_a_door.provider(server.address) as provider,
    ):
        asking = asyncio.get_running_loop().create_task(outcome_of(provider, question()))
        await asyncio.sleep(0)
        await provider.close()
        # What was asked before is answered: a setting holds from the next request on.
        assert (await asking).text == "Hi"
        assert connections(server.port) == 0


async def test_an_answer_under_way_outlives_the_end_of_its_provider(one_a_door: Asker) -> None:
    dialect, go_on = one_a_door.dialect, asyncio.Event()
    begun = [*dialect.begin(), dialect.text("one ")]
    play = chunked([*begun, Until(go_on), dialect.text("two"), *dialect.finish(), dialect.mark()])
    async with WireServer(play) as server, one_a_door.provider(server.address) as provider:
        heard = ""
        async with aclosing(provider.stream(question())) as events:
            async for event in events:
                if isinstance(event, TextDelta):
                    heard += event.text
                    await provider.close()
                    go_on.set()
        assert heard == "one two"
        assert connections(server.port) == 0
