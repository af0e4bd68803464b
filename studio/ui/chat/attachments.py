"""The pictures of the next question: taken in by drop, paste, file dialog or address."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QElapsedTimer, QMimeData, QObject, QUrl, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog, QInputDialog

from studio.core.errors import StoredError
from studio.core.messages import ImagePart
from studio.sessions.chat.pictures import Change, Pictures, ReadyPicture
from studio.ui.chat.composer import Composer
from studio.ui.chat.picture_tray import PictureTray, Refusals
from studio.ui.links import safe_url
from studio.ui.look import text
from studio.ui.widgets.notice import Notice
from studio.ui.widgets.picture_sources import sources_of, words_of
from studio.ui.widgets.words_line import guard

MOST = 8
# Some platforms deliver one drop twice: the same sources again within this time are the same drop.
_TWICE_MS = 500


class QuestionPictures(QObject):
    """Shows each picture in the composer's tray until it is sent or removed."""

    changed = Signal()
    noticed = Signal(object)
    came_late = Signal(str, object)  # a place, and the ImagePart that was being read for it

    def __init__(self, pictures: Pictures, composer: Composer) -> None:
        super().__init__(composer)
        self._pictures, self._composer = pictures, composer
        self._place = ""  # which draft they are part of
        self._late: dict[str, str] = {}  # those that are being read for another one
        self._waiting: set[str] = set()
        self._ready: dict[str, ImagePart] = {}
        # Name, size and what is sent of each card, in the language of the moment.
        self._words: dict[str, Callable[[], tuple[str, str, str]]] = {}
        self._objection: Callable[[], str] = lambda: ""
        self._last_drop: tuple[str, ...] = ()
        self._dropped_at = QElapsedTimer()
        # Of files that may be long pictures: what they can be cut from.
        self._sources: dict[str, tuple[Path | bytes, str, int]] = {}
        self._names: dict[str, str] = {}  # of those that are being read
        self._refusals, self.tray = Refusals(), PictureTray()
        composer.tray.addWidget(self._refusals)
        composer.tray.addWidget(self.tray)
        composer.field.picture_pasted.connect(self.paste)
        self.tray.removed.connect(self._on_removed)
        self.tray.offer_taken.connect(self._send_in_pieces)
        pictures.prepared.connect(self._on_prepared)
        pictures.refused.connect(self._on_refused)
        pictures.ready.connect(self._on_thumbnail)

    @property
    def parts(self) -> tuple[ImagePart, ...]:
        """Pictures that may be sent."""
        return tuple(self._ready.values())

    @property
    def busy(self) -> bool:
        """Whether a picture is still being read."""
        return bool(self._waiting) or self._place in self._late.values()

    @property
    def any(self) -> bool:
        """Whether there is any picture, ready or not."""
        return self.busy or bool(self._ready)

    @staticmethod
    def takes(data: QMimeData) -> bool:
        """Whether a drag may be dropped here."""
        return data.hasUrls() or data.hasImage() or sources_of(data).any

    def set_objection(self, objection: Callable[[], str]) -> None:
        """Let `objection` say why no picture can be taken now; "" lets it in."""
        self._objection = objection

    def welcome(self) -> bool:
        """Whether pictures can be taken now; says so when they cannot."""
        words = self._objection()
        if words:
            self.noticed.emit(Notice(words))
        return not words

    def browse(self) -> None:
        """Choose files in a dialog."""
        if not self.welcome():
            return
        dialog = QFileDialog(self._composer, self.tr("Choose pictures"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
        pictures, anything = self.tr("Pictures"), self.tr("All files")
        suffixes = "*.png *.jpg *.jpeg *.jfif *.jpe *.mpo *.webp *.gif *.bmp *.avif *.apng"
        dialog.setNameFilters([f"{pictures} ({suffixes})", f"{anything} (*)"])
        dialog.filesSelected.connect(lambda names: self.add_files([Path(name) for name in names]))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def paste(self, data: QMimeData | None = None) -> None:
        """Take what the clipboard (or `data`) holds."""
        source = data or QGuiApplication.clipboard().mimeData()
        if not self._take(source):
            self.noticed.emit(Notice(self.tr("There is no picture on the clipboard.")))

    def drop(self, data: QMimeData) -> None:
        """Take what was dropped; the same drop delivered twice counts once.

        Words, and pictures between words, become words of the message as when they are pasted.
        """
        sources = (*data.formats(), *(url.toString() for url in data.urls()))
        again = self._dropped_at.isValid() and self._dropped_at.elapsed() < _TWICE_MS
        if sources == self._last_drop and again:
            return
        self._last_drop = sources
        self._dropped_at.start()
        if words := words_of(data):
            self._composer.field.insertPlainText(words)
            self._composer.field.setFocus()
        elif not self._take(data):
            self.noticed.emit(Notice(self.tr("There is no picture in what was dropped.")))

    def ask_address(self) -> None:
        """Ask for the address of a picture on the web."""
        if not self.welcome():
            return
        dialog = QInputDialog(self._composer)
        dialog.setWindowTitle(self.tr("Picture address"))
        dialog.setLabelText(self.tr("Address of a picture; the service fetches it itself"))
        dialog.setTextValue("https://")
        guard(dialog)
        dialog.resize(480, 120)
        dialog.textValueSelected.connect(self.add_address)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def retranslate(self) -> None:
        """Set all words anew."""
        for key in self._words:
            self._show_words(key)

    def add_files(self, paths: Sequence[Path]) -> None:
        """Take files; more than fit are named and left out."""
        if not self.welcome():
            return
        for path in dict.fromkeys(paths):  # some drags name a file twice
            if not self._room():
                break
            name = os.fsencode(path.name).decode("utf-8", "replace")
            key = self._pictures.add_file(path)
            self._sources[key] = (path, name, 0)
            self._begin(key, name)

    def add_bytes(self, content: bytes, name: str) -> None:
        """Take an encoded picture from elsewhere in the program."""
        if self.welcome() and self._room():
            key = self._pictures.add_bytes(content, name)
            self._sources[key] = (content, name, 0)
            self._begin(key, name)

    def add_address(self, address: str) -> None:
        """Take the address of a picture: the service itself will fetch it, where it can.

        What is within the address, on this computer or in the own network is read here.
        """
        if address[:5].lower() == "data:":
            if self.welcome() and self._room():
                name = self.tr("Pasted picture")
                self._begin(self._pictures.add_inline(address, name), name)
            return
        url = safe_url(address)
        if url is None:
            words = self.tr(
                "This is not a picture address. One begins with https:// and has no spaces."
            )
            self.noticed.emit(Notice(words))
            return
        key = address.strip()
        if key in self._ready or not self.welcome() or not self._room():
            return
        if self._pictures.is_near(url.host()):
            name = url.fileName() or url.host()
            self._begin(self._pictures.add_near(key, name), name)
            return
        self._ready[key] = ImagePart(url=key, name=url.fileName() or url.host())
        name, host = self._ready[key].name, url.host()
        self.tray.add(key)
        self._words[key] = lambda: (name, host, self.tr("Fetched by the service itself"))
        self._show_words(key)
        self.changed.emit()

    def remove(self, parts: Sequence[ImagePart]) -> None:
        """These have been sent; what came in meanwhile stays."""
        self._refusals.clear()
        for key in [key for key, part in self._ready.items() if part in parts]:
            del self._ready[key]
            self._take_away(key)

    def replace(self, parts: Sequence[ImagePart], place: str) -> None:
        """Show the pictures of another draft; what is still being read belongs to the last one."""
        self._late |= dict.fromkeys(self._waiting, self._place)
        self._place = place
        self._refusals.clear()
        for key in [*self._waiting, *self._ready]:
            self._take_away(key)
        self._waiting.clear()
        self._ready = {part.url or f"kept-{part.sha256}": part for part in parts}
        for key, part in self._ready.items():
            self.tray.add(key)
            self._words[key] = partial(self._words_of_kept, part)
            self._show_words(key)
            self._show_thumbnail(key)

    def belong_to(self, place: str) -> None:
        """All of this is part of another draft from now on."""
        before, self._place = self._place, place
        self._late = {key: place if at == before else at for key, at in self._late.items()}

    def _room(self) -> bool:
        """Whether one more picture fits; says so when none does."""
        if len(self._ready) + len(self._waiting) < MOST:
            return True
        left = self.tr("At most {n} pictures go with one question; the others were left out.")
        self.noticed.emit(Notice(left.replace("{n}", str(MOST))))
        return False

    def _take(self, data: QMimeData) -> bool:
        found = sources_of(data)
        name = self.tr("Pasted picture")
        if found.files:
            self.add_files(found.files)
        elif found.encoded:
            self.add_bytes(found.encoded, name)
        elif found.pixels is not None and self.welcome() and self._room():
            self._begin(self._pictures.add_image(found.pixels, name), name)
        for address in found.addresses:
            self.add_address(address)
        return found.any

    def _send_in_pieces(self, key: str) -> None:
        """Put the pieces of a long picture in its place."""
        source, name, count = self._sources[key]
        self._on_removed(key)
        for number, piece in enumerate(self._pictures.add_slices(source, name, count), start=1):
            self._begin(piece, f"{name} {number}/{count}")

    def _begin(self, key: str, name: str) -> None:
        self._waiting.add(key)
        self._names[key] = name
        self.tray.add(key)
        self._words[key] = lambda: (name, self.tr("Reading…"), "")
        self._show_words(key)
        self.changed.emit()

    def _on_prepared(self, key: str, ready: ReadyPicture) -> None:
        if key in self._late:
            self._on_late(self._late.pop(key), ready.part)
        if key not in self._waiting:
            return  # removed meanwhile, or another tab's
        self._waiting.discard(key)
        self._ready[key] = ready.part
        self._words[key] = lambda: self._words_of(ready)
        if ready.slices and key in self._sources:
            self._sources[key] = (*self._sources[key][:2], ready.slices)
        else:
            self._sources.pop(key, None)
        self._show_words(key)
        self._show_thumbnail(key)
        self.changed.emit()

    def _on_late(self, place: str, part: ImagePart) -> None:
        self.came_late.emit(place, part)
        if place == self._place:
            self.replace((*self.parts, part), place)

    def _words_of(self, ready: ReadyPicture) -> tuple[str, str, str]:
        original = text.pixels(ready.original_width, ready.original_height)
        size = [text.byte_size(ready.original_bytes)] if ready.original_bytes else []
        notes = {
            Change.ONE_FRAME: self.tr("one frame of the animation"),
            Change.ONE_OF_SEVERAL: self.tr("the first of the pictures in the file"),
            Change.MENDED: self.tr("the file is damaged, this is what can be seen"),
            Change.ENLARGED: self.tr("enlarged"),
            Change.PADDED: self.tr("with white around it"),
            Change.FLATTENED: self.tr("on white"),
        }
        noted = [notes[change] for change in ready.changes if change in notes]
        sent = self._words_of_sending(ready.part)
        return ready.part.name, " · ".join([original, *size]), " · ".join([sent, *noted])

    def _words_of_kept(self, part: ImagePart) -> tuple[str, str, str]:
        if part.url:
            host = QUrl(part.url).host()
            return part.name, host, self.tr("Fetched by the service itself")
        return part.name, "", self._words_of_sending(part)

    def _words_of_sending(self, part: ImagePart) -> str:
        kind = part.media_type.rpartition("/")[2].upper()
        sent = self.tr("Will be sent: {size} {kind}, {bytes}, no metadata")
        for name, value in (
            ("size", text.pixels(part.width, part.height)),
            ("kind", kind),
            ("bytes", text.byte_size(part.byte_size)),
        ):
            sent = sent.replace("{" + name + "}", value)
        return sent

    def _show_words(self, key: str) -> None:
        card = self.tray.card(key)
        if card is None:
            return
        card.set_words(*self._words[key]())
        count = self._sources[key][2] if key in self._sources else 0
        others = len(self._ready) + len(self._waiting) - 1
        fits = count and others + count <= MOST
        card.offer(self.tr("Send in %n piece(s)", "", count) if fits else "")

    def _take_away(self, key: str) -> None:
        for known in (self._words, self._sources, self._names):
            known.pop(key, None)
        self.tray.remove(key)

    def _on_refused(self, key: str, error: StoredError) -> None:
        if key not in self._waiting:
            return
        self._waiting.discard(key)
        name = self._names[key]
        self._take_away(key)
        # All of them in one place that covers nothing, each by its name.
        self._refusals.add(name, text.error_words(error)[1] or text.error_sentence(error))
        self.changed.emit()

    def _on_removed(self, key: str) -> None:
        self._waiting.discard(key)
        self._ready.pop(key, None)
        self._take_away(key)
        self.changed.emit()

    def _on_thumbnail(self, sha256: str) -> None:
        for key, part in self._ready.items():
            if part.sha256 == sha256:
                self._show_thumbnail(key)

    def _show_thumbnail(self, key: str) -> None:
        card, part = self.tray.card(key), self._ready[key]
        image = self._pictures.thumbnail(part.sha256) if part.sha256 else None
        if card is not None and image is not None:
            card.thumbnail.show_image(image)
