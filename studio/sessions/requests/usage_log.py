"""What was asked of every model and what came of it, what is left, and which are done for today."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import astuple, dataclass
from functools import partial

from PySide6.QtCore import QObject, Signal

from studio.core.credits import RateLimits
from studio.core.errors import REFUSALS, ErrorKind, StudioError
from studio.core.texts import QT_TRANSLATE_NOOP
from studio.storage import key_value, usage_log
from studio.storage.db.database import Database
from studio.storage.usage_log import Used

__all__ = ["ASKED_EARLIER", "ModelUse", "UsageLog", "Used"]

_log = logging.getLogger(__name__)
_MARKS = "done for today"  # under which the marks are remembered
_DAY = 86_400
_SERVICE_CLOCK = 8 * 3600  # the service's day begins at midnight of UTC+8

ASKED_EARLIER = QT_TRANSLATE_NOOP(
    "ledger",
    "It said so earlier, so it was not asked again. Its quota returns at {time}; another model "
    "can go on now.",
)

# After these no request had reached the service: there is nothing to count.
_NOT_ASKED = frozenset(
    {
        ErrorKind.NO_TOKEN,
        ErrorKind.BAD_TOKEN_TEXT,
        ErrorKind.NO_NETWORK,
        ErrorKind.UNKNOWN_HOST,
        ErrorKind.NOTHING_THERE,
        ErrorKind.PROXY,
        ErrorKind.TLS,
        ErrorKind.TLS_OTHER_HOST,
        ErrorKind.NO_TLS,
        ErrorKind.CERTIFICATE_FILE,
        ErrorKind.NOT_ENCRYPTED,
        ErrorKind.BAD_ADDRESS,
    }
)


@dataclass(frozen=True, slots=True)
class ModelUse:
    """What one model used over some days."""

    origin: str
    model: str
    used: Used


def next_day(now: float) -> float:
    """When the service's next day begins, in seconds since the epoch."""
    return (int(now + _SERVICE_CLOCK) // _DAY + 1) * _DAY - _SERVICE_CLOCK


class UsageLog(QObject):
    """Counts every call by day, service and model; `key` names a service, see `service.key_of`.

    `call_ended(key, model, ErrorKind | None)` follows every call that reached the service,
    `pictures_came(key, model)` the pictures of an order.
    `changed`: counts or limits are different now; `marks_changed`: who is done for today.
    """

    call_ended = Signal(str, str, object)
    pictures_came = Signal(str, str)
    changed = Signal()
    marks_changed = Signal()

    def __init__(
        self,
        database: Database,
        clock: Callable[[], float] = time.time,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._database, self._clock = database, clock
        self._done: dict[str, dict[str, float]] = {}  # until when, by service and model
        self._limits: dict[tuple[str, str], tuple[RateLimits, float]] = {}

    async def load(self) -> None:
        """Read which models were done for today when the program ended."""
        try:
            found = await self._database.call(key_value.load_catalogue, _MARKS)
        except StudioError:  # told where it matters; without marks a model is asked once more
            return
        if found is None or not isinstance(found[0], dict):
            return
        for key, marks in found[0].items():
            known = self._done.setdefault(str(key), {})
            for model, until in marks.items() if isinstance(marks, dict) else ():
                if isinstance(until, int | float):
                    known.setdefault(str(model), float(until))
        self.marks_changed.emit()

    # Done for today.

    def done_until(self, key: str, model: str) -> float | None:
        """Until when a model is believed to be done for today; None when it may be asked."""
        until = self._done.get(key, {}).get(model)
        return until if until is not None and until > self._clock() else None

    def admit(self, key: str, model: str, host: str) -> None:
        """Raise StudioError(DONE_FOR_TODAY) for a model that need not be asked again today."""
        until = self.done_until(key, model)
        if until is not None:
            values = {"host": host, "model": model, "reason": ASKED_EARLIER}
            values["until"] = str(round(until))  # told in words where it is read
            raise StudioError(ErrorKind.DONE_FOR_TODAY, values=values)

    def ask_again(self, key: str, model: str = "") -> None:
        """Stop believing that a model (all of a service, when it is "") is done for today."""
        marks = self._done.get(key, {})
        gone = [each for each in ([model] if model else marks) if each in marks]
        for each in gone:
            del marks[each]
        if gone:
            self._keep_marks()

    def _keep_marks(self) -> None:
        now = self._clock()
        marks = {
            key: {model: until for model, until in models.items() if until > now}
            for key, models in self._done.items()
        }
        self._write(key_value.save_catalogue, _MARKS, {k: m for k, m in marks.items() if m})
        self.marks_changed.emit()

    # Counts.

    def count_call(self, key: str, model: str, used: Used, error: StudioError | None) -> None:
        """A call ended; `used` holds what came until then."""
        kind = error.kind if error is not None else None
        if kind in _NOT_ASKED:
            return
        refused = int(kind in REFUSALS)
        calls, tokens_in, tokens_out, pictures, _ = astuple(used)
        self._add(key, model, Used(calls + 1, tokens_in, tokens_out, pictures, refused))
        if kind is ErrorKind.DONE_FOR_TODAY:
            self._done.setdefault(key, {})[model] = next_day(self._clock())
            self._keep_marks()
        elif kind is None:
            self.ask_again(key, model)
        self.call_ended.emit(key, model, kind)
        self.changed.emit()

    def count_pictures(self, key: str, model: str, pictures: int = 1) -> None:
        """Pictures arrived; the call that ordered them was counted when it ended."""
        self._add(key, model, Used(pictures=pictures))
        self.pictures_came.emit(key, model)
        self.changed.emit()

    def _add(self, key: str, model: str, used: Used) -> None:
        self._write(partial(usage_log.record, now=self._clock()), key, model, used)

    async def used(self, days: int, key: str = "") -> tuple[ModelUse, ...]:
        """What each model used in the last `days` days, today included; most calls first."""
        since = time.strftime("%Y-%m-%d", time.localtime(self._clock() - (days - 1) * _DAY))
        sums: dict[tuple[str, str], list[int]] = {}
        for line in await self._database.call(usage_log.list_days, since=since):
            if not key or line.origin == key:
                so_far = sums.setdefault((line.origin, line.model), [0] * 5)
                for place, count in enumerate(astuple(line.used)):
                    so_far[place] += count
        found = [ModelUse(origin, model, Used(*each)) for (origin, model), each in sums.items()]
        return tuple(sorted(found, key=lambda use: (-use.used.calls, use.model)))

    # The older regime: calls a day, in headers of the service's answers.

    def note_limits(self, key: str, limits: RateLimits, model: str) -> None:
        """The service said how many calls are left today."""
        until = next_day(self._clock())
        self._limits[key, ""] = (limits, until)
        if model:
            self._limits[key, model] = (limits, until)
        self.changed.emit()

    def limits(self, key: str, model: str = "") -> RateLimits:
        """Calls left today as the service said last; all unknown when it did not today.

        Of a `model` its own two numbers, without one the account's.
        """
        limits, until = self._limits.get((key, model), (RateLimits(), 0.0))
        if until <= self._clock():
            return RateLimits()
        if model:
            return RateLimits(
                model_limit=limits.model_limit, model_remaining=limits.model_remaining
            )
        return RateLimits(limits.limit, limits.remaining)

    def _write(self, function: Callable[..., None], *values: object) -> None:
        try:
            self._database.submit(function, *values).add_done_callback(_log_failure)
        except StudioError:  # the database is closed: the program ends
            _log.warning("a count came too late")


def _log_failure(done: Future[None]) -> None:
    # A count that cannot be written is no reason to disturb an answer.
    if not done.cancelled() and done.exception() is not None:
        _log.warning("a count was not written")
