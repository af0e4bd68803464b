"""Before anything is imported one sees what was found, and chooses what of it and where to."""

from __future__ import annotations

import json
from pathlib import Path
from zipfile import ZipFile

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QMenu

from studio.core.capabilities import Capability
from studio.core.messages import Conversation
from studio.core.settings import Language
from studio.storage.history import conversations, folders, listing
from studio.ui.transfer.import_sheet import ImportSheet
from tests.scripted import until
from tests.ui.test_operation_dialogs import choose, fill, looked, outcome, titles
from tests.unit.storage.import_parts import DATA, node, talk, written
from tests.window_parts import Run, click, drag_enters, links, visible

SHELL = {"title": "Empty shell", "id": "x"}


def stored(count: int) -> list[object]:
    """Conversations of ChatGPT, and one that is none."""
    return [
        *(
            talk(
                node("1", None, "user", f"q {each}", "2"),
                node("2", "1", "assistant", "a"),
                id=f"{each}",
                title=f"Talk {each}",
            )
            for each in range(count)
        ),
        SHELL,
    ]


async def opened(run: Run, *paths: Path) -> ImportSheet:
    """The sheet for some files."""
    run.window.perform("import")
    await choose(run, *paths)
    sheet = await looked(run)
    assert sheet is not None
    return sheet


def words(sheet: ImportSheet) -> list[str]:
    """Every text of a sheet that is seen."""
    from PySide6.QtWidgets import QLabel

    return [each.text() for each in visible(sheet, QLabel) if each.text()]


def found(run: Run, title: str) -> Conversation:
    """A stored conversation."""
    page = run.database.call_sync(listing.list_conversations)
    identity = next(each.id for each in page if each.title == title)
    made = run.database.call_sync(conversations.load_conversation, identity)
    assert made is not None
    return made


async def test_what_was_found_is_shown_before_anything_is_written(run: Run, tmp_path: Path) -> None:
    sheet = await opened(run, written(tmp_path, stored(3)), DATA / "others" / "claude.zip")
    shown = words(sheet)
    assert shown[0] == "Import conversations"
    day = "2023-11-14 – 2025-05-01"
    assert shown[1] == f"ChatGPT · Claude · 4 conversation(s) · 8 message(s) · {day}"
    assert "1 could not be read and will stay out." in shown[2]
    click(sheet.why)
    assert "“Empty shell”: It holds no messages, only its title." in words(sheet)
    assert sheet.go_on.text() == "Import 4 conversation(s)"
    assert await titles(run) == []
    click(sheet.cancel)
    assert await titles(run) == []
    assert visible(run.window, ImportSheet) == []


