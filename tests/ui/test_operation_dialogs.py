"""Export, import and backups as a person does them: from the window, into real files and back."""

from __future__ import annotations

import json
import threading
import zipfile
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QFileDialog,
    QMenu,
    QMessageBox,
    QPushButton,
    QToolButton,
)

from studio.core.capabilities import Capability
from studio.core.messages import Conversation, Message, ReasoningPart, Role, TextPart
from studio.core.transfer.common import ConversationFormat
from studio.storage.history import conversations, messages
from studio.ui.settings.backups import FEW, ROW_HEIGHT
from studio.ui.settings.dialog import SettingsSheet
from studio.ui.transfer.export_sheet import FORMATS, ExportSheet
from studio.ui.transfer.import_drop import exports_in
from studio.ui.transfer.import_sheet import ImportSheet
from studio.ui.widgets.operation_bar import OperationCard
from tests.scripted import until
from tests.window_parts import Run, child, click, drag_enters, links, named, picture, visible

TITLES = ("Apples 苹果", "Pears", "Plums")


def presenter(title: str, number: int) -> tuple[Conversation, list[Message]]:
    """A conversation of a question and a thoughtful answer."""
    made = Conversation(title=title, model="org/model", id=f"{number:032d}", created_at=1e9)
    asked, answered = f"{number:031d}a", f"{number:031d}b"
    text = TextPart(f"What of {title}?")
    question = Message(made.id, Role.USER, (text,), created_at=1e9, id=asked)
    parts = (ReasoningPart("Let me think."), TextPart("They are **round**."))
    answer = Message(
        made.id, Role.ASSISTANT, parts, parent_id=asked, created_at=1e9 + 1, id=answered
    )
    return made, [question, answer]


def fill(run: Run) -> list[str]:
    """Some history; the ids of the conversations."""
    ids = []
    for number, title in enumerate(TITLES):
        conversation, (question, answer) = presenter(title, number)
        run.database.call_sync(conversations.save_turn, conversation, question)
        run.database.call_sync(messages.save_message, answer)
        ids.append(conversation.id)
    return ids


@pytest.fixture
async def full(tmp_path: Path) -> AsyncIterator[Run]:
    """A window on a history of three conversations."""
    made = Run(tmp_path / "data")
    fill(made)
    await made.begin()
    yield made
    await made.quit()


async def choose(run: Run, *paths: Path) -> None:
    """Choose files or a folder in the dialog that is open."""
    (dialog,) = visible(run.window, QFileDialog)
    dialog.setDirectory(str(paths[0].parent))
    dialog.fileSelected.emit(str(paths[0]))
    dialog.filesSelected.emit([*map(str, paths)])
    dialog.reject()


async def outcome(run: Run) -> str:
    """What the window says in the end."""
    await until(lambda: run.studio.operations.operation is None)
    bar = run.window.dialogs._bar
    assert isinstance(bar, OperationCard)
    return bar.words


async def export_all(run: Run, target: Path) -> str:
    """Save everything by the palette's action."""
    run.window.perform("export_all")
    await choose(run, target)
    return await outcome(run)


async def looked(run: Run) -> ImportSheet | None:
    """What is shown of the files that were chosen; None when they were refused."""
    await until(lambda: run.studio.operations.operation is None)
    sheets = visible(run.window, ImportSheet)
    return sheets[0] if sheets else None


async def import_from(run: Run, *paths: Path) -> str:
    """Import files by the palette's action, and all that is in them."""
    run.window.perform("import")
    await choose(run, *paths)
    return await go_on(run)


async def go_on(run: Run) -> str:
    """Take all that was found, if anything was, and say how it ended."""
    sheet = await looked(run)
    if sheet is not None:
        click(sheet.go_on)
    return await outcome(run)


async def titles(run: Run) -> list[str]:
    """What the history lists."""
    rows = run.studio.histories[Capability.CHAT]
    await until(lambda: run.tasks.count == 0)
    return sorted(each[1] for each in rows.titles)


async def test_what_is_exported_comes_into_an_empty_window_and_is_exported_the_same(
    full: Run, tmp_path: Path
) -> None:
    first, second = tmp_path / "first.zip", tmp_path / "second.zip"
    assert await export_all(full, first) == "3 conversation(s) saved."
    other = Run(tmp_path / "other")
    await other.begin()
    try:
        assert await titles(other) == []
        assert await import_from(other, first) == "3 conversation(s) imported."
        assert await titles(other) == sorted(TITLES)
        await export_all(other, second)
        assert second.read_bytes() == first.read_bytes()
        assert await import_from(other, first) == "3 conversation(s) were here already."
        assert await titles(other) == sorted(TITLES)
    finally:
        await other.quit()


