"""What a model says as a title becomes one plain line, whatever it says."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.core.titles import LONGEST, clean_title, request_for


@pytest.mark.parametrize(
    ("said", "title"),
    [
        ("Slides and a draft", "Slides and a draft"),
        ('"Slides and a draft."', "Slides and a draft"),
        ("**Title:** The sea at night\n\nIt is a fine title.", "The sea at night"),
        ("\n\n# 标题：《夜里的海》\n", "夜里的海"),
        ("题目: 夜里的海。", "夜里的海"),
        ("1. First of several\n2. Second", "First of several"),
        ("`code` and *stars* and more", "code and stars and more"),
        ("Red\u202egreen\x1b[31m\u200b blue", "Red green [31m blue"),
        ("", ""),
        (" \n\t\n", ""),
        ('"“”"', ""),
        ("a" * 60, "a" * 39 + "…"),
        ("one two three four five six seven eight nine ten", "one two three four five six seven…"),
        ("一二三四五六七八九十" * 5, "一二三四五六七八九十" * 3 + "一二三四五六七八九…"),
    ],
)  # fmt: skip
def test_titles(said: str, title: str) -> None:
    assert clean_title(said) == title


@given(st.text())
def test_any_text_becomes_one_short_plain_line(said: str) -> None:
    title = clean_title(said)
    assert len(title) <= LONGEST
    assert title == title.strip()
    assert len(title.splitlines()) <= 1
    assert all(each.isprintable() for each in title)


def test_only_the_beginnings_are_sent() -> None:
    asked = request_for("q" * 10_000, "a" * 10_000)
    assert len(asked) < 3_000
    assert "in the language of the question" in asked
