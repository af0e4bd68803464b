"""Rows of a table: cells that hold a bar within a formula or code stay whole."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from studio.core.markdown.formulas import formula_at

_DELIMITER = re.compile(r"\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?")
_TICKS = re.compile(r"`+")
_PLAIN = re.compile(r"[^|`$\\]+")


# A longer table is read, and laid out, in pieces of so many rows or characters.
_MOST_ROWS = 40
_MOST_CHARACTERS = 3_000

Row = tuple[str, ...]


class Table(NamedTuple):
    """What is known of a table whose rows go on elsewhere; `shape` is as wide as its columns."""

    head: Row
    aligns: Row
    shape: Row


def parted(rows: Sequence[Row]) -> list[list[Row]]:
    """The rows in pieces; at least one, which may be empty."""
    parts: list[list[Row]] = [[]]
    size = 0
    for row in rows:
        size += sum(map(len, row))
        if len(parts[-1]) >= _MOST_ROWS or (size > _MOST_CHARACTERS and parts[-1]):
            parts.append([])
            size = 0
        parts[-1].append(row)
    return parts


def shape_of(rows: Sequence[Row]) -> Row:
    """The widest cell of each column, as far as its letters tell."""
    return tuple(max(column, key=_width) for column in zip(*rows, strict=True))


def _width(cell: str) -> int:
    if cell.isascii():
        return len(cell)
    return len(cell) + sum(character >= "\u2e80" for character in cell)


def aligns_of(line: str) -> tuple[str, ...] | None:
    """The alignment of each column, by the line below a table's head; None when it is none."""
    stripped = line.strip(" \t")
    if len(stripped) < 2 or not _DELIMITER.fullmatch(stripped) or stripped[:2] in ("- ", "-\t"):
        return None
    found = []
    for cell in stripped.strip("|").split("|"):
        mark = cell.strip(" \t")
        right, left = mark.endswith(":"), mark.startswith(":")
        found.append("center" if right and left else "right" if right else "left" if left else "")
    return tuple(found)


def head_so_far(line: str) -> Row:
    """The cells of a head that is being written."""
    return tuple(_split(line, whole=True)) or ("",)


def head_of(line: str, columns: int) -> tuple[str, ...] | None:
    """The cells of a table's head; None when there are not as many as `columns`."""
    for whole in (True, False):
        cells = _split(line.strip(" \t"), whole=whole)
        if len(cells) == columns:
            return tuple(cells)
    return None


def cells_of(line: str, columns: int) -> tuple[str, ...]:
    """The cells of a row: as many as there are columns, and all that was written is in them."""
    row = line.strip(" \t")
    cells = _split(row, whole=True)
    if len(cells) != columns:
        apart = _split(row, whole=False)
        if len(apart) == columns:
            cells = apart
    if len(cells) > columns:
        cells[columns - 1 :] = [" | ".join(filter(None, cells[columns - 1 :]))]
    return (*cells, *[""] * (columns - len(cells)))


def _split(row: str, *, whole: bool) -> list[str]:
    """Split at bars; `whole` leaves those within code and formulas."""
    cells: list[str] = []
    cell: list[str] = []  # what is taken of a cell so far
    at = 0
    while at < len(row):
        if row[at] == "|":
            cells.append("".join(cell))
            cell, end = [], at + 1
        elif row.startswith("\\|", at):
            cell.append("|")
            end = at + 2
        else:
            end = _end_of_whole(row, at) if whole else at + 1
            piece = row[at:end]
            cell.append(piece.replace("\\|", "|") if piece[0] == "`" else piece)
        at = end
    cells.append("".join(cell))
    cells = [each.strip(" \t") for each in cells]
    if cells and not cells[0] and row.startswith("|"):
        del cells[0]
    if cells and not cells[-1] and row.endswith("|"):
        del cells[-1]
    return cells


def _end_of_whole(row: str, at: int) -> int:
    """Where the code, formula or character that begins at `at` ends."""
    if row[at] == "`":
        ticks = _TICKS.match(row, at)
        end = ticks.end() if ticks else at + 1
        closing = re.compile(rf"(?<!`)`{{{end - at}}}(?!`)").search(row, end)
        return closing.end() if closing else end
    if row[at] in "$\\":
        found = formula_at(row, at)
        return found[1] if found else min(len(row), at + (2 if row[at] == "\\" else 1))
    plain = _PLAIN.match(row, at)
    return plain.end() if plain else at + 1