async def test_one_conversation_is_saved_from_the_menu_over_it(full: Run, tmp_path: Path) -> None:
    full.tab.open_conversation(f"{0:032d}")
    await until(lambda: bool(full.shown))
    click(named(full.tab.head, QToolButton, "More"))
    (menu,) = [each for each in full.tab.head.findChildren(QMenu) if each.isVisible()]
    menu.actions()[0].trigger()
    menu.close()
    sheet = child(full.window, ExportSheet)
    assert sheet.formats.isVisible()
    click(sheet.reasoning)
    click(sheet.go_on)
    (dialog,) = visible(full.window, QFileDialog)
    assert dialog.selectedFiles()[0].endswith("Apples 苹果.md")
    target = tmp_path / "apples.md"
    await choose(full, target)
    assert await outcome(full) == "1 conversation(s) saved."
    assert full.window.findChild(ExportSheet) is None
    text = target.read_text(encoding="utf-8")
    assert "They are **round**." in text
    assert "Let me think." not in text


@pytest.mark.parametrize("kind", list(ConversationFormat))
async def test_several_become_a_folder_of_files_or_one_file_of_all(
    full: Run, tmp_path: Path, kind: ConversationFormat
) -> None:
    ids = [f"{number:032d}" for number in range(2)]
    full.window.dialogs.export(ids)
    sheet = child(full.window, ExportSheet)
    place = [each for each, _, _ in FORMATS].index(kind)
    click(sheet.formats.buttons[place])
    assert sheet.kind is kind
    assert sheet.reasoning.isEnabled() == (kind is not ConversationFormat.JSON)
    QTest.keyClick(sheet.go_on, Qt.Key.Key_Space)
    out = tmp_path / "out"
    out.mkdir()
    if kind is ConversationFormat.JSON:
        await choose(full, out / "both.json")
        assert await outcome(full) == "2 conversation(s) saved."
        stored = json.loads((out / "both.json").read_text(encoding="utf-8"))
        assert {each["title"] for each in stored["conversations"]} == set(TITLES[:2])
        return
    await choose(full, out)
    assert await outcome(full) == "2 conversation(s) saved."
    (folder,) = out.iterdir()
    names = sorted(each.name for each in folder.iterdir())
    assert names == [f"{title}.{kind.value}" for title in TITLES[:2]]
    content = (folder / names[0]).read_bytes()
    assert content.startswith({"md": b"# ", "html": b"<!DOCTYPE", "pdf": b"%PDF-"}[kind.value])


async def test_there_is_nothing_to_export_in_an_empty_conversation(run: Run) -> None:
    run.window.perform("export")
    assert run.said == "There is nothing to export yet."
    assert run.window.findChild(ExportSheet) is None


async def test_the_empty_page_leads_to_an_import_of_chatgpt(run: Run, tmp_path: Path) -> None:
    click(next(b for b in visible(run.tab, QPushButton) if "ChatGPT" in b.text()))
    node: dict[str, object] = {
        "id": "a",
        "parent": None,
        "children": [],
        "message": {
            "author": {"role": "user"},
            "create_time": 1e9,
            "content": {"content_type": "text", "parts": ["Hello from elsewhere"]},
        },
    }
    stored = [{"title": "Elsewhere", "create_time": 1e9, "mapping": {"a": node}}]
    path = tmp_path / "chatgpt.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("conversations.json", json.dumps(stored))
    await choose(run, path)
    assert await go_on(run) == "1 conversation(s) imported."
    assert await titles(run) == ["Elsewhere"]


async def test_a_conversation_that_is_open_shows_what_was_merged_into_it(
    full: Run, tmp_path: Path
) -> None:
    other = Run(tmp_path / "other")
    (first, *_) = fill(other)
    more = Message(first, Role.USER, (TextPart("And the seeds?"),), parent_id=None)
    stored = await other.stored(first)
    more = replace(more, parent_id=stored[-1].id)
    other.database.call_sync(messages.save_message, more)
    await other.begin()
    longer = tmp_path / "longer.zip"
    await export_all(other, longer)
    await other.quit()
    full.tab.open_conversation(first)
    await until(lambda: len(full.shown) == 2)
    said = await import_from(full, longer)
    assert said.startswith("1 conversation(s) got new messages.")
    await until(lambda: "And the seeds?" in full.shown)


