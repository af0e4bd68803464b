"""Keeps what the form of the Images tab holds, and brings it back at the next start."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer

from studio.core.drafts import KEEP_MS, PictureDraft
from studio.sessions.chat.drafts import Drafts
from studio.ui.images.form import ImageForm

PLACE = "images"


class FormDraft(QObject):
    """Bound to one form; all of it is on the disk within half a second."""

    def __init__(self, form: ImageForm, drafts: Drafts) -> None:
        super().__init__(form)
        self._form, self._drafts = form, drafts
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(KEEP_MS)
        self._pause.timeout.connect(self._keep)
        form.changed.connect(self._on_changed)
        drafts.loaded.connect(self._restore)
        drafts.collecting.connect(self._keep)
        self._written = False  # since this form is there
        self._restore()

    def _restore(self) -> None:
        found = self._drafts.find(PLACE, PictureDraft)
        if found is not None and not self._written:
            self._form.restore(found)
            self._written = False

    def _on_changed(self) -> None:
        self._written = True
        if not self._pause.isActive():
            self._pause.start()

    def _keep(self) -> None:
        self._pause.stop()
        if self._written:
            self._drafts.put(PLACE, self._form.draft())
