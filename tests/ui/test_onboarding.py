"""The first start by mouse and keyboard: site, token, checks, keyring, trying it offline."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, Qt, QTranslator
from PySide6.QtGui import QGuiApplication, QKeySequence, QShortcut
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QLineEdit, QMainWindow, QWidget
from pytestqt.qtbot import QtBot

from studio.core.credits import Balance
from studio.core.errors import ErrorKind
from studio.core.settings import Language, Site
from studio.sessions.account.account import TokenPlace, TokenState
from studio.sessions.account.doctor import Check, CheckName, CheckState
from studio.sessions.account.keyring_access import KeyringState
from studio.ui.look import theme
from studio.ui.settings.check_row import CheckRow
from studio.ui.settings.dialog import SettingsSheet
from studio.ui.shell.onboarding import WelcomeSheet
from tests.account_parts import (
    SITES,
    TOKEN,
    LockedKeyring,
    RefusingKeyring,
    Rig,
    ScriptedService,
    WorkingKeyring,
    rig,
    settled,
    until,
)

LEFT = Qt.MouseButton.LeftButton


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
    """A window as large as a small laptop's, with a field of its own."""
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    app.setStyle("Fusion")
    theme.apply(app, theme.LIGHT)
    made = QMainWindow()
    field = QLineEdit()
    field.setObjectName("behind")
    made.setCentralWidget(field)
    made.resize(1200, 800)
    qtbot.addWidget(made)
    made.show()
    return made


def opened(parts: Rig, window: QMainWindow) -> WelcomeSheet:
    """The sheet over the window."""
    sheet = WelcomeSheet(parts, window)
    sheet.open()
    return sheet


def paste(text: str) -> None:
    """Paste with the keyboard into whatever has it."""
    QGuiApplication.clipboard().setText(text)
    focused = QApplication.focusWidget()
    assert focused is not None
    QTest.keySequence(focused, QKeySequence(QKeySequence.StandardKey.Paste))


def click(widget: QWidget) -> None:
    """Click in the middle."""
    assert widget.isVisible()
    assert widget.isEnabled()
    QTest.mouseClick(widget, LEFT)


def words_of(widget: QWidget) -> list[str]:
    """Every text that is shown."""
    labels = [label.text() for label in widget.findChildren(QLabel) if label.isVisible()]
    buttons = [b.text() for b in widget.findChildren(QAbstractButton) if b.isVisible()]
    return [text for text in labels + buttons if text]


async def checked(parts: Rig, sheet: WelcomeSheet, token: str = TOKEN) -> None:
    """Paste a token, press Check and let everything end."""
    sheet.form.field.setFocus()
    paste(token)
    click(sheet.form.check_button)
    await settled()


async def test_a_token_is_pasted_dirty_checked_kept_and_started_with(
    tmp_path: Path, window: QMainWindow, qtbot: QtBot
) -> None:
    parts = rig(tmp_path)
    parts.account.load()
    await settled()
    sheet = opened(parts, window)
    assert sheet.form.field.hasFocus(), "one pastes without a click"
    assert not sheet.start_button.isEnabled()
    assert sheet.form.place.sentence == "Will be kept in System keyring: Secret Service"
    paste(f'export TOKEN="Bearer {TOKEN}"'.removeprefix("export TOKEN=") + " \n")
    assert sheet.form.field.text() == TOKEN
    assert sheet.form.field.displayText() != TOKEN, "the letters are hidden"
    click(sheet.form.check_button)
    await settled()
    assert parts.store.read(SITES[Site.CHINA].origin) == TOKEN
    assert sheet.form.place.sentence == "Kept in System keyring: Secret Service"
    assert sheet.form.check_button.text() == "Check again"
    assert sheet.start_button.isEnabled()
    with qtbot.waitSignal(sheet.started, timeout=1000):
        click(sheet.start_button)
    assert sheet.isHidden()
    assert sheet.form.field.text() == ""
    assert parts.preferences.settings.welcome_done
    assert parts.account.state is TokenState.VALID
    await settled()


