"""Every screen of the window, one after another, for tests of what holds on all of them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

from PySide6.QtWidgets import QApplication, QDialog, QWidget

from studio.core.settings import PAGES
from studio.ui.shell.queue_popover import QueuePopover
from studio.ui.widgets.sheet import Sheet
from tests.scripted import said, until
from tests.window_parts import Run, picture, visible

TABS = ("tab_chat", "tab_vision", "tab_images")


async def screens(run: Run, folder: Path) -> AsyncIterator[tuple[str, QWidget]]:
    """Each screen by a name, and what is seen of it alone."""
    run.chat.scripts = [said("```python\nprint()\n```"), said("ok"), said("ok")]
    for tab in TABS:
        run.window.perform(tab)
        await run.wake()
        yield f"{tab}, empty", run.window
    run.window.perform("tab_vision")
    run.drop(picture(folder / "cat.png"))
    await until(lambda: bool(run.tab.presenter.attachments.parts))
    await run.wake()
    await asyncio.sleep(0.05)  # the card is laid out
    yield "a picture to be asked about", run.window
    for tab in ("tab_vision", "tab_chat"):
        run.window.perform(tab)
        await run.asked("hello")
        run.window.perform("find")
        await run.wake()
        yield f"{tab}, a conversation", run.window
    async for each in _sheets(run):
        yield each
    async for each in _windows(run):
        yield each


async def _sheets(run: Run) -> AsyncIterator[tuple[str, QWidget]]:
    window, tools = run.window, run.tab.history.tools
    assert tools is not None
    ways: dict[str, Callable[[], object]] = {
        "palette": window.open_palette,
        "shortcuts": window.open_shortcuts,
        "welcome": window.open_welcome,
        "export": lambda: window.perform("export"),
        "trash": tools.open_trash,
        "code": lambda: run.tab.presenter._on_message_action("show_code", ""),
        **{f"settings, {page}": _settings(run, page) for page, _ in PAGES},
    }
    for name, open_it in ways.items():
        open_it()
        await run.wake()
        (sheet,) = visible(window, Sheet)
        yield name, sheet
        sheet.close_sheet()


def _settings(run: Run, page: str) -> Callable[[], object]:
    return lambda: run.window.open_settings(page)


async def _windows(run: Run) -> AsyncIterator[tuple[str, QWidget]]:
    """What opens above the window: popovers, and questions for one line."""
    run.window.open_queue()
    popover = next(w for w in QApplication.topLevelWidgets() if isinstance(w, QueuePopover))
    yield "queue", popover
    popover.close()
    run.tab.head.picker.open()
    popup = QApplication.activePopupWidget()
    assert popup is not None
    yield "models", popup
    popup.close()
    tools = run.tab.history.tools
    assert tools is not None
    questions: dict[str, Callable[[], object]] = {
        "rename": lambda: tools.verbs.rename(run.session.conversation.id, "hello"),
        "address": run.tab.presenter.attachments.ask_address,
    }
    for name, ask in questions.items():
        ask()
        (dialog,) = visible(run.window, QDialog)
        yield name, dialog
        dialog.reject()
        await until(lambda: not visible(run.window, QDialog))
