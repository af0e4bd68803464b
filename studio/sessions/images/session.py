"""Pictures on their way: order, wait, fetch, keep; every order ends, over restarts too."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from dataclasses import dataclass, field, replace

from PySide6.QtCore import QObject, Signal

from studio.core.errors import ErrorKind, StoredError, StudioError
from studio.core.images import ENDED, GeneratedImage, ImageJob, ImageRequest, JobStatus
from studio.core.messages import title_from
from studio.providers.base import Finished, ImageProvider, Submitted
from studio.sessions.images.orders import (
    PASSING,
    PollInterval,
    Progress,
    already_kept,
    can_be_looked_at_again,
    looked_at_again,
    wants_another_fetch,
)
from studio.sessions.preferences import Preferences
from studio.sessions.requests.request_queue import QueueSlot, RequestQueue, Retry, TurnKind
from studio.sessions.requests.retry import LONGEST_WAIT, delay_before_retry, tries_of
from studio.sessions.requests.service import Service
from studio.sessions.requests.tasks import TaskGroup
from studio.storage.db.database import Database
from studio.storage.pictures import jobs, library_rows
from studio.storage.pictures.library import Library
from studio.storage.pictures.thumbnails import Thumbnails

__all__ = ["ImageSession", "PollInterval", "Progress"]


@dataclass(slots=True)
class _Run:
    """A job under way."""

    task: asyncio.Task[object] | None = None
    turn: QueueSlot | None = None
    since: float | None = None
    trouble: StoredError | None = None
    refetched: bool = False
    shown: set[int] = field(default_factory=set)  # pictures of the answer that were told of


class _OtherHostError(Exception):
    """The service in force is not the one that has this job."""


class ImageSession(QObject):
    """The queue of pictures. `job_added` means: the order is on disk.

    `refused(StoredError)` means: nothing was stored or sent, keep the form. A failed job stays
    in the list with its error until it is retried or removed.
    """

    job_added = Signal(object)
    job_changed = Signal(object)
    job_removed = Signal(str)
    progress_changed = Signal()
    image_added = Signal(object)
    failed = Signal(object)
    refused = Signal(object)
    parameters_dropped = Signal(str, object)

    def __init__(
        self,
        database: Database,
        library: Library,
        thumbnails: Thumbnails,
        preferences: Preferences,
        service: Service,
        request_queue: RequestQueue,
        tasks: TaskGroup,
        pace: PollInterval | None = None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._database, self._library, self._thumbnails = database, library, thumbnails
        self._preferences = preferences
        self._service, self._request_queue, self._tasks = service, request_queue, tasks
        self._pace = pace or PollInterval()
        self._jobs: dict[str, ImageJob] = {}
        self._runs: dict[str, _Run] = {}
        self._request_queue.changed.connect(self.progress_changed)
        self._service.changed.connect(self._start_waiting)

    @property
    def jobs(self) -> tuple[ImageJob, ...]:
        """Jobs without a picture yet, oldest first; failed and stopped ones too."""
        return tuple(self._jobs.values())

    def job(self, job_id: str) -> ImageJob | None:
        """A job of the list."""
        return self._jobs.get(job_id)

    def progress(self, job_id: str) -> Progress:
        """What a job is doing now."""
        run = self._runs.get(job_id)
        if run is None:
            return Progress()
        if run.turn is not None:
            return Progress(run.since, run.turn.resumes_at, None, run.trouble)
        waiting = [each for each in self._request_queue.turns if each.task is run.task]
        ahead = len(self._request_queue.before(waiting[0])) if waiting else None
        return Progress(None, None, ahead, run.trouble)

    # Verbs of the user.

    def generate(self, request: ImageRequest) -> None:
        """Store an order and queue it."""
        job = ImageJob(request, self._service.endpoint.origin)
        self._tasks.start(self._accept(job), "accept an order")

    def cancel(self, job_id: str) -> None:
        """Take a waiting job back, or stop waiting for a running one: nothing can stop that."""
        run = self._runs.get(job_id)
        if run is not None and run.task is not None and not run.task.done():
            run.task.cancel()
        elif job_id in self._jobs:
            # On hold for another service: nothing runs that could be stopped.
            self._tasks.start(self._remove(job_id), "remove an order")

    def retry(self, job_id: str) -> None:
        """Look again where the service may still have the picture, else order it once more."""
        job = self._jobs.get(job_id)
        if job is None or job.status not in (JobStatus.FAILED, JobStatus.CANCELLED):
            return
        run = self._runs.get(job_id) or _Run()
        again = self._again(job, run)
        self._jobs[job_id] = again
        self._begin(again, run)

    def remove(self, job_id: str) -> None:
        """Take an ended job off the list."""
        job = self._jobs.get(job_id)
        if job is not None and job.status in ENDED:
            self._tasks.start(self._remove(job_id), "remove an order")

    async def resume(self) -> None:
        """Read what the last run of the program left and go on with it."""
        stored = await self._database.call(jobs.load_jobs, ended=True)
        stored += await self._database.call(jobs.load_jobs)
        for job in stored:
            if job.id in self._jobs or job.status is JobStatus.DONE:
                continue
            if job.status is JobStatus.SUBMITTING:
                # Whether it arrived is not known, and a second order may cost a second time.
                error = StoredError(ErrorKind.MAYBE_SUBMITTED).to_json()
                job = replace(job, status=JobStatus.FAILED, error=error)  # noqa: PLW2901
                await self._database.call(jobs.save_job, job)
            self._jobs[job.id] = job
            self.job_added.emit(job)
        self._start_waiting()

    # What happens.

    def _start_waiting(self) -> None:
        for job in list(self._jobs.values()):
            idle = job.id not in self._runs
            if job.status not in ENDED and idle and self._is_ours(job):
                self._begin(job, _Run())

    def _is_ours(self, job: ImageJob) -> bool:
        return job.origin == self._service.endpoint.origin and self._service.has_token

    def _begin(self, job: ImageJob, run: _Run) -> None:
        self._runs[job.id] = run
        run.task = self._tasks.start(self._run(job, run), "make a picture")

    def _again(self, job: ImageJob, run: _Run) -> ImageJob:
        origin = self._service.endpoint.origin
        if can_be_looked_at_again(job, origin, refetched=run.refetched):
            run.refetched = wants_another_fetch(job)
            return looked_at_again(job)
        run.shown.clear()
        return ImageJob(job.request, origin, created_at=job.created_at)

    async def _accept(self, job: ImageJob) -> None:
        try:
            await self._database.call(jobs.save_job, job)
        except StudioError as error:
            self.refused.emit(error.stored())
            return
        self._jobs[job.id] = job
        self.job_added.emit(job)
        self._begin(job, _Run())

    async def _remove(self, job_id: str) -> None:
        await self._database.call(jobs.forget_job, job_id)
        self._jobs.pop(job_id, None)
        self._runs.pop(job_id, None)
        self.job_removed.emit(job_id)

    async def _run(self, job: ImageJob, run: _Run) -> None:
        # Until something else is known, an end of this coroutine is a fault of ours.
        outcome: StudioError | None = StudioError(ErrorKind.BUG)
        try:
            await self._store(job)
            await self._paint(job, run)
            outcome = None
        except _OtherHostError:
            outcome = None
            self._runs.pop(job.id, None)
        except StudioError as error:
            outcome = error
        except asyncio.CancelledError:
            outcome = None
            if not self._tasks.closing:
                await self._end(job.id, run, JobStatus.CANCELLED, None)
            raise
        except GeneratorExit:
            outcome = None  # thrown away with its loop: nothing can be awaited any more
            raise
        finally:
            if outcome is not None:
                await self._end(job.id, run, JobStatus.FAILED, outcome.stored())

    async def _paint(self, job: ImageJob, run: _Run) -> None:
        await self._service.ready()
        known = bool(job.task_id or job.result_url)
        if not known:
            self._service.admit(job.request.model)
        label = title_from(job.request.prompt)
        lane = self._request_queue.turn(TurnKind.IMAGE, label, job.request.model, pending=known)
        async with lane as run.turn:
            run.since = time.monotonic()
            if not known:
                await self._order(job, run)
                self._request_queue.hand_over(run.turn)
            if not self._jobs[job.id].result_url:
                await self._wait(self._jobs[job.id], run, at_once=known)
            # The time of a picture that was ordered before a restart is not known.
            started = None if known else run.since
            await self._fetch(self._jobs[job.id], run, started)
        await self._remove(job.id)

    def _provider(self, job: ImageJob) -> ImageProvider:
        if job.origin != self._service.endpoint.origin:
            raise _OtherHostError
        return self._service.images()

    async def _order(self, job: ImageJob, run: _Run) -> None:
        """Order the picture: what came of it, a task id or addresses, is on disk afterwards."""
        tries = 0
        answer: Submitted | Finished | None = None
        while answer is None:
            tries += 1
            provider = self._provider(job)
            await self._store(replace(job, status=JobStatus.SUBMITTING, submitted_at=time.time()))
            try:
                answer = await provider.submit(job.request)
            except StudioError as error:
                delay = delay_before_retry(error, tries)
                # Only a refusal for being too fast is surely no order; all else may cost twice.
                if delay is None or error.kind is not ErrorKind.THROTTLED:
                    raise
                await self._store(replace(job, status=JobStatus.QUEUED))
                assert run.turn is not None
                retry = Retry(error.kind, tries + 1, tries_of(error.kind))
                await self._request_queue.back_off(run.turn, delay, retry)
                run.since = time.monotonic()
        if answer.dropped:
            self.parameters_dropped.emit(job.id, answer.dropped)
        if isinstance(answer, Finished):
            await self._found(job, answer)
            return
        pending = replace(
            self._jobs[job.id],
            status=JobStatus.PENDING,
            task_id=answer.task_id,
            submitted_at=time.time(),
        )
        await self._store(pending)

    async def _wait(self, job: ImageJob, run: _Run, *, at_once: bool) -> None:
        """Look at the task until it ends; what fails in passing is shown and looked past."""
        pause = self._pace.first
        begun = time.monotonic()
        age = max(0.0, time.time() - (job.submitted_at or 0.0))
        known = begun - age  # when the service surely knew the task
        if not at_once:
            await asyncio.sleep(pause)
        while True:
            asked_for = 0.0
            try:
                answer = await self._provider(job).poll(job.task_id)
                self._set_trouble(run, None)
                if isinstance(answer, Finished):
                    await self._found(job, answer)
                    return
                known = time.monotonic()
            except StudioError as error:
                if error.kind is ErrorKind.TASK_UNKNOWN:
                    if time.monotonic() - known >= self._pace.unknown:
                        raise
                elif error.kind in PASSING:
                    self._set_trouble(run, error.stored())
                    asked_for = min(error.retry_after or 0.0, LONGEST_WAIT)
                else:
                    raise
            if time.monotonic() - begun >= self._pace.deadline:
                raise StudioError(ErrorKind.TASK_OVERDUE)
            await asyncio.sleep(max(pause, asked_for))
            pause = min(pause * 1.25, self._pace.longest)

    async def _found(self, job: ImageJob, finished: Finished) -> None:
        """Keep where the pictures are, those within the answer too: they were paid for."""
        if not finished.urls:
            raise StudioError(ErrorKind.RESULT_GONE)
        addresses = "\n".join("".join(each.splitlines()) for each in finished.urls)
        known = self._jobs[job.id]
        await self._store(replace(known, status=JobStatus.DOWNLOADING, result_url=addresses))

    async def _fetch(self, job: ImageJob, run: _Run, started: float | None) -> None:
        """Fetch and keep each picture that is not in the library; one that fails costs no other."""
        if job.status is not JobStatus.DOWNLOADING:
            await self._store(replace(job, status=JobStatus.DOWNLOADING))
        rows = await self._database.call(library_rows.pictures_of_order, job.id)
        deleted = {row.image.id for row in rows if row.deleted_at is not None}
        kept = already_kept(job, (row.image for row in rows))
        problem: StudioError | None = None
        for place, url in enumerate(job.addresses):
            try:
                image = kept.get(place) or await self._fetch_one(job, place, url, started)
            except StudioError as error:
                problem = problem or error
                continue
            if place not in run.shown and image.id not in deleted:
                self.image_added.emit(image)
            run.shown.add(place)
        if problem is not None:
            raise problem

    async def _fetch_one(
        self, job: ImageJob, place: int, url: str, started: float | None
    ) -> GeneratedImage:
        content = await self._provider(job).download(url)
        seconds = None if started is None else time.monotonic() - started
        return await asyncio.to_thread(self._keep, content, job, place, seconds)

    def _keep(
        self, content: bytes, job: ImageJob, place: int, seconds: float | None
    ) -> GeneratedImage:
        # In a worker thread: encoding a large picture takes a second.
        image = self._library.keep(
            content,
            job.request,
            seconds=seconds,
            demo=self._service.demo,
            with_settings=self._preferences.settings.picture_metadata,
            picture_id=job.picture_id(place),
        )
        with suppress(StudioError):  # without a thumbnail the picture itself is decoded
            self._thumbnails.make(image.sha256, self._library.read(image))
        return image

    async def _end(
        self, job_id: str, run: _Run, status: JobStatus, error: StoredError | None
    ) -> None:
        """Close a job that has no picture; one that never left is taken off the list."""
        run.turn = run.since = run.trouble = None
        known = self._jobs[job_id]
        if status is JobStatus.CANCELLED and not known.task_id and not known.result_url:
            await asyncio.shield(self._remove(job_id))
            return
        job = replace(known, status=status, error=error.to_json() if error else "")
        try:
            await self._store(job)
        except StudioError:
            # The list shows it; after a restart it goes on from where it was stored last.
            self.job_changed.emit(job)
        if status is JobStatus.FAILED:
            self.failed.emit(job)

    def _set_trouble(self, run: _Run, trouble: StoredError | None) -> None:
        if trouble != run.trouble:
            run.trouble = trouble
            self.progress_changed.emit()

    async def _store(self, job: ImageJob) -> None:
        # In memory first: a task id must not be lost when the task is cancelled while it is saved.
        self._jobs[job.id] = job
        await asyncio.shield(self._database.call(jobs.save_job, job))
        self.job_changed.emit(job)
