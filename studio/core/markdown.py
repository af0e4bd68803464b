"""Splits Markdown that grows into sections: settled ones, and the open one at the end.

A section is a block of the top level or one item of a list of the top level. What is settled
never changes, whatever text follows (only a later link or footnote definition can turn words of
it into a link). So a stream costs what its last section costs, and a long stored text can be
split in slices and read section by section.
"""

from __future__ import annotations

import re
from itertools import accumulate
from typing import TYPE_CHECKING, Any

from studio.core.markdown_leaves import BULLET, Container, Leaf, LeafKind, leaves_of, with_content
from studio.core.markdown_rules import answer_parser, question_parser
from studio.core.markdown_sections import (
    Piece,
    Section,
    closing_line,
    copied,
    holds_formula,
    may_settle,
    pieces_of,
    space_in,
    weight_of,
)

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

# An open section that weighs more is read anew only after it has grown by an eighth.
_EAGER = 9_000
# A longer section is shown as it was written, until a block surely begins.
_LONGEST = 40_000
_MOST_LINES = 800
_PLAIN_SLICE = 4_000
_STEP = 600  # more than that at once is read block by block
_MARGIN = 200
_SLICE = 4_000
_STEP = 600  # more than that at once is read block by block

_FENCE = re.compile(r"`{3,}|~{3,}")  # at the margin: an indented one is read as any block
# A line that stays part of a paragraph, whatever is written behind it.
_PROSE_LINE = re.compile(r"[ >]*(?:(?:[-*+]|\d{1,9}[.)]) +(?:\[[ xX]\] +)?)?[*_(]{0,3}`?[^\W\d_]")
# A line, paragraph, heading or list item of the simplest kind behind a line break.
_NEXT = re.compile(
    r"\n(?P<blank>(?:[ \t]*\n)+)?"
    r"(?:(?:(?P<sign>[-*+]|\d{1,9}[.)]) {1,4}|(?P<marks>#{1,6}) +))?"
    r"(?=[*_(]{0,3}`?[^\W\d_])"
)
# What the parser takes off the ends of a paragraph.
_TRIMMED = " \t\n\v\f\r\u00a0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(
    map(chr, range(0x2000, 0x200B))
)
_SURE_START = re.compile(r"\n[ \t]*\n(?=[^\W\d_]|#{1,6} |[`~]{3})")


