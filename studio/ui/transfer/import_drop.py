"""Takes exports that are dropped on the history, and leaves every other drop to others."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QEvent, QMimeData, QObject, Signal
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent
from PySide6.QtWidgets import QWidget

_ENDINGS = (
    ".zip",
    ".json",
    ".jsonl",
    ".ndjson",
    ".bak",
    ".md",
    "",
)  # without one it may be a folder


def exports_in(data: QMimeData) -> tuple[Path, ...]:
    """The files and folders that are dragged, when all of them may be exports."""
    urls = data.urls()
    paths = tuple(Path(each.toLocalFile()) for each in urls if each.isLocalFile())
    fitting = len(paths) == len(urls) and all(p.suffix.lower() in _ENDINGS for p in paths)
    return paths if fitting else ()


class ImportDrop(QObject):
    """`dropped(tuple of Path)`; watches `place` and belongs to it."""

    dropped = Signal(object)

    def __init__(self, place: QWidget) -> None:
        super().__init__(place)
        place.setAcceptDrops(True)
        place.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if not isinstance(event, QDragEnterEvent | QDragMoveEvent | QDropEvent):
            return False
        paths = exports_in(event.mimeData())
        if not paths:
            event.ignore()
            return True
        event.acceptProposedAction()
        if not isinstance(event, QDragMoveEvent) and event.type() == QEvent.Type.Drop:
            self.dropped.emit(paths)
        return True