async def test_an_export_dropped_on_the_history_is_imported(full: Run, tmp_path: Path) -> None:
    good = tmp_path / "good.zip"
    await export_all(full, good)
    other = Run(tmp_path / "other")
    await other.begin()
    try:
        pane = other.tab.history
        at, left, none = QPoint(100, 300), Qt.MouseButton.LeftButton, Qt.KeyboardModifier(0)
        data, copy = links(good), Qt.DropAction.CopyAction
        entering = drag_enters(at, data)
        QApplication.sendEvent(pane, entering)
        assert entering.isAccepted()
        assert exports_in(links(picture(tmp_path / "a.png"))) == ()
        assert exports_in(links(good, picture(tmp_path / "a.png"))) == ()
        assert exports_in(links(good, tmp_path / "folder")) == (good, tmp_path / "folder")
        QApplication.sendEvent(pane, QDropEvent(QPointF(at), copy, data, left, none))
        assert await go_on(other) == "3 conversation(s) imported."
    finally:
        await other.quit()


# Refusals: each its own sentence, and nothing is changed.


def zipped(path: Path, names: dict[str, str]) -> Path:
    """A zip file with these texts."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in names.items():
            archive.writestr(name, text)
    return path


async def test_each_refusal_is_a_sentence_and_leaves_the_history_as_it_was(
    full: Run, tmp_path: Path
) -> None:
    before = await titles(full)
    good = tmp_path / "good.zip"
    await export_all(full, good)
    (tmp_path / "cut.zip").write_bytes(good.read_bytes()[:100])
    (tmp_path / "words.json").write_text("no json at all", encoding="utf-8")
    (tmp_path / "bad.json").write_text('[{"title": ', encoding="utf-8")
    (tmp_path / "odd.json").write_text('[{"mapping": []}]', encoding="utf-8")
    zipped(tmp_path / "other.zip", {"readme.txt": "hello"})
    zipped(tmp_path / "escape.zip", {"../conversations.json": "[]"})
    manifest = {"folders": [], "format": "moda-studio", "version": 999}
    newer = {"moda-studio.json": json.dumps(manifest), "conversations.jsonl": ""}
    zipped(tmp_path / "newer.zip", newer)
    expected = {
        "gone.zip": "not there any more",
        "words.json": "neither an export of Moda Studio nor one of ChatGPT",
        "other.zip": "neither an export of Moda Studio nor one of ChatGPT",
        "cut.zip": "damaged or cut short",
        "bad.json": "damaged JSON",
        "odd.json": "something unexpected",
        "escape.zip": "could write outside",
        "newer.zip": "newer version of Moda Studio",
    }
    for name, words in expected.items():
        said = await import_from(full, tmp_path / name)
        assert said.startswith("Nothing was imported"), name
        assert words in said, (name, said)
    assert await titles(full) == before
    again = tmp_path / "again.zip"
    await export_all(full, again)
    assert again.read_bytes() == good.read_bytes()


async def test_an_import_that_is_cancelled_leaves_nothing(
    full: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from studio.storage.transfer import import_commit, imports

    good = tmp_path / "good.zip"
    await export_all(full, good)
    other = Run(tmp_path / "other")
    await other.begin()
    reached, allowed = threading.Event(), threading.Event()
    commit = import_commit.commit

    def held(*given: object, **named_: object) -> None:
        reached.set()
        allowed.wait(10)
        commit(*given, **named_)  # type: ignore[arg-type]  # passed on

    monkeypatch.setattr(imports, "commit", held)
    try:
        other.window.perform("import")
        await choose(other, good)
        sheet = await looked(other)
        assert sheet is not None
        click(sheet.go_on)
        await until(reached.is_set)
        bar = other.window.dialogs._bar
        assert bar is not None
        assert bar.isVisible()
        click(bar.cancel)
        assert not bar.cancel.isEnabled()
        allowed.set()
        assert await outcome(other) == "Cancelled. Nothing was imported."
        assert await titles(other) == []
        left = {each.name for each in (tmp_path / "other").iterdir()}
        assert not [each for each in left if "part" in each or "import" in each]
    finally:
        allowed.set()
        await other.quit()


async def test_a_second_order_waits_for_nobody_but_is_said(full: Run, tmp_path: Path) -> None:
    held = threading.Event()
    from studio.sessions.operations.operations import Operation

    full.studio.operations.start(Operation.BACK_UP, lambda _: held.wait(10))
    full.window.dialogs.import_paths([tmp_path / "any.zip"])
    assert full.said == "One thing at a time: something else is under way."
    held.set()
    await until(lambda: full.studio.operations.operation is None)


async def test_a_disk_that_refuses_is_said_and_leaves_no_file(full: Run, tmp_path: Path) -> None:
    target = tmp_path / "nowhere" / "all.zip"
    said = await export_all(full, target)
    assert "could not be written" in said
    assert not target.parent.exists()


# Backups.


async def opened(run: Run) -> SettingsSheet:
    """The data page."""
    run.window.open_settings("data")
    sheet = child(run.window, SettingsSheet)
    await until(lambda: run.tasks.count == 0)
    return sheet


def answer(run: Run, words: str) -> None:
    """Press a button of the question that is asked."""
    (box,) = visible(run.window, QMessageBox)
    click(next(each for each in box.buttons() if each.text() == words))


async def test_a_backup_is_made_listed_and_deleted_by_hand(full: Run) -> None:
    sheet = await opened(full)
    assert sheet.backups.rows == []
    click(sheet.backups.back_up)
    assert not sheet.backups.back_up.isEnabled(), "one at a time"
    await until(lambda: len(sheet.backups.rows) == 1)
    (row,) = sheet.backups.rows
    when, why, count, size = row.words
    assert when.startswith("Today ")
    assert (why, count) == ("By hand", "3 conversation(s)")
    assert size.endswith("kB")
    assert row.height() == ROW_HEIGHT
    assert sheet.under_way.words == "The backup is made."
    click(row.more)
    (menu,) = [each for each in row.findChildren(QMenu) if each.isVisible()]
    menu.actions()[1].trigger()
    menu.close()
    answer(full, "Delete")
    await until(lambda: sheet.backups.rows == [])
    assert list(full.studio.locations.backups.iterdir()) == []


async def test_only_some_backups_are_shown_until_all_are_wanted(full: Run) -> None:
    from studio.storage.db import backups

    locations = full.studio.locations
    for days in range(FEW + 2):
        now = 1.7e9 + days * 86400
        backups.back_up(locations.database, locations.backups, label=backups.DAILY, now=now)
    sheet = await opened(full)
    assert len(sheet.backups.rows) == FEW
    assert sheet.backups.all.text() == f"Show all {FEW + 2}"
    sheet.backups.all.click()
    assert len(sheet.backups.rows) == FEW + 2


async def test_a_damaged_backup_is_refused_and_nothing_happens(full: Run) -> None:
    copy = full.database.back_up()
    damaged = bytearray(copy.read_bytes())
    damaged[4096:12288] = b"\xff" * 8192
    copy.write_bytes(damaged)
    sheet = await opened(full)
    sheet.backups.rows[0].restore.click()
    answer(full, "Restore")
    await until(lambda: full.studio.operations.operation is None)
    assert "This backup is damaged." in sheet.under_way.words
    assert not full.studio.restart.wanted
    assert list(full.studio.locations.backups.iterdir()) == [copy]


async def test_the_daily_backup_can_be_switched_off_and_kept_longer(full: Run) -> None:
    sheet = await opened(full)
    click(sheet.backups.daily)
    assert full.studio.preferences.settings.daily_backup is False
    assert not sheet.backups.kept.isEnabled()
    click(sheet.backups.daily)
    click(sheet.backups.kept)
    (menu,) = [each for each in sheet.backups.findChildren(QMenu) if each.isVisible()]
    menu.actions()[-1].trigger()
    menu.close()
    assert full.studio.preferences.settings.backups_kept == 30
    assert sheet.backups.kept.text() == "30 day(s)"


async def test_a_full_copy_can_be_started_on(full: Run, tmp_path: Path) -> None:
    sheet = await opened(full)
    click(sheet.transfers.copy_all)
    await choose(full, tmp_path)
    assert await outcome(full) == "Everything is copied."
    copy = Run(next(tmp_path.glob("Moda Studio *")))  # noqa: ASYNC240 - a local folder
    await copy.begin()
    assert await titles(copy) == sorted(TITLES)
    await copy.quit()


async def test_what_goes_on_outlives_the_page_it_was_begun_on(full: Run) -> None:
    sheet = await opened(full)
    click(sheet.backups.back_up)
    sheet.close_sheet()
    assert await outcome(full) == "The backup is made."
    bar = full.window.dialogs._bar
    assert bar is not None
    assert bar.isVisible()
    full.studio.preferences.change(backups_kept=14)
    again = await opened(full)
    assert [row.words[1] for row in again.backups.rows] == ["By hand"]
    assert again.backups.kept.text() == "14 day(s)"
