"""The parts of the parser that read another Markdown than CommonMark.

Deliberate differences: emphasis beside Chinese, formulas, tables whose cells hold bars, blocks of
Markdown within blocks of Markdown, children of numbers that are indented by two, and full-width
spaces at the beginning of a paragraph.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from studio.core.markdown.emphasis import flanks
from studio.core.markdown.fences import Fence, opened
from studio.core.markdown.formulas import MOST_LINES, block_end, block_opening, formula_at
from studio.core.markdown.lists import shifts
from studio.core.markdown.tables import Table, aligns_of, cells_of, head_of

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.parser_inline import ParserInline
    from markdown_it.rules_block import StateBlock
    from markdown_it.rules_inline import StateInline
    from markdown_it.token import Token


def answer_inlines() -> ParserInline:
    """What reads paragraphs."""
    from markdown_it.parser_inline import ParserInline
    from markdown_it.rules_inline import StateInline
    from markdown_it.rules_inline.state_inline import Scanned

    class State(StateInline):
        def scanDelims(self, start: int, canSplitWord: bool) -> Scanned:
            text, end = self.src, start
            while end < self.posMax and text[end] == text[start]:
                end += 1
            return Scanned(*flanks(text, start, end, self.posMax), end - start)

    class Inlines(ParserInline):
        def parse(self, src: str, md: MarkdownIt, env: Any, tokens: list[Token]) -> list[Token]:
            state = State(src, md, env, tokens)
            self.tokenize(state)
            for rule in self.ruler2.getRules(""):
                rule(state)
            return state.tokens

    return Inlines()


def content_of(state: StateBlock, line: int) -> str:
    """A line without what stands around its block."""
    return state.src[state.bMarks[line] + state.tShift[line] : state.eMarks[line]]


def paragraph(state: StateBlock, first: int, end: int, silent: bool) -> bool:
    """A paragraph keeps the full-width spaces at its beginning: they are how Chinese indents."""
    from markdown_it.rules_block import paragraph as read_paragraph

    done = read_paragraph(state, first, end, silent)
    text = state.getLines(first, state.line, state.blkIndent, False)
    state.tokens[-2].content = text.strip(" \t\r\n")
    return done


def ordered_list(state: StateBlock, first: int, end: int, silent: bool) -> bool:
    """A list; what is indented too little to belong to a number is moved while it is read."""
    from markdown_it.rules_block import list_block as read_list

    if silent or not content_of(state, first)[:1].isdigit():
        return read_list(state, first, end, silent)
    lines = ((state.sCount[line], content_of(state, line)) for line in range(first, end))
    kept = []
    for number, by in shifts(lines).items():
        line = first + number
        marks = (state.bMarks, state.eMarks, state.tShift, state.sCount)
        kept.append((line, [each[line] for each in marks]))
        _move(state, line, by)
    done = read_list(state, first, end, silent)
    for line, (begin, stop, shift, indent) in kept:
        state.bMarks[line], state.eMarks[line] = begin, stop
        state.tShift[line], state.sCount[line] = shift, indent
    return done


def _move(state: StateBlock, line: int, by: int) -> None:
    """Let a line begin further to the right: a copy of it stands behind the text."""
    start, stop = state.bMarks[line], state.eMarks[line]
    begin = len(state.src) + 1
    state.src += "\n" + " " * by + state.src[start:stop] + "\n"
    state.bMarks[line], state.eMarks[line] = begin, begin + by + stop - start
    state.tShift[line] += by
    state.sCount[line] += by


def formula_block(state: StateBlock, first: int, end: int, silent: bool) -> bool:
    """`$$`, `\\[` or an environment at the beginning of a line, its partner at the end of one."""
    if state.is_code_block(first):
        return False
    opening = content_of(state, first)
    if opening[:1] not in ("$", "\\") or block_opening(opening) is None:
        return False
    last = min(end, first + MOST_LINES + 2)
    lines = [content_of(state, line).rstrip() for line in range(first, last)]
    count = block_end(lines)
    if not count:
        return False
    if silent:
        return True
    token = state.push("formula_block", "math", 0)
    token.content = "\n".join(lines[:count])
    token.map = [first, first + count]
    state.line = first + count
    return True


def formula(state: StateInline, silent: bool) -> bool:
    """A formula within a paragraph."""
    found = formula_at(state.src, state.pos)
    if found is None:
        return False
    opening, end = found
    if not silent:
        token = state.push("formula", "math", 0)
        # With its marks: this is what is shown until it is drawn, and what is copied.
        token.content = state.src[state.pos : end]
        token.markup = opening
    state.pos = end
    return True


def fence(state: StateBlock, first: int, end: int, silent: bool) -> bool:
    """Code between two lines of backticks or tildes."""
    if state.is_code_block(first):
        return False
    opening = opened(content_of(state, first))
    if opening is None:
        return False
    if silent:
        return True
    reading = Fence(opening)
    line, closed = first + 1, False
    while line < end and not closed:
        text = content_of(state, line)
        if text and state.sCount[line] < state.blkIndent:
            break
        closed = not state.is_code_block(line) and reading.closes_at(text)
        line += 1
    token = state.push("fence", "code", 0)
    token.info = opening.info
    token.markup = opening.mark
    token.content = state.getLines(first + 1, line - closed, state.sCount[first], True)
    token.map = [first, line]
    token.meta = {"closed": closed}
    state.line = line
    return True


def table(state: StateBlock, first: int, end: int, silent: bool) -> bool:
    """A head, a line of dashes, and rows up to an empty line or another block."""
    below = first + 1
    if below >= end or state.sCount[below] < state.blkIndent or state.is_code_block(below):
        return False
    if state.sCount[first] < state.blkIndent and state.sCount[below] > 3:
        return False  # outside of the item that it would end, the second line is code
    aligns = aligns_of(content_of(state, below))
    line = content_of(state, first)
    if aligns is None or "|" not in line or state.is_code_block(first):
        return False
    head = head_of(line, len(aligns))
    if head is None:
        return False
    if not silent:
        push_rows(state, first + 2, end, head, aligns)
        state.tokens[-1].map = [first, state.line]
    return True


def push_rows(
    state: StateBlock, first: int, end: int, head: tuple[str, ...], aligns: tuple[str, ...]
) -> None:
    """Read the rows of a table that begin at a line."""
    rows: list[tuple[str, ...]] = []
    before, state.parentType = state.parentType, "table"
    terminators = state.md.block.ruler.getRules("blockquote")
    line = first
    while line < end and state.sCount[line] >= state.blkIndent and not state.is_code_block(line):
        text = content_of(state, line).strip(" \t")
        if not text or any(rule(state, line, end, True) for rule in terminators):
            break
        rows.append(cells_of(text, len(aligns)))
        line += 1
    state.parentType = before
    token = state.push("table", "table", 0)
    token.meta = {"head": head, "rows": rows, "aligns": aligns, "continued": False, "shape": ()}
    token.map = [first, line]
    state.line = line


def rows_and_blocks(source: str, parser: MarkdownIt, environment: Any, known: Table) -> list[Token]:
    """The tokens of a text that begins with further rows of a known table."""
    from markdown_it.rules_block import StateBlock

    tokens: list[Token] = []
    state = StateBlock(source, parser, environment, tokens)
    push_rows(state, 0, state.lineMax, known.head, known.aligns)
    tokens[-1].meta.update(continued=True, shape=known.shape)
    parser.block.tokenize(state, state.line, state.lineMax)
    return tokens


def footnote_ref(state: StateInline, silent: bool) -> bool:
    """The mark of a footnote that is defined."""
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
