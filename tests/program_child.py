"""A whole run of the program in a process of its own, on a screen in memory, told what to do.

    python tests/program_child.py DATA say      -> what the window says at the start
    python tests/program_child.py - say-own     -> the same, in the folder of this user
    python tests/program_child.py DATA close    -> closes the window in the middle of two answers
    python tests/program_child.py DATA hurry    -> closes the window before anything is painted
    python tests/program_child.py DATA slot     -> something in a slot goes wrong
    python tests/program_child.py DATA override -> something in an override goes wrong
    python tests/program_child.py DATA restore  -> deletes all, goes back to a backup, and looks
    python tests/program_child.py DATA hasty    -> closes while everything is being exported
    python tests/program_child.py DATA slow     -> what can be done while the history is opened
    python tests/program_child.py NEW move      -> moves this user's data folder to NEW, and looks
    python tests/program_child.py DATA write X  -> drafts everywhere, and the end X: a signal, close
    python tests/program_child.py DATA look     -> the drafts that are there
    python tests/program_child.py DATA broken X -> what can be done where X fails; see `sabotage`

Prints one line of JSON and ends as the program does. The service is scripted, and the SDKs are
not loaded: all else is the program itself.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import importlib
import json
import os
import signal
import sys
import tempfile
import time
import weakref
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import apsw
from PySide6.QtCore import QTimer

from studio.app import main as app
from studio.app import preload
from studio.app.options import Options
from studio.core.capabilities import Capability

CHAT = Capability.CHAT
HOLDER = apsw.Connection(":memory:")
REPORT: dict[str, Any] = {}
FIRST: list[weakref.ref[app.Program]] = []  # the run before the one that followed by itself


def nothing_to_load(imports: object) -> asyncio.Future[None]:
    """Stands for the import of the SDKs, which takes seconds and is measured elsewhere."""
    done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    done.set_result(None)
    return done


async def say(program: app.Program) -> None:
    from tests.scripted import until

    window = program.window
    await until(lambda: program.studio.tasks.count == 0)
    field = window.current_tab.composer.field  # type: ignore[attr-defined]  # the Chat tab
    field.setPlainText("still here")
    REPORT.update(
        said=said_by(window),
        usable=field.isVisible() and field.toPlainText() == "still here",
        listed=len(program.studio.histories[Capability.CHAT].titles),
    )
    window.close()


def said_by(window: Any) -> str:
    from studio.ui.widgets.notice import NoticeBar

    bar = window.findChild(NoticeBar)
    return "" if bar is None or bar.isHidden() else str(bar._text.text())


async def close(program: app.Program) -> None:
    from studio.sessions.states import SessionState
    from tests.scripted import until

    studio, chat = program.studio, program.studio.chats
    studio.request_queue.set_limits(2, 1)
    sessions = [chat.begin(Capability.CHAT, "org/model") for _ in range(2)]
    for session in sessions:
        session.send("a long story")
    await until(lambda: all(each.state is SessionState.STREAMING for each in sessions))
    REPORT.update(ids=[each.conversation.id for each in sessions], began=time.monotonic())
    program.window.close()


async def hurry(program: app.Program) -> None:
    """Nothing to do: the window was closed before the program lived."""


async def slot(program: app.Program) -> None:
    from tests.scripted import until

    def break_down() -> None:
        secret = "what the user wrote"
        raise ValueError(secret)

    QTimer.singleShot(0, break_down)
    await until(lambda: bool(said_by(program.window)))
    await say(program)


async def override(program: app.Program) -> None:
    from PySide6.QtCore import QCoreApplication, QEvent, QObject

    from tests.scripted import until

    class Breaking(QObject):
        def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
            broken: dict[str, bool] = {}
            return event.type() == QEvent.Type.User and broken["what the user wrote"]

    breaking = Breaking()
    program.window.installEventFilter(breaking)
    QCoreApplication.postEvent(program.window, QEvent(QEvent.Type.User))
    await until(lambda: bool(said_by(program.window)))
    program.window.removeEventFilter(breaking)
    await say(program)


async def restore(program: app.Program) -> None:
    from tests.scripted import until

    window: Any = program.window
    studio, rows = program.studio, program.studio.histories[Capability.CHAT]
    await until(lambda: studio.tasks.count == 0)
    if "before" in REPORT:  # the second run, which followed by itself
        REPORT.update(after=sorted(each[1] for each in rows.titles), said=said_by(window))
        REPORT.update(token=studio.account.shown_token, gone=FIRST[0]() is None)
        window.open_settings("data")
        await until(lambda: len(studio.backups.backups) == 3)
        REPORT.update(kept=[each.reason.name for each in studio.backups.backups])
        window.close()
        return
    FIRST.append(weakref.ref(program))
    del os.environ["MODA_STUDIO_TOKEN"]  # from here on only the program has it
    window.perform("back_up")
    await until(lambda: len(studio.backups.backups) == 2)  # the daily one, and this
    for each in rows.titles:
        rows.delete(each[0])
    await until(lambda: rows.rowCount() == 0)
    REPORT.update(before=[each[1] for each in rows.titles])
    window.open_settings("data")
    sheet = window._sheets["settings"]
    await until(lambda: len(sheet.backups.rows) == 2)
    sheet.backups.rows[0].restore.click()
    answer(window, "Restore")


async def move(program: app.Program) -> None:
    from PySide6.QtWidgets import QFileDialog, QMessageBox

    from tests.scripted import until

    window: Any = program.window
    studio, rows = program.studio, program.studio.histories[Capability.CHAT]
    await until(lambda: studio.tasks.count == 0)
    window.open_settings("data")
    card = window._sheets["settings"].data_card
    if "asked" in REPORT:  # the second run
        REPORT.update(after=sorted(each[1] for each in rows.titles), said=said_by(window))
        REPORT.update(data=str(studio.locations.data), previous=str(studio.relocation.previous))
        card.remove_previous.click()
        answer(window, "Delete", "gone")
        await until(lambda: studio.relocation.previous is None)
        window.close()
        return
    card.move_data.click()
    (dialog,) = window.findChildren(QFileDialog)
    dialog.fileSelected.emit(sys.argv[1])
    dialog.reject()
    await until(lambda: bool(window.findChildren(QMessageBox)))
    answer(window, "Move")


async def hasty(program: app.Program) -> None:
    from tests.scripted import until

    studio = program.studio
    await until(lambda: studio.tasks.count == 0)
    target = studio.locations.data / "everything.zip"
    REPORT.update(began_it=studio.transfers.export_everything(target))
    program.window.close()


async def slow(program: app.Program) -> None:
    """Somebody else holds the database for a while."""
    from studio.storage.db.opening import OpeningStep
    from tests.scripted import until

    window, database = program.window, program.studio.database
    field = window.current_tab.composer.field  # type: ignore[attr-defined]  # the Chat tab
    await until(lambda: bool(said_by(window)))
    field.setPlainText("still here")
    pane = window.current_tab.history  # type: ignore[attr-defined]
    REPORT.update(said=said_by(window), empty=pane._empty.text())
    window.perform("settings")
    REPORT.update(usable=field.toPlainText() == "still here", settings=bool(window._sheets))
    REPORT.update(opening=database.stage is OpeningStep.OPENING and not database._opened.done())
    HOLDER.execute("ROLLBACK")
    HOLDER.close()
    await until(lambda: program.studio.tasks.count == 0)
    REPORT.update(after=said_by(window), listed=len(program.studio.histories[CHAT].titles))
    window.close()


async def write(program: app.Program) -> None:
    """Write in every place, wait for a second, and end in the way that is asked for."""
    from tests.scripted import until
    from tests.window_parts import picture

    window: Any = program.window
    await until(lambda: program.studio.tasks.count == 0)
    rows = program.studio.histories[CHAT]
    for title in ("apples", "pears"):
        conversation_id = next(each[0] for each in rows.titles if each[1] == title)
        window.current_tab.open_conversation(conversation_id)
        shown = window.current_tab.presenter
        await until(lambda: shown.session.conversation.id == conversation_id)  # noqa: B023
        window.current_tab.composer.field.setPlainText(f"more about {title}")
    window.perform("new")
    window.current_tab.composer.field.setPlainText("a new 问题\nof two lines")
    window.perform("tab_vision")
    vision = window.current_tab
    vision.presenter.attachments.add_files([picture(program.studio.locations.data / "a.png")])
    await until(lambda: bool(vision.presenter.attachments.parts))
    vision.composer.field.setPlainText("what is this")
    window.perform("tab_images")
    form = window.current_tab._form
    form._prompt.set_text("a red boat")
    form._negative.set_text("people")
    form._size.set_sides(640, 480)
    form._seed.set_value(7, locked=True)
    form._steps.set_value(12)
    form._guidance.set_value(2.5)
    await asyncio.sleep(1.0)
    if sys.argv[3] == "close":
        window.close()
    else:
        os.kill(os.getpid(), getattr(signal, sys.argv[3]))


async def look(program: app.Program) -> None:
    from tests.scripted import until

    window: Any = program.window
    await until(lambda: program.studio.tasks.count == 0)
    rows = program.studio.histories[CHAT]
    window.perform("tab_chat")
    REPORT.update(new=window.current_tab.composer.text)
    for title in ("apples", "pears"):
        conversation_id = next(each[0] for each in rows.titles if each[1] == title)
        window.current_tab.open_conversation(conversation_id)
        await until(lambda: window.current_tab.presenter.session.conversation.title == title)  # noqa: B023
        REPORT.update({title: window.current_tab.composer.text})
    window.perform("tab_vision")
    vision = window.current_tab
    names = [each.name for each in vision.presenter.attachments.parts]
    REPORT.update(vision=vision.composer.text, pictures=names)
    window.perform("tab_images")
    REPORT.update(images=dataclasses.asdict(window.current_tab._form.draft()))
    window.close()


async def broken(program: app.Program) -> None:
    """What is said, and what can be done all the same, where a part of the start fails."""
    from PySide6.QtWidgets import QLabel, QLineEdit, QPlainTextEdit, QTextEdit

    from tests.scripted import until

    window: Any = program.window
    await until(lambda: program.studio.tasks.count == 0)
    shown = {each.text() for each in window.findChildren(QLabel) if each.isVisible()}
    written: list[bool] = []
    for action in ("tab_chat", "tab_vision", "tab_images"):
        window.perform(action)
        tab = window.current_tab
        fields = [*tab.findChildren(QPlainTextEdit), *tab.findChildren(QTextEdit)]
        shown |= {each.text() for each in window.findChildren(QLabel) if each.isVisible()}
        for field in fields[:1]:
            field.setPlainText("still here")
        written.append(any(field.toPlainText() == "still here" for field in fields))
    with contextlib.suppress(ImportError):
        window.perform("settings")
    opened = [each for each in window.findChildren(QLineEdit) if each.isVisible()]
    REPORT.update(shown=sorted(shown), written=written, settings=bool(opened))
    REPORT.update(said=said_by(window))
    window.close()


def sabotage(what: str) -> None:
    """Make a part of the program fail: `module:name` raises, `module` alone cannot be loaded,
    `/file` is a resource whose content makes no sense, `/file-` one that is missing."""
    from studio import assets

    if what.startswith("/"):
        folder, found = Path(tempfile.mkdtemp()), assets.resource
        if not what.endswith("-"):
            (folder / Path(what).name).write_bytes(b"\xff\x00 = [[")
        spoilt = what.strip("/-")
        assets.resource = lambda name: folder / Path(name).name if name == spoilt else found(name)
        return
    module, _, name = what.partition(":")
    if not name:
        sys.modules[module] = None  # type: ignore[assignment]  # how an import is made to fail
        return

    def fail(*_: object, **__: object) -> None:
        raise LookupError("broken by the test")

    owner: Any = importlib.import_module(module)
    *path, last = name.split(".")
    for each in path:
        owner = getattr(owner, each)
    setattr(owner, last, fail)


def answer(window: Any, words: str, noted: str = "asked") -> None:
    """Press a button of the question that is asked."""
    from PySide6.QtWidgets import QMessageBox

    (box,) = window.findChildren(QMessageBox)
    REPORT.update({noted: f"{box.text()} {box.informativeText()}"})
    next(button for button in box.buttons() if button.text() == words).click()


STORIES: dict[str, Callable[[app.Program], Coroutine[Any, Any, None]]] = {
    "say": say,
    "say-own": say,
    "close": close,
    "slot": slot,
    "override": override,
    "hurry": hurry,
    "restore": restore,
    "move": move,
    "hasty": hasty,
    "broken": broken,
    "slow": slow,
    "write": write,
    "look": look,
}


def main(folder: Path, story: str) -> int:
    """Run the program once."""
    from studio.core.stream import TextDelta
    from tests.scripted import ScriptedBuilders, ScriptedChat
    from tests.window_parts import ScriptedLate

    held = asyncio.Event()
    chat = ScriptedChat([[TextDelta("once upon a "), TextDelta("time"), held] for _ in range(2)])
    builders = ScriptedBuilders(chat=chat)

    class Told(app.Program):
        async def live(self) -> None:
            from studio.sessions.requests.tasks import TaskGroup

            self.teller = TaskGroup()
            self.teller.start(STORIES[story](self), story)
            self.teller.failed.connect(self.give_up)
            await super().live()

        def give_up(self, error: object) -> None:
            print(error, file=sys.stderr)
            self.window.close()

        def paint(self) -> None:
            if story == "hurry":
                QTimer.singleShot(0, self.window.close)
            super().paint()

    for place, name, stand_in in (
        (app, "Late", lambda locations, _: ScriptedLate(locations.data, builders)),
        (app, "Program", Told),
        (preload, "preload", nothing_to_load),
    ):
        setattr(place, name, stand_in)
    if story == "slow":
        HOLDER.execute(f"ATTACH '{folder / 'studio.db'}' AS held")
        HOLDER.execute("PRAGMA held.locking_mode=EXCLUSIVE")
        HOLDER.execute("BEGIN IMMEDIATE")
        HOLDER.execute("INSERT INTO held.meta VALUES ('held', 'a moment')")
    if story == "broken":
        sabotage(sys.argv[3])
    code = app.run(Options(data_dir=None if story in ("move", "say-own") else folder))
    if "began" in REPORT:
        REPORT.update(seconds=time.monotonic() - REPORT.pop("began"))
    REPORT.update(open_streams=chat.open_streams)
    print(json.dumps(REPORT))
    return code


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2]))
