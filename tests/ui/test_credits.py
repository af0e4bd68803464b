"""Credits and usage as a person sees them: what is not known is not shown as nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtGui import QTextDocumentFragment
from PySide6.QtWidgets import QAbstractButton, QPushButton

from studio.core.credits import Balance, RateLimits
from studio.core.errors import ErrorKind, StudioError
from studio.core.stream import StreamEnd, TextDelta, UsageReport
from studio.sessions.requests.service import DEMO
from studio.sessions.requests.usage_log import Used
from studio.ui import links
from studio.ui.settings.dialog import SettingsSheet
from studio.ui.settings.usage import UsageCard
from tests.governed_parts import GovernedRun
from tests.scripted import said, until
from tests.window_parts import SCRIPTED, click, named, spy, texts, visible

HUBBED = replace(SCRIPTED, hub="http://127.0.0.1:9")
MODEL = "Qwen/Qwen3.5-35B-A3B"


@pytest.fixture
async def run(tmp_path: Path) -> AsyncIterator[GovernedRun]:
    """A window over a service with a hub."""
    made = GovernedRun(tmp_path / "data")
    await made.begin()
    made.studio.service.use(HUBBED, "")
    made.tab.use_model(MODEL)
    yield made
    await made.quit()


def chip(run: GovernedRun) -> QPushButton:
    """The chip of the credits."""
    return run.window._top._credits


def tip(run: GovernedRun) -> str:
    """Its tooltip as it is read."""
    return QTextDocumentFragment.fromHtml(chip(run).toolTip()).toPlainText()


async def told(run: GovernedRun, balance: Balance) -> None:
    """The service says a balance."""
    run.builders.hub.balance = balance
    run.studio.account.refresh_balance()
    await until(lambda: run.studio.account.balance == balance)


async def test_what_the_service_says_is_at_the_top_and_what_it_holds_in_the_tooltip(
    run: GovernedRun,
) -> None:
    await told(run, Balance(145.5, 143.5, 2))
    assert chip(run).text() == "143.5 credits"
    assert tip(run) == "143.5 credits · 2 held for running work"


async def test_an_unknown_balance_is_not_nothing(run: GovernedRun) -> None:
    await told(run, Balance())
    assert chip(run).text() == "Credits unknown"
    await told(run, Balance(0, 0, 0))
    assert chip(run).text() == "0 credits"


async def test_calls_left_are_shown_where_the_headers_say_them(run: GovernedRun) -> None:
    usage_log, key = run.studio.usage_log, run.studio.service.key
    usage_log.note_limits(key, RateLimits(limit=2000, remaining=874), MODEL)
    assert chip(run).text() == "874 of 2000 calls left today"
    await told(run, Balance(100, 100, 0))
    assert chip(run).text() == "100 credits"
    assert tip(run) == "100 credits · 874 of 2000 calls left today"


async def test_a_host_without_credits_is_named_instead(run: GovernedRun) -> None:
    run.studio.service.use(SCRIPTED, "")
    assert chip(run).text() == "scripted"


async def test_the_balance_follows_the_answers(run: GovernedRun) -> None:
    await told(run, Balance(100, 100, 0))
    run.builders.hub.balance = Balance(99, 99, 0)
    run.chat.scripts = [said("hello")]
    await run.asked("hi")
    await until(lambda: chip(run).text() == "99 credits")


async def test_a_low_balance_is_told_with_the_way_to_the_credits(
    run: GovernedRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[object] = []
    monkeypatch.setattr(links, "open_url", spy(opened))
    await told(run, Balance(12, 12, 0))
    await until(lambda: run.said != "")
    assert run.said == "Only 12 credits left. New ones come with the daily login."
    click(next(b for b in visible(run.window, QPushButton) if b.text() == "See credits"))
    assert len(opened) == 1


async def test_the_demo_warns_of_nothing(run: GovernedRun) -> None:
    run.studio.service.use(replace(HUBBED, id=DEMO), "demo", demo=True)
    await told(run, Balance(1, 1, 0))
    await run.asked("hi")
    assert run.said == ""
    assert chip(run).text() == "Demo"


async def test_the_price_of_a_question_is_told_before_it_is_asked(run: GovernedRun) -> None:
    send = named(run.tab, QAbstractButton, "Send")
    assert send.toolTip().endswith("1 credit")
    run.tab.use_model("Qwen/Qwen3.5-122B-A10B")
    assert send.toolTip().endswith("2 credits")
    run.tab.use_model("nobody/knows")
    assert "credit" not in send.toolTip()


def table(sheet: SettingsSheet) -> list[str]:
    """The texts of the usage card, row after row."""
    return list(texts(visible(sheet, UsageCard)[0]))


async def test_usage_is_a_table_of_the_account_page(run: GovernedRun) -> None:
    run.chat.scripts = [[TextDelta("Hi"), UsageReport(71, 32), StreamEnd("stop")]]
    await run.asked("hello")
    run.chat.scripts = [[StudioError(ErrorKind.REFUSED)]]
    await run.asked("again")
    click(chip(run))  # the chip leads there
    sheet = visible(run.window, SettingsSheet)[0]
    assert sheet.page == "account"
    await until(lambda: MODEL in table(sheet))
    found = table(sheet)
    row = found[found.index(MODEL) :][:6]
    assert row == [MODEL, "2", "71", "32", "–", "1"]
    # It goes on counting while one looks.
    run.studio.usage_log.count_pictures(run.studio.service.key, "Qwen/Qwen-Image")
    await until(lambda: "Qwen/Qwen-Image" in table(sheet))
    assert table(sheet)[-6:] == ["All", "2", "71", "32", "1", "1"]


async def test_many_models_are_few_rows(run: GovernedRun) -> None:
    for number in range(12):
        run.studio.usage_log.count_call(run.studio.service.key, f"org/m{number}", Used(), None)
    run.window.open_settings("account")
    sheet = visible(run.window, SettingsSheet)[0]
    await until(lambda: "org/m0" in table(sheet))
    found = [each for each in table(sheet) if each.startswith("org/")]
    assert len(found) == 8
    assert any("4" in each and "more" in each for each in table(sheet))


async def test_another_period_is_a_click_away(run: GovernedRun) -> None:
    run.window.open_settings("account")
    sheet = visible(run.window, SettingsSheet)[0]
    card = visible(sheet, UsageCard)[0]
    click(card.periods.buttons[1])
    assert run.studio.usage.days == 7
    assert "Nothing was asked of scripted in this time." in table(sheet)
