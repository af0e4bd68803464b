"""The window speaks one language at a time, all of it, and changes it while it runs."""

from __future__ import annotations

import re
import sys
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator
from pathlib import Path

import catalogues
import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QLocale
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QWidget,
)
from tests.window_parts import Run

from studio.core import settings
from studio.core.credits import Balance
from studio.core.errors import TEXTS, ErrorKind, StoredError
from studio.core.images import JobStatus
from studio.core.settings import Language
from studio.sessions import doctor
from studio.storage import attachments, decoding, secrets
from studio.ui import actions, settings_data, settings_dialog, settings_fields, shortcuts, tabs
from studio.ui import text as words
from studio.ui.language import Translations
from studio.ui.widgets import empty_chat

FOLDER = Path(__file__).parents[2] / "resources" / "i18n"
HAN = re.compile("[一-鿿]")
LATIN = re.compile("[A-Za-z]{2,}")


@pytest.fixture(scope="module", autouse=True)
def _compiled() -> None:
    """The catalogues as Qt loads them."""
    tool = Path(sys.executable).parent / "pyside6-lrelease"
    catalogues.compile_stale(FOLDER, [str(tool)])


@pytest.fixture
def language(qapp: QApplication) -> Iterator[Callable[[Language], None]]:
    """Speaks a language until the test is over."""
    translations, before = Translations(qapp), QLocale()

    def speak(wanted: Language) -> None:
        translations.use(wanted)
        QCoreApplication.sendPostedEvents(None, QEvent.Type.LanguageChange)

    yield speak
    for translator in translations._installed:
        qapp.removeTranslator(translator)
    QLocale.setDefault(before)


def source_texts() -> set[tuple[str, str]]:
    """Contexts and English texts of the Chinese catalogue."""
    root = ET.parse(FOLDER / "studio_zh_CN.ts").getroot()
    return {
        (context.findtext("name", ""), message.findtext("source", ""))
        for context in root.iter("context")
        for message in context.iter("message")
    }


def tables() -> Iterator[tuple[str, str]]:
    """Every text that one room names and another translates, with the context it is looked up in."""
    for error in TEXTS.values():
        yield "errors", error.title
        yield "errors", error.hint
    for action in actions.ACTIONS:
        yield "actions", action.text
    for tab in tabs.TABS:
        yield "tabs", tab.name
    for _, title, question in empty_chat.SAMPLES:
        yield "samples", title
        yield "samples", question
    for name in vars(decoding), vars(attachments):
        for constant, value in name.items():
            if constant.isupper() and isinstance(value, str) and value.endswith("."):
                yield "pictures", value
    for sentence in secrets.SENTENCES.values():
        yield "secrets", sentence
    for other, _ in shortcuts._OTHERS:
        yield "shortcuts", other
    yield from settings_tables()
    for label in doctor.LABELS.values():
        yield "checks", label
    for check in [*doctor._ACCOUNT.values(), *doctor._NETWORK.values()]:
        yield "checks", check.note
        yield "checks", check.sentence


def settings_tables() -> Iterator[tuple[str, str]]:
    """The settings' labels, helps, choices and pages."""
    for field in settings.Settings.__dataclass_fields__.values():
        if field.metadata["page"]:
            yield "settings", field.metadata["label"]
            if field.metadata["help"]:
                yield "settings", field.metadata["help"]
    for _, page in settings.PAGES:
        yield "settings", page
    for part in settings_data._PART_NAMES.values():
        yield "settings", part
    for note in settings_dialog._NOTES.values():
        yield "settings", note
    own_names = settings_fields.OWN_NAMES.values()
    for choices in settings_fields.CHOICES.values():
        yield from (("settings", choice) for choice in choices.values() if choice not in own_names)


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
