"""Splits Markdown that grows into sections: settled ones, and the open one at the end.

A section is a block of the top level or one item of a list of the top level. What is settled
never changes, whatever text follows (only a later link or footnote definition can turn words of
it into a link). So a stream costs what its last section costs, and a long stored text can be
split in slices and read section by section.
"""

from __future__ import annotations

import re
from itertools import accumulate
from typing import TYPE_CHECKING

from studio.core.markdown.growth import LONGEST, Growth
from studio.core.markdown.leaves import Leaf, LeafKind, leaves_of
from studio.core.markdown.pictures import length_without_data
from studio.core.markdown.sections import (
    Piece,
    Section,
    copied,
    holds_formula,
    may_settle,
    pieces_of,
    space_in,
    weight_of,
)

if TYPE_CHECKING:
    pass

# An open section that weighs more is read anew only after it has grown by an eighth.
_EAGER = 9_000
_MOST_LINES = 800
_PLAIN_SLICE = 4_000
_MARGIN = 200
_SLICE = 4_000
_STEP = 600  # more than that at once is read block by block

_SURE_START = re.compile(r"\n[ \t]*\n(?=[^\W\d_]|#{1,6} |[`~]{3})")


class Outline(Growth):
    """The sections of one text that only grows."""

    def restart(self) -> None:
        """Forget everything; the next text begins anew."""
        super().restart()
        self.is_stale = False  # the open text is shown as it was written, though it is none
        self._read_weight = 0  # of the open text, when it was last read as blocks
        self._flood = 0  # from where on the open text is too long; 0 when it is not

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
        tokens = self._tokens_within(source, {}, section.table)
        return leaves_of(tokens, source.split("\n"), section.ordinal, literal=self._literal)

    # -- reading -----------------------------------------------------------

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
            return self._start + min(len(source) - len(lines[-1]), LONGEST)
        size = len(source) if len(source) <= LONGEST else length_without_data(source)
        return self._start + LONGEST if size > LONGEST else 0

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
        section.plain, section.table = True, None
        section.take((Leaf(LeafKind.PLAIN, source.rstrip("\n")),))

    # -- blocks ------------------------------------------------------------

    def _open_section(self, index: int, start: int) -> Section:
        """The section at `index`, kept if it begins at `start`."""
        if index < len(self.sections) and self.sections[index].start == start:
            return self.sections[index]
        self.sections[index : index + 1] = [Section(start)]
        return self.sections[index]

    def _read(self, source: str) -> None:
        """Read the open text as blocks and settle what cannot change any more."""
        self.reads += 1
        self.is_stale = False
        self._read_weight = weight_of(source)
        self._fence, self._prose, self._closed = None, (), False
        environment = copied(self._kept)
        tokens = self._tokens_within(source, environment, self._table)
        self._note_definitions(environment)
        lines = source.split("\n")
        pieces = pieces_of(tokens)
        self._number(pieces)
        self._show(source, lines, pieces)
        if not pieces:
            return
        last = pieces[-1]
        self._open_item = (last.sign, last.ordinal)
        formula = holds_formula(lines, len(lines), pieces)
        if not formula:
            self._note_prose(source, last)
        open_start = self._start
        self._settle_pieces(source, lines, pieces)
        if self._start > open_start:
            self._read_weight = weight_of(source[self._start - open_start :])
        if self.sections[-1].start == self._start:
            self._note_fence(open_start, lines, last)
        if source.endswith("\n\n") and not formula:
            # Code within an item takes blank lines in, until something ends it.
            code = self.sections[-1].last_kind in (LeafKind.CODE, LeafKind.HTML)
            self._closed = not code or (last.kind == "fence" and not self._is_open(last))

    def _settle_pieces(self, source: str, lines: list[str], pieces: list[Piece]) -> None:
        """Settle as many pieces as cannot change any more."""
        first = self.settled
        for index in range(len(pieces) - 1, 0, -1):
            piece = pieces[index]
            if may_settle(lines, pieces[index - 1], piece) and not holds_formula(
                lines, piece.first, pieces
            ):
                listed = piece.continues(pieces[index - 1])
                self._sign = piece.sign if listed else ""
                self._ordinal = piece.ordinal if listed else None
                self._settle(first + index, self.sections[first + index].start, source)
                self._table = piece.table
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
            section.table = piece.table
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


def _block_end(text: str, at: int, end: int) -> int:
    """Behind the blank line that follows `at`, or `end`: reading that far is enough."""
    blank = text.find("\n\n", at, end)
    return blank + 2 if blank >= 0 else end
