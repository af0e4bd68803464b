"""The window speaks one language at a time, all of it, and changes it while it runs."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QAbstractButton,
    QComboBox,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QStackedWidget,
    QWidget,
)

from studio.core import settings
from studio.core.errors import TEXTS, ErrorKind, StoredError
from studio.core.images import JobStatus
from studio.core.settings import Language
from studio.sessions.account import doctor
from studio.sessions.history.conversation_list import HistoryRole
from studio.storage import secrets
from studio.storage.pictures import attachments, decoding
from studio.ui import actions
from studio.ui.chat.code_sheet import CodeSheet
from studio.ui.history.paint import group_words
from studio.ui.look import text as words
from studio.ui.settings import data_page, dialog, fields
from studio.ui.settings.dialog import SettingsSheet
from studio.ui.shell import shortcuts, tabs
from studio.ui.shell.onboarding import WelcomeSheet
from studio.ui.shell.palette import PaletteSheet
from studio.ui.shell.queue_popover import QueuePopover
from studio.ui.shell.shortcuts import ShortcutsSheet
from studio.ui.transcript import words as transcript_words
from studio.ui.widgets import empty_chat
from studio.ui.widgets.language_button import OWN_NAMES
from studio.ui.widgets.model_popup import ModelPopup
from tests.scripted import said as streamed
from tests.scripted import until
from tests.window_parts import Run, click, named, picture

FOLDER = Path(__file__).parents[2] / "resources" / "i18n"
HAN = re.compile("[一-鿿]")
LATIN = re.compile("[A-Za-z]{2,}")


def source_texts() -> set[tuple[str, str]]:
    """Contexts and English texts of the Chinese catalogue."""
    root = ET.parse(FOLDER / "studio_zh_CN.ts").getroot()
    return {
        (context.findtext("name", ""), message.findtext("source", ""))
        for context in root.iter("context")
        for message in context.iter("message")
    }


def chinese_texts() -> list[str]:
    """Every Chinese text."""
    root = ET.parse(FOLDER / "studio_zh_CN.ts").getroot()
    return ["".join(each.itertext()) for each in root.iter("translation")]


def tables() -> Iterator[tuple[str, str]]:
    """Every text that one room names and another translates, with where it is looked up."""
    for error in TEXTS.values():
        yield from (("errors", error.title), ("errors", error.hint))
    yield from (("actions", action.text) for action in actions.ACTIONS)
    yield from (("tabs", tab.name) for tab in tabs.TABS)
    for _, title, question in empty_chat.SAMPLES:
        yield from (("samples", title), ("samples", question))
    for room in (vars(decoding), vars(attachments)):
        sentences = (room[name] for name in room if name.isupper())
        yield from (("pictures", each) for each in sentences if str(each).endswith("."))
    yield from (("secrets", sentence) for sentence in secrets.SENTENCES.values())
    yield from (("shortcuts", text) for text, _ in shortcuts._OTHERS)
    yield from (("checks", label) for label in doctor.LABELS.values())
    for check in [*doctor._ACCOUNT.values(), *doctor._NETWORK.values()]:
        yield from (("checks", check.note), ("checks", check.sentence))
    yield from (("settings", text) for text in settings_texts())


def settings_texts() -> Iterator[str]:
    """The settings' labels, helps, choices and pages."""
    for spec in settings.SPECS:
        yield from (spec.label, spec.help)
    yield from dict(settings.PAGES).values()
    yield from data_page._PART_NAMES.values()
    yield from dialog._NOTES.values()
    own_names = OWN_NAMES.values()
    for choices in fields.CHOICES.values():
        yield from (choice for choice in choices.values() if choice not in own_names)


def test_every_text_that_another_room_names_is_in_the_catalogue() -> None:
    named = set(tables())
    assert {context for context, _ in named} == {
        *("errors", "actions", "tabs", "samples", "pictures", "secrets"),
        *("shortcuts", "settings", "checks"),
    }
    assert {entry for entry in named if entry[1]} - source_texts() == set()


