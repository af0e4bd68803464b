"""A long day with the service: 5,000 requests, good and bad, through the real sessions.

The service in a box is a process of its own. Everything else is the program without its window:
the queue, both logs, the database, both protocols, streamed and whole, pictures, Stop in
the middle, refusals and broken streams. What is measured is what may not grow: open files,
sockets, tasks, threads and memory, from when caches are filled until the end.
"""

from __future__ import annotations

import asyncio
import gc
import json
import os
import random
import sys
import tempfile
import threading
import urllib.request
from pathlib import Path
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import psutil
from _measuring import Measure, at_most, report

REQUESTS = int(os.environ.get("SOAK_REQUESTS", "5000"))
SETTLED = 0.1  # of the requests: by then caches are filled
A_CONVERSATION = 5  # questions in each
TOKEN = "ms-soak-000000000000000000000001"
CHAT, PAINTER = "Qwen/Qwen2.5-7B-Instruct", "Qwen/Qwen-Image"
# Faults of the box with how often each is played, beside as many good answers.
FAULTS = (
    *["429:1", "empty_shell", "503", "cut_clean", "cut_chunk", "cut_reset"],
    *["error_in_stream", "html_200", "drop", "drop_keepalive", "no_finish", "401_wrong"],
    *["429_today", "rate_headers", "odd_payloads", "bad_utf8"],
)


class Box:
    """The service in a box, and what is planned in it."""

    def __init__(self, address: str) -> None:
        self._address = address

    def plan(self, name: str, protocol: str) -> None:
        """Let the next request at a protocol meet a fault."""
        wish = json.dumps({"name": name, "for": protocol, "times": 1}).encode()
        request = urllib.request.Request(f"{self._address}/_box/scenario", wish, method="POST")
        urllib.request.urlopen(request, timeout=10).close()

    def asked(self) -> int:
        """How many paid requests have arrived."""
        with urllib.request.urlopen(f"{self._address}/_box/requests?path=/none") as answer:
            counters: dict[str, int] = json.load(answer)["counters"]
        return sum(counters.get(protocol, 0) for protocol in ("chat", "messages", "images"))


class Day:
    """One run of the program without its window."""

    def __init__(self, folder: Path, address: str) -> None:
        from PySide6.QtWidgets import QApplication

        from studio.app.container import Late
        from studio.app.options import Options
        from studio.core.capabilities import Capability
        from studio.sessions.history.conversation_list import ConversationList
        from studio.sessions.preferences import Preferences
        from studio.sessions.requests import retry
        from studio.sessions.requests.tasks import TaskGroup
        from studio.sessions.studio import Studio
        from studio.storage.db.database import Database
        from studio.storage.locations import locate
        from studio.storage.preferences import PreferencesFile

        # Waits are as many as in life and a hundredth as long.
        retry._DELAYS = {k: tuple(d / 100 for d in each) for k, each in retry._DELAYS.items()}
        self.app = QApplication.instance() or QApplication([])
        self.dice = random.Random(7)
        locations = locate(folder)
        self.tasks = TaskGroup()
        self.database = Database(locations.database, backup_folder=locations.backups)
        file = PreferencesFile(locations.settings)
        kinds = (Capability.CHAT, Capability.VISION)
        self.studio = Studio(
            tasks=self.tasks,
            preferences=Preferences(file, file.load().settings, self.tasks),
            locations=locations,
            database=self.database,
            histories={kind: ConversationList(kind, self.database, self.tasks) for kind in kinds},
            late=Late(locations, Options(base_url=address)),
        )
        self.box = Box(address)
        self._session: Any = None
        self._asked = 0

    async def begin(self) -> None:
        """Take the token, read the models."""
        self.studio.account.adopt(TOKEN)
        _ = self.studio.balance_watch
        await self.studio.catalogue.refresh()

    async def question(self) -> None:
        """Ask one question, often of a service that is not well."""
        from studio.core.messages import ChatProtocol
        from studio.core.models import Capability

        dice, studio = self.dice, self.studio
        if self._asked % A_CONVERSATION == 0:
            self._session = studio.chats.begin(Capability.CHAT, CHAT)
            self._session.change(protocol=dice.choice(list(ChatProtocol)))
        self._asked += 1
        session = self._session
        studio.service.set_streaming(dice.random() < 0.9)
        # What was said to be done for today is asked again: tomorrow comes at once here.
        studio.usage_log.ask_again(studio.service.key)
        if dice.random() < 0.4:
            protocol = (
                "chat" if session.conversation.protocol is ChatProtocol.OPENAI else "messages"
            )
            await asyncio.to_thread(self.box.plan, dice.choice(FAULTS), protocol)
        session.send(f"Question {self._asked}: name a colour.")
        if dice.random() < 0.1:
            await self._until_streaming(session)
            session.stop()
        await _idle(session)

    async def _until_streaming(self, session: Any) -> None:
        from studio.sessions.states import SessionState

        await _reached(session, SessionState.STREAMING, SessionState.IDLE)

    async def picture(self) -> None:
        """Order one picture and wait for its end."""
        from studio.core.images import ENDED, ImageRequest

        painting = self.studio.painting
        done = asyncio.Event()

        def look(*_: object) -> None:
            if all(job.status in ENDED for job in painting.jobs):
                done.set()

        painting.job_removed.connect(look)
        painting.failed.connect(look)
        request = ImageRequest(PAINTER, "a boat", size=(256, 256), seed=self.dice.randrange(1000))
        painting.generate(request)
        await done.wait()
        painting.job_removed.disconnect(look)
        painting.failed.disconnect(look)
        for job in painting.jobs:
            painting.remove(job.id)

    async def close(self) -> None:
        """End in an orderly way."""
        await self.tasks.close()
        await self.studio.service.close()
        self.studio.gallery.close()
        await asyncio.to_thread(self.database.close)


