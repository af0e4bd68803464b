"""One long piece of work at a time, in a thread: how far it is, a way to end it, its outcome."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto

from PySide6.QtCore import QObject, QTimer, Signal

from studio.core.errors import StoredError, StudioError
from studio.core.transfer.common import TransferCancelled, Watch
from studio.sessions.requests.tasks import TaskGroup

_LOOK_MS = 100  # how often the window is told how far it is


class Operation(Enum):
    """What is being done; the window has words for each."""

    BACK_UP = auto()
    EXPORT = auto()
    EXPORT_ALL = auto()
    COPY_ALL = auto()
    LOOK = auto()  # into what is to be imported
    IMPORT = auto()
    RESTORE = auto()
    MOVE = auto()


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an operation ended: with a result, with an error, or neither when it was cancelled."""

    operation: Operation
    result: object = None
    error: StoredError | None = None

    @property
    def cancelled(self) -> bool:
        """Whether the user ended it; nothing of it was left behind."""
        return self.result is None and self.error is None


class Operations(QObject):
    """`changed` tells of the beginning, of progress and of the end; `ended(Outcome)` how it ended.

    Work is a function that is given a Watch, blocks, and returns something that is not None. It
    raises StudioError, or TransferCancelled when the watch says so.
    """

    changed = Signal()
    ended = Signal(object)

    def __init__(self, tasks: TaskGroup, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._tasks = tasks
        self._operation: Operation | None = None
        self._stop = threading.Event()
        self._reached = (0, 0)  # written by the thread, one tuple at a time
        self._look = QTimer(self)
        self._look.setInterval(_LOOK_MS)
        self._look.timeout.connect(self.changed)

    @property
    def operation(self) -> Operation | None:
        """What is being done now."""
        return self._operation

    @property
    def cancelling(self) -> bool:
        """Whether it was asked to end and has not yet."""
        return self._operation is not None and self._stop.is_set()

    @property
    def share(self) -> float | None:
        """How much of it is done, from 0 to 1; None while that is not known."""
        done, total = self._reached
        return min(1.0, done / total) if total > 0 else None

    def start(self, operation: Operation, work: Callable[[Watch], object]) -> bool:
        """Begin; False, and nothing happens, while another one is under way."""
        if self._operation is not None:
            return False
        self._operation, self._stop, self._reached = operation, threading.Event(), (0, 0)
        self._look.start()
        self._tasks.start(self._run(operation, work), f"operation {operation.name}")
        self.changed.emit()
        return True

    def cancel(self) -> None:
        """Ask what is under way to end; the outcome tells when it has."""
        if self._operation is not None:
            self._stop.set()
            self.changed.emit()

    def _progress(self, done: int, total: int) -> None:
        self._reached = (done, total)

    async def _run(self, operation: Operation, work: Callable[[Watch], object]) -> None:
        watch = Watch(self._progress, self._stop.is_set)
        outcome: Outcome | None = None
        try:
            outcome = Outcome(operation, await self._in_thread(work, watch))
        except TransferCancelled:
            outcome = Outcome(operation)
        except StudioError as error:
            outcome = Outcome(operation, error=error.stored())
        finally:
            self._operation = None
            self._look.stop()
            self.changed.emit()
        self.ended.emit(outcome)

    async def _in_thread(self, work: Callable[[Watch], object], watch: Watch) -> object:
        import asyncio  # not before the first paint

        loop = asyncio.get_running_loop()
        working = loop.run_in_executor(None, work, watch)
        while True:
            try:
                # A thread cannot be cancelled, only asked: the program ends when it has ended.
                return await asyncio.shield(working)
            except asyncio.CancelledError:
                self._stop.set()
                if working.done():
                    raise
