"""The panes beside a conversation: the history at the left, the parameters at the right."""

from __future__ import annotations

import asyncio
from typing import Any

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QInputDialog,
    QLineEdit,
    QMenu,
    QPlainTextEdit,
)

from studio.core.messages import Parameters
from studio.core.stream import TextContent, TextDelta
from studio.sessions.history.conversation_list import HistoryRole
from studio.sessions.states import SessionState
from studio.ui.history.tools import HistoryTools
from studio.ui.look import theme
from studio.ui.shell.queue_popover import QueuePopover
from studio.ui.widgets.number_field import NumberField
from tests.scripted import said, until
from tests.window_parts import Run, click, named, texts, visible, write


async def talked(run: Run, *questions: str) -> list[str]:
    """One conversation for each question; their ids in that order."""
    made = []
    for question in questions:
        run.ctrl(Qt.Key.Key_N)
        run.chat.scripts = [said(f"answer to {question}")]
        await run.asked(question)
        made.append(run.session.conversation.id)
    return made


def found(run: Run) -> list[str]:
    """The titles that a search shows, from the top; the history itself is hidden."""
    results = tools(run).results
    assert results.isVisible()
    assert not run.tab.history.list.isVisible()
    return [results.found.at(row).summary.title for row in range(results.found.rowCount())]


def tools(run: Run) -> HistoryTools:
    """Search, filter and menus of the sidebar."""
    made = run.tab.history.tools
    assert made is not None
    return made


def listed(run: Run) -> list[str]:
    """The titles in the history, from the top; headings left out."""
    rows = run.tab.history.list.model()
    indexes = [rows.index(row, 0) for row in range(rows.rowCount())]
    return [i.data() for i in indexes if i.data(HistoryRole.SUMMARY) is not None]


def row_of(run: Run, title: str) -> QRect:
    """Where a conversation is in the history."""
    rows = run.tab.history.list.model()
    index = next(i for i in (rows.index(n, 0) for n in range(rows.rowCount())) if i.data() == title)
    return run.tab.history.list.visualRect(index)


def open_row(run: Run, title: str) -> None:
    """Click a conversation."""
    click(run.tab.history.list.viewport(), row_of(run, title).center())


def marked(run: Run) -> list[str]:
    """The titles that are drawn as the open one."""
    picture = run.tab.history.list.viewport().grab().toImage()
    scale, soft = picture.devicePixelRatio(), QColor(theme.current().colour.accent_soft)
    found = []
    for title in listed(run):
        row = row_of(run, title)
        at = QPoint(row.right() - 3, row.center().y()) * scale
        if picture.pixelColor(at) == soft:
            found.append(title)
    return found


async def settled(run: Run) -> None:
    """Wait until the database has answered everything."""
    await until(lambda: run.tasks.count == 0)


# The history.


async def test_the_open_conversation_is_marked_wherever_it_moves(run: Run) -> None:
    await talked(run, "apples", "pears", "plums")
    assert listed(run) == ["plums", "pears", "apples"]
    assert marked(run) == ["plums"]
    open_row(run, "apples")
    await until(lambda: run.shown[:1] == ["apples"])
    assert marked(run) == ["apples"]
    run.chat.scripts = [said("more")]
    await run.asked("and now?")
    await settled(run)
    assert listed(run) == ["apples", "plums", "pears"]
    assert marked(run) == ["apples"]
    run.ctrl(Qt.Key.Key_N)
    await settled(run)
    assert marked(run) == []


async def test_a_conversation_is_opened_from_the_history_by_keyboard(run: Run) -> None:
    await talked(run, "apples", "pears")
    rows = run.tab.history.list
    rows.setFocus()
    run.key(Qt.Key.Key_Down)
    run.key(Qt.Key.Key_Return)
    await until(lambda: run.shown[:1] == ["apples"])


async def test_search_finds_words_of_answers_and_shows_all_again(run: Run) -> None:
    await talked(run, "苹果的颜色", "pears")
    run.key(Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier)
    field = QApplication.focusWidget()
    assert isinstance(field, QLineEdit)
    write(field, "苹")
    await until(tools(run).results.isVisible)
    await until(lambda: found(run) == ["苹果的颜色"])
    field.clear()
    QTest.keyClicks(field, "answer to pear")
    await until(lambda: found(run) == ["pears"])
    field.setText("nothing like it")
    await until(lambda: found(run) == [])
    assert "Nothing found." in texts(run.tab.history)
    field.clear()
    await until(run.tab.history.list.isVisible)
    assert len(listed(run)) == 2


