"""The column at the right of the Images tab: what runs, what waits and what failed."""

from __future__ import annotations

import time

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QKeyEvent, QMouseEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from studio.core.errors import StoredError
from studio.core.image_error_texts import IMAGE_TEXTS
from studio.core.images import ImageJob, JobStatus
from studio.core.messages import title_from
from studio.sessions.images.session import ImageSession, Progress
from studio.ui.look import theme
from studio.ui.look.text import error_words, pixels, seconds
from studio.ui.widgets.controls import ElidedLabel, icon_button, label, name_it, push_button
from studio.ui.widgets.progress_ring import ProgressRing

_TICK_MS = 500
_ENDED = (JobStatus.FAILED, JobStatus.CANCELLED)


class JobRow(QFrame):
    """One job as a card: click or Enter shows it, × takes it back or away."""

    opened = Signal(str)
    closed = Signal(str)
    retried = Signal(str)

    def __init__(self, job_id: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.job_id = job_id
        self.setProperty("look", "card")
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self._build()
        self._close.clicked.connect(lambda: self.closed.emit(self.job_id))
        self._retry.clicked.connect(lambda: self.retried.emit(self.job_id))

    def show_job(self, job: ImageJob, progress: Progress) -> None:
        """Show a job as it is now."""
        title = title_from(job.request.prompt)
        self._title.setText(title)
        failed = job.status is JobStatus.FAILED
        self._reason.setVisible(failed)
        if failed and job.error:
            self._reason.setText(error_words(StoredError.from_json(job.error), IMAGE_TEXTS)[0])
        self._note.setText(self._note_words(job, progress))
        running = progress.since is not None and job.status not in _ENDED
        self._ring.setVisible(running)
        self._ring.set_turning(running)
        self._retry.setVisible(job.status in _ENDED)
        self._retry.setText(self.tr("Retry") if failed else self.tr("Look again"))
        sent = running and job.status is not JobStatus.QUEUED
        words = self.tr("Stop waiting") if sent else self.tr("Cancel")
        name_it(self._close, self.tr("Remove") if job.status in _ENDED else words)
        self.setAccessibleName(f"{title}, {self._note.text()}")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter and Space show the job, Delete takes it away."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.opened.emit(self.job_id)
        elif event.key() == Qt.Key.Key_Delete:
            self.closed.emit(self.job_id)
        else:
            super().keyPressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A click anywhere shows the job."""
        super().mouseReleaseEvent(event)
        if event.button() == Qt.MouseButton.LeftButton and self.rect().contains(
            event.position().toPoint()
        ):
            self.opened.emit(self.job_id)

    def _build(self) -> None:
        space = theme.current().space
        self._ring = ProgressRing(theme.current().size.icon)
        self._title, self._note = ElidedLabel(), label("caption", wrap=True)
        self._reason = label("bad", wrap=True)
        self._close = icon_button("x")
        self._retry = push_button("", "arrow-clockwise")
        words = QVBoxLayout()
        words.setSpacing(2)
        for each in (self._title, self._reason, self._note):
            words.addWidget(each)
        words.addWidget(self._retry, 0, Qt.AlignmentFlag.AlignLeft)
        row = QHBoxLayout(self)
        row.setContentsMargins(space.m, space.s, space.xs, space.s)
        row.setSpacing(space.s)
        row.addWidget(self._ring, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(words, 1)
        row.addWidget(self._close, 0, Qt.AlignmentFlag.AlignTop)

    def _note_words(self, job: ImageJob, progress: Progress) -> str:
        what = job.request.model.rsplit("/", 1)[-1]
        if job.request.size is not None:
            what = f"{what} · {pixels(*job.request.size)}"
        if progress.resumes_at is not None:
            left = seconds(max(progress.resumes_at - time.monotonic(), 0))
            return self.tr("again in {time}").replace("{time}", left)
        if progress.since is not None and job.status not in _ENDED:
            return f"{seconds(time.monotonic() - progress.since)} · {what}"
        return what


class QueuePanel(QFrame):
    """Follows an ImageSession; `opened(job_id)` when the user wants to see a job."""

    opened = Signal(str)

    def __init__(self, session: ImageSession, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._rows: dict[str, JobRow] = {}
        self.setProperty("look", "bar")
        self.setFixedWidth(theme.current().size.queue)
        self._ticks = QTimer(self)
        self._ticks.setInterval(_TICK_MS)
        self._ticks.timeout.connect(self._show_rows)
        self._build()
        session.job_added.connect(self._on_changed)
        session.job_changed.connect(self._on_changed)
        session.job_removed.connect(self._on_changed)
        session.progress_changed.connect(self._on_changed)
        self._retranslate()

    def showEvent(self, event: QShowEvent) -> None:
        """Bring everything up to date and count again."""
        super().showEvent(event)
        self._arrange()

    def hideEvent(self, event: QHideEvent) -> None:
        """Nobody sees it: stop counting."""
        super().hideEvent(event)
        self._ticks.stop()

    def changeEvent(self, event: QEvent) -> None:
        """Follow a change of language."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self._retranslate()

    def _build(self) -> None:
        space = theme.current().space
        self._title = label("title")
        self._heads = tuple(label("label") for _ in range(3))
        self._empty = label("muted", wrap=True)
        self._foot = label("caption", wrap=True)
        page = QWidget()
        page.setProperty("look", "page")
        column = QVBoxLayout(page)
        column.setContentsMargins(space.m, 0, space.m, space.m)
        column.setSpacing(space.s)
        self._places: list[QVBoxLayout] = []
        self._empty.setContentsMargins(space.xs, 0, space.xs, 0)
        column.addWidget(self._empty)
        for head in self._heads:
            head.setContentsMargins(space.xs, space.s, 0, 0)
            place = QVBoxLayout()
            place.setSpacing(space.s)
            column.addWidget(head)
            column.addLayout(place)
            self._places.append(place)
        column.addStretch(1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QScrollArea.Shape.NoFrame)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.viewport().setAutoFillBackground(False)
        area.setWidget(page)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(self._padded(self._title))
        whole.addWidget(area, 1)
        whole.addWidget(self._padded(self._foot))

    def _padded(self, inner: QLabel) -> QWidget:
        space = theme.current().space
        around = QWidget()
        row = QHBoxLayout(around)
        row.setContentsMargins(space.l, space.m, space.l, space.m)
        row.addWidget(inner)
        return around

    def _on_changed(self) -> None:
        if self.isVisible():
            self._arrange()

    def _group_of(self, job: ImageJob) -> int:
        if job.status in _ENDED:
            return 2
        return 0 if self._session.progress(job.id).since is not None else 1

    def _arrange(self) -> None:
        """Rows for the jobs there are, each below its heading."""
        ahead = {each.id: self._session.progress(each.id).ahead or 0 for each in self._session.jobs}
        jobs = sorted(self._session.jobs, key=lambda each: ahead[each.id])
        for gone in set(self._rows) - {job.id for job in jobs}:
            row = self._rows.pop(gone)
            row.hide()
            row.deleteLater()
        counts = [0, 0, 0]
        for job in jobs:
            row = self._rows.get(job.id) or self._new_row(job.id)
            group = self._group_of(job)
            if self._places[group].indexOf(row) != counts[group]:
                self._places[group].insertWidget(counts[group], row)
            counts[group] += 1
        for head, count in zip(self._heads, counts, strict=True):
            head.setVisible(count > 0)
        self._empty.setVisible(not jobs)
        self._show_rows()
        if counts[0]:
            self._ticks.start()
        else:
            self._ticks.stop()

    def _new_row(self, job_id: str) -> JobRow:
        row = self._rows[job_id] = JobRow(job_id)
        row.opened.connect(self.opened)
        row.retried.connect(self._session.retry)
        row.closed.connect(self._on_closed)
        return row

    def _show_rows(self) -> None:
        for job in self._session.jobs:
            row = self._rows.get(job.id)
            if row is not None:
                row.show_job(job, self._session.progress(job.id))

    def _on_closed(self, job_id: str) -> None:
        job = self._session.job(job_id)
        if job is not None and job.status in _ENDED:
            self._session.remove(job_id)
        else:
            self._session.cancel(job_id)

    def _retranslate(self) -> None:
        self._title.setText(self.tr("Queue"))
        names = (self.tr("Running"), self.tr("Waiting"), self.tr("Not finished"))
        for head, name in zip(self._heads, names, strict=True):
            head.setText(name)
        self._empty.setText(self.tr("Nothing waits. What you generate shows up here."))
        self._foot.setText(
            self.tr("Answers go first and wait for no picture. The queue is kept when you quit.")
        )
        self._show_rows()
