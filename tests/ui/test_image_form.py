"""The form of the Images tab: numbers as people paste them, sizes that fit, refused values."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent, QGuiApplication, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QPlainTextEdit, QWidget

from studio.core.errors import ErrorKind, StudioError
from studio.core.images import JobStatus
from studio.ui.images.prompt_field import PromptEditor
from studio.ui.images.tab import ImageTab
from studio.ui.widgets.notice import Notice
from studio.ui.widgets.number_field import NumberField
from tests.image_tab_parts import studio_over
from tests.painting_parts import Painting, PictureService, until
from tests.window_parts import drag_enters

FLUX = "black-forest-labs/FLUX.1-Krea-dev"
Z_IMAGE = "Tongyi-MAI/Z-Image-Turbo"


@pytest.fixture
def pictures() -> PictureService:
    return PictureService()


@pytest.fixture
async def run(tmp_path: Path, pictures: PictureService) -> AsyncIterator[Painting]:
    running = Painting(tmp_path, pictures)
    await running.gallery.load()
    yield running
    await running.quit()


@pytest.fixture
async def tab(run: Painting, tmp_path: Path) -> AsyncIterator[ImageTab]:
    made = ImageTab(studio_over(run, tmp_path))
    made.resize(1440, 848)
    made.show()
    QTest.qWaitForWindowExposed(made)
    yield made
    made.close()
    made.deleteLater()


def named(tab: QWidget, kind: type[Any], name: str) -> Any:
    found = [each for each in tab.findChildren(kind) if each.accessibleName() == name]
    assert found, name
    return next((each for each in found if each.isVisible()), found[0])


def sides(tab: ImageTab) -> tuple[str, str]:
    width, height = (named(tab, NumberField, f"{side} in pixels") for side in ("Width", "Height"))
    return width.text(), height.text()


def sentences(tab: ImageTab) -> list[str]:
    """What the form says in the colour of a refusal."""
    labels = tab._form.findChildren(QLabel)
    return [each.text() for each in labels if each.property("look") == "bad" and each.isVisible()]


def paste(field: QWidget, text: str) -> None:
    """Replace what a field holds with what is on the clipboard."""
    QGuiApplication.clipboard().setText(text)
    field.setFocus()
    QTest.keyClick(field, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClick(field, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)


def press_generate(tab: ImageTab) -> None:
    QTest.mouseClick(named(tab, QAbstractButton, "Generate"), Qt.MouseButton.LeftButton)


@pytest.mark.parametrize("text", ["1024x768", "1024 × 768", "１０２４×７６８", "1024*768 px"])
@pytest.mark.parametrize("side", ["Width", "Height"])
async def test_a_size_that_is_pasted_into_either_field_fills_both(
    tab: ImageTab, text: str, side: str
) -> None:
    paste(named(tab, NumberField, f"{side} in pixels"), text)
    assert sides(tab) == ("1024", "768")
    assert sentences(tab) == []


@pytest.mark.parametrize(
    ("name", "text", "shown"),
    [
        ("Width in pixels", "1,024", "1024"),
        ("Width in pixels", "１０２４", "1024"),
        ("Height in pixels", "1 024 px", "1024"),
        ("Seed", "Seed: 1,234,567", "1234567"),
        ("Seed", " ４２ ", "42"),
        ("Steps", "30 steps", "30"),
        ("Guidance", "3,5", "3.5"),
        ("Guidance", "CFG scale: 7.25", "7.25"),
    ],
)
async def test_a_number_that_is_pasted_is_read_and_sent(
    tab: ImageTab, pictures: PictureService, name: str, text: str, shown: str
) -> None:
    field = named(tab, NumberField, name)
    paste(field, text)
    tab._form.write()  # leaving a field settles what is in it
    assert field.text() == shown
    assert field.value() == float(shown)
    assert sentences(tab) == []


async def test_a_size_that_is_typed_is_taken_when_the_field_is_left(tab: ImageTab) -> None:
    width = named(tab, NumberField, "Width in pixels")
    width.setFocus()
    width.selectAll()
    QTest.keyClicks(width, "1280x7")
    assert width.text() == "1280x7"  # somebody is still typing
    QTest.keyClicks(width, "20")
    tab._form.write()
    assert sides(tab) == ("1280", "720")


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("Width in pixels", "wide", "“wide” is not a whole number. Enter one from 64 to 1664."),
        ("Seed", "random", "“random” is not a whole number. Enter one from 0 to 2147483647."),
        ("Steps", "7.5", "“7.5” is not a whole number. Enter one from 1 to 100."),
        ("Guidance", "1.5.2", "“1.5.2” is not a number. Enter one from 1.5 to 20."),
        ("Seed", "-1", "-1 is outside 0 to 2147483647."),
    ],
)
async def test_what_is_no_number_stays_and_the_field_says_what_it_takes(
    tab: ImageTab, run: Painting, pictures: PictureService, name: str, text: str, sentence: str
) -> None:
    tab._form.write_prompt("A lighthouse")
    field = named(tab, NumberField, name)
    paste(field, text)
    assert sentences(tab) == [sentence]
    press_generate(tab)
    assert field.text() == text
    assert QApplication.focusWidget() is field
    await asyncio.sleep(0)
    assert run.session.jobs == () and pictures.ordered == []


@pytest.mark.parametrize("model", [FLUX, Z_IMAGE, "Tongyi-MAI/Z-Image", "FLUX.2-klein-9B"])
async def test_sides_step_by_sixteen_where_the_family_needs_it(tab: ImageTab, model: str) -> None:
    tab._form.choose(model)
    width = named(tab, NumberField, "Width in pixels")
    width.set_value(1000)
    assert sentences(tab) == ["1000 is not a multiple of 16: this model takes 992 or 1008."]
    QTest.keyClick(width, Qt.Key.Key_Up)
    assert width.text() == "1008"
    QTest.keyClick(width, Qt.Key.Key_Down)
    assert width.text() == "992"
    width.set_value(1001)
    QTest.keyClick(width, Qt.Key.Key_Down)
    assert width.text() == "992"
    assert sentences(tab) == []
    for chip in tab._form.findChildren(QAbstractButton):
        if hasattr(chip, "size_pixels"):
            chip.click()
            assert sentences(tab) == [], chip.size_pixels


async def test_a_family_without_the_rule_takes_any_side(tab: ImageTab) -> None:
    width = named(tab, NumberField, "Width in pixels")
    width.set_value(1001)
    assert sentences(tab) == []


async def test_a_refused_value_is_told_at_its_field_until_it_is_changed(
    tab: ImageTab, run: Painting, pictures: PictureService
) -> None:
    said = "Height must be divisible by 16"
    error = StudioError(ErrorKind.REFUSED, said, values={"fields": "size"})
    pictures.at_submit = [error]
    height = named(tab, NumberField, "Height in pixels")
    height.set_value(1000)
    tab._form.write_prompt("A lighthouse")
    press_generate(tab)
    await until(
        lambda: any(job.status is JobStatus.FAILED for job in run.session.jobs), run.session.failed
    )
    assert sentences(tab) == [f"The service refused this: {said}"]
    assert height.accessibleDescription() == sentences(tab)[0]
    assert len(pictures.ordered) == 1
    # The card leads to the field and orders nothing.
    tab._form.choose(FLUX)
    assert f"The service refused this: {said}" not in sentences(tab)
    buttons = tab._stage.tile.findChildren(QAbstractButton)
    next(each for each in buttons if each.text() == "Change it in the form").click()
    assert height.hasFocus()
    assert tab._form.model == "Qwen/Qwen-Image"
    assert sentences(tab) == [f"The service refused this: {said}"]
    height.set_value(1008)
    assert sentences(tab) == []
    assert len(pictures.ordered) == 1


def _drop(field: QPlainTextEdit, data: QMimeData) -> None:
    place = QPointF(field.viewport().rect().center())
    actions = Qt.DropAction.CopyAction
    button, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    enter = drag_enters(place.toPoint(), data, actions)
    QApplication.sendEvent(field.viewport(), enter)
    assert enter.isAccepted()
    QApplication.sendEvent(field.viewport(), QDropEvent(place, actions, data, button, none))


def _file(path: str) -> QMimeData:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(path)])
    data.setText(path)
    return data


def _pixels(address: str) -> QMimeData:
    data = QMimeData()
    data.setImageData(QImage(8, 8, QImage.Format.Format_RGB32))
    data.setUrls([QUrl(address)])
    data.setText(address)
    return data


@pytest.mark.parametrize(
    "make",
    [
        lambda: _file("/home/me/cat.png"),
        lambda: _file("/home/me/notes.txt"),
        lambda: _pixels("https://x.example/cat.png"),
    ],
    ids=["a picture file", "another file", "a picture out of a browser"],
)
@pytest.mark.parametrize("pasted", [False, True])
async def test_a_picture_that_comes_into_the_prompt_is_refused_in_words_and_inserts_nothing(
    tab: ImageTab, make: Any, pasted: bool
) -> None:
    told: list[Notice] = []
    tab.noticed.connect(told.append)
    editor = named(tab, PromptEditor, "Prompt")
    if pasted:
        QGuiApplication.clipboard().setMimeData(make())
        editor.paste()
    else:
        _drop(editor, make())
    assert editor.toPlainText() == ""
    assert [each.text for each in told] == [
        "A prompt is words only. Drop a picture on the Vision tab to ask about it."
    ]


async def test_words_that_come_into_the_prompt_are_words(tab: ImageTab) -> None:
    told: list[Notice] = []
    tab.noticed.connect(told.append)
    editor = named(tab, PromptEditor, "Prompt")
    words, link = QMimeData(), QMimeData()
    words.setText("a cat ")
    words.setImageData(QImage(8, 8, QImage.Format.Format_RGB32))  # as office programs give it
    _drop(editor, words)
    link.setUrls([QUrl("https://x.example/page")])
    link.setText("https://x.example/page")
    _drop(editor, link)
    assert set(editor.toPlainText().split()) == {"a", "cat", "https://x.example/page"}
    assert told == []
