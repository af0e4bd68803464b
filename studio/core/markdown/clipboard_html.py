"""Leaves as HTML, for programs that take more than plain text from the clipboard."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from studio.core.markdown.inline import runs
from studio.core.markdown.leaves import (
    BULLET,
    DONE,
    UNDONE,
    Container,
    Leaf,
    LeafKind,
    cell_texts,
    leaf_runs,
)
from studio.core.markdown.links import safe_link
from studio.core.markdown.runs import Face, Run

_TAGS = (
    (Face.BOLD, "strong"),
    (Face.ITALIC, "em"),
    (Face.STRIKE, "s"),
    (Face.CODE, "code"),
    (Face.KEY, "kbd"),
    (Face.SUB, "sub"),
    (Face.SUP, "sup"),
    (Face.UNDERLINE, "u"),
    (Face.MARKED, "mark"),
)
_TABLES = (LeafKind.TABLE, LeafKind.ROWS)
_CELL = "border:1px solid #999;padding:4px 8px"
# A spreadsheet takes what begins so for a formula of its own, and runs it.
_RUN = ("=", "@", "+", "-")


class Stretch(NamedTuple):
    """Characters of what a leaf shows; `section` tells the containers of leaves apart."""

    leaf: Leaf
    section: object
    start: int = 0
    end: int = 1 << 40


def html_of(stretches: Iterable[Stretch], environment: dict[str, Any] | None = None) -> str:
    """What is read, with its headings, lists, tables, code, and looks of words."""
    writer = _Writer(environment or {})
    for stretch in stretches:
        writer.add(stretch)
    return writer.whole()


class _Writer:
    def __init__(self, environment: dict[str, Any]) -> None:
        self._environment = environment
        self._parts: list[str] = []
        self._open: list[tuple[str, tuple[object, int]]] = []  # tag of a container, and which it is
        self._in_table = False

    def whole(self) -> str:
        self._end_table()
        self._close(0)
        return "".join(self._parts)

    def add(self, stretch: Stretch) -> None:
        leaf = stretch.leaf
        if leaf.kind is not LeafKind.ROWS or not self._in_table:
            self._end_table()
            self._enter(leaf, stretch.section)
        if leaf.kind in _TABLES:
            self._add_rows(stretch)
        else:
            self._parts.append(self._block(stretch))

    # -- containers --------------------------------------------------------

    def _enter(self, leaf: Leaf, section: object) -> None:
        """Open and close quotations and items until those around the leaf are open."""
        markers = dict(leaf.markers)
        for depth, container in enumerate(leaf.containers):
            tag = _tag_of(container, markers.get(depth, ""))
            which = (section, container.number)
            known = self._open[depth] if depth < len(self._open) else None
            if known is not None and known[1] == which:
                continue
            if known is not None and known[0] == tag and not container.quote:
                self._close(depth + 1)
                self._parts.append("</li><li>")
                self._open[depth] = (tag, which)
                continue
            self._close(depth)
            self._parts.append(_opening(tag, markers.get(depth, "")))
            self._open.append((tag, which))
        self._close(len(leaf.containers))

    def _close(self, depth: int) -> None:
        while len(self._open) > depth:
            tag = self._open.pop()[0]
            self._parts.append("</blockquote>" if tag == "blockquote" else f"</li></{tag}>")

    # -- blocks ------------------------------------------------------------

    def _block(self, stretch: Stretch) -> str:
        leaf = stretch.leaf
        if leaf.kind is LeafKind.RULE:
            return "<hr>"
        if leaf.kind is LeafKind.NOTE:
            return f"<p><strong>{leaf.content.capitalize()}</strong></p>"
        if leaf.kind in (LeafKind.PARAGRAPH, LeafKind.HEADING):
            words = _inline(_cut(leaf_runs(leaf, self._environment), stretch.start, stretch.end))
            tag = f"h{leaf.level}" if leaf.kind is LeafKind.HEADING else "p"
            box = {UNDONE: "&#9744; ", DONE: "&#9745; "}
            done = box.get(leaf.markers[-1][1], "") if leaf.markers else ""
            return f"<{tag}>{done}{words}</{tag}>"
        text = html.escape(leaf.content[stretch.start : stretch.end])
        if leaf.kind is LeafKind.FORMULA:
            return "<p>" + text.replace("\n", "<br>") + "</p>"
        named = f' class="language-{html.escape(leaf.language)}"' if leaf.language else ""
        return f"<pre><code{named}>{text}</code></pre>"

    def _add_rows(self, stretch: Stretch) -> None:
        leaf, at = stretch.leaf, 0
        for number, row in enumerate(leaf.rows):
            headed = leaf.kind is LeafKind.TABLE and not number
            cells = []
            for align, cell in zip(leaf.aligns, row, strict=False):
                found = runs(cell, self._environment, cell=True)
                length = sum(len(run.text) for run in found)
                inside = _cut(found, stretch.start - at, stretch.end - at)
                touched = at < stretch.end and at + length >= stretch.start
                cells.append(_cell(inside if touched else [], align, headed=headed))
                at += length + 1
            if at > stretch.start and at - sum(map(len, row)) - len(row) < stretch.end:
                self._begin_table()
                self._parts.append(f"<tr>{''.join(cells)}</tr>")

    def _begin_table(self) -> None:
        if not self._in_table:
            self._parts.append('<table style="border-collapse:collapse">')
            self._in_table = True

    def _end_table(self) -> None:
        if self._in_table:
            self._parts.append("</table>")
            self._in_table = False


def _tag_of(container: Container, marker: str) -> str:
    if container.quote:
        return "blockquote"
    return "ul" if marker in ("", BULLET, UNDONE, DONE) else "ol"


def _opening(tag: str, marker: str) -> str:
    if tag == "blockquote":
        return "<blockquote>"
    number = marker.rstrip(".)")
    start = f' start="{number}"' if tag == "ol" and number.isdigit() and number != "1" else ""
    return f"<{tag}{start}><li>"


def _cell(found: list[Run], align: str, *, headed: bool) -> str:
    text = "".join(run.text for run in found)
    look = _CELL + (f";text-align:{align}" if align else "")
    if text.startswith(_RUN) and not _is_number(text):
        look += ";mso-number-format:'\\@'"
    tag = "th" if headed else "td"
    return f'<{tag} style="{look}">{_inline(found)}</{tag}>'


def _is_number(text: str) -> bool:
    return text[1:].replace(".", "").replace(",", "").rstrip("%").isdigit()


def _cut(found: Sequence[Run], start: int, end: int) -> list[Run]:
    """The runs of so many of their characters."""
    kept, at = [], 0
    for run in found:
        text = run.text[max(0, start - at) : max(0, end - at)]
        at += len(run.text)
        if text:
            kept.append(run._replace(text=text))
    return kept


def _inline(found: Iterable[Run]) -> str:
    parts = []
    for text, face, href in found:
        words = html.escape(text, quote=False).replace("\n", "<br>")
        for bit, tag in _TAGS:
            if face & bit:
                words = f"<{tag}>{words}</{tag}>"
        link = safe_link(href) if not face & (Face.PICTURE | Face.NOTE) else ""
        parts.append(f'<a href="{html.escape(link)}">{words}</a>' if link else words)
    return "".join(parts)


# -- tables by themselves --------------------------------------------------


def tabbed(rows: Iterable[Sequence[str]], environment: dict[str, Any] | None = None) -> str:
    """Rows of Markdown cells as a spreadsheet takes them: parted by tabs, quoted where needed."""
    return "\n".join(
        "\t".join(_quoted(text) for text in cell_texts(row, environment)) for row in rows
    )


def _quoted(text: str) -> str:
    if not any(sign in text for sign in '\t\n"'):
        return text
    return '"' + text.replace('"', '""') + '"'


def barred(rows: Sequence[Sequence[str]], aligns: Sequence[str]) -> str:
    """Rows of Markdown cells as a table of Markdown."""
    marks = {"left": ":--", "right": "--:", "center": ":-:"}
    lines = ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows]
    lines.insert(1, "| " + " | ".join(marks.get(align, "---") for align in aligns) + " |")
    return "\n".join(lines)