@pytest.mark.parametrize("kind", list(ErrorKind))
def test_every_error_is_told_in_chinese(
    kind: ErrorKind, language: Callable[[Language], None]
) -> None:
    language(Language.CHINESE)
    for values in ({}, {"host": "modelscope.cn", "model": "Qwen3.5-35B-A3B"}):
        title, hint = words.error_words(StoredError(kind, values=values))
        for part in (title, hint):
            assert HAN.search(part)
            assert not re.search(r"[{}]|  |[一-鿿] [一-鿿]", part), part
        assert words.error_sentence(StoredError(kind, values=values)).endswith(("。", "？"))


def test_a_reason_of_another_room_is_told_in_chinese(language: Callable[[Language], None]) -> None:
    language(Language.CHINESE)
    too_large = decoding.unreadable(decoding.TOO_MANY_BYTES, limit="64").stored()
    assert words.error_words(too_large) == ("无法读取这张图片", "文件超过了 64 MB。")
    locked = secrets.SecretsUnusable(secrets.SecretProblem.LOCKED).stored()
    assert words.error_words(locked)[1] == "系统密钥环已锁定，没有解锁。"


def test_figures_and_lists_are_put_as_the_language_puts_them(
    language: Callable[[Language], None],
) -> None:
    language(Language.CHINESE)
    assert words.seconds(4.24) == "4.2 秒"
    assert words.credit_count(1) == "1 魔粒"
    assert words.credit_count(1143.5) == "1,143.5 魔粒"
    assert words.listed(["top_p", "seed"]) == "top_p和seed"
    assert words.labelled("打开", "数据文件夹") == "打开：数据文件夹"
    language(Language.ENGLISH)
    assert words.seconds(4.24) == "4.2 s"
    assert [words.credit_count(n) for n in (1, 2)] == ["1 credit", "2 credits"]
    assert words.listed(["steps", "guidance", "seed"]) == "steps, guidance, and seed"
    assert words.labelled("Open", "Data folder") == "Open: Data folder"


# What is nobody's language: models and hosts as the service names them, paths, keys, numbers.
_NAMELESS = re.compile(
    r"</?qt>|3\.png|Qwen[\w./:-]*|scripted|/[\w./-]+|https?://\S+|socks5?://\S+|[\w.]+\.(cn|ai)\b"
    r"|(Ctrl|Shift)\+\S+|F\d+|Del\b|\w*TOKEN\w*|[KMG]B\b"
)


def is_shown(widget: QWidget, root: QWidget) -> bool:
    """Whether a widget is seen, or would be when its tab is chosen."""
    parent = widget.parentWidget()
    if widget is root or parent is None:
        return True
    hidden = widget.isHidden() and not isinstance(parent, QStackedWidget)
    return not hidden and is_shown(parent, root)


def said(root: QWidget) -> list[tuple[str, str, str]]:
    """Every word that the widgets below `root` show or tell: kind of widget, what it is, words."""
    found = []
    for widget in [root, *root.findChildren(QWidget)]:
        if not is_shown(widget, root):
            continue
        told = {
            "tooltip": widget.toolTip(),
            "name": widget.accessibleName(),
            "description": widget.accessibleDescription(),
            "title": widget.windowTitle(),
        }
        if isinstance(widget, QLabel | QAbstractButton):
            told["text"] = widget.text()
        if isinstance(widget, QLineEdit | QPlainTextEdit):
            told["placeholder"] = widget.placeholderText()
        if isinstance(widget, QComboBox):
            told["items"] = "\n".join(widget.itemText(i) for i in range(widget.count()))
        found += [(type(widget).__name__, what, words) for what, words in told.items() if words]
    actions_ = root.findChildren(QAction)
    found += [("QAction", "text", action.text()) for action in actions_ if action.text()]
    return sorted(found)


def left_in_english(root: QWidget) -> list[tuple[str, str, str]]:
    """What a Chinese window still says in English."""
    # Latin words that the Chinese texts themselves have: OpenAI, PNG, Enter.
    known = {word for words in chinese_texts() for word in LATIN.findall(words)}
    known |= {"English", "Tab", "Space", "Home", "End"}  # a language by its own name, keys
    return [
        (kind, what, words)
        for kind, what, words in said(root)
        if set(LATIN.findall(_NAMELESS.sub("", words))) - known
    ]


