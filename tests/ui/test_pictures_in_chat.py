"""Pictures in the Chat tab: taken where the model sees, else refused with a sentence."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog, QPushButton, QToolButton

from studio.core.models import Capability
from studio.core.stream import ImageContent
from studio.ui.shell.shortcuts import ShortcutsSheet
from studio.ui.widgets.sheet import ScrollPage
from tests.scripted import said, until
from tests.window_parts import Run, child, named, picture, pixels, texts, visible

SEES, BLIND = "Qwen/Qwen2.5-VL-72B-Instruct", "Qwen/Qwen3-Coder-30B-A3B-Instruct"
REFUSED = "takes no pictures. Choose a model that can see, or ask in Vision."


@pytest.fixture
def pasted() -> None:
    """A picture on the clipboard."""
    data = QMimeData()
    data.setImageData(pixels())
    QGuiApplication.clipboard().setMimeData(data)


async def test_the_models_of_these_tests_are_what_they_are_taken_for(run: Run) -> None:
    find = run.studio.catalogue.find
    assert Capability.VISION in find(SEES).capabilities
    assert Capability.VISION not in find(BLIND).capabilities


async def test_a_model_that_sees_is_asked_about_a_picture_in_chat(
    run: Run, tmp_path: Path, pasted: None
) -> None:
    run.tab.use_model(SEES)
    attachments = run.tab.presenter.attachments
    run.field.setFocus()
    run.ctrl(Qt.Key.Key_V)
    run.drop(picture(tmp_path / "a.png"))
    await until(lambda: len(attachments.parts) == 2)
    run.chat.scripts = [said("two pictures")]
    await run.asked("what is this?")
    (turn,) = run.chat.requests[-1].turns
    assert sum(isinstance(each, ImageContent) for each in turn.content) == 2
    assert not attachments.any


async def test_a_model_that_does_not_see_refuses_with_a_sentence(
    run: Run, tmp_path: Path, pasted: None
) -> None:
    run.tab.use_model(BLIND)
    attachments = run.tab.presenter.attachments

    def refused() -> bool:
        told = REFUSED in run.said and "Qwen3-Coder-30B-A3B-Instruct" in run.said
        return told and not attachments.any

    run.ctrl(Qt.Key.Key_O)
    assert refused()
    assert run.tab.composer.findChildren(QFileDialog) == []
    named(run.tab.composer, QToolButton, "Add pictures").click()
    assert run.tab.composer.findChildren(QFileDialog) == []
    run.field.setFocus()
    run.ctrl(Qt.Key.Key_V)
    run.drop(picture(tmp_path / "a.png"))
    run.drop("https://example.org/a.png")
    attachments.add_bytes(b"bytes", "name")
    assert refused()
    run.chat.scripts = [said("words alone")]
    await run.asked("hello")
    assert run.shown == ["hello", "words alone"]


async def test_a_picture_is_not_sent_to_a_model_chosen_afterwards_that_cannot_see(
    run: Run, tmp_path: Path
) -> None:
    run.tab.use_model(SEES)
    run.drop(picture(tmp_path / "a.png"))
    attachments = run.tab.presenter.attachments
    await until(lambda: len(attachments.parts) == 1)
    run.tab.use_model(BLIND)
    run.ask("what is this?")
    assert REFUSED in run.said
    assert run.chat.requests == []
    assert run.tab.composer.text == "what is this?"
    assert attachments.any, "neither words nor picture are lost"
    run.tab.use_model(SEES)
    run.chat.scripts = [said("a picture")]
    await run.asked("")
    assert run.shown == ["what is this?", "a picture"]


async def test_a_model_typed_by_hand_may_see(run: Run, tmp_path: Path) -> None:
    run.tab.use_model("my/own-model")
    run.drop(picture(tmp_path / "a.png"))
    await until(lambda: len(run.tab.presenter.attachments.parts) == 1)


async def test_f1_lists_the_keys_as_they_are_set(run: Run) -> None:
    for enter_sends, send, line in ((True, "Enter", "Shift+Enter"), (False, "Ctrl+Enter", "Enter")):
        run.studio.preferences.change(send_with_enter=enter_sends)
        run.key(Qt.Key.Key_F1)
        (sheet,) = visible(run.window, ShortcutsSheet)
        listed = list(texts(sheet))
        assert listed[listed.index("Send the message") + 1] == send
        assert listed[listed.index("Break the line") + 1] == line
        run.key(Qt.Key.Key_Escape)


@pytest.mark.parametrize("size", [(1440, 900), (1000, 800), (900, 600)])
async def test_nothing_in_the_list_of_keys_lies_on_anything_else(
    run: Run, size: tuple[int, int]
) -> None:
    run.window.resize(*size)
    run.key(Qt.Key.Key_F1)
    (sheet,) = visible(run.window, ShortcutsSheet)
    (close,) = [each for each in visible(sheet, QPushButton) if each.text() == "Close"]
    page = child(sheet, ScrollPage)
    await until(lambda: close.geometry().top() > page.geometry().bottom())
    assert sheet.panel.rect().contains(close.geometry())
    run.key(Qt.Key.Key_Escape)
