"""Runs: stretches of text of one look."""

from __future__ import annotations

from typing import Final, NamedTuple


class Face:
    """How a run looks, as bits that can be joined.

    Plain integers: joining members of an IntFlag costs ten times as much, and every run of
    every frame of a stream does it.
    """

    PLAIN: Final = 0
    BOLD: Final = 1
    ITALIC: Final = 2
    CODE: Final = 4
    STRIKE: Final = 8
    FORMULA: Final = 16
    DISPLAY: Final = 32  # a formula on a line of its own size
    NOTE: Final = 64  # a footnote's mark
    PICTURE: Final = 128  # stands for a picture that is never loaded
    FAINT: Final = 256


class Run(NamedTuple):
    """Text of one look; `href` only where it leads somewhere."""

    text: str
    face: int = Face.PLAIN
    href: str = ""
