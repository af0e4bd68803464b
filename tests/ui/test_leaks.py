"""Nothing that was closed stays behind: objects, sessions, tasks, connections."""

from __future__ import annotations

import asyncio
import gc
from collections import Counter
from collections.abc import Awaitable, Callable

import pytest
from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QApplication, QMenu, QMessageBox

from studio.sessions.chat.chats import KEPT_IDLE
from studio.sessions.chat.session import ChatSession
from studio.ui.shell.queue_popover import QueuePopover
from studio.ui.widgets.model_popup import ModelPopup
from studio.ui.widgets.notice import Notice
from studio.ui.widgets.sheet import Sheet
from tests.scripted import said, until
from tests.window_parts import Run, links, visible


async def settle(run: Run) -> None:
    """Until nothing is under way and what was deleted is gone."""
    await until(lambda: run.tasks.count == 0)
    for _ in range(3):
        await asyncio.sleep(0)
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    gc.collect()


def objects(run: Run) -> Counter[str]:
    """Every object below the window, by its class, and every window."""
    found = [*run.window.findChildren(QObject), *QApplication.topLevelWidgets()]
    return Counter(type(each).__name__ for each in found)


def sessions(run: Run) -> int:
    """Conversations of this run that Python holds, wherever they are."""
    found = [each for each in gc.get_objects() if isinstance(each, ChatSession)]
    return sum(each._tasks is run.tasks for each in found)


async def test_fifty_conversations_leave_nothing_behind(run: Run) -> None:
    run.chat.scripts = [said(f"answer {n}") for n in range(200)]
    for number in range(KEPT_IDLE + 2):
        run.ctrl(Qt.Key.Key_N)
        await run.asked(f"question {number}")
    await settle(run)
    before, held = objects(run), sessions(run)
    ids = [each[0] for each in run.studio.histories[run.tab._kind].titles]
    for number in range(25):
        run.ctrl(Qt.Key.Key_N)
        await run.asked(f"another question {number}")
        run.tab.open_conversation(ids[number % len(ids)])
        await until(lambda: run.tasks.count == 0)
    await settle(run)
    assert objects(run) - before == Counter()
    assert held == sessions(run) <= KEPT_IDLE + 2
    assert run.chat.open_streams == 0


async def close_sheets(run: Run) -> None:
    for sheet in visible(run.window, Sheet):
        sheet.close_sheet()


async def close_popups(run: Run) -> None:
    for kind in (QueuePopover, ModelPopup, QMenu):
        for popup in visible(run.window, kind):
            popup.close()
    await run.wake()


async def close_boxes(run: Run) -> None:
    for box in visible(run.window, QMessageBox):
        box.reject()
    await run.wake()


async def take_pictures_away(run: Run) -> None:
    attachments = run.tab.presenter.attachments
    await until(lambda: len(attachments.parts) == 2)
    attachments.remove(attachments.parts)


OPENINGS: dict[str, tuple[Callable[[Run], object], Callable[[Run], Awaitable[None]]]] = {
    "palette": (lambda run: run.window.open_palette(), close_sheets),
    "shortcuts": (lambda run: run.window.open_shortcuts(), close_sheets),
    "welcome": (lambda run: run.window.open_welcome(), close_sheets),
    "settings": (lambda run: run.window.open_settings("account"), close_sheets),
    "queue": (lambda run: run.window.open_queue(), close_popups),
    "models": (lambda run: run.tab.head.picker.open(), close_popups),
    "link": (lambda run: run.window._on_link("https://example.com/"), close_boxes),
    "remark": (lambda run: run.window.say(Notice("Something", "Undo", lambda: None)), close_sheets),
    "pictures": (
        lambda run: run.tab.presenter.attachments.drop(
            links("https://example.com/a.png", "https://example.com/b.png")
        ),
        take_pictures_away,
    ),
}


@pytest.mark.parametrize("name", OPENINGS)
async def test_what_is_opened_and_closed_leaves_nothing_behind(run: Run, name: str) -> None:
    open_it, close_it = OPENINGS[name]
    for _ in range(2):  # what is built once and kept
        open_it(run)
        await close_it(run)
        run.tab.presenter.attachments._dropped_at.invalidate()
    await settle(run)
    before = objects(run)
    for _ in range(5):
        open_it(run)
        await close_it(run)
        run.tab.presenter.attachments._dropped_at.invalidate()
    await settle(run)
    assert objects(run) - before == Counter()


async def test_a_closed_sheet_follows_nothing_any_more(run: Run) -> None:
    for open_it in (run.window.open_welcome, lambda: run.window.open_settings("account")):
        open_it()
        await close_sheets(run)
    run.window.open_queue()
    await close_popups(run)
    await settle(run)
    told: list[object] = []
    run.tasks.failed.connect(told.append)
    # Whatever they listened to speaks: a slot of an object that is gone would be an error.
    run.studio.preferences.change(requests_at_once=2)
    run.studio.account.changed.emit()
    run.studio.service.changed.emit()
    run.studio.request_queue.changed.emit()
    run.studio.catalogue.changed.emit()
    await settle(run)
    assert told == []
