"""Lists as models write them: what is indented by two blanks below a number belongs to it.

CommonMark wants what belongs to an item indented to where its text begins: three columns below
`1.`, four below `10.`. Models indent by two or three.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from studio.core.markdown.fences import Fence, opened

_ORDERED = re.compile(r"\d{1,9}[.)]( +|$)")
_CHILD = re.compile(r"(?:[-*+]|1[.)])(?: |$)|`{3}|~{3}")
_MOST_ITEMS = 20  # within each other; deeper ones are as they are


class _Reader:
    """Goes through the lines of a list and says how far each has to be moved to the right."""

    def __init__(self) -> None:
        self._items: list[tuple[int, int]] = []  # numbers around: indent, where their text begins
        self._shifts: list[tuple[int, int]] = []  # what is so deep is moved by so much
        self._fence: Fence | None = None

    def shift(self, indent: int, content: str) -> int:
        while self._shifts and indent < self._shifts[-1][0]:
            self._shifts.pop()
        shift = self._shifts[-1][1] if self._shifts else 0
        if self._fence is not None:
            if self._fence.closes_at(content):
                self._fence = None
            return shift
        place = indent + shift
        while self._items and place < self._items[-1][1]:
            first, text = self._items[-1]
            if first + 2 <= place and _CHILD.match(content):
                shift += text - place
                self._shifts.append((indent, shift))
                place = text
                break
            self._items.pop()
        opening = opened(content)
        if opening is not None:
            self._fence = Fence(opening)
        ordered = _ORDERED.match(content)
        if ordered and len(self._items) < _MOST_ITEMS:
            gap = len(ordered[1]) if 0 < len(ordered[1]) <= 4 else 1
            self._items.append((place, place + ordered.start(1) + gap))
        return shift


def shifts(lines: Iterable[tuple[int, str]]) -> dict[int, int]:
    """By how many columns lines of an ordered list have to be moved to the right to be children.

    `lines` are the indent and the content of each, from the first item on.
    """
    reader = _Reader()
    found: dict[int, int] = {}
    base, blank = -1, False
    for number, (indent, content) in enumerate(lines):
        base = indent if base < 0 else base
        if not content:
            blank = True
            continue
        if indent < 0 or (blank and indent <= base and not _ORDERED.match(content)):
            break
        blank = False
        by = reader.shift(indent, content)
        if by:
            found[number] = by
    return found
