"""Moves a place through the text: by character, word, line, leaf and message."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QTextBoundaryFinder

from studio.ui.transcript.input.selection import leaf_of, read_box
from studio.ui.transcript.input.word_breaks import next_boundary, previous_boundary
from studio.ui.transcript.layout.boxes import from_qt, to_qt
from studio.ui.transcript.layout.conversation_layout import ConversationLayout, Place
from studio.ui.transcript.layout.hit_test import last_place as last_place_in
from studio.ui.transcript.layout.message import ANSWER


def first_place(message: int) -> Place:
    """The beginning of a message's text."""
    return Place(message, ANSWER, 0, 0, 0)


def last_place(stage: ConversationLayout, message: int) -> Place:
    """The end of a message's text."""
    return Place(message, *last_place_in(read_box(stage, message)))


def clamped(stage: ConversationLayout, place: Place) -> Place:
    """`place` inside the text as it is now."""
    message = min(place.message, len(stage.messages) - 1)
    end = last_place(stage, message)
    return min(place._replace(message=message), end)


def step(stage: ConversationLayout, place: Place, *, forward: bool, word: bool = False) -> Place:
    """The next or previous character or word."""
    place = clamped(stage, place)
    text = leaf_of(stage, place)[1]
    if forward and place.offset >= len(text):
        return _next_leaf(stage, place)
    if not forward and place.offset == 0:
        return _leaf_before(stage, place)
    if word:
        return place._replace(offset=_word_step(text, place.offset, forward=forward))
    finder = QTextBoundaryFinder(QTextBoundaryFinder.BoundaryType.Grapheme, text)
    finder.setPosition(to_qt(text, place.offset))
    moved = finder.toNextBoundary() if forward else finder.toPreviousBoundary()
    return place._replace(offset=from_qt(text, moved))


def _word_step(text: str, start: int, *, forward: bool) -> int:
    if forward:
        offset = next_boundary(text, start)
        while offset < len(text) and text[offset].isspace():
            offset += 1
        return offset
    offset = previous_boundary(text, start)
    if text[offset:start].isspace() and offset:
        offset = previous_boundary(text, offset)
    return offset


def _next_leaf(stage: ConversationLayout, place: Place) -> Place:
    box = read_box(stage, place.message)
    found = box.section(place.part, place.section)
    if found is not None and place.leaf + 1 < len(found[0].placed):
        return place._replace(leaf=place.leaf + 1, offset=0)
    if place.section + 1 < len(box.flows[place.part].heights):
        return place._replace(section=place.section + 1, leaf=0, offset=0)
    parts = [part for part, _, _ in box.parts()]
    later = [part for part in parts if part > place.part]
    if later:
        return Place(place.message, later[0], 0, 0, 0)
    if place.message + 1 < len(stage.messages):
        return first_place(place.message + 1)
    return place


def _leaf_before(stage: ConversationLayout, place: Place) -> Place:
    if place.leaf > 0:
        before = place._replace(leaf=place.leaf - 1)
    elif place.section > 0:
        before = place._replace(section=place.section - 1)
        found = stage.box(place.message).section(before.part, before.section)
        before = before._replace(leaf=max(0, len(found[0].placed) - 1 if found else 0))
    elif place.message > 0:
        return last_place(stage, place.message - 1)
    else:
        return place
    return before._replace(offset=len(leaf_of(stage, before)[1]))


def caret(stage: ConversationLayout, place: Place) -> QRectF:
    """Where a place is: x in the column, y in the window."""
    found = stage.box(place.message).section(place.part, place.section)
    top = stage.y_of(place.message)
    if found is None or place.leaf >= len(found[0].placed):
        return QRectF(0, top, 1, 1)
    box, x, y = found
    placed = box.placed[place.leaf]
    rect = placed.box.caret(min(place.offset, len(placed.box.text)))
    return rect.translated(x + placed.x, top + y + placed.y)


def reveal(stage: ConversationLayout, place: Place) -> None:
    """Unfold a question, move wide code or a wide table sideways: a place is to be seen."""
    if stage.box(place.message).is_folded:
        stage.set_opened(stage.messages[place.message].id, True)
    found = stage.box(place.message).section(place.part, place.section)
    if found is not None and place.leaf < len(found[0].placed):
        found[0].placed[place.leaf].box.reveal(place.offset)


def line(stage: ConversationLayout, place: Place, *, down: bool) -> Place:
    """The place a line further down or up, as straight as possible."""
    rect = caret(stage, place)
    x = int(rect.x())
    for distance in (4, 16, 32, 56, 96, 160):
        y = int(rect.bottom() + distance if down else rect.top() - distance)
        found = stage.place_at(x, y)
        if (found > place) if down else (found < place):
            return found
    if down:
        return last_place(stage, len(stage.messages) - 1)
    return first_place(0)


def line_end(stage: ConversationLayout, place: Place, *, forward: bool) -> Place:
    """The beginning or the end of the line."""
    rect = caret(stage, place)
    found = stage.place_at(100_000 if forward else -100_000, int(rect.center().y()))
    return found if found[:4] == place[:4] else place
