"""Buttons, links, menus and keys of the transcript do what they say, and nothing by themselves."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QAction, QColor, QContextMenuEvent, QImage, QWheelEvent
from PySide6.QtWidgets import QApplication, QMenu

from studio.core.errors import ErrorKind, StoredError
from studio.core.messages import ImagePart, MessageStatus, Role, TextPart
from studio.ui.transcript.layout.code import CodeBox
from studio.ui.transcript.layout.table import TableBox
from studio.ui.transcript.view import TranscriptView
from tests.transcript_parts import (
    answer,
    buttons,
    click,
    clipboard,
    conversation,
    drag,
    key,
    mouse,
    on_screen,
    paint,
    painted_anew,
    point_of,
    press,
    question,
    same_pixels,
)

_CONTROL = Qt.KeyboardModifier.ControlModifier
LINKS = (
    "[docs](https://docs.example.com/a) and https://bare.example.com/x "
    "[bad](javascript:alert(1)) [file](<file:///etc/passwd>) [share](//host/share) "
    "[tricky](https://good.com@evil.com/) <https://auto.example.com>"
)


def _triggered(view: TranscriptView) -> list[tuple[str, str]]:
    said: list[tuple[str, str]] = []
    view.action_triggered.connect(lambda *what: said.append(what))
    return said


@pytest.mark.parametrize(
    ("words", "address"),
    [
        ("docs", "https://docs.example.com/a"),
        ("bare.example", "https://bare.example.com/x"),
        ("auto.example", "https://auto.example.com"),
    ],
)
def test_a_click_on_a_link_tells_its_address(
    view: TranscriptView, words: str, address: str
) -> None:
    """The view opens nothing itself."""
    view.set_messages([answer(LINKS)])
    paint(view)
    told: list[str] = []
    view.link_activated.connect(told.append)
    click(view, point_of(view, 0, words) + QPoint(4, 0))
    assert told == [address]


@pytest.mark.parametrize("words", ["bad", "file", "share", "tricky", "and"])
def test_a_click_on_anything_else_tells_nothing(view: TranscriptView, words: str) -> None:
    """Unsafe addresses lead nowhere, by click and by menu."""
    view.set_messages([answer(LINKS)])
    paint(view)
    told: list[str] = []
    view.link_activated.connect(told.append)
    at = point_of(view, 0, words) + QPoint(4, 0)
    click(view, at)
    names = [action.text() for action in _menu_at(view, at)]
    assert told == []
    assert "Open link" not in names


def test_dragging_over_a_link_selects_and_opens_nothing(view: TranscriptView) -> None:
    """Only a click is a click."""
    view.set_messages([answer(LINKS)])
    paint(view)
    told: list[str] = []
    view.link_activated.connect(told.append)
    drag(view, point_of(view, 0, "docs"), point_of(view, 0, "docs", end=True))
    assert told == []


def _menu_at(view: TranscriptView, at: QPoint) -> list[QAction]:
    event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, at, view.viewport().mapToGlobal(at))
    QApplication.sendEvent(view.viewport(), event)
    menu = view.findChildren(QMenu, "transcript_menu")[-1]
    actions = menu.actions()
    menu.close()
    return actions


def test_the_menu_copies_and_opens(view: TranscriptView) -> None:
    """Link, address, message, Markdown, and what the message can do."""
    message = answer(LINKS)
    view.set_messages([message])
    paint(view)
    told: list[str] = []
    view.link_activated.connect(told.append)
    said = _triggered(view)
    actions = {a.text(): a for a in _menu_at(view, point_of(view, 0, "docs"))}
    actions["Copy address"].trigger()
    assert clipboard() == "https://docs.example.com/a"
    actions["Open link"].trigger()
    assert told == ["https://docs.example.com/a"]
    actions["Copy message as Markdown"].trigger()
    assert clipboard() == message.text
    actions["Copy message"].trigger()
    assert clipboard().startswith("docs and https://bare")
    actions["Regenerate"].trigger()
    actions["Details"].trigger()
    assert said == [("retry", message.id), ("details", message.id)]


def test_each_action_of_a_message_is_told(view: TranscriptView) -> None:
    """With the message it belongs to."""
    asked, said_back = question("Question"), answer("Answer")
    view.set_messages([asked, said_back])
    view.set_versions(said_back.id, 2, 3)
    paint(view)
    said = _triggered(view)
    for action in ("previous_version", "next_version", "copy", "retry", "fork", "show_code"):
        press(view, 1, action)
    press(view, 0, "edit")
    assert said == [
        *(
            (action, said_back.id)
            for action in (
                *("previous_version", "next_version", "copy"),
                *("retry", "fork", "show_code"),
            )
        ),
        ("edit", asked.id),
    ]


def _pixels_of(view: TranscriptView, message: int, action: str) -> QImage:
    """A button as it is painted now."""
    paint(view)
    corner = QPoint(view.column_x, view.stage.y_of(message))
    rect = buttons(view, message)[action].rect.translated(corner)
    assert view.viewport().rect().contains(rect), "it is in sight"
    return on_screen(view).copy(rect)


def _plain(image: QImage) -> bool:
    first = image.pixelColor(0, 0)
    places = [(x, y) for x in range(image.width()) for y in range(image.height())]
    return all(image.pixelColor(*place) == first for place in places)


@pytest.mark.parametrize("words", ["Question", "A question that fills its line. " * 20])
@pytest.mark.parametrize("width", [900, 420])
def test_that_a_question_has_versions_is_seen_without_pointing_at_it(
    view: TranscriptView, words: str, width: int
) -> None:
    """The other buttons come with the mouse, and nothing lies on the bubble or the answer."""
    view.resize(width, 700)
    asked, said_back = question(words), answer("Answer")
    view.set_messages([asked, said_back, question("Next"), answer("Last")])
    view.set_versions(asked.id, 2, 3)
    for action in ("previous_version", "next_version"):
        assert not _plain(_pixels_of(view, 0, action))
    assert _plain(_pixels_of(view, 0, "copy"))
    box = view.stage.box(0)
    assert all(not each.rect.intersects(box.bubble) for each in box.actions())
    assert all(each.rect.bottom() < box.height for each in box.actions())
    assert view.stage.y_of(1) == view.stage.y_of(0) + box.height


def test_that_an_answer_further_up_has_versions_is_seen_too(view: TranscriptView) -> None:
    """Not only of the last one, whose buttons are always there."""
    first = answer("First")
    view.set_messages([question("One"), first, question("Two"), answer("Last")])
    assert _plain(_pixels_of(view, 1, "copy"))
    view.set_versions(first.id, 1, 2)
    assert not _plain(_pixels_of(view, 1, "next_version"))
    assert _plain(_pixels_of(view, 1, "copy"))


def test_versions_that_become_known_keep_the_end_in_sight(view: TranscriptView) -> None:
    """The row below a question takes room."""
    messages = conversation(30)
    view.set_messages(messages)
    paint(view)
    bar = view.verticalScrollBar()
    assert bar.value() == bar.maximum()
    asked = next(each for each in reversed(messages) if each.role is Role.USER)
    before = bar.maximum()
    view.set_versions(asked.id, 1, 2)
    assert bar.value() == bar.maximum() > before


def test_the_first_and_the_last_version_have_an_end(view: TranscriptView) -> None:
    """A button that cannot go on does nothing."""
    message = answer("Answer")
    view.set_messages([message])
    view.set_versions(message.id, 1, 2)
    paint(view)
    said = _triggered(view)
    press(view, 0, "previous_version")
    assert said == []
    press(view, 0, "next_version")
    assert said == [("next_version", message.id)]


def test_actions_show_under_the_mouse_and_always_on_the_last_answer(
    view: TranscriptView,
) -> None:
    """Without changing any height; painted where they are, nowhere else."""
    view.set_messages([question("One"), answer("First"), question("Two"), answer("Last")])
    paint(view)
    before, height = on_screen(view), view.stage.whole
    mouse(view, QEvent.Type.MouseMove, point_of(view, 1, "First"))
    hovered = on_screen(view)
    assert not same_pixels(hovered, before)
    assert same_pixels(hovered, painted_anew(view))
    assert view.stage.whole == height
    QApplication.sendEvent(view.viewport(), QEvent(QEvent.Type.Leave))
    assert same_pixels(on_screen(view), before)


def test_code_is_copied_and_saved(view: TranscriptView) -> None:
    """Exactly the code, with its language."""
    code = "def f():\n\treturn 1\n\n\nprint(f())"
    view.set_messages([answer(f"Text.\n\n```python\n{code}\n```\n\nMore.")])
    paint(view)
    saved: list[tuple[str, str]] = []
    view.code_saved.connect(lambda *what: saved.append(what))
    press(view, 0, "copy_code")
    assert clipboard() == code
    press(view, 0, "save_code")
    assert saved == [(code, "python")]


@pytest.mark.parametrize(
    ("kind", "action"),
    [
        (ErrorKind.WRONG_TOKEN, "token_settings"),
        (ErrorKind.CUT_SHORT, "retry"),
        (ErrorKind.MODEL_GONE, "other_model"),
        (ErrorKind.NO_NETWORK, "retry"),
        (ErrorKind.BUG, "copy_details"),
    ],
)
def test_the_card_of_an_error_offers_what_helps(
    view: TranscriptView, kind: ErrorKind, action: str
) -> None:
    """Title, hint, what the server said as text, its number to copy, and one step."""
    error = StoredError(kind, "said <b>this</b>", "8f3c1e7a", {"model": "m/M", "host": "h"})
    message = answer("", status=MessageStatus.FAILED, error=error)
    view.set_messages([question("?"), message])
    paint(view)
    said = _triggered(view)
    press(view, 1, action)
    assert said == [(action, message.id)]
    press(view, 1, "copy_error")
    assert "said <b>this</b>" in clipboard()
    assert "8f3c1e7a" in clipboard()


@pytest.mark.parametrize("kind", list(ErrorKind))
@pytest.mark.parametrize("width", [320, 900])
def test_every_error_has_a_card_that_fits(
    view: TranscriptView, kind: ErrorKind, width: int
) -> None:
    """No button outside, none over another one."""
    error = StoredError(kind, "detail " * 30, "0123456789abcdef")
    view.resize(width, 700)
    view.set_messages([answer("Half of", status=MessageStatus.INTERRUPTED, error=error)])
    paint(view)
    card = view.stage.box(0).card
    assert card is not None
    for button in card.buttons:
        assert button.rect.left() >= 0 and button.rect.right() < card.width
        assert button.rect.top() >= 0 and button.rect.bottom() < card.height
        others = [other for other in card.buttons if other is not button]
        assert not any(button.rect.intersects(other.rect) for other in others)


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"status": MessageStatus.STOPPED}, "stopped"),
        ({"status": MessageStatus.INTERRUPTED}, "ended early"),
        ({"status": MessageStatus.FAILED}, "no answer"),
        ({"finish_reason": "length"}, "length limit"),
        ({"finish_reason": "content_filter"}, "held back"),
    ],
)
def test_every_end_that_is_not_the_usual_one_is_said(
    view: TranscriptView, more: dict[str, Any], words: str
) -> None:
    """A half answer is never shown as a whole one."""
    view.set_messages([answer("Half of an", **more)])
    card = view.stage.box(0).card
    assert card is not None and words in card.card.title


def test_a_whole_answer_has_no_card(view: TranscriptView) -> None:
    """Nor has a question."""
    view.set_messages([question("?"), answer("All.", finish_reason="stop")])
    assert view.stage.box(0).card is None
    assert view.stage.box(1).card is None


def test_the_keyboard_goes_from_message_to_message_and_through_their_buttons(
    view: TranscriptView,
) -> None:
    """Ctrl with arrows, Tab, Enter; the last button lets go."""
    messages = conversation(30)
    view.set_messages(messages)
    paint(view)
    view.setFocus()
    said = _triggered(view)
    key(view, Qt.Key.Key_End, _CONTROL)
    key(view, Qt.Key.Key_Up, _CONTROL)
    first = view.keys.message
    key(view, Qt.Key.Key_Up, _CONTROL)
    assert view.keys.message == first - 1
    key(view, Qt.Key.Key_Down, _CONTROL)
    assert view.keys.message == first
    assert 0 <= view.stage.y_of(first) < view.stage.view_height
    names = []
    while view.keys.tab(True):
        names.append(view.keys.action)
    assert names[0] == "copy" and len(names) >= 4
    assert view.keys.tab(False)
    key(view, Qt.Key.Key_Return)
    assert said[-1] == (names[-2], messages[first].id)
    assert same_pixels(on_screen(view), painted_anew(view))


def test_keys_scroll(view: TranscriptView) -> None:
    """Lines, pages, top and bottom."""
    view.set_messages(conversation(80))
    paint(view)
    bar = view.verticalScrollBar()
    key(view, Qt.Key.Key_Home)
    assert bar.value() == 0
    key(view, Qt.Key.Key_Down)
    assert bar.value() == bar.singleStep()
    key(view, Qt.Key.Key_PageDown)
    key(view, Qt.Key.Key_Space)
    assert bar.value() > 1_200
    key(view, Qt.Key.Key_End)
    assert bar.value() == bar.maximum()


def _wheel(view: TranscriptView, at: QPoint, delta: QPoint, modifiers: Qt.KeyboardModifier) -> None:
    event = QWheelEvent(
        QPointF(at),
        QPointF(view.viewport().mapToGlobal(at)),
        QPoint(),
        delta,
        Qt.MouseButton.NoButton,
        modifiers,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(view.viewport(), event)


def test_the_wheel_scrolls_zooms_and_moves_wide_code_sideways(view: TranscriptView) -> None:
    """Ctrl zooms; Shift or a sideways wheel moves what is under the mouse."""
    wide = "x = '" + "y" * 300 + "'"
    table = "|" + " long heading |" * 14 + "\n|" + "---|" * 14 + "\n|" + " cell words |" * 14
    messages = [*conversation(20), answer(f"```\n{wide}\n```\n\n{table}\n")]
    view.set_messages(messages)
    paint(view)
    bar = view.verticalScrollBar()
    before = bar.value()
    at = point_of(view, 20, "x = '")
    for place in (at, point_of(view, 20, "long heading")):
        _wheel(view, place, QPoint(0, -120), Qt.KeyboardModifier.ShiftModifier)
        _wheel(view, place, QPoint(-120, 0), Qt.KeyboardModifier.NoModifier)
    assert bar.value() == before
    flow = next(flow for _, _, flow in view.stage.box(20).parts())
    boxes = [placed.box for _, section in flow.laid() for placed in section.placed]
    moved = [box.scrolled for box in boxes if isinstance(box, CodeBox | TableBox)]
    assert moved == [240, 240]
    assert same_pixels(on_screen(view), painted_anew(view))
    _wheel(view, at, QPoint(0, 120), _CONTROL)
    assert view.stage.style.zoom == 1.1
    _wheel(view, QPoint(20, 20), QPoint(0, 120), Qt.KeyboardModifier.NoModifier)
    assert bar.value() < bar.maximum()


def test_pictures_appear_when_they_are_ready(view: TranscriptView) -> None:
    """A place of their shape first; asked for by their name."""
    ready: dict[str, QImage] = {}
    asked: list[str] = []

    def provider(sha256: str) -> QImage | None:
        asked.append(sha256)
        return ready.get(sha256)

    view.set_pictures(provider)
    part = ImagePart("a" * 64, "image/png", 400, 300, 10, "cat.png")
    message = replace(question("What is it?"), parts=(part, TextPart("What is it?")))
    view.set_messages([message])
    waiting = on_screen(view)
    assert asked
    image = QImage(40, 30, QImage.Format.Format_RGB32)
    image.fill(QColor("red"))
    ready["a" * 64] = image
    view.picture_ready("a" * 64)
    shown = on_screen(view)
    assert not same_pixels(shown, waiting)
    assert shown.pixelColor(view.column_x + view.stage.width - 40, 60) == QColor("red")


def test_buttons_have_names_and_tooltips(view: TranscriptView) -> None:
    """No icon without words."""
    view.set_messages([question("?"), answer("```\nx\n```")])
    paint(view)
    for message in (0, 1):
        assert all(button.name for button in buttons(view, message).values())
