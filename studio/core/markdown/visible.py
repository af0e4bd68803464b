"""What a reader sees of a message, as plain text: what a search looks at."""

from __future__ import annotations

import re
from collections.abc import Iterator

from studio.core.markdown.formulas import block_parts, body_of
from studio.core.markdown.incremental import Outline
from studio.core.markdown.inline import runs
from studio.core.markdown.leaves import Leaf, LeafKind, leaf_runs, leaf_text
from studio.core.markdown.runs import Face, Run

# What may make the text differ from its source: a mark within it, or one at the start of a line.
_MARKS = re.compile(
    r"[*~`\[\\|$]|(?<![^\W_])_|_(?![^\W_])|<[A-Za-z/!?]|&[A-Za-z#]|data:image/"
    r"|^(?:[ \t]*(?:#|>|[-+] |=+[ \t]*$|-+[ \t]*$)| {4}|\t)",
    re.MULTILINE,
)
_ASKED = re.compile(r"^[ \t]*(?:>|```|~~~)", re.MULTILINE)
_LONGEST = 300_000  # characters that are read as Markdown: a tenth of a second for 50,000
_NOT_SHOWN = re.compile(r"\*\*|~~|`+|^[ \t]*(?:#{1,6}|>)+ |\|", re.MULTILINE)


def visible_text(source: str, *, literal: bool = False) -> str:
    """The text without its marks and hidden addresses; `literal` for what the user wrote."""
    if not (_ASKED if literal else _MARKS).search(source):
        return source
    if len(source) > _LONGEST:
        return source if literal else _NOT_SHOWN.sub("", source)
    outline = Outline(literal=literal)
    outline.feed(source)
    outline.finish(source)
    return "\n".join(_lines(outline, source))


def _lines(outline: Outline, source: str) -> Iterator[str]:
    environment = outline.environment
    for section in outline.sections:
        for leaf in outline.leaves(source, section):
            lead = "".join(f"{sign} " for _, sign in leaf.markers if sign[:1].isdigit())
            yield lead + _text(leaf, environment)


def _text(leaf: Leaf, environment: dict[str, object]) -> str:
    if leaf.kind is LeafKind.FORMULA:
        return "".join(block_parts(leaf.content))
    if leaf.kind in (LeafKind.PARAGRAPH, LeafKind.HEADING):
        return _words(leaf_runs(leaf, environment))
    if leaf.kind in (LeafKind.TABLE, LeafKind.ROWS):
        rows = ([_words(runs(cell, environment, cell=True)) for cell in row] for row in leaf.rows)
        return "\n".join("\t".join(row) for row in rows)
    return leaf_text(leaf, environment)


def _words(found: list[Run]) -> str:
    return "".join(body_of(run.text) if run.face & Face.FORMULA else run.text for run in found)