async def test_enter_checks_and_enter_again_starts(
    tmp_path: Path, window: QMainWindow, qtbot: QtBot
) -> None:
    parts = rig(tmp_path)
    sheet = opened(parts, window)
    paste(TOKEN)
    QTest.keyClick(sheet.form.field, Qt.Key.Key_Return)
    await settled()
    with qtbot.waitSignal(sheet.started, timeout=1000):
        QTest.keyClick(sheet.form.field, Qt.Key.Key_Return)
    await settled()


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "Paste your access token into the field first."),
        ("令牌令牌令牌", "This is not a token"),
        ("x" * 10_240, "This is not a token"),
    ],
)
async def test_what_is_no_token_is_told_below_the_field_and_stays(
    tmp_path: Path, window: QMainWindow, text: str, sentence: str
) -> None:
    parts = rig(tmp_path)
    sheet = opened(parts, window)
    if text:
        paste(text)
    click(sheet.form.check_button)
    await settled()
    assert sheet.form.problem.startswith(sentence)
    assert sheet.form.field.text() == text
    assert sheet.form.field.property("problem") is True
    assert parts.script.asked == []
    assert not sheet.start_button.isEnabled()
    QTest.keyClick(sheet.form.field, Qt.Key.Key_A)
    assert sheet.form.problem == "", "the remark goes as soon as one mends the text"


async def test_single_keys_are_not_changed_under_the_hand(
    tmp_path: Path, window: QMainWindow
) -> None:
    sheet = opened(rig(tmp_path), window)
    QTest.keyClicks(sheet.form.field, ' "ms-1')
    assert sheet.form.field.text() == ' "ms-1'


async def test_an_unbound_account_is_one_step_with_one_link(
    tmp_path: Path, window: QMainWindow, qtbot: QtBot
) -> None:
    parts = rig(tmp_path, ScriptedService({TOKEN: ErrorKind.NOT_BOUND}))
    sheet = opened(parts, window)
    await checked(parts, sheet)
    row = sheet.form.card.row(CheckName.BOUND)
    assert row.button.isVisible()
    assert "Bind it on modelscope.cn" in words_of(row)
    assert not sheet.start_button.isEnabled()
    assert not sheet.form.card.row(CheckName.CREDITS).isVisible(), "what waits is one row"
    with qtbot.waitSignal(sheet.link_activated, timeout=1000) as link:
        click(row.button)
    assert link.args == [SITES[Site.CHINA].binding_page]
    parts.script.accounts[TOKEN] = Balance(250, 250, 0)
    click(sheet.form.check_button)
    await settled()
    assert sheet.start_button.isEnabled()


@pytest.mark.parametrize(
    ("kind", "note"),
    [
        (ErrorKind.WEB_PAGE, "a web page answered"),
        (ErrorKind.NO_NETWORK, "no connection"),
        (ErrorKind.TLS, "not a safe connection"),
        (ErrorKind.PROXY, "stopped by the proxy"),
    ],
)
async def test_trouble_with_the_network_is_told_in_place_and_the_field_keeps_its_text(
    tmp_path: Path, window: QMainWindow, kind: ErrorKind, note: str
) -> None:
    parts = rig(tmp_path, ScriptedService(unreachable=kind))
    sheet = opened(parts, window)
    await checked(parts, sheet)
    row = sheet.form.card.row(CheckName.REACHED)
    assert note in words_of(row)
    assert sheet.form.field.text() == TOKEN
    assert not sheet.start_button.isEnabled()
    assert sheet.demo_button.isEnabled(), "one can always try it offline"


async def test_changing_the_token_takes_the_findings_back(
    tmp_path: Path, window: QMainWindow
) -> None:
    parts = rig(tmp_path)
    sheet = opened(parts, window)
    await checked(parts, sheet)
    assert sheet.start_button.isEnabled()
    QTest.keyClick(sheet.form.field, Qt.Key.Key_A)
    assert not sheet.form.card.isVisible()
    assert not sheet.start_button.isEnabled()


