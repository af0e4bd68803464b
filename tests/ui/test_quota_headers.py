"""The older regime's headers, from the wire to the window: calls left, of all and of each model."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from PySide6.QtGui import QTextDocumentFragment

from studio.providers.registry import endpoint_for
from studio.ui.settings.dialog import SettingsSheet
from tests.contract.asking import FAST, TOKEN
from tests.contract.dialects import OpenAIDialect
from tests.contract.wire import WireServer, chunked, whole
from tests.governed_parts import GovernedRun
from tests.scripted import until
from tests.window_parts import texts, visible
from tests.wired_parts import wired_run

MODEL, OTHER = "Qwen/Qwen3.5-35B-A3B", "Qwen/Qwen3-32B"
BALANCE = "/openapi/v1/magicubes/balance"


def counts(left: int, model_left: int | str) -> dict[str, Any]:
    return {
        "modelscope_ratelimit_requests_limit": "2000",
        "modelscope_ratelimit_requests_remaining": str(left),
        "modelscope_ratelimit_model_requests_limit": "200",
        "modelscope_ratelimit_model_requests_remaining": str(model_left),
    }


@asynccontextmanager
async def talking(folder: Path) -> AsyncIterator[tuple[GovernedRun, WireServer]]:
    """A window over a service that has no balance, as before there were credits.

    No fixtures: both end within the loop of the test, with nothing of theirs under way.
    """
    async with WireServer(whole({"detail": "Not Found"}, "404 Not Found")) as server:
        endpoint = replace(endpoint_for("cn", server.address), id="cn")
        run = wired_run(folder, endpoint, TOKEN, FAST)
        await run.begin()
        run.tab.use_model(MODEL)
        await until(lambda: any(seen.path == BALANCE for seen in server.seen))
        yield run, server
        await run.quit()


def chip(run: GovernedRun) -> tuple[str, str]:
    """The words at the top and those of their tooltip."""
    button = run.window._top._credits
    return button.text(), QTextDocumentFragment.fromHtml(button.toolTip()).toPlainText()


def asked(server: WireServer) -> int:
    return sum(seen.path == OpenAIDialect.route for seen in server.seen)


async def test_an_answer_tells_how_many_calls_are_left(tmp_path: Path) -> None:
    async with talking(tmp_path) as (run, server):
        assert chip(run)[0] == "Credits unknown"
        server.plays = [chunked(OpenAIDialect().stream("hello"), **counts(1874, 190))]
        await run.asked("hi")
        assert chip(run)[0] == "1874 of 2000 calls left today"
        assert asked(server) == 1
        # The other model has its own limit, and the account's count goes on.
        server.plays = [chunked(OpenAIDialect().stream("hello"), **counts(1873, 12))]
        run.tab.use_model(OTHER)
        await run.asked("hi again")
        assert chip(run)[0] == "1873 of 2000 calls left today"
        key = run.studio.service.key
        assert run.studio.usage_log.limits(key, MODEL).model_remaining == 190
        assert run.studio.usage_log.limits(key, OTHER).model_remaining == 12
        run.window.open_settings("account")
        (sheet,) = visible(run.window, SettingsSheet)
        await until(lambda: any("12 of 200" in words for words in texts(sheet.usage_card)))
        shown = texts(sheet.usage_card)
        assert any("190 of 200" in words for words in shown)
        assert any("1873 of 2000 calls left today" in words for words in texts(sheet)), texts(sheet)
        sheet.close_sheet()


async def test_a_refusal_tells_it_too(tmp_path: Path) -> None:
    async with talking(tmp_path) as (run, server):
        said = {"errors": {"message": f"You have exceeded today's quota for model {MODEL}"}}
        server.plays = [whole(said, "429 Too Many Requests", **counts(1500, 0))]
        await run.asked("hi")
        assert chip(run)[0] == "1500 of 2000 calls left today"
        assert run.card is not None
        assert "done for today" in run.card.title
        assert asked(server) == 1
        # Believed: asked again, the service hears nothing.
        await run.asked("again")
        assert asked(server) == 1


async def test_what_the_service_does_not_say_is_not_made_up(tmp_path: Path) -> None:
    async with talking(tmp_path) as (run, server):
        headers = {**counts(10, "many"), "modelscope_ratelimit_requests_limit": "unlimited"}
        server.plays = [chunked(OpenAIDialect().stream("hello"), **headers)]
        await run.asked("hi")
        assert chip(run)[0] == "Calls left today: 10"
        assert run.studio.usage_log.limits(run.studio.service.key, MODEL).model_remaining is None


async def test_both_regimes_at_once(tmp_path: Path) -> None:
    async with talking(tmp_path) as (run, server):
        # Some answer with the headers while the balance is there as well.
        balance = {
            "success": True,
            "data": {"available_balance": 100, "total_balance": 102, "frozen_amount": 2},
        }
        server.plays = [whole(balance, **counts(1499, 7))]
        run.studio.account.refresh_balance()
        await until(lambda: run.studio.account.balance.available == 100)
        words, tip = chip(run)
        assert words == "100 credits"
        assert tip == "100 credits · 2 held for running work · 1499 of 2000 calls left today"
