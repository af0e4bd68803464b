"""How much the process grew meanwhile: the peak of its resident memory, sampled from a thread."""

from __future__ import annotations

import gc
import threading
from types import TracebackType
from typing import Self

import psutil


class Growth:
    """Measures while it is entered; `megabytes` afterwards."""

    def __init__(self) -> None:
        self._process = psutil.Process()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._sample, daemon=True)
        self._start = self._peak = 0

    def __enter__(self) -> Self:
        gc.collect()
        self._start = self._peak = self._now()
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._ended.set()
        self._thread.join()
        self._peak = max(self._peak, self._now())

    def _now(self) -> int:
        return int(self._process.memory_info().rss)

    def _sample(self) -> None:
        while not self._ended.wait(0.005):
            self._peak = max(self._peak, self._now())

    @property
    def megabytes(self) -> float:
        """The highest growth since entered."""
        return (self._peak - self._start) / 2**20
