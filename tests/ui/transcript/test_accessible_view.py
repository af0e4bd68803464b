"""What a screen reader finds: a list of messages, their buttons, and finished blocks said."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent
from PySide6.QtTest import QTest

from studio.core.errors import ErrorKind, StoredError
from studio.core.messages import MessageStatus, TextPart
from studio.ui.transcript.view import TranscriptView
from tests.transcript_parts import answer, conversation, key, paint, question, started

_Role, _Text = QAccessible.Role, QAccessible.Text


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[tuple[str, str]]]:
    """What is told to assistive programs while one is listening: kind and text."""
    told: list[tuple[str, str]] = []
    real = QAccessible.updateAccessibility

    def note(event: Any) -> None:
        if isinstance(event, QAccessibleAnnouncementEvent):
            told.append(("said", event.message()))
        else:
            found = event.accessibleInterface()
            told.append((event.type().name, found.text(_Text.Name) if found else ""))
        real(event)

    monkeypatch.setattr(QAccessible, "updateAccessibility", note)
    QAccessible.setActive(True)
    yield told
    QAccessible.setActive(False)


def test_the_view_is_a_list_of_messages(view: TranscriptView, said: list[tuple[str, str]]) -> None:
    """Author, state, text; time and statistics; where it is on the screen."""
    error = StoredError(ErrorKind.CUT_SHORT, "detail")
    view.setAccessibleName("Conversation")
    view.set_messages(
        [
            question("The **question**?"),
            answer("# Title\n\nSome **bold** words.\n\n- item"),
            answer("Half", status=MessageStatus.INTERRUPTED, error=error),
        ]
    )
    paint(view)
    found = QAccessible.queryAccessibleInterface(view)
    assert (found.role(), found.text(_Text.Name)) == (_Role.List, "Conversation")
    assert found.childCount() == 3
    items = [found.child(index) for index in range(3)]
    assert [item.role() for item in items] == [_Role.ListItem] * 3
    names = [item.text(_Text.Name) for item in items]
    assert names[0] == "You: The **question**?"
    assert names[1] == "Qwen3.5-35B-A3B: Title\n\nSome bold words.\n\nitem"
    assert names[2].startswith("Qwen3.5-35B-A3B, interrupted: Half")
    assert "ended early" in names[2] and "detail" in names[2]
    assert "61 tokens/s" in items[1].text(_Text.Description)
    assert [found.indexOfChild(item) for item in items] == [0, 1, 2]
    rect = items[1].rect()
    assert rect.width() == view.stage.width and rect.height() > 100
    assert found.childAt(rect.center().x(), rect.center().y()).text(_Text.Name) == names[1]
    assert found.childAt(-500, -500) is None


def test_buttons_are_children_of_their_message(
    view: TranscriptView, said: list[tuple[str, str]]
) -> None:
    """With names, in reading order, code and card included."""
    error = StoredError(ErrorKind.CUT_SHORT, "detail")
    view.set_messages(
        [answer("```py\nx\n```", "hm", status=MessageStatus.INTERRUPTED, error=error)]
    )
    paint(view)
    item = QAccessible.queryAccessibleInterface(view).child(0)
    names = [item.child(index).text(_Text.Name) for index in range(item.childCount())]
    assert names[:3] == ["Thought for 4.2 s", "Copy the code", "Save the code"]
    assert {"Retry", "Continue", "Copy", "Regenerate", "More"} <= set(names)
    assert all(names)
    for index in range(item.childCount()):
        child = item.child(index)
        assert child.role() == _Role.Button
        assert item.rect().contains(child.rect().center())
        assert item.indexOfChild(child) == index


def test_finished_blocks_are_said_not_tokens(
    view: TranscriptView, said: list[tuple[str, str]]
) -> None:
    """Each once; the rest at the end, with what went wrong."""
    error = StoredError(ErrorKind.CUT_SHORT)
    text = "First block.\n\nSecond **block**.\n\nThird"
    message = answer(text, status=MessageStatus.INTERRUPTED, error=error)
    view.set_messages([question("Go"), started(message)])
    said.clear()
    for end in range(1, len(text) + 1):
        part = replace(message, parts=(TextPart(text[:end]),), status=MessageStatus.STREAMING)
        view.update_message(replace(part, error=None))
        view.flush()
    assert [words for kind, words in said if kind == "said"] == ["First block.", "Second block."]
    view.update_message(message)
    view.flush()
    last = said[-1][1]
    assert last.startswith("Third\n") and "ended early" in last


def test_the_focus_is_told(view: TranscriptView, said: list[tuple[str, str]]) -> None:
    """The message first, then each of its buttons."""
    view.set_messages(conversation(6))
    view.setFocus()
    QAccessible.queryAccessibleInterface(view)
    said.clear()
    key(view, Qt.Key.Key_Down, Qt.KeyboardModifier.ControlModifier)
    view.keys.tab(True)
    focused = [words for kind, words in said if kind == "Focus"]
    assert focused[0].startswith(("You: ", "Qwen"))
    assert focused[1] == "Copy"


def test_messages_that_go_take_their_items_along(
    view: TranscriptView, said: list[tuple[str, str]]
) -> None:
    """Nothing is kept for conversations of before; what is held by others says it is gone."""
    view.set_messages(conversation(50))
    found = QAccessible.queryAccessibleInterface(view)
    held = [found.child(index) for index in range(50)]
    assert all(item.isValid() for item in held)
    del held
    view.set_messages(conversation(4))
    assert view.list_item is not None
    assert view.list_item._items == {}
    assert found.childCount() == 4
    assert ("ObjectReorder", found.text(_Text.Name)) in said


def test_nobody_listening_costs_nothing(view: TranscriptView) -> None:
    """No items are made, nothing is announced."""
    QAccessible.setActive(False)
    message = answer("A block.\n\nAnother.")
    view.set_messages([started(message)])
    view.update_message(message)
    view.flush()
    assert view.announcer._said == 0


def test_a_button_has_the_focus_only_while_the_keyboard_is_on_the_conversation(
    view: TranscriptView, said: list[tuple[str, str]]
) -> None:
    view.set_messages([answer("Done")])
    paint(view)
    view.activateWindow()
    assert QTest.qWaitForWindowActive(view.window())
    view.setFocus(Qt.FocusReason.TabFocusReason)
    key(view, Qt.Key.Key_K)
    key(view, Qt.Key.Key_Tab)
    item = QAccessible.queryAccessibleInterface(view).child(0)

    def focused() -> list[str]:
        buttons = [item.child(number) for number in range(item.childCount())]
        return [each.text(_Text.Name) for each in buttons if each.state().focused]

    assert focused() == ["Copy"]
    view.clearFocus()
    assert focused() == []
