"""Which headers leave, and what is read from those that come back."""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Mapping
from email.utils import parsedate_to_datetime
from typing import Protocol

from studio import __version__
from studio.core.credits import RateLimits

USER_AGENT = f"moda-studio/{__version__}"

# Everything else is dropped on its way out: the SDKs add what *_CUSTOM_HEADERS, *_ORG_ID and the
# like say in the environment, and describe the machine.
ALLOWED_OUT = frozenset(
    {
        "accept",
        "connection",
        "content-type",
        "content-length",
        "transfer-encoding",
        "anthropic-version",
        "x-modelscope-async-mode",
        "x-modelscope-task-type",
        "x-studio-scenario",  # asks the service in a box for a fault
    }
)
LONGEST_WAIT = 7 * 86400.0  # seconds; a longer Retry-After is not believed
_REQUEST_IDS = ("x-request-id", "request-id", "x-modelscope-request-id", "x-acs-request-id")
_LIMITS = {
    "limit": "modelscope-ratelimit-requests-limit",
    "remaining": "modelscope-ratelimit-requests-remaining",
    "model_limit": "modelscope-ratelimit-model-requests-limit",
    "model_remaining": "modelscope-ratelimit-model-requests-remaining",
}


class HeaderLookup(Protocol):
    """The headers of either HTTP stack: names in any case."""

    def get(self, key: str, default: str = "", /) -> str: ...


def outgoing(headers: Iterable[tuple[str, str]], auth: Mapping[str, str]) -> list[tuple[str, str]]:
    """The headers that really leave: the allowed of `headers`, ours, and `auth` before either."""
    given = {name.lower() for name in auth}
    allowed = ALLOWED_OUT - given
    kept = [(name, value) for name, value in headers if name.lower() in allowed]
    # identity: what is not compressed cannot explode, and no compressor holds a stream back.
    ours = [("User-Agent", USER_AGENT), ("Accept-Encoding", "identity")]
    return [*kept, *ours, *auth.items()]


def request_id(headers: HeaderLookup) -> str:
    """The server's number of the request, or empty."""
    return next((value for name in _REQUEST_IDS if (value := headers.get(name, ""))), "")[:200]


def _finite(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def retry_after(headers: HeaderLookup, now: float | None = None) -> float | None:
    """Seconds to wait as the server asks (a number or a date); None for nonsense or the past."""
    milliseconds = _finite(headers.get("retry-after-ms", ""))
    if milliseconds is not None:
        seconds: float | None = milliseconds / 1000
    else:
        text = headers.get("retry-after", "").strip()
        seconds = _finite(text)
        if seconds is None and text:
            try:
                seconds = parsedate_to_datetime(text).timestamp() - (now or time.time())
            except (ValueError, OverflowError, TypeError, OSError):
                seconds = None
    if seconds is None or not 0 < seconds <= LONGEST_WAIT:
        return None
    return seconds


def _count(text: str) -> int | None:
    text = text.strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 12 else None


def rate_limits(headers: HeaderLookup) -> RateLimits | None:
    """Calls a day as the older regime's headers say; None when there are none."""
    counts = {name: _count(headers.get(header, "")) for name, header in _LIMITS.items()}
    return RateLimits(**counts) if any(value is not None for value in counts.values()) else None
