"""Signs that are made of several characters, such as a family of emoji: kept whole or left out."""

from __future__ import annotations

import unicodedata

_JOINER = "\u200d"
_EMOJI_STYLE = "\ufe0f"
_BLACK_FLAG = "\U0001f3f4"  # England, Scotland and Wales follow it as invisible tags


def _is_tag(character: str) -> bool:
    return "\U000e0020" <= character <= "\U000e007f"


def _is_region(character: str) -> bool:
    return "\U0001f1e6" <= character <= "\U0001f1ff"


def _joins(before: str, after: str) -> bool:
    """Whether a joiner between these makes one sign of two."""
    picture = unicodedata.category(before or " ") in ("So", "Sk") or before == _EMOJI_STYLE
    return picture and unicodedata.category(after or " ") == "So"


def visible(text: str) -> str:
    """`text` with a space for each control or mark of direction, but whole signs of emoji."""
    kept: list[str] = []
    for place, each in enumerate(text):
        before = kept[-1] if kept else ""
        whole = (each == _JOINER and _joins(before, text[place + 1 : place + 2])) or (
            _is_tag(each) and (before == _BLACK_FLAG or _is_tag(before))
        )
        kept.append(each if whole or unicodedata.category(each)[0] != "C" else " ")
    return "".join(kept)


def cut(text: str, length: int) -> str:
    """At most `length` characters, with no half sign at the end."""
    while 0 < length < len(text) and _is_within(text, length):
        length -= 1
    return text[:length]


def _is_within(text: str, place: int) -> bool:
    """Whether a sign goes on over the gap before `place`."""
    after, before = text[place], text[place - 1]
    if _JOINER in (after, before) or _is_tag(after) or unicodedata.combining(after):
        return True
    if after == _EMOJI_STYLE or "\U0001f3fb" <= after <= "\U0001f3ff":
        return True
    if not _is_region(after):
        return False
    regions = 0
    while place > regions and _is_region(text[place - 1 - regions]):
        regions += 1
    return regions % 2 == 1