async def test_only_what_is_ticked_comes_in_and_into_a_new_folder(run: Run, tmp_path: Path) -> None:
    sheet = await opened(run, written(tmp_path, stored(12)))
    click(sheet.none)
    assert not sheet.go_on.isEnabled()
    QTest.keyClicks(sheet.search, "talk 1")
    assert sheet.rows.rowCount() == 3  # 1, 10 and 11
    click(sheet.all)
    sheet.search.clear()
    assert sheet.rows.rowCount() == 12
    row = next(n for n in range(12) if sheet.rows.index(n).data() == "Talk 5")
    place = sheet.list.visualRect(sheet.rows.index(row)).center()
    sheet.list.scrollTo(sheet.rows.index(row))
    place = sheet.list.visualRect(sheet.rows.index(row)).center()
    QTest.mouseClick(sheet.list.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert sheet.go_on.text() == "Import 4 conversation(s)"
    click(sheet.place)
    (menu,) = [each for each in sheet.findChildren(QMenu) if each.isVisible()]
    assert [each.text() for each in menu.actions() if each.text()] == [
        "No folder",
        "New folder “ChatGPT”",
    ]
    menu.actions()[-1].trigger()
    menu.close()
    click(sheet.go_on)
    assert (await outcome(run)).startswith("4 conversation(s) imported.")
    assert await titles(run) == ["Talk 1", "Talk 10", "Talk 11", "Talk 5"]
    (folder,) = run.database.call_sync(folders.list_folders)
    assert folder.name == "ChatGPT"


async def test_nothing_that_fits_says_so(run: Run, tmp_path: Path) -> None:
    sheet = await opened(run, written(tmp_path, stored(2)))
    QTest.keyClicks(sheet.search, "nowhere")
    assert "No title fits." in words(sheet)
    assert not sheet.list.isVisible()
    click(sheet.none)
    assert sheet.go_on.text() == "Import 2 conversation(s)", "only what is shown is changed"


async def test_in_a_small_window_the_reasons_take_the_place_of_the_list(
    run: Run, tmp_path: Path
) -> None:
    run.window.setMinimumSize(320, 240)
    run.window.resize(640, 400)
    sheet = await opened(run, written(tmp_path, stored(2)))
    assert sheet.list.isVisible()
    click(sheet.why)
    assert not sheet.list.isVisible()
    assert "“Empty shell”: It holds no messages, only its title." in words(sheet)
    click(sheet.why)
    assert sheet.list.isVisible()


async def test_it_can_all_be_done_with_the_keyboard(run: Run, tmp_path: Path) -> None:
    sheet = await opened(run, written(tmp_path, stored(3)))
    assert run.window.focusWidget() is sheet.go_on
    sheet.list.setFocus()
    QTest.keyClick(sheet.list, Qt.Key.Key_Down)
    QTest.keyClick(sheet.list, Qt.Key.Key_Space)
    assert len(sheet.rows.chosen) == 2
    QTest.keyClick(sheet.list, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    assert len(sheet.rows.chosen) == 3
    QTest.keyClick(sheet, Qt.Key.Key_Escape)
    assert visible(run.window, ImportSheet) == []
    assert await titles(run) == []


async def test_several_files_and_a_folder_dropped_at_once(run: Run, tmp_path: Path) -> None:
    one = written(tmp_path, stored(1), "one.json")
    folder = tmp_path / "exports"
    written(folder / "deep", [talk(node("1", None, "user", "q"), id="z", title="Deep")])
    with ZipFile(tmp_path / "two.zip", "w") as made:
        made.writestr("conversations.json", json.dumps(stored(2)))
    at, left, none = QPoint(100, 300), Qt.MouseButton.LeftButton, Qt.KeyboardModifier(0)
    data = links(one, folder, tmp_path / "two.zip")
    copy = Qt.DropAction.CopyAction
    entering = drag_enters(at, data)
    QApplication.sendEvent(run.tab.history, entering)
    assert entering.isAccepted()
    QApplication.sendEvent(run.tab.history, QDropEvent(QPointF(at), copy, data, left, none))
    sheet = await looked(run)
    assert sheet is not None
    assert sheet.go_on.text() == "Import 3 conversation(s)"
    click(sheet.go_on)
    await outcome(run)
    assert await titles(run) == ["Deep", "Talk 0", "Talk 1"]


async def test_a_folder_is_chosen_by_a_button_of_the_settings(run: Run, tmp_path: Path) -> None:
    written(tmp_path / "exports", stored(1))
    run.window.open_settings("data")
    buttons = visible(run.window, QAbstractButton)
    click(next(each for each in buttons if each.text() == "Import a folder…"))
    await choose(run, tmp_path / "exports")
    sheet = await looked(run)
    assert sheet is not None
    assert sheet.go_on.text() == "Import 1 conversation(s)"


async def test_a_folder_is_chosen_by_its_own_action(run: Run, tmp_path: Path) -> None:
    written(tmp_path / "exports", stored(1))
    run.window.perform("import_folder")
    await choose(run, tmp_path / "exports")
    sheet = await looked(run)
    assert sheet is not None
    assert sheet.go_on.text() == "Import 1 conversation(s)"


async def test_what_is_imported_can_be_asked_on_with_the_users_model(
    run: Run, tmp_path: Path
) -> None:
    path = written(tmp_path, [{**stored(1)[0], "default_model_slug": "gpt-5"}])  # type: ignore[dict-item]  # an object
    sheet = await opened(run, path)
    click(sheet.go_on)
    await outcome(run)
    model = run.studio.catalogue.default(Capability.CHAT)
    assert model
    assert found(run, "Talk 0").model == model
    run.tab.open_conversation(found(run, "Talk 0").id)
    await until(lambda: "q 0" in run.shown)
    assert run.session.conversation.model == model


async def test_conversations_that_are_here_already_say_so(run: Run, tmp_path: Path) -> None:
    path = written(tmp_path, stored(1))
    sheet = await opened(run, path)
    click(sheet.go_on)
    await outcome(run)
    again = await opened(run, path)
    row = again.rows.index(0).data(Qt.ItemDataRole.AccessibleTextRole)
    assert "here already, only what is new is added" in str(row)


async def test_our_own_export_keeps_its_folders_and_its_models(tmp_path: Path) -> None:
    first, second = Run(tmp_path / "first"), Run(tmp_path / "second")
    ids = fill(first)
    first.database.call_sync(folders.create_folder, "f", "Fruit")
    first.database.call_sync(
        lambda connection: connection.execute("UPDATE conversations SET folder_id = 'f'").get
    )
    await first.begin()
    await second.begin()
    try:
        first.window.perform("export_all")
        await choose(first, tmp_path / "all.zip")
        await outcome(first)
        sheet = await opened(second, tmp_path / "all.zip")
        assert sheet.place.text() == "Folders as in the file"
        click(sheet.go_on)
        await outcome(second)
        assert [each.name for each in second.database.call_sync(folders.list_folders)] == ["Fruit"]
        assert found(second, "Pears").model == "org/model"
        assert len(ids) == 3
    finally:
        await first.quit()
        await second.quit()


async def test_only_hidden_words_are_told_without_a_question(run: Run) -> None:
    run.window.perform("import")
    await choose(run, DATA / "chatgpt" / "only_hidden.json")
    assert await looked(run) is None
    assert await outcome(run) == "The file holds no conversation."


@pytest.mark.parametrize("name", ["grok.json", "sillytavern.jsonl", "cherry_empty.zip"])
async def test_a_refusal_is_said_at_once(run: Run, name: str) -> None:
    run.window.perform("import")
    await choose(run, DATA / "others" / name)
    assert await looked(run) is None
    said = await outcome(run)
    assert said.startswith("Nothing was imported")
    assert not any(sign in said for sign in "[]{}")


async def test_every_word_of_it_is_chinese_in_chinese(
    run: Run, tmp_path: Path, language: object
) -> None:
    assert callable(language)
    language(Language.CHINESE)
    sheet = await opened(run, written(tmp_path, stored(2)))
    click(sheet.why)
    said = " ".join([*words(sheet), sheet.go_on.text(), sheet.place.text(), sheet.all.text()])
    said = said.replace("Empty shell", "").replace("ChatGPT", "")
    assert not any(each.isascii() and each.isalpha() for each in said), said
    assert sheet.go_on.text() == "导入 2 个对话"
