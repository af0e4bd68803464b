"""Signs of several characters stay whole in names of files and in titles."""

from __future__ import annotations

import pytest

from studio.core.clusters import cut, visible
from studio.core.titles import clean_title
from studio.core.transfer.common import file_stem, is_file_name

FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466"
RAINBOW = "\U0001f3f3\ufe0f\u200d\U0001f308"
DARK_DOCTOR = "\U0001f469\U0001f3ff\u200d\u2695\ufe0f"
SCOTLAND = "\U0001f3f4\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f"
CHINA = "\U0001f1e8\U0001f1f3"
WHOLE = (FAMILY, RAINBOW, DARK_DOCTOR, SCOTLAND, CHINA, "e\u0301")


@pytest.mark.parametrize("sign", WHOLE)
def test_a_sign_stays_whole_in_the_name_of_a_file(sign: str) -> None:
    title = f"Trip {sign} home"
    assert visible(title) == title
    assert is_file_name(file_stem(title))
    if sign != "e\u0301":  # which is written as one character
        assert file_stem(title) == title
        assert clean_title(title) == title


@pytest.mark.parametrize("sign", WHOLE)
def test_a_long_name_ends_before_a_sign_or_after_it(sign: str) -> None:
    for length in range(1, 40):
        left = cut(sign * 20, length)
        assert left == sign * (len(left) // len(sign))
    assert file_stem(sign * 60).encode()


@pytest.mark.parametrize(
    "hidden", ["a\u200db", "\u200d", "\u202etxt", "a\u200b", "\U000e0067", "a\U000e0067", "\x00"]
)
def test_marks_that_nobody_sees_are_left_out(hidden: str) -> None:
    assert not {"\u200d", "\u202e", "\u200b", "\U000e0067", "\x00"} & set(file_stem(hidden))
    assert not is_file_name(hidden)