async def _idle(session: Any) -> None:
    """Wait until a session has stored everything."""
    from studio.sessions.states import SessionState

    await _reached(session, SessionState.IDLE)


async def _reached(session: Any, *states: Any) -> None:
    done = asyncio.Event()

    def look(state: object) -> None:
        if state in states:
            done.set()

    session.state_changed.connect(look)
    look(session.state)
    await done.wait()
    session.state_changed.disconnect(look)


def _now(day: Day) -> dict[str, float]:
    """What may not grow."""
    gc.collect()
    process = psutil.Process()
    return {
        "open files": process.num_fds(),
        "sockets": len(process.net_connections("tcp")),
        "tasks": len(asyncio.all_tasks()),
        "threads": threading.active_count(),
        "memory": process.memory_info().rss / 2**20,
    }


async def _soak(folder: Path, address: str) -> tuple[dict[str, float], int, int]:
    day = Day(folder, address)
    await day.begin()
    start: dict[str, float] = {}
    asked = 0
    while asked < REQUESTS:
        await (day.picture() if day._asked % 50 == 49 else day.question())
        if day._asked % 50 == 49:
            day._asked += 1
        if day._asked % 25 == 0:
            asked = await asyncio.to_thread(day.box.asked)
            if not start and asked >= REQUESTS * SETTLED:
                start = await _settled(day)
    end = await _settled(day)
    used = sum(use.used.calls for use in await day.studio.usage_log.used(1))
    await day.close()
    return {name: end[name] - start[name] for name in start}, asked, used


async def _settled(day: Day) -> dict[str, float]:
    # What was just done may still be written and asked for: balance, ledger, thumbnails.
    for _ in range(200):
        if not day.tasks.count:
            break
        await asyncio.sleep(0.02)
    return _now(day)


def measure() -> list[Measure]:
    """All measures of this benchmark."""
    import qasync
    from PySide6.QtWidgets import QApplication

    from studio.demo.launch import spawn
    from studio.demo.options import BoxOptions
    from studio.sessions.requests.generators import Generators

    app = QApplication.instance() or QApplication([])
    options = BoxOptions(tokens_per_second=0, tokens=40, task_seconds=0.05, first_token_seconds=0.0)
    with tempfile.TemporaryDirectory() as folder, spawn(options) as box:
        address = box.base_url.removesuffix("/v1")
        with qasync.QEventLoop(app) as loop:
            soaking = Generators(loop).around(_soak(Path(folder), address))
            grown, asked, counted = loop.run_until_complete(soaking)
    limits = {"open files": 3, "sockets": 3, "tasks": 1, "threads": 2}
    found = [
        at_most("soak", f"{name} more after {asked} requests", [grown[name]], name, limit)
        for name, limit in limits.items()
    ]
    found.append(at_most("soak", "memory grown", [grown["memory"]], "MB", 50.0))
    # A request that breaks on a kept connection before its first byte goes out once more at once.
    missed = 100 * abs(asked - counted) / asked
    found.append(at_most("soak", "calls seen by the box and not counted", [missed], "%", 10.0))
    return found


def main() -> None:
    """Measure and report."""
    sys.path[:0] = [str(Path(__file__).resolve().parents[2])]
    report(measure())


if __name__ == "__main__":
    main()
