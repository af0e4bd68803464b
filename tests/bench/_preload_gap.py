"""A child of `startup`: the real program, watched by a 5 ms tick while its SDKs load.

The one of the conversation in sight loads at the start, the other when its protocol is chosen.

Usage: _preload_gap.py DATA_DIR. Prints {"gap_ms": the most CPU between two ticks, ...}.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from pathlib import Path

import qasync
from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QApplication

from studio.app.main import Program
from studio.app.options import Options
from studio.app.single_instance import Instance
from studio.app.warm_up import warm_up
from studio.core.capabilities import Capability
from studio.core.messages import ChatProtocol
from studio.providers.registry import endpoint_for
from studio.storage.locations import locate

TICK_MS = 5


async def watch(program: Program) -> None:
    """Tick until the SDKs are loaded and a little longer, then report and end."""
    gaps: list[float] = []
    last = [0.0]

    def tick() -> None:
        now = time.process_time()
        if last[0]:
            gaps.append(now - last[0])
        last[0] = now

    timer = QTimer()
    timer.setTimerType(Qt.TimerType.PreciseTimer)
    timer.setInterval(TICK_MS)
    timer.timeout.connect(tick)
    timer.start()
    await asyncio.sleep(0.2)
    await program.studio.service.ready()
    alone = "openai" in sys.modules and "anthropic" not in sys.modules
    # The host of the command line has one protocol.
    program.studio.service.use(endpoint_for("cn", "http://127.0.0.1:9"), "")
    session = program.studio.chats.begin(Capability.CHAT, "org/model")
    session.change(protocol=ChatProtocol.ANTHROPIC)
    await program.studio.service.ready(ChatProtocol.ANTHROPIC)
    loaded = alone and "anthropic.resources.messages.messages" in sys.modules
    await asyncio.sleep(0.05)
    print(json.dumps({"gap_ms": max(gaps) * 1e3, "ticks": len(gaps), "loaded": loaded}), flush=True)
    os._exit(0 if loaded and len(gaps) > 20 else 1)


def main() -> None:
    """Run the program with the watch beside it."""
    locations = locate(Path(sys.argv[1]))
    app = QApplication(["bench", "-style", "Fusion"])
    # No welcome sheet, no token, no network: the host is a closed port on this computer.
    options = Options(base_url="http://127.0.0.1:9/v1")
    program = Program(app, options, locations, Instance(locations.data))
    program.paint()
    warm_up(program.window.build_deferred())
    with qasync.QEventLoop(app) as loop:
        # The ticks first, so that they see what the program does as it comes to life.
        watching = loop.create_task(watch(program))
        loop.call_later(0.02, lambda: loop.create_task(program.live()))
        loop.run_until_complete(watching)


if __name__ == "__main__":
    main()
