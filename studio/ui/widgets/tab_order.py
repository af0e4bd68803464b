"""The order in which Tab goes through parts of a window, whatever order they were made in."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget


def set_order(*parts: QWidget) -> None:
    """Let Tab go from part to part; within each, the order stays what it was."""
    stops = [stop for part in parts for stop in stops_of(part)]
    for one, following in pairwise(stops):
        QWidget.setTabOrder(one, following)


def stops_of(part: QWidget) -> list[QWidget]:
    """The widgets of a part that Tab stops at, in their order."""
    return [
        each
        for each in _chain(part)
        if each.focusPolicy() & Qt.FocusPolicy.TabFocus
        and each.focusProxy() is None
        and (each is part or part.isAncestorOf(each))
    ]


def _chain(start: QWidget) -> Iterator[QWidget]:
    each = start
    for _ in range(4096):  # a ring; this only bounds a broken one
        yield each
        following = each.nextInFocusChain()
        if following is None or following is start:
            return
        each = following
