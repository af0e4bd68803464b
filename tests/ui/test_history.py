"""The sidebar: searching and jumping to hits, folders, many at once, filters, the trash."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QDropEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QInputDialog,
    QLineEdit,
    QMenu,
    QMessageBox,
    QPushButton,
)

from studio.core.capabilities import Capability
from studio.core.messages import Conversation, Message, Role, TextPart
from studio.sessions.states import SessionState
from studio.storage.db.database import Database
from studio.storage.history import conversations, messages
from studio.ui.history.drag import dragged
from studio.ui.history.found_list import shown_excerpt
from studio.ui.history.list import HistoryList
from studio.ui.history.tools import HistoryTools
from studio.ui.history.trash import TrashSheet
from studio.ui.history.view import HEADING_HEIGHT, ROW_HEIGHT
from tests.history_parts import DAY, fill, keep, lines
from tests.scripted import said, until
from tests.window_parts import Run, click, drag_enters, focused, named, texts, visible, write

CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
LONG = "前言。\n\n" * 60


@pytest.fixture
async def some(run: Run) -> Run:
    """A history of four, the newest first: d, c, b, a."""
    for name in ("a", "b", "c", "d"):
        keep(run.database, name)
    await run.studio.histories[run.tab._kind].reload()
    return run


def tools(run: Run) -> HistoryTools:
    """Search, filter and menus of the sidebar."""
    made = run.tab.history.tools
    assert made is not None
    return made


def rows_of(run: Run) -> HistoryList:
    """The list."""
    return run.tab.history.list


def shown(run: Run) -> list[str]:
    """What is listed."""
    return lines(run.tab.history.rows)


def place(run: Run, title: str) -> QPoint:
    """The middle of a row."""
    row = shown(run).index(title)
    return rows_of(run).rect_of(row).center()


def press(run: Run, title: str, *held: Qt.KeyboardModifier) -> None:
    """Click a row, perhaps with keys held."""
    modifiers = Qt.KeyboardModifier.NoModifier
    for each in held:
        modifiers |= each
    QTest.mouseClick(
        rows_of(run).viewport(), Qt.MouseButton.LeftButton, modifiers, place(run, title)
    )


def chosen(run: Run) -> list[str]:
    """The titles of what is chosen."""
    view = rows_of(run)
    return [each.title for each in view._rows.summaries(view.chosen())]


async def settled(run: Run) -> None:
    """Wait until nothing is under way: the test must not end within it."""
    await until(lambda: run.tasks.count == 0)


async def search(run: Run, words: str) -> Any:
    """Type into the search field; what was found."""
    field = run.tab.history.search
    field.setFocus()
    field.clear()
    write(field, words)
    found = tools(run).results.found
    await until(lambda: found._shown.text == words and found.is_answered)
    return found


def choose(run: Run, *path: str) -> None:
    """Choose an entry of the menu that is open, and of its menus."""
    (menu,) = [each for each in visible(run.window, QMenu) if not isinstance(each.parent(), QMenu)]
    for name in path[:-1]:
        action = next(each for each in menu.actions() if each.text() == name)
        menu = action.menu()  # type: ignore[assignment]  # an action with a menu
    next(each for each in menu.actions() if each.text() == path[-1]).trigger()
    for each in visible(run.window, QMenu):
        each.close()


def answer(run: Run, words: str) -> None:
    """Answer the question for a name."""
    (dialog,) = visible(run.window, QInputDialog)
    (line,) = visible(dialog, QLineEdit)
    line.setText(words)
    QTest.keyClick(line, Qt.Key.Key_Return)


# Searching.


async def test_a_hit_is_opened_scrolled_to_and_marked(run: Run) -> None:
    keep(run.database, "long", "a question", f"{LONG}不用自己写快排{LONG}")
    await search(run, "快排")
    view = tools(run).results.view
    click(view.viewport(), view.visualRect(view.model().index(0, 0)).center())
    await until(lambda: run.shown[:1] == ["a question"])
    transcript = run.tab.presenter.view
    await until(lambda: transcript.finder.place is not None)
    hit = transcript.finder.place
    assert hit is not None
    assert hit.message == 1
    from studio.ui.transcript.input.caret_movement import caret

    line = caret(transcript.stage, hit)
    assert 0 <= line.top() < transcript.viewport().height()
    assert transcript.finding.bar.isVisible()
    assert transcript.finding.bar.field.text() == "快排"
    assert transcript.finder.count == 1
    await settled(run)


async def test_a_hit_on_another_version_brings_that_version(run: Run) -> None:
    made = keep(run.database, "versions", "a question")
    question = run.database.call_sync(conversations.open_conversation, made.id)
    assert question is not None
    parent = question[1][0].id
    for words in ("first answer with needle", "second answer"):
        version = Message(made.id, Role.ASSISTANT, (TextPart(words),), parent, model="o/m")
        run.database.call_sync(messages.save_message, version)
    run.tab.open_conversation(made.id)
    await until(lambda: run.shown == ["a question", "second answer"])
    await search(run, "needle")
    view = tools(run).results.view
    click(view.viewport(), view.visualRect(view.model().index(0, 0)).center())
    await until(lambda: run.shown == ["a question", "first answer with needle"])
    await until(lambda: run.tab.presenter.view.finder.place is not None)
    assert [m.text for m in await run.stored(made.id)][-1] == "first answer with needle"
    await settled(run)


async def test_the_place_is_the_one_that_was_found_among_many(run: Run) -> None:
    text = " ".join(f"word{n}" for n in range(40)) + " Word39 again"
    keep(run.database, "many", "q", text)
    found = await search(run, '"word7"')
    run.tab.show_found(found.at(0))
    await until(lambda: bool(run.shown))
    finder = run.tab.presenter.view.finder
    await until(lambda: finder.place is not None)
    assert finder.place is not None
    assert finder.place.offset == text.index("word7")
    await settled(run)


async def test_another_conversation_is_shown_without_the_marks_of_the_last_hit(run: Run) -> None:
    keep(run.database, "with", "needle one")
    keep(run.database, "plain", "nothing of it")
    await run.studio.histories[run.tab._kind].reload()
    found = await search(run, "needle")
    run.tab.show_found(found.at(0))
    await until(lambda: run.shown == ["needle one"])
    bar = run.tab.presenter.view.finding.bar
    await until(bar.isVisible)
    run.key(Qt.Key.Key_Escape)
    press(run, "plain")
    await until(lambda: run.shown == ["nothing of it"])
    assert not bar.isVisible()
    assert not run.tab.presenter.view.finder.is_active
    await settled(run)


async def test_the_search_is_used_by_keyboard_alone(run: Run) -> None:
    for name in ("needle one", "needle two"):
        keep(run.database, name)
    run.key(Qt.Key.Key_F, CTRL, SHIFT)
    await search(run, "needle")
    view = tools(run).results.view
    run.key(Qt.Key.Key_Down)
    assert focused() is view
    assert view.currentIndex().row() == 0
    run.key(Qt.Key.Key_Down)
    run.key(Qt.Key.Key_Return)
    await until(lambda: run.shown == ["needle one"])
    run.key(Qt.Key.Key_Up)
    run.key(Qt.Key.Key_Up)
    assert focused() is run.tab.history.search
    run.key(Qt.Key.Key_Escape)
    assert run.tab.history.search.text() == ""
    assert rows_of(run).isVisible()
    assert not tools(run).results.isVisible()
    run.key(Qt.Key.Key_Down)
    assert focused() is rows_of(run)
    await settled(run)


async def test_esc_in_the_search_does_not_stop_the_answer(run: Run) -> None:
    held = asyncio.Event()
    run.chat.scripts = [[*said("a")[:1], held, *said()]]
    run.ask("go")
    await until(lambda: run.session.state is SessionState.STREAMING)
    await search(run, "go")
    run.key(Qt.Key.Key_Escape)
    assert run.session.state is SessionState.STREAMING
    tools(run).results.view.setFocus()
    held.set()
    await run.idle()
    assert run.shown == ["go", "a"]
    await settled(run)


async def test_the_count_the_order_and_the_hint_are_shown(run: Run) -> None:
    keep(run.database, "needle")
    keep(run.database, "newer", "needle and more of it")
    found = await search(run, "needle")
    results = tools(run).results
    assert [found.at(row).summary.title for row in range(2)] == ["needle", "newer"]
    order = named(results, QPushButton, "Order: Best match")
    click(order)
    choose(run, "Newest first")
    await until(lambda: found.at(0).summary.title == "newer")
    assert order.text() == "Newest first"
    await search(run, "nothing like it")
    assert {"Nothing found."} <= set(texts(results))
    assert any("OR finds either" in words for words in texts(results))
    assert not results.view.isVisible()
    await settled(run)


async def test_what_was_found_is_said_whole(run: Run) -> None:
    keep(run.database, "a title", "some needle here", model="org/model-x")
    found = await search(run, "needle")
    words = found.index(0, 0).data(Qt.ItemDataRole.AccessibleTextRole)
    assert words.startswith("a title\nsome needle here\nmodel-x · ")
    await settled(run)


async def test_an_excerpt_has_no_gaps_and_its_marks_stay_on_their_words(run: Run) -> None:
    keep(run.database, "gaps", "🎈 x.\n\n" * 30 + "the  needle  \n\n  and needle more")
    found = await search(run, "needle")
    words, marks = shown_excerpt(found.at(0))
    assert words.startswith("…")
    assert "  " not in words
    assert [words[start:end] for start, end in marks] == ["needle", "needle"]
    assert words.endswith("the needle and needle more")
    await settled(run)


async def test_a_found_conversation_is_deleted_and_brought_back(run: Run) -> None:
    keep(run.database, "needle one")
    keep(run.database, "needle two")
    found = await search(run, "needle")
    tools(run).results.view.enter()
    run.key(Qt.Key.Key_Delete)
    await until(lambda: found.rowCount() == 1)
    click(next(b for b in visible(run.window, QAbstractButton) if b.text() == "Undo"))
    await until(lambda: found.rowCount() == 2)
    await settled(run)


async def test_all_tabs_are_searched_on_demand_and_a_hit_is_shown_in_its_tab(run: Run) -> None:
    keep(run.database, "a chat", "needle in a chat")
    keep(run.database, "a picture", "needle in a picture", kind=Capability.VISION)
    found = await search(run, "needle")
    assert found.rowCount() == 1
    click(named(tools(run).results, QPushButton, "Order: Best match"))
    choose(run, "Search all tabs")
    await until(lambda: found.rowCount() == 2)
    words = [found.index(n, 0).data(Qt.ItemDataRole.AccessibleTextRole) for n in range(2)]
    assert sum("\nVision · " in each for each in words) == 1
    row = next(n for n, each in enumerate(words) if "Vision" in each)
    view = tools(run).results.view
    click(view.viewport(), view.visualRect(found.index(row, 0)).center())
    await until(lambda: run.tab._kind is Capability.VISION)
    await until(lambda: run.shown == ["needle in a picture"])
    await until(lambda: run.tab.presenter.view.finder.place is not None)
    await settled(run)


# Very many.


@pytest.fixture
async def many(tmp_path: Path) -> AsyncIterator[Run]:
    """A window over 100,000 conversations."""
    database = Database.open(tmp_path / "data" / "studio.db")
    fill(database, 100_000)
    database.close()
    made = Run(tmp_path / "data")
    await made.begin()
    yield made
    await made.quit()


async def test_rows_are_where_they_are_counted_to_be(many: Run) -> None:
    view = rows_of(many)
    count = many.tab.history.rows.rowCount()
    assert count == 100_001
    assert view.whole == HEADING_HEIGHT + 100_000 * ROW_HEIGHT
    assert view.verticalScrollBar().maximum() == view.whole - view.viewport().height()
    for row in (0, 1, 5, 50_000, count - 1):
        view.scrollTo(many.tab.history.rows.index(row, 0))
        rect = view.rect_of(row)
        assert view.viewport().rect().contains(rect)
        assert view.indexAt(rect.center()).row() == row
        assert view.row_at(view._top_of(row)) == row
    await settled(many)


async def test_scrolling_and_jumping_paint_only_what_is_in_sight(many: Run) -> None:
    view, rows = rows_of(many), many.tab.history.rows
    painted: list[int] = []
    asked: list[int] = []
    paint, look = view.paint_row, rows.at
    view.paint_row = lambda painter, rect, row: (painted.append(row), paint(painter, rect, row))  # type: ignore[method-assign,assignment,func-returns-value]  # to count
    rows.at = lambda row: (asked.append(row), look(row))[1]  # type: ignore[method-assign,func-returns-value]  # to count
    fits = view.viewport().height() // ROW_HEIGHT + 2
    view.setFocus()

    async def counted() -> None:
        await until(lambda: many.tasks.count == 0)
        painted.clear()
        asked.clear()

    await counted()
    for _ in range(30):
        turn = QWheelEvent(
            QPointF(50, 50),
            view.viewport().mapToGlobal(QPointF(50, 50)),
            QPoint(0, 0),
            QPoint(0, -120),
            Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.NoModifier,
            Qt.ScrollPhase.NoScrollPhase,
            False,
        )
        QApplication.sendEvent(view.viewport(), turn)
        view.viewport().repaint()
        assert len(painted) <= fits
        assert len(asked) <= 3 * fits
        await counted()
    for key in (Qt.Key.Key_End, Qt.Key.Key_Home, Qt.Key.Key_PageDown):
        many.key(key)
        view.viewport().repaint()
        assert len(painted) <= 3 * fits
        assert len(asked) <= 9 * fits
        await counted()
    many.ctrl(Qt.Key.Key_A)
    view.viewport().repaint()
    assert len(asked) <= 3 * fits
    assert view.chosen_count == 100_000
    await settled(many)


async def test_the_end_is_there_at_once_and_filled_a_moment_later(many: Run) -> None:
    view, rows = rows_of(many), many.tab.history.rows
    view.setFocus()
    many.key(Qt.Key.Key_End)
    assert view.currentIndex().row() == 100_000
    await until(lambda: rows.at(100_000) is not None)
    many.key(Qt.Key.Key_Return)
    assert rows.at(100_000).title == "c0"  # type: ignore[union-attr]  # just looked at
    assert len(rows.titles) <= 10 * 100
    await settled(many)


# Folders.


async def test_a_folder_is_made_filled_renamed_and_deleted(some: Run) -> None:
    run = some
    rows_of(run).menu_requested.emit(place(run, "b"))
    choose(run, "Move to folder", "New folder…")
    answer(run, "Home")
    await until(lambda: shown(run)[:2] == ["(Home 1)", "b"])
    rows_of(run).menu_requested.emit(place(run, "d"))
    choose(run, "Move to folder", "Home")
    await until(lambda: shown(run)[:3] == ["(Home 2)", "d", "b"])
    rows_of(run).menu_requested.emit(place(run, "(Home 2)"))
    choose(run, "Rename…")
    answer(run, "Work & play")
    await until(lambda: shown(run)[0] == "(Work & play 2)")
    rows_of(run).menu_requested.emit(place(run, "(Work & play 2)"))
    choose(run, "Delete the folder, keep its conversations")
    await until(lambda: shown(run) == ["[TODAY]", "d", "c", "b", "a"])
    click(next(b for b in visible(run.window, QAbstractButton) if b.text() == "Undo"))
    await until(lambda: shown(run)[:3] == ["(Work & play 2)", "d", "b"])
    await settled(run)


async def test_a_folder_is_closed_and_opened_by_click_and_by_keys(some: Run) -> None:
    run = some
    tools(run).verbs.new_folder([each[0] for each in run.tab.history.rows.titles[:1]])
    answer(run, "Home")
    await until(lambda: shown(run)[0] == "(Home 1)")
    open_one = shown(run)
    press(run, "(Home 1)")
    await until(lambda: len(shown(run)) == len(open_one) - 1)
    await run.wake()
    view = rows_of(run)
    view.setFocus()
    run.key(Qt.Key.Key_Home)
    assert view.currentIndex().row() == 0, "the heading of a folder can be reached"
    run.key(Qt.Key.Key_Right)
    await until(lambda: shown(run) == open_one)
    run.key(Qt.Key.Key_Left)
    await until(lambda: len(shown(run)) == len(open_one) - 1)
    run.key(Qt.Key.Key_Return)
    await until(lambda: shown(run) == open_one)
    assert view.currentIndex().row() == 0, "the keyboard stays at the folder"
    words = view.model().index(0, 0).data(Qt.ItemDataRole.AccessibleTextRole)
    assert words.split("\n")[0] == "Home"
    assert words.split("\n")[2] == "open"
    await settled(run)


async def test_conversations_are_dragged_into_a_folder_and_out_of_it(some: Run) -> None:
    run = some
    tools(run).verbs.new_folder(())
    answer(run, "Home")
    await until(lambda: shown(run)[0] == "(Home 0)")
    ids = {title: identity for identity, title, _ in run.tab.history.rows.titles}
    view = rows_of(run)

    def drop(title: str, *dropped: str) -> bool:
        data = dragged([ids[each] for each in dropped])
        at, left, none = place(run, title), Qt.MouseButton.LeftButton, Qt.KeyboardModifier(0)
        entering = drag_enters(at, data, Qt.DropAction.MoveAction)
        view.dragEnterEvent(entering)
        view.dropEvent(QDropEvent(QPointF(at), Qt.DropAction.MoveAction, data, left, none))
        return entering.isAccepted()

    assert drop("(Home 0)", "a", "c")
    await until(lambda: shown(run) == ["(Home 2)", "c", "a", "[TODAY]", "d", "b"])
    assert drop("c", "b")
    await until(lambda: shown(run)[0] == "(Home 3)")
    assert drop("[TODAY]", "b", "c")
    await until(lambda: shown(run) == ["(Home 1)", "a", "[TODAY]", "d", "c", "b"])
    await settled(run)


async def test_vision_shows_the_folders_that_chat_made(some: Run) -> None:
    run = some
    run.window.perform("tab_vision")
    vision = run.tab.history.rows
    run.window.perform("tab_chat")
    tools(run).verbs.new_folder(())
    answer(run, "Home")
    await until(lambda: lines(vision) == ["(Home 0)"])
    await settled(run)


# Many at once.


async def test_several_are_chosen_and_none_is_opened(some: Run) -> None:
    run = some
    press(run, "d")
    await until(lambda: run.shown == ["d"])
    press(run, "b", CTRL)
    assert sorted(chosen(run)) == ["b", "d"]
    press(run, "a", SHIFT)
    assert sorted(chosen(run)) == ["a", "b", "d"]
    assert run.shown == ["d"]
    rows_of(run).setFocus()
    run.ctrl(Qt.Key.Key_A)
    assert sorted(chosen(run)) == ["a", "b", "c", "d"]
    run.key(Qt.Key.Key_Return)
    await until(lambda: run.tasks.count == 0)
    assert run.shown == ["d"]
    run.key(Qt.Key.Key_Escape)
    assert len(chosen(run)) == 1
    run.key(Qt.Key.Key_Home)
    run.key(Qt.Key.Key_Down, SHIFT)
    run.key(Qt.Key.Key_Down, SHIFT)
    assert sorted(chosen(run)) == ["b", "c", "d"]
    await settled(run)


async def test_the_keyboard_stays_at_its_row_when_the_list_changes(some: Run) -> None:
    run = some
    press(run, "d")
    await until(lambda: run.shown == ["d"])
    rows_of(run).setFocus()
    run.key(Qt.Key.Key_Down)
    run.key(Qt.Key.Key_Down)
    assert chosen(run) == ["b"]
    keep(run.database, "e")
    await run.tab.history.rows.reload()
    assert chosen(run) == ["b"], "not back at the open one"
    run.key(Qt.Key.Key_Down)
    assert chosen(run) == ["a"]
    run.field.setFocus()
    keep(run.database, "f")
    await run.tab.history.rows.reload()
    assert chosen(run) == ["d"], "the open one is shown when the keyboard has left"
    await settled(run)


async def test_what_is_chosen_stays_chosen_when_the_list_changes(some: Run) -> None:
    run = some
    press(run, "c")
    press(run, "a", CTRL)
    keep(run.database, "e")
    await run.tab.history.rows.reload()
    assert shown(run)[1] == "e"
    assert sorted(chosen(run)) == ["a", "c"]
    await settled(run)


async def test_several_are_pinned_moved_deleted_and_brought_back(some: Run) -> None:
    run = some
    press(run, "c")
    press(run, "a", CTRL)
    rows_of(run).menu_requested.emit(place(run, "a"))
    choose(run, "Pin")
    await until(lambda: shown(run) == ["[PINNED]", "c", "a", "[TODAY]", "d", "b"])
    assert sorted(chosen(run)) == ["a", "c"]
    rows_of(run).menu_requested.emit(place(run, "c"))
    choose(run, "Unpin")
    await until(lambda: shown(run)[0] == "[TODAY]")
    await run.wake()
    rows_of(run).setFocus()
    run.key(Qt.Key.Key_Delete)
    await until(lambda: shown(run) == ["[TODAY]", "d", "b"])
    assert "2 conversation" in run.said
    click(next(b for b in visible(run.window, QAbstractButton) if b.text() == "Undo"))
    await until(lambda: shown(run) == ["[TODAY]", "d", "c", "b", "a"])
    await settled(run)


async def test_a_menu_beside_what_is_chosen_is_about_its_own_row(some: Run) -> None:
    run = some
    press(run, "c")
    press(run, "a", CTRL)
    rows_of(run).menu_requested.emit(place(run, "d"))
    choose(run, "Delete")
    await until(lambda: shown(run) == ["[TODAY]", "c", "b", "a"])
    await settled(run)


async def test_chosen_ones_are_handed_over_to_be_exported(some: Run) -> None:
    run = some
    asked: list[tuple[list[str], str]] = []
    run.tab.history.export_requested.connect(lambda ids, title: asked.append((ids, title)))
    ids = {title: identity for identity, title, _ in run.tab.history.rows.titles}
    tools(run).verbs.export_requested.emit([ids["b"]])
    tools(run).verbs.export_requested.emit([ids["a"], ids["d"]])
    assert asked == [([ids["b"]], "b"), ([ids["a"], ids["d"]], "")]
    await settled(run)


# Filters.


async def test_a_filter_is_seen_and_taken_back_by_one_click(run: Run) -> None:
    keep(run.database, "one", model="x/first")
    keep(run.database, "two needle", model="x/second")
    keep(run.database, "three needle", model="x/first")
    await run.tab.history.rows.reload()
    click(named(run.tab.history, QAbstractButton, "Filter, folders and trash"))
    await until(lambda: bool(visible(run.window, QMenu)))
    choose(run, "Only one model", "x/second")
    await until(lambda: shown(run) == ["[TODAY]", "two needle"])
    found = await search(run, "needle")
    assert found.rowCount() == 1, "the search is limited as well"
    chip = named(run.tab.history, QPushButton, "Only second: show all again")
    click(chip)
    await until(lambda: found.rowCount() == 2)
    run.key(Qt.Key.Key_Escape)
    await until(lambda: len(shown(run)) == 4)
    assert [b for b in visible(run.tab.history, QPushButton) if b.isChecked()] == []
    await settled(run)


async def test_a_filter_that_hides_everything_says_so(some: Run) -> None:
    run = some
    tools(run).verbs.new_folder(())
    answer(run, "Empty")
    await until(lambda: shown(run)[0] == "(Empty 0)")
    empty = run.tab.history.rows.every_folder[0].id
    tools(run).filter.limit(folder_id=empty)
    await until(lambda: shown(run) == [])
    assert any("filter above" in words for words in texts(run.tab.history))
    await settled(run)


# The trash.


async def test_the_trash_restores_and_removes_for_good(some: Run) -> None:
    run = some
    ids = {title: identity for identity, title, _ in run.tab.history.rows.titles}
    tools(run).verbs.delete([ids["a"], ids["b"], ids["c"]])
    await until(lambda: shown(run) == ["[TODAY]", "d"])
    tools(run).open_trash()
    (sheet,) = visible(run.window, TrashSheet)
    await until(lambda: sheet.view.model().rowCount() == 3)
    restore = next(b for b in visible(sheet, QAbstractButton) if b.text() == "Restore")
    assert not restore.isEnabled()
    first = sheet.view.model().index(0, 0)
    restored = first.data()
    click(sheet.view.viewport(), sheet.view.visualRect(first).center())
    click(restore)
    await until(lambda: restored in shown(run))
    await until(lambda: sheet.view.model().rowCount() == 2)
    click(next(b for b in visible(sheet, QAbstractButton) if b.text() == "Empty the trash…"))
    (box,) = visible(run.window, QMessageBox)
    assert "for good" in box.text()
    next(b for b in box.buttons() if b.text() == "Empty the trash").click()
    await until(lambda: sheet.view.model().rowCount() == 0)
    assert "The trash is empty." in texts(sheet)
    assert run.database.call_sync(conversations.list_trash) == []
    await run.wake()
    run.key(Qt.Key.Key_Escape)
    assert not sheet.isVisible()
    await settled(run)


async def test_the_age_of_a_row_is_said(run: Run) -> None:
    keep(run.database, "yesterday's", age=DAY, model="org/model-x")
    await run.tab.history.rows.reload()
    row = shown(run).index("yesterday's")
    words = rows_of(run).model().index(row, 0).data(Qt.ItemDataRole.AccessibleTextRole)
    assert words.startswith("yesterday's\nmodel-x · ")
    assert isinstance(run.session.conversation, Conversation)
    await settled(run)
