"""Where words begin and end, also in text without spaces.

Qt takes every Chinese character for a word. ICU has a dictionary: Qt brings it along on Linux,
Windows and macOS have one of their own. What the dictionary does not know falls into single
characters: neighbours of that kind are one word, unless they are of those that stand alone. Where
there is no dictionary, every run of one script is taken so.
"""

from __future__ import annotations

import ctypes
import re
import sys
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

from PySide6.QtCore import QTextBoundaryFinder

from studio.ui.transcript.layout.boxes import from_qt, to_qt

_UBRK_WORD = 1
_DONE = -1
_AROUND = 120  # characters looked at on each side: no word is as long
# Chinese, Japanese, Thai, Lao, Khmer, Burmese: what is written without spaces.
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
    "\uff66-\uff9f\U00020000-\U0003ffff]"
)


def word_at(text: str, index: int) -> tuple[int, int]:
    """Where the word around a character begins and ends."""
    if not text:
        return 0, 0
    index = min(index, len(text) - 1)
    if _UNSPACED.match(text, index):
        return _looked_up(text, index) or _run_at(text, index)
    finder = QTextBoundaryFinder(QTextBoundaryFinder.BoundaryType.Word, text)
    at = to_qt(text, index)
    finder.setPosition(at)
    start = at if finder.isAtBoundary() else finder.toPreviousBoundary()
    end = finder.toNextBoundary()
    return from_qt(text, max(start, 0)), from_qt(text, end) if end >= 0 else len(text)


def next_boundary(text: str, index: int) -> int:
    """Where the word around a place ends, or the next begins."""
    return word_at(text, index)[1] if index < len(text) else len(text)


def previous_boundary(text: str, index: int) -> int:
    """Where the word before a place begins."""
    return word_at(text, index - 1)[0] if index > 0 else 0


def _looked_up(text: str, index: int) -> tuple[int, int] | None:
    """The word by ICU's dictionary."""
    icu = _icu()
    if icu is None:
        return None
    first = max(0, index - _AROUND)
    piece = text[first : index + _AROUND]
    units = piece.encode("utf-16-le" if sys.byteorder == "little" else "utf-16-be", "surrogatepass")
    buffer = ctypes.create_string_buffer(units)
    status = ctypes.c_int(0)
    breaks = icu.open(_UBRK_WORD, b"", buffer, len(units) // 2, ctypes.byref(status))
    if not breaks or status.value > 0:
        return None
    try:
        at = to_qt(piece, index - first)
        start = at if icu.is_boundary(breaks, at) else icu.preceding(breaks, at)
        places = [start, icu.following(breaks, at)]
        if _DONE in places:
            return None
        while _is_unknown(piece, before := icu.preceding(breaks, places[0]), *places[:2]):
            places.insert(0, before)
        while _is_unknown(piece, *places[-2:], after := icu.following(breaks, places[-1])):
            places.append(after)
    finally:
        icu.close(breaks)
    return first + from_qt(piece, places[0]), first + from_qt(piece, places[-1])


def _run_at(text: str, index: int) -> tuple[int, int]:
    """The run of one script around a character, without those that stand alone."""
    kind = _kind(text[index])
    start, end = index, index + 1
    if kind != _ALONE_KIND:
        while start > max(0, index - _AROUND) and _kind(text[start - 1]) == kind:
            start -= 1
        while end < min(len(text), index + _AROUND) and _kind(text[end]) == kind:
            end += 1
    return start, end


def _kind(letter: str) -> int:
    """Which script a letter is of; 0 for what is written with spaces."""
    if letter in _ALONE:
        return _ALONE_KIND
    return next((at for at, one in enumerate(_SCRIPTS, 1) if one.match(letter)), 0)


def _is_unknown(piece: str, *places: int) -> bool:
    """Whether what stands between these boundaries are characters of one unknown word."""
    if _DONE in places:
        return False
    inside = [from_qt(piece, place) for place in places]
    between = [piece[start:end] for start, end in pairwise(inside)]
    return all(len(one) == 1 and _HAN.match(one) and one not in _ALONE for one in between)


_HAN = re.compile("[\u3005\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_SCRIPTS = (
    _HAN,
    re.compile("[\u3040-\u309f\u30fc]"),
    re.compile("[\u30a0-\u30ff\uff66-\uff9f]"),
    *(re.compile(each) for each in ("[\u0e00-\u0e7f]", "[\u0e80-\u0eff]")),
    *(re.compile(each) for each in ("[\u1000-\u109f]", "[\u1780-\u17ff]", "[\u3006\u3007]")),
)
_ALONE_KIND = -1
_ALONE = frozenset(
    "的了着过得地是在有和与及或而但就也都又还很最更不没未要会能可将把被让给对向由从到于以为之其"
    "我你您他她它们这那哪谁个位只条张些每各某两几一二三四五六七八九十百千万吗呢吧啊呀哦嘛"
    "上下里中内外前后左右年月日时分秒说看想做去来用"
)


class _Icu:
    """The few functions of ICU's C interface that are needed."""

    def __init__(self, library: ctypes.CDLL, suffix: str) -> None:
        number, place = ctypes.c_int32, ctypes.c_void_p

        def function(name: str, result: Any, *arguments: Any) -> Any:
            found = getattr(library, f"{name}{suffix}")
            found.restype, found.argtypes = result, arguments
            return found

        status = ctypes.POINTER(ctypes.c_int)
        self.open = function(
            "ubrk_open", place, ctypes.c_int, ctypes.c_char_p, place, number, status
        )
        self.close = function("ubrk_close", None, place)
        self.preceding = function("ubrk_preceding", number, place, number)
        self.following = function("ubrk_following", number, place, number)
        self.is_boundary = function("ubrk_isBoundary", ctypes.c_int8, place, number)


@cache
def _icu() -> _Icu | None:
    for name, suffix in _libraries():
        try:
            return _Icu(ctypes.CDLL(name), suffix)
        except (OSError, AttributeError):
            continue
    return None


def _libraries() -> list[tuple[str, str]]:
    """Where ICU may be, and what its functions' names end with."""
    if sys.platform == "win32":
        return [("icu.dll", ""), ("icuuc.dll", "")]
    if sys.platform == "darwin":
        return [("/usr/lib/libicucore.dylib", ""), ("libicucore.dylib", "")]
    import PySide6

    folder = Path(PySide6.__path__[0]) / "Qt" / "lib"
    return [
        (str(path), f"_{path.suffix[1:]}")
        for path in sorted(folder.glob("libicuuc.so.*"))
        if path.suffix[1:].isdigit()
    ]
