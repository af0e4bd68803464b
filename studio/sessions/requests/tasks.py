"""The one place where coroutines start and where their errors end."""

from __future__ import annotations

import contextlib
import logging
import traceback
from collections.abc import Callable, Coroutine, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from studio.core.errors import ErrorKind, StoredError, StudioError

if TYPE_CHECKING:
    import asyncio

_log = logging.getLogger(__name__)


class TaskGroup(QObject):
    """Starts tasks and keeps them; one that fails is logged and told, and the program lives on.

    `failed(StoredError)` carries a StudioError that nobody showed, or BUG for anything else.
    The log gets the places in our code but never an exception's text, which may hold what the
    user wrote.
    """

    failed = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._tasks: set[asyncio.Task[Any]] = set()
        self._closing = self._closed = False

    def start(self, coroutine: Coroutine[Any, Any, Any], name: str) -> asyncio.Task[Any]:
        """Run `coroutine` on the running loop; `name` is for the log."""
        import asyncio  # not before the first paint

        task = asyncio.get_running_loop().create_task(coroutine, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._on_done)
        if self._closed:
            task.cancel()  # a timer of a run that has ended, in the one that follows it
        return task

    def attempt(self, work: Callable[[], object], where: str) -> bool:
        """Do one step of several; when it fails that is told, and the next ones can be done."""
        try:
            work()
        except Exception as error:  # noqa: BLE001 - an error of any kind ends here, as in a task
            self.report(error, where)
            return False
        return True

    async def attempt_all(
        self, steps: Iterable[tuple[str, Callable[[], Coroutine[Any, Any, object]]]]
    ) -> None:
        """Do steps one after another; each that fails is told, and the next ones are done."""
        for where, step in steps:
            try:
                await step()
            except Exception as error:  # noqa: BLE001 - as above
                self.report(error, where)

    @property
    def count(self) -> int:
        """How many tasks run now."""
        return len(self._tasks)

    @property
    def closing(self) -> bool:
        """Whether the program ends: a cancelled task was not stopped by the user then."""
        return self._closing

    async def close(self, seconds: float = 2.0) -> None:
        """Cancel every task and wait for their last words, at most `seconds`."""
        import asyncio

        self._closing = True
        current = asyncio.current_task()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                # Again and again: the end of one task may start another, as a list that reloads.
                while tasks := self._tasks - {current}:
                    for task in tasks:
                        task.cancel()
                    await asyncio.wait(tasks)
        self._closed = True

    def _on_done(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self.report(error, task.get_name())

    def report(self, error: BaseException, where: str) -> None:
        """Log and tell an error that nobody caught."""
        if isinstance(error, StudioError):
            _log.warning("%s: %s", where, error.kind.value)
            self.failed.emit(error.stored())
            return
        places = places_of(error)
        _log.error("%s: %s\n%s", where, type(error).__name__, places)
        self.failed.emit(StoredError(ErrorKind.BUG, f"{type(error).__name__} ({where})\n{places}"))


def places_of(error: BaseException) -> str:
    """Where an error came from: files and lines, without its text, values or the user's folders."""
    frames = traceback.extract_tb(error.__traceback__)
    return "\n".join(
        f"  {'/'.join(Path(frame.filename).parts[-3:])}:{frame.lineno} {frame.name}"
        for frame in frames
    )
