"""Frees circular garbage on the UI thread alone, because a Qt object must die where it lives.

Python's collector runs in whichever thread happens to allocate. A widget or timer that it frees
in a worker thread leaves its timers behind, and the next tick takes the program down (seen as a
crash in QTimerInfoList::activateTimers).
"""

from __future__ import annotations

import gc

from PySide6.QtCore import QObject, QTimer

INTERVAL_MS = 1000


class UiThreadGc(QObject):
    """Takes the collector's work over while it lives; `close` gives it back.

    Nothing is collected before `start`: a full collection while the SDKs are being imported froze
    the window for 98-139 ms of CPU, without it no gap was longer than 18 ms.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._limits = gc.get_threshold()
        self._pauses = 0
        self._timer = QTimer(self)
        self._timer.setInterval(INTERVAL_MS)
        self._timer.timeout.connect(self.collect)
        gc.disable()

    def pause(self) -> None:
        """Collect nothing until `start` is called as often: much is being imported."""
        if self._timer.isActive():
            gc.collect()  # what is garbage by now must not stay with what is loaded
        self._pauses += 1
        self._timer.stop()

    def start(self) -> None:
        """Collect from now on; what is loaded already stays and is not looked at again."""
        self._pauses = max(0, self._pauses - 1)
        if not self._pauses:
            gc.freeze()
            self._timer.start()

    def collect(self) -> None:
        """Free what is due by Python's own thresholds, the cheapest generation that is enough."""
        counts = gc.get_count()
        due = [each for each in range(3) if counts[each] > self._limits[each]]
        if due:
            gc.collect(due[-1])

    def close(self) -> None:
        """Let Python collect by itself again."""
        self._timer.stop()
        gc.enable()
