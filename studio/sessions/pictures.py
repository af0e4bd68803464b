"""Pictures of questions: prepared and kept in the background, shown small everywhere."""

from __future__ import annotations

import asyncio
import itertools
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QObject, QSize, Signal
from PySide6.QtGui import QImage

from studio.core.errors import StudioError
from studio.core.messages import ImagePart
from studio.sessions.decoding import Decoder
from studio.sessions.tasks import TaskGroup
from studio.storage.attachments import Attachments
from studio.storage.pictures import Change, PreparedPicture, prepare

THUMBNAIL = QSize(480, 360)  # device pixels: what a transcript shows at double density
KEPT = 200


@dataclass(frozen=True, slots=True)
class ReadyPicture:
    """A picture that may be sent: what it was, what was done, and the part of a message."""

    part: ImagePart
    original_width: int
    original_height: int
    original_bytes: int
    changes: tuple[Change, ...]


class Pictures(QObject):
    """Takes pictures in, and has them decoded small.

    `prepared(key, ReadyPicture)` or `refused(key, StoredError)` answers each of the `add_` verbs;
    `ready(sha256)` says that `thumbnail` has an image now.
    """

    prepared = Signal(str, object)
    refused = Signal(str, object)
    ready = Signal(str)

    def __init__(
        self, attachments: Attachments, tasks: TaskGroup, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._attachments, self._tasks = attachments, tasks
        self._keys = itertools.count(1)
        self._images: OrderedDict[str, QImage | None] = OrderedDict()
        self._decoder = Decoder(self)
        self._decoder.decoded.connect(self._on_decoded)
        self._decoder.forgotten.connect(lambda sha256: self._images.pop(sha256, None))
        # One at a time: a dropped folder of photos must not fill the memory.
        self._preparing = asyncio.Lock()

    def add_file(self, path: Path) -> str:
        """Read a file; returns the key its answer will carry."""
        return self._add(path, path.name)

    def add_bytes(self, content: bytes, name: str) -> str:
        """Take an encoded picture that is already in memory."""
        return self._add(content, name)

    def add_image(self, image: QImage, name: str) -> str:
        """Take decoded pixels, as from the clipboard."""
        key = self._key()
        self._tasks.start(self._encode(key, image, name), "read a pasted picture")
        return key

    def thumbnail(self, sha256: str) -> QImage | None:
        """The picture small, or None: then it is being decoded and `ready` will tell."""
        if sha256 in self._images:
            self._images.move_to_end(sha256)
            return self._images[sha256]
        self._images[sha256] = None
        # Without a suffix: the reader tries those it knows, on its own thread.
        path = self._attachments.folder / sha256[:2] / sha256
        self._decoder.ask(sha256, path, THUMBNAIL)
        while len(self._images) > KEPT:
            self._images.popitem(last=False)
        return None

    def close(self) -> None:
        """Wait for what is being decoded."""
        self._decoder.close()

    def _key(self) -> str:
        return f"picture-{next(self._keys)}"

    def _add(self, source: bytes | Path, name: str) -> str:
        key = self._key()
        self._tasks.start(self._prepare(key, source, name), "read a picture")
        return key

    async def _encode(self, key: str, image: QImage, name: str) -> None:
        content = await asyncio.to_thread(_png, image)
        await self._prepare(key, content, name)

    async def _prepare(self, key: str, source: bytes | Path, name: str) -> None:
        try:
            async with self._preparing:
                ready = await asyncio.to_thread(self._prepare_and_keep, source, name)
        except StudioError as error:
            self.refused.emit(key, error.stored())
        else:
            self.prepared.emit(key, ready)

    def _prepare_and_keep(self, source: bytes | Path, name: str) -> ReadyPicture:
        # In a worker thread: decoding takes up to seconds.
        made: PreparedPicture = prepare(source, name)
        sha256 = self._attachments.keep(made.content, made.media_type)
        part = ImagePart(
            sha256, made.media_type, made.width, made.height, len(made.content), made.name
        )
        original = (made.original_width, made.original_height, made.original_bytes)
        return ReadyPicture(part, *original, made.changes)

    def _on_decoded(self, sha256: str, image: QImage) -> None:
        if not image.isNull():
            self._images[sha256] = image
            self.ready.emit(sha256)


def _png(image: QImage) -> bytes:
    encoded = QByteArray()
    buffer = QBuffer(encoded)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")  # type: ignore[call-overload]  # the stubs know only str here
    return bytes(encoded.data())
