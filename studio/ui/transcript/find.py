"""Finds words in a conversation: counts all hits, marks those in sight, goes from one to another.

Ten thousand messages are searched in slices, in their source. What is shown differs from the
source now and then (marks within a word); the count of a message is put right when its
hits come into sight.
"""

from __future__ import annotations

import re
import time
from bisect import bisect_left
from collections.abc import Sequence

from PySide6.QtCore import QObject, QTimer, Signal

from studio.core.markdown_leaves import leaf_text
from studio.core.messages import Message, TextPart
from studio.ui.transcript.boxes import LeafMarks, Mark, MarkKind
from studio.ui.transcript.message import ANSWER
from studio.ui.transcript.selection import read_box
from studio.ui.transcript.stage import Place, Stage

_ADDRESS = re.compile(r"\]\([^)\s]*\)")  # behind the words of a link, not shown
_SLICE = 0.004  # seconds of searching before the window gets its turn


class Finder(QObject):
    """`changed(current, count)`: number of the current hit, from 1, and of all so far."""

    changed = Signal(int, int)

    def __init__(self, stage: Stage, parent: QObject) -> None:
        super().__init__(parent)
        self._stage = stage
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._search_on)
        self._needle = ""
        self._case = False
        self._pattern: re.Pattern[str] | None = None
        self._next = 0  # the message that is searched next
        self._counts: list[int] = []  # hits of each message searched so far
        self._hits: list[int] = []  # the messages with hits, in order
        self._place: Place | None = None  # where the current hit begins

    @property
    def is_active(self) -> bool:
        """Whether something is looked for."""
        return self._pattern is not None

    @property
    def is_done(self) -> bool:
        """Whether all messages are searched."""
        return self._next >= len(self._stage.messages)

    @property
    def count(self) -> int:
        """The hits found so far."""
        return sum(self._counts)

    @property
    def place(self) -> Place | None:
        """Where the current hit begins."""
        return self._place

    def find(self, needle: str, *, case: bool = False) -> None:
        """Look for words; nothing ends the search."""
        self._needle, self._case = needle, case
        flags = re.NOFLAG if case else re.IGNORECASE
        self._pattern = re.compile(re.escape(needle), flags) if needle else None
        self.restart()

    def restart(self) -> None:
        """Search anew: other messages are shown."""
        self._next, self._counts, self._hits, self._place = 0, [], [], None
        if self._pattern is None:
            self._timer.stop()
            self.changed.emit(0, 0)
            return
        self._search()
        if not self.is_done:
            self._timer.start(0)

    def refresh(self, index: int) -> None:
        """The text of a message changed, or messages were added."""
        if self._pattern is not None and index < self._next:
            self._recount(index, _occurrences(self._stage.messages[index], *self._terms()))
        elif self._pattern is not None and not self._timer.isActive():
            self._timer.start(0)

    def _search_on(self) -> None:
        self._search()
        if self.is_done:
            self._timer.stop()

    def _terms(self) -> tuple[str, bool]:
        # Words without letters of two cases need no conversion of the text.
        exact = self._case or self._needle.upper() == self._needle.lower()
        return (self._needle if exact else self._needle.lower()), exact

    def _search(self) -> None:
        needle, exact = self._terms()
        messages = self._stage.messages
        end = time.perf_counter() + _SLICE
        while self._next < len(messages):
            stop = min(self._next + 32, len(messages))
            for index in range(self._next, stop):
                found = _occurrences(messages[index], needle, exact)
                self._counts.append(found)
                if found:
                    self._hits.append(index)
            self._next = stop
            if time.perf_counter() > end:
                break
        self._tell()

    def _tell(self) -> None:
        self.changed.emit(self._number(), self.count)

    def _number(self) -> int:
        """The number of the current hit, from 1; 0 when there is none."""
        if self._place is None:
            return 0
        inside = self._hits_in(self._place.message)
        here = bisect_left(inside, self._place)
        return sum(self._counts[: self._place.message]) + here + 1

    # -- going from hit to hit ---------------------------------------------

    def go(self, forward: bool, start: Place) -> Place | None:
        """The next or the previous hit, from the current one or else from `start`; wraps."""
        if self._pattern is None:
            return None
        while not self.is_done and not self._hits:
            self._search()
        place = self._place
        found = self._after(place or start, forward, inclusive=place is None)
        if found is None and self._hits:
            last = len(self._stage.messages)
            edge = Place(-1, 0, 0, 0, 0) if forward else Place(last, 0, 0, 0, 0)
            found = self._after(edge, forward, inclusive=True)
        self._place = found
        self._tell()
        return found

    def go_to(self, message: int, number: int) -> Place | None:
        """The hit of that number, from 0, in a message, or its last; None when it has none."""
        if self._pattern is None or message < 0:
            return None
        while not self.is_done and self._next <= message:
            self._search()
        hits = self._hits_in(message)
        self._place = hits[min(number, len(hits) - 1)] if hits else None
        self._tell()
        return self._place

    def _after(self, start: Place, forward: bool, *, inclusive: bool) -> Place | None:
        messages = self._hits if forward else self._hits[::-1]
        for message in messages.copy():
            if (message < start.message) if forward else (message > start.message):
                continue
            inside = self._hits_in(message)
            if forward:
                later = [hit for hit in inside if hit > start or (inclusive and hit == start)]
                if later:
                    return later[0]
            else:
                earlier = [hit for hit in inside if hit < start or (inclusive and hit == start)]
                if earlier:
                    return earlier[-1]
        return None

    def _hits_in(self, message: int) -> list[Place]:
        """The hits of a message as it is shown."""
        assert self._pattern is not None
        hits = []
        flow = read_box(self._stage, message).flows[ANSWER]
        outline = flow.outline
        for index in range(len(outline.sections)):
            for number, leaf in enumerate(flow.leaves(index)):
                text = leaf_text(leaf, outline.environment)
                for match in self._pattern.finditer(text):
                    hits.append(Place(message, ANSWER, index, number, match.start()))
        self._recount(message, len(hits))
        return hits

    def _recount(self, message: int, found: int) -> None:
        if message >= len(self._counts) or self._counts[message] == found:
            return
        self._counts[message] = found
        at = bisect_left(self._hits, message)
        known = at < len(self._hits) and self._hits[at] == message
        if found and not known:
            self._hits.insert(at, message)
        elif known and not found:
            del self._hits[at]

    # -- marking -----------------------------------------------------------

    def marks(self, message: int, part: int, section: int) -> LeafMarks | None:
        """The marks of a section's leaves."""
        pattern = self._pattern
        if pattern is None or part != ANSWER:
            return None

        def of_leaf(leaf: int, text: str) -> Sequence[Mark]:
            marks = []
            for match in pattern.finditer(text):
                place = Place(message, part, section, leaf, match.start())
                kind = MarkKind.CURRENT if place == self._place else MarkKind.FOUND
                marks.append(Mark(match.start(), match.end(), kind))
            return marks

        return of_leaf


def _occurrences(message: Message, needle: str, exact: bool) -> int:
    """How often the needle is in the source; addresses behind words are not shown."""
    found = 0
    for part in message.parts:
        if isinstance(part, TextPart):
            text = part.text
            hits = _count(text, needle, exact)
            if hits and "](" in text:
                hits = _count(_ADDRESS.sub("]", text), needle, exact)
            found += hits
    return found


def _count(text: str, needle: str, exact: bool) -> int:
    if exact:
        return text.count(needle)
    if text.isascii() or not needle.isascii():
        return text.lower().count(needle)
    # Twice as fast as lowering Chinese letter by letter.
    return text.encode("utf-8", "surrogatepass").lower().count(needle.encode("ascii"))
