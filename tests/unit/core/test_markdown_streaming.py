"""However a text arrives, it ends up shown the same, and what is settled never changes."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.core.markdown.incremental import Outline
from studio.core.markdown.leaves import Leaf, leaves_of
from studio.core.markdown.rules import answer_parser, question_parser
from tests.markdown_parts import Shown, answers, examples, fed, leaves, shown

FRAGMENTS = [
    *("- a\n", "- b\n", "1. x\n", "2. y\n", "3) z\n", "10. k\n", "- \n", "+ p\n", "- [ ] t\n"),
    *("\n", "\n\n", "para\n", "foo", "   cont\n", "  - sub\n", "    code\n", " ", "   ", "\t"),
    *("# h\n", "#", "===\n", "---\n", "***\n", "=", "> q\n", "> - n\n", ">"),
    *("```\n", "``", "~~~\n", "- ```\n", "  ```\n", "```py\n", "````\n"),
    *("| a | b |\n", "|---|--:|\n", "| 1 | 2 |\n", "|"),
    *("[r]: /u\n", "[r]", "[^1]: n\n", "[^1]", '"t"\n', "[", "]"),
    *("<div>\n", "<!-- \n", "-->\n", "</div>\n", "<script>\n", "</script>\n", "<b>", "&amp;"),
    *("$$\n", "x^2\n", "$$ x $$\n", "\\[ y \\]\n", "$a$", "\\", "\\("),
    *("**b**", "`c`", "*", "_", "~~s~~", ": ", "1", "2", ".", "-", "+", "5."),
    *("```markdown\n", "```md\n", "~~~md\n", "```python\n", "```math\n", "```|b\n", "-|-\n"),
    *("$$\n\n", "$$，\n", "\\]\n", "\\begin{align}\n", "\\end{align}\n", "a &= b \\\\\n", "> $$\n"),
    *("  - 锅\n", "   - 油\n", "  1. 甲\n", "  ```\n", "10. 十\n", "> 1. 引\n", ">   - 用\n"),
    *("| $|x|$ | `a|b` |\n", "|:-|-:|\n", "| \\| | b | c |\n", "> [!NOTE]\n", "> [!TIP] t\n"),
    *("\u3000\u3000段\n", "\x0b\n", "#u\n", "\x0c", "\u3000", "\u00a0", "$x$", "$5", "<br>", "<u>"),
    *("中文", "，然后", "😀", "👩‍👩‍👧", "שלום ", "مرحبا ", "é", "http://a.b/c "),
]

documents = st.lists(st.sampled_from(FRAGMENTS), min_size=1, max_size=25).map("".join)
anything = st.text(max_size=200) | documents


def _ends(text: str, seed: int) -> list[int]:
    dice = random.Random(seed)
    ends, at = [], 0
    while at < len(text):
        at = min(len(text), at + dice.choice((1, 1, 2, 3, 5, 8, 20, 60)))
        ends.append(at)
    return ends


def _unsplit(text: str, *, literal: bool = False) -> list[Leaf]:
    """The leaves of the text read whole, without sections."""
    parser = question_parser() if literal else answer_parser()
    tokens: list[Any] = []
    parser.block.parse(text, parser, {}, tokens)
    return list(leaves_of(tokens, text.split("\n"), literal=literal))


def _comparable(found: list[Leaf]) -> list[Leaf]:
    """Leaves without what counts within a section; the first one has nothing before it."""
    plain = [
        leaf._replace(containers=tuple(c._replace(number=0) for c in leaf.containers))
        for leaf in found
    ]
    return [plain[0]._replace(spaced=True), *plain[1:]] if plain else []


def _check_steps(text: str, ends: list[int], *, literal: bool = False) -> None:
    whole = _comparable(_unsplit(text, literal=literal))
    outline = Outline(literal=literal)
    for end in ends:
        outline.feed(text, end)
        settled: list[Leaf] = []
        for section in outline.sections[: outline.settled]:
            kept = section.leaves
            found = outline.leaves(text, section)
            section.leaves = kept
            if found and found[0].markers:
                found = (found[0]._replace(spaced=section.spaced), *found[1:])
            settled += found
        assert _comparable(settled) == whole[: len(settled)]
    outline.finish(text)
    assert _comparable(list(leaves(outline, text))) == whole


@given(documents, st.integers())
@settings(max_examples=400, deadline=None)
def test_any_chunking_of_a_document_shows_the_same(text: str, seed: int) -> None:
    """Sections read apart are what the whole text is."""
    _check_steps(text, _ends(text, seed))


@given(anything, st.integers())
@settings(max_examples=150, deadline=None)
def test_any_chunking_of_a_question_shows_the_same(text: str, seed: int) -> None:
    """The same for what the user wrote."""
    text = text.replace("\r", "").replace("\0", "")
    _check_steps(text, _ends(text, seed), literal=True)


@pytest.mark.parametrize("name", answers())
def test_any_chunking_of_an_answer_shows_the_same(name: str) -> None:
    """Chinese, right to left, emoji, formulas, code."""
    text = answers()[name]
    for seed in range(3):
        _check_steps(text, _ends(text, seed))


def test_any_chunking_of_the_specification_shows_the_same() -> None:
    """All examples, one character at a time and in random pieces."""
    for example in examples():
        text = example["markdown"]
        _check_steps(text, list(range(1, len(text) + 1)))
        _check_steps(text, _ends(text, example["example"]))


@given(documents, st.integers())
@settings(max_examples=150, deadline=None)
def test_every_step_shows_what_its_text_shows_at_once(text: str, seed: int) -> None:
    """Nothing of the steps before is left behind: also links whose definition came late."""
    outline = Outline()
    for end in _ends(text, seed):
        outline.feed(text, end)
    assert _seen(outline, text) == _seen(fed(text), text)


def _seen(outline: Outline, text: str) -> list[Shown]:
    return shown(outline, text)


@pytest.mark.parametrize("name", answers())
def test_a_small_delta_reads_the_open_text_at_most_once(name: str) -> None:
    """What is settled is never read again."""
    text = answers()[name]
    outline = Outline()
    for end in range(0, len(text), 12):
        before, open_from = outline.reads, outline.settled
        changed = outline.feed(text, end)
        assert outline.reads - before <= 1
        assert changed >= open_from


def test_a_long_answer_costs_its_last_section_only() -> None:
    """The open text stays as long as one block, however long the answer gets."""
    text = answers()["everything"] * 40
    outline = Outline()
    longest = 0
    for end in range(0, len(text), 50):
        outline.feed(text, end)
        if outline.settled < len(outline.sections):
            longest = max(longest, end - outline.sections[outline.settled].start)
    assert longest < 2_000


def test_a_late_definition_makes_a_link_of_words_that_were_settled() -> None:
    """The version grows, so that whoever shows them reads them again."""
    text = "See [the manual].\n\nMore.\n\n[the manual]: https://example.com/m\n"
    outline = Outline()
    outline.feed(text, 30)
    before = outline.version
    assert shown(outline, text)[0].links == ()
    outline.feed(text)
    assert outline.version > before
    assert shown(outline, text)[0].links == ("https://example.com/m",)


def test_numbers_go_on_when_items_are_read_apart() -> None:
    """Each item is a section of its own; it knows its number."""
    text = "".join(f"{number}. item\n" for number in range(7, 207))
    outline = fed(text, range(0, len(text), 37))
    assert [leaf.markers for leaf in shown(outline, text)] == [
        (f"{number}.",) for number in range(7, 207)
    ]
