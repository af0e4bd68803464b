"""Credits as the service says them: fresh after calls, a warning a day, and their return."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest

from studio.core.credits import Balance
from studio.core.errors import ErrorKind, StudioError
from studio.core.settings import Settings
from studio.sessions.account.account import TokenState
from studio.sessions.account.balance_watch import MOST_CALLS, BalanceWatch
from studio.sessions.account.usage import UsageReport
from studio.sessions.requests.usage_log import Used
from tests.account_parts import TOKEN, Rig, ScriptedService, WorkingKeyring, rig, settled
from tests.scripted import until

MODEL = "org/model"


class Watched:
    """An account with a token, watched."""

    def __init__(
        self, folder: Path, *, seconds: float = 0.0, settings: Settings | None = None
    ) -> None:
        self.script = ScriptedService({TOKEN: Balance(250, 143.5, 2)})
        self.parts: Rig = rig(folder, self.script, settings=settings)
        self.parts.store.write(self.parts.service.endpoint.origin, TOKEN)
        self.now = time.time()
        self.watch = self.watching(seconds)
        self.warned: list[Balance] = []
        self.watch.low.connect(self.warned.append)

    def watching(self, seconds: float = 0.0) -> BalanceWatch:
        """A watch as another start of the program has it."""
        parts = self.parts
        return BalanceWatch(
            parts.account,
            parts.service,
            parts.usage_log,
            parts.preferences,
            parts.database,
            parts.tasks,
            seconds=seconds,
            again=0.02,
            clock=lambda: self.now,
        )

    async def begin(self) -> None:
        """Read the token and the balance."""
        self.parts.account.load()
        await until(lambda: self.parts.account.state is TokenState.VALID)
        await settled()

    def call(self, error: ErrorKind | None = None, key: str = "") -> None:
        """A model was asked."""
        failure = StudioError(error) if error else None
        self.parts.usage_log.count_call(key or self.parts.service.key, MODEL, Used(), failure)

    async def says(self, balance: Balance) -> None:
        """The service says another balance when it is asked after a call."""
        self.script.accounts[TOKEN] = balance
        self.call()
        await until(lambda: self.parts.account.balance == balance)
        await settled()

    @property
    def asked(self) -> int:
        """How many times the balance was asked for."""
        return sum(route == "balance" for route, _, _ in self.script.asked)


async def test_the_balance_is_asked_for_after_a_call(tmp_path: Path) -> None:
    made = Watched(tmp_path)
    await made.begin()
    await made.says(Balance(249, 142.5, 2))


async def test_a_second_call_soon_after_is_asked_for_when_the_pause_is_over(
    tmp_path: Path,
) -> None:
    made = Watched(tmp_path, seconds=0.4)
    await made.begin()
    before = made.asked
    made.call()
    await until(lambda: made.asked == before + 1)
    for _ in range(MOST_CALLS - 1):
        made.call()
    assert made.asked == before + 1
    await until(lambda: made.asked == before + 2)
    await settled()


async def test_the_credits_are_never_late_by_thirty_calls(tmp_path: Path) -> None:
    made = Watched(tmp_path, seconds=3600)
    await made.begin()
    for left in range(142, 112, -1):
        made.script.accounts[TOKEN] = Balance(250, left, 0)
        made.call()
        await asyncio.sleep(0.01)
        await settled()
        shown = made.parts.account.balance.available
        assert shown is not None
        assert shown - left <= MOST_CALLS


async def test_a_picture_that_came_is_seen_in_the_credits_without_another_call(
    tmp_path: Path,
) -> None:
    made = Watched(tmp_path)
    await made.begin()
    made.script.accounts[TOKEN] = Balance(240, 133.5, 0)
    made.parts.usage_log.count_pictures(made.parts.service.key, MODEL)
    await until(lambda: made.parts.account.balance == Balance(240, 133.5, 0))
    await settled()


async def test_credits_that_could_not_be_asked_for_at_the_start_come_with_the_network(
    tmp_path: Path,
) -> None:
    made = Watched(tmp_path)
    made.script.unreachable = ErrorKind.NO_NETWORK
    made.parts.account.load()
    await until(lambda: made.asked >= 3)
    assert made.parts.account.balance == Balance()
    made.script.unreachable = None
    await until(lambda: made.parts.account.balance == Balance(250, 143.5, 2))
    await settled()
    assert not made.watch._later.isActive()


async def test_a_balance_that_is_missed_after_a_call_is_asked_for_again_later_and_later(
    tmp_path: Path,
) -> None:
    made = Watched(tmp_path)
    await made.begin()
    made.script.hub_down = ErrorKind.TIMED_OUT
    known = made.asked
    made.call()
    await until(lambda: made.asked >= known + 3)
    await settled()
    assert made.watch._later.interval() >= 80
    made.script.hub_down = None
    await made.says(Balance(249, 142.5, 2))  # a call asks at once, however long the wait is


async def test_a_token_that_is_refused_is_not_asked_about_again(tmp_path: Path) -> None:
    made = Watched(tmp_path)
    made.script.accounts[TOKEN] = ErrorKind.WRONG_TOKEN
    made.parts.account.load()
    await until(lambda: made.parts.account.state is TokenState.PROBLEM)
    await settled()
    assert not made.watch._later.isActive()
    assert made.asked == 1


async def test_calls_of_another_service_ask_nothing(tmp_path: Path) -> None:
    made = Watched(tmp_path)
    await made.begin()
    before = made.asked
    made.call(key="https://elsewhere.example")
    assert not made.watch._later.isActive()
    assert made.asked == before


async def test_a_low_balance_is_told_once_a_day(tmp_path: Path) -> None:
    made = Watched(tmp_path)
    await made.begin()
    assert made.warned == []
    await made.says(Balance(19, 19, 0))
    await made.says(Balance(18, 18, 0))
    assert made.warned == [Balance(19, 19, 0)]
    made.now += 86_400
    await made.says(Balance(17, 17, 0))
    assert made.warned == [Balance(19, 19, 0), Balance(17, 17, 0)]


async def test_a_restart_on_the_same_day_does_not_tell_again(tmp_path: Path) -> None:
    made = Watched(tmp_path)
    await made.begin()
    await made.says(Balance(19, 19, 0))
    again = made.watching()
    heard: list[Balance] = []
    again.low.connect(heard.append)
    await made.says(Balance(18, 18, 0))
    assert heard == []


@pytest.mark.parametrize(
    ("limit", "left", "low"), [(20, 20.0, False), (20, 19.5, True), (0, 0.0, False)]
)
def test_what_is_low_is_a_setting(tmp_path: Path, limit: int, left: float, low: bool) -> None:
    made = Watched(tmp_path, settings=Settings(low_credits=limit))
    assert made.watch.is_low(Balance(250, left)) is low


def test_an_unknown_balance_is_not_low(tmp_path: Path) -> None:
    assert not Watched(tmp_path).watch.is_low(Balance())


async def test_when_credits_return_models_are_no_longer_done_for_today(tmp_path: Path) -> None:
    made = Watched(tmp_path)
    await made.begin()
    key, usage_log = made.parts.service.key, made.parts.usage_log
    made.call(ErrorKind.DONE_FOR_TODAY)
    await settled()
    assert usage_log.done_until(key, MODEL) is not None
    made.script.accounts[TOKEN] = Balance(249, 249, 0)
    made.call(ErrorKind.THROTTLED)
    await until(lambda: made.parts.account.balance.total == 249)
    assert usage_log.done_until(key, MODEL) is not None  # fewer is no return
    made.script.accounts[TOKEN] = Balance(499, 499, 0)
    made.call(ErrorKind.THROTTLED)
    await until(lambda: usage_log.done_until(key, MODEL) is None)
    await settled()


async def test_another_account_with_more_credits_is_no_return_of_credits(tmp_path: Path) -> None:
    made = Watched(tmp_path)
    assert isinstance(made.parts.store, WorkingKeyring)
    await made.begin()
    key, usage_log = made.parts.service.key, made.parts.usage_log
    made.call(ErrorKind.DONE_FOR_TODAY)
    made.parts.account.forget()
    await settled()
    assert usage_log.done_until(key, MODEL) is not None


async def test_the_table_follows_the_ledger_while_it_is_watched(tmp_path: Path) -> None:
    made = Watched(tmp_path)
    usage: UsageReport = made.parts.usage
    usage.set_watched(True)
    made.call()
    await until(lambda: [row.used.calls for row in usage.rows] == [1])
    usage.set_watched(False)
    made.call()
    await settled()
    assert [row.used.calls for row in usage.rows] == [1]
    usage.set_days(7)
    await until(lambda: [row.used.calls for row in usage.rows] == [2])
    # What another service did is not in the table of this one.
    made.call(key="https://elsewhere.example")
    usage.refresh()
    await settled()
    assert [row.used.calls for row in usage.rows] == [2]
