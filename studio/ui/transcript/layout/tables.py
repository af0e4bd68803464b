"""A table as a whole: what is shown of a long one are pieces."""

from __future__ import annotations

from typing import Any, NamedTuple

from studio.core.markdown.clipboard_html import Stretch, barred, html_of, tabbed
from studio.core.markdown.leaves import Leaf, LeafKind
from studio.ui.transcript.clipboard import copy_text
from studio.ui.transcript.layout.flow import Flow
from studio.ui.transcript.layout.hit_test import leaf_at
from studio.ui.transcript.layout.message import MessageBox

_TABLES = (LeafKind.TABLE, LeafKind.ROWS)


class WholeTable(NamedTuple):
    """All rows of a table, as Markdown."""

    leaf: Leaf
    source: str
    environment: dict[str, Any]

    def copy(self) -> None:
        """As a spreadsheet or a text with tables takes it."""
        placed = self.leaf._replace(containers=(), markers=())
        html = html_of([Stretch(placed, 0)], self.environment)
        rows = self.leaf.rows if any(self.leaf.rows[0]) else self.leaf.rows[1:]
        copy_text(tabbed(rows, self.environment), html)

    def copy_markdown(self) -> None:
        """As it is written."""
        copy_text(self.source)


def whole_table(box: MessageBox, y: int) -> WholeTable | None:
    """The table at a height of a message."""
    found = leaf_at(box, y)
    if found is None:
        return None
    part, section, number = found
    flow = box.flows[part]
    leaves = flow.leaves(section)
    if number >= len(leaves) or leaves[number].kind not in _TABLES:
        return None
    if len(leaves) > 1:
        leaf = leaves[number]
        return WholeTable(leaf, barred(leaf.rows, leaf.aligns), flow.outline.environment)
    first, last = section, section + 1
    while first > 0 and flow.leaves(first)[0].kind is LeafKind.ROWS:
        first -= 1
    while last < len(flow.heights) and _goes_on(flow, last):
        last += 1
    return _joined(flow, first, last)


def _goes_on(flow: Flow, section: int) -> bool:
    leaves = flow.leaves(section)
    return bool(leaves) and leaves[0].kind is LeafKind.ROWS


def _joined(flow: Flow, first: int, last: int) -> WholeTable:
    pieces = [flow.leaves(index)[0] for index in range(first, last)]
    rows = tuple(row for piece in pieces for row in piece.rows)
    leaf = pieces[0]._replace(kind=LeafKind.TABLE, rows=rows)
    sections = flow.outline.sections
    source = flow.text[sections[first].start : sections[last - 1].end].strip("\n")
    if leaf.containers:
        source = barred(rows, leaf.aligns)
    return WholeTable(leaf, source, flow.outline.environment)
