"""A laptop's screen at 150 or 200 %: what one types in is whole, and panels fold."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QRect
from PySide6.QtWidgets import QAbstractButton, QWidget

from studio.ui.look import theme
from tests.scripted import until
from tests.window_parts import Run, named

SIZES = ((640, 400), (910, 470), (960, 500))


def whole(run: Run, widget: QWidget) -> bool:
    """Whether all of a control is within the window."""
    place = QRect(widget.mapTo(run.window, QPoint(0, 0)), widget.size())
    return run.window.rect().contains(place) and widget.isVisible()


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("action", ["tab_chat", "tab_vision"])
async def test_field_and_send_are_whole_on_a_small_screen(
    run: Run, size: tuple[int, int], action: str
) -> None:
    run.window.perform(action)
    run.window.resize(*size)
    assert (run.window.width(), run.window.height()) == size
    await run.wake()
    assert whole(run, run.field)
    assert run.field.height() >= run.field.sizeHint().height()
    assert whole(run, named(run.tab, QAbstractButton, "Send"))


async def test_the_history_folds_where_there_is_no_room_and_comes_when_it_is_wanted(
    run: Run,
) -> None:
    run.window.resize(theme.current().size.window_min_width, 400)
    assert not run.tab.history.isVisible()
    run.window.perform("history")
    assert run.tab.history.isVisible()
    run.window.perform("history")
    assert not run.tab.history.isVisible()
    run.window.resize(1440, 900)
    assert run.tab.history.isVisible(), "that it gave way was no wish"


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
async def test_the_names_of_the_tabs_are_not_cut(run: Run, size: tuple[int, int]) -> None:
    run.window.resize(*size)
    await run.wake()
    tabs = run.window._top.tabs.buttons
    await until(lambda: all(each.width() >= each.sizeHint().width() for each in tabs))
