"""Says what the start cost: CPU and wall time to the first paint, and what was loaded for it."""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

# None of these may be loaded before the first paint.
HEAVY = (
    "openai",
    "anthropic",
    "pydantic",
    "httpx",
    "httpx2",
    "keyring",
    "PIL",
    "starlette",
    "uvicorn",
    "pygments",
    "markdown_it",
    "studio.core.markdown.incremental",
    "dataclasses",
    "mathra",
)
_STARTED = time.perf_counter()


def _wall_since_process_start() -> float:
    try:
        fields = Path("/proc/self/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        uptime = float(Path("/proc/uptime").read_text(encoding="ascii").split()[0])
        return uptime - int(fields[19]) / os.sysconf("SC_CLK_TCK")
    except (OSError, ValueError, IndexError):
        return time.perf_counter() - _STARTED  # elsewhere: since our first line


def report(listed: int) -> None:
    """Print one line of JSON: CPU of all threads and wall time since the process began."""
    cpu = time.process_time()
    found = {
        "cpu_ms": round(cpu * 1e3, 1),
        "wall_ms": round(_wall_since_process_start() * 1e3, 1),
        "heavy_modules": [name for name in HEAVY if name in sys.modules],
        "modules": len(sys.modules),
        "history_rows": listed,
    }
    print(json.dumps(found), flush=True)
