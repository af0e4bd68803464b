"""When something comes is said as it is seen: in words of days, wherever one is."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from PySide6.QtCore import QDateTime, QLocale

from studio.core.errors import ErrorKind, StoredError
from studio.core.settings import Language
from studio.sessions.requests.usage_log import ASKED_EARLIER, next_day
from studio.ui.look import text


class Watch:
    """Stands for the clock that Qt reads."""

    now = 0

    @classmethod
    def currentDateTime(cls) -> QDateTime:
        return QDateTime.fromSecsSinceEpoch(cls.now)

    currentSecsSinceEpoch = classmethod(lambda cls: cls.now)
    fromSecsSinceEpoch = QDateTime.fromSecsSinceEpoch


SetClock = Callable[[str, str], None]


@pytest.fixture
def seen_at(monkeypatch: pytest.MonkeyPatch) -> Iterator[SetClock]:
    """Sets the time zone and what the clock on the wall says there."""

    def set_clock(zone: str, when: str) -> None:
        monkeypatch.setenv("TZ", zone)
        time.tzset()
        Watch.now = at(zone, when)

    before = QLocale()
    QLocale.setDefault(QLocale("en_US"))
    monkeypatch.setattr(text, "QDateTime", Watch)
    yield set_clock
    QLocale.setDefault(before)
    monkeypatch.undo()
    time.tzset()


def at(zone: str, when: str) -> int:
    """A moment by the wall clock of a zone, in seconds since the epoch."""
    return int(datetime.fromisoformat(when).replace(tzinfo=ZoneInfo(zone)).timestamp())


@pytest.mark.parametrize(
    ("zone", "now", "then", "shown"),
    [
        ("UTC", "2026-11-30 16:46", "2026-12-01 16:00", "16:00 tomorrow"),
        ("UTC", "2026-11-30 15:00", "2026-11-30 16:00", "16:00"),
        ("Asia/Shanghai", "2026-11-30 23:59", "2026-12-01 00:00", "00:00 tomorrow"),
        ("Asia/Shanghai", "2026-12-01 00:00", "2026-12-02 00:00", "00:00 tomorrow"),
        ("America/New_York", "2026-11-30 09:00", "2026-11-30 11:00", "11:00"),
        # The clock is put back and forth in the night between.
        ("America/New_York", "2026-10-31 23:30", "2026-11-01 11:00", "11:00 tomorrow"),
        ("Europe/Berlin", "2026-03-28 23:30", "2026-03-29 18:00", "18:00 tomorrow"),
        ("Pacific/Kiritimati", "2026-12-31 07:00", "2027-01-01 06:00", "06:00 tomorrow"),
        ("UTC", "2026-11-30 16:46", "2026-12-03 08:00", "08:00 on Dec 3"),
    ],
)
def test_a_time_that_is_over_today_is_said_to_be_tomorrows(
    seen_at: SetClock, zone: str, now: str, then: str, shown: str
) -> None:
    seen_at(zone, now)
    assert text.due(at(zone, then)) == shown


def refused(until: float) -> StoredError:
    values = {"model": "m", "reason": ASKED_EARLIER, "until": str(round(until))}
    return StoredError(ErrorKind.DONE_FOR_TODAY, values=values)


def test_the_card_of_a_quota_names_the_day_by_when_it_is_read(seen_at: SetClock) -> None:
    seen_at("UTC", "2026-11-30 16:46")
    error = refused(next_day(Watch.now))
    assert "Its quota returns at 16:00 tomorrow;" in text.error_words(error)[1]
    seen_at("UTC", "2026-12-01 09:00")
    assert "Its quota returns at 16:00;" in text.error_words(error)[1]
    # The same card after a flight, and when the time has come.
    seen_at("America/Los_Angeles", "2026-12-01 01:00")
    assert "Its quota returns at 08:00;" in text.error_words(error)[1]
    seen_at("UTC", "2026-12-02 09:00")
    assert text.error_words(error)[1] == (
        "Its quota came back at 16:00 on Dec 1, so it can be asked again."
    )


def test_the_card_of_a_quota_says_the_day_in_chinese(
    seen_at: SetClock, language: Callable[[Language], None]
) -> None:
    language(Language.CHINESE)
    seen_at("UTC", "2026-11-30 16:46")
    error = refused(next_day(Watch.now))
    assert "额度将在明天 16:00 恢复" in text.error_words(error)[1]
    seen_at("UTC", "2026-11-28 16:46")
    assert "额度将在 12 月 1 日的 16:00 恢复" in text.error_words(error)[1]


@pytest.mark.parametrize("until", ["", "soon", "-5", "1e9", "9" * 400, "²"])
def test_a_card_of_a_strange_time_still_has_its_words(seen_at: SetClock, until: str) -> None:
    seen_at("UTC", "2026-11-30 16:46")
    values = {"reason": ASKED_EARLIER, "until": until, "time": "16:00"}
    shown = text.error_words(StoredError(ErrorKind.DONE_FOR_TODAY, values=values))[1]
    assert "Its quota returns at 16:00;" in shown
