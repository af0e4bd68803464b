"""Lets open Markdown grow without reading blocks: prose, simple lists, open code.

Nearly everything that streams is words at the end of a paragraph, or a line of code. What is
recognised here is of the simplest kind only and reads the same as the parser reads it; at
anything else the reader of blocks takes over, from where the open text begins.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from studio.core.markdown.dialect import rows_and_blocks
from studio.core.markdown.fences import Fence, opened
from studio.core.markdown.leaves import BULLET, Container, Leaf, LeafKind, with_content
from studio.core.markdown.rules import answer_parser, question_parser
from studio.core.markdown.sections import Piece, Section, copied
from studio.core.markdown.tables import Table

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

LONGEST = 40_000  # characters of a section; more is shown as it was written

_INDENTED = ("    ", "\t", " \t", "  \t", "   \t")
# A line that stays part of a paragraph, whatever is written behind it.
_PROSE_LINE = re.compile(
    r"[ >]*(?:(?:[-*+]|\d{1,9}[.)]) +(?:\[[ xX]\] +)?)?(?:[*_(]{0,3}`?[^\W\d_]|\u3000)"
)
# A line, paragraph, heading or list item of the simplest kind behind a line break.
_NEXT = re.compile(
    r"\n(?P<blank>(?:[ \t]*\n)+)?"
    r"(?:(?:(?P<sign>[-*+]|\d{1,9}[.)]) {1,4}|(?P<marks>#{1,6}) +))?"
    r"(?=[*_(]{0,3}`?[^\W\d_]|\u3000)"
)
_TRIMMED = " \t\r\n"  # what the parser takes off the ends of a paragraph


class Growth:
    """The sections of one text, and how the last of them grows."""

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
        self._fence: Fence | None = None  # that the open text is
        self._language = ""
        self._code_start = 0
        self._line = 0  # where the first line begins that the fence was not asked about
        self._closed = False  # a blank line closed the last section
        self._prose: tuple[Leaf, ...] = ()  # leaves whose last paragraph goes on at the end
        self._blanks = ""  # spaces behind that paragraph, not shown yet
        self._table: Table | None = None  # whose rows the open text begins with
        self._sign = ""  # of the list that the open text continues
        self._ordinal: int | None = None
        # The list and the number of the item that the last section is.
        self._open_item: tuple[str, int | None] = ("", None)

    def _tokens_within(
        self, source: str, environment: dict[str, Any], table: Table | None
    ) -> list[Token]:
        """The blocks of a text that may begin within a table."""
        if table is None:
            return self._tokens(source, environment)
        return rows_and_blocks(source, answer_parser(), environment, table)

    def _tokens(self, source: str, environment: dict[str, Any]) -> list[Token]:
        parser: MarkdownIt = question_parser() if self._literal else answer_parser()
        tokens: list[Token] = []
        parser.block.parse(source, parser, environment, tokens)
        return tokens

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
        while self._prose and end - self._start <= LONGEST:
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
            markers=((0, BULLET if ordinal is None else f"{ordinal}{mark[-1]}"),),
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
        assert self._fence is not None
        at = self._line
        while (stop := text.find("\n", at, end)) >= 0:
            line = text[at:stop]
            if self._may_close(line) and self._fence.closes_at(line):
                self._fence = None
                return stop + 1
            at = stop + 1
        self._line = at
        line = text[at:end]
        ends = self._may_close(line) and self._fence.would_close_at(line)
        hidden = ends or not line.strip(" \t")
        code = text[self._code_start : at if hidden else end].removesuffix("\n")
        section = self.sections[-1]
        leaf = Leaf(LeafKind.CODE, code, language=self._language, growing=not ends)
        section.take((leaf._replace(literal=self._literal),))
        section.end = end
        return 0

    def _may_close(self, line: str) -> bool:
        """Whether a line is not indented as code; in what the user wrote, nothing is."""
        return self._literal or not line.startswith(_INDENTED)

    def _note_fence(self, start: int, lines: list[str], piece: Piece) -> None:
        """Remember whether the open text is a fence that waits for its end.

        `lines` begin at `start` of the whole text.
        """
        opening = opened(lines[piece.first])
        if piece.kind != "fence" or opening is None or piece.first + 1 >= len(lines):
            return
        section = self.sections[-1]
        # A formula is read anew: it is short, and no code once it is closed.
        if not self._is_open(piece) or not section.leaves or section.leaves[0].language == "math":
            return
        self._fence = Fence(opening)
        self._language = section.leaves[0].language
        section.leaves = (section.leaves[0]._replace(growing=True),)
        before = sum(len(line) + 1 for line in lines[: piece.first + 1])
        self._code_start = self._line = start + before

    @staticmethod
    def _is_open(piece: Piece) -> bool:
        """Whether a fence waits for its end."""
        return not piece.tokens[0].meta.get("closed")

    def _settle(self, count: int, start: int, source: str = "") -> None:
        """Settle the first `count` sections; the open text begins at `start` from now on."""
        if source and self.environment:
            kept = copied(self._kept)
            self._tokens_within(source[: start - self._start], kept, self._table)
            self._kept = kept
        self.settled = count
        self._start = start
        self._table = None

    def _note_definitions(self, environment: dict[str, Any]) -> None:
        notes = environment["footnotes"]["refs"]
        defined = environment if environment["references"] or notes else {}
        if defined != self.environment:
            self.environment = defined
            self.version += 1
