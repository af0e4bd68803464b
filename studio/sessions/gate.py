"""One request at a time an account: a fair queue that everybody can see."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from enum import Enum, IntEnum, auto

from PySide6.QtCore import QObject, Signal


class TurnKind(IntEnum):
    """What waits; a lower number goes first."""

    CHAT = 0
    IMAGE = 1


class TurnState(Enum):
    """Where a turn stands."""

    WAITING = auto()
    RUNNING = auto()
    BACKING_OFF = auto()  # keeps its place while it counts down to another try


@dataclass(eq=False, slots=True)
class Turn:
    """One request in the queue, as the window shows it.

    `since` and `resumes_at` are readings of `time.monotonic`.
    """

    number: int
    kind: TurnKind
    label: str
    model: str
    task: asyncio.Task[object]
    admitted: asyncio.Future[None]
    state: TurnState = TurnState.WAITING
    since: float = field(default_factory=time.monotonic)
    resumes_at: float | None = None

    @property
    def order(self) -> tuple[int, int]:
        """What the queue is sorted by."""
        return self.kind, self.number


class Gate(QObject):
    """Lets `limit` requests through at once; the others wait: chat first, then by age."""

    changed = Signal()

    def __init__(self, limit: int = 1, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._limit = limit
        self._numbers = itertools.count(1)
        self._turns: list[Turn] = []

    @property
    def turns(self) -> tuple[Turn, ...]:
        """Running turns first, then those that wait, in the order they will go."""
        return tuple(sorted(self._turns, key=lambda t: (t.state is TurnState.WAITING, t.order)))

    @property
    def running(self) -> int:
        """How many turns are under way."""
        return sum(turn.state is not TurnState.WAITING for turn in self._turns)

    @property
    def waiting(self) -> int:
        """How many turns wait for a place."""
        return len(self._turns) - self.running

    def set_limit(self, limit: int) -> None:
        """Let more or fewer requests through; running ones are not touched."""
        self._limit = limit
        self._admit()

    def cancel(self, number: int) -> None:
        """End a turn, running or waiting, as if its owner had stopped it."""
        for turn in self._turns:
            if turn.number == number:
                turn.task.cancel()

    @asynccontextmanager
    async def turn(self, kind: TurnKind, label: str, model: str) -> AsyncIterator[Turn]:
        """Wait for a place and hold it; cancelling the task gives it up at any time."""
        task = asyncio.current_task()
        assert task is not None
        admitted = asyncio.get_running_loop().create_future()
        mine = Turn(next(self._numbers), kind, label, model, task, admitted)
        self._turns.append(mine)
        self._admit()
        try:
            await admitted
            yield mine
        finally:
            self._turns.remove(mine)
            self._admit()

    async def back_off(self, turn: Turn, seconds: float) -> None:
        """Count down before another try, keeping the place: a refused account stays refused."""
        turn.state, turn.resumes_at = TurnState.BACKING_OFF, time.monotonic() + seconds
        self.changed.emit()
        try:
            await asyncio.sleep(seconds)
        finally:
            turn.state, turn.resumes_at = TurnState.RUNNING, None
            self.changed.emit()

    def _admit(self) -> None:
        waiting = sorted(
            (turn for turn in self._turns if turn.state is TurnState.WAITING),
            key=lambda turn: turn.order,
        )
        for turn in waiting[: max(0, self._limit - self.running)]:
            turn.state, turn.since = TurnState.RUNNING, time.monotonic()
            if not turn.admitted.done():
                turn.admitted.set_result(None)
        self.changed.emit()
