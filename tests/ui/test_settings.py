"""The settings: every field of core on its page, working, and saying what is wrong in place."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, Qt, QTranslator
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QLabel,
    QLineEdit,
    QMainWindow,
    QSpinBox,
    QWidget,
)
from pytestqt.qtbot import QtBot

from studio.core.credits import Balance
from studio.core.settings import PAGES, SPECS, Appearance, Language, ProxyMode, Settings, Spec
from studio.sessions.account.account import TokenPlace, TokenState
from studio.ui.look import theme
from studio.ui.look.text import byte_size
from studio.ui.settings.dialog import SettingsSheet
from studio.ui.settings.fields import CHOICES, SettingRow
from studio.ui.widgets.controls import Segments
from studio.ui.widgets.switch import Switch
from tests.account_parts import TOKEN, Rig, rig, settled, until

LEFT = Qt.MouseButton.LeftButton
SHOWN = SPECS


class Marked(QTranslator):
    """A language in which every text is «marked»."""

    def isEmpty(self) -> bool:
        return False

    def translate(
        self, context: str, text: str, disambiguation: str | None = None, n: int = -1
    ) -> str:
        return f"«{text}»"


@pytest.fixture
def marked() -> Iterator[Marked]:
    """The marked language, installed by the test when it wants it."""
    translator = Marked()
    yield translator
    QCoreApplication.removeTranslator(translator)


@pytest.fixture
def window(qtbot: QtBot) -> QMainWindow:
    """A window to open the sheet over."""
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    app.setStyle("Fusion")
    theme.apply(app, theme.LIGHT)
    made = QMainWindow()
    made.resize(1200, 800)
    qtbot.addWidget(made)
    made.show()
    return made


def opened(parts: Rig, window: QMainWindow, page: str = "account") -> SettingsSheet:
    """The sheet at a page."""
    sheet = SettingsSheet(parts, window)
    sheet.show_page(page)
    sheet.open()
    return sheet


def row_of(sheet: SettingsSheet, name: str) -> SettingRow:
    """The row of a setting, on its page."""
    page = next(spec.page for spec in SHOWN if spec.name == name)
    sheet.show_page(page)
    return sheet.card(page).row(name)


def line_of(row: SettingRow) -> QLineEdit:
    """The text field of a row."""
    assert isinstance(row.control, QLineEdit)
    return row.control


def test_every_page_that_a_field_names_is_there() -> None:
    assert {spec.page for spec in SHOWN} <= {page for page, _ in PAGES}


def test_every_choice_has_words() -> None:
    kinds = {type(spec.default) for spec in SHOWN if isinstance(spec.default, StrEnum)}
    assert kinds <= set(CHOICES)
    for kind in kinds:
        assert set(CHOICES[kind]) == set(kind)


@pytest.mark.parametrize("spec", SHOWN, ids=[spec.name for spec in SHOWN])
async def test_every_setting_is_shown_and_can_be_changed(
    tmp_path: Path, window: QMainWindow, spec: Spec
) -> None:
    settings = Settings(proxy_mode=ProxyMode.OWN)  # so that no row is switched off
    parts = rig(tmp_path, settings=settings)
    sheet = opened(parts, window)
    row = row_of(sheet, spec.name)
    before = getattr(settings, spec.name)
    control = row.control
    assert control.isVisible()
    assert control.isEnabled()
    assert control.accessibleName()
    if isinstance(control, Switch):
        QTest.mouseClick(control, LEFT)
    elif isinstance(control, Segments):
        other = next(index for index in range(len(control.buttons)) if index != control.index)
        QTest.mouseClick(control.buttons[other], LEFT)
    elif isinstance(control, QSpinBox):
        control.setFocus()
        QTest.keyClick(control, Qt.Key.Key_Up)
    else:
        file = tmp_path / "own.pem"
        file.write_text("a certificate")
        line_of(row).setFocus()
        text = str(file) if spec.name.endswith("_file") else "socks5://127.0.0.1:1080"
        QTest.keyClicks(line_of(row), text)
        QTest.keyClick(line_of(row), Qt.Key.Key_Return)
    assert getattr(parts.preferences.settings, spec.name) != before
    assert row.problem == ""
    await settled()


@pytest.mark.parametrize(
    "spec", [spec for spec in SHOWN if spec.low is not None], ids=lambda spec: spec.name
)
async def test_a_number_out_of_its_range_cannot_be_set(
    tmp_path: Path, window: QMainWindow, spec: Spec
) -> None:
    parts = rig(tmp_path)
    row = row_of(opened(parts, window), spec.name)
    assert isinstance(row.control, QSpinBox)
    row.control.setFocus()
    row.control.selectAll()
    QTest.keyClicks(row.control, "99999")
    QTest.keyClick(row.control, Qt.Key.Key_Return)
    value = getattr(parts.preferences.settings, spec.name)
    assert spec.low is not None
    assert spec.high is not None
    assert spec.low <= value <= spec.high
    await settled()


async def test_the_address_of_a_proxy_counts_only_for_an_own_one(
    tmp_path: Path, window: QMainWindow
) -> None:
    parts = rig(tmp_path)
    sheet = opened(parts, window)
    row = row_of(sheet, "proxy_url")
    assert not row.isEnabled()
    mode = row_of(sheet, "proxy_mode").control
    assert isinstance(mode, Segments)
    QTest.mouseClick(mode.buttons[list(ProxyMode).index(ProxyMode.OWN)], LEFT)
    assert row.isEnabled()
    await settled()


@pytest.mark.parametrize("text", ["ftp://host", "http://", "socks5://a b", "http://host:99999"])
async def test_an_address_no_proxy_can_have_is_told_and_not_taken(
    tmp_path: Path, window: QMainWindow, text: str
) -> None:
    parts = rig(tmp_path, settings=Settings(proxy_mode=ProxyMode.OWN))
    row = row_of(opened(parts, window), "proxy_url")
    line = line_of(row)
    line.setFocus()
    QTest.keyClicks(line, text)
    QTest.keyClick(line, Qt.Key.Key_Return)
    assert row.problem.startswith("A proxy's address looks like")
    assert line.text() == text, "what was typed stays"
    assert parts.preferences.settings.proxy_url == ""
    QTest.keyClick(line, Qt.Key.Key_Backspace)
    assert row.problem == ""
    line.clear()  # it is taken when the field goes with its window


async def test_a_missing_certificate_file_is_told(tmp_path: Path, window: QMainWindow) -> None:
    parts = rig(tmp_path)
    row = row_of(opened(parts, window), "certificate_file")
    line = line_of(row)
    line.setFocus()
    QTest.keyClicks(line, str(tmp_path / "none.pem"))
    QTest.keyClick(line, Qt.Key.Key_Return)
    assert row.problem == "There is no such file."
    assert parts.preferences.settings.certificate_file == ""
    line.clear()  # it is taken when the field goes with its window


async def test_a_change_made_elsewhere_shows(tmp_path: Path, window: QMainWindow) -> None:
    parts = rig(tmp_path)
    sheet = opened(parts, window)
    parts.preferences.change(appearance=Appearance.DARK, language=Language.CHINESE)
    for name, kind, value in (
        ("appearance", Appearance, Appearance.DARK),
        ("language", Language, Language.CHINESE),
    ):
        control = row_of(sheet, name).control
        assert isinstance(control, Segments)
        assert list(kind)[control.index] is value
    await settled()


async def test_the_pages_are_reached_by_mouse_and_by_arrow_keys(
    tmp_path: Path, window: QMainWindow
) -> None:
    sheet = opened(rig(tmp_path), window)
    QTest.mouseClick(sheet.page_button("network"), LEFT)
    assert sheet.page == "network"
    QTest.keyClick(sheet.page_button("network"), Qt.Key.Key_Down)
    assert sheet.page == "hosts"
    QTest.keyClick(sheet.page_button("appearance"), Qt.Key.Key_Escape)
    assert sheet.isHidden()


async def test_search_leaves_the_pages_that_have_the_words(
    tmp_path: Path, window: QMainWindow
) -> None:
    sheet = opened(rig(tmp_path), window)
    QTest.keyClicks(sheet.search, "certificate")
    shown = [page for page, _ in PAGES if sheet.page_button(page).isVisible()]
    assert shown == ["network"]
    assert sheet.page == "network"
    sheet.search.clear()
    assert all(sheet.page_button(page).isVisible() for page, _ in PAGES)


async def test_the_account_page_tells_and_forgets(tmp_path: Path, window: QMainWindow) -> None:
    parts = rig(tmp_path)
    parts.account.keep(TOKEN)
    await until(parts.account.changed, lambda: parts.account.place is TokenPlace.KEYRING)
    sheet = opened(parts, window)
    await until(parts.account.changed, lambda: parts.account.state is TokenState.VALID)
    assert sheet.summary.state_words == "The token works."
    assert sheet.summary.credit_words == "Credits: 143.5"
    QTest.mouseClick(sheet.summary.forget_button, LEFT)
    await settled()
    assert parts.account.place is TokenPlace.NOWHERE
    assert sheet.summary.state_words == "No token yet. Enter yours below."
    assert not sheet.summary.forget_button.isVisible()


async def test_credits_are_never_told_as_zero_when_they_are_not_known(
    tmp_path: Path, window: QMainWindow
) -> None:
    parts = rig(tmp_path)
    parts.script.accounts[TOKEN] = Balance()
    parts.account.keep(TOKEN)
    await settled()
    sheet = opened(parts, window)
    await settled()
    assert sheet.summary.credit_words == "Credits are not known"


async def test_a_new_token_is_checked_and_taken_on_the_account_page(
    tmp_path: Path, window: QMainWindow
) -> None:
    parts = rig(tmp_path)
    sheet = opened(parts, window)
    form = sheet.account_form.form
    form.field.setText(TOKEN)
    QTest.mouseClick(form.check_button, LEFT)
    await settled()
    assert parts.account.place is TokenPlace.KEYRING
    assert sheet.summary.state_words == "The token works."


async def test_the_data_page_measures_real_files_and_opens_folders(
    tmp_path: Path, window: QMainWindow, qtbot: QtBot
) -> None:
    parts = rig(tmp_path)
    parts.locations.pictures.mkdir(parents=True)
    (parts.locations.pictures / "a.png").write_bytes(b"x" * 300_000)
    sheet = opened(parts, window, "data")
    await settled()
    kept = parts.locations.database
    beside = [kept.with_name(kept.name + end) for end in ("", "-wal", "-shm")]
    size = sum(each.stat().st_size for each in beside if each.exists())
    assert sheet.data_card.used_words == f"{byte_size(300_000 + size)} used"
    with qtbot.waitSignal(sheet.folder_activated, timeout=1000) as folder:
        QTest.mouseClick(sheet.data_card.open_data, LEFT)
    assert folder.args == [parts.locations.data]


async def test_diagnostics_show_what_they_copy_and_hold_no_secret(
    tmp_path: Path, window: QMainWindow
) -> None:
    settings = Settings(proxy_mode=ProxyMode.OWN, proxy_url="http://me:hunter2@127.0.0.1:8080")
    parts = rig(tmp_path, settings=settings)
    parts.account.keep(TOKEN, session_only=True)
    await settled()
    sheet = opened(parts, window, "about")
    shown = sheet.about.report.toPlainText()
    QTest.mouseClick(sheet.about.copy_button, LEFT)
    assert QGuiApplication.clipboard().text() == shown
    assert sheet.about.copy_button.text() == "Copied"
    assert "Token kept: session" in shown
    assert "Setting proxy_url: http://…@127.0.0.1:8080" in shown
    for secret in (TOKEN, TOKEN[-4:], "hunter2", str(Path.home())):
        assert secret not in shown
    assert "keyring" in sheet.about.licences.toPlainText()


async def test_the_language_changes_every_text_at_once(
    tmp_path: Path, window: QMainWindow, marked: Marked
) -> None:
    parts = rig(tmp_path)
    sheet = opened(parts, window)
    QCoreApplication.installTranslator(marked)
    QCoreApplication.sendPostedEvents()
    untouched = ("modelscope.", "Moda Studio", "MB", str(tmp_path), "ms-…")
    left = []
    for page, _ in PAGES:
        sheet.show_page(page)
        await settled()
        QCoreApplication.sendPostedEvents()
        shown: list[QLabel | QAbstractButton] = [
            *sheet.findChildren(QLabel),
            *sheet.findChildren(QAbstractButton),
        ]
        texts = [widget.text() for widget in shown if widget.isVisible() and widget.text()]
        left += [text for text in texts if "«" not in text and not text.startswith(untouched)]
    assert set(left) <= {"»"}


async def test_in_the_smallest_window_every_page_fits_its_width(
    tmp_path: Path, window: QMainWindow
) -> None:
    window.resize(theme.current().size.window_min_width, theme.current().size.window_min_height)
    sheet = opened(rig(tmp_path), window)
    QCoreApplication.sendPostedEvents()
    assert sheet.rect().contains(sheet.panel.geometry())
    for page, _ in PAGES:
        sheet.show_page(page)
        await settled()
        QCoreApplication.sendPostedEvents()
        assert not sheet.grab().isNull()
        card: QWidget = sheet.card(page)
        for row in sheet.card(page).rows:
            right = row.control.mapTo(sheet.panel, row.control.rect().topRight()).x()
            assert right < sheet.panel.width() - theme.current().space.l, row.name
        assert card.minimumSizeHint().width() <= sheet.panel.width()
    sheet.show_page("data")
    button = sheet.data_card.open_data
    edge = button.mapTo(sheet.panel, button.rect().topRight())
    assert edge.x() < sheet.panel.width() - theme.current().space.l
