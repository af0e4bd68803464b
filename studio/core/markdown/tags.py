"""The few tags of HTML that are drawn; all others are text, as they were written."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from studio.core.markdown.runs import Face

if TYPE_CHECKING:
    from markdown_it.token import Token

_FACES = {
    "sub": Face.SUB,
    "sup": Face.SUP,
    "kbd": Face.KEY,
    "u": Face.UNDERLINE,
    "mark": Face.MARKED,
}
_TAG = re.compile(rf"<(/?)({'|'.join(_FACES)})\s*>", re.IGNORECASE)
_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)
_QUOTES = "\"'“‘「『《<（("


class Tag(NamedTuple):
    """What a drawn tag does: faces that begin and end, and text in its place."""

    face: int = 0
    ended: int = 0
    text: str = ""


def drawn_tags(tokens: Sequence[Token], *, cell: bool) -> dict[int, Tag]:
    """The tags that are drawn, by the index of their token: pairs, and breaks."""
    found: dict[int, Tag] = {}
    opened: list[tuple[str, int]] = []
    for index, token in enumerate(tokens):
        if token.type != "html_inline":
            continue
        if _BREAK.fullmatch(token.content):
            if cell or _is_glued(tokens, index):
                found[index] = Tag(text="" if _ends_line(tokens, index) else "\n")
            continue
        tag = _TAG.fullmatch(token.content)
        if tag is None:
            continue
        name = tag[2].lower()
        if not tag[1]:
            opened.append((name, index))
            continue
        partner = next((at for at in reversed(range(len(opened))) if opened[at][0] == name), -1)
        if partner >= 0:
            found[opened[partner][1]] = Tag(face=_FACES[name])
            found[index] = Tag(ended=_FACES[name])
            del opened[partner:]
    return found


def _is_glued(tokens: Sequence[Token], index: int) -> bool:
    """Whether a break is meant: one between blanks or quotation marks is spoken of."""
    before = tokens[index - 1] if index else None
    after = tokens[index + 1] if index + 1 < len(tokens) else None
    left = before.content[-1:] if before is not None and before.type == "text" else ""
    if before is None or before.type in ("softbreak", "hardbreak"):
        left = " "  # the beginning of a line is as good as a blank
    right = after.content[:1] if after is not None and after.type == "text" else ""
    if left and left in _QUOTES:
        return False
    alone = after is None or right.isspace() or _ends_line(tokens, index)
    return not (left.isspace() and alone)


def _ends_line(tokens: Sequence[Token], index: int) -> bool:
    """Whether the line ends behind a break anyway."""
    following = tokens[index + 1] if index + 1 < len(tokens) else None
    return following is not None and following.type in ("softbreak", "hardbreak")
