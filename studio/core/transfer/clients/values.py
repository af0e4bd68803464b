"""Reads single values of files that anybody may have written: a wrong type is no value at all."""

from __future__ import annotations

import json
import math
import re
from datetime import UTC, datetime
from typing import Any

from studio.core.transfer.values import Wrong

DEEPEST = 100  # how deep texts may lie in one another
_EARLIEST, _LATEST = 946_684_800.0, 4_102_444_800.0  # 2000 to 2100
# Seconds, and what is counted in thousandths of what is before: milli-, micro-, nanoseconds.
_UNITS = (1.0, 1e3, 1e6, 1e9)
# As browsers write a time in the words of a country: 2024/1/1 10:00:00, 1/31/2024, 10:00:00 AM …
_LOCAL = re.compile(
    r"(\d{1,4})[/.\-年](\d{1,2})[/.\-月](\d{1,4})日?,?\s*"
    r"(?:(上午|下午|凌晨|中午|晚上|AM|PM)\s*)?(\d{1,2})[:.](\d{2})(?:[:.](\d{2}))?\s*([AaPp]\.?[Mm])?"
)
_AFTERNOON = ("下午", "晚上", "中午", "pm")


def text(value: Any) -> str:
    """`value`, if it is a text; else none."""
    return value if isinstance(value, str) else ""


def word(value: Any) -> str:
    """A name or id on one line, which may be a whole number; else none."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value) if abs(value) < 2**63 else ""
    return " ".join(text(value).split())


def obj(value: Any) -> dict[str, Any]:
    """`value`, if it is an object; else an empty one."""
    return value if isinstance(value, dict) else {}


def items(value: Any) -> list[Any]:
    """`value`, if it is an array; else an empty one."""
    return value if isinstance(value, list) else []


def objects(value: Any) -> list[dict[str, Any]]:
    """The objects among the elements of an array."""
    return [each for each in items(value) if isinstance(each, dict)]


def first(*values: Any) -> str:
    """The first of `values` that is a name."""
    return next((each for each in map(word, values) if each), "")


def strings(value: Any, places: tuple[str, ...], depth: int = 0) -> list[str]:
    """The texts of a value, in an object those in `places`; raises Wrong for what has no end."""
    if depth > DEEPEST:
        raise Wrong("too deep")
    if isinstance(value, str):
        return [value] if value.strip() else []
    if isinstance(value, list):
        return [found for each in value for found in strings(each, places, depth + 1)]
    if not isinstance(value, dict):
        return []
    inner = (strings(value.get(name), places, depth + 1) for name in places)
    return [found for each in inner for found in each]


def as_json(value: Any) -> str:
    """Anything that is kept as it stands, for people to read; raises Wrong for what has no end."""
    try:
        return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    except (RecursionError, ValueError) as error:
        raise Wrong("too deep") from error


def moment(value: Any, depth: int = 0) -> float | None:
    """A time in whatever way it is written, as seconds since 1970 UTC; None when it is none.

    Numbers in seconds to nanoseconds, also as text; ISO 8601, which without a zone is UTC; what
    browsers show, which is local; `{"$date": …}` and `{"seconds": …}` of databases.
    """
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _counted(float(value)) if abs(value) < 1e20 else None
    if isinstance(value, dict) and depth < 4:
        places = ("$date", "$numberLong", "seconds", "_seconds")
        found = (moment(value.get(name), depth + 1) for name in places)
        return next((each for each in found if each is not None), None)
    return _written(value.strip()[:60]) if isinstance(value, str) else None


def earliest(*values: Any) -> float | None:
    """The first of `values` that is a time."""
    found = (moment(each) for each in values)
    return next((each for each in found if each is not None), None)


def _counted(value: float) -> float | None:
    seconds = (value / unit for unit in _UNITS)
    return next((each for each in seconds if _EARLIEST <= each <= _LATEST), None)


def _written(value: str) -> float | None:
    try:
        return _counted(float(value)) if math.isfinite(float(value)) else None
    except ValueError:
        pass
    try:
        read = datetime.fromisoformat(value)
    except ValueError:
        return _local(value)
    # Without a zone it is most often the clock of a server.
    return _possible(read if read.tzinfo else read.replace(tzinfo=UTC))


def _local(value: str) -> float | None:
    match = _LOCAL.match(value)
    if match is None:
        return None
    one, two, three = (int(match[place]) for place in (1, 2, 3))
    year, month, day = (one, two, three) if one > 31 else (three, one, two)
    if month > 12:
        month, day = day, month
    half = (match[4] or match[8] or "").replace(".", "").lower()
    hour = int(match[5])
    if half:
        hour = hour % 12 + (12 if half in _AFTERNOON else 0)
    try:
        return _possible(datetime(year, month, day, hour, int(match[6]), int(match[7] or 0)))
    except ValueError:
        return None


def _possible(read: datetime) -> float | None:
    try:
        return _counted(read.timestamp())
    except (OverflowError, ValueError, OSError):
        return None
