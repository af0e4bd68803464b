"""A small window of another process: dragging from it drags the file named on the command line."""

from __future__ import annotations

import sys

from PySide6.QtCore import QMimeData, Qt, QUrl
from PySide6.QtGui import QDrag, QMouseEvent
from PySide6.QtWidgets import QApplication, QLabel


class Source(QLabel):
    """Starts a drag with the first move of a pressed mouse."""

    def __init__(self, path: str) -> None:
        super().__init__("Drag me")
        self._path = path
        self.setWindowTitle("A file to drag")
        self.setAccessibleName("Drag me")
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setFixedSize(160, 90)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        carried = QMimeData()
        carried.setUrls([QUrl.fromLocalFile(self._path)])
        drag = QDrag(self)
        drag.setMimeData(carried)
        # What letting go would do, as the one below the pointer answers: a person sees the cursor.
        drag.actionChanged.connect(lambda action: print(f"over: {action.name}", flush=True))
        print(f"dropped: {drag.exec(Qt.DropAction.CopyAction).name}", flush=True)


def main() -> int:
    """Show the window until it is closed."""
    app = QApplication(sys.argv[:1])
    source = Source(sys.argv[1])
    source.show()
    return app.exec()


if __name__ == "__main__":
    sys.exit(main())
