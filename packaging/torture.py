"""Kills the program again and again while it writes, and counts what of its words was lost.

The real store works in a process of its own and acknowledges what it has kept; after each kill
all that was acknowledged has to be there, whole, in a sound database, without stray pictures.
In the phase "power" the power goes instead, and with it what was written and not synced.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from killing.outcome import Outcome
from killing.power import run_power
from killing.run import SCENES, run_phase

POWER = "power"
PHASES = (*SCENES, POWER)

COLUMNS = ("kills", "acknowledged", "interrupted", "lost", "corrupt", "orphaned", "half")


def table(outcomes: list[Outcome]) -> str:
    """What came of each phase, in aligned columns."""
    rows: list[tuple[str, ...]] = [("phase", *COLUMNS, "seconds")]
    for each in outcomes:
        counts = (f"{getattr(each, name):,}" for name in COLUMNS)
        rows.append((each.phase, *counts, f"{each.seconds:.0f}"))
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join(
        "  ".join(
            cell.rjust(width) if column else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in rows
    )


def main(arguments: list[str]) -> int:
    """Torture; 1 when anything was lost."""
    options = parser("torture.py").parse_args(arguments)
    outcomes: list[Outcome] = []
    with tempfile.TemporaryDirectory(prefix="torture-") as folder:
        for phase in options.phase or PHASES:
            place = Path(folder) / phase
            if phase == POWER:
                outcome = run_power(options.kills, place, options.seed)
            else:
                outcome = run_phase(phase, options.kills, place, options.seed)
            outcomes.append(outcome)
            print(table([outcome]).splitlines()[1], file=sys.stderr, flush=True)
            for problem in outcome.problems:
                print(problem, file=sys.stderr, flush=True)
    print(table(outcomes))
    return 0 if all(each.fine for each in outcomes) else 1


def parser(name: str) -> argparse.ArgumentParser:
    """The options."""
    made = argparse.ArgumentParser(prog=name, description=__doc__)
    made.add_argument("--kills", type=int, default=50, metavar="N", help="in each phase")
    made.add_argument("--phase", action="append", choices=PHASES, help="only this one; repeatable")
    made.add_argument("--seed", type=int, default=1, metavar="N", help="the same kills again")
    return made


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
