"""What a block of Markdown shows: leaves (paragraph, code, table …) made of styled runs."""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import StrEnum
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit

from studio.core.markdown_rules import MAX_NESTING, answer_parser, unescaped
from studio.core.markdown_runs import Face, Run
from studio.core.markdown_simple import read_simple

if TYPE_CHECKING:
    from markdown_it.token import Token

# Longer text is shown as it was written; 10,000 characters of prose cost 10 ms.
MAX_INLINE = 10_000
# So many marks in one paragraph are no prose; some of the parser's rules go back for each.
MAX_MARKS = 600
MAX_ROWS = 200
MAX_CELLS = 1_200


class LeafKind(StrEnum):
    """How a leaf is drawn."""

    PARAGRAPH = "paragraph"
    HEADING = "heading"
    CODE = "code"
    TABLE = "table"
    RULE = "rule"
    HTML = "html"
    FORMULA = "formula"
    PLAIN = "plain"  # source that is too deep or too long to be read as Markdown


class Container(NamedTuple):
    """A quote or a list item around a leaf; `number` tells neighbours apart."""

    quote: bool
    number: int


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
    literal: bool = False  # the content is no Markdown: the user's own words
    growing: bool = False  # code whose fence is still open


BULLET = "•"
UNDONE = "☐"
DONE = "☑"
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

    def read(self, tokens: list[Token]) -> list[Leaf]:
        at = 0
        while at < len(tokens):
            token = tokens[at]
            if token.map:
                self._line = token.map[0]
            if token.type == "table_open":
                at = self._table(tokens, at)
                continue
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
            words = unescaped(token.info).split(maxsplit=1)
            code = token.content.removesuffix("\n")
            self._add(Leaf(LeafKind.CODE, code, language=words[0] if words else ""))
        elif kind == "hr":
            self._add(Leaf(LeafKind.RULE))
        elif kind == "html_block":
            self._add(Leaf(LeafKind.HTML, token.content.removesuffix("\n")))
        elif kind == "formula_block":
            self._add(Leaf(LeafKind.FORMULA, token.content))

    def _open(self, token: Token, kind: str) -> None:
        if kind == "blockquote_open":
            self._push(quote=True)
        elif kind in ("bullet_list_open", "ordered_list_open"):
            self._open_list(token, kind == "ordered_list_open")
        elif kind == "list_item_open":
            self._open_item(self._marker())
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

    def _marker(self) -> str:
        number = self._numbers[-1]
        if number is None:
            return BULLET
        self._numbers[-1] = number + 1
        return f"{number}."

    def _inline(self, content: str) -> None:
        if self._heading:
            self._add(Leaf(LeafKind.HEADING, content, level=self._heading))
            return
        task = _TASK.match(content) if self._markers else None
        if task and self._markers[-1][1] == BULLET:
            mark = UNDONE if task.group(1) == " " else DONE
            self._markers[-1] = (self._markers[-1][0], mark)
            content = content[task.end() :]
        self._add(Leaf(LeafKind.PARAGRAPH, content))

    def _add(self, leaf: Leaf) -> None:
        """Add a leaf, completed by where it stands."""
        markers, self._markers = tuple(self._markers), []
        before = self._lines[self._item_line - 1] if self._item_line else ""
        placed = leaf._replace(
            containers=tuple(self._containers),
            markers=markers,
            spaced=not markers or not before.strip("> \t"),
            literal=self._literal,
        )
        self.leaves.append(placed)

    def _table(self, tokens: list[Token], at: int) -> int:
        opening = tokens[at]
        rows: list[tuple[str, ...]] = []
        cells: list[str] = []
        aligns: list[str] = []
        while tokens[at].type != "table_close":
            token = tokens[at]
            if token.type == "th_open":
                aligns.append(str(token.attrs.get("style", "")).rpartition(":")[2])
            elif token.type == "inline":
                cells.append(token.content)
            elif token.type == "tr_close":
                rows.append(tuple(cells))
                cells = []
            at += 1
        if (len(rows) > MAX_ROWS or len(rows) * len(aligns) > MAX_CELLS) and opening.map:
            source = "\n".join(self._lines[opening.map[0] : opening.map[1]])
            self._add(Leaf(LeafKind.PLAIN, source))
        else:
            self._add(Leaf(LeafKind.TABLE, rows=tuple(rows), aligns=tuple(aligns)))
        return at + 1


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


