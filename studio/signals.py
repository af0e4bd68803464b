"""What the system says when it wants the program to end, as at the end of a session."""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Callable, Iterator

_NAMES = ("SIGTERM", "SIGINT", "SIGHUP")


@contextlib.contextmanager
def signals_to(end: Callable[[], None]) -> Iterator[None]:
    """Call `end` for the first such signal; asked again, the process ends at once."""

    def hear(number: int, _frame: object) -> None:
        signal.signal(number, signal.SIG_DFL)
        end()

    numbers = [getattr(signal, name) for name in _NAMES if hasattr(signal, name)]
    before = {number: signal.signal(number, hear) for number in numbers}
    try:
        yield
    finally:
        for number, earlier in before.items():
            signal.signal(number, earlier)
