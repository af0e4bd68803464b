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
    SUB: Final = 512
    SUP: Final = 1024
    KEY: Final = 2048  # of a keyboard
    UNDERLINE: Final = 4096
    MARKED: Final = 8192
    EMBEDDED: Final = 16384  # a picture that stands in the text: `href` holds all of it


class Run(NamedTuple):
    """Text of one look; `href` only where it leads somewhere, or holds a picture."""

    text: str
    face: int = Face.PLAIN
    href: str = ""
