"""Sums and searches over many heights equal what counting one by one gives."""

from __future__ import annotations

from bisect import bisect_right
from itertools import accumulate

from hypothesis import given, settings
from hypothesis import strategies as st

from studio.ui.transcript.layout.heights import HeightIndex

rows = st.lists(st.integers(0, 500), max_size=60)


def _check(heights: HeightIndex, expected: list[int]) -> None:
    tops = list(accumulate(expected, initial=0))
    assert len(heights) == len(expected)
    assert heights.total == tops[-1]
    assert [heights[index] for index in range(len(expected))] == expected
    assert [heights.top(index) for index in range(len(expected) + 1)] == tops
    for y in range(-3, tops[-1] + 3, 7):
        if expected:
            found = min(max(bisect_right(tops, y) - 1, 0), len(expected) - 1)
            assert heights.find(y) == found


@given(rows, st.lists(st.tuples(st.integers(0, 100), st.integers(0, 500)), max_size=20), rows)
@settings(deadline=None)
def test_changing_adding_and_cutting(
    start: list[int], changes: list[tuple[int, int]], added: list[int]
) -> None:
    """Whatever is done to it, it knows every top."""
    heights, expected = HeightIndex(start), list(start)
    for index, height in changes:
        if expected:
            at = index % len(expected)
            assert heights.set(at, height) == height - expected[at]
            expected[at] = height
    for height in added:
        heights.append(height)
        expected.append(height)
    _check(heights, expected)
    half = len(expected) // 2
    heights.cut(half)
    _check(heights, expected[:half])
    heights.append(9)
    _check(heights, [*expected[:half], 9])


@given(st.integers(0, 70), st.integers(1, 300))
@settings(deadline=None)
def test_even_rows_need_no_sums(count: int, height: int) -> None:
    """They are the same as rows given one by one."""
    _check(HeightIndex.even(count, height), [height] * count)
