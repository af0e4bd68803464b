"""Every example of CommonMark shows what the parser's own HTML shows.

Deliberate differences, all of them:
- raw HTML is shown as text, and nothing of it is dropped;
- pictures are never loaded: their words and the host stand for them;
- a soft line break is a line break (the specification leaves it to the renderer);
- whether a list is tight or loose is decided item by item, by the blank line before it;
- a bare http or https address is a link, and a link without words shows its address;
- a list that is indented by two or three blanks below a number is its child, also below `10)`
  (example 297), which CommonMark wants to be indented by four.
"""

from __future__ import annotations

from typing import Any

import pytest

from studio.core.markdown.links import host_of
from tests.markdown_parts import Shown, examples, fed, reference, shown

_DIFFERENT = {297: ["foo", "bar"]}  # what these show one within the other


def _name(example: dict[str, Any]) -> str:
    return f"{example['example']}-{example['section']}"


def _without_bare_links(leaf: Shown) -> Shown:
    """Without the links of addresses that stand in the text as they are."""
    kept = tuple(link for link in leaf.links if not (host_of(link) and link in leaf.text))
    return leaf._replace(links=kept)


@pytest.mark.parametrize("example", examples(), ids=_name)
def test_example_shows_what_the_parser_shows(example: dict[str, Any]) -> None:
    """Blocks, containers, markers, text and links are the same."""
    text = example["markdown"]
    if example["example"] in _DIFFERENT:
        found = [(leaf.text, leaf.around) for leaf in shown(fed(text), text)]
        assert found == [
            (words, "i" * depth) for depth, words in enumerate(_DIFFERENT[example["example"]], 1)
        ]
        return
    ours = [_without_bare_links(leaf) for leaf in shown(fed(text), text)]
    theirs = [_without_bare_links(leaf) for leaf in reference(text)]
    assert ours == theirs


def test_all_examples_are_there() -> None:
    """Nobody thinned out the corpus."""
    assert [example["example"] for example in examples()] == list(range(1, 653))
