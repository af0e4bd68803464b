"""Colours of code: which stretches of which lines are keywords, strings, numbers and so on."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from pygments.lexer import Lexer
    from pygments.token import _TokenType

# Lines longer than this are data, not code; some lexers take seconds over them.
LONGEST_LINE = 2_000
LONGEST_CODE = 400_000


class Span(NamedTuple):
    """Characters of a line in one colour of the theme."""

    start: int
    length: int
    colour: str


Lines = list[list[Span]]

_LEADING = (
    ("Token.Comment", "code_comment"),
    ("Token.Keyword", "code_keyword"),
    ("Token.Operator.Word", "code_keyword"),
    ("Token.Literal.String.Interpol", "code_keyword"),
    ("Token.Literal.String", "code_string"),
    ("Token.Literal.Number", "code_number"),
    ("Token.Literal.Date", "code_number"),
    ("Token.Name.Function", "code_name"),
    ("Token.Name.Class", "code_name"),
    ("Token.Name.Builtin", "code_name"),
    ("Token.Name.Tag", "code_keyword"),
    ("Token.Name.Attribute", "code_name"),
    ("Token.Name.Decorator", "code_name"),
    ("Token.Name.Exception", "code_name"),
    ("Token.Name.Constant", "code_number"),
    ("Token.Generic.Inserted", "code_string"),
    ("Token.Generic.Deleted", "code_keyword"),
    ("Token.Generic.Heading", "code_name"),
    ("Token.Generic.Subheading", "code_name"),
    ("Token.Generic.Prompt", "code_comment"),
)


@cache
def _colour(kind: _TokenType) -> str:
    name = str(kind)
    return next((colour for lead, colour in _LEADING if name.startswith(lead)), "")


def load_lexer(language: str) -> Lexer | None:
    """The lexer for the language named at a fence; None for none. Slow the first time."""
    # Imported on first use, on a worker thread: 40 ms.
    from pygments.lexers import get_lexer_by_name
    from pygments.util import ClassNotFound

    try:
        return get_lexer_by_name(language.lower(), stripnl=False, ensurenl=False)
    except ClassNotFound:
        return None


def colour_lines(lexer: Lexer, code: str) -> Lines:
    """The coloured stretches of each line of `code`."""
    if len(code) > LONGEST_CODE:
        return []
    lines: Lines = [[]]
    at = 0  # where the token begins in its line
    for _, kind, text in lexer.get_tokens_unprocessed(code):
        colour = _colour(kind)
        for number, part in enumerate(text.split("\n") if "\n" in text else (text,)):
            if number:
                lines.append([])
                at = 0
            if colour and part:
                _add(lines[-1], Span(at, len(part), colour))
            at += len(part)
    return lines


def _add(line: list[Span], span: Span) -> None:
    """Add a stretch; neighbours of one colour become one."""
    last = line[-1] if line else None
    if last is not None and last.colour == span.colour and last.start + last.length == span.start:
        line[-1] = Span(last.start, last.length + span.length, span.colour)
    else:
        line.append(span)
