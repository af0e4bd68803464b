"""The list of models: what it marks, what it puts on top, and how it is asked for anew."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from studio.core.errors import ErrorKind, StudioError
from studio.core.models import Capability, ModelInfo
from studio.sessions.requests.usage_log import Used
from studio.ui.widgets.model_popup import ModelPopup
from studio.ui.widgets.model_rows import star_rect
from tests.governed_parts import GovernedRun
from tests.scripted import said, until
from tests.window_parts import click, visible

FIRST, CODER = "Qwen/Qwen3.5-35B-A3B", "Qwen/Qwen3-Coder-30B-A3B-Instruct"
OLD = "Qwen/Qwen2.5-Coder-32B-Instruct"
LISTED = (FIRST, CODER, "moonshotai/Kimi-K2-Instruct")


@pytest.fixture
async def run(tmp_path: Path) -> AsyncIterator[GovernedRun]:
    """A window that knows a list."""
    made = GovernedRun(tmp_path / "data")
    made.builders.hub.listed = tuple(map(ModelInfo, LISTED))
    await made.begin()
    await made.studio.catalogue.refresh()
    yield made
    await made.quit()


def opened(run: GovernedRun) -> ModelPopup:
    """The list under the picker."""
    run.tab.head.picker.open()
    return visible(run.window, ModelPopup)[0]


def rows(popup: ModelPopup) -> list[str]:
    """What the rows say, as a screen reader hears them."""
    model, role = popup.list.model(), Qt.ItemDataRole.AccessibleTextRole
    return [str(model.index(row, 0).data(role)) for row in range(model.rowCount())]


def row_of(popup: ModelPopup, model_id: str) -> int:
    """Where a model is."""
    return next(i for i, said in enumerate(rows(popup)) if said.startswith(model_id))


def star(popup: ModelPopup, model_id: str) -> None:
    """Click the star of a model."""
    index = popup.list.model().index(row_of(popup, model_id), 0)
    popup.list.scrollTo(index)
    click(popup.list.viewport(), star_rect(popup.list.visualRect(index)).center())


async def test_a_star_puts_a_model_on_top_and_takes_no_choice(run: GovernedRun) -> None:
    popup = opened(run)
    before = run.session.conversation.model
    star(popup, CODER)
    assert rows(popup)[:2] == ["Favourites", f"{CODER}, 1 credit"]
    assert popup.isVisible()
    assert run.session.conversation.model == before
    star(popup, CODER)
    assert "Favourites" not in rows(popup)


async def test_a_star_can_be_given_by_keys(run: GovernedRun) -> None:
    popup = opened(run)
    QTest.keyClicks(popup.search, "kimi")
    QTest.keyClick(popup.search, Qt.Key.Key_D, Qt.KeyboardModifier.ControlModifier)
    assert run.studio.catalogue.kept.favourites == ("moonshotai/Kimi-K2-Instruct",)


async def test_what_was_asked_lately_comes_next(run: GovernedRun) -> None:
    run.tab.use_model(CODER)
    run.chat.scripts = [said("hello")]
    await run.asked("hi")
    assert rows(opened(run))[:2] == ["Recently used", f"{CODER}, 1 credit"]


async def test_marks_are_in_words(run: GovernedRun) -> None:
    key, usage_log = run.studio.service.key, run.studio.usage_log
    usage_log.count_call(key, CODER, Used(), StudioError(ErrorKind.DONE_FOR_TODAY))
    usage_log.count_call(key, OLD, Used(), StudioError(ErrorKind.MODEL_GONE))
    run.builders.hub.listed = tuple(map(ModelInfo, (FIRST, CODER, "org/Newcomer")))
    await run.studio.catalogue.refresh(force=True)
    popup = opened(run)
    found = rows(popup)
    assert ", done for today, until " in found[row_of(popup, CODER)]
    assert found[row_of(popup, "org/Newcomer")] == "org/Newcomer, new"
    assert found[row_of(popup, "moonshotai")].endswith("not in the service's list any more")
    assert found[row_of(popup, OLD)] == f"{OLD}, no longer served"
    assert "no longer served" in found[-1]


async def test_arrows_pass_over_the_names_of_groups(run: GovernedRun) -> None:
    run.studio.catalogue.kept.set_favourite(CODER, True)
    popup = opened(run)
    run.tab.head.picker.show_model(CODER)
    popup.fill(CODER)
    assert popup.list.currentIndex().row() == 1
    QTest.keyClick(popup.search, Qt.Key.Key_Down)
    assert popup.list.currentIndex().row() == 3
    QTest.keyClick(popup.search, Qt.Key.Key_Up)
    QTest.keyClick(popup.search, Qt.Key.Key_Up)
    assert popup.list.currentIndex().row() == 1
    QTest.keyClick(popup.search, Qt.Key.Key_Return)
    assert run.session.conversation.model == CODER


async def test_the_name_of_a_group_cannot_be_chosen(run: GovernedRun) -> None:
    run.studio.catalogue.kept.set_favourite(CODER, True)
    popup = opened(run)
    rect = popup.list.visualRect(popup.list.model().index(0, 0))
    click(popup.list.viewport(), QPoint(rect.left() + 30, rect.center().y()))
    assert popup.isVisible()


async def test_any_id_may_be_typed_and_is_remembered_until_it_is_deleted(run: GovernedRun) -> None:
    popup = opened(run)
    QTest.keyClicks(popup.search, "me/Mine")
    QTest.keyClick(popup.search, Qt.Key.Key_Return)
    assert run.session.conversation.model == "me/Mine"
    popup = opened(run)
    assert rows(popup)[row_of(popup, "me/Mine")] == "me/Mine, added by you"
    popup.list.setCurrentIndex(popup.list.model().index(row_of(popup, "me/Mine"), 0))
    QTest.keyClick(popup.search, Qt.Key.Key_Delete)
    assert not any(row.startswith("me/Mine") for row in rows(popup))


async def test_refresh_asks_the_service_and_says_how_it_went(run: GovernedRun) -> None:
    popup = opened(run)
    assert popup.state.text().startswith("As of ")
    run.builders.hub.listed += (ModelInfo("org/Newcomer"),)
    click(popup.refresh_button)
    await until(lambda: any(row.startswith("org/Newcomer") for row in rows(popup)))
    run.builders.hub.failure = StudioError(ErrorKind.NO_NETWORK, values={"host": "scripted"})
    click(popup.refresh_button)
    await until(lambda: popup.state.text() == "scripted cannot be reached")
    assert any(row.startswith("org/Newcomer") for row in rows(popup))


async def test_a_list_that_changes_while_it_is_open_keeps_the_place(run: GovernedRun) -> None:
    popup = opened(run)
    popup.list.setCurrentIndex(popup.list.model().index(row_of(popup, CODER), 0))
    run.builders.hub.listed = (ModelInfo("a/First"), *run.builders.hub.listed)
    await run.studio.catalogue.refresh(force=True)
    index = popup.list.currentIndex()
    assert str(index.data()) == CODER
    await asyncio.sleep(0)


async def test_models_for_pictures_are_apart(run: GovernedRun) -> None:
    choices = run.studio.catalogue.choices(Capability.TEXT_TO_IMAGE)
    assert CODER not in [row.model.id for row in choices.rows()]
    choices.pick("me/Painter")
    assert "me/Painter" in [row.model.id for row in choices.rows()]
    assert not any(row.startswith("me/Painter") for row in rows(opened(run)))
