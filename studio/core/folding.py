"""Texts as they are compared when something is looked for: without case, width and composition."""

from __future__ import annotations

import unicodedata


def fold(text: str) -> str:
    """`text` as it is compared: without differences of case, width and composition."""
    return text.lower() if text.isascii() else unicodedata.normalize("NFKD", text).casefold()


def where(text: str, folded: str, at: int) -> int:
    """The place in `text` of the place `at` in its folded form."""
    if len(text) == len(folded):
        return at  # no character folds to nothing, so each folded to one
    passed = 0
    for index, character in enumerate(text):
        passed += len(fold(character))
        if passed > at:
            return index
    return len(text)


def spans_of(text: str, needle: str, *, case: bool = False) -> list[tuple[int, int]]:
    """Where `needle` stands in `text`, as (start, end); without `case` both are compared folded."""
    seen, wanted = (text, needle) if case else (fold(text), fold(needle))
    found = []
    at = seen.find(wanted) if wanted else -1
    while at >= 0:
        found.append((at, at + len(wanted)))
        at = seen.find(wanted, at + len(wanted))
    if not found or len(seen) == len(text):
        return found
    # Of each character of the folded form, which one of the text it comes from.
    origin = [index for index, letter in enumerate(text) for _ in fold(letter)]
    return [(origin[start], origin[end - 1] + 1) for start, end in found]