class Outline:
    """The sections of one text that only grows."""

    def __init__(self, *, literal: bool = False) -> None:
        """`literal` is for what the user wrote: only quotes and fences are Markdown."""
        self._literal = literal
        self.restart()

    def restart(self) -> None:
        """Forget everything; the next text begins anew."""
        self.sections: list[Section] = []
        self.settled = 0  # how many of the sections are settled
        self.fed = 0  # how much of the text is read
        self.version = 0  # grows when a definition makes links of what stood before
        self.reads = 0  # how often open text was read as blocks
        self.environment: dict[str, Any] = {}  # definitions, for `runs`
        self._kept: dict[str, Any] = {}  # ... those of settled text
        self._start = 0  # where the open text begins
        self.is_stale = False  # the open text is shown as it was written, though it is none
        self._read_weight = 0  # of the open text, when it was last read as blocks
        self._flood = 0  # from where on the open text is too long; 0 when it is not
        self._fence = ""  # the mark of the fence that the open text is
        self._language = ""
        self._code_start = 0
        self._closed = False  # a blank line closed the last section
        self._prose: tuple[Leaf, ...] = ()  # leaves whose last paragraph goes on at the end
        self._blanks = ""  # spaces behind that paragraph, not shown yet
        self._sign = ""  # of the list that the open text continues
        self._ordinal: int | None = None
        # The list and the number of the item that the last section is.
        self._open_item: tuple[str, int | None] = ("", None)

    def feed(self, text: str, end: int | None = None) -> int:
        """Read on to `end`; return the index of the first section that is new or changed.

        `text` begins with what was fed before.
        """
        end = len(text) if end is None else min(end, len(text))
        changed = len(self.sections)
        while self.fed < end:
            changed = min(changed, self._feed(text, min(end, self.fed + _SLICE)))
        return changed

    def leaves(self, text: str, section: Section) -> tuple[Leaf, ...]:
        """The leaves of a section; read anew when they were handed out before."""
        if section.leaves is not None:
            leaves, section.leaves = section.leaves, None
            return leaves
        source = text[section.start : section.end]
        if section.plain:
            return (Leaf(LeafKind.PLAIN, source.rstrip("\n")),)
        tokens = self._tokens(source, {})
        return leaves_of(tokens, source.split("\n"), section.ordinal, literal=self._literal)

    # -- reading -----------------------------------------------------------

    def _tokens(self, source: str, environment: dict[str, Any]) -> list[Token]:
        parser: MarkdownIt = question_parser() if self._literal else answer_parser()
        tokens: list[Token] = []
        parser.block.parse(source, parser, environment, tokens)
        return tokens

    def _feed(self, text: str, end: int) -> int:
        """Read on to `end`, or to the end of a block before it; the first section that changed."""
        first = max(self.settled, len(self.sections) - 1) if self._prose else self.settled
        hurries = end - self.fed > _STEP
        if self._fence:
            closed = self._grow_fence(text, end)
            if not closed:
                self.fed = end
                return len(self.sections) - 1
            reached = closed if hurries else end
        else:
            at = self._begin_behind_blank(text, end) if self._closed else self.fed
            at = self._grow_prose(text, at, end)
            if at == end:
                self.fed = end
                return first
            reached = _block_end(text, at, end) if hurries else end
        source = text[self._start : reached]
        self._flood = self._flood or self._flooded_from(source)
        if self._flood:
            self._grow_flood(text, reached)
        elif self._is_due(source):
            self._read(source)
        else:
            self._show_plain(source)
            self.is_stale = True
        self.fed = reached
        return first

    def _is_due(self, source: str) -> bool:
        weight = weight_of(source)
        return weight <= _EAGER or weight >= self._read_weight * 9 // 8

    def finish(self, text: str) -> int:
        """Read what was shown as it was written, now that nothing follows.

        Returns the index of the first section that changed.
        """
        if not self.is_stale or self._flood:
            return len(self.sections)
        self._read(text[self._start : self.fed])
        return self.settled

    # -- text that is too long for one block -------------------------------

    def _flooded_from(self, source: str) -> int:
        """From where the open text is too long to be one block; 0 when it is not."""
        if source.count("\n") > _MOST_LINES:
            lines = source.split("\n", _MOST_LINES)
            return self._start + min(len(source) - len(lines[-1]), _LONGEST)
        return self._start + _LONGEST if len(source) > _LONGEST else 0

    def _grow_flood(self, text: str, end: int) -> None:
        """Show text as it was written, in slices, until a block surely begins."""
        self._prose = ()
        while True:
            source = text[self._start : end]
            found = _SURE_START.search(source, max(0, self._flood - self._start))
            stop = found.end() if found else len(source)
            if stop <= _PLAIN_SLICE + _MARGIN:
                break
            cut = _PLAIN_SLICE + space_in(source[_PLAIN_SLICE : _PLAIN_SLICE + _MARGIN])
            self._show_plain(source[:cut])
            self._settle(self.settled + 1, self._start + cut)
        self._show_plain(source[:stop])
        if found:
            self._flood = 0
            self._settle(self.settled + 1, self._start + stop)
            self._read(source[stop:])

    def _show_plain(self, source: str) -> None:
        """Show the open text as it was written."""
        self._prose, self._closed = (), False
        del self.sections[self.settled + 1 :]
        section = self._open_section(self.settled, self._start)
        section.end = self._start + len(source)
        section.plain = True
        section.take((Leaf(LeafKind.PLAIN, source.rstrip("\n")),))

    # -- blocks ------------------------------------------------------------

    def _open_section(self, index: int, start: int) -> Section:
        """The section at `index`, kept if it begins at `start`."""
        if index < len(self.sections) and self.sections[index].start == start:
            return self.sections[index]
        self.sections[index : index + 1] = [Section(start)]
        return self.sections[index]

    def _begin_behind_blank(self, text: str, end: int) -> int:
        """Begin a block behind one that a blank line closed; where its text begins."""
        following = _NEXT.match(text, self.fed - 2, end) if self.fed >= 2 else None
        if following is None or not following["blank"] or self._literal:
            return self.fed
        if following["sign"]:
            self._begin_item(text, following, apart=True)
        else:
            self._begin_block(text, following)
        return following.end()

    def _grow_prose(self, text: str, at: int, end: int) -> int:
        """Let the last paragraph grow without reading blocks: the usual case of a stream.

        Goes on over line breaks to the next line, paragraph, heading or list item as long as
        they are of the simplest kind; returns where they are not.
        """
        while self._prose and end - self._start <= _LONGEST:
            stop = text.find("\n", at, end)
            self._append(text[at : stop if stop >= 0 else end], end if stop < 0 else stop)
            at = end if stop < 0 else stop
            heading = self._prose[-1].kind is LeafKind.HEADING
            if heading and "#" in self._prose[-1].content:
                self._prose = ()  # they may be the heading's closing marks
                return min(at, end - 1)
            following = _NEXT.match(text, stop, end) if stop >= 0 else None
            if following is None or self._literal:
                return at
            apart = heading or following["blank"] is not None
            if following["sign"]:
                if not self._begin_item(text, following, apart):
                    return at
            elif apart or following["marks"]:
                self._begin_block(text, following)
            else:
                self._append("\n", following.end())
            at = following.end()
        return at

    def _append(self, added: str, end: int) -> None:
        """Add text to the paragraph at the end."""
        grown = self._prose[-1].content + self._blanks + added
        content = grown.rstrip(_TRIMMED)
        self._blanks = grown[len(content) :]
        self._prose = (*self._prose[:-1], with_content(self._prose[-1], content))
        section = self.sections[-1]
        section.leaves = self._prose
        section.end = end

    def _begin_block(self, text: str, following: re.Match[str]) -> None:
        """Begin a paragraph or a heading."""
        leaf = Leaf(LeafKind.PARAGRAPH)
        if following["marks"]:
            leaf = Leaf(LeafKind.HEADING, level=len(following["marks"]))
        start = following.start("marks") if following["marks"] else following.end()
        self._begin(text, start, leaf, spaced=following["blank"] is not None)
        self._sign, self._ordinal, self._open_item = "", None, ("", None)

    def _begin_item(self, text: str, following: re.Match[str], apart: bool) -> bool:
        """Begin the next item of the open list, or a list; False where that is not sure."""
        mark = following["sign"]
        sign, before = self._open_item
        listed = bool(sign) and mark[-1] == sign[-1]
        if not listed and not apart:
            return False
        ordinal = None
        if mark[-1] in ".)":
            ordinal = int(mark[:-1]) if before is None or not listed else before + 1
        if not listed:
            sign = ("bullet_list_open" if ordinal is None else "ordered_list_open") + mark[-1]
        leaf = Leaf(
            LeafKind.PARAGRAPH,
            containers=(Container(False, 1),),
            markers=((0, BULLET if ordinal is None else f"{ordinal}."),),
            spaced=following["blank"] is not None,
        )
        self._begin(text, following.start("sign"), leaf, spaced=leaf.spaced)
        section = self.sections[-1]
        section.listed, section.ordinal = listed, ordinal
        self._sign, self._ordinal = (sign, ordinal) if listed else ("", None)
        self._open_item = (sign, ordinal)
        return True

    def _begin(self, text: str, start: int, leaf: Leaf, *, spaced: bool) -> None:
        """Settle everything before `start` and begin a section there."""
        source = text[self._start : start]
        self.sections[-1].end = start
        self.sections.append(Section(start))
        self._settle(len(self.sections) - 1, start, source)
        self._prose, self._blanks, self._closed = (leaf,), "", False
        self.sections[-1].take(self._prose)
        self.sections[-1].spaced = spaced

    def _note_prose(self, source: str, piece: Piece) -> None:
        """Remember whether the open text ends inside a paragraph that can only grow."""
        leaves = self.sections[-1].leaves
        if not leaves or leaves[-1].kind is not LeafKind.PARAGRAPH:
            return
        inline = next((token for token in reversed(piece.tokens) if token.type == "inline"), None)
        if inline is None or not inline.map or inline.map[1] != source.count("\n") + 1:
            return
        # What begins with a bracket can still turn out to be the definition of a link.
        line = source.rfind("\n") + 1
        if not inline.content.startswith("[") and _PROSE_LINE.match(source, line):
            self._prose = leaves
            self._blanks = source[len(source.rstrip(_TRIMMED)) :]

    def _grow_fence(self, text: str, end: int) -> int:
        """Let an open fence grow; returns where it ends, 0 when it does not."""
        line = text.rfind("\n", 0, self.fed) + 1
        last = text.rfind("\n", 0, end) + 1
        closing = closing_line(self._fence, self._literal)
        found = closing.search(text, line, last) if line < last else None
        if found is not None:
            self._fence = ""
            return found.end() + 1
        ends = closing.match(text, last, end) is not None
        hidden = ends or not text[last:end].strip(" \t")
        code = text[self._code_start : last if hidden else end].removesuffix("\n")
        section = self.sections[-1]
        leaf = Leaf(LeafKind.CODE, code, language=self._language, growing=not ends)
        section.take((leaf._replace(literal=self._literal),))
        section.end = end
        return 0

    def _note_fence(self, start: int, lines: list[str], piece: Piece) -> None:
        """Remember whether the open text is a fence that waits for its end.

        `lines` begin at `start` of the whole text.
        """
        opening = _FENCE.match(lines[piece.first])
        if piece.kind != "fence" or opening is None or piece.first + 1 >= len(lines):
            return
        if not self._is_open(piece, lines):
            return
        section = self.sections[-1]
        self._fence = opening[0]
        if section.leaves:
            self._language = section.leaves[0].language
            section.leaves = (section.leaves[0]._replace(growing=True),)
        before = sum(len(line) + 1 for line in lines[: piece.first + 1])
        self._code_start = start + before

    def _read(self, source: str) -> None:
        """Read the open text as blocks and settle what cannot change any more."""
        self.reads += 1
        self.is_stale = False
        self._read_weight = weight_of(source)
        self._fence, self._prose, self._closed = "", (), False
        environment = copied(self._kept)
        tokens = self._tokens(source, environment)
        self._note_definitions(environment)
        lines = source.split("\n")
        pieces = pieces_of(tokens)
        self._number(pieces)
        self._show(source, lines, pieces)
        if not pieces:
            return
        last = pieces[-1]
        self._open_item = (last.sign, last.ordinal)
        if not holds_formula(lines, len(lines)):
            self._note_prose(source, last)
        open_start = self._start
        self._settle_pieces(source, lines, pieces)
        if self.sections[-1].start == self._start:
            self._note_fence(open_start, lines, last)
        if source.endswith("\n\n"):
            # Code within an item takes blank lines in, until something ends it.
            code = self.sections[-1].last_kind in (LeafKind.CODE, LeafKind.HTML)
            self._closed = not code or (last.kind == "fence" and not self._is_open(last, lines))

    def _is_open(self, piece: Piece, lines: list[str]) -> bool:
        """Whether a fence waits for its end."""
        opening = _FENCE.match(lines[piece.first].lstrip())
        if opening is None or piece.last - piece.first < 2:
            return True
        return not closing_line(opening[0], self._literal).match(lines[piece.last - 1])

    def _settle_pieces(self, source: str, lines: list[str], pieces: list[Piece]) -> None:
        """Settle as many pieces as cannot change any more."""
        first = self.settled
        for index in range(len(pieces) - 1, 0, -1):
            if may_settle(lines, pieces[index - 1], pieces[index]):
                piece = pieces[index]
                listed = piece.continues(pieces[index - 1])
                self._sign = piece.sign if listed else ""
                self._ordinal = piece.ordinal if listed else None
                self._settle(first + index, self.sections[first + index].start, source)
                return

    def _show(self, source: str, lines: list[str], pieces: list[Piece]) -> None:
        """Make the open sections those of `pieces`."""
        first = self.settled
        del self.sections[first + len(pieces) :]
        starts = list(accumulate((len(line) + 1 for line in lines), initial=self._start))
        for index, piece in enumerate(pieces):
            start = starts[piece.first] if index else self._start
            section = self._open_section(first + index, start)
            if index:
                self.sections[first + index - 1].end = start
            if piece.first:
                section.spaced = not lines[piece.first - 1].strip("> \t")
            section.end = self._start + len(source)
            section.plain = False
            section.ordinal = piece.ordinal
            before = pieces[index - 1].continues(piece) if index else self._sign == piece.sign
            section.listed = bool(piece.sign) and before
            section.take(leaves_of(piece.tokens, lines, piece.ordinal, literal=self._literal))

    def _number(self, pieces: list[Piece]) -> None:
        """Give each item of an ordered list its number."""
        number = 0
        for index, piece in enumerate(pieces):
            if piece.kind != "ordered_list_open":
                continue
            if index and piece.continues(pieces[index - 1]):
                number += 1
            elif not index and self._sign == piece.sign and self._ordinal is not None:
                number = self._ordinal
            else:
                number = int(piece.tokens[0].attrs.get("start", 1))
            piece.ordinal = number

    def _settle(self, count: int, start: int, source: str = "") -> None:
        """Settle the first `count` sections; the open text begins at `start` from now on."""
        if source and self.environment:
            kept = copied(self._kept)
            self._tokens(source[: start - self._start], kept)
            self._kept = kept
        self.settled = count
        self._start = start

    def _note_definitions(self, environment: dict[str, Any]) -> None:
        notes = environment["footnotes"]["refs"]
        defined = environment if environment["references"] or notes else {}
        if defined != self.environment:
            self.environment = defined
            self.version += 1


def _block_end(text: str, at: int, end: int) -> int:
    """Behind the blank line that follows `at`, or `end`: reading that far is enough."""
    blank = text.find("\n\n", at, end)
    return blank + 2 if blank >= 0 else end