async def test_a_token_that_could_not_be_checked_may_be_started_with(
    tmp_path: Path, window: QMainWindow, qtbot: QtBot
) -> None:
    parts = rig(tmp_path, ScriptedService(hub_down=ErrorKind.BUSY))
    sheet = opened(parts, window)
    await checked(parts, sheet)
    assert parts.store.read(SITES[Site.CHINA].origin) is None, "not kept before one says so"
    started: list[bool] = []
    sheet.started.connect(lambda: started.append(True))
    click(sheet.start_button)
    await until(sheet.started, lambda: bool(started))
    assert parts.store.read(SITES[Site.CHINA].origin) == TOKEN
    assert parts.account.state is TokenState.UNCHECKED
    await settled()


async def test_without_a_keyring_the_sheet_says_so_and_offers_this_session(
    tmp_path: Path, window: QMainWindow
) -> None:
    parts = rig(tmp_path, store=RefusingKeyring())
    parts.account.load()
    await settled()
    sheet = opened(parts, window)
    told = "This system has no keyring that could keep the token."
    assert sheet.form.place.sentence == told
    await checked(parts, sheet)
    assert sheet.form.place.sentence == told
    assert not sheet.start_button.isEnabled(), "a token is never kept where nobody was asked"
    click(sheet.form.place.session_button)
    await settled()
    assert parts.account.place is TokenPlace.SESSION
    assert "this session only" in sheet.form.place.sentence
    assert sheet.start_button.isEnabled()


async def test_a_keyring_that_asks_for_its_password_is_waited_for_in_words(
    tmp_path: Path, window: QMainWindow, qtbot: QtBot
) -> None:
    store = LockedKeyring()
    parts = rig(tmp_path, store=store)
    sheet = opened(parts, window)
    parts.account.load()
    await until(parts.account.changed, lambda: parts.account.keyring.state is KeyringState.WAITING)
    seen: list[bool] = []
    sheet.form.place.waiting_shown.connect(lambda: seen.append(True))
    await until(sheet.form.place.waiting_shown, lambda: bool(seen))
    assert sheet.form.place.sentence == "Waiting for your system keyring…"
    assert sheet.form.place.session_button.isVisible()
    store.unlock()
    await settled()
    assert sheet.form.place.sentence.startswith("Will be kept in")


async def test_try_it_offline_needs_nothing(
    tmp_path: Path, window: QMainWindow, qtbot: QtBot
) -> None:
    parts = rig(tmp_path)
    sheet = opened(parts, window)
    with qtbot.waitSignal(sheet.demo_requested, timeout=1000):
        click(sheet.demo_button)
    assert sheet.isHidden()
    assert parts.script.asked == []


async def test_the_other_site_has_its_own_page_and_gets_the_question(
    tmp_path: Path, window: QMainWindow, qtbot: QtBot
) -> None:
    parts = rig(tmp_path)
    sheet = opened(parts, window)
    click(sheet.form.card_of(Site.INTERNATIONAL))
    await settled()
    with qtbot.waitSignal(sheet.link_activated, timeout=1000) as link:
        click(sheet.form.page_link)
    assert link.args == [SITES[Site.INTERNATIONAL].token_page]
    await checked(parts, sheet)
    assert {origin for _, origin, _ in parts.script.asked} == {SITES[Site.INTERNATIONAL].origin}
    assert parts.account.site is Site.INTERNATIONAL


async def test_a_token_typed_for_one_site_is_not_sent_to_it_after_the_other_is_chosen(
    tmp_path: Path, window: QMainWindow
) -> None:
    parts = rig(tmp_path, store=WorkingKeyring({SITES[Site.CHINA].origin: TOKEN}))
    parts.account.load()
    await settled()
    parts.script.asked.clear()
    sheet = opened(parts, window)
    click(sheet.form.card_of(Site.INTERNATIONAL))
    await settled()
    assert not parts.service.has_token
    assert parts.script.asked == []


