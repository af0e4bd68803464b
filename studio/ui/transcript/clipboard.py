"""The one place where the transcript writes to the clipboard."""

from __future__ import annotations

from PySide6.QtGui import QGuiApplication


def copy_text(text: str) -> None:
    """Put text on the clipboard as it is."""
    QGuiApplication.clipboard().setText(text)
