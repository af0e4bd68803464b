"""What was written and not sent is there again: in every conversation, tab and form."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from studio.core.drafts import MessageDraft
from studio.core.messages import Conversation, Message, Role, TextPart
from studio.storage import key_value
from studio.storage.db.database import Database
from studio.storage.history import conversations
from studio.storage.locations import locate
from tests.scripted import said, until
from tests.window_parts import Run, picture

ROOT = Path(__file__).parents[2]


def run_child(folder: Path, *story: str) -> tuple[int, str]:
    """Exit code and report of a whole run of the program."""
    ended = subprocess.run(
        [sys.executable, str(ROOT / "tests" / "program_child.py"), str(folder), *story],
        env={**os.environ, "PYTHONPATH": str(ROOT), "MODA_STUDIO_TOKEN": "ms-token"},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert "Traceback" not in ended.stderr, ended.stderr
    return ended.returncode, ended.stdout


def fill(folder: Path) -> None:
    database = Database.open(locate(folder).database)
    for title in ("apples", "pears"):
        conversation = Conversation(title=title, model="org/model")
        question = Message(conversation.id, Role.USER, (TextPart(title),))
        database.call_sync(conversations.save_turn, conversation, question)
    database.close()


@pytest.mark.parametrize(("end", "code"), [("close", 0), ("SIGTERM", 0), ("SIGKILL", -9)])
def test_every_draft_is_there_again_however_the_program_ended(
    tmp_path: Path, end: str, code: int
) -> None:
    fill(tmp_path)
    assert run_child(tmp_path, "write", end)[0] == code
    seen: dict[str, Any] = json.loads(run_child(tmp_path, "look")[1].splitlines()[-1])
    assert seen["new"] == "a new 问题\nof two lines"
    assert seen["apples"] == "more about apples"
    assert seen["pears"] == "more about pears"
    assert seen["vision"] == "what is this"
    assert seen["pictures"] == ["a.png"]
    assert seen["images"] == {
        "prompt": "a red boat",
        "negative_prompt": "people",
        "width": 640,
        "height": 480,
        "seed": 7,
        "seed_kept": True,
        "steps": 12,
        "guidance": 2.5,
    }


async def stored(run: Run) -> dict[str, Any]:
    """What another start would find."""
    await until(lambda: not run.studio.drafts._unwritten)
    return await run.database.call(key_value.load_drafts)


async def pause(run: Run) -> None:
    """Wait until what was typed is given to the disk."""
    draft = run.tab.presenter._draft
    await until(lambda: not draft._pause.isActive())


async def two(run: Run) -> tuple[str, str]:
    """Two conversations; the second is shown."""
    ids = []
    for words in ("first", "second"):
        run.chat.scripts = [said("an answer")]
        run.ctrl(Qt.Key.Key_N)
        await run.asked(words)
        ids.append(run.session.conversation.id)
    return ids[0], ids[1]


async def go(run: Run, conversation_id: str) -> None:
    run.tab.open_conversation(conversation_id)
    await until(lambda: run.session.conversation.id == conversation_id)


async def test_each_conversation_has_a_draft_of_its_own(run: Run) -> None:
    first, second = await two(run)
    QTest.keyClicks(run.field, "for the second")
    await go(run, first)
    assert run.field.toPlainText() == ""
    QTest.keyClicks(run.field, "for the first")
    await go(run, second)
    assert run.field.toPlainText() == "for the second"
    await go(run, first)
    assert run.field.toPlainText() == "for the first"
    run.ctrl(Qt.Key.Key_Z)
    assert "second" not in run.field.toPlainText(), "undo stays within a conversation"


async def test_what_was_begun_for_a_new_chat_waits_for_it(run: Run) -> None:
    first, _ = await two(run)
    run.ctrl(Qt.Key.Key_N)
    QTest.keyClicks(run.field, "something new")
    await go(run, first)
    QTest.keyClicks(run.field, "something old")
    run.ctrl(Qt.Key.Key_N)
    assert run.field.toPlainText() == "something new"
    await go(run, first)
    assert run.field.toPlainText() == "something old"


async def test_a_draft_is_on_the_disk_half_a_second_after_a_key_and_gone_when_it_is_sent(
    run: Run,
) -> None:
    QTest.keyClicks(run.field, "half a thought")
    await pause(run)
    assert await stored(run) == {"new:chat": {"text": "half a thought"}}
    run.chat.scripts = [said("an answer")]
    run.key(Qt.Key.Key_Return)
    await run.idle()
    assert await stored(run) == {}
    QTest.keyClicks(run.field, "more")
    await pause(run)
    assert await stored(run) == {run.session.conversation.id: {"text": "more"}}


async def test_an_edit_that_was_begun_is_there_again(run: Run) -> None:
    first, second = await two(run)
    QTest.keyClicks(run.field, "a draft")
    run.press("edit", 0)
    run.field.setPlainText("second, but better")
    await go(run, first)
    assert run.field.toPlainText() == ""
    await go(run, second)
    assert run.field.toPlainText() == "second, but better"
    run.key(Qt.Key.Key_Escape)
    assert run.field.toPlainText() == "a draft"


async def test_a_picture_that_was_still_being_read_comes_to_the_draft_it_was_for(
    run: Run, tmp_path: Path
) -> None:
    first, second = await two(run)
    attachments = run.tab.presenter.attachments
    attachments.set_objection(lambda: "")
    await go(run, first)
    attachments.add_files([picture(tmp_path / "a.png")])
    assert attachments.busy
    await go(run, second)
    await until(lambda: first in run.studio.drafts.all)
    assert not attachments.any
    await go(run, first)
    assert [each.name for each in attachments.parts] == ["a.png"]


async def test_words_typed_before_the_history_was_open_join_those_of_the_last_run(
    tmp_path: Path,
) -> None:
    before = Database.open(locate(tmp_path).database)
    before.call_sync(key_value.save_draft, "new:chat", {"text": "from yesterday"})
    before.close()
    run = Run(tmp_path)
    run.window.show()
    run.window.complete()
    run.field.setPlainText("from this morning")
    await run.studio.drafts.load()
    assert run.field.toPlainText() == "from yesterday\nfrom this morning"
    assert await stored(run) == {"new:chat": {"text": "from yesterday\nfrom this morning"}}
    await run.quit()


@pytest.mark.parametrize(
    "content",
    [
        {"text": 5, "pictures": "no", "version_of": ["x"]},
        {"text": "kept", "pictures": [{"sha256": 1}]},
        {"nonsense": {}},
        [],
        None,
        "text",
    ],
)
async def test_a_damaged_draft_costs_nothing_else(tmp_path: Path, content: object) -> None:
    before = Database.open(locate(tmp_path).database)
    before.call_sync(key_value.save_draft, "new:chat", content or {})
    before.call_sync(key_value.save_draft, "images", content or {})
    before.call_sync(key_value.save_draft, "new:vision", {"text": "sound"})
    before.close()
    run = Run(tmp_path)
    await run.begin()
    kept = "kept" if isinstance(content, dict) and content.get("text") == "kept" else ""
    assert run.field.toPlainText() == kept
    run.window.perform("tab_images")
    run.window.perform("tab_vision")
    assert run.field.toPlainText() == "sound"
    await run.quit()


async def test_a_disk_that_refuses_a_draft_gets_it_with_the_next_word(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        import apsw

        raise apsw.FullError("database or disk is full")

    told: list[object] = []
    run.tasks.failed.connect(told.append)
    with monkeypatch.context() as patched:
        patched.setattr(key_value, "save_draft", refuse)
        run.studio.drafts.put("images", MessageDraft("one"))
        await until(lambda: bool(told))
    run.studio.drafts.put("new:vision", MessageDraft("two"))
    found = await stored(run)
    assert found == {"images": {"text": "one"}, "new:vision": {"text": "two"}}


async def test_drafts_of_conversations_that_are_gone_for_good_go_too(run: Run) -> None:
    first, _ = await two(run)
    for place in (first, "gone", "new:vision", "images"):
        run.studio.drafts.put(place, MessageDraft("words"))
    await stored(run)
    await run.database.call(key_value.drop_stray_drafts)
    assert set(await stored(run)) == {first, "new:vision", "images"}
