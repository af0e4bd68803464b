"""Where stars, underscores and tildes may begin and end emphasis, beside Chinese too.

CommonMark asks for a space or a sign outside a mark that has a sign inside: text without spaces
never has one. What stands here is the published amendment to it, "CJK-friendly emphasis" (tats-u,
https://github.com/tats-u/markdown-cjk-friendly), and one step more for stars and tildes: a sign
that belongs to no script, as a quotation mark or a colon, counts as Chinese where the letter on
its other side is Chinese.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import NamedTuple

_WHITE = frozenset("\t\n\v\f\r \u00a0\u1680\u202f\u205f\u3000") | {
    chr(code) for code in range(0x2000, 0x200B)
}
_SELECTORS = "\ufe00", "\ufe0e"  # of another form of the character before; \ufe0f makes an emoji
_IDEOGRAPHIC = "\U000e0100", "\U000e01ef"
_FULL_WIDTH = frozenset("‘’“”")  # these are Chinese with the selector \ufe01
# Wide characters that show as emoji among those of the enclosed ideographs.
_EMOJI = frozenset("🈁🈚🈯🈲🈳🈴🈵🈶🈸🈹🈺🉐🉑")


class Flanks(NamedTuple):
    """What a run of marks may do."""

    opens: bool
    closes: bool


@lru_cache(4096)
def is_cjk(character: str) -> bool:
    """Whether a character is a Chinese, Japanese or Korean one, signs included, emoji not."""
    code = ord(character)
    if code < 0x1100:
        return False
    if 0x1160 <= code <= 0x11FF or 0xD7B0 <= code <= 0xD7FF:
        return True  # Hangul that is not wide
    if unicodedata.east_asian_width(character) not in "WFH":
        return False
    if code < 0x2E80:
        return code in (0x20A9, 0x2329, 0x232A) or code < 0x1200
    if 0x1F200 <= code <= 0x1F2FF:
        return character not in _EMOJI
    return not 0x1F000 <= code <= 0x1FAFF


@lru_cache(4096)
def is_sign(character: str) -> bool:
    """Whether a character is punctuation or a symbol."""
    return unicodedata.category(character)[0] in "PS"


def flanks(text: str, start: int, end: int, limit: int) -> Flanks:
    """What the marks text[start:end] may do; the text ends at `limit`."""
    after = text[end] if end < limit else " "
    before, wide_before = _before(text, start)
    white_before, white_after = before in _WHITE, after in _WHITE
    wide_after = is_cjk(after)
    sign_before, sign_after = is_sign(before), is_sign(after)
    free = text[start] != "_"
    left = not white_after and (
        not sign_after
        or wide_after
        or white_before
        or sign_before
        or wide_before
        or (free and _leans(text, end, 1, limit))
    )
    right = not white_before and (
        not sign_before
        or wide_before
        or white_after
        or sign_after
        or wide_after
        or (free and _leans(text, start - 1, -1, limit))
    )
    return Flanks(
        left and (free or not right or sign_before), right and (free or not left or sign_after)
    )


def _before(text: str, start: int) -> tuple[str, bool]:
    """The character before a mark, and whether it is a Chinese one."""
    if not start:
        return " ", False
    before = text[start - 1]
    if _IDEOGRAPHIC[0] <= before <= _IDEOGRAPHIC[1]:
        return before, True
    if start > 1 and _SELECTORS[0] <= before <= _SELECTORS[1]:
        base = text[start - 2]
        return base, is_cjk(base) or (before == "\ufe01" and base in _FULL_WIDTH)
    return before, is_cjk(before)


def _leans(text: str, at: int, step: int, limit: int) -> bool:
    """Whether the sign inside a mark belongs to a Chinese letter further in.

    Only signs that stand there: none that opens at the end, none that closes at the beginning.
    """
    away = ("Pe", "Pf") if step > 0 else ("Ps", "Pi")
    for _ in range(3):
        if not 0 <= at < limit:
            return False
        character = text[at]
        if is_cjk(character):
            return True
        if not is_sign(character) or unicodedata.category(character) in away:
            return False
        if character in "*~_`$":
            return False
        at += step
    return False
