"""What is known of credits and quota; unknown is None and never 0."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Balance:
    """Credits as the service says them; `held` are reserved for running work."""

    total: float | None = None
    available: float | None = None
    held: float | None = None

    @property
    def known(self) -> bool:
        """Whether there is anything to show."""
        return self.available is not None


@dataclass(frozen=True, slots=True)
class RateLimits:
    """Calls a day of the older regime, from response headers; None when not sent."""

    limit: int | None = None
    remaining: int | None = None
    model_limit: int | None = None
    model_remaining: int | None = None
