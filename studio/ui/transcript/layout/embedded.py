"""Small pictures that stand in the text itself, as `data:` addresses."""

from __future__ import annotations

import base64
import binascii

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QSize, Qt
from PySide6.QtGui import QImage, QImageReader

from studio.ui.transcript.layout.maths import Formula

LONGEST = 600_000  # characters of an address that is drawn; a longer one stays a line of words
_MOST_PIXELS = 4_000_000
_KINDS = (b"png", b"jpeg", b"jpg", b"gif", b"webp", b"bmp")


def draw_picture(data: str, width: int, height: int, ratio: float) -> Formula | None:
    """The picture within so many logical pixels, None when it is none. Runs on a worker thread."""
    image = _decoded(data)
    if image is None:
        return None
    # Never larger than it is: a drawing of 16 pixels stays one.
    room = QSize(round(width * ratio), round(height * ratio))
    if image.width() > room.width() or image.height() > room.height():
        smooth = Qt.TransformationMode.SmoothTransformation
        image = image.scaled(room, Qt.AspectRatioMode.KeepAspectRatio, smooth)
    image = image.convertToFormat(QImage.Format.Format_ARGB32_Premultiplied)
    image.setDevicePixelRatio(ratio)
    size = image.deviceIndependentSize()
    return Formula(image, size.width(), size.height(), size.height())


def _decoded(data: str) -> QImage | None:
    head, _, body = data.partition(",")
    if len(data) > LONGEST or not head.endswith(";base64"):
        return None
    try:
        content = base64.b64decode(body + "=" * (-len(body) % 4), validate=True)
    except (binascii.Error, ValueError):
        return None
    array = QByteArray(content)
    buffer = QBuffer(array)
    buffer.open(QIODevice.OpenModeFlag.ReadOnly)
    reader = QImageReader(buffer)
    reader.setDecideFormatFromContent(True)
    size = reader.size()
    if bytes(reader.format().data()) not in _KINDS or not size.isValid():
        return None
    if size.width() * size.height() > _MOST_PIXELS:
        return None
    reader.setAutoTransform(True)
    image = reader.read()
    return None if image.isNull() else image
