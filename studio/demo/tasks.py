"""Picture tasks: accepted, pending, running, done; they survive a restart through a file."""

from __future__ import annotations

import json
import secrets
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

PENDING_SHARE = 0.2
RUNNING_SHARE = 0.5


@dataclass(frozen=True, slots=True)
class Task:
    """One accepted request. What becomes of it follows from `at`, `seconds` and `fate` alone."""

    id: str
    request: dict[str, Any] = field(repr=False)
    at: float
    seconds: float
    fate: str = ""

    def status(self, now: float) -> str:
        """The service's word for the state at `now`."""
        share = (now - self.at) / self.seconds if self.seconds > 0 else 1.0
        if share >= 1.0:
            return "SUCCEED"
        if share < PENDING_SHARE:
            return "PENDING"
        return "RUNNING" if share < RUNNING_SHARE else "PROCESSING"

    def seconds_left(self, now: float) -> float:
        return max(0.0, self.at + self.seconds - now)


class Tasks:
    """All tasks of a box; with a `state` file also those of the boxes before it."""

    def __init__(self, seconds: float, state: Path | None) -> None:
        self.seconds = seconds
        self._state = state
        self._known: dict[str, Task] = {}
        if state is not None and state.exists():
            for line in state.read_text(encoding="utf-8").splitlines():
                self._remember(line)

    def accept(self, request: dict[str, Any], fate: str) -> Task:
        """Take a request in; it is in the state file before this returns."""
        # By chance and not by the seed: the next box must not give an id a second time.
        task = Task(secrets.token_hex(16), request, time.time(), self.seconds, fate)
        self._known[task.id] = task
        if self._state is not None:
            row = {name: getattr(task, name) for name in Task.__slots__}
            with self._state.open("a", encoding="utf-8") as file:
                file.write(json.dumps(row) + "\n")
        return task

    def find(self, id: str) -> Task | None:
        return self._known.get(id)

    def __len__(self) -> int:
        return len(self._known)

    def _remember(self, line: str) -> None:
        try:
            task = Task(**json.loads(line))
        except (ValueError, TypeError):
            return  # a line cut off by a kill: its caller never got an answer either
        self._known[task.id] = task
