"""What is a formula in text: `$…$`, `$$…$$`, `\\(…\\)`, `\\[…\\]` and `\\begin{…}…\\end{…}`.

A dollar is also a price, a variable of a shell and a part of a path. So a single dollar opens a
formula only where what stands between it and its partner reads as one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

# A longer formula is no formula, but two stray dollars.
_LONGEST = 2000
LONGEST_BLOCK = 4000
MOST_LINES = 80

_PAIRS = {"$$": "$$", "\\(": "\\)", "\\[": "\\]"}
_BEGIN = re.compile(r"\\begin\{([A-Za-z]+\*?)\}")
# What may stand behind the closing mark of a block: the sentence goes on around a formula.
TAIL = re.compile(r"[ \t]*[.,;:!?。，、；：！？]*[ \t]*$")

_WORDS = re.compile(r"[A-Za-z]{2,}[ \t\n]+[A-Za-z]{2,}")
_WORD = re.compile(r"[A-Za-z]{2,}")
_SIGN = re.compile(r"[\\^_={}<>+*/|×÷±≤≥≠≈∈→]")
_CERTAIN = re.compile(r"\\[A-Za-z{}]|[\^_]")  # prose and programs hold nothing like it
_HAN = re.compile(r"[\u3000-\u303f\u3400-\u9fff\uf900-\ufaff\uff00-\uffef]")
_PRICE = re.compile(r"\d[\d.,]*")
_PRICED_WORDS = re.compile(r"\d[\d.,]*\s*[A-Za-z]{2,}")
_LONE = re.compile(r"-?(?:[A-Za-z]['′]?\d*|\d+(?:\.\d+)?)")
_ENDS = re.compile(r"[\w)\]}'′!%°]$")
_VARIABLE = re.compile(r"[A-Za-z_]\w+$")
_COMMAND = re.compile(r"\\(?:text|mbox|mathrm|textbf|operatorname)\{[^{}]*\}")
_ALNUM = re.compile(r"[^\W_]")


def body_of(source: str) -> str:
    """A formula without its marks; an environment is its own mark."""
    if source.startswith("\\begin"):
        return source.strip()
    marks = 1 if source[:1] == "$" and source[1:2] != "$" else 2
    return source[marks:-marks].strip()


def formula_at(text: str, start: int) -> tuple[str, int] | None:
    """The opening mark and the end of the formula that begins at `start`, if one does."""
    first = text[start]
    if first not in "$\\":
        return None
    opening = text[start : start + 2]
    closing = _PAIRS.get(opening)
    if closing is None:
        if first == "$":
            return _single_dollar(text, start)
        return _environment(text, start)
    end = _find_mark(text, start + 2, closing)
    formula = text[start + 2 : end].strip() if end > 0 else ""
    if not _ALNUM.search(formula) or not _is_bracketed(opening, formula):
        return None
    return opening, end + 2


def _is_bracketed(opening: str, formula: str) -> bool:
    """Whether this is a formula between longer marks: `\\[1\\]` and `\\[see below\\]` are text."""
    if _CERTAIN.search(formula) or opening == "\\(":
        return True
    if opening == "\\[" and not re.search(r"[^\W\d_]", formula):
        return _SIGN.search(formula) is not None
    return not _WORDS.search(formula) or _SIGN.search(formula) is not None


def _environment(text: str, start: int) -> tuple[str, int] | None:
    begin = _BEGIN.match(text, start)
    if begin is None:
        return None
    end = text.find(f"\\end{{{begin[1]}}}", begin.end(), start + _LONGEST)
    return ("\\begin", end + len(begin[1]) + 6) if end > 0 else None


def _find_mark(text: str, start: int, closing: str) -> int:
    """Where `closing` stands, not behind a backslash of its own; -1 when it does not."""
    at = start
    limit = min(len(text), start + _LONGEST)
    while at < limit:
        if text.startswith(closing, at):
            return at
        at += 2 if text[at] == "\\" else 1
    return -1


def _single_dollar(text: str, start: int) -> tuple[str, int] | None:
    before = text[start - 1] if start else " "
    if before == "$" or (before.isalnum() and before < "\u2e80"):
        return None
    end = _find_mark(text, start + 1, "$")
    if end <= start + 1:
        return None
    after = text[end + 1] if end + 1 < len(text) else " "
    if after.isdigit() or after == "$":
        return None
    return ("$", end + 1) if _reads_as_formula(text[start + 1 : end], after) else None


def _reads_as_formula(inside: str, after: str) -> bool:
    """Whether what stands between two dollars is a formula; `after` follows the second one."""
    formula = inside.strip()
    if not formula or inside.count("\n") > 1 or "`" in inside:
        return False
    if inside != formula and not _is_padded_formula(inside, formula, after):
        return False
    if _is_program(formula, after):
        return False
    certain = _CERTAIN.search(formula) is not None
    if _is_priced(formula, certain=certain):
        return False
    sign = certain or _SIGN.search(formula) is not None
    if _WORDS.search(formula):
        return certain
    return sign or not (_PRICED_WORDS.match(formula) or _HAN.search(formula))


def _is_padded_formula(inside: str, formula: str, after: str) -> bool:
    """Some models write `$ x $`; so does who speaks of two dollars, or of a prompt."""
    if "\n" in inside:
        return False
    certain = _CERTAIN.search(formula) is not None
    if not (inside[0].isspace() and inside[-1].isspace()):
        return certain and not (after.isalnum() and after < "\u2e80") and after not in "_{("
    if _LONE.fullmatch(formula):
        return True
    if _WORDS.search(formula) or formula[-1] in "+-*/=<>,;:|":
        return certain
    return certain or _SIGN.search(formula) is not None or "(" in formula


def _is_program(formula: str, after: str) -> bool:
    """Whether these are `$A/$B`, `${a}-${b}`, `$(x)/$(y)` or `$NAME$OTHER`."""
    if not (after in "_{(" or (after.isalpha() and after < "\u2e80")):
        return False
    if _ENDS.search(formula) is None or (after in "{(" and formula[0] == after):
        return True
    named = after in "_{" or after.isupper()
    return named and _VARIABLE.fullmatch(formula) is not None


def _is_priced(formula: str, *, certain: bool) -> bool:
    """Whether this begins with an amount and goes on in words: `1.50** and **`, `3.5亿到`."""
    price = _PRICE.match(formula)
    if price is None or "\\" in formula:
        return False
    if "**" in formula:
        return True
    return not certain and _HAN.search(_COMMAND.sub("", formula)) is not None


# -- blocks ----------------------------------------------------------------


def block_opening(line: str) -> tuple[str, str] | None:
    """The marks of the block that a line begins, if it does: what opens and what closes it."""
    if line.startswith("$$"):
        return "$$", "$$"
    if line.startswith("\\["):
        return "\\[", "\\]"
    begin = _BEGIN.match(line) if line.startswith("\\begin{") else None
    return (begin[0], f"\\end{{{begin[1]}}}") if begin else None


def block_parts(source: str) -> tuple[str, str]:
    """A block without its marks, and the signs of the sentence behind it."""
    marks = block_opening(source)
    if marks is None:
        return body_of(source), ""
    opening, closing = marks
    at = source.rfind(closing)
    end = at + len(closing)
    body = source[:end] if opening.startswith("\\begin") else source[len(opening) : at]
    return body.strip(), source[end:].strip()


def block_end(lines: Sequence[str]) -> int | None:
    """How many of the lines are the formula that the first one begins.

    None when they are none; 0 when they may become one with more lines.
    """
    marks = block_opening(lines[0])
    if marks is None:
        return None
    opening, closing = marks
    size = depth = 0
    filled = False
    for number, line in enumerate(lines):
        start = len(opening) if not number else 0
        size += len(line) + 1
        at, depth = _closing_in(line, start, opening, closing, depth)
        if at >= 0:
            filled = filled or bool(line[start:at].strip())
            return number + 1 if filled and TAIL.match(line, at + len(closing)) else None
        filled = filled or bool(line[start:].strip())
        if size > LONGEST_BLOCK or number >= MOST_LINES or _is_other_block(line, number):
            return None
    return 0


def _closing_in(line: str, start: int, opening: str, closing: str, depth: int) -> tuple[int, int]:
    """Where the closing mark stands in a line, or -1, and how deep it is nested at its end."""
    at = line.find(closing, start)
    if not opening.startswith("\\begin"):
        return at, 0
    while at >= 0:
        depth += line.count(opening, start, at)
        if not depth:
            return at, 0
        depth, start = depth - 1, at + len(closing)
        at = line.find(closing, start)
    return -1, depth + line.count(opening, start)


_OTHER = re.compile(r"#{1,6} |```|~~~|\|.*\|$|> |\d+[.)] |(?:\* |- )[^\W\d_]{2}|\$\$\S")
_PROSE = re.compile(r"[\u3400-\u9fff].*?(?:[\u3400-\u9fff].*?){14}")


def _is_other_block(line: str, number: int) -> bool:
    """Whether a line shows that a stray mark stands above it, and no formula."""
    if not number:
        return False
    return bool(
        _OTHER.match(line)
        or _OTHER.match(_bare(line))
        or ("\\" not in line and _PROSE.search(line))
    )


_PREFIX = re.compile(r"[ >\t]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)*")


def may_be_open(lines: Sequence[str], end: int, read: Callable[[int], bool]) -> bool:
    """Whether more text may make a formula of what begins in lines[:end].

    `read(number)` says that a line is code or a formula already.
    """
    first = max(0, end - MOST_LINES - 1)
    for number in range(first, end):
        line = lines[number]
        if "$$" not in line and "\\[" not in line and "\\begin{" not in line:
            continue
        content = _bare(line)
        if block_opening(content) is None or read(number):
            continue
        rest = [content, *map(_bare, lines[number + 1 : number + MOST_LINES + 2])]
        if block_end(rest) == 0:
            return True
    return False


def _bare(line: str) -> str:
    """A line without the marks of the quotes and list items around it."""
    found = _PREFIX.match(line)
    return line[found.end() :].rstrip() if found else line.rstrip()
