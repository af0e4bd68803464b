"""What came of a phase: how often it was ended, how much was at stake, and what was found wrong."""

from __future__ import annotations

from dataclasses import dataclass, field

from killing.check import Verdict

ENOUGH = 10  # kills that cannot all have come before the first acknowledgement


@dataclass(slots=True)
class Outcome:
    """What came of a phase; `problems` are the last that were found, in words."""

    phase: str
    kills: int = 0
    acknowledged: int = 0
    lost: int = 0
    corrupt: int = 0
    orphaned: int = 0
    half: int = 0
    interrupted: int = 0
    seconds: float = 0.0
    problems: list[str] = field(default_factory=list)

    @property
    def fine(self) -> bool:
        """Nothing was lost, and with some kills something was at stake."""
        wrong = self.lost or self.corrupt or self.orphaned or self.half
        return not wrong and (self.kills < ENOUGH or self.acknowledged > 0)

    def add(self, kill: int, verdict: Verdict) -> None:
        """Count what was found after a kill."""
        self.lost += len(verdict.lost)
        self.corrupt += len(verdict.corrupt)
        self.orphaned += len(verdict.orphaned)
        self.half += len(verdict.half)
        self.problems += [f"{self.phase}, kill {kill}: {each}" for each in verdict.words()]
        del self.problems[:-20]
