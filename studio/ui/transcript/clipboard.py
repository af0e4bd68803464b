"""The one place where the transcript writes to the clipboard."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QMimeData, QRect
from PySide6.QtGui import QCursor, QGuiApplication
from PySide6.QtWidgets import QToolTip, QWidget

_COPIED_MS = 1500


def show_copied(view: QWidget) -> None:
    """Say at the pointer that something is on the clipboard now."""
    words = QCoreApplication.translate("transcript", "Copied")
    QToolTip.showText(QCursor.pos(), words, view, QRect(), _COPIED_MS)


def copy_text(text: str, html: str = "") -> None:
    """Put text on the clipboard as it is, and beside it the same with its looks."""
    data = QMimeData()
    data.setText(text)
    if html:
        data.setData("text/html", f'<meta charset="utf-8">{html}'.encode("utf-8", "replace"))
    QGuiApplication.clipboard().setMimeData(data)
