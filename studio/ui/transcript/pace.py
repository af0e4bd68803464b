"""When a growing answer is painted next: each frame, or every second one when it pours."""

from __future__ import annotations

import time
from collections.abc import Callable

_FRAME = 0.012  # seconds; a little less than a frame, so that none is missed
_POURING_FRAME = 0.028
# Characters a second (about 400 tokens) of which each repaint brings most of a line: no eye
# follows that, and what is spared is half of the work.
_POURING = 1_600


class Pace:
    """Tells when to paint; `clock` gives seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._painted_at = -1.0
        self._length = 0
        self._interval = _FRAME

    def wait(self) -> float:
        """Seconds until the next paint is due; 0 when it is."""
        return max(0.0, self._painted_at + self._interval - self._clock())

    def painted(self, length: int) -> None:
        """Something was painted; the growing texts have `length` characters now."""
        now = self._clock()
        grown, passed = length - self._length, now - self._painted_at
        pouring = grown > 0 and self._painted_at >= 0 and grown > _POURING * passed
        self._interval = _POURING_FRAME if pouring else _FRAME
        self._painted_at, self._length = now, length
