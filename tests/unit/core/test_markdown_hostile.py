"""Text made to choke a reader is read in bounded work, and none of it is lost."""

from __future__ import annotations

import pytest

from studio.core.markdown.incremental import Outline
from studio.core.markdown.leaves import leaf_text
from tests.markdown_parts import fed, leaves

HOSTILE = {
    "nested quotes": ">" * 5_000 + " deep",
    "nested lists": "- " * 5_000 + "deep",
    "nested stars": "* " * 5_000 + "deep",
    "nested by indentation": "".join("  " * depth + "- x\n" for depth in range(300)),
    "a line of a megabyte": "word " * 200_000,
    "a megabyte without a space": "a" * 1_000_000,
    "han without an end": "汉字" * 300_000,
    "a table of 10,000 rows": "| a | b |\n|---|---|\n" + "| 1 | **2** |\n" * 10_000,
    "a table of 2,000 columns": "|" + "a|" * 2_000 + "\n|" + "-|" * 2_000 + "\n",
    "backticks": "`" * 100_000,
    "runs of backticks": "".join("`" * length + " " for length in range(1, 400)),
    "stars": "*" * 100_000,
    "brackets": "[" * 100_000,
    "pictures": "![" * 50_000,
    "angles": "<" * 100_000,
    "dollars": "$a b$c" * 10_000,
    "nested tables": "<table><tr><td>" * 5_000,
    "references": "".join(f"[r{n}]: http://x.y/{n}\n" for n in range(5_000)) + "\n[r1]",
    "lines without a blank one": "line\n" * 50_000,
    "items": "- item **b**\n" * 20_000,
    "headings": "a\n=\n" * 5_000,
    "emphasis that never closes": "a *b _c ~~d [e `f " * 500,
}


def _letters(text: str) -> str:
    """What must be there in any case: letters, digits and Han."""
    return "".join(character for character in text if character.isalnum())


@pytest.mark.parametrize("name", HOSTILE)
def test_no_letter_is_lost(name: str) -> None:
    """Fallen back to plain text or not, everything is still there."""
    text = HOSTILE[name]
    outline = fed(text)
    seen = "".join(leaf_text(leaf, outline.environment) for leaf in leaves(outline, text))
    if name == "references":
        assert "r1" in seen  # definitions show nothing by themselves
    else:
        assert _letters(text) == _letters(seen)


@pytest.mark.parametrize("name", HOSTILE)
def test_the_open_text_is_read_in_bounded_pieces(name: str) -> None:
    """No single reading is longer than a bounded piece: that is what bounds a frame."""
    text = HOSTILE[name]
    outline = Outline()
    read: list[int] = []
    parse = outline._tokens

    def counted(source: str, environment: dict[str, object]) -> list[object]:
        read.append(len(source) + 30 * source.count("\n"))
        return parse(source, environment)  # type: ignore[return-value]

    outline._tokens = counted  # type: ignore[assignment,method-assign]
    outline.feed(text)
    outline.finish(text)
    assert max(read, default=0) <= 70_000
    assert sum(read) <= 12 * len(text) + 600_000


def test_sections_of_a_flood_are_small() -> None:
    """So that only those in sight are ever laid out."""
    text = HOSTILE["a line of a megabyte"]
    outline = fed(text)
    assert max(section.end - section.start for section in outline.sections) <= 45_000


def test_reading_goes_on_as_markdown_behind_a_flood() -> None:
    """A heading after a blank line surely begins a block."""
    text = "x" * 60_000 + "\n\n# Heading\n\nText with **bold**.\n"
    outline = fed(text)
    kinds = [leaf.kind for leaf in leaves(outline, text)]
    assert kinds[-2:] == ["heading", "paragraph"]
