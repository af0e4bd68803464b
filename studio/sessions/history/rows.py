"""Which rows the history has: headings, and stretches of conversations below them."""

from __future__ import annotations

import time
from collections.abc import Sequence
from enum import Enum, auto
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

from studio.storage.history.listing import PAGE, ConversationSummary

if TYPE_CHECKING:
    from studio.storage.history.folders import Folder

__all__ = [
    "LOOSE",
    "PINNED",
    "Block",
    "ConversationSummary",
    "Folder",
    "Group",
    "Page",
    "arrange",
]
PINNED, LOOSE = "pinned", "loose"  # the parts beside the folders, as in storage/history/layout.py
UNKNOWN = -1  # the length of a folder that was not counted yet
Page = tuple[ConversationSummary, ...]
Day = tuple[int, int, int]  # year, month and day of the month, where the user is


class Group(Enum):
    """The headings beside the folders; the window has words for them."""

    PINNED = auto()
    TODAY = auto()
    YESTERDAY = auto()
    THIS_WEEK = auto()
    EARLIER = auto()


_DAYS = (Group.TODAY, Group.YESTERDAY, Group.THIS_WEEK, Group.EARLIER)


class Block(NamedTuple):
    """Rows of one sort: a heading, or `length` conversations of a part from its `first` on."""

    row: int
    length: int
    part: str
    first: int = 0
    group: Group | None = None
    folder: Folder | None = None

    @property
    def is_heading(self) -> bool:
        """Whether it is one row that is no conversation."""
        return self.group is not None or self.folder is not None


def today() -> Day:
    """The day it is now."""
    now = time.localtime()
    return now.tm_year, now.tm_mon, now.tm_mday


def day_starts(day: Day) -> tuple[float, float, float]:
    """When `day`, the one before, and the last seven began."""
    year, month, number = day
    # mktime knows the days before the first of a month, and when clocks are changed.
    today, yesterday, week = (
        time.mktime((year, month, number - before, 0, 0, 0, 0, 0, -1)) for before in (0, 1, 6)
    )
    return today, yesterday, week


def _day_of(summary: ConversationSummary, starts: tuple[float, float, float]) -> int:
    return next((n for n, start in enumerate(starts) if summary.updated_at >= start), len(starts))


def arrange(
    folders: Sequence[Folder],
    lengths: dict[str, int],
    pages: dict[tuple[str, int], Page],
    day: Day,
) -> tuple[list[Block], int]:
    """The rows on `day`, and how many pages of loose conversations say where the days begin."""
    blocks: list[Block] = []

    def add(part: str, first: int, length: int, **heading: Any) -> None:
        row = blocks[-1].row + blocks[-1].length if blocks else 0
        blocks.append(Block(row, 1, part, **heading))
        if length:
            blocks.append(Block(row + 1, length, part, first))

    if pinned := lengths.get(PINNED, 0):
        add(PINNED, 0, pinned, group=Group.PINNED)
    for folder in folders:
        add(folder.id, 0, 0 if folder.closed else lengths.get(folder.id, 0), folder=folder)
    loose = lengths.get(LOOSE, 0)
    days, day_pages = _days(loose, pages, day_starts(day))
    for (nth, first), (_, end) in pairwise([*days, (0, loose)]):
        add(LOOSE, first, end - first, group=_DAYS[nth])
    return blocks, day_pages


def _days(
    length: int, pages: dict[tuple[str, int], Page], starts: tuple[float, float, float]
) -> tuple[list[tuple[int, int]], int]:
    """Where the days begin among loose conversations, and how many pages were looked at.

    All after the first earlier one is earlier too: they are in order of activity, and the clock
    may have been set back. Nothing is known beyond a page that was not read.
    """
    found: list[tuple[int, int]] = []
    day, number = -1, 0
    while day < len(starts) and (page := pages.get((LOOSE, number))):
        for place, summary in enumerate(page, number * PAGE):
            this = _day_of(summary, starts)
            if this > day:
                day = this
                found.append((day, place))
        number += 1
    if length and not found:
        found = [(len(starts), 0)]
    return found, max(1, number)
