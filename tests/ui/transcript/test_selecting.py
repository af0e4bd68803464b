"""Selecting and copying: across blocks and messages, by mouse and by keyboard."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt

from studio.core.messages import Message
from studio.ui.transcript.view import TranscriptView
from tests.markdown_parts import answers
from tests.transcript_parts import (
    answer,
    click,
    clipboard,
    conversation,
    double_click,
    drag,
    key,
    mouse,
    paint,
    painted_anew,
    point_of,
    press,
    question,
    same_pixels,
    settle,
)

_SHIFT = Qt.KeyboardModifier.ShiftModifier
_CONTROL = Qt.KeyboardModifier.ControlModifier
TEXT = (
    "# A heading\n\nA paragraph with **bold** and `code`.\n\n- first item\n- second item\n\n"
    "```python\nprint('one')\nprint('two')\n```\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\nThe end."
)


@pytest.fixture
def shown(view: TranscriptView) -> TranscriptView:
    """Two questions and two answers."""
    view.resize(900, 1_200)
    view.set_messages([question("The question?"), answer(TEXT), question("Again?"), answer("So.")])
    paint(view)
    return view


def _copied(view: TranscriptView) -> str:
    key(view, Qt.Key.Key_C, _CONTROL)
    return clipboard()


def test_a_drag_within_a_paragraph_copies_what_is_read(shown: TranscriptView) -> None:
    """Without the marks of Markdown."""
    drag(shown, point_of(shown, 1, "paragraph"), point_of(shown, 1, "bold and code", end=True))
    assert _copied(shown) == "paragraph with bold and code"


def test_a_drag_across_blocks_and_messages(shown: TranscriptView) -> None:
    """In reading order, blocks apart, with bullets; backwards it is the same."""
    expected = (
        "question?\n\nA heading\n\nA paragraph with bold and code.\n\n- first item\n- second item"
        "\n\nprint('one')\nprint('two')\n\na\tb\n1\t2\n\nThe end.\n\nAgain"
    )
    start = point_of(shown, 0, "question")
    end = point_of(shown, 2, "Again", end=True)
    drag(shown, start, end)
    assert _copied(shown) == expected
    drag(shown, end, start)
    assert _copied(shown) == expected


def test_a_selection_is_painted_and_taken_back(shown: TranscriptView) -> None:
    """A click elsewhere ends it."""
    before = painted_anew(shown)
    drag(shown, point_of(shown, 1, "paragraph"), point_of(shown, 1, "The end"))
    assert not same_pixels(painted_anew(shown), before)
    click(shown, QPoint(shown.column_x + 300, 4))
    mouse(shown, QEvent.Type.MouseMove, QPoint(2, 1_190))
    assert shown.selection.is_empty
    assert same_pixels(painted_anew(shown), before)


@pytest.mark.parametrize(
    ("at", "word"),
    [("paragraph", "paragraph"), ("bold", "bold"), ("second", "second"), ("one'", "one")],
)
def test_a_double_click_takes_a_word(shown: TranscriptView, at: str, word: str) -> None:
    """Also in a list and in code."""
    double_click(shown, point_of(shown, 1, at) + QPoint(4, 0))
    assert _copied(shown) == word


def test_a_third_click_takes_the_block(shown: TranscriptView) -> None:
    """The paragraph; in code the line."""
    for words, expected in (
        ("bold", "A paragraph with bold and code."),
        ("two", "print('two')"),
        ("second", "- second item"),
    ):
        at = point_of(shown, 1, words) + QPoint(3, 0)
        double_click(shown, at)
        click(shown, at)
        assert _copied(shown) == expected


def test_shift_and_click_goes_on_to_there(shown: TranscriptView) -> None:
    """From where the selection began."""
    click(shown, point_of(shown, 1, "paragraph"))
    click(shown, point_of(shown, 1, "first item", end=True), _SHIFT)
    assert _copied(shown) == "paragraph with bold and code.\n\n- first item"


def test_select_all_copies_everything(shown: TranscriptView) -> None:
    """And as Markdown exactly what is stored."""
    key(shown, Qt.Key.Key_A, _CONTROL)
    assert _copied(shown).startswith("The question?\n\nA heading")
    assert _copied(shown).endswith("Again?\n\nSo.")
    key(shown, Qt.Key.Key_C, _CONTROL | _SHIFT)
    assert clipboard() == f"The question?\n\n{TEXT}\n\nAgain?\n\nSo."


@pytest.mark.parametrize("name", answers())
def test_a_copied_message_equals_what_is_stored(view: TranscriptView, name: str) -> None:
    """The button copies the Markdown; a selection of the whole message does too."""
    message = answer(answers()[name])
    view.set_messages([question("?"), message])
    settle(lambda: view.stage.box(1).is_read)
    view.go_to_bottom()
    press(view, 1, "copy")
    assert clipboard() == message.text
    view.select_all()
    view.copy(markdown=True)
    assert clipboard() == f"?\n\n{message.text}"


def test_copying_as_markdown_takes_the_blocks_that_are_touched(shown: TranscriptView) -> None:
    """With their marks."""
    drag(shown, point_of(shown, 1, "with"), point_of(shown, 1, "first", end=True))
    shown.copy(markdown=True)
    assert clipboard() == "A paragraph with **bold** and `code`.\n\n- first item"


def test_dragging_beyond_the_edge_scrolls(view: TranscriptView) -> None:
    """Until the mouse comes back."""
    view.set_messages(conversation(60))
    paint(view)
    before = view.verticalScrollBar().value()
    start = QPoint(view.column_x + 60, 300)
    mouse(view, QEvent.Type.MouseButtonPress, start)
    mouse(view, QEvent.Type.MouseMove, QPoint(view.column_x + 60, -80))
    settle(lambda: view.verticalScrollBar().value() < before - 400)
    mouse(view, QEvent.Type.MouseButtonRelease, QPoint(view.column_x + 60, -80))
    ends = view.selection.ends()
    assert ends is not None and ends[1].message - ends[0].message >= 3


def test_the_keyboard_selects(shown: TranscriptView) -> None:
    """By character, word, line, and to the ends."""
    click(shown, point_of(shown, 1, "A paragraph") - QPoint(2, 0))
    for _ in range(3):
        key(shown, Qt.Key.Key_Right, _SHIFT)
    assert _copied(shown) == "A p"
    key(shown, Qt.Key.Key_Right, _SHIFT | _CONTROL)
    assert _copied(shown) == "A paragraph "
    key(shown, Qt.Key.Key_Left, _SHIFT | _CONTROL)
    assert _copied(shown) == "A "
    key(shown, Qt.Key.Key_End, _SHIFT)
    assert _copied(shown) == "A paragraph with bold and code."
    key(shown, Qt.Key.Key_Right, _SHIFT)
    key(shown, Qt.Key.Key_Right, _SHIFT)
    assert _copied(shown) == "A paragraph with bold and code.\n\n- f"
    key(shown, Qt.Key.Key_Down, _SHIFT)
    assert _copied(shown).endswith("- first item\n- s")
    key(shown, Qt.Key.Key_End, _SHIFT | _CONTROL)
    assert _copied(shown).endswith("Again?\n\nSo.")
    key(shown, Qt.Key.Key_Home, _SHIFT | _CONTROL)
    assert _copied(shown).startswith("The question?")
    key(shown, Qt.Key.Key_Escape)
    assert shown.selection.is_empty


def test_emoji_and_han_are_selected_whole(view: TranscriptView) -> None:
    """Qt counts other units than Python does."""
    view.set_messages([answer("Start 😀👩‍👩‍👧 middle 汉字 **粗体** `码` end 🎉.")])
    paint(view)
    drag(view, point_of(view, 0, "middle"), point_of(view, 0, "end", end=True))
    assert _copied(view) == "middle 汉字 粗体 码 end"
    drag(view, point_of(view, 0, "😀"), point_of(view, 0, " middle"))
    assert _copied(view) == "😀👩‍👩‍👧"


def test_right_to_left_text_is_selected(view: TranscriptView) -> None:
    """It begins at the right."""
    view.set_messages([answer("مرحبا بالعالم هذا نص")])
    paint(view)
    start, end = point_of(view, 0, "مرحبا"), point_of(view, 0, "العالم", end=True)
    assert start.x() > end.x()
    drag(view, start - QPoint(1, 0), end + QPoint(2, 0))
    assert _copied(view) == "مرحبا بالعالم"


def test_much_is_copied_as_it_is_stored(view: TranscriptView) -> None:
    """Reading a million characters again would hold the window."""
    messages: list[Message] = [answer("**word** " * 5_000) for _ in range(8)]
    view.set_messages(messages)
    view.select_all()
    view.copy()
    assert clipboard() == "\n\n".join(message.text for message in messages)
