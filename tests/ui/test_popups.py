"""What opens above the window has round corners, with and without a compositor."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QAbstractButton, QApplication, QLineEdit, QWidget

from studio.ui.history.menu import ground_menu
from studio.ui.shell.queue_popover import QueuePopover
from studio.ui.widgets import corners
from tests.window_parts import Run, named

Open = Callable[[Run], QWidget]


def _models(run: Run) -> QWidget:
    run.tab.head.picker.open()
    return _popup()


def _queue(run: Run) -> QWidget:
    run.window.open_queue()
    return next(w for w in QApplication.topLevelWidgets() if isinstance(w, QueuePopover))


def _protocol(run: Run) -> QWidget:
    return _menu_of(run.tab.head, "Interface: OpenAI-compatible")


def _more(run: Run) -> QWidget:
    return _menu_of(run.tab.head, "More")


def _history(run: Run) -> QWidget:
    tools = run.tab.history.tools
    assert tools is not None
    menu = ground_menu(run.tab.history, tools.verbs, lambda menu: None)
    menu.popup(QPoint(100, 100))
    return menu


def _menu_of(root: QWidget, name: str) -> QWidget:
    button = named(root, QAbstractButton, name)
    menu = getattr(button, "menu", lambda: None)()
    if menu is None:
        button.click()
        return _popup()
    menu.popup(QPoint(100, 100))
    return _popup()


def _popup() -> QWidget:
    found = QApplication.activePopupWidget()
    assert found is not None
    return found


ALL = pytest.mark.parametrize("open_it", [_models, _queue, _protocol, _more, _history])


def drawn(widget: QWidget) -> QImage:
    """What a widget paints on nothing."""
    image = QImage(widget.size(), QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    widget.render(painter, QPoint())
    painter.end()
    return image


@ALL
async def test_the_corners_let_through_what_is_behind_them(run: Run, open_it: Open) -> None:
    popup = open_it(run)
    assert popup.testAttribute(Qt.WidgetAttribute.WA_TranslucentBackground)
    image = drawn(popup)
    right, bottom = image.width() - 1, image.height() - 1
    corners_of = [(0, 0), (right, 0), (0, bottom), (right, bottom)]
    assert [image.pixelColor(*place).alpha() for place in corners_of] == [0, 0, 0, 0]
    assert image.pixelColor(right // 2, bottom).alpha() == 255
    popup.close()


@ALL
async def test_without_a_compositor_the_corners_are_cut_off(
    run: Run, open_it: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(corners, "_sees_through", lambda: False)
    for menu in run.tab.head.findChildren(corners.Menu):  # made before
        corners.round_off(menu, 8)
        menu.resize(menu.size().grownBy(menu.contentsMargins()))
    popup = open_it(run)
    popup.resize(popup.width(), popup.height() + 1)
    mask, right = popup.mask(), popup.width() - 1
    assert not mask.contains(QPoint(0, 0))
    assert not mask.contains(QPoint(right, 0))
    assert mask.contains(QPoint(right // 2, 0))
    popup.close()


def test_no_menu_is_made_without_its_corners() -> None:
    root = Path(__file__).parents[2] / "studio"
    found = [p.name for p in root.rglob("*.py") if "= QMenu(" in p.read_text("utf-8")]
    assert found == []


async def test_a_popover_gives_the_keyboard_back_to_the_field_and_no_button_has_a_ring(
    run: Run,
) -> None:
    run.field.setFocus()
    for open_it in (_models, _protocol, _more, _queue):
        popup = open_it(run)
        popup.close()
        await run.wake()
        focus = QApplication.focusWidget()
        assert focus is run.field or isinstance(focus, QLineEdit), open_it
