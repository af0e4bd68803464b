"""The window as a whole: tabs, keys, panels, palette, room for everything, names for everything."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import shiboken6
from PySide6.QtCore import QEvent, QObject, QPoint, QRect, Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractScrollArea,
    QAbstractSlider,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QScrollArea,
    QWidget,
)

from studio.core.models import Capability
from studio.core.settings import PAGES, Appearance
from studio.core.stream import TextDelta
from studio.sessions.states import SessionState
from studio.ui import links
from studio.ui.actions import ACTIONS, keys_of
from studio.ui.chat.inspector import Inspector
from studio.ui.images.tab import ImageTab
from studio.ui.look import theme
from studio.ui.settings.dialog import SettingsSheet
from studio.ui.shell.conversation_tab import ConversationTab
from studio.ui.shell.onboarding import WelcomeSheet
from studio.ui.shell.palette import PaletteSheet
from studio.ui.shell.shortcuts import ShortcutsSheet
from studio.ui.widgets.model_popup import ModelPopup
from studio.ui.widgets.notice import BRIEF_MS, SHOWN_MS, Notice, NoticeBar
from studio.ui.widgets.sheet import Sheet
from tests.scripted import said, until
from tests.window_parts import (
    SMALLEST,
    WIDE,
    Run,
    child,
    click,
    focused,
    named,
    spy,
    texts,
    visible,
)

CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
TABS = ("tab_chat", "tab_vision", "tab_images")
CONTROLS = (
    QAbstractButton,
    QAbstractSlider,
    QAbstractSpinBox,
    QComboBox,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
)
SELF_CONTAINED = (*CONTROLS, QAbstractItemView)


class Windows(QObject):
    """Notes every window that appears."""

    def __init__(self) -> None:
        super().__init__()
        self.appeared: list[QWidget] = []

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if (
            event.type() == QEvent.Type.Show
            and isinstance(watched, QWidget)
            and watched.isWindow()
            and watched.windowType() not in (Qt.WindowType.ToolTip, Qt.WindowType.Popup)
        ):
            self.appeared.append(watched)
        return False


@pytest.fixture
def windows(qapp: QApplication) -> Iterator[Windows]:
    """Every window that appears from now on."""
    made = Windows()
    qapp.installEventFilter(made)
    yield made
    qapp.removeEventFilter(made)


async def settle() -> None:
    """Let layouts and posted events through."""
    for _ in range(3):
        await asyncio.sleep(0)
    QApplication.sendPostedEvents()


# Tabs.


async def test_a_tab_is_built_when_it_is_first_shown_and_only_then(run: Run) -> None:
    window = run.window
    assert len(window.findChildren(ConversationTab)) == 1
    assert window.findChildren(ImageTab) == []
    run.ctrl(Qt.Key.Key_3)
    assert len(window.findChildren(ImageTab)) == 1
    assert len(window.findChildren(ConversationTab)) == 1
    run.ctrl(Qt.Key.Key_2)
    for key in (Qt.Key.Key_1, Qt.Key.Key_2, Qt.Key.Key_3) * 2:
        run.ctrl(key)
    assert len(window.findChildren(ConversationTab)) == 2
    assert len(window.findChildren(ImageTab)) == 1


async def test_keys_and_clicks_choose_the_same_tab(run: Run) -> None:
    for key, name in ((Qt.Key.Key_2, "Vision"), (Qt.Key.Key_3, "Images"), (Qt.Key.Key_1, "Chat")):
        run.ctrl(key)
        assert named(run.window, QAbstractButton, name).isChecked()
        by_key = run.window.current_tab
        click(named(run.window, QAbstractButton, name))
        assert run.window.current_tab is by_key
        assert by_key.isVisible()


async def test_the_tab_of_last_time_is_shown_at_the_start(run: Run) -> None:
    run.ctrl(Qt.Key.Key_2)
    await until(lambda: run.tasks.count == 0)
    again = Run(run.folder)
    assert child(again.window, ConversationTab)._kind is Capability.VISION
    await again.quit()


async def test_nothing_but_the_window_itself_appears_when_things_open(
    run: Run, windows: Windows
) -> None:
    for action in TABS:
        run.window.perform(action)
    for open_sheet in (
        run.window.open_welcome,
        run.window.open_palette,
        run.window.open_shortcuts,
        *(lambda page=page: run.window.open_settings(page) for page, _ in PAGES),
    ):
        open_sheet()
        await settle()
    run.window.say(Notice("Something", "Do it", lambda: None))
    run.window.perform("tab_chat")
    run.chat.scripts = [said("ok")]
    for sheet in visible(run.window, Sheet):
        sheet.close_sheet()
    await run.asked("hello")
    assert windows.appeared == []


# Keys.


def test_no_two_actions_share_a_key() -> None:
    keys = [QKeySequence(action.keys).toString() for action in ACTIONS if action.keys]
    assert len(keys) == len(set(keys))
    assert all(keys), "every key is one that Qt knows"


async def test_every_action_with_a_key_is_done_by_it(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[Any] = []
    monkeypatch.setattr(run.window, "perform", spy(done))
    for spec in ACTIONS:
        if spec.keys:
            (combination,) = list(QKeySequence(spec.keys))  # type: ignore[call-overload]  # one key
            done.clear()
            # In a field Ctrl+Z is about what is written there.
            place = run.tab.history.list if spec.id == "undo" else run.field
            QTest.keyClick(place, combination.key(), combination.keyboardModifiers())
            assert done == [spec.id]


async def test_keys_show_and_hide_the_side_panels(run: Run) -> None:
    history, inspector = run.tab.history, child(run.tab, Inspector)
    assert history.isVisible()
    assert inspector.isVisible()
    run.ctrl(Qt.Key.Key_B)
    run.ctrl(Qt.Key.Key_I)
    assert not history.isVisible()
    assert not inspector.isVisible()
    settings = run.studio.preferences.settings
    assert (settings.history_shown, settings.inspector_shown) == (False, False)
    run.ctrl(Qt.Key.Key_B)
    run.ctrl(Qt.Key.Key_I)
    assert history.isVisible()
    assert inspector.isVisible()


async def test_a_narrow_window_shows_one_side_panel_at_a_time(run: Run) -> None:
    run.window.resize(*SMALLEST)
    await settle()
    history, inspector = run.tab.history, child(run.tab, Inspector)

    def shown() -> tuple[bool, bool]:
        return history.isVisible(), inspector.isVisible()

    assert shown() == (True, False)
    run.ctrl(Qt.Key.Key_I)
    assert shown() == (False, True)
    run.ctrl(Qt.Key.Key_I)
    assert shown() == (True, False), "what had to give way comes back"
    run.ctrl(Qt.Key.Key_I)
    run.ctrl(Qt.Key.Key_B)
    assert shown() == (True, False)
    run.ctrl(Qt.Key.Key_B)
    assert shown()[0] is False
    run.ctrl(Qt.Key.Key_B)
    run.ctrl(Qt.Key.Key_I)
    run.window.resize(*WIDE)
    await settle()
    assert shown() == (True, True)


async def test_the_field_the_search_and_the_models_are_reached_by_key(run: Run) -> None:
    run.ctrl(Qt.Key.Key_B)
    run.key(Qt.Key.Key_F, CTRL, SHIFT)
    assert run.tab.history.isVisible()
    assert QApplication.focusWidget() is run.tab.history.search
    run.ctrl(Qt.Key.Key_L)
    assert run.field.hasFocus()
    run.ctrl(Qt.Key.Key_M)
    assert visible(run.window, ModelPopup)


async def test_f1_lists_every_key(run: Run) -> None:
    run.key(Qt.Key.Key_F1)
    (sheet,) = visible(run.window, ShortcutsSheet)
    listed = texts(sheet)
    for action in ACTIONS:
        if action.keys and action.is_at("chat"):
            assert keys_of(action.id) in listed, action.id
    run.key(Qt.Key.Key_Escape)
    assert visible(run.window, ShortcutsSheet) == []
    assert run.field.hasFocus(), "the keyboard is back where it was"


async def test_keys_of_the_window_rest_below_a_sheet(run: Run) -> None:
    run.ctrl(Qt.Key.Key_K)
    run.ctrl(Qt.Key.Key_2)
    run.ctrl(Qt.Key.Key_B)
    assert run.tab._kind is Capability.CHAT
    assert run.tab.history.isVisible()


async def test_text_grows_and_shrinks_by_key(run: Run) -> None:
    run.chat.scripts = [said("hello")]
    await run.asked("hi")
    view = run.tab.presenter.view
    sizes = []
    for key in (Qt.Key.Key_Plus, Qt.Key.Key_Minus, Qt.Key.Key_Minus, Qt.Key.Key_0):
        run.ctrl(key)
        sizes.append(view.stage.style.zoom)
    assert sizes[0] > 1 > sizes[2]
    assert sizes[3] == 1


async def test_the_field_and_its_column_grow_with_the_text_and_the_figure_is_said(
    run: Run,
) -> None:
    run.window.resize(1900, 900)
    run.chat.scripts = [said("hello")]
    await run.asked("hi")
    view, composer = run.tab.presenter.view, run.tab.composer
    designed = composer.field.font().pixelSize()
    widths: list[int] = []

    def left() -> int:
        return view.mapTo(run.tab, QPoint(view.column_x, 0)).x()

    for key, share in ((Qt.Key.Key_Plus, 1.1), (Qt.Key.Key_Plus, 1.25), (Qt.Key.Key_0, 1.0)):
        run.ctrl(key)
        await run.wake()
        assert view.stage.style.zoom == share
        assert composer.field.font().pixelSize() == round(designed * share)
        widths.append(_ink_width(composer.field))
        await until(lambda: abs(composer.width() - view.stage.width) <= 1)
        await until(lambda: abs(place_of(composer, run.tab).left() - left()) <= 1)
        assert run.said == f"Text size: {round(share * 100)} %"
    run.window.notices._timer.timeout.emit()
    assert run.window.notices.isHidden(), "for a moment"
    assert widths[2] * 1.05 < widths[0] < widths[1], "what an empty field says grows too"
    assert 0 < BRIEF_MS < SHOWN_MS


def _ink_width(field: QWidget) -> int:
    """How far to the right something is written in a field."""
    image = field.grab().toImage()
    ground = image.pixel(image.width() - 1, 0)
    rows = range(image.height())
    columns = range(image.width() - 2, 0, -1)
    return next((x for x in columns if any(image.pixel(x, y) != ground for y in rows)), 0)


async def test_a_figure_does_not_take_the_place_of_an_undo(run: Run) -> None:
    run.chat.scripts = [said("hello")]
    await run.asked("hi")
    run.window.say(Notice("Moved to the trash.", "Undo", lambda: None))
    run.ctrl(Qt.Key.Key_Plus)
    assert run.said.startswith("Moved")


# The palette.


async def test_the_palette_does_what_is_typed(run: Run) -> None:
    run.ctrl(Qt.Key.Key_K)
    QTest.keyClicks(focused(), "go imag")
    run.key(Qt.Key.Key_Return)
    assert isinstance(run.window.current_tab, ImageTab)
    assert visible(run.window, PaletteSheet) == []


async def test_the_palette_opens_conversations_of_both_kinds(run: Run) -> None:
    run.chat.scripts = [said("ok"), said("ok")]
    await run.asked("about lighthouses")
    run.ctrl(Qt.Key.Key_N)
    await run.asked("about trains")
    run.ctrl(Qt.Key.Key_3)
    run.ctrl(Qt.Key.Key_K)
    QTest.keyClicks(focused(), "lighth")
    run.key(Qt.Key.Key_Return)
    await until(lambda: isinstance(run.window.current_tab, ConversationTab))
    await until(lambda: run.shown == ["about lighthouses", "ok"])


async def test_the_palette_chooses_a_model(run: Run) -> None:
    wanted = run.studio.catalogue.models(Capability.CHAT)[1]
    run.ctrl(Qt.Key.Key_K)
    QTest.keyClicks(focused(), wanted.id)
    run.key(Qt.Key.Key_Return)
    await until(lambda: run.session.conversation.model == wanted.id)
    assert run.tab.head.picker.model == wanted.id


async def test_the_palette_moves_by_arrows_and_says_when_nothing_is_found(run: Run) -> None:
    run.ctrl(Qt.Key.Key_K)
    (sheet,) = visible(run.window, PaletteSheet)
    first = sheet._list.currentIndex().row()
    run.key(Qt.Key.Key_Down)
    run.key(Qt.Key.Key_Down)
    run.key(Qt.Key.Key_Up)
    assert sheet._list.currentIndex().row() == first + 1
    QTest.keyClicks(focused(), "qqqqqq")
    await until(lambda: "Nothing found." in texts(sheet))
    run.key(Qt.Key.Key_Return)
    assert sheet.isVisible()


async def test_escape_closes_what_is_open_and_does_not_stop_the_answer(run: Run) -> None:
    held = asyncio.Event()
    run.chat.scripts = [[TextDelta("slow"), held, *said()]]
    run.ask("go")
    await until(lambda: run.session.state is SessionState.STREAMING)
    for open_it in (run.window.open_palette, run.window.open_shortcuts, run.window.open_welcome):
        open_it()
        run.key(Qt.Key.Key_Escape)
        assert visible(run.window, Sheet) == []
        assert run.session.state is SessionState.STREAMING
    run.ctrl(Qt.Key.Key_M)
    (popup,) = visible(run.window, ModelPopup)
    QTest.keyClick(popup.search, Qt.Key.Key_Escape)
    assert not popup.isVisible()
    assert run.session.state is SessionState.STREAMING
    held.set()
    await run.idle()
    assert run.shown == ["go", "slow"]


# Room.


def leaves(root: QWidget) -> list[QWidget]:
    """What can be read or used, but not what is inside another control."""
    found: list[QWidget] = []
    for each in visible(root, QWidget):
        inside = each.parentWidget()
        nested = False
        while inside is not None and inside is not root:
            nested = nested or isinstance(inside, SELF_CONTAINED)
            inside = inside.parentWidget()
        if isinstance(each, CONTROLS) and not nested and not _scrolls(each, root):
            found.append(each)
    return found


def _scrolls(widget: QWidget, root: QWidget) -> bool:
    inside = widget.parentWidget()
    while inside is not None and inside is not root:
        if isinstance(inside, QScrollArea):
            return True
        inside = inside.parentWidget()
    return False


def place_of(widget: QWidget, root: QWidget) -> QRect:
    """Where a widget is in `root`."""
    return QRect(widget.mapTo(root, QPoint(0, 0)), widget.size())


def crowded(root: QWidget) -> list[str]:
    """What sticks out of its surroundings, or lies on something else."""
    found = []
    controls = leaves(root)
    for each in controls:
        place, around = place_of(each, root), each.parentWidget()
        while around is not None:
            if not place_of(around, root).contains(place) and not place.isEmpty():
                found.append(f"{each} sticks out of {around}")
            if around is root:
                break
            around = around.parentWidget()
    for number, one in enumerate(controls):
        for other in controls[number + 1 :]:
            if place_of(one, root).intersects(place_of(other, root)):
                found.append(f"{one} {one.accessibleName()} lies on {other}")
    return found


@pytest.mark.parametrize("size", [SMALLEST, (1100, 700), WIDE])
async def test_nothing_overlaps_or_sticks_out(run: Run, size: tuple[int, int]) -> None:
    run.window.resize(*size)
    assert (run.window.width(), run.window.height()) == size
    for action in TABS:
        run.window.perform(action)
        await settle()
        assert crowded(run.window) == []
        if action != "tab_images":
            run.ctrl(Qt.Key.Key_I)
            await settle()
            assert crowded(run.window) == []
    run.window.perform("tab_chat")
    held = asyncio.Event()
    run.chat.scripts = [said("ok"), [TextDelta("slow"), held, *said()]]
    await run.asked("a question that is rather long " * 4)
    run.field.setPlainText("line\n" * 30)
    await settle()
    assert crowded(run.window) == []
    run.key(Qt.Key.Key_Return)
    await until(lambda: run.session.state is SessionState.STREAMING)
    await settle()
    assert crowded(run.window) == []
    assert place_of(run.field, run.window).bottom() < run.window.height()
    held.set()
    await run.idle()


async def test_many_pictures_fit_into_the_smallest_window(run: Run) -> None:
    run.window.resize(*SMALLEST)
    run.window.perform("tab_vision")
    for number in range(8):
        run.tab.presenter.attachments.add_address(
            f"https://example.com/picture-number-{number}.png"
        )
    await settle()
    assert run.window.size().toTuple() == SMALLEST
    assert crowded(run.window) == []


async def test_the_window_cannot_be_made_too_small(run: Run) -> None:
    run.window.resize(100, 100)
    assert (run.window.width(), run.window.height()) == (640, 400)


@pytest.mark.parametrize("tab", ["chat", "vision", "images"])
async def test_a_remark_covers_nothing(run: Run, tab: str) -> None:
    run.window.perform(f"tab_{tab}")
    for size, times in ((SMALLEST, 3), (WIDE, 8)):
        run.window.resize(*size)
        run.window.say(Notice("A remark that is rather long. " * times, "Undo", lambda: None))
        await settle()
        bar = child(run.window, NoticeBar)
        place = place_of(bar, run.window)
        for each in visible(run.window, QAbstractButton) + visible(run.window, QPlainTextEdit):
            if not bar.isAncestorOf(each):
                assert not place.intersects(place_of(each, run.window)), each
        label = bar.findChildren(QLabel)[0]
        assert label.heightForWidth(label.width()) <= label.height()


async def test_a_remark_does_not_cover_the_buttons_of_the_answer_it_is_about(run: Run) -> None:
    run.ask("Nobody answers this")  # there is nothing in the script
    await run.idle()
    run.window.say(Notice("Something"))
    await settle()
    view = run.tab.presenter.view
    bottom = view.mapTo(run.window, QPoint(0, view.height())).y()
    assert place_of(child(run.window, NoticeBar), run.window).top() >= bottom
    run.press("retry")  # at the end of the page, and it can be pressed
    await run.idle()


async def test_a_remark_goes_with_its_place_and_an_undo_stays(run: Run) -> None:
    run.chat.scripts.append(said("One."))
    await run.asked("one")
    leaving: tuple[Callable[[], object], ...] = (
        lambda: run.ctrl(Qt.Key.Key_N),
        lambda: run.window.perform("tab_vision"),
        lambda: run.window.perform("tab_chat"),
        lambda: run.ask("and now"),
    )
    for leave in leaving:
        run.window.say(Notice("About this"))
        assert run.said == "About this"
        leave()
        await run.wake()
        assert run.said == ""
        run.window.say(Notice("Gone", "Undo", lambda: None, kept=True))
        run.window.perform("tab_chat")
        assert run.said == "Gone"
        child(run.window, NoticeBar).hide()
    await run.idle()


# Names.


def unnamed(root: QWidget) -> list[str]:
    """Controls that the keyboard reaches and that a screen reader could not name."""
    found = []
    for each in root.findChildren(QWidget):
        reached = each.focusPolicy() & Qt.FocusPolicy.TabFocus and each.focusProxy() is None
        if not reached or not each.isVisibleTo(root) or isinstance(each, QScrollArea):
            continue
        words = each.text() if isinstance(each, QAbstractButton) else ""
        words += "".join(inside.text() for inside in each.findChildren(QLabel))
        around = each.parentWidget() or root
        beside = {label.text() for label in around.findChildren(QLabel)}
        words += each.accessibleName() if each.accessibleName() in beside else ""
        if not each.accessibleName() and not words:
            found.append(f"{each} has no name")
        seen = (
            words
            or each.toolTip()
            or isinstance(
                each, QLineEdit | QPlainTextEdit | QAbstractItemView | QAbstractScrollArea
            )
        )
        if not seen:
            found.append(f"{each} {each.accessibleName()} shows neither words nor a tooltip")
    return found


async def test_every_control_has_a_name_and_says_what_it_is(run: Run) -> None:
    run.chat.scripts = [said("ok")]
    await run.asked("hello")
    for action in TABS:
        run.window.perform(action)
        await settle()
        assert unnamed(run.window) == []
    for sheet in (run.window.open_palette, run.window.open_shortcuts, run.window.open_welcome):
        sheet()
        await settle()
        assert unnamed(visible(run.window, Sheet)[0]) == []
    for page, _ in PAGES:
        run.window.open_settings(page)
        await settle()
        assert unnamed(visible(run.window, SettingsSheet)[0]) == []


@pytest.mark.parametrize("action", TABS)
async def test_tab_reaches_every_control_and_comes_round(run: Run, action: str) -> None:
    run.window.perform(action)
    await settle()
    wanted = {
        each
        for each in visible(run.window, QWidget)
        if each.focusPolicy() & Qt.FocusPolicy.TabFocus
        and each.isEnabled()
        and each.focusProxy() is None
        and not isinstance(each, QScrollArea)
    }
    reached: set[QWidget] = set()
    for _ in range(3 * len(wanted)):
        run.key(Qt.Key.Key_Tab)
        focus = QApplication.focusWidget()
        assert focus is not None
        reached.add(focus)
    missed = {each for each in wanted - reached if not _one_of_a_group(each, reached)}
    assert missed == set()


def _one_of_a_group(button: QWidget, reached: set[QWidget]) -> bool:
    # Tab stops at one button of a group; arrow keys go on within it.
    group = button.group() if isinstance(button, QAbstractButton) else None
    return group is not None and any(each in reached for each in group.buttons())


# Looks.


async def test_a_change_of_appearance_is_followed_at_once(run: Run) -> None:
    def grounds() -> set[str]:
        image = run.window.grab().toImage()
        return {image.pixelColor(x, 26).name().upper() for x in (2, image.width() - 2)}

    assert grounds() == {theme.LIGHT.colour.window}
    run.studio.preferences.change(appearance=Appearance.DARK)
    assert grounds() == {theme.DARK.colour.window}
    run.window.perform("switch_theme")
    assert grounds() == {theme.LIGHT.colour.window}
    assert run.studio.preferences.settings.appearance is Appearance.LIGHT


async def test_the_desktop_s_change_is_followed_where_the_setting_says_so(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        theme, "chosen", lambda wish: theme.DARK if wish is Appearance.SYSTEM else theme.LIGHT
    )
    QApplication.styleHints().colorSchemeChanged.emit(Qt.ColorScheme.Dark)
    assert theme.current() is theme.DARK
    run.studio.preferences.change(appearance=Appearance.LIGHT)
    assert theme.current() is theme.LIGHT
    QApplication.styleHints().colorSchemeChanged.emit(Qt.ColorScheme.Dark)
    assert theme.current() is theme.LIGHT


# Faults.


async def test_a_fault_of_ours_is_said_without_what_the_user_wrote_and_the_program_lives(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    run.chat.scripts = [[TextDelta("x"), RuntimeError("secret words of the user")], said("fine")]
    await run.asked("go")
    await until(lambda: bool(run.said))
    assert "secret words" not in run.said
    click(named_text(run, "Copy details"))
    copied = QApplication.clipboard().text()
    assert "RuntimeError" in copied
    assert "secret words" not in copied
    await run.asked("and now?")
    assert run.shown[-1] == "fine"


def named_text(run: Run, words: str) -> QAbstractButton:
    """The button that shows these words."""
    return next(each for each in visible(run.window, QAbstractButton) if each.text() == words)


async def test_the_welcome_s_links_open_without_asking(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[Any] = []
    monkeypatch.setattr(links, "open_url", spy(opened))
    run.window.open_welcome()
    visible(run.window, WelcomeSheet)[0].link_activated.emit("https://scripted.example/token")
    assert [url.host() for url in opened] == ["scripted.example"]


# Small things that one meets every day.


async def test_enter_while_an_answer_comes_says_that_the_message_waits(run: Run) -> None:
    hold = asyncio.Event()
    run.chat.scripts.append([TextDelta("so far"), hold, *said("done")])
    run.ask("one")
    await until(lambda: run.session.state is SessionState.STREAMING)
    run.ask("two")
    assert run.said.startswith("The answer is still being written.")
    assert run.field.toPlainText() == "two"
    hold.set()
    await run.idle()
    assert run.said == ""  # it waits no more


async def test_a_fork_has_a_title_of_its_own(run: Run) -> None:
    run.chat.scripts.append(said("One."))
    await run.asked("one")
    for wanted in ("one (2)", "one (3)"):
        before = run.session.conversation.id
        run.press("fork")
        await until(lambda before=before: run.session.conversation.id != before)  # type: ignore[misc]  # bound now
        assert run.session.conversation.title == wanted


async def test_a_button_leads_back_to_the_end(run: Run) -> None:
    run.chat.scripts.append(said("Long.\n\n" * 200))
    await run.asked("one")
    view = run.tab.presenter.view
    jump = run.tab.composer.end
    assert not jump.isVisible()
    view.go_to_top()
    assert jump.isVisible()
    click(jump)
    assert view.verticalScrollBar().value() == view.verticalScrollBar().maximum()
    assert not jump.isVisible()


async def test_the_way_back_to_the_end_holds_nothing_of_qts_that_may_be_taken_for_gone(
    run: Run,
) -> None:
    run.chat.scripts.append(said("Long.\n\n" * 200))
    await run.asked("one")
    view, jump = run.tab.presenter.view, run.tab.composer.end
    shiboken6.invalidate(view.verticalScrollBar())  # as happens in real windows
    view.go_to_top()
    assert jump.isVisible()
    click(jump)
    assert view.verticalScrollBar().value() == view.verticalScrollBar().maximum()
    assert not jump.isVisible()


async def test_what_is_read_and_written_keep_their_line_when_a_scroll_bar_comes(run: Run) -> None:
    run.chat.scripts += [said("Short."), said("Long.\n\n" * 200)]
    await run.asked("one")
    view, composer = run.tab.presenter.view, run.tab.composer

    def lefts() -> tuple[int, int]:
        column = view.viewport().mapTo(run.window, QPoint(view.column_x, 0)).x()
        return column, place_of(composer, run.window).left()

    before = lefts()
    assert before[0] == before[1]
    await run.asked("two")
    assert view.verticalScrollBar().maximum() > 0
    assert lefts() == before


async def test_a_right_click_in_the_history_opens_nothing(run: Run) -> None:
    run.chat.scripts += [said("One."), said("Two.")]
    await run.asked("one")
    run.ctrl(Qt.Key.Key_N)
    await run.asked("two")
    shown, rows = run.session.conversation.id, run.tab.history.list
    other = next(
        n
        for n in range(run.tab.history.rows.rowCount())
        if (each := run.tab.history.rows.at(n)) is not None and each.id != shown
    )
    place = rows.visualRect(run.tab.history.rows.index(other, 0)).center()
    QTest.mouseClick(rows.viewport(), Qt.MouseButton.RightButton, pos=place)
    assert not rows._is_chosen(other)
    assert run.session.conversation.id == shown


async def test_hiding_the_history_of_a_narrow_window_brings_nothing_in_its_place(run: Run) -> None:
    run.window.resize(*SMALLEST)
    await settle()
    inspector = child(run.tab, Inspector)
    run.ctrl(Qt.Key.Key_B)
    assert not run.tab.history.isVisible()
    assert not inspector.isVisible()
