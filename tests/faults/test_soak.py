"""Hundreds of answers, good and bad, over one provider: nothing piles up."""

from __future__ import annotations

import asyncio
import gc
import random
import threading

import psutil

from tests.contract.asking import Asker
from tests.contract.wire import CLOSE, RESET, WireServer, chunked, whole

REQUESTS = 600
SETTLED = 150  # by now caches are filled


async def test_sockets_tasks_threads_and_memory_stay_flat(one_a_protocol: Asker) -> None:
    dialect, process = one_a_protocol.dialect, psutil.Process()
    good = chunked(dialect.stream(*["word "] * 50))
    bad = [
        chunked([*dialect.begin(), dialect.text("x")]),
        chunked([dialect.text("x")], finished=False, ending=CLOSE),
        chunked([dialect.text("x")], finished=False, ending=RESET),
        whole({"errors": {"message": "rate limit you"}}, "429 Too Many"),
        whole("<html>"),
    ]
    dice = random.Random(7)

    def measured() -> tuple[int, int, int]:
        gc.collect()
        return process.num_fds(), len(asyncio.all_tasks()), threading.active_count()

    async with (
        WireServer(good) as server,
        one_a_protocol.provider(server.address) as provider,
    ):
        before, memory = measured(), 0
        for count in range(REQUESTS):
            server.plays = [good if dice.random() < 0.5 else dice.choice(bad)]
            await one_a_protocol.again(provider)
            server.seen.clear()
            if count == SETTLED:
                before, memory = measured(), process.memory_info().rss
        after, grown = measured(), process.memory_info().rss - memory
    for name, start, end in zip(("files", "tasks", "threads"), before, after, strict=True):
        assert end <= start + 3, name
    assert grown < 12 * 2**20
