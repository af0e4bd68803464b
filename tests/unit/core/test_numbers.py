"""Numbers and sizes are read as people write and paste them, or refused: never half."""

from __future__ import annotations

import pytest

from studio.core.numbers import read_number, read_size


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1024", 1024), ("1,024", 1024), ("1 024", 1024), ("1\u00a0024", 1024),
        ("1\u202f024", 1024), ("1.024", 1024), ("1'024", 1024), ("1’024", 1024), ("1_024", 1024),
        ("１０２４", 1024), ("１，０２４", 1024), ("１ ０２４", 1024),
        (" 1024 ", 1024), ("\t30\n", 30),
        ("1024px", 1024), ("1024 pixels", 1024), ("1024 像素", 1024),
        ("30 steps", 30), ("30步", 30),
        ("Seed: 1,234,567,890", 1234567890), ("seed=42", 42), ("种子：42", 42), ("步数:30", 30),
        ("2,147,483,647", 2147483647), ("30.0", 30), ("+7", 7), ("-1", -1), ("−1", -1),
        ("\u200b42\ufeff", 42), ('"42"', 42), ("٤٢", 42), ("1,00", 1), ("007", 7), ("30.", 30),
    ],
)  # fmt: skip
def test_a_whole_number_is_read_in_every_dress(text: str, value: int) -> None:
    assert read_number(text, whole=True) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("3.5", 3.5), ("3,5", 3.5), ("３．５", 3.5), ("3。5", 3.5),
        ("CFG scale: 7", 7.0), (".5", 0.5),
        ("1,024.5", 1024.5), ("1.024,5", 1024.5), ("1 024,5", 1024.5), ("3,50", 3.5), ("7", 7.0),
        ("1.024", 1.024), ("3.", 3.0), ("1,234,567", 1234567),
    ],
)  # fmt: skip
def test_a_number_with_decimals_is_read_in_every_dress(text: str, value: float) -> None:
    assert read_number(text) == pytest.approx(value)


@pytest.mark.parametrize(
    "text",
    ["abc", "12ab", "1 2", "12 34", "1,02", "7.5", "1.2.3", "1,0,0", "3.5.9", "1e3", "2k", "--1",
     "10%", "1024x768", "inf", "NaN", "½", "二十", "1,,024", "px", "Seed:"],
)  # fmt: skip
def test_what_is_no_whole_number_is_refused_and_never_cut(text: str) -> None:
    with pytest.raises(ValueError):
        read_number(text, whole=True)


@pytest.mark.parametrize("text", ["", "  ", "\u3000", "\u200b"])
def test_nothing_is_nothing(text: str) -> None:
    assert read_number(text) is None
    assert read_size(text) is None


@pytest.mark.parametrize(
    "text",
    ["1024x768", "1024X768", "1024×768", "1024 × 768", "1024*768",
     "1024 by 768", "１０２４×７６８",
     "１０２４ｘ７６８", "1024＊768", "1024 x 768 px", "1024px x 768px",
     "1,024 x 768", "Size: 1024x768",
     "尺寸：1024×768", "1024乘768", "1024, 768", "1024 768", "1024/768", "1024;768", "(1024, 768)",
     "[1024, 768]", "1024,768", "1024✕768", "1024 x\n768"],
)  # fmt: skip
def test_a_size_is_read_in_every_dress(text: str) -> None:
    assert read_size(text) == (1024, 768)


@pytest.mark.parametrize("text", ["1024", "1,024", "1 024", "1024x", "x768", "1x2x3", "axb", "0x5"])
def test_what_is_no_size_is_none(text: str) -> None:
    assert read_size(text) is None
