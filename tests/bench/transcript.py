"""What the conversation view costs: streaming, opening, scrolling, resizing, finding, memory.

Each measure is taken together with its limit, interleaved with it, in a process of its own; CPU
time of the window's thread, the median of the runs. `--quick` takes fewer runs of shorter texts.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from _measuring import ROOT, Measure, at_most, environment, ratio_to, report

CHILD = str(Path(__file__).with_name("_transcript_child.py"))
RUNS = 5
FRAME_MS = 16.0
BENCH = "transcript"


def child(task: str, **options: Any) -> dict[str, list[float]]:
    """Run a task of the child; what it measured, by name."""
    arguments = [sys.executable, CHILD, task, json.dumps(options)]
    done = subprocess.run(
        arguments, cwd=ROOT, env=environment(), capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise RuntimeError(f"{task} {options} ended with {done.returncode}: {done.stderr[-2000:]}")
    measured: dict[str, list[float]] = json.loads(done.stdout.splitlines()[-1])
    return measured


def streaming(quick: bool, runs: int) -> list[Measure]:
    """CPU of an answer that streams, beside QTextEdit on the same frames."""
    measures = []
    lengths = (5_000, 10_000) if quick else (20_000, 100_000)
    for tokens in lengths:
        for rate in (500, 5_000):
            found = child("stream", tokens=tokens, rate=rate, runs=runs)
            name = f"{tokens // 1000}k tokens at {rate}/s, CPU a thousand tokens"
            measures.append(ratio_to(BENCH, name, found["view"], "ms CPU", found["limit"], 1.8))
            if tokens == lengths[-1]:
                text = f"{tokens // 1000}k tokens at {rate}/s, worst frame"
                measures.append(at_most(BENCH, text, found["worst"], "ms CPU", FRAME_MS))
    found = child("growth", tokens=lengths[-1], runs=4 * runs)
    text = f"{lengths[-1] // 1000}k tokens, the same frame at the end to the beginning"
    measures.append(ratio_to(BENCH, text, found["last"], "ms CPU", found["first"], 1.1))
    found = child("colours", tokens=4_000 if quick else 10_000, rate=500, runs=runs)
    text = "fenced code with colours to the same without"
    measures.append(ratio_to(BENCH, text, found["coloured"], "ms CPU", found["plain"], 3.0))
    found = child("counts", tokens=4_000)
    text = "sections read or laid out again for a delta"
    measures.append(at_most(BENCH, text, found["reads"], "sections", 1))
    return measures


def opening(quick: bool, runs: int) -> list[Measure]:
    """Opening, memory, scrolling, resizing and finding in long conversations."""
    many = 10_000
    found = child("open", few=1_000, many=many, runs=runs)
    text = "opening 10,000 messages to 1,000"
    measures = [ratio_to(BENCH, text, found["many"], "ms CPU", found["few"], 1.2)]
    text = "laid out at opening 10,000 messages"
    measures.append(at_most(BENCH, text, found["screens"], "screens", 3))
    few = [each for _ in range(3) for each in child("memory", count=1_000)["added"]]
    more = [each for _ in range(3) for each in child("memory", count=many)["added"]]
    text = "memory beyond the text, 10,000 messages to 1,000"
    measures.append(ratio_to(BENCH, text, more, "MB", few, 1.2))
    found = child("scroll", count=many, steps=150 if quick else 300, runs=runs)
    text = "scrolling 10,000 messages, 99th percentile of frames, to QPlainTextEdit"
    measures.append(ratio_to(BENCH, text, found["view"], "ms CPU", found["limit"], 3.0))
    text = "scrolling 10,000 messages, 99th percentile of frames"
    measures.append(at_most(BENCH, text, found["view"], "ms CPU", 12.0))
    found = child("resize", few=10, many=many, runs=runs)
    text = "resizing 10,000 messages to the next full paint, to 10 messages"
    measures.append(ratio_to(BENCH, text, found["many"], "ms CPU", found["few"], 1.5))
    found = child("find", count=many, runs=runs)
    # What is read is searched, not its source: that is 12 million letters.
    measures.append(at_most(BENCH, "find over 10,000 messages", found["cpu"], "ms CPU", 300.0))
    text = "find over 10,000 messages, window held"
    measures.append(at_most(BENCH, text, found["held"], "ms CPU", FRAME_MS))
    found = child("formulas", streamed=60, scrolled=205)
    text = "an answer with 60 formulas streams, window held"
    measures.append(at_most(BENCH, text, found["streamed"], "ms CPU", FRAME_MS))
    text = "scrolling over 205 formulas, window held"
    measures.append(at_most(BENCH, text, found["scrolled"], "ms CPU", FRAME_MS))
    return measures


def hostile() -> list[Measure]:
    """Text made to choke a reader, at once and streamed: how long the window is held."""
    found = child("hostile")
    text = "hostile texts, the longest the window is held"
    return [at_most(BENCH, text, [max(found["held"])], "ms CPU", 300.0)]


def main() -> None:
    """Measure and report."""
    quick = "--quick" in sys.argv[1:]
    runs = 3 if quick else RUNS
    report([*streaming(quick, runs), *opening(quick, runs), *hostile()])


if __name__ == "__main__":
    main()
