"""Reads numbers and sizes as people write and paste them.

1,024 · 1 024 · １０２４ · 1'024 · 1024 px · Steps: 30 · 3,5 · 1024x768 · 1024 × 768 · 1024*768
"""

from __future__ import annotations

import re
import unicodedata

_MARKS = str.maketrans({
    "。": ".", "٫": ".", "、": ",", "٬": ",", "’": "'", "‘": "'", "´": "'", "`": "'",
    "−": "-", "–": "-", "—": "-", "‐": "-", "＿": "_",
    **dict.fromkeys("\u200b\u200c\u200d\u2060\ufeff\"“”«»<>()[]{}", ""),
})  # fmt: skip
_LABEL = re.compile(r"^[^\W\d_][\w .\-]{0,30}?\s*[:=]\s*")
_UNIT = re.compile(r"\s*(px|pixels?|pix|像素|steps?|步|次)\.?$", re.IGNORECASE)
_PIXELS = re.compile(r"(?<=\d)\s*(px|pixels?|pix|像素)", re.IGNORECASE)
_GROUPED = re.compile(r"[1-9]\d{0,2}(?:([ ,.'_])\d{3})(?:\1\d{3})*")
_BETWEEN = re.compile(r"\s*(?:[x×✕✖⨯⨉*·]|by|乘以?)\s*", re.IGNORECASE)
_LIST = re.compile(r"(\d{3,5})\s*(?:[;/|]|,\s|\s)\s*(\d{3,5})|(\d{4,5})\s*,\s*(\d{3,5})")


def read_number(text: str, *, whole: bool = False) -> float | None:
    """The number of a text; None for an empty one. Raises ValueError where it holds none.

    `whole`: where only whole numbers are wanted, a single mark before three digits parts
    thousands (1,024), and otherwise it stands before decimals (3,5).
    """
    plain = _UNIT.sub("", _LABEL.sub("", _plain(text), count=1)).strip()
    if not plain and not _plain(text).strip():
        return None
    sign, digits = re.fullmatch(r"([+-]?)\s*(.*)", plain, re.DOTALL).groups()  # type: ignore[union-attr]  # it always fits
    return -_unsigned(digits, whole) if sign == "-" else _unsigned(digits, whole)


def read_size(text: str) -> tuple[int, int] | None:
    """Width and height where a text names both; None where it does not."""
    plain = _PIXELS.sub("", _LABEL.sub("", _plain(text), count=1)).strip()
    parts = _BETWEEN.split(plain)
    if len(parts) != 2:
        found = _LIST.fullmatch(plain)
        parts = [each for each in found.groups() if each] if found else []
    try:
        sides = [read_number(each, whole=True) for each in parts]
    except ValueError:
        return None
    if len(sides) != 2 or any(side is None or not 0 < side < 1e6 for side in sides):
        return None
    return int(sides[0] or 0), int(sides[1] or 0)


def _plain(text: str) -> str:
    """Full-width signs, digits of other scripts and every kind of blank as ASCII has them."""
    normal = unicodedata.normalize("NFKC", text.translate(_MARKS)).translate(_MARKS)
    signs = (
        str(unicodedata.decimal(each)) if each.isdecimal() else " " if each.isspace() else each
        for each in normal
    )
    return "".join(signs)


def _unsigned(digits: str, whole: bool) -> float:
    if re.fullmatch(r"\d+", digits):
        return float(digits)
    # 1,024.5 and 1.024,5: the last of two different marks stands before the decimals.
    both = re.fullmatch(r"(.*\d)([.,])(\d+)", digits)
    grouped = _GROUPED.fullmatch(digits)
    if grouped and (whole or grouped[1] not in ".," or digits.count(grouped[1]) > 1):
        return float(re.sub(r"\D", "", digits))
    if both:
        before = both[1]
        rest = _GROUPED.fullmatch(before)
        if before.isdigit() or (rest and rest[1] != both[2]):
            value = float(re.sub(r"\D", "", before) + "." + both[3])
            if not whole or value == int(value):
                return value
    if re.fullmatch(r"[.,]\d+", digits) and not whole:
        return float(f"0.{digits[1:]}")
    if re.fullmatch(r"\d+[.,]", digits):
        return float(digits[:-1])
    raise ValueError(digits)