def leaf_text(leaf: Leaf, environment: dict[str, Any] | None = None) -> str:
    """The text that a leaf shows, without its markers; a table's cells are parted by tabs."""
    if leaf.kind is LeafKind.TABLE:
        return "\n".join("\t".join(plain(runs(cell, environment)) for cell in r) for r in leaf.rows)
    if leaf.kind in (LeafKind.PARAGRAPH, LeafKind.HEADING):
        return plain(leaf_runs(leaf, environment))
    return leaf.content


def plain(styled: Iterable[Run]) -> str:
    """The text of runs."""
    return "".join(run.text for run in styled)


def leaf_runs(leaf: Leaf, environment: dict[str, Any] | None = None) -> list[Run]:
    """The runs of a paragraph or heading."""
    if leaf.literal:
        return linked([Run(leaf.content)])
    return runs(leaf.content, environment)


_MARKS = re.compile(r"[*_~`\[\]<>!&$\\]")


def is_too_dense(content: str) -> bool:
    """Whether `content` is longer, or fuller of marks, than anything that is meant as prose."""
    if len(content) > MAX_INLINE:
        return True
    return len(content) > MAX_MARKS and len(_MARKS.findall(content)) > MAX_MARKS


def runs(content: str, environment: dict[str, Any] | None = None) -> list[Run]:
    """Inline Markdown as runs; `environment` holds the link references and footnotes."""
    if not content:
        return []
    if is_too_dense(content):
        return [Run(content)]
    simple, rest = read_simple(content)
    if rest < len(content):
        tokens: list[Token] = []
        parser = answer_parser()
        given = environment if environment is not None else {}
        parser.inline.parse(content[rest:], parser, given, tokens)
        simple += _styled(tokens)
    return linked(_joined(simple))


_FACES = {"strong": Face.BOLD, "em": Face.ITALIC, "s": Face.STRIKE}


_PLAIN_TOKENS = frozenset(("text", "text_special", "html_inline"))
_FACED_TOKENS = {"code_inline": Face.CODE, "footnote_ref": Face.NOTE, "formula": Face.FORMULA}


def _styled(tokens: list[Token]) -> Iterable[Run]:
    depth: dict[int, int] = {Face.BOLD: 0, Face.ITALIC: 0, Face.STRIKE: 0}
    face, href, worded = 0, "", True
    for token in tokens:
        kind = token.type
        worded = worded or token.tag != "a"
        if kind in _PLAIN_TOKENS:
            yield Run(token.content, face, href)
        elif kind in _FACED_TOKENS:
            inline = kind != "formula" or token.markup in ("$", "\\(")
            look = _FACED_TOKENS[kind] | (Face.PLAIN if inline else Face.DISPLAY)
            yield Run(token.content, face | look, href)
        elif kind in ("softbreak", "hardbreak"):
            # CommonMark leaves soft breaks to the renderer. Models write poems and addresses
            # line by line and do not wrap prose, so a line of the source is a line on screen.
            yield Run("\n", face, href)
        elif token.tag in _FACES:
            which = _FACES[token.tag]
            depth[which] += token.nesting
            face = (face | which) if depth[which] else (face & ~which)
        elif token.tag == "a":
            if href and not worded:
                yield Run(href, face, href)  # a link without words shows its address
            opens = token.nesting > 0
            href, worded = str(token.attrs.get("href", "")) if opens else "", not opens
        elif kind == "image":
            yield from _picture(token, face, href)


def _picture(token: Token, face: int, href: str) -> Iterable[Run]:
    """A picture is never loaded: its words and the host it would come from stand for it."""
    source = str(token.attrs.get("src", ""))
    words = _picture_words(token)
    if words:
        yield Run(words, face | Face.PICTURE, href or source)
    host = host_of(source) or source
    if host:
        lead = " (" if words else "("
        yield Run(f"{lead}{host})", face | Face.PICTURE | Face.FAINT, href or source)


def _picture_words(token: Token) -> str:
    """The words that describe a picture; a picture within them gives its own."""
    children = token.children or []
    return "".join(
        _picture_words(child) if child.type == "image" else plain(_styled([child]))
        for child in children
    )


def _joined(styled: Iterable[Run]) -> list[Run]:
    joined: list[Run] = []
    for run in styled:
        if not run.text:
            continue
        last = joined[-1] if joined else None
        same = last is not None and last.face == run.face and last.href == run.href
        if last is not None and same and not run.face & (Face.FORMULA | Face.NOTE):
            joined[-1] = Run(last.text + run.text, run.face, run.href)
        else:
            joined.append(run)
    return joined


