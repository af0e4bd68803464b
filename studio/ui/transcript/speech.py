"""What a screen reader says of a piece of an answer: its text, with formulas in spoken words."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from PySide6.QtCore import QLocale

from studio.core.markdown.formulas import block_parts, body_of
from studio.core.markdown.inline import runs
from studio.core.markdown.leaves import Leaf, LeafKind, leaf_runs, leaf_text
from studio.core.markdown.runs import Face, Run
from studio.ui.transcript.layout.maths import speak_formula
from studio.ui.transcript.layout.note import note_name


def leaf_speech(leaf: Leaf, environment: dict[str, Any] | None = None) -> str:
    """A leaf as it is said, in the language of the window."""
    if leaf.kind is LeafKind.FORMULA:
        source, tail = block_parts(leaf.content)
        return _said(leaf.content, source) + tail
    if leaf.kind is LeafKind.NOTE:
        return note_name(leaf.content)
    if leaf.kind in (LeafKind.TABLE, LeafKind.ROWS):
        rows = ([_told(runs(cell, environment, cell=True)) for cell in row] for row in leaf.rows)
        return "\n".join("\t".join(row) for row in rows)
    if leaf.kind in (LeafKind.PARAGRAPH, LeafKind.HEADING):
        return _told(leaf_runs(leaf, environment))
    return leaf_text(leaf, environment)


def _told(pieces: Iterable[Run]) -> str:
    return "".join(
        _said(run.text, body_of(run.text)) if run.face & Face.FORMULA else run.text
        for run in pieces
    )


def _said(marked: str, source: str) -> str:
    chinese = QLocale().language() == QLocale.Language.Chinese
    return _spoken(marked.strip(), source, "zh" if chinese else "en")


@lru_cache(maxsize=512)
def _spoken(marked: str, source: str, language: str) -> str:
    said = speak_formula(source, language)
    return marked if said == source else f" {said} "
