"""One sees where the keyboard is, on every stop of every screen; a click shows no ring."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from studio.core.settings import Appearance
from studio.ui.settings.dialog import SettingsSheet
from studio.ui.widgets.sheet import Sheet
from tests.ui.screens import screens
from tests.window_parts import Run, click

NEAR = 20  # the frame of a field is around it
LEAST = 40  # pixels that change; a text cursor alone is fewer
CONTRAST = 1.9  # of the ring against what was there: the accent on the dark ground reaches 2.6


def luminance(colour: QColor) -> float:
    """As WCAG counts it."""
    parts = []
    for part in (colour.redF(), colour.greenF(), colour.blueF()):
        parts.append(part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4)
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def _line(image: QImage, y: int) -> bytes:
    scanned: Any = image.constScanLine(y)
    return bytes(scanned)


def changed(now: QImage, before: QImage, place: QRect) -> int:
    """Pixels that clearly differ."""
    known: dict[tuple[int, int], bool] = {}
    count = 0
    span = slice(4 * place.left(), 4 * (place.right() + 1))
    for y in range(place.top(), place.bottom() + 1):
        if _line(now, y)[span] == _line(before, y)[span]:
            continue
        for x in range(place.left(), place.right() + 1):
            pair = (now.pixel(x, y), before.pixel(x, y))
            if pair[0] == pair[1]:
                continue
            if pair not in known:
                light, dark = sorted((luminance(QColor(p)) for p in pair), reverse=True)
                known[pair] = (light + 0.05) / (dark + 0.05) >= CONTRAST
            count += known[pair]
    return count


def tour(root: QWidget, most: int = 60) -> list[tuple[QWidget, QRect, QImage]]:
    """Each stop of Tab: where it is, and the screen while it has the keyboard."""
    found: list[tuple[QWidget, QRect, QImage]] = []
    seen: set[QWidget] = set()
    for _ in range(most):
        QTest.keyClick(QApplication.focusWidget() or root, Qt.Key.Key_Tab)
        now = QApplication.focusWidget()
        assert now is not None
        if now in seen:
            break
        seen.add(now)
        place = QRect(now.mapTo(root, QPoint()), now.size())
        near = place.adjusted(-NEAR, -NEAR, NEAR, NEAR).intersected(root.rect())
        found.append((now, near, root.grab().toImage()))
    return found


def unseen(root: QWidget) -> list[str]:
    """Stops that look as if the keyboard was not there."""
    stops = tour(root)
    found = []
    for now, near, image in stops:
        away = max(
            stops, key=lambda other: (other[1].center() - near.center()).manhattanLength()
        )  # whose own ring is not near
        if away[0] is not now and changed(image, away[2], near) < LEAST:
            found.append(f"{type(now).__name__} {now.accessibleName()!r}")
    return found


@pytest.mark.parametrize("looks", [Appearance.LIGHT, Appearance.DARK])
async def test_one_sees_on_every_screen_which_control_has_the_keyboard(
    run: Run, tmp_path: Path, looks: Appearance
) -> None:
    run.studio.preferences.change(appearance=looks)
    found = {}
    async for name, root in screens(run, tmp_path):
        if looks is Appearance.DARK and isinstance(root, Sheet):
            break  # the same controls again
        if root is run.window or not root.isWindow():  # offscreen, popovers get no keys
            found[name] = unseen(root)
    assert {name: stops for name, stops in found.items() if stops} == {}


def _rings(widget: QWidget) -> list[QImage]:
    """How a widget looks without the keyboard, after a click, and when Tab came to it."""
    looks = []
    for reason in (None, Qt.FocusReason.MouseFocusReason, Qt.FocusReason.TabFocusReason):
        if reason is None:
            widget.clearFocus()
        else:
            widget.clearFocus()
            widget.setFocus(reason)
        looks.append(widget.grab().toImage())
    return looks


async def test_a_click_on_the_history_shows_no_ring_and_the_first_key_does(run: Run) -> None:
    await run.asked("one")
    rows = run.tab.history.list
    click(rows.viewport(), rows.visualRect(rows.model().index(1, 0)).center())
    away, clicked, tabbed = _rings(rows)
    everything = clicked.rect()
    assert changed(clicked, away, everything) < LEAST < changed(tabbed, clicked, everything)
    rows.clearFocus()
    rows.setFocus(Qt.FocusReason.MouseFocusReason)
    QTest.keyClick(rows, Qt.Key.Key_Down)
    assert changed(rows.grab().toImage(), clicked, everything) > LEAST


async def test_a_page_of_the_settings_that_was_clicked_shows_no_ring(run: Run) -> None:
    run.window.open_settings("data")
    (sheet,) = run.window.findChildren(SettingsSheet)
    away, clicked, tabbed = _rings(sheet.page_button("data"))
    assert away == clicked
    assert clicked != tabbed
