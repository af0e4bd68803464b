"""What is selected: two places in the text, and the text between them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from studio.core.markdown.clipboard_html import Stretch, html_of
from studio.core.markdown.leaves import BULLET, DONE, UNDONE, Leaf, leaf_text, text_between
from studio.core.messages import Message
from studio.ui.transcript.clipboard import copy_text
from studio.ui.transcript.input.word_breaks import word_at
from studio.ui.transcript.layout.boxes import LeafMarks, Mark, MarkKind
from studio.ui.transcript.layout.conversation_layout import ConversationLayout, Place
from studio.ui.transcript.layout.message import ANSWER, MessageBox

_END = 1 << 40
_LONGEST_HTML = 60_000  # characters of text: its looks are not worth a wait
# More than this is copied as it is stored: reading all of it again would take seconds.
_MUCH = 200_000


@dataclass(frozen=True, slots=True)
class _Stretch:
    """Part of the text of one leaf."""

    place: Place
    leaf: Leaf
    text: str
    whole: bool
    start: int


class Selection:
    """From `anchor`, where it began, to `focus`, where the pointer or the keyboard is."""

    def __init__(self, stage: ConversationLayout) -> None:
        self._stage = stage
        self.anchor: Place | None = None
        self.focus: Place | None = None

    def clear(self) -> None:
        """Select nothing."""
        self.anchor = self.focus = None

    def begin(self, place: Place) -> None:
        """Start at a place."""
        self.anchor = self.focus = place

    def extend(self, place: Place) -> None:
        """Go on to a place."""
        self.anchor = self.anchor or place
        self.focus = place

    def select_all(self) -> None:
        """From the first message to the last."""
        last = len(self._stage.messages) - 1
        if last >= 0:
            self.anchor = Place(0, 0, 0, 0, 0)
            self.focus = Place(last, ANSWER, _END, _END, _END)

    @property
    def is_empty(self) -> bool:
        """Whether nothing is selected."""
        return self.anchor is None or self.anchor == self.focus

    def ends(self) -> tuple[Place, Place] | None:
        """The selected places in reading order."""
        if self.anchor is None or self.focus is None or self.anchor == self.focus:
            return None
        return min(self.anchor, self.focus), max(self.anchor, self.focus)

    def marks(self, message: int, part: int, section: int) -> LeafMarks | None:
        """The marks of a section's leaves; None when nothing of it is selected."""
        ends = self.ends()
        if ends is None:
            return None
        first, last = ends
        here = (message, part, section)
        if here < first[:3] or here > last[:3]:
            return None

        def of_leaf(leaf: int, text: str) -> Sequence[Mark]:
            place = (*here, leaf)
            if place < first[:4] or place > last[:4]:
                return ()
            start = first.offset if place == first[:4] else 0
            end = last.offset if place == last[:4] else len(text)
            return (Mark(start, end, MarkKind.SELECTED),) if start < end else ()

        return of_leaf

    # -- words and blocks --------------------------------------------------

    def take_word(self, place: Place) -> None:
        """Select the word at a place."""
        text = leaf_of(self._stage, place)[1]
        start, end = word_at(text, place.offset)
        self.anchor, self.focus = place._replace(offset=start), place._replace(offset=end)

    def take_block(self, place: Place) -> None:
        """Select the paragraph, or the line of code, at a place."""
        leaf, text = leaf_of(self._stage, place)
        start, end = 0, len(text)
        if leaf is not None and leaf.kind == "code":
            start = text.rfind("\n", 0, place.offset) + 1
            end = text.find("\n", place.offset)
            end = len(text) if end < 0 else end
        self.anchor, self.focus = place._replace(offset=start), place._replace(offset=end)

    # -- copying -----------------------------------------------------------

    def copy(self, *, markdown: bool = False) -> None:
        """Put what is selected on the clipboard as it is read, or its source."""
        if markdown:
            copy_text(self.markdown())
        else:
            copy_text(self.text(), self.html())

    def text(self) -> str:
        """What is selected, as it is read."""
        ends = self.ends()
        if ends is None:
            return ""
        first, last = ends
        chosen = self._stage.messages[first.message : last.message + 1]
        if sum(len(message.text) for message in chosen) > _MUCH:
            return self.markdown()
        parts: list[str] = []
        before: _Stretch | None = None
        for stretch in self._stretches(first, last):
            if before is not None:
                parts.append(_separator(before, stretch))
            lead = stretch.whole or stretch.place[:4] != first[:4]
            parts.append((_lead(stretch.leaf) if lead else "") + stretch.text)
            before = stretch
        return "".join(parts)

    def html(self) -> str:
        """The same with its looks; nothing when it is long."""
        ends = self.ends()
        if ends is None:
            return ""
        first, last = ends
        chosen = self._stage.messages[first.message : last.message + 1]
        if sum(len(message.text) for message in chosen) > _LONGEST_HTML:
            return ""
        parts = []
        for number in range(first.message, last.message + 1):
            found = [each for each in self._stretches(first, last) if each.place.message == number]
            outline = read_box(self._stage, number).flows[ANSWER].outline
            parts.append(html_of(map(_cut_out, found), outline.environment))
        return "".join(parts)

    def markdown(self) -> str:
        """The source of the blocks that are selected; whole messages as they are stored."""
        ends = self.ends()
        if ends is None:
            return ""
        first, last = ends
        parts = []
        for number in range(first.message, last.message + 1):
            message = self._stage.messages[number]
            start = first.section if number == first.message and first.part == ANSWER else 0
            stop = last.section if number == last.message and last.part == ANSWER else _END
            if number == last.message and last.part < ANSWER:
                continue
            parts.append(self._source(number, message, start, stop))
        return "\n\n".join(part for part in parts if part)

    def _source(self, number: int, message: Message, first: int, last: int) -> str:
        if first == 0 and last == _END:
            return message.text
        box = read_box(self._stage, number)
        flow = box.flows[ANSWER]
        sections = flow.outline.sections
        if first == 0 and last >= len(sections) - 1:
            return message.text
        if not sections:
            return ""
        end = sections[min(last, len(sections) - 1)].end
        return flow.text[sections[min(first, len(sections) - 1)].start : end].strip("\n")

    def _stretches(self, first: Place, last: Place) -> Iterator[_Stretch]:
        for number in range(first.message, last.message + 1):
            box = read_box(self._stage, number)
            for part, _, flow in box.parts():
                outline = flow.outline
                start, stop = self._range(number, part, first, last, len(outline.sections))
                for index in range(start, stop):
                    for leaf_number, leaf in enumerate(flow.leaves(index)):
                        place = Place(number, part, index, leaf_number, 0)
                        found = _cut(place, leaf, leaf_text(leaf, outline.environment), first, last)
                        if found is not None:
                            yield found

    @staticmethod
    def _range(number: int, part: int, first: Place, last: Place, count: int) -> tuple[int, int]:
        """Which sections of a flow the selection touches."""
        here = (number, part)
        if here < first[:2] or here > last[:2]:
            return 0, 0
        start = first.section if here == first[:2] else 0
        stop = min(last.section + 1, count) if here == last[:2] else count
        return start, stop


