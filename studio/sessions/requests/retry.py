"""When a request may be tried again by itself, and after how long."""

from __future__ import annotations

from studio.core.errors import ErrorKind, StudioError

# Seconds to wait before the 2nd, 3rd and 4th try where the service names no time.
_THROTTLED = (3.0, 6.0, 12.0)
_BUSY = (3.0,)
_EMPTY = (1.0, 2.0)
# A longer wait than this is the user's decision: the error says it instead of a silent minute.
LONGEST_WAIT = 60.0

_DELAYS = {
    ErrorKind.THROTTLED: _THROTTLED,
    ErrorKind.BUSY: _BUSY,
    ErrorKind.EMPTY_ANSWER: _EMPTY,
}


def tries_of(kind: ErrorKind) -> int:
    """How many times a request is sent at most when it fails with `kind`."""
    return len(_DELAYS.get(kind, ())) + 1


def delay_before_retry(error: StudioError, tries: int) -> float | None:
    """Seconds to wait after `tries` tries, or None to give up.

    Only for requests of which nothing was shown yet and that do not cost when refused:
    an answer that began is never asked for again, and a submitted picture neither.
    """
    delays = _DELAYS.get(error.kind, ())
    if error.had_partial or tries > len(delays):
        return None
    delay = delays[tries - 1] if error.retry_after is None else error.retry_after
    return delay if delay <= LONGEST_WAIT else None
