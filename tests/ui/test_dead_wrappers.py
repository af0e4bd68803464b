"""No wrapper of Python's outlives what it stands for.

PySide knows an object of Qt by its address. A wrapper whose object is gone stands for whatever Qt
makes there next, and is destroyed in its place: the program dies at some later moment. It happens
to what is no QObject and is kept for another's sake, as the items of layouts.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest
import shiboken6
from PySide6.QtCore import QEvent, QMetaObject, QObject, Qt
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import (
    QApplication,
    QHBoxLayout,
    QLabel,
    QLayout,
    QLayoutItem,
    QVBoxLayout,
    QWidget,
)

from studio.core.images import ImageRequest
from studio.core.settings import PAGES
from studio.ui.images.queue import JobRow, QueuePanel
from studio.ui.look.icons import _GlyphEngine, icon
from studio.ui.settings.dialog import SettingsSheet
from tests.scripted import said, until
from tests.ui.test_leaks import OPENINGS, settle
from tests.window_parts import Run


def of_others() -> list[QLayoutItem]:
    """Wrappers of items that are Qt's; a layout is a QObject, and those tell of their end."""
    return [
        each
        for each in shiboken6.getAllValidWrappers()
        if isinstance(each, QLayoutItem)
        and not isinstance(each, QObject)
        and not shiboken6.ownedByPython(each)
    ]


def addresses(layout: QLayout) -> Iterator[int]:
    """Where the items below a layout are."""
    for index in range(layout.count()):
        item = layout.itemAt(index)
        assert item is not None
        yield from shiboken6.getCppPointer(item)
        inner = item.layout()
        if inner is not None:
            yield from addresses(inner)


def dead() -> int:
    """How many wrappers stand for items that are in no layout. It makes new ones: look once."""
    known = [shiboken6.getCppPointer(each)[0] for each in of_others()]
    living: set[int] = set()
    for each in QApplication.allWidgets():
        layout = each.layout()
        if layout is not None:
            living |= set(addresses(layout))
    return sum(at not in living for at in known)


def test_a_wrapper_of_an_item_outlives_it(qtbot: object) -> None:
    # What the tests below look for, made on purpose.
    page = QWidget()
    inner, outer = QHBoxLayout(), QVBoxLayout(page)
    words = QLabel("words")
    inner.addWidget(words)
    outer.addLayout(inner)  # asks for the items within
    assert dead() == 0
    words.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    assert dead() == 1
    page.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


async def test_orders_come_and_go_in_the_queue(run: Run) -> None:
    run.window.show_tab(2)
    await run.wake()
    (panel,) = run.window.findChildren(QueuePanel)
    assert panel.isVisible()
    before = len(of_others())
    painting = run.studio.painting
    for number in range(40):
        painting.generate(ImageRequest("org/model", f"a picture, number {number}"))
        await until(lambda: len(panel.findChildren(JobRow)) == 1)
        await until(lambda: run.tasks.count == 0)
        for job in painting.jobs:
            painting.remove(job.id)
        await until(lambda: not painting.jobs and run.tasks.count == 0)
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    assert len(of_others()) == before


async def use_all(run: Run) -> None:
    """Go through tabs, sheets, pages and rows, twice, as they are built and as they change."""
    run.chat.scripts = [said(f"answer {n}") for n in range(20)]
    for _ in range(2):
        run.window.show_tab(0)
        for number in range(3):
            run.ctrl(Qt.Key.Key_N)
            await run.asked(f"question {number}")
        for open_it, close_it in OPENINGS.values():
            open_it(run)
            await run.wake()
            await close_it(run)
            run.tab.presenter.attachments._dropped_at.invalidate()
        for page, _ in PAGES:
            run.window.open_settings(page)
            await run.wake()
            (sheet,) = [each for each in run.window.findChildren(SettingsSheet) if each.isVisible()]
            for usage in (7, 30, 1):
                run.studio.preferences.change(requests_at_once=1 + usage % 2)
            sheet.close_sheet()
        for index in (1, 2, 0):
            run.window.show_tab(index)
            await run.wake()
        run.window.perform("switch_language")
        run.window.perform("switch_theme")
        await settle(run)


async def test_all_of_the_window_is_used_and_no_wrapper_is_left_dead(run: Run) -> None:
    others = len(of_others())
    await use_all(run)
    assert dead() <= others


async def test_nothing_of_qts_is_held_but_what_tells_of_its_end(run: Run) -> None:
    await use_all(run)
    gc.collect()
    held = {
        type(each)
        for each in shiboken6.getAllValidWrappers()
        if not isinstance(each, (QObject, QEvent)) and not shiboken6.ownedByPython(each)
    }
    # Descriptions of classes, which stay, and engines of ours, which are kept on purpose.
    assert held - {type(each) for each in of_others()} <= {QMetaObject, _GlyphEngine}


@pytest.mark.usefixtures("qtbot")
def test_an_icon_that_qt_copies_is_still_drawn() -> None:
    copied = [QIcon(icon("x")) for _ in range(50)]
    for each in copied:
        each.setIsMask(True)  # which makes an engine of its own
    assert all(not each.pixmap(16, 16).isNull() for each in copied)
