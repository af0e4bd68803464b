"""How the end of a text looks while it is written: what will be a table looks like one already."""

from __future__ import annotations

import re

from studio.core.markdown.formulas import block_end, block_opening
from studio.core.markdown.leaves import Leaf, LeafKind
from studio.core.markdown.tables import head_so_far

_BELOW = re.compile(r"[ \t]*\|?[ \t|:-]*$")
# Below a head that begins without a bar: marks without one underline a heading.
_BELOW_BARE = re.compile(r"[ \t]*:?-+:?[ \t]*\|[ \t|:-]*$")


def as_it_will_be(leaves: tuple[Leaf, ...]) -> tuple[Leaf, ...]:
    """The leaves of the last section, its last paragraph split where something else begins.

    A head without the line below it is no table yet, and a formula without its end no formula:
    both would show their marks for a moment.
    """
    last = leaves[-1] if leaves else None
    if last is None or last.kind is not LeafKind.PARAGRAPH or last.literal:
        return leaves
    lines = last.content.split("\n")
    at, after = _table(lines, last) or _formula(lines, last) or (0, None)
    if after is None:
        return leaves
    if not at:
        return (*leaves[:-1], after)
    before = last._replace(content="\n".join(lines[:at]))
    return (*leaves[:-1], before, after._replace(markers=(), spaced=True))


def _table(lines: list[str], leaf: Leaf) -> tuple[int, Leaf] | None:
    """Where a table begins, and what is known of it."""
    at = len(lines) - 1
    if (at and lines[at - 1].lstrip().startswith("|") and _BELOW.match(lines[at])) or (
        at and "|" in lines[at - 1] and _BELOW_BARE.match(lines[at])
    ):
        at -= 1
    line = lines[at].strip()
    if not line.startswith("|") and at == len(lines) - 1:
        return None
    head = head_so_far(line)
    empty = ("",) * len(head)
    return at, leaf._replace(kind=LeafKind.TABLE, content="", rows=(head,), aligns=empty)


def _formula(lines: list[str], leaf: Leaf) -> tuple[int, Leaf] | None:
    """Where a formula begins that has no end yet; it is shown as it is written."""
    for at, line in enumerate(lines):
        if line[:1] in ("$", "\\") and block_opening(line) and block_end(lines[at:]) == 0:
            return at, leaf._replace(kind=LeafKind.HTML, content="\n".join(lines[at:]))
    return None