def switched(root: QWidget, language: Callable[[Language], None]) -> int:
    """English, Chinese, English: nothing stays behind; returns how many words changed."""
    language(Language.ENGLISH)
    english = said(root)
    assert not [each for each in english if HAN.search(_own_chinese(each[2]))]
    language(Language.CHINESE)
    chinese = said(root)
    assert left_in_english(root) == []
    language(Language.ENGLISH)
    assert set(said(root)) == set(english)
    return len(set(chinese) - set(english))


def _own_chinese(text: str) -> str:
    return text.replace("简体中文", "").replace("魔搭社区", "")


async def test_the_tabs_change_their_language_while_they_are_shown(
    language: Callable[[Language], None], run: Run, tmp_path: Path
) -> None:
    run.chat.scripts = [streamed("Quite so.")]
    for index in range(len(tabs.TABS)):
        run.window.show_tab(index)
    image_tab = run.window.current_tab
    named(image_tab, QPlainTextEdit, "Prompt").setPlainText("12")
    click(named(image_tab, QAbstractButton, "Generate"))
    await until(lambda: any(job.status is JobStatus.FAILED for job in run.studio.painting.jobs))
    run.window.show_tab(1)
    run.drop(picture(tmp_path / "3.png"))
    await until(lambda: bool(run.tab.presenter.attachments.parts))
    run.window.show_tab(0)
    await run.asked("1")
    run.press("edit", 0)
    assert switched(run.window, language) > 80


async def test_what_is_painted_changes_its_language_too(
    language: Callable[[Language], None], run: Run
) -> None:
    run.chat.scripts = [streamed("Quite so.")]
    await run.asked("1")
    await run.asked("2")  # nothing is scripted: the host cannot be reached
    language(Language.CHINESE)
    view = run.tab.presenter.view
    view.flush()
    box = view.stage.box(len(view.stage.messages) - 1)
    answered = view.stage.box(1)
    assert {"重新生成", "复制"} <= {button.name for button in answered.actions()}
    assert [button.name for button in box.card_buttons()][-1] == "重试"
    card = transcript_words.card(box.message)
    assert card is not None
    assert card.title == "无法连接 scripted"
    rows = run.tab.history.list.model()
    headings = [rows.index(row, 0).data(HistoryRole.GROUP) for row in range(rows.rowCount())]
    assert [group_words(group) for group in headings if group is not None] == ["今天"]
    language(Language.ENGLISH)
    view.flush()
    assert "Copy" in {button.name for button in view.stage.box(1).actions()}


@pytest.mark.parametrize("page", [page for page, _ in settings.PAGES])
async def test_the_settings_change_their_language_while_they_are_open(
    page: str, language: Callable[[Language], None], run: Run
) -> None:
    run.window.open_settings(page)
    await until(lambda: not run.studio.account.checking)
    sheet = run.window.findChild(SettingsSheet)
    assert isinstance(sheet, SettingsSheet)
    assert switched(sheet, language) > 10


async def test_the_welcome_changes_its_language_while_it_is_open(
    language: Callable[[Language], None], run: Run
) -> None:
    run.window.open_welcome()
    sheet = run.window.findChild(WelcomeSheet)
    assert isinstance(sheet, WelcomeSheet)
    sheet.form.field.setText("ms-0123456789abcdef")
    click(sheet.form.check_button)
    await until(lambda: run.studio.account.examination.finished)
    assert switched(sheet, language) > 15


async def test_sheets_that_close_at_a_choice_open_in_the_language_of_the_moment(
    language: Callable[[Language], None], run: Run
) -> None:
    run.chat.scripts = [streamed("Quite so.")]
    await run.asked("1")
    language(Language.CHINESE)
    openings = (
        (run.window.open_palette, PaletteSheet),
        (run.window.open_shortcuts, ShortcutsSheet),
        (lambda: run.press("show_code"), CodeSheet),
        (run.tab.head.picker.open, ModelPopup),
        (run.window.open_queue, QueuePopover),
    )
    for opening, kind in openings:
        opening()
        sheet = run.window.findChild(kind)
        assert isinstance(sheet, kind)
        assert left_in_english(sheet) == []
        assert HAN.search("".join(words for _, _, words in said(sheet)))
        sheet.close()
