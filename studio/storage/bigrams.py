"""Cuts texts into overlapping pairs of characters, which is how Chinese can be found by an index.

Every text is folded (case, width, composition) and cut; the index only knows which texts hold
which pairs and single characters. It answers with candidates: whoever asks looks at each text.
"""

from __future__ import annotations

import unicodedata
from itertools import pairwise

import apsw

MOST_PAIRS = 24
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


class _Folding(dict[int, str]):
    """A table for str.translate that is filled as characters are met."""

    def __missing__(self, code: int) -> str:
        folded = unicodedata.normalize("NFKD", chr(code)).casefold()
        self[code] = folded
        return folded


class _Codes(dict[str, str]):
    """Each character in base 36: letters and digits are all that the index's tokenizer sees."""

    def __missing__(self, character: str) -> str:
        number, code = ord(character), ""
        while True:
            number, digit = divmod(number, 36)
            code = _DIGITS[digit] + code
            if not number:
                break
        self[character] = code
        return code


_FOLDING = _Folding()
_CODES = _Codes()


def fold(text: str) -> str:
    """`text` as it is compared: without differences of case, width and composition."""
    # Character by character, so that a place in the folded text leads back to the text itself.
    return text.lower() if text.isascii() else text.translate(_FOLDING)


def where(text: str, folded: str, at: int) -> int:
    """The place in `text` of the place `at` in its folded form."""
    if len(text) == len(folded):
        return at  # no character folds to nothing, so each folded to one
    passed = 0
    for index, character in enumerate(text):
        passed += len(_FOLDING[ord(character)])
        if passed > at:
            return index
    return len(text)


def tokens(folded: str) -> set[str]:
    """What the index stores of a text: its characters and its overlapping pairs."""
    codes = [_CODES[character] for character in folded]
    found = {first + second for first, second in pairwise(codes)}
    found.update(codes)
    return found


def match_expression(term: str) -> str:
    """What to ask the index for a folded term: all its pairs, or the one character it is."""
    codes = [_CODES[character] for character in term]
    pairs = list(dict.fromkeys(first + second for first, second in pairwise(codes))) or codes
    # A few pairs of a long term are as selective as all of them.
    step = -(-len(pairs) // MOST_PAIRS)
    return "(" + " AND ".join(f'"{pair}"' for pair in pairs[::step]) + ")"


def index_text(connection: apsw.Connection, table: str, key: int, text: str) -> None:
    """Make `text` the one that is found under `key` in `table`; empty text removes it."""
    connection.execute(f"DELETE FROM {table} WHERE rowid = ?", (key,))
    if text:
        pairs = " ".join(tokens(fold(text)))
        connection.execute(f"INSERT INTO {table}(rowid, pairs) VALUES (?, ?)", (key, pairs))
