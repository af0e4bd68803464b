"""The black box: the last exchanges can be seen, and what is copied is what is shown."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication

from studio.core.exchanges import Exchange
from studio.sessions.requests.exchange_log import MOST, ExchangeLog
from studio.ui.settings.dialog import SettingsSheet
from studio.ui.settings.exchanges import ExchangesCard
from tests.governed_parts import GovernedRun
from tests.window_parts import click, texts, visible

HOST = "api.example"


def exchange(
    number: int, status: int | None = 200, *, request_id: str = "", trouble: str = ""
) -> Exchange:
    """One of many."""
    return Exchange(
        time.time(),
        "POST",
        HOST,
        "/v1/chat/completions",
        f"org/m{number}",
        status,
        request_id,
        trouble=trouble,
    )


@pytest.fixture
async def run(tmp_path: Path) -> AsyncIterator[GovernedRun]:
    """A window."""
    made = GovernedRun(tmp_path / "data")
    await made.begin()
    yield made
    await made.quit()


def about(run: GovernedRun) -> SettingsSheet:
    """The settings at the about page."""
    run.window.open_settings("about")
    return visible(run.window, SettingsSheet)[0]


def rows(card: ExchangesCard) -> list[list[str]]:
    """The cells of the table."""
    model = card.table.model()
    return [
        [str(model.index(row, column).data()) for column in range(model.columnCount())]
        for row in range(model.rowCount())
    ]


def test_the_box_keeps_the_last_ones_and_the_newest_comes_first() -> None:
    box = ExchangeLog()
    for number in range(MOST + 5):
        box(exchange(number))
    assert len(box.exchanges) == MOST
    assert box.exchanges[0].model == f"org/m{MOST + 4}"
    assert box.exchanges[-1].model == "org/m5"


def test_a_line_says_what_never_came() -> None:
    said = exchange(1, None, trouble="ConnectTimeout").line()
    assert "no answer" in said
    assert "first byte -" in said
    assert said.endswith("ConnectTimeout")


async def test_nothing_was_sent_says_so(run: GovernedRun) -> None:
    assert "Nothing was sent since the start." in texts(about(run))


async def test_the_last_exchanges_are_a_table_that_follows(run: GovernedRun) -> None:
    run.studio.exchange_log(exchange(1))
    sheet = about(run)
    card = visible(sheet, ExchangesCard)[0]
    assert rows(card)[0][1:4] == [f"{HOST}/v1/chat/completions", "m1", "200"]
    run.studio.exchange_log(exchange(2, None, trouble="ConnectTimeout"))
    assert rows(card)[0][2:4] == ["m2", "no answer"]
    tip = card.table.model().index(0, 0).data(Qt.ItemDataRole.ToolTipRole)
    assert "ConnectTimeout" in tip
    sheet.close_sheet()
    run.studio.exchange_log(exchange(3))  # nobody looks any more


async def test_what_is_copied_is_what_is_shown_and_holds_the_exchanges(run: GovernedRun) -> None:
    run.studio.exchange_log(exchange(1, 429, request_id="req-42"))
    sheet = about(run)
    click(sheet.about.copy_button)
    copied = QGuiApplication.clipboard().text()
    assert copied == sheet.about.report.toPlainText()
    assert "Last exchanges, the newest first: 1" in copied
    assert "| 429 |" in copied
    assert "req-42" in copied


async def test_the_providers_of_the_program_report_to_the_box(run: GovernedRun) -> None:
    await run.asked("hi")
    assert run.builders.recorders
    assert all(recorder is run.studio.exchange_log for recorder in run.builders.recorders)