async def test_a_conversation_is_renamed_and_its_head_follows(run: Run) -> None:
    await talked(run, "apples", "pears")
    rows = run.tab.history.list
    rows.setFocus()
    run.key(Qt.Key.Key_F2)
    dialog = visible(run.window, QInputDialog)[0]
    line = visible(dialog, QLineEdit)[0]
    assert line.text() == "pears"
    line.setText("fruit & co")
    QTest.keyClick(line, Qt.Key.Key_Return)
    await until(lambda: "fruit & co" in listed(run))
    await settled(run)
    assert "fruit & co" in texts(run.tab.head)
    await run.wake()
    run.chat.scripts = [said("more")]
    await run.asked("go on")
    await settled(run)
    assert listed(run)[0] == "fruit & co", "the next question does not bring the old title back"


async def test_deleting_the_open_conversation_shows_an_empty_one_and_undo_brings_it_back(
    run: Run,
) -> None:
    await talked(run, "apples", "pears")
    run.field.setPlainText("a draft")
    run.tab.history.list.setFocus()
    run.key(Qt.Key.Key_Delete)
    await settled(run)
    assert listed(run) == ["apples"]
    assert run.shown == []
    assert run.field.toPlainText() == "a draft"
    click(next(b for b in visible(run.window, QAbstractButton) if b.text() == "Undo"))
    await until(lambda: listed(run) == ["pears", "apples"])
    open_row(run, "pears")
    await until(lambda: run.shown == ["pears", "answer to pears"])


async def test_the_menu_of_a_conversation_pins_it(run: Run) -> None:
    await talked(run, "apples", "pears")
    rows = run.tab.history.list
    place = row_of(run, "apples").center()
    rows.customContextMenuRequested.emit(place)
    menu = visible(run.window, QMenu)[0]
    next(action for action in menu.actions() if action.text() == "Pin").trigger()
    menu.close()
    await run.wake()
    await until(lambda: listed(run) == ["apples", "pears"])
    assert rows.model().index(0, 0).data(HistoryRole.GROUP).name == "PINNED"
    open_row(run, "apples")
    await until(lambda: run.shown[:1] == ["apples"])
    run.chat.scripts = [said("more")]
    await run.asked("go on")
    await talked(run, "plums")
    assert listed(run) == ["apples", "plums", "pears"], "it stays on top"


async def test_an_empty_history_invites(run: Run) -> None:
    assert "Your conversations will be here." in texts(run.tab.history)


# The parameters.


def field(run: Run, name: str) -> NumberField:
    return named(run.tab, NumberField, name)


async def test_parameters_are_sent_only_when_they_are_set(run: Run) -> None:
    run.chat.scripts = [said("a"), said("b"), said("c")]
    await run.asked("plain")
    assert run.chat.requests[-1].parameters == Parameters()
    assert run.chat.requests[-1].system == ""
    QTest.keyClicks(field(run, "Temperature"), "0.35")
    click(named(run.tab, QAbstractButton, "On"))
    QTest.keyClicks(named(run.tab, QPlainTextEdit, "System prompt"), "Be brief.")
    # Sent at once, although the pause in typing is not over.
    await run.asked("set")
    assert run.chat.requests[-1].parameters == Parameters(temperature=0.35, thinking=True)
    assert run.chat.requests[-1].system == "Be brief."
    field(run, "Temperature").clear()
    click(named(run.tab, QAbstractButton, "Default"))
    await run.asked("unset")
    assert run.chat.requests[-1].parameters == Parameters()


async def test_a_value_beyond_its_range_never_leaves_as_typed(run: Run) -> None:
    run.chat.scripts = [said("a")]
    QTest.keyClicks(field(run, "Temperature"), "99")
    QTest.keyClicks(field(run, "Top p"), "0")
    QTest.keyClicks(field(run, "Max tokens"), "9999999999")
    await run.asked("go")
    sent = run.chat.requests[-1].parameters
    assert sent == Parameters(temperature=2.0, top_p=0.01, max_tokens=131072)


async def test_each_conversation_keeps_its_own_parameters(run: Run) -> None:
    await talked(run, "apples")
    QTest.keyClicks(named(run.tab, QPlainTextEdit, "System prompt"), "Speak of apples.")
    await talked(run, "pears")
    prompt = named(run.tab, QPlainTextEdit, "System prompt")
    assert prompt.toPlainText() == "Speak of apples.", "a new one begins like the last"
    prompt.setPlainText("Speak of pears.")
    open_row(run, "apples")
    await until(lambda: run.shown[:1] == ["apples"])
    assert prompt.toPlainText() == "Speak of apples."
    open_row(run, "pears")
    await until(lambda: run.shown[:1] == ["pears"])
    assert prompt.toPlainText() == "Speak of pears."


