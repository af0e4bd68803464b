"""Cuts texts into overlapping grams, which is how an index finds Chinese, and any other piece.

Every text is folded (case, width, composition) and cut at each character: into pairs where Chinese,
Japanese or the like is at hand, into threes elsewhere, as two Latin letters tell too little.
The index only knows which texts hold which grams. It answers with candidates: whoever asks looks
at each text.
"""

from __future__ import annotations

from itertools import pairwise

import apsw

from studio.core.folding import fold

MOST_GRAMS = 24
FIRST_WIDE = "\u2e80"  # from here on one character says as much as three Latin ones
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


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


_CODES = _Codes()


def tokens(folded: str) -> set[str]:
    """What the index stores of a text: for each character the gram that begins with it."""
    if not folded:
        return set()
    codes = [_CODES[character] for character in folded]
    wide = [character >= FIRST_WIDE for character in folded]
    grams = {
        first + second if one or other else first + second + third
        for first, second, third, one, other in zip(
            codes, codes[1:], [*codes[2:], ""], wide, wide[1:], strict=False
        )
    }
    grams.add(codes[-1])
    return grams


def match_expression(term: str) -> tuple[str, bool]:
    """What to ask the index for a folded term, and whether that is cheap.

    A term too short for a whole gram asks for all grams that begin with it: the more texts hold
    it, the longer that takes.
    """
    codes = [_CODES[character] for character in term]
    # The last one or two grams of a term are cut short, and may go on differently in a text.
    whole = [
        "".join(codes[at : at + length])
        for at, pair in enumerate(pairwise(term))
        if at + (length := 2 if max(pair) >= FIRST_WIDE else 3) <= len(codes)
    ]
    if not whole:
        return f'"{"".join(codes)}" *', False
    # A few grams of a long term are as selective as all of them.
    step = -(-len(whole) // MOST_GRAMS)
    return "(" + " AND ".join(f'"{gram}"' for gram in dict.fromkeys(whole[::step])) + ")", True


def index_text(connection: apsw.Connection, table: str, key: int, text: str) -> None:
    """Make `text` the one that is found under `key` in `table`; empty text removes it."""
    connection.execute(f"DELETE FROM {table} WHERE rowid = ?", (key,))
    if text:
        grams = " ".join(tokens(fold(text)))
        connection.execute(f"INSERT INTO {table}(rowid, grams) VALUES (?, ?)", (key, grams))
