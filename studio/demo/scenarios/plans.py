"""Decides which scenario a request runs under: its own header first, then the box's plans."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from studio.demo.scenarios.kinds import ANY, Chosen

HEADER = "x-studio-scenario"


class UnknownScenario(ValueError):
    """Nobody knows a scenario of this name."""


def choose(text: str) -> Chosen:
    """The scenario written as NAME or NAME:ARGUMENT; raises `UnknownScenario`."""
    # The table is made of the modules that import this one.
    from studio.demo.scenarios import SCENARIOS

    name, _, argument = text.strip().partition(":")
    if name not in SCENARIOS:
        raise UnknownScenario(name)
    return Chosen(SCENARIOS[name], argument)


@dataclass(slots=True)
class Plan:
    """A scenario for the next requests at some doors: after `skip` of them, `times` times."""

    chosen: Chosen
    doors: frozenset[str]
    times: int | None = None
    skip: int = 0

    def public(self) -> dict[str, Any]:
        return {
            "name": self.chosen.text,
            "for": sorted(self.doors),
            "times": self.times,
            "after": self.skip,
        }


@dataclass(slots=True)
class Plans:
    """The plans of a box, oldest first; the first that fits is used."""

    waiting: list[Plan] = field(default_factory=list)

    @staticmethod
    def starting_with(text: str) -> Plans:
        """The plans of a box started with `--scenario`."""
        plans = Plans()
        if text:
            plans.add({"name": text})
        return plans

    def add(self, wish: dict[str, Any]) -> Plan:
        """Add `{"name", "for"?, "times"?, "after"?}`; raises ValueError for a wrong one."""
        chosen = choose(str(wish.get("name", "")))
        wanted = wish.get("for")
        names = [wanted] if isinstance(wanted, str) else wanted
        doors = chosen.scenario.doors if not names else frozenset(str(name) for name in names)
        doors = ANY if "all" in doors else doors
        if not doors <= ANY:
            raise ValueError(f"unknown route kind in {sorted(doors)}; there are {sorted(ANY)}")
        times, skip = wish.get("times"), wish.get("after", 0)
        plan = Plan(chosen, doors, int(times) if times is not None else None, int(skip))
        self.waiting.append(plan)
        return plan

    def take(self, door: str, header: str) -> Chosen | None:
        """The scenario for a request at `door`; counts a plan down when it is used."""
        if header:
            chosen = choose(header)
            return chosen if door in chosen.scenario.doors else None
        for plan in self.waiting:
            if door not in plan.doors:
                continue
            if plan.skip > 0:
                plan.skip -= 1
                continue
            if plan.times is not None:
                plan.times -= 1
                if plan.times <= 0:
                    self.waiting.remove(plan)
            return plan.chosen
        return None
