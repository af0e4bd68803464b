"""Our own count of what was used, by day, host and model."""

from __future__ import annotations

import time
from dataclasses import astuple, dataclass

import apsw


@dataclass(frozen=True, slots=True)
class Used:
    """What one or more requests used; tokens only where the service counted them."""

    calls: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    pictures: int = 0
    refusals: int = 0


@dataclass(frozen=True, slots=True)
class UsageRow:
    """What one model used on one day (as 2026-11-24, local time)."""

    day: str
    origin: str
    model: str
    used: Used


def record(
    connection: apsw.Connection, origin: str, model: str, used: Used, *, now: float | None = None
) -> None:
    """Add to the line of today."""
    day = time.strftime("%Y-%m-%d", time.localtime(now))
    connection.execute(
        "INSERT INTO ledger VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT(day, origin, model) DO UPDATE SET calls = calls + excluded.calls,"
        " input_tokens = input_tokens + excluded.input_tokens,"
        " output_tokens = output_tokens + excluded.output_tokens,"
        " pictures = pictures + excluded.pictures, refusals = refusals + excluded.refusals",
        (day, origin, model, *astuple(used)),
    )


def list_days(connection: apsw.Connection, *, since: str) -> list[UsageRow]:
    """Every line from the day `since` on, newest day first, then by model."""
    rows = connection.execute(
        "SELECT day, origin, model, calls, input_tokens, output_tokens, pictures, refusals"
        " FROM ledger WHERE day >= ? ORDER BY day DESC, model, origin",
        (since,),
    )
    return [UsageRow(day, origin, model, Used(*counts)) for day, origin, model, *counts in rows]
