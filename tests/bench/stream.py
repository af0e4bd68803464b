"""What an answer costs the window: from the first token to its paint, and gaps in a burst."""

from __future__ import annotations

import json
from pathlib import Path

from _measuring import at_most, child_cpu, environment, report

RUNS = 5
CHUNKS = 10_000
FRAME_MS = 16.7


def main() -> None:
    """Measure and report."""
    child = str(Path(__file__).with_name("_stream_child.py"))
    env = environment()
    said = [json.loads(child_cpu([child, str(CHUNKS)], env)[1]) for _ in range(RUNS)]
    first = [float(each["first_paint_ms"]) for each in said]
    frames = [float(each["ticks_before_paint"]) for each in said]
    gaps = [float(each["gap_ms"]) for each in said]
    lost = [float(each["missing"]) for each in said]
    report(
        [
            at_most("stream", "first token to its paint", first, "ms CPU", FRAME_MS),
            at_most("stream", "frame timers between token and paint", frames, "frames", 1),
            at_most("stream", f"UI held in a burst of {CHUNKS} chunks", gaps, "ms CPU", 16.0),
            at_most("stream", "characters missing after the burst", lost, "characters", 0),
        ]
    )


if __name__ == "__main__":
    main()
