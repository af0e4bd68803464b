"""Where the keyboard is, and where what is typed goes."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication, QInputMethodEvent, QInputMethodQueryEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QPushButton, QWidget

from studio.core.capabilities import Capability
from studio.ui.actions import ACTIONS
from studio.ui.history.trash import TrashSheet
from studio.ui.shell.palette import PaletteSheet
from studio.ui.shell.palette_entries import Group
from studio.ui.shell.queue_popover import QueuePopover
from studio.ui.widgets.empty_chat import SampleCard
from studio.ui.widgets.sheet import Sheet
from tests.scripted import said, until
from tests.window_parts import Run, click, focused, texts, visible

NONE = Qt.KeyboardModifier.NoModifier


def typed(words: str) -> None:
    """Keys pressed wherever the keyboard is, one after the other."""
    for letter in words:
        QTest.keyClicks(focused(), letter)


def button(root: QWidget, words: str) -> QPushButton:
    """The button with these words."""
    return next(each for each in visible(root, QPushButton) if each.text() == words)


async def presenter(run: Run, *questions: str) -> None:
    """A conversation of these questions."""
    for question in questions:
        run.chat.scripts.append(said(f"About {question}"))
        await run.asked(question)


# The field has the keyboard where one goes on by writing.


async def test_a_new_chat_is_written_in_at_once(run: Run) -> None:
    await presenter(run, "one")
    ways: tuple[Callable[[], object], ...] = (
        lambda: run.ctrl(Qt.Key.Key_N),
        lambda: click(button(run.window, "New conversation")),
    )
    for begin in ways:
        run.tab.presenter.view.setFocus()
        begin()
        typed("a b")  # Space presses nothing
        assert run.field.toPlainText() == "a b"
        run.tab.composer.set_text("")


async def test_a_conversation_of_the_history_is_gone_on_with_by_typing(run: Run) -> None:
    await presenter(run, "one")
    first = run.session.conversation.id
    run.ctrl(Qt.Key.Key_N)
    rows = run.tab.history.list
    await until(lambda: run.tab.history.rows.row_of(first) >= 0)
    place = rows.visualRect(run.tab.history.rows.index(run.tab.history.rows.row_of(first), 0))
    click(rows.viewport(), place.center())
    await until(lambda: run.session.conversation.id == first)
    typed("go on")
    assert run.field.toPlainText() == "go on"


async def test_a_sample_fills_the_field_and_space_does_not_press_another(run: Run) -> None:
    card = visible(run.tab, SampleCard)[0]
    click(card)
    before = run.field.toPlainText()
    assert before
    typed(" x")
    assert run.field.toPlainText() == before + " x"


async def test_the_offline_trial_begins_in_the_field(run: Run) -> None:
    run.window.open_welcome()
    click(button(run.window, "Try it offline"))
    typed("hello")
    assert run.field.toPlainText() == "hello"


# What is typed elsewhere is the field's.


def _conversation(run: Run) -> QWidget:
    click(run.tab.presenter.view.viewport(), QPoint(5, 5))
    return run.tab.presenter.view


def _history(run: Run) -> QWidget:
    run.tab.history.list.setFocus(Qt.FocusReason.TabFocusReason)
    return run.tab.history.list


def _button(run: Run) -> QWidget:
    new = button(run.window, "New conversation")
    new.setFocus(Qt.FocusReason.TabFocusReason)
    return new


@pytest.mark.parametrize("place", [_conversation, _history, _button])
async def test_what_is_typed_or_pasted_where_nothing_is_written_is_in_the_field(
    run: Run, place: Callable[[Run], QWidget]
) -> None:
    await presenter(run, "one")
    ways: tuple[tuple[Callable[[], object], str], ...] = (
        (lambda: typed("jk said"), "jk said"),
        (lambda: run.ctrl(Qt.Key.Key_V), "pasted"),
        (lambda: _compose("你好"), "你好"),
    )
    for do, wanted in ways:
        QGuiApplication.clipboard().setText("pasted")
        target = place(run)
        assert focused() is target
        do()
        await until(lambda: focused() is run.field)
        assert run.field.toPlainText() == wanted
        run.tab.composer.set_text("")


def _compose(words: str) -> None:
    """As an input method does it: it asks, shows letters, and brings the words."""
    target = focused()
    query = QInputMethodQueryEvent(
        Qt.InputMethodQuery.ImEnabled | Qt.InputMethodQuery.ImCursorRectangle
    )
    QApplication.sendEvent(target, query)
    assert query.value(Qt.InputMethodQuery.ImEnabled)
    QApplication.sendEvent(target, QInputMethodEvent("", []))  # fcitx says so at once
    for preedit, commit in (("n", ""), ("ni", ""), ("", words)):
        event = QInputMethodEvent(preedit, [])
        event.setCommitString(commit)
        QApplication.sendEvent(target, event)
        assert focused() is target  # a composition ends where the keyboard goes elsewhere


async def test_the_words_of_an_input_method_are_offered_at_the_field(run: Run) -> None:
    await presenter(run, "one")
    view = _conversation(run)
    query = QInputMethodQueryEvent(Qt.InputMethodQuery.ImCursorRectangle)
    QApplication.sendEvent(view, query)
    place = query.value(Qt.InputMethodQuery.ImCursorRectangle).center().toPoint()
    field = run.field
    assert field.rect().contains(field.mapFrom(run.window, view.mapTo(run.window, place)))


async def test_the_keys_of_the_conversation_stay_its_own_while_a_message_has_the_keyboard(
    run: Run,
) -> None:
    await presenter(run, "one", "two")
    view = run.tab.presenter.view
    view.setFocus(Qt.FocusReason.TabFocusReason)
    at = view.keys.message
    assert at == 3  # the newest
    typed("kk")
    assert view.keys.message == at - 2
    query = QInputMethodQueryEvent(Qt.InputMethodQuery.ImEnabled)
    QApplication.sendEvent(view, query)
    assert query.value(Qt.InputMethodQuery.ImEnabled) is False  # K is no beginning of a word
    typed("j")
    assert (view.keys.message, run.field.toPlainText()) == (at - 1, "")
    typed("hello")
    assert (focused(), run.field.toPlainText()) == (run.field, "hello")


async def test_a_prompt_is_typed_wherever_the_keyboard_is_on_the_images_tab(run: Run) -> None:
    run.window.perform("tab_images")
    tab = run.window.current_tab
    button(tab, "Generate").setFocus(Qt.FocusReason.TabFocusReason)
    typed("a fox")
    assert tab.writing_field.toPlainText() == "a fox"  # type: ignore[attr-defined]


# A sheet keeps the keys to itself.


async def test_delete_and_esc_in_an_empty_trash_leave_what_is_behind_it_alone(run: Run) -> None:
    await presenter(run, "one")
    run.tab.history.list.setFocus()
    tools = run.tab.history.tools
    assert tools is not None
    tools.open_trash()
    (trash,) = visible(run.window, TrashSheet)
    await until(lambda: not trash.view.isVisible())
    run.key(Qt.Key.Key_Delete)
    typed("x")
    await until(lambda: run.tasks.count == 0)
    assert len(run.studio.histories[Capability.CHAT].titles) == 1
    assert run.field.toPlainText() == ""
    run.key(Qt.Key.Key_Escape)
    assert not visible(run.window, Sheet)
    assert focused() is run.tab.history.list


def _within(sheet: Sheet) -> bool:
    now = QApplication.focusWidget()
    return now is not None and (now is sheet or sheet.isAncestorOf(now))


async def test_each_sheet_keeps_the_keys_whatever_happens_in_it_or_behind_it(run: Run) -> None:
    await presenter(run, "one")
    tools = run.tab.history.tools
    assert tools is not None
    ways: tuple[Callable[[], object], ...] = (
        run.window.open_welcome,
        run.window.open_palette,
        run.window.open_shortcuts,
        lambda: run.window.open_settings("account"),
        lambda: run.window.perform("export"),
        tools.open_trash,
        lambda: run.tab.presenter._on_message_action("show_code", ""),
    )
    for open_it in ways:
        run.field.setFocus()
        open_it()
        (sheet,) = visible(run.window, Sheet)
        for _ in range(3):
            # The control with the keyboard goes, as a row that is dealt with does.
            if focused() is not sheet:
                focused().hide()
            await until(partial(_within, sheet))
        await run.wake()
        run.field.setFocus()  # something behind it wants the keyboard
        await until(partial(_within, sheet))
        for key in (Qt.Key.Key_N, Qt.Key.Key_B, Qt.Key.Key_2, Qt.Key.Key_K):
            run.ctrl(key)
        run.key(Qt.Key.Key_Escape)
        assert not visible(run.window, Sheet), open_it
        assert run.window.current_tab is run.tab
        assert run.shown == ["one", "About one"]
        assert run.field.toPlainText() == ""


async def test_popovers_keep_the_keys_and_esc_closes_them(run: Run) -> None:
    run.window.open_queue()
    popover = next(w for w in QApplication.topLevelWidgets() if isinstance(w, QueuePopover))
    QTest.keyClick(popover, Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClicks(popover, "x")
    assert run.field.toPlainText() == ""
    QTest.keyClick(popover, Qt.Key.Key_Escape)
    await until(lambda: QApplication.activePopupWidget() is None)
    run.tab.head.picker.open()
    list_of_models = QApplication.activePopupWidget()
    assert list_of_models is not None
    field = list_of_models.findChild(QLineEdit)
    assert field is not None
    QTest.keyClick(field, Qt.Key.Key_Escape)
    await until(lambda: QApplication.activePopupWidget() is None)
    assert focused() is run.field


# The order of the stops, and the lists of keys.


def stops(run: Run, most: int = 60) -> list[str]:
    """Where Tab goes from the field, by the part of the window, as often as it changes."""
    tab = run.tab
    assert tab.inspector is not None
    parts = {
        "messages": tab.pages.currentWidget(),
        "history": tab.history,
        "head": tab.head,
        "inspector": tab.inspector,
        "field": tab.composer,
    }
    run.field.setFocus()
    found = ["field"]
    for _ in range(most):
        QTest.keyClick(focused(), Qt.Key.Key_Tab)
        now = focused()
        if now is run.field:
            return found
        names = (n for n, part in parts.items() if part and (part is now or part.isAncestorOf(now)))
        name = next(names, "window")
        if found[-1] != name:
            found.append(name)
    raise AssertionError(found)


async def test_tab_goes_from_the_field_to_the_messages_and_then_around(run: Run) -> None:
    assert stops(run)[:5] == ["field", "messages", "history", "head", "inspector"]
    await presenter(run, "one", "two")
    assert stops(run)[:5] == ["field", "messages", "history", "head", "inspector"]
    run.ctrl(Qt.Key.Key_N)
    assert stops(run)[:5] == ["field", "messages", "history", "head", "inspector"]


async def test_one_sees_which_message_has_the_keyboard(run: Run) -> None:
    await presenter(run, "one")
    view = run.tab.presenter.view
    before = view.viewport().grab().toImage()
    QTest.keyClick(run.field, Qt.Key.Key_Tab)
    assert focused() is view
    assert view.viewport().grab().toImage() != before


async def test_f1_and_the_palette_list_what_can_be_done_where_one_stands(run: Run) -> None:
    def listed() -> tuple[set[str], set[str]]:
        run.window.open_shortcuts()
        (sheet,) = visible(run.window, Sheet)
        keys = set(texts(sheet))
        sheet.close_sheet()
        run.window.open_palette()
        (palette,) = visible(run.window, PaletteSheet)
        words = {each.words for each in palette._local[Group.ACTIONS]}
        offered = {each.id for each in ACTIONS if each.text in words}
        palette.close_sheet()
        return keys, offered

    of_talks = {"find", "search", "history", "attach", "export", "zoom_in", "zoom_out", "new"}
    keys, offered = listed()
    assert {"Find in the conversation", "The message before, the message after"} <= keys
    assert offered & of_talks == {"search", "history", "attach", "new"}  # nothing is said yet
    await presenter(run, "one")
    assert of_talks <= listed()[1]
    assert "stop" not in listed()[1]
    run.window.perform("tab_images")
    keys, offered = listed()
    assert not offered & {*of_talks, "stop"}
    assert not keys & {"Find in the conversation", "Show or hide the history", "Ctrl+O"}
    assert "Generate" in keys
