"""One request at a time an account, and beside it the pictures that the service works on.

A fair queue in two lanes that everybody can see: what was ordered and is only looked after takes
no request's place, so no question waits for it; the next order waits for its end.
"""

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
    PENDING = auto()  # the service has the order: it is looked after, and takes no request's place
    BACKING_OFF = auto()  # keeps its place while it counts down to another try


@dataclass(frozen=True, slots=True)
class Retry:
    """Why a request is sent once more, which try is the next, and how many there are at most."""

    reason: ErrorKind
    next_try: int
    most_tries: int


@dataclass(eq=False, slots=True)
class QueueSlot:
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
        """What its place in the queue follows from, unless the user gives it another."""
        return self.kind, self.number


class RequestQueue(QObject):
    """Lets `limit` requests through at once; the others wait: chat first, then by age.

    Those who wait can be put in another order; who comes later is let in behind the last one that
    would go before.

    Of pictures at most `pictures` are ordered or pending; an order that waits for one of them
    lets all others pass. While it is `paused` nobody who waits goes in; what runs runs on.
    """

    changed = Signal()

    def __init__(self, limit: int = 1, pictures: int = 1, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._limit, self._pictures = limit, pictures
        self._paused = False
        self._numbers = itertools.count(1)
        self._turns: list[QueueSlot] = []

    @property
    def turns(self) -> tuple[QueueSlot, ...]:
        """Running turns first, then those that wait, in the order they will go."""
        return tuple(sorted(self._turns, key=lambda t: t.state is TurnState.WAITING))

    @property
    def running(self) -> int:
        """How many turns are under way, those that the service has too."""
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

    def set_limits(self, limit: int, pictures: int) -> None:
        """Let more or fewer requests and pictures through; running ones are not touched."""
        self._limit, self._pictures = limit, pictures
        self._admit()

    def held(self, turn: QueueSlot) -> bool:
        """Whether a turn that waits is an order that waits for a picture, not for a request."""
        busy = sum(
            each.kind is TurnKind.IMAGE and each.state is not TurnState.WAITING
            for each in self._turns
        )
        waits = turn.kind is TurnKind.IMAGE and turn.state is TurnState.WAITING
        return waits and busy >= self._pictures

    def before(self, turn: QueueSlot) -> list[QueueSlot]:
        """Those that a turn which waits has to wait for, in the order they go."""
        turns = self.turns
        ahead = turns[: turns.index(turn)]
        if self.held(turn):
            return [each for each in ahead if each.kind is TurnKind.IMAGE]
        return [
            each for each in ahead if each.state is not TurnState.PENDING and not self.held(each)
        ]

    def move(self, number: int, place: int) -> None:
        """Put a turn that waits at a place among those that wait, counted from 0."""
        waiting = [each for each in self._turns if each.state is TurnState.WAITING]
        mine = next((each for each in waiting if each.number == number), None)
        if mine is not None:
            waiting.remove(mine)
            waiting.insert(max(0, place), mine)
            rest = [each for each in self._turns if each.state is not TurnState.WAITING]
            self._turns = [*rest, *waiting]
            self._admit()

    def cancel(self, number: int) -> None:
        """End a turn, running or waiting, as if its owner had stopped it."""
        for turn in self._turns:
            if turn.number == number:
                turn.task.cancel()

    @asynccontextmanager
    async def turn(
        self, kind: TurnKind, label: str, model: str, *, pending: bool = False
    ) -> AsyncIterator[QueueSlot]:
        """Wait for a place and hold it; cancelling the task gives it up at any time.

        What is `pending` waits for nobody: the service has had the order for a while.
        """
        task = asyncio.current_task()
        assert task is not None
        admitted = asyncio.get_running_loop().create_future()
        mine = QueueSlot(next(self._numbers), kind, label, model, task, admitted)
        before = [place for place, each in enumerate(self._turns) if each.order < mine.order]
        self._turns.insert(before[-1] + 1 if before else 0, mine)
        if pending:
            self._go(mine, TurnState.PENDING)
        self._admit()
        try:
            await admitted
            yield mine
        finally:
            self.leave(mine)

    def leave(self, turn: QueueSlot) -> None:
        """Give a place up before its task ends: nothing that another waits for is left to do."""
        if turn in self._turns:
            self._turns.remove(turn)
            self._admit()

    def hand_over(self, turn: QueueSlot) -> None:
        """The service has accepted what was ordered: the next request may go."""
        turn.state = TurnState.PENDING
        self._admit()

    def back_off(
        self, turn: QueueSlot, seconds: float, retry: Retry | None = None
    ) -> Coroutine[Any, Any, None]:
        """Count down before another try, keeping the place: a refused account stays refused.

        The turn shows it from now on; await what is returned.
        """
        turn.state, turn.resumes_at = TurnState.BACKING_OFF, time.monotonic() + seconds
        turn.pause, turn.retry = seconds, retry
        self.changed.emit()
        return self._count_down(turn, seconds)

    async def _count_down(self, turn: QueueSlot, seconds: float) -> None:
        try:
            await asyncio.sleep(seconds)
        finally:
            turn.state, turn.resumes_at, turn.retry = TurnState.RUNNING, None, None
            turn.since = time.monotonic()
            self.changed.emit()

    def _admit(self) -> None:
        for turn in self.turns:
            requests = sum(
                each.state in (TurnState.RUNNING, TurnState.BACKING_OFF) for each in self._turns
            )
            if self._paused or requests >= self._limit:
                break
            if turn.state is TurnState.WAITING and not self.held(turn):
                self._go(turn, TurnState.RUNNING)
        self.changed.emit()

    def _go(self, turn: QueueSlot, state: TurnState) -> None:
        turn.state, turn.since = state, time.monotonic()
        if not turn.admitted.done():
            turn.admitted.set_result(None)
