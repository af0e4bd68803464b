"""Faults that the box plays on demand, named by a header, an option or a request to the box."""

from studio.demo.scenarios import answers, outcomes, streams
from studio.demo.scenarios.kinds import Answer, Chosen, Fate, Scenario, Stream
from studio.demo.scenarios.plans import Plan, Plans, UnknownScenario, choose

# Every scenario by its name; what it does is its docstring. A new one is one function.
SCENARIOS: dict[str, Scenario] = {**answers.TABLE, **streams.TABLE, **outcomes.TABLE}

__all__ = [
    "SCENARIOS",
    "Answer",
    "Chosen",
    "Fate",
    "Plan",
    "Plans",
    "Scenario",
    "Stream",
    "UnknownScenario",
    "choose",
]
