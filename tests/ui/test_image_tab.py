"""The Images tab as a person uses it: real sessions, typing, clicking, looking."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QGuiApplication, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QFileDialog, QLabel, QSlider, QWidget

from studio.core.errors import ErrorAction, ErrorKind, StudioError
from studio.core.images import GeneratedImage, JobStatus
from studio.sessions.images.gallery import GalleryModel
from studio.storage.pictures import library_rows
from studio.ui.images.filmstrip import CELL_WIDTH, GAP
from studio.ui.images.prompt_field import PromptEditor
from studio.ui.images.ratio_chips import RatioChips
from studio.ui.images.tab import ImageTab
from studio.ui.widgets.notice import Notice
from studio.ui.widgets.number_field import NumberField
from tests.image_tab_parts import studio_over
from tests.painting_parts import Painting, PictureService, png, request, until

WIDE = (1440, 848)


@pytest.fixture
def pictures() -> PictureService:
    return PictureService(content=png(96, 64))


@pytest.fixture
async def run(tmp_path: Path, pictures: PictureService) -> AsyncIterator[Painting]:
    running = Painting(tmp_path, pictures)
    await running.gallery.load()
    yield running
    await running.quit()


@pytest.fixture
async def tab(run: Painting, tmp_path: Path) -> AsyncIterator[ImageTab]:
    made = ImageTab(studio_over(run, tmp_path))
    made.resize(*WIDE)
    made.show()
    QTest.qWaitForWindowExposed(made)
    yield made
    made.close()
    made.deleteLater()


def named(tab: QWidget, kind: type[Any], name: str) -> Any:
    """The control of a kind with an accessible name, as a screen reader finds it."""
    found = [each for each in tab.findChildren(kind) if each.accessibleName() == name]
    assert found, name
    return next((each for each in found if each.isVisible()), found[0])


def click(widget: QWidget) -> None:
    """A click of the left button in the middle."""
    QTest.mouseClick(widget, Qt.MouseButton.LeftButton)


def prompt(tab: ImageTab) -> PromptEditor:
    editor = named(tab, PromptEditor, "Prompt")
    assert isinstance(editor, PromptEditor)
    return editor


def chips(tab: ImageTab) -> RatioChips:
    return tab._form.findChildren(RatioChips)[0]


def type_over(field: NumberField, text: str) -> None:
    """Replace what a field holds by typing."""
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, text)


def sentences(tab: QWidget) -> list[str]:
    """Every sentence of refusal that can be seen."""
    return [
        each.text()
        for each in tab.findChildren(QLabel)
        if each.property("look") == "bad" and each.isVisible() and each.text()
    ]


async def make(tab: ImageTab, run: Painting, words: str = "A lighthouse") -> GeneratedImage:
    """Type a prompt, click Generate, wait for the picture."""
    before = run.gallery.rowCount()
    prompt(tab).setPlainText(words)
    click(named(tab, QAbstractButton, "Generate"))
    await until(
        lambda: run.gallery.rowCount() > before and not run.session.jobs,
        run.session.image_added,
        run.session.job_removed,
    )
    image = run.gallery.newest
    assert image is not None
    return image


# The form.


async def test_typing_and_clicking_makes_a_picture_that_is_shown_and_kept(
    tab: ImageTab, run: Painting, pictures: PictureService
) -> None:
    QTest.keyClicks(prompt(tab), "A lighthouse at dusk")
    click(named(tab, QAbstractButton, "Generate"))
    await until(lambda: run.gallery.rowCount() == 1, run.session.image_added)
    (asked,) = pictures.ordered
    assert asked.prompt == "A lighthouse at dusk"
    assert asked.size == (1328, 1328)
    assert asked.seed is not None and 0 <= asked.seed < 2**31
    assert (asked.steps, asked.guidance, asked.negative_prompt) == (None, None, "")
    viewer = tab._stage.viewer
    await until(lambda: viewer.image.width() == 96, run.gallery.picture_decoded)
    assert viewer.isVisible()
    assert tab._strip.isVisible()
    assert prompt(tab).toPlainText() == "A lighthouse at dusk"


async def test_ctrl_enter_generates_and_enter_breaks_the_line(
    tab: ImageTab, run: Painting, pictures: PictureService
) -> None:
    editor = prompt(tab)
    QTest.keyClicks(editor, "one")
    QTest.keyClick(editor, Qt.Key.Key_Return)
    QTest.keyClicks(editor, "two")
    assert editor.toPlainText() == "one\ntwo"
    QTest.keyClick(editor, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    await until(lambda: pictures.ordered, pictures.bell.rung)
    assert pictures.ordered[0].prompt == "one\ntwo"


async def test_an_empty_prompt_is_refused_in_place_and_only_when_asked(
    tab: ImageTab, pictures: PictureService
) -> None:
    assert sentences(tab) == []
    click(named(tab, QAbstractButton, "Generate"))
    assert sentences(tab) == ["Describe the picture first."]
    assert QApplication.focusWidget() is prompt(tab)
    QTest.keyClicks(prompt(tab), "x")
    assert sentences(tab) == []
    assert pictures.ordered == []


@pytest.mark.parametrize("length", [1999, 2000, 2001])
async def test_a_prompt_of_two_thousand_characters_is_too_long(
    tab: ImageTab, run: Painting, pictures: PictureService, length: int
) -> None:
    prompt(tab).setPlainText("画" * length)
    assert any(
        each.text() == f"{length} / 2000" for each in tab.findChildren(QLabel) if each.isVisible()
    )
    click(named(tab, QAbstractButton, "Generate"))
    if length < 2000:
        await until(lambda: pictures.ordered, pictures.bell.rung)
        assert len(pictures.ordered[0].prompt) == 1999
        return
    refusal = f"{length} characters are too many: this model takes fewer than 2000."
    assert refusal in sentences(tab)
    assert len(prompt(tab).toPlainText()) == length
    await asyncio.sleep(0)
    assert run.session.jobs == () and pictures.ordered == []


@pytest.mark.parametrize(
    ("field", "typed", "sentence"),
    [
        ("Width in pixels", "1665", "1665 is outside 64 to 1664."),
        ("Width in pixels", "", "0 is outside 64 to 1664."),
        ("Height in pixels", "63", "63 is outside 64 to 1664."),
        ("Seed", "2147483648", "2147483648 is outside 0 to 2147483647."),
        ("Steps", "101", "101 is outside 1 to 100."),
        ("Steps", "0", "0 is outside 1 to 100."),
        ("Guidance", "20.1", "20.1 is outside 1.5 to 20."),
        ("Guidance", "1.4", "1.4 is outside 1.5 to 20."),
    ],
)
async def test_a_value_out_of_range_is_refused_in_place_and_never_leaves(
    tab: ImageTab, run: Painting, pictures: PictureService, field: str, typed: str, sentence: str
) -> None:
    prompt(tab).setPlainText("A lighthouse")
    entry = named(tab, NumberField, field)
    type_over(entry, typed) if typed else entry.clear()
    assert sentences(tab) == [sentence]
    assert entry.accessibleDescription() == sentence or field in ("Steps", "Guidance")
    prompt(tab).setFocus()
    click(named(tab, QAbstractButton, "Generate"))
    assert QApplication.focusWidget() is entry
    await asyncio.sleep(0)
    assert run.session.jobs == () and pictures.ordered == []


async def test_chips_set_the_size_and_arrows_swap_it(tab: ImageTab) -> None:
    click(named(chips(tab), QAbstractButton, "4:3, 1472 by 1104 pixels"))
    width, height = (named(tab, NumberField, f"{side} in pixels") for side in ("Width", "Height"))
    assert (width.text(), height.text()) == ("1472", "1104")
    click(named(tab, QAbstractButton, "Swap width and height"))
    assert (width.text(), height.text()) == ("1104", "1472")
    chip = named(chips(tab), QAbstractButton, "3:4, 1104 by 1472 pixels")
    assert chip.isChecked()
    QTest.keyClick(width, Qt.Key.Key_Up)
    assert width.text() == "1112"
    assert not chip.isChecked()


async def test_another_model_brings_its_own_ranges_and_the_same_proportion(
    tab: ImageTab, run: Painting
) -> None:
    click(named(chips(tab), QAbstractButton, "16:9, 1664 by 928 pixels"))
    tab._form.choose("Tongyi-MAI/Z-Image-Turbo")
    width, height = (named(tab, NumberField, f"{side} in pixels") for side in ("Width", "Height"))
    assert (width.text(), height.text()) == ("1280", "720")
    type_over(width, "500")
    assert sentences(tab) == ["500 is outside 512 to 2048."]
    assert run.preferences.settings.image_model == "Tongyi-MAI/Z-Image-Turbo"


async def test_a_size_typed_by_hand_stays_and_says_when_another_model_refuses_it(
    tab: ImageTab,
) -> None:
    type_over(named(tab, NumberField, "Width in pixels"), "1200")
    tab._form.choose("black-forest-labs/FLUX.1-Krea-dev")
    assert named(tab, NumberField, "Width in pixels").text() == "1200"
    assert "1200 is outside 64 to 1024." in sentences(tab)


async def test_every_picture_has_its_own_seed_unless_it_is_locked(
    tab: ImageTab, run: Painting, pictures: PictureService
) -> None:
    await make(tab, run)
    await make(tab, run)
    click(named(tab, QAbstractButton, "Keep this seed for the next picture"))
    await make(tab, run)
    first, second, third = (each.seed for each in pictures.ordered)
    assert first != second
    assert second == third
    click(named(tab, QAbstractButton, "Draw a new seed"))
    await make(tab, run)
    assert pictures.ordered[3].seed != third


async def test_a_seed_that_is_typed_is_kept(
    tab: ImageTab, run: Painting, pictures: PictureService
) -> None:
    type_over(named(tab, NumberField, "Seed"), "42")
    await make(tab, run)
    await make(tab, run)
    assert [each.seed for each in pictures.ordered] == [42, 42]


async def test_sliders_and_numbers_follow_each_other(
    tab: ImageTab, run: Painting, pictures: PictureService
) -> None:
    slider, steps = named(tab, QSlider, "Steps"), named(tab, NumberField, "Steps")
    assert steps.text() == "" and slider.value() == 30
    type_over(steps, "50")
    assert slider.value() == 50
    slider.setFocus()
    QTest.keyClick(slider, Qt.Key.Key_Right)
    assert steps.text() == "51"
    type_over(named(tab, NumberField, "Guidance"), "7.5")
    await make(tab, run)
    assert (pictures.ordered[0].steps, pictures.ordered[0].guidance) == (51, 7.5)
    steps.clear()
    await make(tab, run)
    assert pictures.ordered[1].steps is None


async def test_the_negative_prompt_unfolds_and_is_sent(
    tab: ImageTab, run: Painting, pictures: PictureService
) -> None:
    fold = named(tab, QAbstractButton, "Negative prompt")
    editor = next(e for e in tab.findChildren(PromptEditor) if e is not prompt(tab))
    assert not editor.isVisible()
    fold.setFocus()
    QTest.keyClick(fold, Qt.Key.Key_Space)
    assert editor.isVisible() and editor.hasFocus()
    QTest.keyClicks(editor, "blurry, text")
    await make(tab, run)
    assert pictures.ordered[0].negative_prompt == "blurry, text"
    click(fold)
    assert "blurry, text" in fold.text()


async def test_the_wheel_scrolls_the_form_and_changes_no_value(tab: ImageTab) -> None:
    slider = named(tab, QSlider, "Steps")
    before = slider.value()
    centre = QPointF(slider.rect().center())
    wheel = QWheelEvent(
        centre,
        slider.mapToGlobal(centre),
        QPoint(),
        QPoint(0, -120),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(slider, wheel)
    assert slider.value() == before


async def test_a_sample_fills_the_form_and_sends_nothing(
    tab: ImageTab, run: Painting, pictures: PictureService
) -> None:
    card = next(
        each
        for each in tab.findChildren(QAbstractButton)
        if each.accessibleName().startswith("A landscape:")
    )
    click(card)
    assert prompt(tab).toPlainText().startswith("A lighthouse on a dark cliff")
    await asyncio.sleep(0)
    assert run.session.jobs == () and pictures.ordered == []


# On its way.


async def test_a_running_order_shows_its_time_and_can_be_given_up(
    tab: ImageTab, run: Painting, pictures: PictureService
) -> None:
    pictures.looks = 10**9
    prompt(tab).setPlainText("A lighthouse")
    click(named(tab, QAbstractButton, "Generate"))
    await until(lambda: pictures.polled, pictures.bell.rung)
    tile = tab._stage.tile
    assert tile.isVisible() and tile.is_ticking()
    assert tile._title.text().startswith("Generating · ")
    click(named(tile, QAbstractButton, "Stop waiting"))
    await until(lambda: run.session.jobs[0].status is JobStatus.CANCELLED, run.session.job_changed)
    assert not tile.is_ticking()
    assert shown(tile) == "You stopped waiting"
    pictures.finish("task-1")
    click(button(tile, "Look again"))
    await until(lambda: run.gallery.rowCount() == 1, run.session.image_added)
    assert len(pictures.ordered) == 1


async def test_seconds_are_counted_only_while_somebody_sees_them(
    tab: ImageTab, run: Painting, pictures: PictureService
) -> None:
    pictures.looks = 10**9
    prompt(tab).setPlainText("A lighthouse")
    click(named(tab, QAbstractButton, "Generate"))
    await until(lambda: pictures.polled, pictures.bell.rung)
    tile, ring = tab._stage.tile, tab._stage.tile._ring
    assert tile.is_ticking() and ring.is_ticking()
    tab.hide()
    assert not tile.is_ticking() and not ring.is_ticking()
    tab.show()
    assert tile.is_ticking() and ring.is_ticking()


async def test_waiting_orders_are_in_the_queue_and_can_be_taken_back(
    tab: ImageTab, run: Painting, pictures: PictureService
) -> None:
    pictures.released = asyncio.Event()
    for words in ("first", "second", "third"):
        prompt(tab).setPlainText(words)
        click(named(tab, QAbstractButton, "Generate"))
    await until(lambda: run.request_queue.waiting == 2, run.request_queue.changed)
    rows = {row._title.text(): row for row in tab._queue._rows.values()}
    assert set(rows) == {"first", "second", "third"}
    assert tab._stage.job_id == run.session.jobs[0].id  # the one that is being watched
    click(rows["third"])
    assert shown(tab._stage.tile) == "Waiting for its turn"
    click(named(rows["second"], QAbstractButton, "Cancel"))
    await until(lambda: len(run.session.jobs) == 2, run.session.job_removed)
    pictures.released.set()
    await until(lambda: not run.session.jobs, run.session.job_removed)
    assert [each.prompt for each in pictures.ordered] == ["first", "third"]
    assert not [row for row in tab._queue._rows.values() if row.isVisible()]


async def test_a_refusal_stands_in_place_with_what_the_service_said_as_plain_text(
    tab: ImageTab, run: Painting, pictures: PictureService
) -> None:
    said = "upstream <b>504</b> <img src='file:///etc/hostname'>"
    pictures.at_submit = [StudioError(ErrorKind.MAYBE_SUBMITTED, said, request_id="r-42")]
    prompt(tab).setPlainText("A lighthouse")
    click(named(tab, QAbstractButton, "Generate"))
    await until(lambda: run.session.jobs, run.session.failed)
    card = tab._stage.tile._card
    labels = {each.text(): each for each in card.findChildren(QLabel) if each.isVisible()}
    assert "It is not known whether the order arrived" in labels
    assert labels[f"Technical details: {said}"].textFormat() == Qt.TextFormat.PlainText
    assert "Request r-42" in labels
    click(named(card, QAbstractButton, "Copy what the service said"))
    copied = QGuiApplication.clipboard().text()
    assert said in copied and "r-42" in copied
    assert prompt(tab).toPlainText() == "A lighthouse"
    click(button(card, "Order again"))
    await until(lambda: run.gallery.rowCount() == 1, run.session.image_added)


async def test_a_failed_order_can_be_removed(
    tab: ImageTab, run: Painting, pictures: PictureService
) -> None:
    pictures.at_submit = [StudioError(ErrorKind.REFUSED)]
    prompt(tab).setPlainText("A lighthouse")
    click(named(tab, QAbstractButton, "Generate"))
    await until(lambda: run.session.jobs, run.session.failed)
    click(button(tab._stage.tile, "Remove"))
    await until(lambda: not run.session.jobs, run.session.job_removed)
    assert tab._stage._invite.isVisible()


@pytest.mark.parametrize(
    ("kind", "words", "action"),
    [
        (ErrorKind.WRONG_TOKEN, "Open token settings", ErrorAction.TOKEN_SETTINGS),
        (ErrorKind.NO_TOKEN, "Open token settings", ErrorAction.TOKEN_SETTINGS),
        (ErrorKind.NO_TOKEN, "Try it offline", ErrorAction.TRY_OFFLINE),
        (ErrorKind.NOT_BOUND, "Bind the account", ErrorAction.BIND_ACCOUNT),
        (ErrorKind.NO_CREDITS, "See my credits", ErrorAction.CREDITS_PAGE),
        (ErrorKind.PROXY, "Network settings", ErrorAction.NETWORK_SETTINGS),
    ],
)
async def test_the_one_step_that_helps_is_asked_of_the_window(
    tab: ImageTab,
    run: Painting,
    pictures: PictureService,
    kind: ErrorKind,
    words: str,
    action: ErrorAction,
) -> None:
    wanted: list[ErrorAction] = []
    tab.help_requested.connect(wanted.append)
    pictures.at_submit = [StudioError(kind)]
    prompt(tab).setPlainText("A lighthouse")
    click(named(tab, QAbstractButton, "Generate"))
    await until(lambda: run.session.jobs, run.session.failed)
    click(button(tab._stage.tile, words))
    assert wanted == [action]


async def test_a_model_that_is_gone_opens_the_list_of_models(
    tab: ImageTab, run: Painting, pictures: PictureService
) -> None:
    pictures.at_submit = [StudioError(ErrorKind.MODEL_GONE, values={"model": "Qwen/Qwen-Image"})]
    prompt(tab).setPlainText("A lighthouse")
    click(named(tab, QAbstractButton, "Generate"))
    await until(lambda: run.session.jobs, run.session.failed)
    # None of them is left that could go on with it.
    tab._studio.catalogue.set_done_lookup(lambda model: 9e12)
    tab._on_progress()
    click(button(tab._stage.tile, "Choose another model"))
    popup = tab._form._model._popup
    assert popup is not None and popup.isVisible()
    popup.hide()


async def test_a_disk_that_refuses_the_order_is_told_and_the_form_stays(
    tab: ImageTab, run: Painting, pictures: PictureService
) -> None:
    notices: list[Notice] = []
    tab.noticed.connect(notices.append)
    run.database.close()
    prompt(tab).setPlainText("A lighthouse")
    click(named(tab, QAbstractButton, "Generate"))
    await until(lambda: notices, tab.noticed)
    assert notices[0].text.startswith("It could not be saved")
    assert prompt(tab).toPlainText() == "A lighthouse"


# What is there.


async def test_the_bar_over_the_picture_comes_with_the_keyboard_and_each_button_has_a_name(
    tab: ImageTab, run: Painting
) -> None:
    await make(tab, run)
    viewer = tab._stage.viewer
    tab.activateWindow()
    prompt(tab).setFocus()
    assert not viewer.bar.isVisible()
    viewer.setFocus()
    assert viewer.bar.isVisible()
    buttons = viewer.bar.findChildren(QAbstractButton)
    for each in buttons:
        assert each.accessibleName() and "(" in each.toolTip()
    QTest.keyClick(viewer, Qt.Key.Key_Tab)
    assert QApplication.focusWidget() is buttons[0]
    assert viewer.bar.isVisible()
    prompt(tab).setFocus()
    assert not viewer.bar.isVisible()


@pytest.mark.parametrize(
    ("chosen", "ending", "kind"),
    [
        ("PNG (*.png)", "", "PNG"),
        ("JPEG (*.jpg *.jpeg)", "", "JPEG"),
        ("WebP (*.webp)", "", "WEBP"),
        ("PNG (*.png)", ".webp", "WEBP"),
    ],
)
async def test_a_copy_is_saved_in_the_chosen_format(
    tab: ImageTab, run: Painting, tmp_path: Path, chosen: str, ending: str, kind: str
) -> None:
    await make(tab, run)
    notices: list[Notice] = []
    tab.noticed.connect(notices.append)
    tab._stage.viewer.setFocus()
    QTest.keyClick(tab._stage.viewer, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    dialog = tab.findChild(QFileDialog)
    assert dialog is not None
    dialog.selectNameFilter(chosen)
    dialog.filterSelected.emit(chosen)
    dialog.selectFile(str(tmp_path / f"copy{ending}"))
    dialog.accept()
    await until(lambda: notices, tab.noticed)
    (saved,) = copies(tmp_path)
    with Image.open(saved) as opened:
        assert opened.format == kind
        assert opened.size == (96, 64)
    assert notices[0].text == f"Saved as {saved.name}"


async def test_the_whole_picture_is_copied(tab: ImageTab, run: Painting) -> None:
    await make(tab, run)
    QGuiApplication.clipboard().clear()
    tab._stage.viewer.setFocus()
    QTest.keyClick(tab._stage.viewer, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    await until(lambda: not QGuiApplication.clipboard().image().isNull(), tab.noticed)
    copied = QGuiApplication.clipboard().image()
    assert (copied.width(), copied.height()) == (96, 64)


async def test_settings_are_used_again_with_the_same_seed(
    tab: ImageTab, run: Painting, pictures: PictureService
) -> None:
    type_over(named(tab, NumberField, "Steps"), "50")
    image = await make(tab, run, "first words")
    named(tab, NumberField, "Steps").clear()
    prompt(tab).setPlainText("other words")
    tab._stage.viewer.setFocus()
    click(named(tab._stage.viewer.bar, QAbstractButton, "Use these settings again"))
    assert prompt(tab).toPlainText() == "first words"
    QTest.keyClick(prompt(tab), Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    await until(lambda: run.gallery.rowCount() == 2, run.session.image_added)
    first, second = pictures.ordered
    assert (second.prompt, second.seed, second.steps) == (first.prompt, first.seed, 50)
    assert second.id != first.id == image.request.id


async def test_deleting_can_be_undone(tab: ImageTab, run: Painting) -> None:
    notices: list[Notice] = []
    tab.noticed.connect(notices.append)
    await make(tab, run)
    tab._stage.viewer.setFocus()
    QTest.keyClick(tab._stage.viewer, Qt.Key.Key_Delete)
    await until(lambda: notices, tab.noticed)
    assert run.gallery.rowCount() == 0
    assert tab._stage._invite.isVisible() and not tab._strip.isVisible()
    undo = notices[0].action
    assert undo is not None and notices[0].action_text == "Undo"
    undo()
    await until(lambda: run.gallery.rowCount() == 1, run.gallery.filled)
    assert tab._stage.image is not None and tab._strip.isVisible()


async def test_arrows_walk_through_the_pictures(tab: ImageTab, run: Painting) -> None:
    for words in ("one", "two", "three"):
        await make(tab, run, words)
    viewer = tab._stage.viewer
    viewer.setFocus()
    assert shown_prompt(tab) == "three"
    QTest.keyClick(viewer, Qt.Key.Key_Left)
    assert shown_prompt(tab) == "three"
    QTest.keyClick(viewer, Qt.Key.Key_Right)
    QTest.keyClick(viewer, Qt.Key.Key_Right)
    assert shown_prompt(tab) == "one"
    QTest.keyClick(tab._strip, Qt.Key.Key_Left)
    assert shown_prompt(tab) == "two"


async def test_a_click_on_the_picture_that_is_shown_does_not_make_it_flicker(
    tab: ImageTab, run: Painting
) -> None:
    image = await make(tab, run)
    viewer = tab._stage.viewer
    await until(lambda: viewer.image.width() == 96, run.gallery.picture_decoded)
    sharp = viewer.image.cacheKey()
    place = tab._strip.visualRect(run.gallery.index(0, 0)).center()
    QTest.mouseClick(tab._strip.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert tab._stage.image == image
    assert viewer.image.cacheKey() == sharp


async def test_a_picture_that_arrives_does_not_push_away_the_one_that_is_looked_at(
    tab: ImageTab, run: Painting, pictures: PictureService
) -> None:
    first = await make(tab, run, "first")
    pictures.released = asyncio.Event()
    prompt(tab).setPlainText("second")
    click(named(tab, QAbstractButton, "Generate"))
    await until(lambda: len(pictures.ordered) == 2, pictures.bell.rung)
    tab.show_image(first)
    pictures.released.set()
    await until(lambda: run.gallery.rowCount() == 2, run.session.image_added)
    assert shown_prompt(tab) == "first"


async def test_pictures_of_a_queue_are_shown_as_they_arrive(
    tab: ImageTab, run: Painting, pictures: PictureService
) -> None:
    pictures.released = asyncio.Event()
    for words in ("first", "second"):
        prompt(tab).setPlainText(words)
        click(named(tab, QAbstractButton, "Generate"))
    await until(lambda: run.request_queue.waiting == 1, run.request_queue.changed)
    pictures.released.set()
    await until(lambda: not run.session.jobs, run.session.job_removed)
    assert shown_prompt(tab) == "second"


async def test_thousands_of_pictures_open_with_few_thumbnails(
    run: Painting, tmp_path: Path
) -> None:
    def insert(connection: Any) -> None:
        for number in range(3000):
            image = GeneratedImage(
                request(f"picture {number}"), f"{number}.png", f"{number:064x}", 64, 64, 100
            )
            library_rows.add_picture(connection, image)

    await run.database.call(insert)
    gallery = GalleryModel(run.database, run.library, run.thumbnails, run.preferences, run.tasks)
    run.gallery = gallery
    await gallery.load()
    tab = ImageTab(studio_over(run, tmp_path))
    tab.resize(*WIDE)
    tab.show()
    QTest.qWaitForWindowExposed(tab)
    screen = tab._strip.viewport().width() // (CELL_WIDTH + GAP) + 1
    await until(lambda: run.gallery.thumbnails_asked >= screen - 1, run.gallery.dataChanged)
    assert run.gallery.thumbnails_asked <= 3 * screen
    # To the end of what is loaded, and on: pages come as they are needed.
    bar = tab._strip.horizontalScrollBar()

    def at_the_end() -> bool:
        bar.setValue(bar.maximum())
        return run.gallery.rowCount() == 3000

    assert run.gallery.rowCount() < 1000
    await until(at_the_end, run.gallery.filled, bar.rangeChanged)
    tab.close()
    tab.deleteLater()


# Words, sizes, names.


async def test_every_control_has_a_name_and_icons_have_a_tooltip(
    tab: ImageTab, run: Painting
) -> None:
    await make(tab, run)
    silent = [
        each
        for each in tab.findChildren(QWidget)
        if each.focusPolicy() & Qt.FocusPolicy.TabFocus
        and each.isEnabled()
        and not each.accessibleName()
        and not (isinstance(each, QAbstractButton) and each.text())
        and each.metaObject().className() not in ("QScrollArea", "QTableView", "QTreeView")
    ]
    assert [type(each).__name__ for each in silent if each.isVisible()] == []
    bare = [
        each.accessibleName()
        for each in tab.findChildren(QAbstractButton)
        if each.isVisible() and not each.text() and not each.toolTip()
    ]
    assert bare == []


async def test_the_queue_gives_way_in_a_narrow_window(tab: ImageTab) -> None:
    assert tab._queue.isVisible()
    tab.resize(1000, 600)
    assert not tab._queue.isVisible()
    tab.resize(*WIDE)
    assert tab._queue.isVisible()
    assert tab.perform("inspector")
    assert not tab._queue.isVisible()


async def test_actions_of_the_window_reach_the_tab(
    tab: ImageTab, run: Painting, pictures: PictureService
) -> None:
    tab.activateWindow()
    named(tab, NumberField, "Seed").setFocus()
    assert tab.perform("write")
    assert QApplication.focusWidget() is prompt(tab)
    assert not tab.perform("quit")
    pictures.released = asyncio.Event()
    prompt(tab).setPlainText("A lighthouse")
    click(named(tab, QAbstractButton, "Generate"))
    await until(lambda: pictures.ordered, pictures.bell.rung)
    assert tab.perform("stop")
    await until(lambda: not run.session.jobs, run.session.job_removed)


async def test_a_change_of_language_is_taken_up_everywhere(tab: ImageTab, run: Painting) -> None:
    await make(tab, run)
    QApplication.sendEvent(tab, QEvent(QEvent.Type.LanguageChange))
    assert named(tab, QAbstractButton, "Generate").text().startswith("Generate")


def shown(widget: QWidget) -> str:
    """The title that is seen in a widget."""
    titles = [
        each.text()
        for each in widget.findChildren(QLabel)
        if each.property("look") == "title" and each.isVisible()
    ]
    return titles[0]


def button(widget: QWidget, text: str) -> QAbstractButton:
    """The button that says something."""
    found = [
        each
        for each in widget.findChildren(QAbstractButton)
        if each.text() == text and each.isVisible()
    ]
    assert found, text
    return found[0]


def copies(folder: Path) -> list[Path]:
    """The copies that were saved there."""
    return list(folder.glob("copy.*"))


def shown_prompt(tab: ImageTab) -> str:
    """The prompt of the picture that is shown."""
    assert tab._stage.image is not None
    return tab._stage.image.request.prompt


# What a foreign hand put into folder and database.


async def test_a_foreign_picture_and_odd_rows_do_not_keep_the_tab_from_opening(
    run: Painting, tmp_path: Path
) -> None:
    for words in ("first", "second", "third", "last"):
        await asyncio.to_thread(run.library.keep, png(), request(words))
    odd: tuple[tuple[object, ...], ...] = (
        ('{"model": "m", "prompt": ["a", {"b": 1}], "size": "x", "seed": []}', 9e999, 2**40),
        ("no JSON", -1.0, -7),
    )
    for key, values in enumerate(odd, start=2):
        sql = f"UPDATE pictures SET request = ?, created_at = ?, width = ? WHERE key = {key}"
        await run.database.call(lambda c, s=sql, v=values: c.execute(s, v).get)  # type: ignore[misc]  # bound now
    reported = (Path(__file__).parents[1] / "data/pictures/prompt_is_a_list.png").read_bytes()
    (run.folder / "foreign.png").write_bytes(reported)
    run.gallery._opened = False
    await run.gallery.load()
    tab = ImageTab(studio_over(run, tmp_path))
    tab.resize(*WIDE)
    tab.show()
    QTest.qWaitForWindowExposed(tab)
    assert run.gallery.rowCount() == 4
    for row in range(4):
        image = run.gallery.image_at(row)
        assert image is not None
        tab.show_image(image)
        tab.use(image.request)
        tab.grab()
    assert tab._form.model == "Qwen/Qwen-Image"
    tab.close()
    tab.deleteLater()