def read_box(stage: ConversationLayout, number: int) -> MessageBox:
    """The box of a message whose text is split to the end."""
    box = stage.box(number)
    while not box.is_read:
        box.read_on()
    return box


def leaf_of(stage: ConversationLayout, place: Place) -> tuple[Leaf | None, str]:
    """The leaf at a place and its text."""
    found = stage.box(place.message).section(place.part, place.section)
    if found is None or place.leaf >= len(found[0].placed):
        return None, ""
    placed = found[0].placed[place.leaf]
    return placed.leaf, placed.box.text


def _cut(place: Place, leaf: Leaf, text: str, first: Place, last: Place) -> _Stretch | None:
    here = place[:4]
    if here < first[:4] or here > last[:4]:
        return None
    start = first.offset if here == first[:4] else 0
    end = min(last.offset, len(text)) if here == last[:4] else len(text)
    return _Stretch(place, leaf, text[start:end], start == 0 and end == len(text), start)


def _cut_out(stretch: _Stretch) -> Stretch:
    end = stretch.start + len(stretch.text)
    return Stretch(stretch.leaf, stretch.place[:3], stretch.start, end)


def _lead(leaf: Leaf) -> str:
    """Bullets and numbers before the first line of a leaf."""
    signs = {BULLET: "-", UNDONE: "[ ]", DONE: "[x]"}
    depth = sum(not container.quote for container in leaf.containers)
    marks = " ".join(signs.get(marker, marker) for _, marker in leaf.markers)
    return "  " * max(0, depth - 1) + marks + " " if marks else ""


def _separator(before: _Stretch, after: _Stretch) -> str:
    if before.place[:2] != after.place[:2]:
        return "\n\n"
    return text_between(before.leaf, after.leaf)
