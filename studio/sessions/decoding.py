"""Decodes pictures away from the UI thread, the newest wish first."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from PySide6.QtCore import QObject, QSize, Qt, QThreadPool, Signal
from PySide6.QtGui import QImage, QImageReader

# Two decode a screen of thumbnails in a few frames; more would only compete with the window.
WORKERS = 2
# Wishes beyond this many are forgotten, oldest first: who still wants them asks again on painting.
MOST_WAITING = 96
# Qt's own bound is 256 MB a picture: enough for 8192 by 8192 pixels, far beyond what is generated.


@dataclass(frozen=True, slots=True)
class _Wish:
    path: Path
    box: QSize
    small: Path | None


class Decoder(QObject):
    """`decoded(key, QImage)` answers `ask`; the image is null when the file cannot be read.

    A wish that became too old is answered by `forgotten(key)` instead.
    """

    decoded = Signal(str, QImage)
    forgotten = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.asked = 0
        self._waiting: OrderedDict[str, _Wish] = OrderedDict()
        self._lock = Lock()
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(WORKERS)

    def ask(
        self, key: str, path: Path, box: QSize | None = None, small: Path | None = None
    ) -> None:
        """Decode `path`, shrunk to cover `box` (device pixels) or whole; asking twice is once.

        `small` is a smaller copy that is taken instead when there is one.
        """
        with self._lock:
            known = key in self._waiting
            self._waiting[key] = _Wish(path, box or QSize(), small)
            self._waiting.move_to_end(key)
            full = len(self._waiting) > MOST_WAITING
            old = self._waiting.popitem(last=False)[0] if full else ""
        if not known:
            self.asked += 1
            self._pool.start(self._work)
        if old:
            self.forgotten.emit(old)

    def close(self) -> None:
        """Forget all wishes and wait for what is being decoded."""
        with self._lock:
            self._waiting.clear()
        self._pool.waitForDone()

    def _work(self) -> None:
        # On a thread of the pool: the signal is queued to whoever lives on the UI thread.
        with self._lock:
            if not self._waiting:
                return
            key, wish = self._waiting.popitem(last=True)
        image = QImage()
        if wish.small is not None and wish.small.is_file():
            image = read_picture(wish.small, wish.box)
        if image.isNull():
            image = read_picture(wish.path, wish.box)
        self.decoded.emit(key, image)


def read_picture(path: Path, box: QSize) -> QImage:
    """The picture upright, shrunk so that it just covers `box`; null when it cannot be read."""
    reader = QImageReader(str(path))
    # The content decides, not the name: a result's extension may lie.
    reader.setDecideFormatFromContent(True)
    reader.setAutoTransform(True)
    size = reader.size()
    if box.isValid() and size.isValid():
        wanted = size.scaled(box, Qt.AspectRatioMode.KeepAspectRatioByExpanding)
        if wanted.width() < size.width():
            reader.setScaledSize(wanted)
    image = reader.read()
    if image.isNull():
        return image
    alpha = image.hasAlphaChannel()
    kind = QImage.Format.Format_ARGB32_Premultiplied if alpha else QImage.Format.Format_RGB32
    return image.convertToFormat(kind)
