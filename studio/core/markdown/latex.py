"""LaTeX as models write it, brought into the form that the engine draws right.

Pure text to text. What stands here was found by looking at pictures of formulas: forms that the
engine takes without a word and draws wrong, cramped or in the wrong letters.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import pairwise

MOST_FOR_ROWS = 1200  # characters; room between rows doubles what is laid out
_TALL = re.compile(
    r"\\(?:[dtc]?frac|[dt]?binom|sum|prod|i{0,3}int|oint|lim|big[a-z]+|begin|over|under|x[lr]|sqrt)"
)
_ROWED = re.compile(
    r"(?:[pbBvV]?|small)matrix\*?|[dr]?cases|align(?:ed|at|edat)?\*?|gather(?:ed)?\*?|split|array"
)
_MARK = re.compile(r"\\begin\s*\{([^{}]*)\}|\\end\s*\{([^{}]*)\}|\\\\|\\.|[{}&]", re.S)
_TEXTS = re.compile(r"\\(?:text[a-z]*|[mhf]box|tag\*?|ce|operatorname\*?|mathrm)\s*\{")
_TAG = re.compile(r"\\tag(\*?)\s*\{((?:[^{}]|\{[^{}]*\})*)\}")
_WIDE = {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)} | {0x3000: " "}
_WIDE |= {ord("，"): r",\,", ord("。"): ".", ord("；"): r";\,", ord("："): ":"}
_ROOM = r"\vphantom{\overset{\rule{0pt}{1pt}}{%s}}"

Rewrite = tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]]


def _spaced(words: str) -> str:
    return re.sub(r"(?:\\[,;: ]|~|\s)+", r"\\ ", words.strip())


def _named(found: re.Match[str]) -> str:
    """An operator of several words, or of Han: the engine sets letters without spaces only."""
    words = re.sub(r"(?:\\[,;:! ]|~|\s)+", " ", found[2].strip())
    if "\\" in words or (" " not in words and words.isascii()):
        return found[0]
    return rf"\mathop{{\text{{{words}}}}}" + (r"\limits" if found[1] else r"\nolimits")


def _digits(found: re.Match[str]) -> str:
    return "".join(chr(0x1D7D8 + int(digit)) for digit in found[1])


def _quantity(found: re.Match[str]) -> str:
    """`\\pu{1.2e3 kJ mol-1}`: powers of ten and of units."""
    number, _, units = found[1].strip().partition(" ")
    figure = re.fullmatch(r"([-+]?[\d.,]+)(?:[eE]([-+]?\d+))?", number)
    if figure is None:
        number, units = "", found[1].strip()
    elif figure[2]:
        number = rf"{figure[1]} \times 10^{{{int(figure[2])}}}"
    powers = re.sub(r"(?<=[A-Za-zΩμ°])\^?\{?([-+]?\d+)\}?", r"^{\1}", units)
    powers = re.sub(r"[\s*.]+", r"\\,", powers.strip())
    return number + (r"\," if number and powers else "") + rf"\mathrm{{{powers}}}"


def _long_equal(found: re.Match[str]) -> str:
    line = rf"\overset{{{found[2]}}}{{=\!\!=\!\!=}}"
    return rf"\mathrel{{\underset{{{found[1]}}}{{{line}}}}}" if found[1] else rf"\mathrel{{{line}}}"


_IN = r"((?:[^{}]|\{[^{}]*\})*)"  # what a command holds, with one level of braces inside
_REWRITES: tuple[Rewrite, ...] = (
    (re.compile(r"\\operatorname(\*?)\s*\{" + _IN + r"\}(?:\\limits)?"), _named),
    (re.compile(r"\\(?:mathbb|mathbbm|mathds|Bbb)\s*\{\s*(\d+)\s*\}"), _digits),
    (re.compile(r"\\(?:mathbb|mathbbm|mathds|Bbb)\s*(\d)"), _digits),
    (re.compile(r"\\pu\s*\{" + _IN + r"\}"), _quantity),
    (re.compile(r"\\xlongequal\s*(?:\[([^\]]*)\])?\s*\{" + _IN + r"\}"), _long_equal),
    (re.compile(r"\\overset\s*\{?\s*\\frown\s*\}?\s*\{([^{}]*)\}"), r"\\overparen{\1}"),
    (re.compile(r"\\begin\s*\{eqnarray\*?\}"), r"\\begin{array}{rcl}"),
    (re.compile(r"\\end\s*\{eqnarray\*?\}"), r"\\end{array}"),
    (
        re.compile(r"\\begin\s*\{dcases\*?\}(.*?)\\end\s*\{dcases\*?\}", re.S),
        lambda found: rf"\begin{{cases}}{_displayed(found[1])}\end{{cases}}",
    ),
    # The engine sets words of a text in upright letters whatever they are asked to be.
    *(
        (
            re.compile(rf"\\{name}\s*\{{([A-Za-z0-9 ,.:;()\[\]=+/-]*)\}}"),
            lambda found, font=font: rf"\{font}{{{_spaced(found[1])}}}",
        )
        for name, font in (
            ("textbf", "mathbf"),
            ("textit", "mathit"),
            ("textsf", "mathsf"),
            ("texttt", "mathtt"),
        )
    ),
)


def _displayed(words: str) -> str:
    return re.sub(r"\\frac(?![A-Za-z])", r"\\dfrac", words)


def prepared(source: str) -> str:
    """The formula as the engine draws it right; what it means is not changed."""
    # The engine takes a line end before some letters for a backslash that JSON has lost.
    text = _narrowed(" ".join(source.split()))
    for pattern, by in _REWRITES:
        text = pattern.sub(by, text)
    text = _tag_last(text)
    return _with_room(text) if len(text) <= MOST_FOR_ROWS else text


def _narrowed(source: str) -> str:
    """Wide signs of a Chinese keyboard between formulas become the signs that are meant."""
    if not any(ord(letter) in _WIDE for letter in source):
        return source
    pieces: list[str] = []
    place = 0
    for start, end in _texts_in(source):
        pieces += [source[place:start].translate(_WIDE), source[start:end]]
        place = end
    return "".join([*pieces, source[place:].translate(_WIDE)])


def _texts_in(source: str) -> Iterator[tuple[int, int]]:
    """Where words stand, as (start, end), with the commands that hold them."""
    place = 0
    while found := _TEXTS.search(source, place):
        depth, place = 1, found.end()
        while place < len(source) and depth:
            if source[place] == "\\":
                place += 1
            depth += {"{": 1, "}": -1}.get(source[place : place + 1], 0)
            place += 1
        yield found.start(), place


def _tag_last(source: str) -> str:
    """A number of the formula stands behind it, wherever it was written."""
    found = _TAG.search(source)
    if found is None or "\\begin" in source:
        return source
    return f"{source[: found.start()]}{source[found.end() :]} {found[0]}"


def _with_room(source: str) -> str:
    """Air between the rows of matrices, cases and derivations that hold something tall."""
    if "\\\\" not in source or not _TALL.search(source):
        return source
    pieces: list[str] = []
    place = 0
    for start, end in _bodies(source):
        pieces += [source[place:start], _airy(source[start:end])]
        place = end
    return "".join([*pieces, source[place:]])


def _bodies(source: str) -> Iterator[tuple[int, int]]:
    """What stands within the outermost environments that have rows, as (start, end)."""
    depth, start = 0, 0
    for mark in _MARK.finditer(source):
        if mark[1] is not None:
            if depth == 0:
                start = mark.end() if _ROWED.fullmatch(mark[1].strip()) else -1
                if mark[1].strip() in ("array", "alignat", "alignat*", "alignedat"):
                    columns = re.match(
                        r"\s*(?:\[[^\]]*\])?\s*\{" + _IN + r"\}", source[mark.end() :]
                    )
                    start = mark.end() + columns.end() if columns else -1
            depth += 1
        elif mark[2] is not None:
            depth -= 1
            if depth == 0 and start >= 0:
                yield start, mark.start()


def _airy(body: str) -> str:
    rows = _rows(body)
    made = [rows[0]]
    for before, row in pairwise(rows):
        content = re.sub(r"^\s*(?:\[[^\]]*\]|\*)?\s*(?:\\hline\s*)*", "", row)
        lead = row[: len(row) - len(content)]
        tall = content.strip() and (_TALL.search(before) or _TALL.search(content))
        bare = _TAG.sub("", "".join(_cells(content)))
        made.append(f"{lead}{_ROOM % bare}{content}" if tall else row)
    return "\\\\".join(made)


def _rows(body: str) -> list[str]:
    return _split(body, "\\\\")


def _cells(row: str) -> list[str]:
    return _split(row, "&")


def _split(body: str, at: str) -> list[str]:
    """Cut at a sign, but not within braces and inner environments."""
    pieces: list[str] = []
    depth, place = 0, 0
    for mark in _MARK.finditer(body):
        if mark[1] is not None or mark[0] == "{":
            depth += 1
        elif mark[2] is not None or mark[0] == "}":
            depth -= 1
        elif mark[0] == at and depth == 0:
            pieces.append(body[place : mark.start()])
            place = mark.end()
    return [*pieces, body[place:]]
