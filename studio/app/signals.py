"""What the system says when it wants the program to end, as at the end of a session."""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Callable, Iterator

from PySide6.QtCore import QSocketNotifier

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
        with _woken():
            yield
    finally:
        for number, earlier in before.items():
            signal.signal(number, earlier)


@contextlib.contextmanager
def _woken() -> Iterator[None]:
    """Let a signal wake Qt's loop up: Python hears it only when it is the turn of the main thread.

    While the window rests that is never: a run that was told to end while the SDKs were still
    being imported heard it seconds later.
    """
    import socket  # no part of the first paint

    reading, writing = socket.socketpair()
    with reading, writing:
        reading.setblocking(False)
        writing.setblocking(False)
        notifier = QSocketNotifier(reading.fileno(), QSocketNotifier.Type.Read)

        def take() -> None:
            with contextlib.suppress(BlockingIOError):
                reading.recv(64)

        notifier.activated.connect(take)
        before = signal.set_wakeup_fd(writing.fileno(), warn_on_full_buffer=False)
        try:
            yield
        finally:
            signal.set_wakeup_fd(before)
            notifier.setEnabled(False)
