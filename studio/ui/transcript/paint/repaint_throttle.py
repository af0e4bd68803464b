"""When a growing answer is painted next: each frame, and less often the more it pours."""

from __future__ import annotations

import time
from collections.abc import Callable

_FRAME = 0.012  # seconds; a little less than a frame, so that none is missed
# From so many characters a second on (about 400 and 3,000 tokens) every second and every third
# frame: each repaint brings a line or more then, which no eye follows anyway.
_POURING = ((12_000, 0.045), (1_600, 0.028))


class RepaintThrottle:
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
        rate = grown / passed if self._painted_at >= 0 and passed > 0 else 0.0
        self._interval = next((every for least, every in _POURING if rate > least), _FRAME)
        self._painted_at, self._length = now, length
