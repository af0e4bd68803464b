"""Success is told after the database has answered; where it refuses, only the error is."""

from __future__ import annotations

import apsw
import pytest
from PySide6.QtCore import Qt

from studio.storage.history import conversations, folders
from tests.scripted import said, until
from tests.window_parts import Run


def refuse(*_: object, **__: object) -> None:
    raise apsw.FullError("database or disk is full")


async def talked(run: Run, title: str) -> str:
    run.chat.scripts = [said("an answer")]
    await run.asked(title)
    return run.session.conversation.id


async def test_a_conversation_that_could_not_be_moved_to_the_trash_stays_in_sight(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = await talked(run, "apples")
    monkeypatch.setattr(conversations, "delete", refuse)
    run.tab.history.tools.verbs.delete([kept])  # type: ignore[union-attr]  # there since the start
    await until(lambda: bool(run.said))
    assert "trash" not in run.said
    assert "could not be saved" in run.said
    assert run.session.conversation.id == kept
    assert run.shown == ["apples", "an answer"]


async def test_a_folder_that_could_not_be_deleted_is_not_called_gone(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = run.tab.history.rows
    rows.change_folders("create_folder", "f", "Home")
    await until(lambda: len(rows.every_folder) == 1)
    monkeypatch.setattr(folders, "delete_folder", refuse)
    run.tab.history.tools.verbs.delete_folder(rows.every_folder[0])  # type: ignore[union-attr]  # as above
    await until(lambda: bool(run.said))
    assert "gone" not in run.said


async def test_a_conversation_keeps_its_title_where_another_could_not_be_stored(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = await talked(run, "apples")
    monkeypatch.setattr(conversations, "rename", refuse)
    run.tab.history.rows.rename(kept, "pears")
    await until(lambda: bool(run.said))
    assert run.session.conversation.title == "apples"


async def test_what_is_moved_to_the_trash_is_said_once_it_is_there(run: Run) -> None:
    kept = await talked(run, "apples")
    run.tab.history.list.setFocus()
    run.key(Qt.Key.Key_Delete)
    assert run.said == ""
    await until(lambda: "trash" in run.said)
    found = await run.database.call(conversations.list_trash, limit=5)
    assert [each.id for each in found] == [kept]
