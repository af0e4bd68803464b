"""What a person does with a row of the history by mouse and by key, and takes back."""

from __future__ import annotations

import asyncio

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QInputDialog, QLineEdit, QMenu

from studio.ui.look import theme
from studio.ui.shell.palette import PaletteSheet
from studio.ui.shell.palette_entries import Group
from studio.ui.widgets.row_menu import RowMenu
from tests.scripted import until
from tests.ui.test_panes import listed, marked, open_row, row_of, settled, talked, tools
from tests.window_parts import Run, click, focused, texts, visible, write

CTRL = Qt.KeyboardModifier.ControlModifier


def point_at(run: Run, title: str) -> None:
    """Move the pointer over a row."""
    rows = run.tab.history.list
    rows.entered.emit(rows.indexAt(row_of(run, title).center()))


def more(run: Run) -> RowMenu:
    """The … that can be seen."""
    return visible(run.tab.history, RowMenu)[0]


def menu_of(run: Run) -> QMenu:
    """The menu that is open."""
    return visible(run.window, QMenu)[0]


def choose(run: Run, words: str) -> None:
    """Choose in the menu that is open."""
    menu = menu_of(run)
    next(action for action in menu.actions() if action.text() == words).trigger()
    menu.close()


async def test_the_dots_of_the_row_under_the_pointer_open_its_menu_and_not_the_row(
    run: Run,
) -> None:
    apples, pears = await talked(run, "apples", "pears")
    assert not visible(run.tab.history, RowMenu)
    point_at(run, "apples")
    assert more(run).accessibleName() == "More: apples"
    assert row_of(run, "apples").contains(more(run).geometry())
    click(more(run))
    assert next(each.text() for each in menu_of(run).actions() if each.text()) == "Rename…"
    choose(run, "Pin")
    await until(lambda: listed(run) == ["apples", "pears"])
    assert run.session.conversation.id == pears
    assert marked(run) == ["pears"]
    assert apples


async def test_the_dots_leave_with_the_pointer_and_stand_where_the_keyboard_is(run: Run) -> None:
    await talked(run, "apples", "pears")
    rows = run.tab.history.list
    point_at(run, "apples")
    rows.viewportEntered.emit()
    assert not visible(run.tab.history, RowMenu)
    rows.setFocus()
    assert more(run).accessibleName() == "More: pears"
    run.key(Qt.Key.Key_Down)
    assert more(run).accessibleName() == "More: apples"
    run.key(Qt.Key.Key_Tab)
    assert focused() is more(run), "the next stop after the row"
    run.key(Qt.Key.Key_Space)
    choose(run, "Pin")
    await until(lambda: listed(run) == ["apples", "pears"])


async def test_a_folder_has_dots_too(run: Run) -> None:
    await talked(run, "apples")
    tools(run).verbs._rows.change_folders("create_folder", "f", "Fruit & more")
    await settled(run)
    rows = run.tab.history.list
    rows.entered.emit(rows.model().index(run.tab.history.rows.row_of_folder("f"), 0))
    assert more(run).accessibleName() == "More: Fruit & more"
    click(more(run))
    assert "New folder…" in [each.text() for each in menu_of(run).actions()]
    menu_of(run).close()


async def test_what_a_search_found_has_dots_too(run: Run) -> None:
    await talked(run, "apples", "pears")
    write(run.tab.history.search, "apples")
    view = tools(run).results.view
    await until(lambda: view.isVisible() and view.model().rowCount() == 1)
    view.entered.emit(view.model().index(0, 0))
    click(more(run))
    choose(run, "Pin")
    await settled(run)
    run.tab.history.search.clear()
    await until(lambda: listed(run) == ["apples", "pears"])


async def test_a_heading_of_a_day_has_none(run: Run) -> None:
    await talked(run, "apples")
    rows = run.tab.history.list
    rows.entered.emit(rows.model().index(0, 0))
    assert not visible(run.tab.history, RowMenu)


async def test_the_dots_go_with_the_row_that_is_deleted(run: Run) -> None:
    await talked(run, "apples")
    point_at(run, "apples")
    click(more(run))
    choose(run, "Delete")
    await until(lambda: listed(run) == [])
    assert not visible(run.tab.history, RowMenu)


