"""The Markdown dialect: CommonMark with tables, strikethrough, footnotes and formulas.

Formulas are `$…$`, `$$…$$`, `\\(…\\)` and `\\[…\\]`. A dollar before a price is none: the opening
dollar stands before a character that is no space, the closing one after such a character and
before no digit, and plain words between two amounts are no formula.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.rules_block import StateBlock
    from markdown_it.rules_inline import StateInline

# Deeper containers are shown as they were written: each level costs every line below it again.
MAX_NESTING = 40
# A longer formula is no formula, but two stray dollars.
_MAX_FORMULA = 2000
_WORDS = re.compile(
    r"[A-Za-z]{2,}\s+[A-Za-z]{2,}|^\d[\d.,]*\s*[A-Za-z]{2,}|[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]"
)
_FORMULA_SIGN = re.compile(r"[\\^_={}<>+*/|]")
_LETTER = re.compile(r"[^\W_]")


@cache
def answer_parser() -> MarkdownIt:
    """The parser for what a model writes."""
    # Imported on first use: the parser costs 40 ms, the first paint does not wait for it.
    from markdown_it import MarkdownIt
    from mdit_py_plugins.footnote.index import footnote_def

    parser = MarkdownIt("commonmark", {"maxNesting": MAX_NESTING})
    parser.enable(["table", "strikethrough"])
    blocks = parser.block.ruler
    blocks.before("reference", "footnote_def", footnote_def, {"alt": ["paragraph", "reference"]})
    blocks.before(
        "fence", "formula", _formula_block, {"alt": ["paragraph", "reference", "blockquote"]}
    )
    parser.inline.ruler.before("escape", "formula", _formula)
    parser.inline.ruler.before("link", "footnote_ref", _footnote_ref)
    return parser


@cache
def question_parser() -> MarkdownIt:
    """The parser for what the user writes: quotes and fences only, everything else literally."""
    from markdown_it import MarkdownIt

    parser = MarkdownIt("zero", {"maxNesting": MAX_NESTING})
    parser.enable(["fence", "blockquote"])
    return parser


def unescaped(info: str) -> str:
    """The words behind a fence without backslashes and entities."""
    if "\\" not in info and "&" not in info:
        return info
    from markdown_it.common.utils import unescapeAll

    return unescapeAll(info)


def _formula_block(state: StateBlock, first: int, end: int, silent: bool) -> bool:
    """`$$` or `\\[` at the beginning of a line, its partner at the end of a line."""
    if state.is_code_block(first):
        return False
    start = state.bMarks[first] + state.tShift[first]
    opening = state.src[start : start + 2]
    closing = {"$$": "$$", "\\[": "\\]"}.get(opening)
    if closing is None:
        return False
    lines: list[str] = []
    for line in range(first, end):
        if line > first and (state.isEmpty(line) or state.sCount[line] < state.blkIndent):
            return False
        text = state.src[state.bMarks[line] + state.tShift[line] : state.eMarks[line]].rstrip()
        lines.append(text[2:] if line == first else text)
        if closing in lines[-1]:
            formula = "\n".join(lines).removesuffix(closing).strip()
            if not lines[-1].endswith(closing) or closing in formula or not formula:
                return False
            if silent:
                return True
            token = state.push("formula_block", "math", 0)
            token.content = "\n".join([opening + lines[0], *lines[1:]])
            token.map = [first, line + 1]
            state.line = line + 1
            return True
    return False


def _formula(state: StateInline, silent: bool) -> bool:
    found = formula_at(state.src, state.pos)
    if found is None:
        return False
    opening, _, end = found
    if not silent:
        token = state.push("formula", "math", 0)
        # With its marks: this is what is shown until it is drawn, and what is copied.
        token.content = state.src[state.pos : end]
        token.markup = opening
    state.pos = end
    return True


def formula_at(text: str, start: int) -> tuple[str, str, int] | None:
    """Opening mark, source and end of the formula that begins at `start`, if one does."""
    first = text[start]
    if first not in "$\\":
        return None
    opening = text[start : start + 2]
    closing = {"$$": "$$", "\\(": "\\)", "\\[": "\\]"}.get(opening)
    if closing is None:
        return _single_dollar(text, start) if first == "$" else None
    end = _find_mark(text, start + 2, closing)
    formula = text[start + 2 : end].strip() if end > 0 else ""
    if not _LETTER.search(formula):
        return None
    return opening, formula, end + 2


def _find_mark(text: str, start: int, closing: str) -> int:
    """Where `closing` stands, not behind a backslash of its own; -1 when it does not."""
    at = start
    limit = min(len(text), start + _MAX_FORMULA)
    while at < limit:
        if text.startswith(closing, at):
            return at
        at += 2 if text[at] == "\\" else 1
    return -1


def _single_dollar(text: str, start: int) -> tuple[str, str, int] | None:
    inside = start + 1
    before = text[start - 1] if start else " "
    if inside >= len(text) or text[inside].isspace() or before.isalnum() or before == "$":
        return None
    end = _find_mark(text, inside, "$")
    if end <= inside or text[end - 1].isspace():
        return None
    after = text[end + 1] if end + 1 < len(text) else " "
    formula = text[inside:end]
    if after.isdigit() or after == "$" or formula.count("\n") > 1:
        return None
    if _WORDS.search(formula) and not _FORMULA_SIGN.search(formula):
        return None
    return "$", formula, end + 1


def _footnote_ref(state: StateInline, silent: bool) -> bool:
    text, start = state.src, state.pos
    if not text.startswith("[^", start):
        return False
    end = text.find("]", start)
    label = text[start + 2 : end] if end > 0 else ""
    if not label or ":" + label not in state.env.get("footnotes", {}).get("refs", {}):
        return False
    if not silent:
        state.push("footnote_ref", "sup", 0).content = label
    state.pos = end + 1
    return True
