"""Words for values: numbers, sizes and times as a language writes them, errors as sentences."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from PySide6.QtCore import QLocale

from studio.core.error_texts import TEXTS, ErrorKind
from studio.core.errors import StoredError
from studio.ui.look import text


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    before = QLocale()
    QLocale.setDefault(QLocale("en_US"))
    yield
    QLocale.setDefault(before)


@pytest.mark.parametrize(
    ("value", "shown"), [(250, "250"), (12345, "12,345"), (250.0, "250"), (1.24, "1.2"), (0, "0")]
)
def test_numbers_have_separators_and_no_needless_decimals(value: float, shown: str) -> None:
    assert text.number(value) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0, "0.0 s"),
        (4.24, "4.2 s"),
        (59.94, "59.9 s"),
        (59.97, "1:00"),
        (65, "1:05"),
        (3725, "62:05"),
    ],
)
def test_durations_are_short(value: float, shown: str) -> None:
    assert text.seconds(value) == shown


@pytest.mark.parametrize(
    ("count", "shown"), [(0, "0 bytes"), (1023, "1,023 bytes"), (412 * 1024, "412.0 kB")]
)
def test_sizes_are_as_file_managers_write_them(count: int, shown: str) -> None:
    assert text.byte_size(count) == shown


def test_a_moment_is_a_time_today_and_a_date_before() -> None:
    now = datetime.now().astimezone().replace(hour=14, minute=2)
    assert text.moment(now.timestamp()) == "14:02"
    long_ago = now - timedelta(days=800)
    assert text.moment(long_ago.timestamp()) == long_ago.strftime("%Y-%m-%d")
    assert text.stamp(now.timestamp()) == "14:02"
    assert text.stamp(long_ago.timestamp()) == long_ago.strftime("%Y-%m-%d 14:02")


@pytest.mark.parametrize(
    "raw",
    [
        "[Errno 104] Connection reset by peer",
        "[WinError 10054] An existing connection was forcibly closed",
        "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed (_ssl.c:1006)",
        "KeyError (hub.py:12)",
    ],
)
def test_raw_words_of_the_system_are_told_to_be_such(raw: str) -> None:
    for kind in (ErrorKind.CUT_SHORT, ErrorKind.NO_NETWORK, ErrorKind.STORAGE, ErrorKind.BUG):
        assert text.details(StoredError(kind, raw)) == f"Technical details: {raw}"
        assert text.details(StoredError(kind, " \n")) == ""
    assert text.details(StoredError(ErrorKind.REFUSED, "no")) == "The service said: no"


@pytest.mark.parametrize("kind", list(ErrorKind))
def test_every_error_is_a_sentence_without_gaps(kind: ErrorKind) -> None:
    sentence = text.error_sentence(StoredError(kind))
    assert "{" not in sentence
    assert ".." not in sentence
    assert sentence.endswith((".", "?"))
    assert TEXTS[kind].hint.split("{")[0] in sentence


@pytest.mark.parametrize("kind", list(ErrorKind))
def test_values_of_an_error_are_never_taken_for_patterns(kind: ErrorKind) -> None:
    pattern = TEXTS[kind].title + TEXTS[kind].hint
    shown = "".join(text.error_words(StoredError(kind, values={"host": "{model}", "model": "%1"})))
    assert shown == pattern.replace("{model}", "%1").replace("{host}", "{model}")


def test_a_reason_says_more_than_the_general_hint() -> None:
    error = StoredError(ErrorKind.UNREADABLE_PICTURE, values={"reason": "The file is empty."})
    assert text.error_words(error)[1] == "The file is empty."


def test_one_credit_is_no_plural() -> None:
    assert text.credit_count(1) == "1 credit"
    assert text.credit_count(0.5) == "0.5 credits"
