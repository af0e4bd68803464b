"""The place of a picture that is not there yet: waiting, running, stopped or failed."""

from __future__ import annotations

import time

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QPainter, QPaintEvent, QPen, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedLayout, QVBoxLayout, QWidget

from studio.core.errors import ErrorAction, ErrorKind, StoredError
from studio.core.image_error_texts import IMAGE_TEXTS
from studio.core.images import ImageJob, JobStatus
from studio.sessions.images.session import Progress
from studio.ui.look import theme
from studio.ui.look.text import details, error_words, seconds
from studio.ui.widgets.controls import label, name_it, push_button
from studio.ui.widgets.progress_ring import ProgressRing
from studio.ui.widgets.sheet import ScrollPage
from studio.ui.widgets.state_card import CardState, StateCard

TICK_MS = 100
_CARD_WIDTH = 700
_RUNNING = (JobStatus.SUBMITTING, JobStatus.PENDING, JobStatus.DOWNLOADING)


class JobTile(QWidget):
    """Shows one job; its seconds tick only while it is visible and the job runs.

    `cancelled`, `retried`, `removed`, `mended` are what the user wants;
    `step_wanted(ErrorAction)` is a step that lies elsewhere in the window.
    """

    cancelled = Signal()
    retried = Signal()
    removed = Signal()
    mended = Signal()
    step_wanted = Signal(object)
    other_model_wanted = Signal(str)  # order the same of this one

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._job: ImageJob | None = None
        self._progress = Progress()
        self._average: float | None = None
        self._host = self._successor = ""
        self._ticks = QTimer(self)
        self._ticks.setInterval(TICK_MS)
        self._ticks.timeout.connect(self._say)
        self._build()
        self._cancel.clicked.connect(self.cancelled)
        self._card.step_taken.connect(self._on_step)
        self._card.second_taken.connect(self._on_second)

    def show_job(
        self,
        job: ImageJob,
        progress: Progress,
        *,
        average: float | None,
        here: bool,
        successor: str = "",
    ) -> None:
        """Show a job as it is now.

        `average` is how many seconds this model took lately; `here` whether the service in use
        is the one that has the job. `successor` is the model to go on with where this one is not
        served; "" offers none.
        """
        self._successor = successor
        self._job, self._progress, self._average = job, progress, average
        self._host = "" if here else job.origin.partition("://")[2]
        ended = job.status in (JobStatus.FAILED, JobStatus.CANCELLED)
        self._pages.setCurrentWidget(self._end_page if ended else self._wait_page)
        self._ring.set_turning(not ended and progress.since is not None)
        self._say()
        self._follow()
        self.update()

    def is_ticking(self) -> bool:
        """Whether the seconds are being counted on the screen."""
        return self._ticks.isActive()

    def showEvent(self, event: QShowEvent) -> None:
        """Count again."""
        super().showEvent(event)
        self._say()
        self._follow()

    def hideEvent(self, event: QHideEvent) -> None:
        """Nobody sees it: stop counting."""
        super().hideEvent(event)
        self._follow()

    def changeEvent(self, event: QEvent) -> None:
        """Follow a change of language."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self._say()

    def paintEvent(self, event: QPaintEvent) -> None:
        """A dashed frame with the proportions that the picture will have."""
        if self._job is None or self._pages.currentWidget() is not self._wait_page:
            return
        radius = theme.current().radius.card
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.colour("line_strong"), 1, Qt.PenStyle.DashLine))
        painter.setBrush(theme.colour("sunken"))
        painter.drawRoundedRect(self.frame_rect(), radius, radius)

    def frame_rect(self) -> QRectF:
        """Where the picture will lie."""
        width, height = (self._job.request.size if self._job else None) or (1, 1)
        size = QSize(width, height).scaled(self.size(), Qt.AspectRatioMode.KeepAspectRatio)
        place = QRectF(0, 0, size.width() - 1, size.height() - 1)
        place.moveCenter(QRectF(self.rect()).center())
        return place

    def _build(self) -> None:
        space = theme.current().space
        self._ring = ProgressRing()
        self._title, self._note = label("title"), label("muted", wrap=True)
        self._cancel = push_button()
        self._wait_page = QWidget()
        column = QVBoxLayout(self._wait_page)
        column.setSpacing(space.s)
        column.addStretch(1)
        for each in (self._ring, self._title):
            column.addWidget(each, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addWidget(self._note)  # as wide as there is room: it wraps
        column.addWidget(self._cancel, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(1)
        for each in (self._title, self._note):
            each.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self._card = StateCard()
        self._card.setMaximumWidth(_CARD_WIDTH)
        self._end_page = ScrollPage()
        across = QHBoxLayout()
        across.addStretch()
        across.addWidget(self._card, 1)
        across.addStretch()
        middle = self._end_page.column
        middle.addStretch(2)
        middle.addLayout(across)
        middle.addStretch(3)
        self._pages = QStackedLayout(self)
        self._pages.addWidget(self._wait_page)
        self._pages.addWidget(self._end_page)

    def _follow(self) -> None:
        counted = self._progress.since is not None or self._progress.resumes_at is not None
        running = self._job is not None and self._job.status not in (
            JobStatus.FAILED,
            JobStatus.CANCELLED,
        )
        if counted and running and self.isVisible():
            self._ticks.start()
        else:
            self._ticks.stop()

    def _say(self) -> None:
        if self._job is None:
            return
        if self._job.status is JobStatus.FAILED:
            self._card.show_state(self._failed_words(self._job))
        elif self._job.status is JobStatus.CANCELLED:
            self._card.show_state(self._stopped_words())
        else:
            title, note = self._waiting_words(self._job, self._progress)
            self._title.setText(title)
            self._note.setText(note)
            sent = self._job.status in _RUNNING
            button = self.tr("Stop waiting") if sent else self.tr("Cancel")
            self._cancel.setText(button)
            name_it(self._cancel, button)

    def _waiting_words(self, job: ImageJob, progress: Progress) -> tuple[str, str]:
        if progress.resumes_at is not None:
            left = max(progress.resumes_at - time.monotonic(), 0)
            title = self.tr("Retrying in {time}").replace("{time}", seconds(left))
            return title, self.tr("The service asks to slow down. Your order is kept.")
        if progress.since is None:
            return self._queued_words(progress)
        spent = seconds(time.monotonic() - progress.since)
        titles = {
            JobStatus.PENDING: self.tr("Generating · {time}"),
            JobStatus.DOWNLOADING: self.tr("Fetching the picture · {time}"),
        }
        title = titles.get(job.status, self.tr("Ordering the picture · {time}"))
        return title.replace("{time}", spent), self._running_note(progress)

    def _queued_words(self, progress: Progress) -> tuple[str, str]:
        if self._host:
            note = self.tr("It goes on when {host} is used again.")
            return self.tr("On hold"), note.replace("{host}", self._host)
        note = self.tr("One request at a time, answers first.")
        if progress.ahead:
            note = self.tr("%n go(es) first.", "", progress.ahead)
        return self.tr("Waiting for its turn"), note

    def _running_note(self, progress: Progress) -> str:
        if progress.trouble is not None:
            title = error_words(progress.trouble, IMAGE_TEXTS)[0]
            return self.tr("{what}. Still trying.").replace("{what}", title)
        if self._average is None:
            return self.tr("The service tells no progress; this may take a minute.")
        took = seconds(self._average)
        return self.tr("This model recently took about {time}.").replace("{time}", took)

    def _failed_words(self, job: ImageJob) -> CardState:
        error = StoredError.from_json(job.error) if job.error else StoredError(ErrorKind.BUG)
        title, hint = error_words(error, IMAGE_TEXTS)
        bad = error.kind in (ErrorKind.BUG, ErrorKind.STORAGE, ErrorKind.WRONG_TOKEN)
        return CardState(
            "warning-circle",
            "bad" if bad else "warn",
            title,
            hint,
            details(error),
            error.request_id,
            self._step_words(error),
            self.tr("Try it offline") if self._lacks_token else self.tr("Remove"),
        )

    def _stopped_words(self) -> CardState:
        return CardState(
            "hourglass",
            "muted",
            self.tr("You stopped waiting"),
            self.tr("The service may have finished the picture meanwhile."),
            step=self.tr("Look again"),
            second=self.tr("Remove"),
        )

    def _step_words(self, error: StoredError) -> str:
        if error.values.get("fields"):
            return self.tr("Change it in the form")
        if error.kind is ErrorKind.MAYBE_SUBMITTED:
            return self.tr("Order again")
        if error.kind in (ErrorKind.TASK_OVERDUE, ErrorKind.TASK_UNKNOWN):
            return self.tr("Look again")
        if error.action is ErrorAction.OTHER_MODEL and self._successor:
            name = self._successor.rpartition("/")[2]
            return self.tr("Continue with {model}").replace("{model}", name)
        words = {
            ErrorAction.TOKEN_SETTINGS: self.tr("Open token settings"),
            ErrorAction.BIND_ACCOUNT: self.tr("Bind the account"),
            ErrorAction.VERIFY_ACCOUNT: self.tr("Verify the account"),
            ErrorAction.CREDITS_PAGE: self.tr("See my credits"),
            ErrorAction.OTHER_MODEL: self.tr("Choose another model"),
            ErrorAction.NETWORK_SETTINGS: self.tr("Network settings"),
            ErrorAction.COPY_DETAILS: self.tr("Copy details"),
        }
        return words.get(error.action, self.tr("Retry"))

    @property
    def _lacks_token(self) -> bool:
        error = self._job.error if self._job is not None else ""
        return bool(error) and StoredError.from_json(error).kind is ErrorKind.NO_TOKEN

    def _on_second(self) -> None:
        if self._lacks_token:
            self.step_wanted.emit(ErrorAction.TRY_OFFLINE)
        else:
            self.removed.emit()

    def _on_step(self) -> None:
        job = self._job
        if job is None:
            return
        error = StoredError.from_json(job.error) if job.error else None
        if error is not None and error.values.get("fields"):
            self.mended.emit()
            return
        action = error.action if error is not None else ErrorAction.RETRY
        if action is ErrorAction.OTHER_MODEL and self._successor:
            self.other_model_wanted.emit(self._successor)
        elif action in (ErrorAction.RETRY, ErrorAction.CONTINUE, ErrorAction.NONE):
            self.retried.emit()
        else:
            self.step_wanted.emit(action)
