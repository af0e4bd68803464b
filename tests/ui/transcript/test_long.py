"""Long conversations: only what is in sight is laid out, and the reader's place is kept."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QApplication

from studio.ui.look import theme
from studio.ui.transcript.layout.conversation_layout import Place
from studio.ui.transcript.layout.message import ANSWER
from studio.ui.transcript.view import TranscriptView
from tests.transcript_parts import (
    answer,
    conversation,
    on_screen,
    paint,
    painted_anew,
    question,
    same_pixels,
    settle,
)


def _laid_out(view: TranscriptView) -> int:
    """The height of everything that is laid out, in pixels."""
    return sum(
        section.height
        for box in view.stage._boxes.values()
        for flow in box.flows.values()
        for _, section in flow.laid()
    )


def test_opening_lays_out_at_most_three_screens(view: TranscriptView) -> None:
    """Of 10,000 messages."""
    view.set_messages(conversation(10_000))
    paint(view)
    assert view.stage.laid_out < 40
    assert _laid_out(view) <= 3 * view.stage.view_height


def test_opening_lays_out_the_same_however_long_it_is(view: TranscriptView) -> None:
    """The same messages at the end, the same work."""
    messages = conversation(2_000)
    counts = []
    for count in (100, 2_000):
        before = view.stage.laid_out
        view.set_messages(messages[-count:])
        paint(view)
        counts.append(view.stage.laid_out - before)
    assert counts[0] == counts[1]


def test_a_long_answer_is_laid_out_only_where_it_is_seen(view: TranscriptView) -> None:
    """An answer of 100,000 characters at its end, and then at its middle."""
    text = "\n\n".join(f"Paragraph {n}: " + "words in it " * 15 for n in range(500))
    view.set_messages([question("Go"), answer(text)])
    settle(lambda: view.stage.box(1).is_read)
    paint(view)
    assert _laid_out(view) <= 4 * view.stage.view_height
    view.verticalScrollBar().setValue(view.verticalScrollBar().maximum() // 2)
    paint(view)
    assert same_pixels(on_screen(view), painted_anew(view))


def test_laid_out_messages_are_bounded(view: TranscriptView) -> None:
    """Scrolling through everything keeps no more than a few dozen."""
    view.set_messages(conversation(600))
    for _ in range(400):
        view.verticalScrollBar().setValue(view.verticalScrollBar().value() - 300)
        paint(view)
    assert len(view.stage._boxes) <= 60


def test_scrolling_up_into_the_unknown_moves_pixels_by_the_step(view: TranscriptView) -> None:
    """Whatever the heights turn out to be, what was in sight moves by exactly the step."""
    view.set_messages(conversation(400))
    paint(view)
    for _ in range(60):
        before = on_screen(view)
        view.verticalScrollBar().setValue(view.verticalScrollBar().value() - 120)
        after = on_screen(view)
        height = before.height() - 120
        assert after.copy(0, 120, after.width(), height) == before.copy(
            0, 0, before.width(), height
        )
        assert same_pixels(after, painted_anew(view))


def test_jumps_land_where_they_aim(view: TranscriptView) -> None:
    """Top, bottom, and any message in between."""
    messages = conversation(1_000)
    view.set_messages(messages)
    view.go_to_top()
    paint(view)
    assert next(iter(view.stage.in_sight()))[0] == 0
    view.scroll_to(messages[500].id)
    assert view.stage.y_of(500) == 24
    view.go_to_bottom()
    paint(view)
    assert list(view.stage.in_sight())[-1][0] == 999
    assert view.verticalScrollBar().value() == view.verticalScrollBar().maximum()


def _first_in_sight(view: TranscriptView) -> tuple[int, int]:
    """The first message in sight, and what of it is above the edge."""
    return next(iter(view.stage.in_sight()))


def test_resizing_keeps_the_place(view: TranscriptView) -> None:
    """The first line in sight stays the first line in sight."""
    view.set_messages(conversation(800))
    view.scroll_to(view.stage.messages[400].id)
    for width in (700, 520, 1_300, 900):
        view.resize(width, 700)
        paint(view)
        assert view.stage.y_of(400) == 24
        assert same_pixels(on_screen(view), painted_anew(view))


def test_resizing_within_a_long_answer_keeps_the_paragraph(view: TranscriptView) -> None:
    """The held place is a section, not a message."""
    text = "\n\n".join(f"Paragraph {n}: " + "words in it " * 15 for n in range(200))
    view.set_messages([question("Go"), answer(text)])
    settle(lambda: view.stage.box(1).is_read)
    view.show_place(Place(1, ANSWER, 90, 0, 0))
    pin = view.stage._pin
    assert pin.row.part == ANSWER
    for width in (600, 1_000, 900):
        view.resize(width, 700)
        paint(view)
        row_y = view.stage.y_of(1) + view.stage.box(1).row_top(pin.row)
        assert abs(row_y - pin.y) <= 1


def test_resizing_at_the_end_stays_at_the_end(view: TranscriptView) -> None:
    """As if nothing had happened."""
    view.set_messages(conversation(100))
    for size in ((600, 400), (1_200, 800), (900, 700)):
        view.resize(*size)
        paint(view)
        bar = view.verticalScrollBar()
        assert bar.value() == bar.maximum()


def test_zoom_is_bounded_and_goes_back(view: TranscriptView) -> None:
    """Larger and smaller in steps; 0 as designed; the place is kept."""
    view.set_messages(conversation(200))
    paint(view)
    designed = painted_anew(view)
    view.scroll_to(view.stage.messages[100].id)
    for step in (1, 1, 1, 1, 1, 1, 1, 1, 1, 1, -1, -1):
        view.zoom(step)
        paint(view)
        assert view.stage.y_of(100) == 24
    assert view.stage.style.zoom > 1.5
    view.zoom(0)
    assert view.stage.style.zoom == 1.0
    view.go_to_bottom()
    paint(view)
    assert same_pixels(painted_anew(view), designed)


def test_a_change_of_theme_repaints_at_once(view: TranscriptView, qapp: QApplication) -> None:
    """And keeps the place; back again it looks as before."""
    view.set_messages(conversation(100))
    view.scroll_to(view.stage.messages[50].id)
    light = on_screen(view)
    theme.apply(qapp, theme.DARK)
    paint(view)
    dark = on_screen(view)
    assert view.stage.y_of(50) == 24
    assert dark.pixelColor(2, 2) == theme.colour("surface")
    assert same_pixels(dark, painted_anew(view))
    theme.apply(qapp, theme.LIGHT)
    paint(view)
    assert same_pixels(on_screen(view), light)


def test_removing_and_adding_messages(view: TranscriptView) -> None:
    """The list follows, and so does the view of a reader at the end."""
    messages = conversation(40)
    view.set_messages(messages)
    view.remove_messages_after(messages[9].id)
    paint(view)
    assert [m.id for m in view.stage.messages] == [m.id for m in messages[:10]]
    view.append_message(question("One more"))
    paint(view)
    assert list(view.stage.in_sight())[-1][0] == 10
    assert same_pixels(on_screen(view), painted_anew(view))
    view.clear()
    paint(view)
    assert view.verticalScrollBar().maximum() == 0


@pytest.mark.parametrize("width", [240, 360, 520])
def test_narrow_views_show_everything(view: TranscriptView, width: int) -> None:
    """Compare columns are narrow; nothing is painted outside the column."""
    view.set_messages(conversation(12))
    view.resize(width, 700)
    paint(view)
    assert view.stage.width <= max(240, width - 48)
