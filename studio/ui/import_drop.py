"""Takes an export that is dropped on the history, and leaves every other drop to others."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QEvent, QMimeData, QObject, Signal
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent
from PySide6.QtWidgets import QWidget

_ENDINGS = (".zip", ".json")


def export_in(data: QMimeData) -> Path | None:
    """The one file that is dragged, when it may be an export."""
    urls = data.urls()
    if len(urls) != 1 or not urls[0].isLocalFile():
        return None
    path = Path(urls[0].toLocalFile())
    return path if path.suffix.lower() in _ENDINGS else None


class ImportDrop(QObject):
    """`dropped(Path)`; watches `place` and belongs to it."""

    dropped = Signal(object)

    def __init__(self, place: QWidget) -> None:
        super().__init__(place)
        place.setAcceptDrops(True)
        place.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if not isinstance(event, QDragEnterEvent | QDragMoveEvent | QDropEvent):
            return False
        path = export_in(event.mimeData())
        if path is None:
            event.ignore()
            return True
        event.acceptProposedAction()
        if not isinstance(event, QDragMoveEvent) and event.type() == QEvent.Type.Drop:
            self.dropped.emit(path)
        return True