async def test_the_eye_shows_the_letters_until_the_check(
    tmp_path: Path, window: QMainWindow
) -> None:
    parts = rig(tmp_path)
    sheet = opened(parts, window)
    paste(TOKEN)
    sheet.form.field.eye.click()
    assert sheet.form.field.displayText() == TOKEN
    click(sheet.form.check_button)
    assert sheet.form.field.displayText() != TOKEN
    await settled()


async def test_network_settings_open_above_and_the_token_stays(
    tmp_path: Path, window: QMainWindow
) -> None:
    parts = rig(tmp_path, ScriptedService(unreachable=ErrorKind.PROXY))
    sheet = opened(parts, window)
    await checked(parts, sheet)
    click(sheet.form.card.row(CheckName.REACHED).button)
    settings = window.findChild(SettingsSheet)
    assert settings is not None
    assert settings.isVisible()
    assert settings.page == "network"
    QTest.keyClick(settings, Qt.Key.Key_Escape)
    assert settings.isHidden()
    assert sheet.isVisible()
    assert sheet.form.field.text() == TOKEN


async def test_tab_goes_round_within_the_sheet_and_reaches_everything(
    tmp_path: Path, window: QMainWindow
) -> None:
    sheet = opened(rig(tmp_path), window)
    reached: list[QWidget] = []
    for _ in range(40):
        focused = QApplication.focusWidget()
        assert focused is not None
        assert sheet.panel.isAncestorOf(focused), "the keyboard left the sheet"
        reached.append(focused)
        QTest.keyClick(focused, Qt.Key.Key_Tab)
    wanted = [sheet.form.field, sheet.form.check_button, sheet.demo_button, sheet.language]
    assert set(wanted) <= set(reached)
    assert all(widget.accessibleName() or _text(widget) for widget in reached)
    last = QApplication.focusWidget()
    assert last is not None
    QTest.keyClick(last, Qt.Key.Key_Backtab)
    assert QApplication.focusWidget() is not last


def _text(widget: QWidget) -> str:
    return widget.text() if isinstance(widget, QAbstractButton) else ""


async def test_what_is_dimmed_hears_no_shortcut_and_no_click(
    tmp_path: Path, window: QMainWindow
) -> None:
    fired: list[bool] = []
    shortcut = QShortcut(QKeySequence("Ctrl+1"), window)
    shortcut.activated.connect(lambda: fired.append(True))
    field = window.findChild(QLineEdit, "behind")
    assert field is not None
    field.setFocus()
    sheet = opened(rig(tmp_path), window)
    QTest.keyClick(sheet.form.field, Qt.Key.Key_1, Qt.KeyboardModifier.ControlModifier)
    assert fired == []
    dimmed = window.childAt(5, 5)
    assert dimmed is not None
    QTest.mouseClick(dimmed, LEFT)
    assert not field.hasFocus()
    QTest.keyClick(sheet.form.field, Qt.Key.Key_Escape)
    assert sheet.isHidden()
    assert field.hasFocus(), "the keyboard goes back to where it was"
    QTest.keyClick(field, Qt.Key.Key_1, Qt.KeyboardModifier.ControlModifier)
    assert fired == [True]


async def test_in_the_smallest_window_the_middle_scrolls_and_the_ends_stay(
    tmp_path: Path, window: QMainWindow
) -> None:
    window.resize(theme.current().size.window_min_width, theme.current().size.window_min_height)
    parts = rig(tmp_path, ScriptedService({TOKEN: ErrorKind.NOT_BOUND}))
    sheet = opened(parts, window)
    await checked(parts, sheet)
    QCoreApplication.sendPostedEvents()
    panel = sheet.panel.geometry()
    assert sheet.rect().contains(panel)
    for part in (sheet.language, sheet.start_button, sheet.demo_button):
        corner = part.mapTo(sheet, part.rect().bottomRight())
        assert panel.contains(corner), "head and foot do not scroll away"
    for _ in range(40):
        focused = QApplication.focusWidget()
        assert focused is not None
        if sheet.form.isAncestorOf(focused):
            assert focused.visibleRegion().boundingRect().height() >= focused.height() - 1
        QTest.keyClick(focused, Qt.Key.Key_Tab)


