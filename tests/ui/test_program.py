"""The program from its start to its end: what it finds, what it says, what it keeps."""

from __future__ import annotations

import asyncio
import json
import os
import sqlite3
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from studio.app.startup_report import HEAVY
from studio.core.messages import Conversation, Message, MessageStatus, Role, TextPart
from studio.core.stream import TextDelta
from studio.sessions.states import Mark, SessionState
from studio.storage.db.database import Database
from studio.storage.history import conversations
from studio.storage.locations import locate
from studio.ui.look import theme
from tests.scripted import ScriptedChat, said, until
from tests.window_parts import Run

ROOT = Path(__file__).parents[2]


def run_child(folder: Path, story: str, *, logged: bool = True) -> dict[str, Any]:
    """What a run of the program reports; it must end by itself and without a complaint.

    Where there can be no log file (`logged`), one line for each of its messages is allowed.
    """
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "MODA_STUDIO_TOKEN": "ms-token"}
    child = [sys.executable, "-W", "error", str(ROOT / "tests" / "program_child.py")]
    ended = subprocess.run(
        [*child, str(folder), story],
        env=environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    complaints = [line for line in ended.stderr.splitlines() if "This plugin does not" not in line]
    assert "Traceback" not in ended.stderr
    assert complaints == [] or not logged
    assert ended.returncode == 0
    report: dict[str, Any] = json.loads(ended.stdout.splitlines()[-1])
    return report


def fill(folder: Path, titles: tuple[str, ...]) -> None:
    """A history with these conversations."""
    database = Database.open(locate(folder).database)
    for title in titles:
        conversation = Conversation(title=title, model="org/model")
        question = Message(conversation.id, Role.USER, (TextPart(title),))
        database.call_sync(conversations.save_turn, conversation, question)
    database.close()


def stored(folder: Path, conversation_id: str) -> list[Message]:
    """The messages of a conversation, as the next start finds them."""
    database = Database.open(locate(folder).database)
    found = database.call_sync(conversations.open_conversation, conversation_id)
    database.close()
    assert found is not None
    return found[1]


# The end.


def test_closing_in_the_middle_of_answers_keeps_what_came_and_is_quick(tmp_path: Path) -> None:
    report = run_child(tmp_path, "close")
    assert report["seconds"] < 4  # 2 s for what is under way, and some for a busy machine
    assert report["open_streams"] == 0
    for conversation_id in report["ids"]:
        question, answer = stored(tmp_path, conversation_id)
        assert question.text == "a long story"
        assert answer.text == "once upon a time"
        assert answer.status is MessageStatus.INTERRUPTED
        assert answer.error is not None


def test_the_next_start_tells_once_of_the_answers_that_the_end_cut_short(tmp_path: Path) -> None:
    run_child(tmp_path, "close")
    said = "The program ended before 2 answers were whole. They are marked in the history."
    assert run_child(tmp_path, "say")["said"] == said
    assert run_child(tmp_path, "say")["said"] == ""


async def test_what_was_cut_short_is_marked_and_shown_with_a_way_to_go_on(tmp_path: Path) -> None:
    held = asyncio.Event()
    run = Run(tmp_path / "data", ScriptedChat([[TextDelta("once upon"), held]]))
    await run.begin()
    await run.studio.chats.find_cut_short()  # as each start does
    run.ask("a long story")
    await until(lambda: run.session.state is SessionState.STREAMING)
    cut = run.session.conversation.id
    await run.quit()
    again = Run(tmp_path / "data", ScriptedChat([said("a time")]))
    await again.begin()
    (found,) = await again.studio.chats.find_cut_short()
    assert (found.id, found.title) == (cut, "a long story")
    assert again.studio.chats.mark_of(cut) is Mark.CUT
    again.window.open_in(found.kind.value, found.id)
    await until(lambda: again.shown == ["a long story", "once upon"])
    assert again.studio.chats.mark_of(cut) is None
    again.press("continue")
    await again.idle()
    assert again.shown[-1] == "a time"
    await again.quit()


def test_a_window_that_is_closed_at_once_ends_the_program(tmp_path: Path) -> None:
    assert run_child(tmp_path, "hurry") == {"open_streams": 0}
    Database.open(locate(tmp_path).database).close()


# The start.


def test_nothing_is_said_when_all_is_well(tmp_path: Path) -> None:
    fill(tmp_path, ("apples", "pears"))
    assert run_child(tmp_path, "say") == {
        "said": "",
        "usable": True,
        "listed": 2,
        "open_streams": 0,
    }


@pytest.mark.parametrize(("story", "fault"), [("slot", "ValueError"), ("override", "KeyError")])
def test_a_fault_in_a_slot_or_an_override_is_said_and_logged_without_what_the_user_wrote(
    tmp_path: Path, story: str, fault: str
) -> None:
    report = run_child(tmp_path, story)
    assert report["usable"]
    assert "what the user wrote" not in report["said"]
    log = (tmp_path / "logs" / "studio.log").read_text(encoding="utf-8")
    assert fault in log
    assert "what the user wrote" not in log


@pytest.mark.usefixtures("qapp")
@pytest.mark.parametrize("content", ["{", "[]", "\x00\x01", '"text"', "{" * 100_000])
def test_damaged_settings_are_kept_aside_and_said(tmp_path: Path, content: str) -> None:
    settings = locate(tmp_path).settings
    settings.write_text(content, encoding="utf-8")
    if content != "{":  # the whole program once; that the file is kept, each time
        run = Run(tmp_path)
        assert run.studio.preferences.settings.welcome_done is False
        run.database.close()
        run.window.deleteLater()
    else:
        report = run_child(tmp_path, "say")
        assert report["usable"]
        assert "settings file was damaged" in report["said"]
    (aside,) = settings.parent.glob("settings.json.damaged-*")
    assert aside.read_text(encoding="utf-8") == content


@pytest.mark.usefixtures("qapp")
def test_settings_with_senseless_values_do_not_keep_the_window_from_opening(
    tmp_path: Path,
) -> None:
    for geometry in ("x", "AAAA", "¤", "=" * 99, "QUFB" * 9999):
        values = {"window_geometry": geometry, "active_tab": "nonsense", "chat_model": "\ud83d"}
        locate(tmp_path).settings.write_text(json.dumps(values), encoding="utf-8")
        run = Run(tmp_path)
        size = theme.current().size
        assert run.window.width() >= size.window_min_width
        assert run.tab.isVisibleTo(run.window)
        run.database.close()
        run.window.deleteLater()


@pytest.mark.parametrize(
    "content", [b"", b"x", b"not a database at all " * 400, b"SQLite format 3\x00" + b"\xff" * 9000]
)
def test_a_damaged_history_is_kept_aside_and_said(tmp_path: Path, content: bytes) -> None:
    path = locate(tmp_path).database
    path.write_bytes(content)
    report = run_child(tmp_path, "say")
    assert report["usable"]
    if content:
        assert "damaged" in report["said"]
        kept = [each for each in tmp_path.iterdir() if ".damaged" in each.name]
        assert [each.read_bytes() for each in kept] == [content]
        assert str(kept[0]) in report["said"]


def test_a_newer_history_is_read_and_left_as_it_is(tmp_path: Path) -> None:
    fill(tmp_path, ("from the future",))
    path = locate(tmp_path).database
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 9999")
    connection.close()
    before = path.read_bytes()
    report = run_child(tmp_path, "say")
    assert report["usable"]
    assert report["listed"] == 1
    assert "newer version" in report["said"]
    assert path.read_bytes() == before


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    # Below a file, because to the superuser every folder can be written.
    (tmp_path / "file").write_text("in the way")
    report = run_child(tmp_path / "file" / "data", "say", logged=False)
    assert report["usable"]
    assert "cannot be used" in report["said"]
    assert str(tmp_path / "file" / "data") in report["said"]


def test_while_the_history_is_being_opened_the_window_lives_and_says_so(tmp_path: Path) -> None:
    fill(tmp_path, ("apples", "pears"))
    report = run_child(tmp_path, "slow")
    assert report["opening"], "all of this came before the history was there"
    assert report["said"] == "The history is being opened…"
    assert report["empty"] == "The history is being opened…"
    assert report["usable"]
    assert report["settings"]
    assert report["after"] == ""
    assert report["listed"] == 2


def test_a_folder_with_any_name_is_used(tmp_path: Path) -> None:
    folder = tmp_path / "数据 与 🎨 'quotes' %41"
    fill(folder, ("apples",))
    assert run_child(folder, "say")["listed"] == 1


# The first paint.


def test_nothing_heavy_is_loaded_before_the_first_paint(tmp_path: Path) -> None:
    fill(tmp_path, ("apples", "pears"))
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
    ended = subprocess.run(
        [sys.executable, "-m", "studio", "--time-first-paint", "--data-dir", str(tmp_path)],
        env=environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    (line,) = ended.stdout.splitlines()
    report = json.loads(line)
    assert report["heavy_modules"] == []
    assert report["history_rows"] == 2
    assert report["cpu_ms"] > 0
    assert report["wall_ms"] > 0


def test_the_loop_of_asyncio_comes_after_the_first_paint(tmp_path: Path) -> None:
    program = (
        "import json, sys\n"
        "from studio.__main__ import main\n"
        "code = main(['--time-first-paint', '--data-dir', sys.argv[1]])\n"
        "print(json.dumps(sorted(sys.modules)))\n"
        "sys.exit(code)\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    loaded = set(json.loads(ended.stdout.splitlines()[-1]))
    assert "studio.ui.shell.main_window" in loaded
    assert loaded & {"asyncio", "qasync", "ssl", "socket", "html", *HEAVY} == set()
    assert not any(name.startswith("studio.providers") for name in loaded)


def test_what_the_window_lives_on_is_loaded_behind_it(tmp_path: Path) -> None:
    program = """
import json, os, sys
from pathlib import Path
from PySide6.QtWidgets import QApplication
from studio.app.main import Program
from studio.app.single_instance import Instance
from studio.app.options import Options
from studio.storage.locations import locate
from studio.app.warm_up import warm_up

locations = locate(Path(sys.argv[1]))
app = QApplication([])
program = Program(app, Options(), locations, Instance(locations.data))
program.paint()
painted, before = set(sys.modules), []

def steps():
    before.append(set(sys.modules))
    yield from program.window.completing()

warm_up(steps())
late = sorted(set(sys.modules) - before[0])
print(json.dumps({"behind": len(before[0] - painted), "late": late}), flush=True)
os._exit(0)
"""
    ended = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    report = json.loads(ended.stdout.splitlines()[-1])
    assert report["late"] == [], "they hold the window while they load"
    assert report["behind"] > 100


def test_closing_in_the_middle_of_an_export_leaves_a_whole_file_or_none(tmp_path: Path) -> None:
    fill(tmp_path, tuple(f"talk {number}" for number in range(400)))
    assert run_child(tmp_path, "hasty")["began_it"] is True
    target = tmp_path / "everything.zip"
    assert not target.exists() or zipfile.is_zipfile(target)
    assert not list(tmp_path.glob(".*.moda-part"))
    assert not (tmp_path / "studio.db.open").exists(), "and it was closed in order"


# Between two runs.


def test_what_was_deleted_is_back_with_the_backup_and_the_program_starts_again_by_itself(
    tmp_path: Path,
) -> None:
    fill(tmp_path, ("apples", "pears"))
    report = run_child(tmp_path, "restore")
    assert report["before"] == []
    assert "is backed up first" in report["asked"]
    assert report["after"] == ["apples", "pears"]
    assert report["said"] == "The history of the backup is back."
    assert report["gone"], "nothing is left of the run before"
    assert report["token"], "one that no file keeps is not asked for again"
    # The history that was left, too, is among the backups and beside the database.
    assert report["kept"] == ["BEFORE_RESTORE", "BY_HAND", "AUTOMATIC"]
    (replaced,) = tmp_path.glob("studio.db.replaced-*")
    assert replaced.stat().st_size > 0


def own_folder() -> Path:
    """The data folder that a program without options uses in this test."""
    return Path(os.environ["XDG_DATA_HOME"]) / "moda-studio"


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the folders are not from variables")
def test_the_data_moves_to_another_folder_and_the_old_one_goes_when_the_user_says_so(
    tmp_path: Path,
) -> None:
    old, new = own_folder(), tmp_path / "新 folder"
    fill(old, ("apples", "pears"))
    (old / "attachments").mkdir()
    (old / "attachments" / "a.png").write_bytes(b"a picture")
    (old / "mine.txt").write_text("not of the program", encoding="utf-8")
    report = run_child(new, "move")
    assert f"Move the data to {new}?" in report["asked"]
    assert report["after"] == ["apples", "pears"]
    assert (report["data"], report["previous"]) == (str(new), str(old))
    assert str(new) in report["said"]
    assert (new / "attachments" / "a.png").read_bytes() == b"a picture"
    assert "Delete the old data folder?" in report["gone"]
    assert [each.name for each in old.iterdir()] == ["mine.txt"], "what is not ours stays"
    again = locate()
    assert (again.data, again.previous, again.chosen) == (new, None, True)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the folders are not from variables")
def test_a_moved_folder_that_is_away_is_said_and_not_made_anew(tmp_path: Path) -> None:
    away = tmp_path / "away"
    note = locate().note
    assert note is not None
    note.parent.mkdir(parents=True)
    note.write_text(json.dumps({"data": str(away)}), encoding="utf-8")
    report = run_child(tmp_path, "say-own", logged=False)
    assert "The data folder is not there" in report["said"]
    assert str(away) in report["said"]
    assert not (away / "studio.db").exists()
