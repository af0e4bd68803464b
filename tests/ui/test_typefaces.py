"""The layouts hold with whatever font a machine has: narrow, wide and wider than any of them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import system_packages
from PySide6.QtCore import QCoreApplication, QSize
from PySide6.QtGui import QFont, QFontDatabase, QFontMetrics
from PySide6.QtWidgets import (
    QAbstractButton,
    QComboBox,
    QLabel,
    QPushButton,
    QScrollArea,
    QStyle,
    QStyleOptionButton,
    QWidget,
)

from studio.core import settings
from studio.core.hosts import OtherHost
from studio.core.settings import Language
from studio.ui.look import theme
from studio.ui.settings.dialog import SettingsSheet
from studio.ui.shell import tabs
from studio.ui.widgets.controls import ElidedLabel
from tests.scripted import said, until
from tests.window_parts import SMALLEST, Run, child, click, picture

# The font of a machine that has no other, the one that dev.py installs, the one that draws
# Chinese, and none that exists: an eighth wider than the first, which is as wide as Verdana.
FACES = ("DejaVu Sans", "Noto Sans", "Noto Sans CJK SC", "wider")

Cut = tuple[str, QSize, QSize]  # words, the size there is, the size they need


@pytest.fixture(params=FACES)
def face(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The interface speaks in this font until the test is over."""
    name = str(request.param)
    family = "DejaVu Sans" if name == "wider" else name
    if family not in QFontDatabase.families():
        assert not system_packages.on_debian(), f"dev.py installs {family}"
        pytest.skip(f"{family} is not here")

    def font(pixels: int, weight: QFont.Weight) -> QFont:
        made = QFont()
        made.setFamilies([family, "Noto Sans CJK SC"])
        made.setPixelSize(pixels)
        made.setWeight(weight)
        if name == "wider":
            made.setLetterSpacing(QFont.SpacingType.PercentageSpacing, 112.5)
        return made

    monkeypatch.setattr(theme, "_ui_font", font)
    yield name


def cut(root: QWidget) -> list[Cut]:
    """Labels and controls whose words do not fit."""
    found = []
    worded: list[QLabel | QAbstractButton | QComboBox] = [
        *root.findChildren(QLabel),
        *root.findChildren(QAbstractButton),
        *root.findChildren(QComboBox),
    ]
    for widget in worded:
        words = widget.currentText() if isinstance(widget, QComboBox) else widget.text()
        if not widget.isVisible() or not words or isinstance(widget, ElidedLabel):
            continue
        need = widget.sizeHint()
        if isinstance(widget, QLabel) and widget.wordWrap():
            longest_word = widget.minimumSizeHint().width()
            need = QSize(longest_word, widget.heightForWidth(widget.width()))
        if isinstance(widget, QPushButton) and widget.isCheckable():
            need = need.expandedTo(QSize(bold_width(widget), 0))
        if need.width() > widget.width() + 1 or need.height() > widget.height() + 2:
            found.append((words, widget.size(), need))
    for area in root.findChildren(QScrollArea):
        # Pages scroll up and down only: what is wider than its place has its end cut off.
        page, place = area.widget(), area.viewport().size()
        if page is not None and area.isVisible() and page.width() > place.width():
            found.append((type(area).__name__, place, page.size()))
    return found


def bold_width(button: QPushButton) -> int:
    """How wide a button has to be for its words in bold, which mark the one that is chosen."""
    option = QStyleOptionButton()
    button.initStyleOption(option)
    inside = button.style().subElementRect(QStyle.SubElement.SE_PushButtonContents, option, button)
    bold = QFont(button.font())
    bold.setWeight(QFont.Weight.DemiBold)
    icon = 0 if button.icon().isNull() else button.iconSize().width() + 4
    words = QFontMetrics(bold).horizontalAdvance(button.text())
    return button.width() - inside.width() + icon + words


async def settled_cuts(root: QWidget) -> list[Cut]:
    """What stays cut: sizes on disk come in meanwhile, and layouts take turns to come to rest."""
    found: list[Cut] = []
    for turn in range(50):
        QCoreApplication.sendPostedEvents()
        await asyncio.sleep(0)
        found = cut(root)
        if turn > 2 and not found:
            break
    return found


def only(found: dict[str, list[Cut]]) -> dict[str, list[Cut]]:
    """The places where something is cut."""
    return {place: cuts for place, cuts in found.items() if cuts}


@pytest.mark.parametrize("spoken", [Language.ENGLISH, Language.CHINESE])
async def test_no_words_are_cut_in_the_smallest_window(
    face: str,
    spoken: Language,
    language: Callable[[Language], None],
    run: Run,
    tmp_path: Path,
) -> None:
    language(spoken)
    run.window.resize(*SMALLEST)
    found = {}
    for index, tab in enumerate(tabs.TABS):
        run.window.show_tab(index)
        if tab.id == "vision":
            run.drop(picture(tmp_path / "3.png"))
            await until(lambda: bool(run.tab.presenter.attachments.parts))
        found[tab.id] = await settled_cuts(run.window)
    run.window.open_welcome()
    found["welcome"] = await settled_cuts(run.window)
    for page, _ in settings.PAGES:
        run.window.open_settings(page)
        found[page] = await settled_cuts(run.window)
    openings = (run.window.open_palette, run.window.open_shortcuts, run.window.open_queue)
    for opening in openings:
        opening()
        found[opening.__name__] = await settled_cuts(run.window)
    assert run.window.size().toTuple() == SMALLEST
    assert only(found) == {}


@pytest.mark.parametrize("spoken", [Language.ENGLISH, Language.CHINESE])
async def test_no_words_are_cut_in_what_opens_within_the_settings(
    face: str, spoken: Language, language: Callable[[Language], None], run: Run
) -> None:
    language(spoken)
    run.chat.scripts = [said("Quite so.")]
    await run.asked("1")
    run.window.resize(*SMALLEST)
    run.window.open_settings("hosts")
    sheet = child(run.window, SettingsSheet)
    page = sheet.hosts_page
    page.form.begin(OtherHost("Beside the door", "http://192.168.1.10:8080/v1", plain_http=True))
    page.form.show()
    found = {"host": await settled_cuts(run.window)}
    page.form.address.setText("no address at all")
    click(page.form.save_button)
    found["wrong host"] = await settled_cuts(run.window)
    sheet.show_page("data")
    click(sheet.backups.back_up)
    await until(lambda: len(sheet.backups.rows) == 1)
    found["backups"] = await settled_cuts(run.window)
    assert only(found) == {}
