"""Runs the programs in tests/bench and gathers their measures into one table and one JSON list."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING, Any

from environment import SetupError, say

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

# What a measure says: the benchmark and the measure by name, the value in its unit; the `limit` the
# value itself may not pass, or the `bar` that its `ratio` to a base line may not pass (null when
# that kind of limit does not apply); whether it held; and how many runs the value is the median of.
KEYS = ("bench", "measure", "value", "unit", "limit", "ratio", "bar", "ok", "runs")

Measure = dict[str, Any]


def find(folder: Path, names: Sequence[str]) -> list[Path]:
    """The programs called `names`, or all; raises `SetupError` when there is no such one."""
    known = {path.stem: path for path in sorted(folder.glob("[!_]*.py")) if path.stem != "conftest"}
    strange = [name for name in names if name not in known]
    if strange:
        raise SetupError(
            f"There is no benchmark called {', '.join(strange)}; "
            f"there are: {', '.join(known) or 'none'}."
        )
    return [known[name] for name in names] if names else list(known.values())


def parse(text: str) -> list[Measure]:
    """The measures in a benchmark's output; raises `ValueError` saying what is wrong with it."""
    measures = json.loads(text)
    if not isinstance(measures, list) or not measures:
        raise ValueError("it printed no list of measures")
    for measure in measures:
        if not isinstance(measure, dict) or set(measure) != set(KEYS):
            raise ValueError(f"a measure has to have exactly the keys {', '.join(KEYS)}")
        if not isinstance(measure["ok"], bool):
            raise ValueError("`ok` has to be true or false")
    return measures


def run_one(
    program: Path, python: Path, root: Path, environment: Mapping[str, str]
) -> tuple[list[Measure], str]:
    """The measures of one benchmark and, when it failed, what went wrong (else an empty string)."""
    done = subprocess.run(
        [str(python), str(program)],
        cwd=root,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        check=False,
    )
    try:
        measures = parse(done.stdout)
    except ValueError as wrong:
        return [], f"{program.stem}: exit code {done.returncode}, {wrong}"
    # Exit code 1 is how a benchmark, started by hand, says that one of its measures is not ok.
    if done.returncode not in (0, 1):
        return measures, f"{program.stem}: exit code {done.returncode}"
    return measures, ""


def table(measures: Iterable[Measure]) -> str:
    """The measures as lines of aligned columns."""
    rows = [("", "bench", "measure", "value", "limit", "ratio", "bar", "runs")]
    for measure in measures:
        rows.append(
            (
                "ok" if measure["ok"] else "NOT OK",
                str(measure["bench"]),
                str(measure["measure"]),
                f"{_number(measure['value'])} {measure['unit']}",
                _number(measure["limit"]),
                _number(measure["ratio"]),
                _number(measure["bar"]),
                str(measure["runs"]),
            )
        )
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )


def run_all(
    programs: Sequence[Path], python: Path, root: Path, environment: Mapping[str, str]
) -> tuple[list[Measure], bool]:
    """All measures of `programs`, one after another, and whether every one ran and was ok."""
    measures: list[Measure] = []
    failures: list[str] = []
    for program in programs:
        say(f"Measuring {program.stem} ...")
        some, failure = run_one(program, python, root, environment)
        measures += some
        if failure:
            failures.append(failure)
            say(failure)
    return measures, not failures and all(measure["ok"] for measure in measures)


def _number(value: object) -> str:
    if value is None:
        return "-"
    return f"{value:.3g}" if isinstance(value, float) and abs(value) < 1000 else f"{value}"
