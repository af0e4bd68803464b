"""Sections, and the rules by which one is known never to change again."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any

from studio.core.markdown_leaves import Leaf, LeafKind

if TYPE_CHECKING:
    from markdown_it.token import Token

_LINE = 30  # a line costs as much to read as so many characters
_NUMBER = re.compile(r" {0,3}\d{1,9}$")


class Section:
    """One block or list item: text[start:end]."""

    __slots__ = (
        "end",
        "item",
        "kind",
        "last_kind",
        "leaves",
        "listed",
        "ordinal",
        "plain",
        "spaced",
        "start",
    )

    def __init__(self, start: int) -> None:
        self.start = start
        self.end = start
        self.kind = LeafKind.PARAGRAPH  # of its first leaf
        self.last_kind = LeafKind.PARAGRAPH
        self.item = False  # begins with a bullet or a number
        self.listed = False  # continues the list of the section before
        self.spaced = True  # a blank line stands before it
        self.ordinal: int | None = None  # the number of its first item, when it continues a list
        self.plain = False  # too long to be read as Markdown
        self.leaves: tuple[Leaf, ...] | None = None  # None once they were handed out

    def take(self, leaves: tuple[Leaf, ...]) -> None:
        """Show these leaves from now on."""
        self.leaves = leaves
        if leaves:
            self.kind, self.last_kind = leaves[0].kind, leaves[-1].kind
            self.item = bool(leaves[0].markers)


class Piece:
    """A top-level block, or one item of a top-level list, in lines of the open text."""

    __slots__ = ("first", "last", "ordinal", "tokens")

    def __init__(self, tokens: list[Token], lines: list[int]) -> None:
        self.tokens = tokens
        self.first, self.last = lines  # `last` is the line after its last
        self.ordinal: int | None = None

    @property
    def kind(self) -> str:
        return self.tokens[0].type

    @property
    def sign(self) -> str:
        """What tells one list from another: its kind and mark; empty for other blocks."""
        opening = self.tokens[0]
        return opening.type + opening.markup if opening.type.endswith("list_open") else ""

    def continues(self, other: Piece) -> bool:
        """Whether both are items of one list."""
        return self.tokens[0] is other.tokens[0]


def weight_of(source: str) -> int:
    """What reading costs, in characters."""
    return len(source) + _LINE * source.count("\n")


def space_in(text: str) -> int:
    """Behind the first line break or space of `text`; its length when there is none."""
    found = re.search(r"\s", text)
    return found.end() if found else len(text)


@cache
def closing_line(fence: str, literal: bool) -> re.Pattern[str]:
    """The line that closes a fence opened with `fence`.

    Where indentation makes no code, as in what the user wrote, it may be indented further.
    """
    indent = "[ \t]*" if literal else " {0,3}"
    return re.compile(rf"^{indent}{fence[0]}{{{len(fence)},}}[ \t]*$", re.MULTILINE)


def copied(environment: dict[str, Any]) -> dict[str, Any]:
    """A copy that can be added to without changing `environment`."""
    footnotes = environment.get("footnotes", {}).get("refs", {})
    return {
        "references": dict(environment.get("references", {})),
        "footnotes": {"refs": dict(footnotes), "list": {}},
    }


def pieces_of(tokens: list[Token]) -> list[Piece]:
    pieces: list[Piece] = []
    at = 0
    while at < len(tokens):
        end = _close_of(tokens, at)
        block = tokens[at:end]
        at = end
        if block[0].type.endswith("list_open"):
            item = 1
            while item < len(block) - 1:
                stop = _close_of(block, item)
                lines = block[item].map or [0, 0]
                pieces.append(Piece([block[0], *block[item:stop], block[-1]], lines))
                item = stop
        else:
            pieces.append(Piece(block, block[0].map or [0, 0]))
    return pieces


def _close_of(tokens: list[Token], at: int) -> int:
    """The index behind the token that closes the one at `at`."""
    level = tokens[at].level
    if tokens[at].nesting <= 0:
        return at + 1
    while not (tokens[at].nesting < 0 and tokens[at].level == level):
        at += 1
    return at + 1


def holds_formula(lines: list[str], end: int) -> bool:
    """Whether a formula may be open: its partner would make one block of everything since."""
    for number in range(end - 1, -1, -1):
        line = lines[number].lstrip()
        if not line:
            return False
        if line.startswith(("$$", "\\[")):
            return True
    return False


def may_settle(lines: list[str], before: Piece, last: Piece) -> bool:
    """Whether everything before `last` stays as it is, whatever text follows."""
    blank = not lines[last.first - 1].strip()
    if not blank and holds_formula(lines, last.first):
        return False
    listed = last.continues(before)
    # A line that is still being written can turn into something else and join what is before
    # it: "#" -> "#tag", "2" -> "2. item". A complete line is what it is.
    needed = {"table_open": 2, "formula_block": last.last - last.first}.get(last.kind, 1)
    if last.first + needed < len(lines):
        return listed or blank or before.last >= last.first
    if listed or not blank:
        return False
    return not (before.sign and _NUMBER.match(lines[last.first]))
