"""Where the window was last and how large, as the settings keep it."""

from __future__ import annotations

from PySide6.QtCore import QByteArray
from PySide6.QtWidgets import QWidget

from studio.ui.look import theme

TITLE_BAR = 40  # room for what the desktop draws above the window


def restore(window: QWidget, kept: str) -> None:
    """As `kept` says, which `place_of` made; as designed when it is empty or makes no sense."""
    size, screen = theme.current().size, window.screen().availableSize()
    window.resize(
        min(size.window_width, screen.width()),
        min(size.window_height, screen.height() - TITLE_BAR),
    )
    if kept:
        # Qt reads any text and takes no geometry that makes no sense.
        place = QByteArray(kept.encode("ascii", "replace"))
        window.restoreGeometry(QByteArray.fromBase64(place))


def place_of(window: QWidget) -> str:
    """Its place as a text of ASCII."""
    return bytes(window.saveGeometry().toBase64().data()).decode("ascii")
