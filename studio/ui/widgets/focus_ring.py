"""The ring tells where the keyboard is to those who use it: a click shows none."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QFocusEvent

_BY_KEYS = (
    Qt.FocusReason.TabFocusReason,
    Qt.FocusReason.BacktabFocusReason,
    Qt.FocusReason.ShortcutFocusReason,
)


def ring_after(event: QFocusEvent, before: bool) -> bool:
    """Whether a widget that got the keyboard shows its ring; `before`: whether it did last time.

    What comes back from a menu or another window is as it was.
    """
    if event.reason() is Qt.FocusReason.MouseFocusReason:
        return False
    return before or event.reason() in _BY_KEYS
