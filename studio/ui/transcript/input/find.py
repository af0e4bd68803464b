"""Finds words in a conversation: counts all hits, marks those in sight, goes from one to another.

What is looked at is what is read, also of messages that were never laid out: without the marks of
Markdown, and without differences of case, width and composition, as a search of the history does.
Ten thousand messages are searched in slices.
"""

from __future__ import annotations

import time
from bisect import bisect_left
from collections.abc import Iterator, Sequence

from PySide6.QtCore import QObject, QTimer, Signal

from studio.core.folding import spans_of
from studio.core.markdown.finding import counted, drawn_text
from studio.core.messages import Role
from studio.ui.transcript.input.selection import read_box
from studio.ui.transcript.layout.boxes import LeafMarks, Mark, MarkKind
from studio.ui.transcript.layout.conversation_layout import ConversationLayout, Place
from studio.ui.transcript.layout.message import ANSWER

_SLICE = 0.004  # seconds of searching before the window gets its turn


class Finder(QObject):
    """`changed(current, count)`: number of the current hit, from 1, and of all so far."""

    changed = Signal(int, int)

    def __init__(self, stage: ConversationLayout, parent: QObject) -> None:
        super().__init__(parent)
        self._stage = stage
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._search_on)
        self._needle = ""
        self._case = False
        self._next = 0  # the message that is searched next
        self._stale: set[int] = set()  # messages that have changed since they were searched
        self._reading: tuple[int, Iterator[int]] | None = None  # the one that is searched now
        self._so_far = 0  # hits in it
        self._counts: list[int] = []  # hits of each message searched so far
        self._hits: list[int] = []  # the messages with hits, in order
        self._place: Place | None = None  # where the current hit begins

    @property
    def is_active(self) -> bool:
        """Whether something is looked for."""
        return bool(self._needle)

    @property
    def is_done(self) -> bool:
        """Whether all messages are searched."""
        return self._next >= len(self._stage.messages) and not self._stale

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
        self.restart()

    def restart(self) -> None:
        """Search anew: other messages are shown."""
        self._next, self._counts, self._hits, self._place = 0, [], [], None
        self._reading = None
        self._stale.clear()
        if not self._needle:
            self._timer.stop()
            self.changed.emit(0, 0)
            return
        self._search_on()

    def refresh(self, index: int) -> None:
        """The text of a message changed, or messages were added."""
        if not self._needle:
            return
        if index < self._next:
            self._stale.add(index)
        if self._reading is not None and self._reading[0] == index:
            self._reading = None
        self._search_on()

    def _search_on(self) -> None:
        self._search()
        if self.is_done:
            self._timer.stop()
        elif not self._timer.isActive():
            self._timer.start(0)

    def _search(self) -> None:
        end = time.perf_counter() + _SLICE
        while not self.is_done and time.perf_counter() < end:
            index, reading = self._reading = self._reading or self._begin()
            for found in reading:
                self._so_far += found
                if time.perf_counter() > end:
                    break
            else:
                self._reading = None
                self._stale.discard(index)
                if index < self._next:
                    self._recount(index, self._so_far)
                    continue
                self._next = index + 1
                self._counts.append(self._so_far)
                if self._so_far:
                    self._hits.append(index)
        self._tell()

    def _begin(self) -> tuple[int, Iterator[int]]:
        """The message that is searched next."""
        index = self._next if self._next < len(self._stage.messages) else min(self._stale)
        message = self._stage.messages[index]
        self._so_far = 0
        literal = message.role is Role.USER
        return index, counted(message.text, self._needle, case=self._case, literal=literal)

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
        if not self._needle:
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
        if not self._needle or message < 0:
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
        hits = []
        flow = read_box(self._stage, message).flows[ANSWER]
        for section in range(len(flow.outline.sections)):
            for number, leaf in enumerate(flow.leaves(section)):
                text = drawn_text(leaf, flow.outline.environment)
                for start, _ in spans_of(text, self._needle, case=self._case):
                    hits.append(Place(message, ANSWER, section, number, start))
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
        if not self._needle or part != ANSWER:
            return None

        def of_leaf(leaf: int, text: str) -> Sequence[Mark]:
            marks = []
            for start, end in spans_of(text, self._needle, case=self._case):
                place = Place(message, part, section, leaf, start)
                kind = MarkKind.CURRENT if place == self._place else MarkKind.FOUND
                marks.append(Mark(start, end, kind))
            return marks

        return of_leaf
