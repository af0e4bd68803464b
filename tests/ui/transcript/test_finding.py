"""Find in the conversation: all hits counted and marked, one after the other."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtTest import QTest

from studio.core.messages import Message
from studio.ui.transcript.input import caret_movement
from studio.ui.transcript.input.selection import leaf_of
from studio.ui.transcript.view import TranscriptView
from tests.transcript_parts import (
    answer,
    conversation,
    paint,
    painted_anew,
    question,
    same_pixels,
    settle,
)


def _messages() -> list[Message]:
    return [
        question("Find the needle"),
        answer("A **needle**, a `Needle` and a [needle](https://example.com/needle)."),
        question("针在哪里？"),
        answer("在草堆里找针。\n\n```\nneedle = 1\n```\n"),
    ]


def _hit(view: TranscriptView) -> str:
    """The text at the current hit."""
    place = view.finder.place
    assert place is not None
    return leaf_of(view.stage, place)[1][place.offset :]


def test_all_hits_are_counted_and_visited_in_order(view: TranscriptView) -> None:
    """Around the end, and back; the address behind a word is no hit."""
    view.set_messages(_messages())
    view.finding.find("needle", False)
    said: list[tuple[int, int]] = []
    view.found.connect(lambda *what: said.append(what))
    places = []
    for _ in range(6):
        assert view.finding.go(True)
        assert _hit(view).lower().startswith("needle")
        places.append(view.finder.place)
    assert said[-1][1] == 5
    assert [place.message for place in places[:5] if place] == [0, 1, 1, 1, 3]
    assert places[5] == places[0]
    assert said[-1] == (1, 5)
    assert view.finding.go(False)
    assert view.finder.place == places[4]


def test_case_and_han(view: TranscriptView) -> None:
    """Case only when it is asked for; Chinese from one character on."""
    view.set_messages(_messages())
    view.finding.find("Needle", True)
    assert view.finding.go(True) and view.finder.count == 1
    view.finding.find("针", False)
    assert view.finding.go(True) and view.finder.count == 2
    view.finding.find("nowhere", False)
    assert not view.finding.go(True) and view.finder.count == 0


def test_signs_are_no_patterns(view: TranscriptView) -> None:
    """What is typed is looked for as it is."""
    view.set_messages([answer("a.c (x) [y] a*b $5 c++")])
    for words in (".", "(x)", "[y]", "a*b", "$5", "c++"):
        view.finding.find(words, False)
        assert view.finding.go(True) and view.finder.count == 1


def test_hits_are_marked_while_the_bar_is_open(view: TranscriptView) -> None:
    """And unmarked when it closes."""
    view.set_messages(_messages())
    paint(view)
    before = painted_anew(view)
    view.finding.open()
    QTest.keyClicks(view.finding.bar.field, "needle")
    marked = painted_anew(view)
    QTest.keyClick(view.finding.bar.field, Qt.Key.Key_Return)
    moved = painted_anew(view)
    assert not same_pixels(marked, moved)
    assert view.finding.bar._count.text() == "1 / 5"
    QTest.keyClick(view.finding.bar.field, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    assert view.finding.bar._count.text() == "5 / 5"
    QTest.keyClick(view.finding.bar.field, Qt.Key.Key_Escape)
    assert not view.finding.bar.isVisible()
    assert same_pixels(painted_anew(view), before)


def _hit_on_screen(view: TranscriptView) -> QRect:
    """Where the current hit begins, in the view."""
    place = view.finder.place
    assert place is not None
    rect = caret_movement.caret(view.stage, place).toRect().translated(view.column_x, 0)
    return rect.translated(view.viewport().pos())


@pytest.mark.parametrize("width", [300, 640, 1200])
@pytest.mark.parametrize("zoom", [0.8, 1.0, 2.0])
def test_the_bar_covers_neither_the_first_message_nor_any_hit(
    view: TranscriptView, width: int, zoom: float
) -> None:
    """It has a strip of its own above what is read."""
    view.resize(width, 500)
    view.set_zoom(zoom)
    view.set_messages([*_messages(), *(question(f"{n} needle") for n in range(30)), *_messages()])
    view.go_to_top()
    view.finding.open()
    bar, area = view.finding.bar.geometry(), view.viewport().geometry()
    assert bar.bottom() < area.top() and bar.left() >= 0
    assert view.verticalScrollBar().value() == 0, "the first message is whole below it"
    QTest.keyClicks(view.finding.bar.field, "needle")
    for _ in range(view.finder.count + 1):
        assert view.finding.go(True)
        shown = _hit_on_screen(view)
        assert area.top() <= shown.top() and shown.bottom() <= area.bottom() + 1


def test_what_is_read_stands_still_when_the_bar_comes_and_goes(view: TranscriptView) -> None:
    """In the middle and at the end; the viewport begins lower and shows what is lower."""
    view.set_messages(conversation(60))
    for at in (0.5, 1.0):
        bar = view.verticalScrollBar()
        bar.setValue(round(bar.maximum() * at))
        before = view.stage.y_of(30) + view.viewport().y()
        view.finding.open()
        assert view.stage.y_of(30) + view.viewport().y() == before
        view.finding.close()
        assert view.stage.y_of(30) + view.viewport().y() == before
        assert view.viewport().y() == 0


def test_a_long_conversation_is_searched_in_slices(view: TranscriptView) -> None:
    """The count grows while the window stays free, and a hit far up is brought into sight."""
    messages = conversation(3_000)
    messages[40] = question("here is the HaYstack")
    view.set_messages(messages)
    view.finding.find("haystack", False)
    settle(lambda: view.finder.is_done)
    assert view.finder.count == 1
    assert view.finding.go(True)
    place = view.finder.place
    assert place is not None and place.message == 40
    rect = caret_movement.caret(view.stage, place)
    assert 0 <= rect.top() < view.stage.view_height


def test_an_answer_that_grows_is_found_in(view: TranscriptView) -> None:
    """The count follows, without losing the place."""
    message = answer("one needle")
    view.set_messages([question("needle"), message])
    view.finding.find("needle", False)
    assert view.finding.go(True)
    grown = answer("one needle and another needle", id=message.id)
    view.update_message(grown)
    view.flush()
    assert view.finder.count == 3


def test_other_messages_are_searched_anew(view: TranscriptView) -> None:
    """When the conversation changes under the open bar."""
    view.set_messages(_messages())
    view.finding.find("needle", False)
    view.set_messages([question("no hit here")])
    assert view.finder.count == 0
    view.append_message(question("a needle"))
    settle(lambda: view.finder.count == 1)


def test_a_hit_far_to_the_right_is_brought_into_sight(view: TranscriptView) -> None:
    """In code that is wider than the column, and back to its beginning."""
    line = "start = '" + "x" * 400 + "' + needle"
    view.set_messages([answer(f"```\n{line}\n```\n")])
    paint(view)
    for words in ("needle", "start"):
        view.finding.find(words, False)
        assert view.finding.go(True)
        place = view.finder.place
        assert place is not None
        assert 0 <= caret_movement.caret(view.stage, place).x() <= view.stage.width


@pytest.mark.parametrize("words", ["", " ", "\n"])
def test_nothing_to_find(view: TranscriptView, words: str) -> None:
    """No endless list of marks."""
    view.set_messages(_messages())
    view.finding.find(words, False)
    paint(view)
    if not words:
        assert not view.finding.go(True)


def test_words_cut_by_marks_are_counted_before_they_come_into_sight(view: TranscriptView) -> None:
    """And gone to; what is not shown is neither counted nor gone to, and width makes no matter."""
    messages = conversation(400)
    messages[3] = answer("在草堆里**找**针，`Ｚ`yx；[找](https://zyx.example/找针)到了")
    view.set_messages(messages)
    for needle, times in (("找针", 1), ("zyx", 1), ("找", 2), ("zyx.example", 0), ("**找", 0)):
        view.finding.find(needle, False)
        settle(lambda: view.finder.is_done)
        assert view.finder.count == times
        assert view.finding.go(True) is bool(times)
        assert view.finder.count == times
