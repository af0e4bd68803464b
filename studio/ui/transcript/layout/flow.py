"""One text of a message as sections below each other, laid out only where they are seen."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from studio.core.markdown.incremental import Outline
from studio.core.markdown.leaves import Leaf, LeafKind
from studio.core.markdown.sections import Section
from studio.core.markdown.unfinished import as_it_will_be
from studio.ui.transcript.layout.boxes import LeafMarks, PaintContext
from studio.ui.transcript.layout.heights import HeightIndex
from studio.ui.transcript.layout.section import SectionBox, gap
from studio.ui.transcript.layout.style import Style, Type

# Laid-out sections that a flow keeps beyond those that are seen.
_KEPT = 80
_SLICE = 4_000  # characters read at once
_SPLITTING = 0.005  # seconds of reading before the window gets its turn

Marks = Callable[[int], LeafMarks | None]


class Flow:
    """Sections of one growing text. HeightIndex of sections not yet seen are estimates."""

    def __init__(self, style: Style, kind: Type, *, literal: bool = False) -> None:
        self._style = style
        self._kind = kind
        self._outline = Outline(literal=literal)
        self._boxes: dict[int, SectionBox] = {}  # the one seen last is at the end
        self._rest = 0  # the estimated height of what is not read yet
        self.text = ""
        self._growing = False
        self._unfinished = -1  # the section that is shown as it will be, not as it is
        self.width = 0
        self.heights = HeightIndex()
        self.laid_out = 0  # sections laid out so far, for the measurements
        # Sections from..to are laid out and need no second look.
        self._sound = (0, 0)
        self._sound_version = 0
        self._gaps: dict[tuple[LeafKind | None, LeafKind, bool, bool], int] = {}  # in pixels

    @property
    def outline(self) -> Outline:
        """The sections and what is known of them."""
        return self._outline

    @property
    def height(self) -> int:
        """The height of all sections, as far as known."""
        return self.heights.total + self._rest

    @property
    def is_read(self) -> bool:
        """Whether the whole text is split into sections."""
        return self._outline.fed == len(self.text)

    def restyle(self, style: Style, kind: Type) -> None:
        """Use other fonts and colours; everything is laid out anew when it is seen."""
        self._style, self._kind = style, kind
        self._gaps.clear()
        self._boxes.clear()
        self._sound = (0, 0)

    def redraw_formulas(self) -> None:
        """Lay out again what waits for formulas, when it is seen."""
        if any(box.waits for box in self._boxes.values()):
            self._sound = (0, 0)

    def set_text(self, text: str, width: int, *, growing: bool = False) -> int:
        """Show `text`; returns the index of the first section that differs.

        All that was added is read at once while it is `growing`, else only a part of it.
        """
        known = self.text
        if width != self.width:
            self.width = width
            self._sound = (0, 0)
        if not _grew(known, text):
            self._outline.restart()
            self._boxes.clear()
            self._sound = (0, 0)
            self.heights = HeightIndex()
        self.text = text
        if self._growing and not growing and self._unfinished >= 0:
            self._boxes.pop(self._unfinished, None)
            self._sound, self._unfinished = (0, 0), -1
        self._growing = growing
        first = self.read_on()
        while growing and not self.is_read:
            first = min(first, self.read_on())
        return first

    def read_on(self) -> int:
        """Split more of the text, for a few milliseconds; the first section that differs."""
        outline, text = self._outline, self.text
        first = len(outline.sections)
        end = time.perf_counter() + _SPLITTING
        while outline.fed < len(text):
            first = min(first, outline.feed(text, outline.fed + _SLICE))
            if time.perf_counter() > end:
                break
        if outline.is_stale and not self._growing and outline.fed == len(text):
            first = min(first, outline.finish(text))
        sections = outline.sections
        self._sound = (self._sound[0], min(self._sound[1], first))
        if outline.version != self._sound_version:
            self._sound, self._sound_version = (0, 0), outline.version
        if len(self.heights) > len(sections):
            self.heights.cut(len(sections))
        for index in range(first, len(sections)):
            if index < len(self.heights):
                if index not in self._boxes:
                    self.heights.set(index, self._estimate(index))
            else:
                self.heights.append(self._estimate(index))
        self._rest = self._text_height(len(self.text) - outline.fed)
        return first

    def _text_height(self, length: int) -> int:
        columns = max(20, int(self.width / (self._kind.font.pixelSize() * 0.62)))
        return 0 if not length else (length // columns + 1) * self._kind.pitch

    def _estimate(self, index: int) -> int:
        section = self._outline.sections[index]
        if section.kind is LeafKind.CODE:
            lines = self.text.count("\n", section.start, section.end)
            return self._gap(index) + lines * self._style.code.pitch + self._style.px(40)
        return self._gap(index) + self._text_height(section.end - section.start)

    def _gap(self, index: int) -> int:
        if not index:
            return 0
        sections = self._outline.sections
        before, section = sections[index - 1], sections[index]
        key = (before.last_kind, section.kind, section.item, section.spaced)
        space = self._gaps.get(key)
        if space is None:
            found = gap(key[0], key[1], item=key[2], spaced=key[3])
            space = self._gaps[key] = self._style.px(found)
        return space

    def ensure(self, index: int) -> SectionBox:
        """The box of a section, laid out; its height becomes exact."""
        section = self._outline.sections[index]
        box = self._boxes.get(index)
        if box is not None and not self._is_stale(box, section):
            return box
        fresh = box is None or box.width != self.width
        if box is None:
            box = SectionBox(self._style, self._kind)
        self._boxes.pop(index, None)
        self._boxes[index] = box
        outline = self._outline
        leaves = outline.leaves(self.text, section)
        if leaves and leaves[0].spaced != section.spaced:
            leaves = (leaves[0]._replace(spaced=section.spaced), *leaves[1:])
        if self._growing and index == len(outline.sections) - 1:
            shown = as_it_will_be(leaves)
            self._unfinished = index if shown is not leaves else -1
            leaves = shown
        box.show(leaves, outline.environment, outline.version, self.width)
        self.laid_out += fresh or box.changed_y < box.height
        self.heights.set(index, self._gap(index) + box.height)
        return box

    def leaves(self, index: int) -> tuple[Leaf, ...]:
        """What a section shows, without laying it out."""
        box = self._boxes.get(index)
        section = self._outline.sections[index]
        if box is not None and section.leaves is None:
            return tuple(placed.leaf for placed in box.placed)
        given = section.leaves
        leaves = self._outline.leaves(self.text, section)
        section.leaves = given
        if leaves:
            leaves = (leaves[0]._replace(spaced=section.spaced), *leaves[1:])
        return leaves

    def _is_stale(self, box: SectionBox, section: Section) -> bool:
        return (
            box.width != self.width
            or box.waits
            or section.leaves is not None
            or (box.version != self._outline.version and box.may_hold_links)
        )

    def ensure_between(self, top: int, bottom: int) -> bool:
        """Lay out what lies between two heights; returns whether any height changed."""
        count = len(self.heights)
        if not count:
            return False
        changed = False
        first = index = self.heights.find(max(top, 0))
        y = self.heights.top(index)
        while index < count and y < bottom:
            if self._sound[0] <= index < self._sound[1]:
                index = self._sound[1]
                y = self.heights.top(index)
                continue
            before = self.heights[index]
            self.ensure(index)
            changed = changed or self.heights[index] != before
            y += self.heights[index]
            index += 1
        known, end = self._sound
        self._sound = (
            (min(first, known), index) if known <= index and first <= end else (first, index)
        )
        return changed

    def forget(self, top: int, bottom: int) -> None:
        """Drop laid-out sections far from what is seen."""
        if len(self._boxes) <= _KEPT or not len(self.heights):
            return
        first, last = self.heights.find(max(top, 0)), self.heights.find(max(bottom, 0))
        self._sound = (max(first, self._sound[0]), min(last + 1, self._sound[1]))
        for index in list(self._boxes)[: len(self._boxes) - _KEPT]:
            if not first - 2 <= index <= last + 2:
                del self._boxes[index]

    def top_of(self, index: int) -> int:
        """Where the content of a section begins, below its gap."""
        return self.heights.top(index) + self._gap(index)

    def last(self) -> tuple[SectionBox | None, int]:
        """The last section as it was laid out, and where its content begins."""
        index = len(self.heights) - 1
        top = self.heights.total - self.heights[index] + self._gap(index)
        return self._boxes.get(index), top

    def section_at(self, y: int) -> int:
        """The index of the section nearest to a height."""
        return self.heights.find(max(y, 0)) if len(self.heights) else 0

    def natural_width(self) -> int:
        """How wide the text would like to be; its width when it is long."""
        sections = self._outline.sections
        if len(sections) > 24 or not self.is_read:
            return self.width
        return max((self.ensure(i).natural_width() for i in range(len(sections))), default=0)

    def laid(self) -> Iterator[tuple[int, SectionBox]]:
        """The sections that are laid out."""
        yield from self._boxes.items()

    def paint(self, ink: PaintContext, x: int, y: int, marks: Marks) -> None:
        """Draw the sections that are visible; all of them were ensured."""
        if not len(self.heights):
            return
        index = self.heights.find(max(ink.top - y, 0))
        top = y + self.heights.top(index)
        while index < len(self.heights) and top < ink.bottom:
            box = self._boxes.get(index)
            if box is not None:
                box.paint(ink, x, top + self._gap(index), marks(index))
            top += self.heights[index]
            index += 1


def _grew(known: str, text: str) -> bool:
    """Whether `text` goes on where `known` ends.

    Comparing all of it would cost more with every frame of a long answer, so that only its
    beginning and its end are looked at; a text that changed elsewhere keeps no such end.
    """
    if len(text) < len(known):
        return False
    end = len(known)
    return text.startswith(known[:64]) and text.startswith(known[-64:], max(0, end - 64))
