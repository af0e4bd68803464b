"""The token doctor is one click away from every error that it can tell more about."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

from studio.core.errors import ErrorKind
from studio.providers.registry import endpoint_for
from studio.sessions.account.doctor import _ACCOUNT, _NETWORK, CheckName, CheckState
from studio.ui.settings.dialog import SettingsSheet
from studio.ui.settings.hosts_page import HostsPage
from studio.ui.transcript.words import _EXAMINED
from tests.contract.asking import FAST, TOKEN
from tests.contract.dialects import OpenAIDialect
from tests.contract.wire import WireServer, whole
from tests.governed_parts import GovernedRun
from tests.scripted import until
from tests.window_parts import visible
from tests.wired_parts import wired_run

UNBOUND = {"errors": {"message": "Please bind your Alibaba Cloud account before use"}}
# These lead to the sheet with the doctor by their own step, or pass by themselves.
ELSEWHERE = {
    ErrorKind.WRONG_TOKEN, ErrorKind.THROTTLED, ErrorKind.DONE_FOR_TODAY,
    ErrorKind.NOT_ENCRYPTED, ErrorKind.BAD_ADDRESS,
}  # fmt: skip


def test_every_kind_that_the_doctor_knows_leads_to_it() -> None:
    assert set(_ACCOUNT) | set(_NETWORK) == _EXAMINED | ELSEWHERE


@asynccontextmanager
async def talking(folder: Path) -> AsyncIterator[tuple[GovernedRun, WireServer]]:
    """A window and a service that knows the token and not the account.

    No fixtures: both end within the loop of the test, with nothing of theirs under way.
    """
    async with WireServer(whole(UNBOUND, "401 Unauthorized")) as server:
        endpoint = replace(endpoint_for("cn", server.address), id="cn")
        run = wired_run(folder, endpoint, TOKEN, FAST)
        await run.begin()
        run.tab.use_model("org/model")
        yield run, server
        await run.quit()


async def test_the_card_of_an_unbound_account_leads_to_the_doctor(tmp_path: Path) -> None:
    async with talking(tmp_path) as (run, server):
        await run.asked("hello")
        assert run.offered == ["Check", "Bind the account"]
        run.press("check_account")
        (sheet,) = visible(run.window, SettingsSheet)
        assert sheet.page == "account"
        account = run.studio.account
        await until(lambda: account.examination.finished)
        assert account.examination.check(CheckName.BOUND).state is CheckState.STEP_LEFT
        assert sheet.account_form.form.card.isVisible()
        # Looking costs nothing: the question alone was a call.
        assert sum(seen.path == OpenAIDialect.route for seen in server.seen) == 1


async def test_a_host_without_a_token_is_looked_at_on_its_own_page(tmp_path: Path) -> None:
    async with talking(tmp_path) as (run, server):
        server.plays = [whole("<!doctype html><title>Sign in</title>", content_type="text/html")]
        run.studio.account.switch_to(endpoint_for("openai", server.address))
        await run.asked("hello")
        assert "Check" in run.offered
        run.press("check_account")
        (sheet,) = visible(run.window, SettingsSheet)
        assert sheet.page == "hosts"
        assert visible(sheet, HostsPage)