async def test_a_double_click_on_a_title_asks_for_another_one(run: Run) -> None:
    await talked(run, "apples", "pears")
    port, left = run.tab.history.list.viewport(), Qt.MouseButton.LeftButton
    row = row_of(run, "apples")
    facts = QPoint(row.center().x(), row.bottom() - 10)
    click(port, facts)
    QTest.mouseDClick(port, left, pos=facts)
    assert not visible(run.window, QInputDialog), "below the title is only a place to click"
    title = QPoint(row.left() + 40, row.top() + 14)
    click(port, title)
    QTest.mouseDClick(port, left, pos=title)
    dialog = visible(run.window, QInputDialog)[0]
    line = visible(dialog, QLineEdit)[0]
    assert line.text() == "apples"
    line.setText("fruit")
    QTest.keyClick(line, Qt.Key.Key_Return)
    await until(lambda: listed(run) == ["pears", "fruit"])


async def test_two_clicks_that_choose_several_rename_nothing(run: Run) -> None:
    await talked(run, "apples", "pears")
    port, left = run.tab.history.list.viewport(), Qt.MouseButton.LeftButton
    title = QPoint(40, row_of(run, "apples").top() + 14)
    QTest.mouseClick(port, left, CTRL, title)
    QTest.mouseDClick(port, left, CTRL, title)
    assert not visible(run.window, QInputDialog)


# What is painted as open.


async def test_the_row_that_the_keyboard_is_at_does_not_look_open(run: Run) -> None:
    await talked(run, "apples", "pears", "plums")
    rows = run.tab.history.list
    rows.setFocus()
    run.key(Qt.Key.Key_Down)
    assert marked(run) == ["plums"]
    picture = rows.viewport().grab().toImage()
    edge = QPoint(0, row_of(run, "pears").center().y()) * picture.devicePixelRatio()
    assert picture.pixelColor(edge) == QColor(theme.current().colour.accent)
    run.field.setFocus()
    assert marked(run) == ["plums"]


@pytest.mark.parametrize("verb", ["Pin", "Rename…", "Delete"])
async def test_no_verb_of_a_menu_paints_a_row_as_if_it_were_open(run: Run, verb: str) -> None:
    await talked(run, "apples", "pears", "plums")
    rows = run.tab.history.list
    place = row_of(run, "apples").center()
    QTest.mouseClick(rows.viewport(), Qt.MouseButton.RightButton, pos=place)
    rows.customContextMenuRequested.emit(place)
    assert marked(run) == ["plums"]
    choose(run, verb)
    for dialog in visible(run.window, QInputDialog):
        assert marked(run) == ["plums"]
        dialog.setTextValue("fruit")
        dialog.accept()
    await settled(run)
    await asyncio.sleep(0)
    assert marked(run) == ["plums"]


# Taking back.


async def test_ctrl_z_after_a_delete_brings_the_open_conversation_back_where_it_was(
    run: Run,
) -> None:
    ids = await talked(run, "apples", "pears", "plums")
    open_row(run, "pears")
    await until(lambda: run.shown[:1] == ["pears"])
    run.field.setPlainText("a draft")
    run.tab.history.list.setFocus()
    run.key(Qt.Key.Key_Delete)
    await until(lambda: listed(run) == ["plums", "apples"])
    await settled(run)
    rows = run.tab.history.list
    assert focused() is rows
    assert rows.currentIndex().data() == "apples", "the one that took its place"
    assert run.shown == []
    run.ctrl(Qt.Key.Key_Z)
    await until(lambda: listed(run) == ["plums", "pears", "apples"])
    await until(lambda: run.shown[:1] == ["pears"])
    assert run.session.conversation.id == ids[1]
    assert marked(run) == ["pears"]
    assert focused() is rows
    assert rows.currentIndex().data() == "pears"
    assert run.field.toPlainText() == "a draft"
    run.ctrl(Qt.Key.Key_Z)
    await settled(run)
    assert len(listed(run)) == 3, "there is nothing more to take back"


