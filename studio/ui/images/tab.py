"""The Images tab: a form at the left, the picture in the middle, earlier ones below, the queue."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QEvent, QSize, Signal
from PySide6.QtGui import QGuiApplication, QImage, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from studio.core.errors import ErrorAction, StoredError
from studio.core.image_error_texts import IMAGE_TEXTS
from studio.core.images import ENDED, GeneratedImage, ImageJob, ImageRequest
from studio.core.models import Capability
from studio.sessions.studio import Studio
from studio.ui.images.filmstrip import Filmstrip
from studio.ui.images.form import ImageForm
from studio.ui.images.form_draft import FormDraft
from studio.ui.images.queue import QueuePanel
from studio.ui.images.saving import PictureSaver
from studio.ui.images.stage import ImageStage
from studio.ui.links import open_folder
from studio.ui.look import theme
from studio.ui.look.text import error_sentence, listed
from studio.ui.widgets.controls import hairline, label, panel
from studio.ui.widgets.notice import Notice

_LOW = 480  # pixels: below this the strip of pictures stands without its heading


class ImageTab(QWidget):
    """`noticed(Notice)` and `help_requested(ErrorAction)` are for the window."""

    noticed = Signal(object)
    help_requested = Signal(object)

    def __init__(self, studio: Studio, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._studio = studio
        self._painting, self._gallery = studio.painting, studio.gallery
        self._queue_wanted = True
        self._saver = PictureSaver(studio.gallery, self)
        self._copying = ""
        self._following = True  # whether what arrives is shown, or somebody looks at another
        self._build()
        self._connect()
        self.retranslate()
        self._show_newest()

    # Layout.

    def _build(self) -> None:
        settings = self._studio.preferences.settings
        size, space = theme.current().size, theme.current().space
        catalogue = self._studio.catalogue
        model = catalogue.default(Capability.TEXT_TO_IMAGE, settings.image_model.strip())
        self._form = ImageForm(catalogue, model)
        FormDraft(self._form, self._studio.drafts)
        left = panel("bar")
        left.setFixedWidth(size.form)
        form_column = QVBoxLayout(left)
        form_column.setContentsMargins(0, 0, 0, 0)
        form_column.addWidget(self._form)
        self._stage = ImageStage()
        self._strip_title = label("label")
        self._strip = Filmstrip(self._gallery)
        middle = panel("surface")
        column = QVBoxLayout(middle)
        column.setContentsMargins(space.l, 0, space.l, space.s)
        column.setSpacing(space.s)
        column.addWidget(self._stage, 1)
        self.remarks = QWidget()
        self.remarks.setFixedHeight(0)
        column.addWidget(self.remarks)
        column.addWidget(self._strip_title)
        column.addWidget(self._strip)
        self._queue = QueuePanel(self._painting)
        self._queue_line = hairline(vertical=True)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(left)
        row.addWidget(hairline(vertical=True))
        row.addWidget(middle, 1)
        row.addWidget(self._queue_line)
        row.addWidget(self._queue)

    @property
    def writing_field(self) -> QPlainTextEdit:
        """Where one writes."""
        return self._form.prompt_editor

    def _connect(self) -> None:
        self._form.generate_requested.connect(self._on_generate)
        self._form.model_changed.connect(self._on_model_changed)
        self._form.picture_refused.connect(self._on_picture_refused)
        self._stage.picture_verb.connect(self._on_picture_verb)
        self._stage.job_verb.connect(self._on_job_verb)
        self._stage.step_wanted.connect(self._on_step_wanted)
        self._stage.other_model_wanted.connect(self._on_other_model_wanted)
        self._stage.sample_chosen.connect(self._on_sample)
        self._stage.stepped.connect(self._on_stepped)
        self._stage.pixels_wanted.connect(self._gallery.ask_pixels)
        self._strip.opened.connect(self.show_image)
        self._queue.opened.connect(self.show_job)
        painting, gallery = self._painting, self._gallery
        painting.job_added.connect(self._on_job_added)
        painting.job_changed.connect(self._on_job_changed)
        painting.job_removed.connect(self._on_job_removed)
        painting.progress_changed.connect(self._on_progress)
        painting.image_added.connect(self._on_image_added)
        painting.refused.connect(self._on_refused)
        painting.failed.connect(self._on_job_failed)
        painting.parameters_dropped.connect(self._on_parameters_dropped)
        gallery.picture_decoded.connect(self._on_decoded)
        gallery.filled.connect(self._on_filled)
        self._saver.noticed.connect(self.noticed)
        gallery.removed.connect(self._on_removed)
        gallery.failed.connect(self._on_failed)
        self._studio.catalogue.changed.connect(self._on_catalogue)

    def retranslate(self) -> None:
        """Set all words anew."""
        self._strip_title.setText(self.tr("Earlier pictures"))
        self._strip.setAccessibleName(self.tr("Earlier pictures"))

    def changeEvent(self, event: QEvent) -> None:
        """Follow a change of language."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The queue gives way in a narrow window."""
        super().resizeEvent(event)
        self._fit()

    def showEvent(self, event: QShowEvent) -> None:
        """The prompt is where one begins."""
        super().showEvent(event)
        self._fit()
        self._form.write()

    def _fit(self) -> None:
        room = self.width() >= theme.current().size.inspector_needs
        for each in (self._queue, self._queue_line):
            each.setVisible(self._queue_wanted and room)
        self._show_strip()

    # Verbs of the window.

    def perform(self, action_id: str) -> bool:
        """Do an action of the table that belongs to this tab; False when it does not."""
        verbs: dict[str, Callable[[], object]] = {
            "write": self._form.write,
            "new": self._form.write,
            "model": self._form.choose_model,
            "stop": self.stop,
            "inspector": self._toggle_queue,
        }
        verb = verbs.get(action_id)
        if verb is not None:
            verb()
        return verb is not None

    def can(self, action_id: str) -> bool:
        """Whether an action of this tab has anything to do now."""
        return action_id != "stop" or bool(self._stage.job_id)

    def stop(self) -> None:
        """Take the shown job back, or stop waiting for it."""
        if self._stage.job_id:
            self._painting.cancel(self._stage.job_id)

    def use(self, request: ImageRequest) -> None:
        """Fill the form with the settings of an earlier picture."""
        self._form.use(request)

    def use_model(self, model: str) -> None:
        """Order from another model from now on."""
        self._form.choose(model)

    def show_image(self, image: GeneratedImage) -> None:
        """Show a picture of the library, and keep it on the stage."""
        self._following = False
        self._stage.show_image(image, self._gallery.thumbnail(image.id))
        self._strip.choose(image.id)

    def show_job(self, job_id: str) -> None:
        """Show a picture on its way."""
        job = self._painting.job(job_id)
        if job is not None:
            self._following = False
            self._strip.choose("")
            self._say_job(job)

    def save_to(self, image: GeneratedImage, path: Path) -> None:
        """Save a picture under another name; the ending says the format."""
        self._gallery.save_as(image, path)

    # What happens.

    def _say_job(self, job: ImageJob) -> None:
        self._stage.show_job(
            job,
            self._painting.progress(job.id),
            average=self._gallery.average_seconds(job.request.model),
            here=job.origin == self._studio.service.endpoint.origin,
            successor=self._studio.catalogue.successor(job.request.model, Capability.TEXT_TO_IMAGE),
        )

    def _running(self) -> ImageJob | None:
        """The job that the service works on now."""
        jobs = (job for job in self._painting.jobs if job.status not in ENDED)
        return next(
            (job for job in jobs if self._painting.progress(job.id).since is not None), None
        )

    def _show_newest(self) -> None:
        """What runs, else the last picture; a place in the queue only where there is neither."""
        running, newest = self._running(), self._gallery.newest
        waiting = next((job for job in self._painting.jobs if job.status not in ENDED), None)
        if running is not None:
            self.show_job(running.id)
        elif newest is not None:
            self.show_image(newest)
        elif waiting is not None:
            self.show_job(waiting.id)
        else:
            self._stage.show_invitation()
        self._following = True
        self._show_strip()

    def _show_strip(self) -> None:
        shown = self._gallery.newest is not None
        self._strip.setVisible(shown)
        self._strip_title.setVisible(shown and self.height() >= _LOW)

    def _on_generate(self, request: ImageRequest) -> None:
        self._painting.generate(request)

    def _on_job_added(self, job: ImageJob) -> None:
        # A new order is shown, unless one is being watched that is still to come.
        shown = self._painting.job(self._stage.job_id)
        if shown is None or shown.status in ENDED:
            self.show_job((self._running() or job).id)
            self._following = True

    def _on_job_changed(self, job: ImageJob) -> None:
        if job.id == self._stage.job_id:
            self._say_job(job)

    def _on_progress(self) -> None:
        job = self._painting.job(self._stage.job_id)
        if job is None:
            return
        running = self._running()
        waits = job.status not in ENDED and self._painting.progress(job.id).since is None
        if self._following and waits and running is not None:
            self.show_job(running.id)
            self._following = True
        else:
            self._say_job(job)

    def _on_job_removed(self, job_id: str) -> None:
        if job_id == self._stage.job_id:
            self._show_newest()

    def _on_image_added(self, image: GeneratedImage) -> None:
        self._show_strip()
        if self._following or self._stage.job_id == image.request.id:
            self.show_image(image)
            self._following = True

    def _on_filled(self) -> None:
        self._show_strip()
        if self._stage.image is None and not self._stage.job_id:
            self._show_newest()

    def _on_job_verb(self, verb: str, job_id: str) -> None:
        verbs: dict[str, Callable[[str], None]] = {
            "cancel": self._painting.cancel,
            "retry": self._painting.retry,
            "mend": self._mend,
            "remove": self._painting.remove,
        }
        verbs[verb](job_id)

    def _on_job_failed(self, job: ImageJob) -> None:
        error = StoredError.from_json(job.error)
        if fields := error.values.get("fields", "").split():
            self._form.show_refusal(job.request, fields, error.detail)

    def _mend(self, job_id: str) -> None:
        job = self._painting.job(job_id)
        if job is not None:
            error = StoredError.from_json(job.error)
            self._form.mend(job.request, error.values.get("fields", "size").split(), error.detail)

    def _on_picture_verb(self, verb: str, image: GeneratedImage) -> None:
        verbs: dict[str, Callable[[GeneratedImage], None]] = {
            "save": self._saver.ask_where,
            "copy": self._copy,
            "reuse": lambda each: self.use(each.request),
            "folder": lambda each: open_folder(self._gallery.path_of(each)),
            "delete": self._gallery.delete,
        }
        verbs[verb](image)

    def _on_step_wanted(self, action: ErrorAction) -> None:
        if action is ErrorAction.OTHER_MODEL:
            job = self._painting.job(self._stage.job_id)
            if job is not None:
                self._form.use(job.request)
            self._form.choose_model()
        else:
            self.help_requested.emit(action)

    def _on_other_model_wanted(self, model: str) -> None:
        """Order the same of another model; what that one does not take is said in the form."""
        job = self._painting.job(self._stage.job_id)
        if job is not None:
            self._form.use(job.request)
            self._form.choose(model)
            self._form.generate()

    def _on_sample(self, prompt: str) -> None:
        self._form.write_prompt(prompt)

    def _on_stepped(self, step: int) -> None:
        image = self._stage.image
        row = self._gallery.row_of(image.id) if image is not None else -1
        following = self._gallery.image_at(row + step) if row >= 0 else None
        if following is not None:
            self.show_image(following)

    def _on_model_changed(self, model: str) -> None:
        self._studio.preferences.change(image_model=model)

    @property
    def _default_model(self) -> str:
        return self._studio.catalogue.default(Capability.TEXT_TO_IMAGE)

    def _on_catalogue(self) -> None:
        self._form.set_model(self._form.model or self._default_model)

    # Saving, copying, deleting.

    def _copy(self, image: GeneratedImage) -> None:
        self._copying = image.id
        self._gallery.ask_pixels(image, QSize())

    def _on_decoded(self, image_id: str, box: QSize, decoded: QImage) -> None:
        if box.isValid():
            self._stage.show_pixels(image_id, decoded)
        elif image_id == self._copying and not decoded.isNull():
            self._copying = ""
            QGuiApplication.clipboard().setImage(decoded)
            self.noticed.emit(Notice(self.tr("The picture was copied.")))

    def _on_removed(self, image: GeneratedImage) -> None:
        if self._stage.image is not None and self._stage.image.id == image.id:
            self._show_newest()
        self._show_strip()
        self.noticed.emit(
            Notice(
                self.tr("The picture was deleted."),
                self.tr("Undo"),
                lambda: self._gallery.restore(image),
                kept=True,
                undoes=True,
            )
        )

    def _on_refused(self, error: StoredError) -> None:
        self._on_failed(error)

    def _on_failed(self, error: StoredError) -> None:
        self.noticed.emit(Notice(error_sentence(error, IMAGE_TEXTS)))

    def _on_picture_refused(self) -> None:
        words = self.tr("A prompt is words only. Drop a picture on the Vision tab to ask about it.")
        self.noticed.emit(Notice(words))

    def _on_parameters_dropped(self, _job_id: str, names: tuple[str, ...]) -> None:
        words = self.tr("This model takes no {names}: the picture came without.")
        self.noticed.emit(Notice(words.replace("{names}", listed(names))))

    def _toggle_queue(self) -> None:
        self._queue_wanted = not self._queue_wanted
        self._fit()
