"""The one place where the transcript writes to the clipboard."""

from __future__ import annotations

from PySide6.QtCore import QMimeData
from PySide6.QtGui import QGuiApplication


def copy_text(text: str, html: str = "") -> None:
    """Put text on the clipboard as it is, and beside it the same with its looks."""
    data = QMimeData()
    data.setText(text)
    if html:
        data.setData("text/html", f'<meta charset="utf-8">{html}'.encode())
    QGuiApplication.clipboard().setMimeData(data)