async def test_ctrl_z_where_one_writes_is_about_the_delete_until_something_is_written(
    run: Run,
) -> None:
    await talked(run, "apples", "pears")
    run.field.setFocus()
    write(run.field, "words")
    tools(run).verbs.delete([run.tab.history.rows.at(2).id])  # type: ignore[union-attr]  # it is there
    await until(lambda: listed(run) == ["pears"])
    run.ctrl(Qt.Key.Key_Z)
    await until(lambda: listed(run) == ["pears", "apples"])
    assert run.field.toPlainText() == "words"
    tools(run).verbs.delete([run.tab.history.rows.at(2).id])  # type: ignore[union-attr]  # it is there
    await until(lambda: listed(run) == ["pears"])
    write(run.field, "more")
    run.ctrl(Qt.Key.Key_Z)
    assert run.field.toPlainText() != "wordsmore"
    assert listed(run) == ["pears"]


async def test_ctrl_z_brings_back_one_delete_after_another_also_when_the_remark_is_gone(
    run: Run,
) -> None:
    await talked(run, "apples", "pears", "plums")
    rows = run.tab.history.list
    rows.setFocus()
    for left in (2, 1):
        run.key(Qt.Key.Key_Delete)
        await until(lambda left=left: len(listed(run)) == left)  # type: ignore[misc]  # bound now
    run.window.notices.hide()
    for there in (["pears", "apples"], ["plums", "pears", "apples"]):
        run.ctrl(Qt.Key.Key_Z)
        await until(lambda there=there: listed(run) == there)  # type: ignore[misc]  # bound now


async def test_what_the_button_took_back_is_not_taken_back_twice(run: Run) -> None:
    await talked(run, "apples", "pears")
    run.tab.history.list.setFocus()
    run.key(Qt.Key.Key_Delete)
    await until(lambda: listed(run) == ["apples"])
    click(next(b for b in visible(run.window, QAbstractButton) if b.text() == "Undo"))
    await until(lambda: listed(run) == ["pears", "apples"])
    assert not run.window.notices.undoing.any


async def test_ctrl_z_brings_a_folder_back_with_what_was_in_it(run: Run) -> None:
    ids = await talked(run, "apples", "pears")
    verbs, rows = tools(run).verbs, run.tab.history.rows
    rows.change_folders("create_folder", "f", "Fruit")
    await settled(run)
    verbs.move(ids, "f")
    await settled(run)
    verbs.delete_folder(rows.every_folder[0])
    await until(lambda: rows.every_folder == ())
    await settled(run)
    run.tab.history.list.setFocus()
    run.ctrl(Qt.Key.Key_Z)
    await until(lambda: bool(rows.every_folder) and rows.every_folder[0].length == 2)


async def test_whoever_has_gone_on_stays_where_they_are_when_a_conversation_comes_back(
    run: Run,
) -> None:
    await talked(run, "apples", "pears")
    run.tab.history.list.setFocus()
    run.key(Qt.Key.Key_Delete)
    await until(lambda: listed(run) == ["apples"])
    open_row(run, "apples")
    await until(lambda: run.shown[:1] == ["apples"])
    run.tab.history.list.setFocus()
    run.ctrl(Qt.Key.Key_Z)
    await until(lambda: listed(run) == ["pears", "apples"])
    await settled(run)
    assert run.shown[:1] == ["apples"]
    assert marked(run) == ["apples"]


async def test_taking_back_is_offered_only_where_there_is_something_to_take_back(run: Run) -> None:
    def offered() -> bool:
        run.window.open_palette()
        (sheet,) = visible(run.window, PaletteSheet)
        words = {each.words for each in sheet._local[Group.ACTIONS]}
        sheet.close_sheet()
        return "Bring back what was deleted" in words

    await talked(run, "apples")
    assert not offered()
    run.tab.history.list.setFocus()
    run.key(Qt.Key.Key_Delete)
    await until(lambda: listed(run) == [])
    assert offered()
    assert "The conversation is in the trash for 30 days." in texts(run.window)
    assert QApplication.focusWidget() is not None


async def test_the_menu_key_opens_the_menu_of_the_row_that_the_keyboard_is_at(run: Run) -> None:
    await talked(run, "apples", "pears")
    rows = run.tab.history.list
    rows.setFocus()
    run.key(Qt.Key.Key_Down)
    # What Qt asks when the key is pressed, to know where the menu belongs.
    place = rows.inputMethodQuery(Qt.InputMethodQuery.ImCursorRectangle).center()
    assert rows.indexAt(place).data() == "apples"
    run.key(Qt.Key.Key_F10, Qt.KeyboardModifier.ShiftModifier)
    choose(run, "Pin")
    await until(lambda: listed(run) == ["apples", "pears"])
