"""The middle of the Images tab: an invitation, a picture on its way, or a picture."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QImage, QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import (
    QBoxLayout,
    QFrame,
    QHBoxLayout,
    QStackedLayout,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from studio.core.images import GeneratedImage, ImageJob, ImageRequest
from studio.core.messages import title_from
from studio.sessions.images.session import Progress
from studio.ui.images.image_viewer import ImageViewer
from studio.ui.images.invite import ImageInvite
from studio.ui.images.tile import JobTile
from studio.ui.look import theme
from studio.ui.look.text import moment, pixels, seconds
from studio.ui.widgets.controls import ElidedLabel, label, name_it, push_button

NARROW = 560  # pixels: less than title, facts and button beside each other need

# Verb, icon, and the key that does the same while the picture has the focus.
_BAR: tuple[tuple[str, str, str], ...] = (
    ("save", "download-simple", "Ctrl+S"),
    ("copy", "copy", "Ctrl+C"),
    ("reuse", "sliders-horizontal", "Ctrl+R"),
    ("folder", "folder-open", "Ctrl+Shift+O"),
    ("delete", "trash", "Del"),
)


class ImageStage(QWidget):
    """Shows one thing at a time.

    `picture_verb(verb, GeneratedImage)` and `job_verb(verb, job_id)` are what the user wants of
    what is shown: save, copy, reuse, folder, delete; cancel, retry, mend, remove.
    """

    picture_verb = Signal(str, object)
    job_verb = Signal(str, str)
    step_wanted = Signal(object)
    other_model_wanted = Signal(str)
    sample_chosen = Signal(str)
    stepped = Signal(int)
    pixels_wanted = Signal(object, QSize)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._image: GeneratedImage | None = None
        self._job: ImageJob | None = None
        self._narrow = False
        self._build()
        self._connect()
        self._retranslate()
        self.show_invitation()

    @property
    def image(self) -> GeneratedImage | None:
        """The picture that is shown, if it is one."""
        return self._image

    @property
    def job_id(self) -> str:
        """The job that is shown, or ""."""
        return self._job.id if self._job is not None else ""

    def show_invitation(self) -> None:
        """Nothing has been made yet."""
        self._image = self._job = None
        self._pages.setCurrentWidget(self._invite)
        self._head.setVisible(False)

    def show_job(
        self,
        job: ImageJob,
        progress: Progress,
        *,
        average: float | None,
        here: bool,
        successor: str = "",
    ) -> None:
        """A picture on its way."""
        self._image, self._job = None, job
        self._tile.show_job(job, progress, average=average, here=here, successor=successor)
        self._pages.setCurrentWidget(self._tile)
        self._say()

    def show_image(self, image: GeneratedImage, preview: QImage | None) -> None:
        """A picture; its pixels are asked for and come by `show_pixels`."""
        if self._image is not None and self._image.id == image.id:
            return  # going back to the small preview would only flicker
        self._image, self._job = image, None
        self._pages.setCurrentWidget(self._viewer)
        self._viewer.prepare(QSize(image.width, image.height), preview)
        self._say()

    def show_pixels(self, image_id: str, decoded: QImage) -> None:
        """Decoded pixels of a picture, if it is still the one that is shown."""
        if self._image is not None and self._image.id == image_id and not decoded.isNull():
            self._viewer.show_image(decoded)

    @property
    def tile(self) -> JobTile:
        """Where a picture on its way is shown."""
        return self._tile

    @property
    def viewer(self) -> ImageViewer:
        """Where a picture is shown."""
        return self._viewer

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Where there is little room, the facts stand below the title."""
        super().resizeEvent(event)
        self._narrow = self.width() < NARROW
        self._arrange_head()

    def changeEvent(self, event: QEvent) -> None:
        """Follow a change of language."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self._retranslate()

    def _build(self) -> None:
        space = theme.current().space
        self._title, self._caption = ElidedLabel("title"), label("muted", wrap=True)
        self._demo = label("demo")
        self._save = push_button("", "download-simple")
        self._head = QFrame()
        self._head.setMinimumHeight(theme.current().size.head)
        self._words = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._words.addWidget(self._title, 1)
        self._words.addWidget(self._caption)
        row = QHBoxLayout(self._head)
        row.setContentsMargins(0, space.xs, 0, space.xs)
        row.setSpacing(space.m)
        row.addLayout(self._words, 1)
        for each in (self._demo, self._save):
            row.addWidget(each, 0, Qt.AlignmentFlag.AlignVCenter)
        self._invite, self._tile, self._viewer = ImageInvite(), JobTile(), ImageViewer()
        self._buttons: dict[str, QToolButton] = {}
        self._shortcuts: list[QShortcut] = []
        for verb, icon_name, keys in _BAR:
            button = self._buttons[verb] = self._viewer.bar.add_button(icon_name)
            button.clicked.connect(lambda _=False, verb=verb: self._ask(verb))
            shortcut = QShortcut(QKeySequence(keys), self._viewer)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(lambda verb=verb: self._ask(verb))
            self._shortcuts.append(shortcut)
        pages = QWidget()
        self._pages = QStackedLayout(pages)
        for page in (self._invite, self._tile, self._viewer):
            self._pages.addWidget(page)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._head)
        column.addWidget(pages, 1)

    def _arrange_head(self) -> None:
        beside = not self._narrow
        directions = QBoxLayout.Direction
        self._words.setDirection(directions.LeftToRight if beside else directions.TopToBottom)
        self._words.setSpacing(theme.current().space.m if beside else 0)
        self._caption.setWordWrap(not beside)
        # The bar over the picture saves too.
        self._save.setVisible(beside and self._image is not None)

    def _connect(self) -> None:
        self._invite.sample_chosen.connect(self.sample_chosen)
        self._tile.cancelled.connect(lambda: self.job_verb.emit("cancel", self.job_id))
        self._tile.retried.connect(lambda: self.job_verb.emit("retry", self.job_id))
        self._tile.mended.connect(lambda: self.job_verb.emit("mend", self.job_id))
        self._tile.removed.connect(lambda: self.job_verb.emit("remove", self.job_id))
        self._tile.step_wanted.connect(self.step_wanted)
        self._tile.other_model_wanted.connect(self.other_model_wanted)
        self._viewer.stepped.connect(self.stepped)
        self._viewer.pixels_wanted.connect(self._on_pixels_wanted)
        self._save.clicked.connect(lambda: self._ask("save"))

    def _retranslate(self) -> None:
        names = {
            "save": self.tr("Save as PNG, JPEG or WebP"),
            "copy": self.tr("Copy the picture"),
            "reuse": self.tr("Use these settings again"),
            "folder": self.tr("Open the folder"),
            "delete": self.tr("Delete"),
        }
        for verb, _icon, keys in _BAR:
            shown = QKeySequence(keys).toString(QKeySequence.SequenceFormat.NativeText)
            name_it(self._buttons[verb], names[verb], shown)
        self._save.setText(self.tr("Save as"))
        name_it(self._save, names["save"])
        self._demo.setText(self.tr("Demo"))
        self._say()

    def _say(self) -> None:
        request = self._request()
        self._head.setVisible(request is not None)
        if request is None:
            return
        title = title_from(request.prompt)
        self._title.setText(title)
        self._caption.setText(self._caption_words(request))
        self._arrange_head()
        self._demo.setVisible(self._image is not None and self._image.demo)
        self._viewer.setAccessibleName(self.tr("Picture: {prompt}").replace("{prompt}", title))

    def _request(self) -> ImageRequest | None:
        if self._image is not None:
            return self._image.request
        return self._job.request if self._job is not None else None

    def _caption_words(self, request: ImageRequest) -> str:
        parts = [request.model.rsplit("/", 1)[-1]]
        if self._image is not None:
            parts.insert(0, moment(self._image.created_at))
            parts.append(pixels(self._image.width, self._image.height))
            if self._image.seconds is not None:
                parts.append(seconds(self._image.seconds))
        elif request.size is not None:
            parts.append(pixels(*request.size))
        return " · ".join(parts)

    def _ask(self, verb: str) -> None:
        if self._image is not None:
            self.picture_verb.emit(verb, self._image)

    def _on_pixels_wanted(self, box: QSize) -> None:
        if self._image is not None:
            self.pixels_wanted.emit(self._image, box)
