"""A child of `stream`: the real window asks the service in a box, which answers in one burst.

Usage: _stream_child.py CHUNKS. Prints one line of JSON.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import tempfile
import time
from pathlib import Path

import qasync
from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtWidgets import QApplication

from studio.app.main import Program
from studio.app.options import Options
from studio.app.single_instance import Instance
from studio.app.warm_up import warm_up
from studio.core.messages import MessageStatus
from studio.demo.launch import DemoProcess, spawn
from studio.demo.options import BoxOptions
from studio.sessions.chat.session import ChatSession
from studio.sessions.states import SessionState
from studio.storage.locations import locate

TICK_MS = 5


class Watch(QObject):
    """CPU between ticks of 5 ms, and between the first token and the paint that shows it."""

    def __init__(self) -> None:
        super().__init__()
        self.gaps: list[float] = []
        self.came_at = 0.0
        self.painted_at = 0.0
        self.frames = 0
        self._last = 0.0
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(TICK_MS)
        self._timer.timeout.connect(self._tick)
        self._timer.start()

    def begin(self) -> None:
        """Count from here: what came before was the start."""
        self.gaps.clear()

    def changed(self) -> None:
        """A message changed: the first time is the first token."""
        if not self.came_at:
            self.came_at = time.process_time()
        elif not self.painted_at:
            self.frames += 1

    def _tick(self) -> None:
        now = time.process_time()
        if self._last:
            self.gaps.append(now - self._last)
        self._last = now

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint and self.came_at and not self.painted_at:
            # The paint itself follows this event: counted up to the next turn of the loop.
            QTimer.singleShot(0, self._painted)
        return False

    def _painted(self) -> None:
        if not self.painted_at:
            self.painted_at = time.process_time()


async def idle(session: ChatSession) -> None:
    """Wait until an answer is there and stored."""
    while session.state is not SessionState.IDLE:  # noqa: ASYNC110 - a state of the session
        await asyncio.sleep(0.01)


async def measure(program: Program, chunks: int) -> None:
    """Ask once for a warm window, then measure the burst."""
    watch = Watch()
    tab = program.window.current_tab
    service = program.studio.service
    while getattr(tab, "_talk", None) is None:  # noqa: ASYNC110 - a state of the window
        await asyncio.sleep(0.01)
    await service.ready()
    await asyncio.sleep(0.5)
    presenter = tab.presenter  # type: ignore[attr-defined]  # a conversation tab
    session = presenter._session
    session.send("Warm up")
    await idle(session)
    await asyncio.sleep(0.3)
    presenter.view.viewport().installEventFilter(watch)
    session.message_changed.connect(lambda _: watch.changed())
    watch.begin()
    session.send("Go")
    await idle(session)
    answer = session.messages[-1]
    whole = answer.status is MessageStatus.COMPLETE
    shown = len(answer.text)
    tokens = answer.usage.output_tokens or 0
    said = {
        "gap_ms": max(watch.gaps) * 1e3,
        "first_paint_ms": (watch.painted_at - watch.came_at) * 1e3,
        "ticks_before_paint": watch.frames,
        "missing": 0 if whole and tokens == chunks and shown > chunks else 1,
        "characters": shown,
        "status": answer.status.value,
        "tokens": tokens,
    }
    print(json.dumps(said), flush=True)


def main() -> None:
    """Start the box, run the program, measure, end both."""
    chunks = int(sys.argv[1])
    os.environ["MODA_STUDIO_TOKEN"] = "bench"  # the box takes any word
    with tempfile.TemporaryDirectory() as folder:
        box: DemoProcess = spawn(
            BoxOptions(tokens_per_second=0, tokens=chunks, first_token_seconds=0)
        )
        locations = locate(Path(folder))
        app = QApplication(["bench", "-style", "Fusion"])
        program = Program(app, Options(base_url=box.base_url), locations, Instance(locations.data))
        program.paint()
        warm_up(program.window.build_deferred())
        with qasync.QEventLoop(app) as loop:
            loop.create_task(program.live())
            loop.run_until_complete(measure(program, chunks))
        box.stop()
        os._exit(0)


if __name__ == "__main__":
    main()
