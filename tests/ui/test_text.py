"""Numbers as the language writes them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QLocale

from studio.ui import text


@pytest.fixture
def _english() -> Iterator[None]:
    before = QLocale()
    QLocale.setDefault(QLocale("en_US"))
    yield
    QLocale.setDefault(before)


@pytest.mark.usefixtures("_english")
@pytest.mark.parametrize(
    ("value", "shown"), [(250, "250"), (12345, "12,345"), (250.0, "250"), (1.24, "1.2"), (0, "0")]
)
def test_numbers_have_separators_and_no_needless_decimals(value: float, shown: str) -> None:
    assert text.number(value) == shown
