"""What a block of Markdown shows: leaves (paragraph, code, table …) made of styled runs."""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import StrEnum
from typing import TYPE_CHECKING, Any, NamedTuple

from studio.core.markdown.inline import plain, runs
from studio.core.markdown.links import linked
from studio.core.markdown.rules import MAX_NESTING, unescaped
from studio.core.markdown.runs import Run

if TYPE_CHECKING:
    from markdown_it.token import Token

MAX_COLUMNS = 60


class LeafKind(StrEnum):
    """How a leaf is drawn."""

    PARAGRAPH = "paragraph"
    HEADING = "heading"
    CODE = "code"
    TABLE = "table"
    ROWS = "rows"  # of the table before: a long one is read and laid out in pieces
    RULE = "rule"
    HTML = "html"
    FORMULA = "formula"
    NOTE = "note"  # the head of a quotation that is a note, a tip or a warning
    PLAIN = "plain"  # source that is too deep or too long to be read as Markdown


class Container(NamedTuple):
    """A quote or a list item around a leaf; `number` tells neighbours apart.

    `note` is the kind of a quote that is one: note, tip, important, warning or caution.
    """

    quote: bool
    number: int
    note: str = ""


class Leaf(NamedTuple):
    """One thing to draw; `content` is inline Markdown, or code, or a formula, by its kind.

    A tuple, not a dataclass: one is made for every frame of a stream.
    """

    kind: LeafKind
    content: str = ""
    level: int = 0  # of a heading
    language: str = ""
    containers: tuple[Container, ...] = ()
    markers: tuple[tuple[int, str], ...] = ()  # (depth, "•" or "3." or "☐"), on its first line
    spaced: bool = True  # False for a list item that follows without a blank line
    rows: tuple[tuple[str, ...], ...] = ()  # of a table, the head first
    aligns: tuple[str, ...] = ()
    shape: tuple[str, ...] = ()  # what makes the columns of a long table as wide as they are
    literal: bool = False  # the content is no Markdown: the user's own words
    growing: bool = False  # code whose fence is still open


BULLET = "•"
UNDONE = "☐"
DONE = "☑"
_NOTE = re.compile(r"\[!(note|tip|important|warning|caution)\][ \t]*(?:\n|$)?", re.IGNORECASE)
_TASK = re.compile(r"\[([ xX])\][ \t]+(?=\S)")


