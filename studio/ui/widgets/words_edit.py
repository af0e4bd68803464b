"""A plain editor for words alone: a picture or file dropped on it does not become its path."""

from __future__ import annotations

from PySide6.QtCore import QMimeData, Signal
from PySide6.QtWidgets import QPlainTextEdit


def holds_no_words(data: QMimeData) -> bool:
    """Whether what is dropped or pasted is a file or a picture, whose text is only its address.

    A link that is dragged is words, and so is text that an office program gives as a picture too.
    """
    urls = data.urls()
    if any(url.isLocalFile() for url in urls):
        return True
    text = data.text().strip()
    addresses = {each.toString() for each in urls} | {""}
    return data.hasImage() and all(line.strip() in addresses for line in text.splitlines() or [""])


def name_editor(editor: QPlainTextEdit, name: str) -> None:
    """Name an editor, and the frame around its words: screen readers tell of both."""
    editor.setAccessibleName(name)
    editor.viewport().setAccessibleName(name)


class WordsEdit(QPlainTextEdit):
    """`picture_refused`: a picture or file was dropped or pasted, and nothing was inserted."""

    picture_refused = Signal()

    def canInsertFromMimeData(self, source: QMimeData) -> bool:
        """Take the drop, so that it can be told what becomes of it."""
        return holds_no_words(source) or super().canInsertFromMimeData(source)

    def insertFromMimeData(self, source: QMimeData) -> None:
        """Insert words alone."""
        if holds_no_words(source):
            self.picture_refused.emit()
        else:
            super().insertFromMimeData(source)
