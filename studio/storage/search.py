"""Finds any piece of text, Chinese from one character up, by an index of character pairs.

Every text is folded (width, case) and cut into its overlapping pairs; the index only knows which
texts hold which pairs. A query asks for texts that hold all its pairs, newest first, and then
looks at each text itself, so nothing false is found. Single characters are in the index too.
"""

from __future__ import annotations

import unicodedata
from itertools import pairwise

import apsw

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


def tokens(folded: str) -> set[str]:
    """What the index stores of a text: its characters and its overlapping pairs."""
    codes = [_CODES[character] for character in folded]
    found = {first + second for first, second in pairwise(codes)}
    found.update(codes)
    return found


def index_text(connection: apsw.Connection, table: str, key: int, text: str) -> None:
    """Make `text` the one that is found under `key` in `table`; empty text removes it."""
    connection.execute(f"DELETE FROM {table} WHERE rowid = ?", (key,))
    if text:
        pairs = " ".join(tokens(fold(text)))
        connection.execute(f"INSERT INTO {table}(rowid, pairs) VALUES (?, ?)", (key, pairs))
