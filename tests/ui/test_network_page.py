"""The network page: the proxy's password goes out of sight, and a file is chosen without a halt."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QLabel, QLineEdit, QMainWindow
from pytestqt.qtbot import QtBot

from studio.core.settings import ProxyMode, Settings
from studio.providers import desktop_proxy
from studio.sessions.account.proxy_password import PasswordPlace
from studio.ui.look import theme
from studio.ui.settings.dialog import SettingsSheet
from studio.ui.settings.fields import SettingRow
from tests.account_parts import RefusingKeyring, Rig, rig, settled
from tests.scripted import until
from tests.window_parts import texts

TYPED = "socks5://me:hunter2@127.0.0.1:1080"
BARE = "socks5://me@127.0.0.1:1080"
OWN = Settings(proxy_mode=ProxyMode.OWN)


@pytest.fixture
def window(qtbot: QtBot) -> Iterator[QMainWindow]:
    """A window to open the sheet over."""
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    app.setStyle("Fusion")
    theme.apply(app, theme.LIGHT)
    made = QMainWindow()
    made.resize(1200, 800)
    qtbot.addWidget(made)
    made.show()
    yield made


def row_of(parts: Rig, window: QMainWindow, name: str) -> SettingRow:
    sheet = SettingsSheet(parts, window)
    sheet.show_page("network")
    sheet.open()
    return sheet.card("network").row(name)


def line_of(row: SettingRow) -> QLineEdit:
    assert isinstance(row.control, QLineEdit)
    return row.control


def type_address(row: SettingRow, address: str) -> None:
    line = line_of(row)
    line.setFocus()
    line.selectAll()
    QTest.keyClicks(line, address)
    QTest.keyClick(line, Qt.Key.Key_Return)


async def test_a_password_is_gone_from_sight_and_the_row_says_where_it_is(
    tmp_path: Path, window: QMainWindow
) -> None:
    parts = rig(tmp_path, settings=OWN)
    row = row_of(parts, window, "proxy_url")
    type_address(row, TYPED)
    assert line_of(row).text() == BARE
    await settled()
    assert parts.proxy_password.place is PasswordPlace.KEYRING
    assert "Its password is in the system keyring." in texts(row)
    assert b"hunter2" not in (tmp_path / "settings.json").read_bytes()
    QApplication.sendEvent(row, QEvent(QEvent.Type.LanguageChange))
    assert "Its password is in the system keyring." in texts(row)
    type_address(row, "http://127.0.0.1:8080")
    assert "Its password is in the system keyring." not in texts(row)
    await settled()


async def test_without_a_keyring_the_row_says_so(tmp_path: Path, window: QMainWindow) -> None:
    parts = rig(tmp_path, store=RefusingKeyring(), settings=OWN)
    row = row_of(parts, window, "proxy_url")
    type_address(row, TYPED)
    await settled()
    assert "Its password is kept until the program ends." in texts(row)
    assert all("hunter2" not in label.text() for label in row.findChildren(QLabel))


async def test_a_password_may_hold_any_letters(tmp_path: Path, window: QMainWindow) -> None:
    parts = rig(tmp_path, settings=OWN)
    row = row_of(parts, window, "proxy_url")
    type_address(row, "http://me:a/b c@d@127.0.0.1:8080")
    assert row.problem == ""
    assert parts.proxy_password.password == "a/b c@d"
    await settled()


async def test_the_window_lives_while_a_file_is_chosen(tmp_path: Path, window: QMainWindow) -> None:
    certificate = tmp_path / "own.pem"
    certificate.write_text("PEM")
    parts = rig(tmp_path)
    row = row_of(parts, window, "certificate_file")
    row._browse.click()  # comes back at once: nothing waits for the dialog
    (dialog,) = row.findChildren(QFileDialog)
    assert dialog.isVisible()
    beats = [asyncio.get_running_loop().time()]
    while len(beats) < 4:
        await asyncio.sleep(0)
        beats.append(asyncio.get_running_loop().time())
    dialog.fileSelected.emit(str(certificate))
    dialog.done(QFileDialog.DialogCode.Accepted)
    assert line_of(row).text() == str(certificate)
    assert parts.preferences.settings.certificate_file == str(certificate)
    await until(lambda: not row.findChildren(QFileDialog))
    await settled()


async def test_a_script_that_is_not_run_is_told_where_system_is_chosen(
    tmp_path: Path, window: QMainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desktop_proxy, "names_script", lambda: True)
    parts = rig(tmp_path)
    row = row_of(parts, window, "proxy_mode")
    await until(lambda: any("script (PAC)" in each for each in texts(row)))
    QApplication.sendEvent(row, QEvent(QEvent.Type.LanguageChange))
    assert any("script (PAC)" in each for each in texts(row))
    parts.preferences.change(proxy_mode=ProxyMode.NONE)
    assert not any("script (PAC)" in each for each in texts(row))
    parts.preferences.change(proxy_mode=ProxyMode.SYSTEM)
    assert any("script (PAC)" in each for each in texts(row))
    await settled()


async def test_without_a_script_nothing_is_said(
    tmp_path: Path, window: QMainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desktop_proxy, "names_script", lambda: False)
    row = row_of(rig(tmp_path), window, "proxy_mode")
    await settled()
    assert not any("PAC" in each for each in texts(row))
