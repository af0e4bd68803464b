"""A long question is folded, and nothing of it is out of reach."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt

from studio.ui.look.text import number
from studio.ui.transcript.layout.bubble import foot_rect, foot_width, foot_words
from studio.ui.transcript.view import TranscriptView
from tests.transcript_parts import (
    answer,
    click,
    clipboard,
    key,
    on_screen,
    paint,
    painted_anew,
    question,
    same_pixels,
    settle,
)

LONG = "\n".join(f"第{number}行 line {number}" for number in range(400))


@pytest.fixture
def shown(view: TranscriptView) -> TranscriptView:
    """A long question with its answer."""
    view.set_messages([question(LONG), answer("好。")])
    settle(lambda: not view.stage.has_unread())
    paint(view)
    return view


def test_a_long_question_takes_less_than_the_window(shown: TranscriptView) -> None:
    """A line says how much there is, and the answer is in sight."""
    box = shown.stage.box(0)
    assert box.is_folded and box.height < shown.stage.view_height
    assert foot_words(box) == f"Show all · {number(len(LONG))} characters"
    assert shown.stage.y_of(1) < shown.stage.view_height
    assert same_pixels(on_screen(shown), painted_anew(shown))


def test_the_line_is_within_the_bubble(view: TranscriptView) -> None:
    """Also below words of one letter."""
    view.set_messages([question("甲\n" * 60)])
    paint(view)
    box = view.stage.box(0)
    assert box.bubble.width() >= foot_width(box) > 100


def test_a_click_unfolds_and_folds_it(shown: TranscriptView) -> None:
    """On the line below the text."""
    box = shown.stage.box(0)
    shown.go_to_top()
    for folded in (False, True):
        shown.go_to_top()
        settle()
        rect = foot_rect(box).translated(shown.column_x, shown.stage.y_of(0))
        if rect.bottom() > shown.stage.view_height:
            shown.verticalScrollBar().setValue(shown.verticalScrollBar().maximum())
            settle()
            rect = foot_rect(box).translated(shown.column_x, shown.stage.y_of(0))
        click(shown, rect.center())
        settle(lambda: not shown.stage.has_unread())
        assert box.is_folded is folded
        assert same_pixels(on_screen(shown), painted_anew(shown))
    assert foot_words(box).startswith("Show all")


def test_the_keyboard_unfolds_it(shown: TranscriptView) -> None:
    """The line is one of the buttons of the message."""
    shown.setFocus()
    shown.keys.message_id = shown.stage.messages[0].id
    assert shown.keys.tab(True)
    button = shown.keys.focused_button()
    assert button is not None and button.name.startswith("Show all")
    key(shown, Qt.Key.Key_Return)
    assert not shown.stage.box(0).is_folded


def test_what_is_found_in_the_folded_part_is_shown(shown: TranscriptView) -> None:
    """It unfolds by itself."""
    shown.finding.find("line 390", False)
    assert shown.finding.go(True)
    paint(shown)
    assert not shown.stage.box(0).is_folded


def test_all_of_it_is_copied(shown: TranscriptView) -> None:
    """Folded or not."""
    shown.select_all()
    shown.copy()
    assert clipboard() == f"{LONG}\n\n好。"


def test_a_short_question_has_no_line(view: TranscriptView) -> None:
    """Nor has a long answer."""
    view.set_messages([question("短"), answer(LONG)])
    paint(view)
    assert all(foot_rect(view.stage.box(index)).isEmpty() for index in (0, 1))
