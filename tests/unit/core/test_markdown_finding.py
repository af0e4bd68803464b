"""What is looked for in a conversation is what is read, whether it was laid out or not."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from studio.core.folding import fold, spans_of
from studio.core.markdown.finding import counted, drawn_text
from studio.core.markdown.incremental import Outline
from studio.core.markdown.leaves import leaf_text
from studio.core.markdown.visible import visible_text


def count(source: str, needle: str, *, case: bool = False, literal: bool = False) -> int:
    """How often words are read in a message."""
    return sum(counted(source, needle, case=case, literal=literal))


def by_leaves(source: str, needle: str, *, literal: bool = False) -> int:
    """The same, in what is laid out."""
    outline = Outline(literal=literal)
    outline.feed(source)
    outline.finish(source)
    return sum(
        len(spans_of(drawn_text(leaf, outline.environment), needle))
        for section in outline.sections
        for leaf in outline.leaves(source, section)
    )


CASES = [
    ("在草堆里**找**针", "找针", 1),
    ("`code`s and **bo**ld", "codes", 1),
    ("~~st~~ruck", "struck", 1),
    ("see [needle](https://needle.example/needle)", "needle", 1),
    ("see [the nee](http://x.example)dle", "needle", 1),
    ("[nee][ref]dle\n\n[ref]: http://needle.example", "needle", 1),
    ("```needle\nx = needle\n```", "needle", 1),
    ("a **b** c", "**", 0),
    ("| nee**dle** | b |\n|---|---|\n| needle | c |", "needle", 2),
    ("H<sub>2</sub>O", "H2O", 1),
    ("nee&#100;le and &amp;", "needle", 1),
    ("costs $5, $x^2$ and $$y$$", "$", 1),
    ("so $\\alpha$ it is", "alpha", 1),
    ("$$\n\\frac{a}{b}\n$$", "frac", 1),
    ("1. one\n2. two 2", "2", 1),
    ("ＡＢＣ and abc", "abc", 2),
    ("cafe\u0301 and CAFÉ", "café", 2),
    ("ｶﾞ and ガ", "ガ", 2),
    ("一，二,三", "一,二", 1),
    ("Straße", "STRASSE", 1),
    ("ﬁne ① ㎏", "kg", 1),
    ("line one\nline two", "line", 2),
    ("aaaa", "aa", 2),
    ("a a**a**", "aa", 1),
    ("> [!NOTE]\n> a note", "note", 2),
    ("- [x] done x", "x", 1),
    ("<https://needle.example>", "needle", 1),
    ("<b>bold</b>", "<b>", 1),
]


@pytest.mark.parametrize(("source", "needle", "times"), CASES)
def test_words_are_counted_as_they_are_read(source: str, needle: str, times: int) -> None:
    assert count(source, needle) == times == by_leaves(source, needle)


def test_what_the_user_wrote_is_looked_for_as_it_stands() -> None:
    assert count("a **b** `c`", "**b**", literal=True) == 1
    assert count("a **b**c", "bc", literal=True) == 0
    assert count("Needle needle", "Needle", case=True) == 1


_PIECES = st.sampled_from(
    ["针", "草", "a", "b", "A", "Ａ", "é", "1", " ", "\n", "\n\n", "**", "*", "_", "`", "```", "~~",
     "[a](http://b)", "[a][b]", "[b]: http://a\n", "$a$", "$$\nb\n$$\n", "|", "|-|-|\n", "> ", "- ",
     "1. ", "# ", "<sub>", "</sub>", "<br>", "<i>", "&amp;", "&lt;", "\\", "，", "![a](b)", "[^1]"]
)  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(st.lists(_PIECES, max_size=14).map("".join), st.sampled_from(["a", "ab", "针", "针草", "1"]))
@example("[a](http://b)b", "ab")
@example("```ab\nab", "ab")
def test_what_is_counted_unseen_is_what_is_found_when_it_is_seen(source: str, needle: str) -> None:
    for literal in (False, True):
        assert count(source, needle, literal=literal) == by_leaves(source, needle, literal=literal)


@settings(max_examples=400, deadline=None)
@given(st.lists(_PIECES, max_size=14).map("".join), st.sampled_from(["a", "针", "é"]))
def test_the_search_of_the_history_and_the_find_bar_find_the_same(source: str, needle: str) -> None:
    assert bool(count(source, needle)) == (fold(needle) in fold(visible_text(source)))


@given(st.text(st.sampled_from("aÅé\u0301ß①ﬁガｶﾞ한A ，"), max_size=12), st.sampled_from("aé1fｶ하s,"))
def test_every_mark_is_on_what_was_looked_for(text: str, needle: str) -> None:
    for start, end in spans_of(text, needle):
        assert 0 <= start < end <= len(text)
        assert fold(needle) in fold(text[start:end])


def test_the_places_are_those_of_the_layout() -> None:
    source = "so $\\alpha$ and $$\n\nx\n"
    outline = Outline()
    outline.feed(source)
    outline.finish(source)
    for section in outline.sections:
        for leaf in outline.leaves(source, section):
            drawn = drawn_text(leaf, outline.environment)
            assert len(drawn) == len(leaf_text(leaf, outline.environment))
