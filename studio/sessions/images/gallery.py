"""The pictures of the library, newest first, read in pages; thumbnails come as they are seen."""

from __future__ import annotations

import asyncio
import itertools
from bisect import bisect_left
from collections import OrderedDict
from enum import IntEnum
from pathlib import Path

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QImage

from studio.core.errors import StudioError
from studio.core.images import GeneratedImage
from studio.core.messages import title_from
from studio.sessions.decoding import Decoder
from studio.sessions.preferences import Preferences
from studio.sessions.requests.tasks import TaskGroup
from studio.storage.db.database import Database
from studio.storage.pictures import library_rows
from studio.storage.pictures.library import ExportFormat, Library
from studio.storage.pictures.library_rows import LibraryPicture
from studio.storage.pictures.thumbnails import Thumbnails

Index = QModelIndex | QPersistentModelIndex
PAGE = 200
# Device pixels: a cell of 102 by 84 on a screen of double density.
THUMBNAIL = QSize(204, 168)
# About 140 KB each: 55 MB at most, some thirty screens of the strip.
KEPT_THUMBNAILS = 400
AVERAGED = 10
# Rows of this run stand before all that were read; their true keys matter only to the next run.
_NEW = 2**62
_FORMATS = {
    ".png": ExportFormat.PNG,
    ".jpg": ExportFormat.JPEG,
    ".jpeg": ExportFormat.JPEG,
    ".webp": ExportFormat.WEBP,
}


class GalleryRole(IntEnum):
    """What a row can be asked for, beside its text and its thumbnail."""

    IMAGE = Qt.ItemDataRole.UserRole + 1  # a GeneratedImage


