"""What the benchmarks share: CPU time of children, medians, and the form of a measure."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]

Measure = dict[str, Any]


def environment(**more: str) -> dict[str, str]:
    """The environment of a measured child: painting into memory, compiled files allowed."""
    own = dict(os.environ, QT_QPA_PLATFORM="offscreen", QT_LOGGING_RULES="*=false", **more)
    own.pop("PYTHONDONTWRITEBYTECODE", None)
    return own


def child_cpu(arguments: Sequence[str], env: Mapping[str, str]) -> tuple[float, str]:
    """User and system CPU milliseconds of a Python child from its start to its end, and its output.

    Raises RuntimeError when it fails: a measure of a failure is none.
    """
    with subprocess.Popen(
        [sys.executable, *arguments], cwd=ROOT, env=env, stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None
        output = child.stdout.read()
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode != 0:
        raise RuntimeError(f"{arguments} ended with {child.returncode}")
    return (usage.ru_utime + usage.ru_stime) * 1e3, output


def at_most(bench: str, measure: str, values: Sequence[float], unit: str, limit: float) -> Measure:
    """A measure whose median may not exceed a fixed limit."""
    value = statistics.median(values)
    return _measure(bench, measure, value, unit, limit, None, None, value <= limit, len(values))


def ratio_to(
    bench: str,
    measure: str,
    values: Sequence[float],
    unit: str,
    base: Sequence[float],
    bar: float,
) -> Measure:
    """A measure whose median may be at most `bar` times the median of `base`, of the same run."""
    value, limit = statistics.median(values), statistics.median(base)
    ratio = value / limit
    return _measure(bench, measure, value, unit, limit, ratio, bar, ratio <= bar, len(values))


def _measure(
    bench: str,
    measure: str,
    value: float,
    unit: str,
    limit: float | None,
    ratio: float | None,
    bar: float | None,
    ok: bool,
    runs: int,
) -> Measure:
    return {
        "bench": bench,
        "measure": measure,
        "value": round(value, 3),
        "unit": unit,
        "limit": None if limit is None else round(limit, 3),
        "ratio": None if ratio is None else round(ratio, 3),
        "bar": bar,
        "ok": ok,
        "runs": runs,
    }


def report(measures: Sequence[Measure]) -> None:
    """Print the measures as the JSON list that is gathered, and end with 1 when one is not ok."""
    print(json.dumps(list(measures), indent=1))
    sys.exit(0 if all(measure["ok"] for measure in measures) else 1)
