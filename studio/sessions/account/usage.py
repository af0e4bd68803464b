"""What was used at the service in use over some days, as a table to be shown."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from studio.core.credits import RateLimits
from studio.sessions.requests.service import Service
from studio.sessions.requests.tasks import TaskGroup
from studio.sessions.requests.usage_log import ModelUse, UsageLog

PERIODS = (1, 7, 30)  # days, today included


class UsageReport(QObject):
    """`changed` follows every `refresh`; it follows the log by itself while it is `watched`."""

    changed = Signal()

    def __init__(
        self, usage_log: UsageLog, service: Service, tasks: TaskGroup, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._usage_log, self._service, self._tasks = usage_log, service, tasks
        self._days = PERIODS[0]
        self._rows: tuple[ModelUse, ...] = ()
        self._watched = self._stale = self._reading = False
        usage_log.changed.connect(self._on_ledger_changed)
        service.changed.connect(self._on_ledger_changed)

    @property
    def rows(self) -> tuple[ModelUse, ...]:
        """A row a model, the one with most calls first."""
        return self._rows

    @property
    def days(self) -> int:
        """Over how many days, today included."""
        return self._days

    @property
    def host(self) -> str:
        """The service that is looked at."""
        return self._service.endpoint.title

    @property
    def limits(self) -> RateLimits:
        """Calls left today, where the service says so."""
        return self._usage_log.limits(self._service.key)

    def limits_of(self, model: str) -> RateLimits:
        """Calls of one model left today, where the service says so."""
        return self._usage_log.limits(self._service.key, model)

    def set_days(self, days: int) -> None:
        """Look at the last `days` days."""
        self._days = days
        self.refresh()

    def set_watched(self, watched: bool) -> None:
        """Follow the usage log, or leave it alone."""
        self._watched = watched
        if watched:
            self.refresh()

    def refresh(self) -> None:
        """Read the table anew."""
        self._stale = True
        if not self._reading:
            self._reading = True
            self._tasks.start(self._read(), "read the usage")

    async def _read(self) -> None:
        try:
            while self._stale:
                self._stale = False
                self._rows = await self._usage_log.used(self._days, self._service.key)
        finally:
            self._reading = False
        self.changed.emit()

    def _on_ledger_changed(self) -> None:
        if self._watched:
            self.refresh()
