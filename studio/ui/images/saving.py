"""Saves copies of pictures: asks where, and tells what became of it."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, QStandardPaths, Signal
from PySide6.QtWidgets import QWidget

from studio.core.images import GeneratedImage
from studio.sessions.images.gallery import GalleryModel
from studio.ui.links import open_folder
from studio.ui.widgets.notice import Notice
from studio.ui.widgets.save_dialog import SaveDialog

_FORMATS = (("PNG", ("png",)), ("JPEG", ("jpg", "jpeg")), ("WebP", ("webp",)))


class PictureSaver(QObject):
    """`noticed(Notice)` is for the window."""

    noticed = Signal(object)

    def __init__(self, gallery: GalleryModel, ground: QWidget) -> None:
        super().__init__(ground)
        self._gallery, self._ground = gallery, ground
        gallery.saved.connect(self._on_saved)
        gallery.settings_left_out.connect(self._on_left_out)

    def ask_where(self, image: GeneratedImage) -> None:
        """Ask for a name and save a copy under it; its ending says the format."""
        dialog = SaveDialog(
            self._ground,
            self.tr("Save the picture"),
            _FORMATS,
            lambda target: self._gallery.save_as(image, target),
        )
        name = self._gallery.path_of(image).name.removesuffix(".png")
        dialog.set_place(QStandardPaths.StandardLocation.PicturesLocation, name)
        dialog.open()

    def _on_saved(self, path: Path) -> None:
        self._say(self.tr("Saved as {name}"), path)

    def _on_left_out(self, path: Path) -> None:
        self._say(
            self.tr("Saved as {name}, without prompt and settings: JPEG has no room for so many."),
            path,
        )

    def _say(self, words: str, path: Path) -> None:
        words = words.replace("{name}", path.name)
        self.noticed.emit(Notice(words, self.tr("Open the folder"), lambda: open_folder(path)))
