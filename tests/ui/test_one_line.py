"""What is read, what invites and what is written stand on one line, and stay there."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QPushButton, QWidget

from studio.ui.chat.drop_zone import DropZone
from studio.ui.widgets.empty_chat import EmptyChat, SampleCards
from tests.every_screen import settle
from tests.scripted import said, until
from tests.window_parts import Run, child

# From the smallest window over those where panels fold to the one that the column fits in.
WIDTHS = (640, 800, 900, 1000, 1100, 1300, 1366, 1440, 1920)


@pytest.fixture(params=WIDTHS)
async def run(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Run]:
    """A window of some width."""
    made = Run(tmp_path / "data")
    await made.begin((request.param, 900))
    yield made
    await made.quit()


def edges(run: Run, widget: QWidget) -> tuple[int, int]:
    """Where a widget begins and ends, in pixels of the window."""
    left = widget.mapTo(run.window, QPoint(0, 0)).x()
    return left, left + widget.width()


def column(run: Run) -> tuple[int, int]:
    """Where what is read begins and ends."""
    view = run.tab.presenter.view
    left = view.viewport().mapTo(run.window, QPoint(view.column_x, 0)).x()
    return left, left + view.stage.width


async def test_cards_and_import_begin_where_the_message_field_does(run: Run) -> None:
    await settle()
    field = edges(run, run.tab.composer)
    page = child(run.window, EmptyChat)
    assert edges(run, child(page, SampleCards)) == field
    assert edges(run, page.findChildren(QPushButton)[-1])[0] == field[0]


async def test_the_place_for_pictures_begins_where_the_message_field_does(run: Run) -> None:
    run.window.perform("tab_vision")
    await settle()
    assert edges(run, child(run.tab, DropZone)) == edges(run, run.tab.composer)


async def test_nothing_jumps_when_the_scroll_bar_comes(run: Run) -> None:
    run.chat.scripts = [said("short"), said("long\n\n" * 80)]
    await run.asked("1")
    bar = run.tab.presenter.view.verticalScrollBar()
    await settle()
    assert bar.maximum() == 0
    before = column(run), edges(run, run.tab.composer)
    assert before[0] == before[1], "what is read and what is written"
    await run.asked("2")
    await until(lambda: bar.maximum() > 0)  # the view shows it with its next frame
    await settle()
    assert (column(run), edges(run, run.tab.composer)) == before


async def test_the_cards_stand_still_when_a_low_window_makes_them_scroll(run: Run) -> None:
    await settle()
    before = edges(run, child(run.window, SampleCards))
    run.window.resize(run.window.width(), 400)
    await settle()
    assert edges(run, child(run.window, SampleCards)) == before