class _Reader:
    """Walks over block tokens and collects leaves."""

    def __init__(self, lines: list[str], ordinal: int | None, literal: bool) -> None:
        self.leaves: list[Leaf] = []
        self._lines = lines
        self._ordinal = ordinal
        self._literal = literal
        self._containers: list[Container] = []
        self._numbers: list[int | None] = []  # the next number of each open list
        self._markers: list[tuple[int, str]] = []
        self._count = 0
        self._heading = 0
        self._line = 0
        self._item_line = 0
        self._quoted = False  # a quotation has just begun

    def read(self, tokens: list[Token]) -> list[Leaf]:
        at = 0
        while at < len(tokens):
            token = tokens[at]
            if token.map:
                self._line = token.map[0]
            self._token(token)
            at += 1
        return self.leaves

    def _token(self, token: Token) -> None:
        kind = token.type
        if token.nesting > 0:
            self._open(token, kind)
        elif token.nesting < 0:
            self._close(kind)
        elif kind == "inline":
            self._inline(token.content)
        elif kind in ("fence", "code_block"):
            self._code(token)
        elif kind == "hr":
            self._add(Leaf(LeafKind.RULE))
        elif kind == "html_block":
            self._add(Leaf(LeafKind.HTML, token.content.removesuffix("\n")))
        elif kind == "formula_block":
            self._add(Leaf(LeafKind.FORMULA, token.content))
        elif kind == "table":
            self._table(token)

    def _code(self, token: Token) -> None:
        words = unescaped(token.info).split(maxsplit=1)
        language = words[0] if words else ""
        code = token.content.removesuffix("\n")
        closed = token.meta.get("closed") and not self._literal
        if language == "math" and closed and code.strip():
            self._add(Leaf(LeafKind.FORMULA, f"$$\n{code.strip()}\n$$"))
        else:
            self._add(Leaf(LeafKind.CODE, code, language=language))

    def _open(self, token: Token, kind: str) -> None:
        if kind == "blockquote_open":
            self._push(quote=True)
            self._quoted = True
        elif kind in ("bullet_list_open", "ordered_list_open"):
            self._open_list(token, kind == "ordered_list_open")
        elif kind == "list_item_open":
            self._open_item(self._marker(token.markup))
        elif kind == "footnote_reference_open":
            self._open_item(f"{token.meta['label']}.")
        elif kind == "heading_open":
            self._heading = int(token.tag[1])

    def _close(self, kind: str) -> None:
        if kind in ("list_item_close", "footnote_reference_close"):
            if self._markers and self._markers[-1][0] == len(self._containers) - 1:
                self._add(Leaf(LeafKind.PARAGRAPH))  # an item with nothing in it
            self._containers.pop()
        elif kind == "blockquote_close":
            self._containers.pop()
        elif kind in ("bullet_list_close", "ordered_list_close"):
            self._numbers.pop()
        elif kind == "heading_close":
            self._heading = 0

    def _push(self, *, quote: bool) -> None:
        self._count += 1
        self._containers.append(Container(quote, self._count))

    def _open_item(self, marker: str) -> None:
        if not self._markers:
            self._item_line = self._line
        self._markers.append((len(self._containers), marker))
        self._push(quote=False)

    def _open_list(self, token: Token, ordered: bool) -> None:
        number = int(token.attrs.get("start", 1)) if ordered else None
        if ordered and not self._containers and self._ordinal is not None:
            number, self._ordinal = self._ordinal, None
        self._numbers.append(number)

    def _marker(self, sign: str) -> str:
        number = self._numbers[-1]
        if number is None:
            return BULLET
        self._numbers[-1] = number + 1
        return f"{number}{sign}"

    def _inline(self, content: str) -> None:
        if self._heading:
            self._add(Leaf(LeafKind.HEADING, content, level=self._heading))
            return
        if self._quoted and not self._literal:
            content = self._note(content)
            if not content:
                return
        task = _TASK.match(content) if self._markers else None
        if task and self._markers[-1][1] == BULLET:
            mark = UNDONE if task.group(1) == " " else DONE
            self._markers[-1] = (self._markers[-1][0], mark)
            content = content[task.end() :]
        self._add(Leaf(LeafKind.PARAGRAPH, content))

    def _note(self, content: str) -> str:
        """Begin a note where a quotation says that it is one; what is left of its first words."""
        found = note_at(content)
        if found is None:
            return content
        kind, rest = found
        self._containers[-1] = self._containers[-1]._replace(note=kind)
        self._add(Leaf(LeafKind.NOTE, kind))
        return rest

    def _add(self, leaf: Leaf) -> None:
        """Add a leaf, completed by where it stands."""
        self._quoted = False
        markers, self._markers = tuple(self._markers), []
        before = self._lines[self._item_line - 1] if self._item_line else ""
        placed = leaf._replace(
            containers=tuple(self._containers),
            markers=markers,
            spaced=not markers or not before.strip("> \t"),
            literal=self._literal,
        )
        self.leaves.append(placed)

    def _table(self, token: Token) -> None:
        meta = token.meta
        if len(meta["aligns"]) > MAX_COLUMNS and token.map:
            self._add(Leaf(LeafKind.PLAIN, "\n".join(self._lines[token.map[0] : token.map[1]])))
            return
        rows = tuple(meta["rows"])
        kind = LeafKind.ROWS if meta["continued"] else LeafKind.TABLE
        whole = rows if meta["continued"] else (meta["head"], *rows)
        self._add(Leaf(kind, rows=whole, aligns=meta["aligns"], shape=meta["shape"]))


def leaves_of(
    tokens: list[Token], lines: list[str], ordinal: int | None = None, *, literal: bool = False
) -> tuple[Leaf, ...]:
    """The leaves of block tokens; their maps count in `lines`.

    `ordinal` is the number of the first item when the tokens continue a list.
    """
    if any(token.level >= MAX_NESTING - 3 for token in tokens):
        maps = [token.map for token in tokens if token.map]
        first, last = min(m[0] for m in maps), max(m[1] for m in maps)
        return (Leaf(LeafKind.PLAIN, "\n".join(lines[first:last])),)
    return tuple(_Reader(lines, ordinal, literal).read(tokens))


def note_at(content: str) -> tuple[str, str] | None:
    """The kind of note that the first words of a quotation say it is, and what is left of them."""
    found = _NOTE.match(content)
    return (found[1].lower(), content[found.end() :]) if found else None


def leaf_text(leaf: Leaf, environment: dict[str, Any] | None = None) -> str:
    """The text that a leaf shows, without its markers; a table's cells are parted by tabs."""
    if leaf.kind in (LeafKind.TABLE, LeafKind.ROWS):
        return "\n".join("\t".join(cell_texts(row, environment)) for row in leaf.rows)
    if leaf.kind is LeafKind.NOTE:
        return leaf.content.capitalize()
    if leaf.kind in (LeafKind.PARAGRAPH, LeafKind.HEADING):
        return plain(leaf_runs(leaf, environment))
    return leaf.content


def cell_texts(row: Iterable[str], environment: dict[str, Any] | None = None) -> list[str]:
    """What the cells of a row show."""
    return [plain(runs(cell, environment, cell=True)) for cell in row]


def text_between(before: Leaf, after: Leaf) -> str:
    """What parts two leaves in plain text."""
    if after.kind is LeafKind.ROWS or (after.markers and not after.spaced):
        return "\n"
    return "\n" if before.kind is LeafKind.NOTE else "\n\n"


def leaf_runs(leaf: Leaf, environment: dict[str, Any] | None = None) -> list[Run]:
    """The runs of a paragraph or heading."""
    if leaf.literal:
        return linked([Run(leaf.content)])
    return runs(leaf.content, environment)


def with_content(leaf: Leaf, content: str) -> Leaf:
    """The same leaf with grown content."""
    return leaf._replace(content=content)