class GalleryModel(QAbstractListModel):
    """DecorationRole is the thumbnail as QImage: None until it is decoded, null if it cannot be.

    `picture_decoded(image_id, box, QImage)` answers `ask_pixels`, `thumbnail_decoded(image_id)`
    answers `ask_thumbnail`; `saved(Path)`,
    `removed(GeneratedImage)` and `failed(StoredError)` answer the verbs.
    """

    filled = Signal()
    picture_decoded = Signal(str, QSize, QImage)
    thumbnail_decoded = Signal(str)  # the id of a picture
    saved = Signal(object)
    settings_left_out = Signal(object)
    removed = Signal(object)
    failed = Signal(object)

    def __init__(
        self,
        database: Database,
        library: Library,
        thumbnails: Thumbnails,
        preferences: Preferences,
        tasks: TaskGroup,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._database, self._library, self._files = database, library, thumbnails
        self._preferences, self._tasks = preferences, tasks
        self._rows: list[LibraryPicture] = []
        self._deleted: dict[str, LibraryPicture] = {}
        self._new_keys = itertools.count(_NEW)
        self._opened = False
        self._complete = False
        self._loading = False
        self._images: OrderedDict[str, QImage] = OrderedDict()
        self._pending: set[str] = set()
        self._wishes: dict[str, tuple[str, QSize]] = {}
        self._decoder = Decoder(self)
        self._decoder.decoded.connect(self._on_decoded)
        self._decoder.forgotten.connect(self._on_forgotten)

    # What a view asks.

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        image = self.image_at(index.row())
        if image is None:
            return None
        if role == Qt.ItemDataRole.DecorationRole:
            return self._seen(image)
        if role == GalleryRole.IMAGE:
            return image
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return title_from(image.request.prompt)
        return None

    def canFetchMore(self, parent: Index) -> bool:
        idle = self._opened and not self._complete and not self._loading
        return idle and not parent.isValid()

    def fetchMore(self, parent: Index) -> None:
        if self.canFetchMore(parent):
            self._loading = True
            self._tasks.start(self._load_more(), "load pictures")

    # What there is.

    @property
    def newest(self) -> GeneratedImage | None:
        """The picture that was made last."""
        return self._rows[0].image if self._rows else None

    def image_at(self, row: int) -> GeneratedImage | None:
        """The picture of a row; None beyond the ends."""
        return self._rows[row].image if 0 <= row < len(self._rows) else None

    def row_of(self, image_id: str) -> int:
        """The row of a picture, -1 when it is not in the list."""
        return next((n for n, row in enumerate(self._rows) if row.image.id == image_id), -1)

    def path_of(self, image: GeneratedImage) -> Path:
        """The file of a picture."""
        return self._library.path(image)

    def average_seconds(self, model: str) -> float | None:
        """How long the last pictures of a model took on the mean; None when not known."""
        known = (
            row.image.seconds
            for row in self._rows
            if row.image.request.model == model and row.image.seconds is not None
        )
        last = list(itertools.islice(known, AVERAGED))
        return sum(last) / len(last) if last else None

    def thumbnail(self, image_id: str) -> QImage | None:
        """A thumbnail that is decoded already."""
        return self._images.get(image_id)

    def ask_thumbnail(self, image: GeneratedImage) -> QImage | None:
        """The thumbnail of any picture of the library, None until it is decoded."""
        return self._seen(image)

    @property
    def thumbnails_asked(self) -> int:
        """How many thumbnails were asked for so far."""
        return self._decoder.asked

    # Verbs.

    async def load(self) -> None:
        """Bring files and rows together and read the newest pictures: once, at the start."""
        if self._opened:
            return
        self._opened = self._loading = True
        try:
            await asyncio.to_thread(self._library.reconcile)
        except StudioError as error:
            # What can be listed is listed all the same.
            self.failed.emit(error.stored())
        # A folder holds anything, and no fault of ours in reading it may cost the gallery.
        except Exception as error:  # noqa: BLE001
            self._tasks.report(error, "look through the picture folder")
        await self._load_more()

    async def reload(self) -> None:
        """Read the rows anew, after others than the queue have added some."""
        if not self._opened:
            return
        wanted = max(PAGE, len(self._rows))
        page = await self._database.call(library_rows.list_pictures, limit=wanted)
        self.beginResetModel()
        self._rows, self._complete = list(page), len(page) < wanted
        self.endResetModel()
        self.filled.emit()

    def add(self, image: GeneratedImage) -> None:
        """Insert a picture that was just saved."""
        if self.row_of(image.id) < 0:
            self._insert(LibraryPicture(image, next(self._new_keys)))

    def delete(self, image: GeneratedImage) -> None:
        """Move a picture to the trash, from where `restore` brings it back for 30 days."""
        self._tasks.start(self._delete(image), "delete a picture")

    def restore(self, image: GeneratedImage) -> None:
        """Bring a deleted picture back to its place."""
        self._tasks.start(self._restore(image), "restore a picture")

    def save_as(self, image: GeneratedImage, target: Path) -> None:
        """Save a copy as PNG, JPEG or WebP, whichever the name of `target` ends with."""
        self._tasks.start(self._export(image, target), "save a copy")

    def ask_pixels(self, image: GeneratedImage, box: QSize) -> None:
        """Decode a picture to fill `box` (device pixels), or whole when the box is not valid."""
        key = f"{image.id}@{box.width()}x{box.height()}"
        self._wishes[key] = (image.id, box)
        self._decoder.ask(key, self._library.path(image), box)

    def close(self) -> None:
        """Wait for what is being decoded."""
        self._decoder.close()

    # What happens.

    def _seen(self, image: GeneratedImage) -> QImage | None:
        known = self._images.get(image.id)
        if known is not None:
            self._images.move_to_end(image.id)
        elif image.id not in self._pending:
            self._pending.add(image.id)
            small = self._files.path(image.sha256)
            self._decoder.ask(image.id, self._library.path(image), THUMBNAIL, small)
        return known

    def _on_decoded(self, key: str, image: QImage) -> None:
        wish = self._wishes.pop(key, None)
        if wish is not None:
            self.picture_decoded.emit(*wish, image)
            return
        self._pending.discard(key)
        self._images[key] = image
        while len(self._images) > KEPT_THUMBNAILS:
            self._images.popitem(last=False)
        self.thumbnail_decoded.emit(key)
        row = self.row_of(key)
        if row >= 0:
            index = self.index(row, 0)
            self.dataChanged.emit(index, index, [Qt.ItemDataRole.DecorationRole])

    def _on_forgotten(self, key: str) -> None:
        self._pending.discard(key)
        self._wishes.pop(key, None)

    async def _load_more(self) -> None:
        last = next((row.key for row in reversed(self._rows) if row.key < _NEW), None)
        try:
            page = await self._database.call(library_rows.list_pictures, limit=PAGE, after=last)
        except StudioError:
            # Asking again at every scroll would only fail again; the next start tries anew.
            self._complete = True
            raise
        finally:
            self._loading = False
        self._complete = len(page) < PAGE
        known = {row.image.id for row in self._rows}
        fresh = [row for row in page if row.image.id not in known]
        if fresh:
            start = len(self._rows)
            self.beginInsertRows(QModelIndex(), start, start + len(fresh) - 1)
            self._rows += fresh
            self.endInsertRows()
        self.filled.emit()

    def _insert(self, row: LibraryPicture) -> None:
        # The keys fall from row to row.
        place = bisect_left(self._rows, -row.key, key=lambda each: -each.key)
        self.beginInsertRows(QModelIndex(), place, place)
        self._rows.insert(place, row)
        self.endInsertRows()

    async def _delete(self, image: GeneratedImage) -> None:
        try:
            await self._database.call(library_rows.delete_pictures, [image.id])
        except StudioError as error:
            self.failed.emit(error.stored())
            return
        place = self.row_of(image.id)
        if place >= 0:
            self._deleted[image.id] = self._rows[place]
            self.beginRemoveRows(QModelIndex(), place, place)
            del self._rows[place]
            self.endRemoveRows()
            self.removed.emit(image)

    async def _restore(self, image: GeneratedImage) -> None:
        try:
            await self._database.call(library_rows.restore_pictures, [image.id])
        except StudioError as error:
            self.failed.emit(error.stored())
            return
        row = self._deleted.pop(image.id, None)
        if row is not None:
            self._insert(row)
            self.filled.emit()

    async def _export(self, image: GeneratedImage, target: Path) -> None:
        # Under the very name that was asked about, whatever its ending.
        file_format = _FORMATS.get(target.suffix.lower(), ExportFormat.PNG)
        inside = self._preferences.settings.picture_metadata
        try:
            whole = await asyncio.to_thread(
                self._library.export, image, target, file_format, with_settings=inside
            )
        except StudioError as error:
            self.failed.emit(error.stored())
            return
        self.saved.emit(target)
        if not whole:
            self.settings_left_out.emit(target)
