"""Pictures of questions: prepared and kept in the background, shown small everywhere."""

from __future__ import annotations

import asyncio
import itertools
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QSize, Qt, Signal
from PySide6.QtGui import QImage

from studio.core.errors import ErrorKind, StudioError
from studio.core.messages import ImagePart
from studio.sessions.decoding import Decoder
from studio.sessions.requests.tasks import TaskGroup
from studio.storage.pictures.attachments import Attachments
from studio.storage.pictures.preparing import (
    Change,
    PreparedPicture,
    prepare,
    prepare_pixels,
    prepare_slices,
)

if TYPE_CHECKING:
    from studio.providers.base import NetworkSettings

__all__ = ["Change", "Pictures", "ReadyPicture"]

THUMBNAIL = QSize(480, 360)  # device pixels: what a transcript shows at double density
KEPT = 200
MOST_RAW_SIDE = 4096  # pixels: what is handed on of something pasted has 64 MB at most


@dataclass(frozen=True, slots=True)
class ReadyPicture:
    """A picture that may be sent: what it was, what was done, and the part of a message."""

    part: ImagePart
    original_width: int
    original_height: int
    original_bytes: int  # 0 where there was no file
    changes: tuple[Change, ...]
    slices: int = 0  # how many pieces a long picture can be sent in instead


class Pictures(QObject):
    """Takes pictures in, and has them decoded small.

    `prepared(key, ReadyPicture)` or `refused(key, StoredError)` answers each of the `add_` verbs;
    `ready(sha256)` says that `thumbnail` has an image now.
    """

    prepared = Signal(str, object)
    refused = Signal(str, object)
    ready = Signal(str)

    def __init__(
        self,
        attachments: Attachments,
        tasks: TaskGroup,
        network: Callable[[], NetworkSettings] | None = None,
        parent: QObject | None = None,
    ) -> None:
        """`network` says how pictures in the own network are reached; without it they are not."""
        super().__init__(parent)
        self._attachments, self._tasks, self._network = attachments, tasks, network
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

    def add_inline(self, address: str, name: str) -> str:
        """Take the picture within a data: address."""
        key = self._key()
        self._tasks.start(self._read_inline(key, address, name), "read a picture in an address")
        return key

    def add_near(self, address: str, name: str) -> str:
        """Fetch a picture from this computer or the own network, see `is_near`."""
        key = self._key()
        self._tasks.start(self._fetch(key, address, name), "fetch a picture")
        return key

    @staticmethod
    def is_near(host: str) -> bool:
        """Whether no service elsewhere can reach `host`."""
        from studio.providers.addresses import is_near

        return is_near(host)

    def add_slices(self, source: Path | bytes, name: str, count: int) -> list[str]:
        """Take a long picture in its `count` pieces; each is answered by itself."""
        keys = [self._key() for _ in range(count)]
        self._tasks.start(self._slice(keys, source, name), "cut a picture")
        return keys

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
        def work() -> ReadyPicture:
            pixels, size = _raw(image)
            whole = (image.width(), image.height())
            alpha = image.hasAlphaChannel()
            return self._keep(prepare_pixels(pixels, size, name, alpha=alpha, whole=whole))

        await self._answer(key, work)

    async def _read_inline(self, key: str, address: str, name: str) -> None:
        from studio.providers.image_answers import content_of

        def work() -> ReadyPicture:
            return self._keep(prepare(content_of(address) or b"", name))

        await self._answer(key, work)

    async def _fetch(self, key: str, address: str, name: str) -> None:
        from studio.providers.near_picture import fetch_near

        try:
            if self._network is None:
                raise StudioError(ErrorKind.UNREADABLE_PICTURE)
            content = await fetch_near(address, self._network())
        except StudioError as error:
            self.refused.emit(key, error.stored())
        else:
            await self._prepare(key, content, name)

    async def _slice(self, keys: list[str], source: Path | bytes, name: str) -> None:
        try:
            async with self._preparing:
                made = await asyncio.to_thread(
                    lambda: [self._keep(each) for each in prepare_slices(source, name)]
                )
        except StudioError as error:
            for key in keys:
                self.refused.emit(key, error.stored())
        else:
            for key, ready in zip(keys, made, strict=True):
                self.prepared.emit(key, ready)

    async def _prepare(self, key: str, source: bytes | Path, name: str) -> None:
        await self._answer(key, lambda: self._keep(prepare(source, name)))

    async def _answer(self, key: str, work: Callable[[], ReadyPicture]) -> None:
        # In a worker thread: decoding takes up to seconds.
        try:
            async with self._preparing:
                ready = await asyncio.to_thread(work)
        except StudioError as error:
            self.refused.emit(key, error.stored())
        else:
            self.prepared.emit(key, ready)

    def _keep(self, made: PreparedPicture) -> ReadyPicture:
        sha256 = self._attachments.keep(made.content, made.media_type)
        part = ImagePart(
            sha256, made.media_type, made.width, made.height, len(made.content), made.name
        )
        original = (made.original_width, made.original_height, made.original_bytes)
        return ReadyPicture(part, *original, made.changes, made.slices)

    def _on_decoded(self, sha256: str, image: QImage) -> None:
        if not image.isNull():
            self._images[sha256] = image
            self.ready.emit(sha256)


def _raw(image: QImage) -> tuple[bytes, tuple[int, int]]:
    """The pixels as RGBA, four bytes each, and the size; shrunk first where it is very large."""
    if max(image.width(), image.height()) > MOST_RAW_SIDE:
        image = image.scaled(
            QSize(MOST_RAW_SIDE, MOST_RAW_SIDE),
            Qt.AspectRatioMode.KeepAspectRatio,
            Qt.TransformationMode.SmoothTransformation,
        )
    plain = image.convertToFormat(QImage.Format.Format_RGBA8888)
    return bytes(plain.constBits()), (plain.width(), plain.height())
