"""What is noted of one exchange with a server: numbers and names, no words and no token."""

from __future__ import annotations

import time
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and its answer; sizes in bytes, times in seconds, None for what never came.

    `route` is the path on a service's own host and empty for results, whose addresses may be
    secrets. `trouble` says what ended it early: the kind of an error, or its class by name.
    """

    at: float  # seconds since the epoch
    method: str
    host: str
    route: str = ""
    model: str = ""
    status: int | None = None
    request_id: str = ""
    sent: int = 0
    received: int = 0
    first_byte: float | None = None
    seconds: float = 0.0
    trouble: str = ""

    def line(self) -> str:
        """The exchange on one line, in English, for a report."""
        when = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(self.at))
        status = "no answer" if self.status is None else str(self.status)
        first = "-" if self.first_byte is None else f"{self.first_byte * 1000:.0f} ms"
        parts = [
            when,
            f"{self.method} {self.host}{self.route}",
            self.model or "-",
            status,
            f"{self.sent} B out",
            f"{self.received} B in",
            f"first byte {first}",
            f"{self.seconds:.2f} s",
            self.request_id or "-",
            self.trouble,
        ]
        return " | ".join(part for part in parts if part)
