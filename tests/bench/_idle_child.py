"""A child of `startup`: the real program at rest, after its first paint and all that it preloads.

Usage: _idle_child.py DATA_DIR. Prints {"pss_mb": …, "modules": how many are loaded}.
Ends with 1 where another SDK is loaded than that of the conversation in sight.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path

import qasync
from PySide6.QtWidgets import QApplication

from studio.app.main import Program
from studio.app.options import Options
from studio.app.single_instance import Instance
from studio.app.warm_up import warm_up
from studio.storage.locations import locate

REST_SECONDS = 3.0  # what runs on timers after the start has run by then


def proportional_megabytes() -> float:
    """This process' share of memory: pages that it shares count by how many share them."""
    for line in Path("/proc/self/smaps_rollup").read_text(encoding="ascii").splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) / 1024
    raise RuntimeError("the kernel tells no share")


async def rest(program: Program) -> None:
    """Wait until nothing is loaded any more, then report and end."""
    await asyncio.sleep(0.2)
    await program.studio.service.ready()
    await asyncio.sleep(REST_SECONDS)
    said = {"pss_mb": proportional_megabytes(), "modules": len(sys.modules)}
    print(json.dumps(said), flush=True)
    os._exit(0 if "openai" in sys.modules and "anthropic" not in sys.modules else 1)


def main() -> None:
    """Run the program, as `_preload_gap.py` does."""
    locations = locate(Path(sys.argv[1]))
    app = QApplication(["bench", "-style", "Fusion"])
    options = Options(base_url="http://127.0.0.1:9/v1")
    program = Program(app, options, locations, Instance(locations.data))
    program.paint()
    warm_up(program.window.build_deferred())
    with qasync.QEventLoop(app) as loop:
        resting = loop.create_task(rest(program))
        loop.call_later(0.02, lambda: loop.create_task(program.live()))
        loop.run_until_complete(resting)


if __name__ == "__main__":
    main()