# Ends where Chinese text goes on: an address in the middle of it is followed by no space.
_ADDRESS = re.compile(
    r"(?<![A-Za-z0-9_/.@-])(?:https?://|www\.)[^\s<>\"'`\\^{}|\u3000-\u30ff\u3400-\u9fff\uff00-\uffef“”‘’…]+",
    re.IGNORECASE,
)
_TRAILING = ".,:;!?*_~"


def linked(styled: list[Run]) -> list[Run]:
    """Turn bare http and https addresses in plain text into links."""
    if not any(_may_hold_address(run) for run in styled):
        return styled
    found: list[Run] = []
    for run in styled:
        found += _split_addresses(run) if _may_hold_address(run) else [run]
    return found


def _may_hold_address(run: Run) -> bool:
    if run.href or run.face & (Face.CODE | Face.FORMULA | Face.PICTURE):
        return False
    return "://" in run.text or "www." in run.text


def _split_addresses(run: Run) -> list[Run]:
    parts: list[Run] = []
    at = 0
    for match in _ADDRESS.finditer(run.text):
        address = match.group().rstrip(_TRAILING)
        while address.endswith(")") and address.count(")") > address.count("("):
            address = address[:-1].rstrip(_TRAILING)
        target = address if "://" in address else f"https://{address}"
        if not host_of(target):
            continue
        parts.append(run._replace(text=run.text[at : match.start()]))
        parts.append(run._replace(text=address, href=target))
        at = match.start() + len(address)
    parts.append(run._replace(text=run.text[at:]))
    return [part for part in parts if part.text]


def host_of(address: str) -> str:
    """The host (and port, if unusual) of an http or https address in ASCII, else nothing."""
    try:
        parts = urlsplit(address)
        host, port = parts.hostname or "", parts.port
        if parts.scheme.lower() not in ("http", "https") or not host:
            return ""
        ascii_host = host.encode("idna").decode("ascii") if not host.isascii() else host
    except ValueError:  # also what the IDNA codec raises
        return ""
    return f"{ascii_host}:{port}" if port else ascii_host


_UNSAFE = re.compile(r"[\x00-\x20\x7f-\x9f\\<>\"`\u200b-\u200f\u202a-\u202e\u2066-\u2069]")


def safe_link(address: str) -> str:
    """`address` if it may be opened after the user saw its host, else nothing.

    Only http and https with a host, without user information, control characters or spaces.
    """
    if not address or _UNSAFE.search(address) or not host_of(address):
        return ""
    return "" if "@" in urlsplit(address).netloc else address


class GrowingRuns:
    """The runs of a paragraph that grows at its end, re-reading only what can still change.

    Text before a space is done once no mark in it waits for a partner: whatever follows, it
    reads the same.
    """

    def __init__(self) -> None:
        self._done = 0
        self._done_runs: list[Run] = []
        self._content = ""

    def read(self, content: str, environment: dict[str, Any] | None = None) -> list[Run]:
        """The runs of `content`; call with the grown content each time."""
        if not content.startswith(self._content[: self._done]):
            self._done, self._done_runs = 0, []
        self._content = content
        if len(content) > MAX_INLINE:
            return [Run(content)]
        rest = content[self._done :]
        tail = runs(rest, environment)
        whole = _joined([*self._done_runs, *tail]) if self._done_runs else tail
        self._settle(rest, tail)
        return whole

    def _settle(self, rest: str, tail: list[Run]) -> None:
        cut = rest.rfind(" ") + 1
        if cut <= 1 or not tail or _MARKS.search(rest, cut) or rest[cut - 2] in " \n\\":
            return
        last = tail[-1]
        kept = len(last.text) - (len(rest) - cut)
        if kept < 0 or last.href or last.face or "://" in rest[cut:]:
            return
        if any(_MARKS.search(run.text) for run in tail if not _is_settled_face(run)):
            return
        if "\\(" in rest or "\\[" in rest:
            return  # an escaped bracket now, a formula once its partner has come
        self._done += cut
        settled = [*tail[:-1], last._replace(text=last.text[:kept])]
        self._done_runs = _joined([*self._done_runs, *settled])


def _is_settled_face(run: Run) -> bool:
    """Whether marks in the run's text are its own and wait for no partner."""
    return bool(run.face & (Face.CODE | Face.FORMULA | Face.PICTURE))


def with_content(leaf: Leaf, content: str) -> Leaf:
    """The same leaf with grown content."""
    return leaf._replace(content=content)
