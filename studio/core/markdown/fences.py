"""Fences: where code begins and ends, also where the code is Markdown with fences of its own."""

from __future__ import annotations

import re
from typing import NamedTuple

_MARK = re.compile(r"(`{3,})([^`]*)$|(~{3,})(.*)$")
# A block in one of these may hold blocks: a fence with a language opens one, a bare one closes it.
_OUTER = frozenset(("markdown", "md", "mdx", "rmd", "qmd", "rmarkdown", "mkd", "gfm"))


_DEEPEST = 8


class Opening(NamedTuple):
    """The first line of a fence: its mark and the words behind it."""

    mark: str
    info: str

    @property
    def may_nest(self) -> bool:
        """Whether what is inside is Markdown itself."""
        words = self.info.split(maxsplit=1)
        return bool(words) and words[0].lower() in _OUTER


def opened(line: str) -> Opening | None:
    """The fence that a line opens, if it does."""
    if line[:3] not in ("```", "~~~"):
        return None
    found = _MARK.match(line)
    return Opening(found[1] or found[3], found[2] or found[4] or "") if found else None


class Fence:
    """Reads the lines behind an opening, one after another."""

    def __init__(self, opening: Opening) -> None:
        self._marks = [opening.mark]
        self._nests = opening.may_nest

    def would_close_at(self, line: str) -> bool:
        """Whether the code would end with this line."""
        return len(self._marks) == 1 and self._is_mark(line.strip(" \t"))

    def closes_at(self, line: str) -> bool:
        """Read on over a line; whether the code ends with it."""
        text = line.strip(" \t")
        if self._is_mark(text):
            self._marks.pop()
            return not self._marks
        inner = opened(text) if self._nests else None
        if inner is not None and inner.info.strip() and len(self._marks) < _DEEPEST:
            self._marks.append(inner.mark)
        return False

    def _is_mark(self, text: str) -> bool:
        mark = self._marks[-1]
        return text[:1] == mark[0] and len(text) >= len(mark) and not text.strip(mark[0])
