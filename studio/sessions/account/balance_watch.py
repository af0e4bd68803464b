"""Keeps the balance fresh after calls, and notices when credits run low or come back."""

from __future__ import annotations

import time
from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Signal

from studio.core.credits import Balance
from studio.core.errors import StudioError
from studio.sessions.account.account import Account, TokenState
from studio.sessions.preferences import Preferences
from studio.sessions.requests.service import Service
from studio.sessions.requests.tasks import TaskGroup
from studio.sessions.requests.usage_log import UsageLog
from studio.storage import key_value
from studio.storage.db.database import Database

REFRESH_SECONDS = 10.0
MOST_CALLS = 5  # after so many it is asked for at once
# After an answer that did not come; twice as long each time, as the network may be off for hours.
AGAIN_SECONDS, AGAIN_AT_MOST = 5.0, 600.0
_PLACE = "day of the low-balance warning"


class BalanceWatch(QObject):
    """Asks for the balance after calls and pictures, which costs nothing; many ask together.

    What could not be asked for, as before the network is there, is asked for again.
    `low(Balance)` comes once a day, when fewer credits are left than the setting says.
    """

    low = Signal(object)

    def __init__(
        self,
        account: Account,
        service: Service,
        usage_log: UsageLog,
        preferences: Preferences,
        database: Database,
        tasks: TaskGroup,
        *,
        seconds: float = REFRESH_SECONDS,
        again: float = AGAIN_SECONDS,
        clock: Callable[[], float] = time.time,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._account, self._service, self._usage_log = account, service, usage_log
        self._preferences, self._database, self._tasks = preferences, database, tasks
        self._seconds, self._clock = seconds, clock
        self._again = self._first = again
        self._asked_at, self._calls = -seconds, 0
        self._seen: tuple[str, float | None] = ("", None)  # service and credits, when last told
        self._warning = False
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.timeout.connect(self._ask)
        usage_log.call_ended.connect(self._on_call_ended)
        # What was set aside for it is charged or given back only now.
        usage_log.pictures_came.connect(self._on_call_ended)
        account.changed.connect(self._on_account_changed)
        account.balance_missed.connect(self._on_balance_missed)

    def is_low(self, balance: Balance) -> bool:
        """Whether a balance is below what the setting says; an unknown one is not."""
        limit = self._preferences.settings.low_credits
        return balance.available is not None and balance.available < limit

    def _on_call_ended(self, key: str, _model: str, _error: object = None) -> None:
        if key != self._service.key or not self._service.endpoint.hub:
            return
        self._calls += 1
        # The last call of many counts: what was asked too early is asked for later.
        wait = self._asked_at + self._seconds - time.monotonic()
        self._ask_in(0 if self._calls >= MOST_CALLS else wait)

    def _on_balance_missed(self) -> None:
        self._ask_in(self._again)
        self._again = min(2 * self._again, AGAIN_AT_MOST)

    def _ask_in(self, seconds: float) -> None:
        wait = max(0, round(seconds * 1000))
        if not self._later.isActive() or self._later.remainingTime() > wait:
            self._later.start(wait)

    def _ask(self) -> None:
        self._asked_at, self._calls = time.monotonic(), 0
        if not self._tasks.closing:
            self._account.refresh_balance()

    def _on_account_changed(self) -> None:
        key, balance = self._service.key, self._account.balance
        if self._account.state is TokenState.VALID:
            self._again = self._first
        credits = balance.total if balance.total is not None else balance.available
        before = self._seen[1] if self._seen[0] == key else None
        self._seen = (key, credits)
        if credits is not None and before is not None and credits > before:
            # Credits came back, and with them whatever was done for today.
            self._usage_log.ask_again(key)
        if self.is_low(balance) and not self._warning and not self._service.demo:
            self._warning = True
            self._tasks.start(self._warn(balance), "warn of a low balance")

    async def _warn(self, balance: Balance) -> None:
        today = time.strftime("%Y-%m-%d", time.localtime(self._clock()))
        try:
            kept = await self._database.call(key_value.load_catalogue, _PLACE)
            if kept is None or kept[0] != today:
                await self._database.call(key_value.save_catalogue, _PLACE, today)
                self.low.emit(balance)
        except StudioError:
            self.low.emit(balance)  # better once more than never
        finally:
            self._warning = False
