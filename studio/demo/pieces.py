"""Cuts a text into the pieces that a stream sends, the box's tokens, and counts them."""

from __future__ import annotations

import re

# White space goes with what follows it, as in real tokenisers; two Chinese characters, or up to
# ten letters of any other script, are one piece. Joined again, the pieces are the text.
_PIECE = re.compile(r"\s*(?:[\u3400-\u9fff]{1,2}|[^\W\u3400-\u9fff]{1,10}|\S)|\s+")


def split(text: str) -> list[str]:
    """The pieces of `text`; `"".join(split(text)) == text` holds for every text."""
    return _PIECE.findall(text)


def count(text: str) -> int:
    """How many tokens the box says that `text` has."""
    return sum(1 for _ in _PIECE.finditer(text))
