"""Reads values of strangers, and says by one error which of them is not right."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from studio.core.transfer.clients.reasons import UNREADABLE
from studio.core.transfer.clients.table import title_in
from studio.core.transfer.common import BROKEN_JSON, WRONG_SHAPE, Skipped, refused
from studio.core.transfer.values import Wrong, read

T = TypeVar("T")

MOST_LINE_BYTES = 256 * 1024 * 1024


def understood(reader: Callable[[Any], T], stored: Any, where: str) -> T:
    """What `reader` makes of `stored`, or the refusal; its detail says which place is not right."""
    try:
        return reader(stored)
    except Wrong as wrong:
        raise refused(WRONG_SHAPE, wrong.within(where).place) from wrong
    except RecursionError as error:
        raise refused(WRONG_SHAPE, f"{where} is too deep") from error


def read_json(text: bytes | str, where: str) -> Any:
    """JSON of a stranger, or the refusal."""
    try:
        return read(text)
    except Wrong as wrong:
        raise refused(BROKEN_JSON, wrong.within(where).place) from wrong


def left_out(stored: Any, number: int) -> Skipped:
    """A conversation that could not be read: one of them never costs the others."""
    return Skipped(title_in(stored) or f"#{number + 1}", UNREADABLE)
