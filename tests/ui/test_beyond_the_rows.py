"""A row that was there a moment ago, and is asked about now: nothing is said, and nothing fails."""

from __future__ import annotations

import importlib
import pkgutil
import sys
from collections.abc import Callable

import pytest
from PySide6.QtCore import QAbstractItemModel, QModelIndex, Qt
from PySide6.QtGui import QPainter
from PySide6.QtTest import QTest

import studio
from studio.core.capabilities import Capability
from studio.core.exchanges import Exchange
from studio.core.models import ModelInfo
from studio.core.transfer.common import FoundConversation
from studio.sessions.history.conversation_list import ConversationList
from studio.sessions.history.search import FoundList
from studio.sessions.history.trash import TrashList
from studio.sessions.images.gallery import GalleryModel
from studio.sessions.models.choices import Choice, Group
from studio.ui.settings.exchanges import _Rows
from studio.ui.shell.palette_list import PaletteRows
from studio.ui.transfer.import_rows import ImportRows
from studio.ui.widgets.model_rows import ModelRows
from tests.scripted import until
from tests.window_parts import Run


def models(run: Run) -> ModelRows:
    made = ModelRows(run.window)
    made.show([Choice(ModelInfo("org/model"), Group.OTHERS)], "")
    return made


def exchanges(run: Run) -> _Rows:
    made = _Rows(run.window)
    made.show((Exchange(0.0, "GET", "host"),))
    return made


def imported(run: Run) -> ImportRows:
    return ImportRows([FoundConversation("id", "title", 0.0, 0.0, 1, 0)], run.window)


def history(run: Run) -> ConversationList:
    found: ConversationList = run.studio.histories[Capability.CHAT]
    return found


MODELS: dict[type, Callable[[Run], QAbstractItemModel]] = {
    ConversationList: history,
    FoundList: lambda run: FoundList(run.studio.database, run.tasks, run.window),
    GalleryModel: lambda run: run.studio.gallery,
    ImportRows: imported,
    ModelRows: models,
    PaletteRows: lambda run: PaletteRows(run.window),
    TrashList: lambda run: TrashList(run.studio.database, run.tasks, run.window),
    _Rows: exchanges,
}


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What overrides raised; they are guarded, so that nobody would notice."""
    found: list[str] = []
    monkeypatch.setattr("studio.overrides.REST_SECONDS", 0.0)
    monkeypatch.setattr(sys, "excepthook", lambda kind, fault, _: found.append(repr(fault)))
    return found


@pytest.mark.parametrize("kind", MODELS)
async def test_a_row_that_is_gone_says_nothing(run: Run, told: list[str], kind: type) -> None:
    await run.asked("a question")
    model = MODELS[kind](run)
    roles = [*range(20), *(Qt.ItemDataRole.UserRole + number for number in range(1, 5))]
    rows = (-1, model.rowCount(), model.rowCount() + 500)
    beyond = [QModelIndex(), *(model.createIndex(row, 0) for row in rows)]
    for index in (*beyond, model.createIndex(0, 99), model.createIndex(0, -1)):
        said = [model.data(index, role) for role in roles]
        if index.row() != 0:
            assert said == [None] * len(roles)
        model.flags(index)
        model.canFetchMore(index)
    for section in (-1, 99):
        model.headerData(section, Qt.Orientation.Horizontal)
    assert told == []
    if kind in (ConversationList, ModelRows, PaletteRows):
        assert {model.flags(each) for each in beyond} == {Qt.ItemFlag.NoItemFlags}


async def test_a_conversation_goes_between_press_and_release(run: Run, told: list[str]) -> None:
    await run.asked("a question")
    rows, view = history(run), run.tab.history.list
    index = rows.index(rows.rowCount() - 1, 0)
    place, left = view.visualRect(index).center(), Qt.MouseButton.LeftButton
    QTest.mousePress(view.viewport(), left, pos=place)
    rows.delete(run.session.conversation.id)
    await until(lambda: rows.rowCount() == 0 and run.tasks.count == 0)
    QTest.mouseRelease(view.viewport(), left, pos=place)
    view.clicked.emit(index)  # which Qt may have under way already
    view.paint_row(QPainter(), view.rect(), index.row())
    assert rows.at(index.row()) is None
    assert told == []


def test_every_model_of_ours_is_tried() -> None:
    for module in pkgutil.walk_packages(studio.__path__, "studio."):
        if module.name.startswith(("studio.sessions.", "studio.ui.")):
            importlib.import_module(module.name)

    def below(base: type) -> set[type]:
        parts: list[type] = base.__subclasses__()
        return {base}.union(*map(below, parts))

    found: set[type] = below(QAbstractItemModel)
    ours = {each for each in found if each.__module__.startswith("studio.")}
    tried = {base for each in MODELS for base in each.__mro__}
    assert ours <= tried
