"""Whether a growing Markdown text stands within code just now: a fence, or a span of a line."""

from __future__ import annotations

import copy
import re

_FENCE = re.compile(r"[ \t>*+-]{0,12}(`{3,}|~{3,})")
_OPENING = re.compile(
    r"<\s*(?:\w+:)?(?:think|thinking|thoughts?|reasoning)\b[^<>/]*>", re.IGNORECASE
)
_HEAD = 40  # characters at the beginning of a line that tell a fence


class CodeSense:
    """Fed with a text in any pieces; what it says is of the place where the text ends by now."""

    def __init__(self) -> None:
        self._fence = ""  # the mark that an open fence began with
        self._head = ""  # the beginning of the line at hand
        self._ticks = 0  # backticks in it
        self.opened = False  # whether the open fence holds an opening tag of a thought
        self.last = ""  # the last character

    def copy(self) -> CodeSense:
        """The same place, to look further from."""
        return copy.copy(self)

    def feed(self, text: str) -> None:
        """More of the text."""
        if not text:
            return
        self.last = text[-1]
        lines = text.split("\n")
        for number, line in enumerate(lines):
            if len(self._head) < _HEAD:
                self._head += line[: _HEAD - len(self._head)]
            self._ticks += line.count("`")
            if self._fence and not self.opened:
                self.opened = _OPENING.search(line) is not None
            if number < len(lines) - 1:
                self._end_line()

    def _end_line(self) -> None:
        found = _FENCE.match(self._head)
        if found is not None:
            mark = found[1]
            if not self._fence:
                self._fence, self.opened = mark, False
            elif mark.startswith(self._fence) and not self._head[found.end() :].strip():
                self._fence = ""
        self._head, self._ticks = "", 0

    @property
    def fenced(self) -> bool:
        """Whether this is within a fence."""
        return bool(self._fence)

    @property
    def in_span(self) -> bool:
        """Whether a span of code is open in this line."""
        return self._ticks % 2 == 1

    def at_line_start(self, more: str) -> bool:
        """Whether nothing but white space stands before the end of `more` in its line."""
        line = more.rpartition("\n")[2] if "\n" in more else self._head + more
        return not line.strip()
