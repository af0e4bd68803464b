"""A double click where the system has no dictionary of Chinese takes a sensible run."""

from __future__ import annotations

import pytest

from studio.ui.transcript.input import word_breaks
from studio.ui.transcript.input.word_breaks import next_boundary, previous_boundary, word_at


@pytest.fixture(autouse=True)
def _no_dictionary(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(word_breaks, "_icu", lambda: None)


@pytest.mark.parametrize(
    ("text", "at", "word"),
    [
        ("我喜欢人工智慧。", "工", "喜欢人工智慧"),
        ("杭州的天气，很好", "气", "天气"),
        ("杭州的天气", "的", "的"),
        ("使用Python编写程序", "编", "编写程序"),
        ("使用Python编写程序", "y", "Python"),
        ("これはテストです", "ス", "テスト"),
        ("「表示する」", "示", "表示"),
        ("สวัสดีครับ ok", "ส", "สวัสดีครับ"),
        ("龘𠮷字。", "𠮷", "龘𠮷字"),
    ],
)
def test_a_double_click_takes_a_run_of_one_script(text: str, at: str, word: str) -> None:
    start, end = word_at(text, text.index(at))
    assert text[start:end] == word


def test_going_by_words_comes_to_an_end() -> None:
    text = "杭州的天气，ok" * 50 + "龘" * 500
    at, steps = 0, 0
    while at < len(text):
        at, before = next_boundary(text, at), at
        assert at > before
        steps += 1
    assert steps > 100
    while at:
        at, before = previous_boundary(text, at), at
        assert at < before
