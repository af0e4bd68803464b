"""Sections, and the rules by which one is known never to change again."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from studio.core.markdown.formulas import may_be_open
from studio.core.markdown.leaves import Leaf, LeafKind
from studio.core.markdown.pictures import length_without_data
from studio.core.markdown.tables import Table, parted, shape_of

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
        "table",
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
        self.table: Table | None = None  # whose rows go on here
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
    def table(self) -> Table | None:
        """The table whose rows go on here, where its head stands in a piece before."""
        meta = self.tokens[0].meta
        if self.kind != "table" or not meta["continued"]:
            return None
        return Table(meta["head"], meta["aligns"], meta["shape"])

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
    return length_without_data(source) + _LINE * source.count("\n")


def space_in(text: str) -> int:
    """Behind the first line break or space of `text`; its length when there is none."""
    found = re.search(r"\s", text)
    return found.end() if found else len(text)


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
            pieces += _pieces_of_block(block)
    return pieces


def _pieces_of_block(block: list[Token]) -> Iterator[Piece]:
    """One piece, but several of a long table."""
    lines = block[0].map or [0, 0]
    if block[0].type != "table":
        yield Piece(block, lines)
        return
    meta = block[0].meta
    parts = parted(meta["rows"])
    shape = meta["shape"]
    if len(parts) > 1 and not shape:
        shape = shape_of([meta["head"], *parts[0]])
    end, first = lines[0] + (0 if meta["continued"] else 2), lines[0]
    for number, rows in enumerate(parts):
        end += len(rows)
        token = block[0].copy()
        continued = meta["continued"] or number > 0
        token.meta = {**meta, "rows": rows, "shape": shape, "continued": continued}
        yield Piece([token], [first, end])
        first = end


def _close_of(tokens: list[Token], at: int) -> int:
    """The index behind the token that closes the one at `at`."""
    level = tokens[at].level
    if tokens[at].nesting <= 0:
        return at + 1
    while not (tokens[at].nesting < 0 and tokens[at].level == level):
        at += 1
    return at + 1


_VERBATIM = frozenset(("fence", "code_block", "formula_block", "html_block"))


def holds_formula(lines: list[str], end: int, pieces: list[Piece]) -> bool:
    """Whether a formula may be open: its partner would make one block of everything since."""
    read: list[list[int]] = []

    def is_read(number: int) -> bool:
        if not read:
            found = (token for piece in pieces for token in piece.tokens)
            read.extend(token.map for token in found if token.type in _VERBATIM and token.map)
        return any(first <= number < last for first, last in read)

    return may_be_open(lines, end, is_read)


def may_settle(lines: list[str], before: Piece, last: Piece) -> bool:
    """Whether everything before `last` stays as it is, whatever text follows.

    That holds where no formula is open there.
    """
    blank = not lines[last.first - 1].strip(" \t")
    listed = last.continues(before)
    # A line that is still being written can turn into something else and join what is before
    # it: "#" -> "#tag", "2" -> "2. item". A complete line is what it is.
    needed = {"table": 2, "formula_block": last.last - last.first}.get(last.kind, 1)
    if last.table is not None:
        needed = 1
    if last.first + needed < len(lines):
        return listed or blank or before.last >= last.first
    if listed or not blank:
        return False
    return not (before.sign and _NUMBER.match(lines[last.first]))
