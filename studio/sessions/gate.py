"""One request at a time an account: a fair queue that everybody can see."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from enum import Enum, IntEnum, auto
from typing import Any

from PySide6.QtCore import QObject, Signal

from studio.core.errors import ErrorKind


class TurnKind(IntEnum):
    """What waits; a lower number goes first."""

    CHAT = 0
    IMAGE = 1
    TITLE = 2  # nobody waits for it


class TurnState(Enum):
    """Where a turn stands."""

    WAITING = auto()
    RUNNING = auto()
    BACKING_OFF = auto()  # keeps its place while it counts down to another try


@dataclass(frozen=True, slots=True)
class Retry:
    """Why a request is sent once more, which try is the next, and how many there are at most."""

    reason: ErrorKind
    next_try: int
    most_tries: int


@dataclass(eq=False, slots=True)
class Turn:
    """One request in the queue, as the window shows it.

    `since` and `resumes_at` are readings of `time.monotonic`; `pause` is how many seconds the
    countdown began with.
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
    pause: float = 0.0
    retry: Retry | None = None

    @property
    def order(self) -> tuple[int, int]:
        """What the queue is sorted by."""
        return self.kind, self.number


class Gate(QObject):
    """Lets `limit` requests through at once; the others wait: chat first, then by age.

    While it is `paused` nobody who waits goes in; what runs runs on.
    """

    changed = Signal()

    def __init__(self, limit: int = 1, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._limit = limit
        self._paused = False
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

    @property
    def limit(self) -> int:
        """How many may go at once."""
        return self._limit

    @property
    def paused(self) -> bool:
        """Whether those who wait are held back."""
        return self._paused

    def set_paused(self, paused: bool) -> None:
        """Hold back those who wait, or let them go on."""
        if paused is not self._paused:
            self._paused = paused
            self._admit()

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

    def back_off(
        self, turn: Turn, seconds: float, retry: Retry | None = None
    ) -> Coroutine[Any, Any, None]:
        """Count down before another try, keeping the place: a refused account stays refused.

        The turn shows it from now on; await what is returned.
        """
        turn.state, turn.resumes_at = TurnState.BACKING_OFF, time.monotonic() + seconds
        turn.pause, turn.retry = seconds, retry
        self.changed.emit()
        return self._count_down(turn, seconds)

    async def _count_down(self, turn: Turn, seconds: float) -> None:
        try:
            await asyncio.sleep(seconds)
        finally:
            turn.state, turn.resumes_at, turn.retry = TurnState.RUNNING, None, None
            turn.since = time.monotonic()
            self.changed.emit()

    def _admit(self) -> None:
        waiting = sorted(
            (turn for turn in self._turns if turn.state is TurnState.WAITING),
            key=lambda turn: turn.order,
        )
        places = 0 if self._paused else max(0, self._limit - self.running)
        for turn in waiting[:places]:
            turn.state, turn.since = TurnState.RUNNING, time.monotonic()
            if not turn.admitted.done():
                turn.admitted.set_result(None)
        self.changed.emit()