async def test_the_door_of_a_conversation_is_chosen_in_its_head(run: Run) -> None:
    button = next(b for b in visible(run.tab, QAbstractButton) if "OpenAI" in b.text())
    click(button)
    menu = visible(run.window, QMenu)[0]
    next(action for action in menu.actions() if "Anthropic" in action.text()).trigger()
    menu.close()
    assert run.session.conversation.protocol.value == "anthropic"
    assert "Anthropic" in button.text()


# The queue.


async def test_a_waiting_request_can_be_cancelled_from_the_queue(run: Run) -> None:
    held = asyncio.Event()
    run.chat.scripts = [[TextDelta("a"), held, *said()], said("never")]
    run.ask("first")
    await until(lambda: run.session.state is SessionState.STREAMING)
    first = run.session
    run.ctrl(Qt.Key.Key_N)
    run.ask("second")
    await until(lambda: run.session.state is SessionState.QUEUED)
    run.window.perform("queue")
    popover: Any = visible(run.window, QueuePopover)[0]
    click(named(popover, QAbstractButton, "Cancel: second"))
    await run.idle()
    assert first.state is SessionState.STREAMING
    assert len(run.chat.requests) == 1
    popover.close()
    held.set()
    await until(lambda: first.state is SessionState.IDLE)


async def queued(run: Run, *questions: str) -> tuple[QueuePopover, asyncio.Event]:
    """The open queue, in which all questions but the first wait; and what lets them go on."""
    held = asyncio.Event()
    run.chat.scripts = [[TextDelta("a"), held, *said()], *(said(each) for each in questions[1:])]
    for question in questions:
        run.ctrl(Qt.Key.Key_N)
        run.ask(question)
        await until(lambda: run.session.state in (SessionState.STREAMING, SessionState.QUEUED))
    run.window.perform("queue")
    return visible(run.window, QueuePopover)[0], held


def in_line(popover: QueuePopover) -> list[str]:
    """What waits, from the top as it is seen."""
    rows = sorted(popover.rows[1:], key=lambda row: row.mapToGlobal(QPoint(0, 0)).y())
    return [row._turn.label for row in rows]


async def test_those_who_wait_are_put_in_another_order_by_dragging(run: Run) -> None:
    popover, held = await queued(run, "one", "two", "three", "four")
    last, left = popover.rows[3], Qt.MouseButton.LeftButton
    QTest.mousePress(last, left, pos=QPoint(40, 10))
    for row in popover.rows[2:0:-1]:
        above = row.mapToGlobal(QPoint(40, 4))
        QTest.mouseMove(last, last.mapFromGlobal(above))
    QTest.mouseRelease(last, left)
    assert in_line(popover) == ["four", "two", "three"]
    assert "goes next" in last.facts
    QTest.mouseMove(last, QPoint(40, 300))  # let go: it does not follow any more
    assert in_line(popover) == ["four", "two", "three"]
    popover.close()
    held.set()
    await until(lambda: len(run.chat.requests) == 4)
    await settled(run)
    asked = [each.turns[-1].content for each in run.chat.requests]
    assert asked == [(TextContent(each),) for each in ("one", "four", "two", "three")]


async def test_those_who_wait_are_put_in_another_order_by_keys(run: Run) -> None:
    popover, held = await queued(run, "one", "two", "three")
    row = popover.rows[2]
    row.setFocus(Qt.FocusReason.TabFocusReason)
    assert row.accessibleName().startswith("three, Chat · 2 in line")
    QTest.keyClick(row, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    assert in_line(popover) == ["three", "two"]
    assert row.hasFocus(), "so that it can be pressed again"
    QTest.keyClick(row, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    assert in_line(popover) == ["three", "two"]
    QTest.keyClick(row, Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    assert in_line(popover) == ["two", "three"]
    click(popover.cancel_all)
    await until(lambda: run.studio.request_queue.waiting == 0)
    assert run.studio.request_queue.running == 1, "what runs stays"
    popover.close()
    held.set()
    await settled(run)


async def test_one_that_waits_alone_has_nothing_to_be_moved_before(run: Run) -> None:
    popover, held = await queued(run, "one", "two")
    assert [row.focusPolicy() for row in popover.rows] == [Qt.FocusPolicy.NoFocus] * 2
    assert not popover.cancel_all.isVisible()
    popover.close()
    held.set()
    await settled(run)
