"""Waiting by looking again until it is so, and saying what was there instead when it never was."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

Seen = TypeVar("Seen")

AGAIN_SECONDS = 0.06


class DesktopError(RuntimeError):
    """The desktop does not do what it should; the text says what in one sentence."""


class NotSeenError(DesktopError):
    """Something was waited for and did not come about in time."""


def wait_until(
    look: Callable[[], Seen | bool | None],
    what: str,
    within: float = 10.0,
    instead: Callable[[], str] | None = None,
) -> Seen:
    """The first true answer of `look`; raises `NotSeenError` after `within` seconds.

    `instead` describes what was there; it is asked once, when the time is over.
    """
    until = time.monotonic() + within
    while True:
        seen = look()
        if seen is not None and seen is not False and seen != []:
            return seen  # type: ignore[return-value]  # False and None are gone
        if time.monotonic() >= until:
            words = f"not within {within:g} s: {what}"
            raise NotSeenError(f"{words}\n{instead()}" if instead is not None else words)
        time.sleep(AGAIN_SECONDS)