async def test_the_sheet_grows_with_what_the_doctor_says(
    tmp_path: Path, window: QMainWindow
) -> None:
    parts = rig(tmp_path)
    sheet = opened(parts, window)
    QCoreApplication.sendPostedEvents()
    before = sheet.panel.height()
    await checked(parts, sheet)
    QCoreApplication.sendPostedEvents()
    assert sheet.panel.height() >= before + sheet.form.card.height()
    assert sheet.form.card.visibleRegion().boundingRect().height() == sheet.form.card.height()


async def test_the_language_changes_every_text_at_once(
    tmp_path: Path, window: QMainWindow, marked: Marked
) -> None:
    parts = rig(tmp_path, ScriptedService({TOKEN: ErrorKind.NOT_BOUND}))
    sheet = opened(parts, window)
    await checked(parts, sheet)
    QCoreApplication.installTranslator(marked)
    QCoreApplication.sendPostedEvents()
    untouched = {"modelscope.cn", "modelscope.ai", "English", "简体中文", "ms-…3f9c", "»"}
    assert [w for w in words_of(sheet) if "«" not in w and w not in untouched] == []
    assert sheet.form.field.accessibleName() == "«Access token»"
    sheet.form.field.setText("令牌")
    click(sheet.form.check_button)
    assert sheet.form.problem.startswith("«")
    QCoreApplication.removeTranslator(marked)
    QCoreApplication.sendPostedEvents()
    assert sheet.form.problem.startswith("This is not a token")
    await settled()


async def test_the_language_button_sets_the_setting(tmp_path: Path, window: QMainWindow) -> None:
    parts = rig(tmp_path)
    sheet = opened(parts, window)
    sheet.language.choice(Language.CHINESE).trigger()
    assert parts.preferences.settings.language is Language.CHINESE
    assert sheet.language.text() == "简体中文"
    await settled()


@pytest.mark.parametrize("look", [theme.LIGHT, theme.DARK], ids=["light", "dark"])
@pytest.mark.parametrize("state", list(CheckState))
def test_every_state_of_a_row_looks_and_sounds_its_own(
    window: QMainWindow, qtbot: QtBot, state: CheckState, look: theme.Theme
) -> None:
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    theme.apply(app, look)
    rows = [CheckRow(), CheckRow()]
    for row, shown in zip(rows, (state, CheckState.PASSED), strict=True):
        qtbot.addWidget(row)
        row.resize(500, 40)
        row.show_check(Check(CheckName.CREDITS, shown))
        row.show()
    pictures = [row.grab().toImage() for row in rows]
    names = [row.accessibleName() for row in rows]
    assert (pictures[0] == pictures[1]) is (state is CheckState.PASSED)
    assert (names[0] == names[1]) is (state is CheckState.PASSED)


async def test_a_running_check_turns_and_says_so(tmp_path: Path, window: QMainWindow) -> None:
    parts = rig(tmp_path)
    parts.script.hold = asyncio.Event()
    sheet = opened(parts, window)
    paste(TOKEN)
    click(sheet.form.check_button)
    await parts.script.held.wait()
    assert "checking…" in words_of(sheet.form.card)
    assert not sheet.grab().isNull()
    parts.script.hold.set()
    await settled()
    assert "checking…" not in words_of(sheet.form.card)


async def test_a_closed_sheet_keeps_nothing_by_itself(tmp_path: Path, window: QMainWindow) -> None:
    parts = rig(tmp_path)
    sheet = opened(parts, window)
    paste(TOKEN)
    sheet.close_sheet()
    parts.account.check(TOKEN)
    await settled()
    assert parts.account.examination.accepted
    assert parts.store.read(SITES[Site.CHINA].origin) is None
