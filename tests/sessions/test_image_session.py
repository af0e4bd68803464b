"""Pictures on their way: from the order to the file, and what happens when something goes wrong."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from studio.core.errors import ErrorKind, StoredError, StudioError
from studio.core.images import GeneratedImage, ImageJob, JobStatus
from studio.sessions.images.session import PollInterval
from studio.sessions.requests.request_queue import TurnKind
from studio.storage.pictures import jobs, library_rows
from studio.storage.pictures.file_settings import read_settings
from tests.painting_parts import ELSEWHERE, HERE, Painting, PictureService, png, request, until


@pytest.fixture
def pictures() -> PictureService:
    return PictureService()


@pytest.fixture
async def run(tmp_path: Path, pictures: PictureService) -> AsyncIterator[Painting]:
    running = Painting(tmp_path, pictures)
    yield running
    await running.quit()


async def arrival(run: Painting, count: int = 1) -> list[GeneratedImage]:
    """Wait until `count` pictures are in the gallery and no order is left."""
    session = run.session
    await until(
        lambda: run.gallery.rowCount() >= count and not session.jobs,
        session.image_added,
        session.job_removed,
    )
    found = [run.gallery.image_at(row) for row in range(run.gallery.rowCount())]
    return [image for image in found if image is not None]


async def failure(run: Painting) -> tuple[ImageJob, StoredError]:
    """Wait until an order has failed."""
    job = await until(
        lambda: next((j for j in run.session.jobs if j.status is JobStatus.FAILED), None),
        run.session.failed,
    )
    return job, StoredError.from_json(job.error)


async def test_an_order_becomes_a_file_with_its_settings_a_row_and_a_place_in_the_gallery(
    run: Painting, pictures: PictureService
) -> None:
    run.session.generate(request())
    (image,) = await arrival(run)
    content = (run.folder / image.path).read_bytes()
    settings = read_settings(content)
    assert settings is not None
    assert settings.request == image.request == pictures.ordered[0]
    assert (image.width, image.height) == (48, 32)
    assert image.seconds is not None and image.seconds > 0
    stored = await run.database.call(library_rows.list_pictures)
    assert [each.image for each in stored] == [image]
    assert await run.database.call(jobs.load_jobs) == []
    assert pictures.fetched == ["http://127.0.0.1:1/task-1.png"]
    assert run.thumbnails.path(image.sha256).is_file()


async def test_the_task_id_is_on_disk_before_the_first_look(
    run: Painting, pictures: PictureService
) -> None:
    on_disk: list[str] = []

    async def look(_task_id: str) -> None:
        on_disk.extend(job.task_id for job in await run.database.call(jobs.load_jobs))

    pictures.on_poll = look
    run.session.generate(request())
    await arrival(run)
    assert on_disk[0] == "task-1"


async def test_a_picture_that_is_answered_at_once_is_taken_too(
    run: Painting, pictures: PictureService
) -> None:
    pictures.synchronous = True
    run.session.generate(request())
    await arrival(run)
    assert pictures.polled == []


async def test_parameters_that_the_model_refused_are_told(
    run: Painting, pictures: PictureService
) -> None:
    pictures.dropped = ("steps",)
    told: list[tuple[str, ...]] = []
    run.session.parameters_dropped.connect(lambda _id, names: told.append(names))
    run.session.generate(request(steps=30))
    await arrival(run)
    assert told == [("steps",)]


async def test_orders_go_one_after_the_other_and_wait_visibly(
    run: Painting, pictures: PictureService
) -> None:
    pictures.released = asyncio.Event()
    for prompt in ("first", "second", "third"):
        run.session.generate(request(prompt))
    await until(
        lambda: run.request_queue.waiting == 2 and len(pictures.ordered) == 1,
        run.request_queue.changed,
        pictures.bell.rung,
    )
    ahead = [run.session.progress(job.id).ahead for job in run.session.jobs]
    assert ahead == [None, 1, 2]
    assert run.session.progress(run.session.jobs[0].id).since is not None
    pictures.released.set()
    images = await arrival(run, 3)
    assert [image.request.prompt for image in images] == ["third", "second", "first"]
    assert pictures.most_at_once == 1


async def test_chat_goes_before_pictures_that_wait(run: Painting, pictures: PictureService) -> None:
    pictures.released = asyncio.Event()
    run.session.generate(request("first"))
    run.session.generate(request("second"))
    await until(lambda: run.request_queue.waiting == 1, run.request_queue.changed)
    orders_when_chat_went: list[int] = []

    async def chat() -> None:
        async with run.request_queue.turn(TurnKind.CHAT, "chat", "m"):
            orders_when_chat_went.append(len(pictures.ordered))

    run.tasks.start(chat(), "chat")
    await until(lambda: run.request_queue.waiting == 2, run.request_queue.changed)
    pictures.released.set()
    await arrival(run, 2)
    assert orders_when_chat_went == [1]


# Restarts.


async def test_a_restart_goes_on_with_a_task_and_orders_nothing_again(
    tmp_path: Path, pictures: PictureService
) -> None:
    pictures.looks = 10**9
    before = Painting(tmp_path, pictures)
    before.session.generate(request())
    await until(lambda: pictures.polled, pictures.bell.rung)
    await before.quit()
    pictures.looks = 2
    pictures.finish("task-1")
    after = Painting(tmp_path, pictures)
    await after.session.resume()
    (image,) = await arrival(after)
    assert len(pictures.ordered) == 1
    assert image.request.id == pictures.ordered[0].id
    assert image.seconds is None  # how long it really took is not known
    await after.quit()


async def test_an_order_that_was_leaving_at_a_crash_is_never_sent_again_by_itself(
    run: Painting, pictures: PictureService
) -> None:
    leaving = ImageJob(request(), HERE.origin, JobStatus.SUBMITTING)
    await run.database.call(jobs.save_job, leaving)
    await run.session.resume()
    (job,) = run.session.jobs
    assert job.status is JobStatus.FAILED
    assert StoredError.from_json(job.error).kind is ErrorKind.MAYBE_SUBMITTED
    assert pictures.ordered == []
    run.session.retry(job.id)  # the user wants it
    await arrival(run)
    assert len(pictures.ordered) == 1


async def test_an_order_that_only_waited_at_a_crash_is_sent_after_it(
    run: Painting, pictures: PictureService
) -> None:
    await run.database.call(jobs.save_job, ImageJob(request(), HERE.origin))
    await run.session.resume()
    await arrival(run)
    assert len(pictures.ordered) == 1


async def test_a_failed_order_is_still_there_after_a_restart(
    tmp_path: Path, pictures: PictureService
) -> None:
    pictures.at_submit = [StudioError(ErrorKind.MODEL_GONE)]
    before = Painting(tmp_path, pictures)
    before.session.generate(request())
    await failure(before)
    await before.quit()
    after = Painting(tmp_path, pictures)
    await after.session.resume()
    (job,) = after.session.jobs
    assert StoredError.from_json(job.error).kind is ErrorKind.MODEL_GONE
    await after.quit()


async def test_a_picture_saved_just_before_a_crash_does_not_come_twice(
    run: Painting, pictures: PictureService
) -> None:
    job = ImageJob(request(), HERE.origin, JobStatus.DOWNLOADING, "task-1", "http://127.0.0.1:1/a")
    await run.database.call(jobs.save_job, job)
    await asyncio.to_thread(run.library.keep, png(), job.request)
    await run.session.resume()
    await arrival(run)
    assert len(await run.database.call(library_rows.list_pictures)) == 1
    assert pictures.fetched == [] and pictures.polled == []


async def test_a_task_of_another_host_waits_for_it(run: Painting, pictures: PictureService) -> None:
    job = ImageJob(request(), ELSEWHERE.origin, JobStatus.PENDING, "task-1")
    pictures.finish("task-1")
    await run.database.call(jobs.save_job, job)
    await run.session.resume()
    run.session.generate(request("here"))
    await until(lambda: run.gallery.rowCount() == 1, run.session.image_added)
    assert all(origin == HERE.origin for origin in run.builders.asked_for)
    assert [each.id for each in run.session.jobs if each.origin != HERE.origin] == [job.id]
    run.service.use(ELSEWHERE, "ms-other")
    await arrival(run, 2)


async def test_without_a_token_what_was_left_waits_for_one(
    tmp_path: Path, pictures: PictureService
) -> None:
    run = Painting(tmp_path, pictures, token="")
    await run.database.call(jobs.save_job, ImageJob(request(), HERE.origin))
    await run.session.resume()
    assert run.session.jobs[0].status is JobStatus.QUEUED
    run.service.use(run.service.endpoint, "ms-now")
    await arrival(run)
    await run.quit()


async def test_a_change_of_service_under_way_neither_loses_nor_misleads_a_task(
    run: Painting, pictures: PictureService
) -> None:
    pictures.looks = 10**9
    run.session.generate(request())
    await until(lambda: pictures.polled, pictures.bell.rung)
    run.service.use(ELSEWHERE, "ms-other")
    await until(lambda: not run.request_queue.turns, run.request_queue.changed)
    assert ELSEWHERE.origin not in run.builders.asked_for
    assert run.session.jobs[0].status is JobStatus.PENDING
    pictures.finish("task-1")
    run.service.use(HERE, "ms-test")
    await arrival(run)
    assert len(pictures.ordered) == 1


# What goes wrong.


async def test_a_service_that_asks_to_slow_down_is_waited_for_visibly(
    run: Painting, pictures: PictureService
) -> None:
    pictures.at_submit = [StudioError(ErrorKind.THROTTLED, retry_after=0.05)]
    counted: list[float] = []

    def note() -> None:
        for job in run.session.jobs:
            resumes = run.session.progress(job.id).resumes_at
            if resumes is not None:
                counted.append(resumes)
                assert job.status is JobStatus.QUEUED  # surely not ordered yet

    run.session.progress_changed.connect(note)
    run.session.generate(request())
    await arrival(run)
    assert counted
    assert len(pictures.ordered) == 2


@pytest.mark.parametrize("kind", [ErrorKind.BUSY, ErrorKind.MAYBE_SUBMITTED, ErrorKind.NO_NETWORK])
async def test_an_order_that_may_have_arrived_is_not_repeated(
    run: Painting, pictures: PictureService, kind: ErrorKind
) -> None:
    pictures.at_submit = [StudioError(kind, "broken", request_id="r-1")]
    run.session.generate(request())
    _, error = await failure(run)
    assert (error.kind, error.request_id) == (kind, "r-1")
    assert len(pictures.ordered) == 1


async def test_looks_that_fail_in_passing_are_shown_and_looked_past(
    run: Painting, pictures: PictureService
) -> None:
    pictures.at_poll = [StudioError(ErrorKind.NO_NETWORK), StudioError(ErrorKind.BUSY), None]
    troubles: list[ErrorKind] = []

    def note() -> None:
        for job in run.session.jobs:
            trouble = run.session.progress(job.id).trouble
            if trouble is not None and trouble.kind not in troubles:
                troubles.append(trouble.kind)

    run.session.progress_changed.connect(note)
    run.session.generate(request())
    await arrival(run)
    assert troubles == [ErrorKind.NO_NETWORK, ErrorKind.BUSY]
    assert len(pictures.ordered) == 1


async def test_a_token_refused_while_waiting_costs_no_second_order(
    run: Painting, pictures: PictureService
) -> None:
    pictures.at_poll = [StudioError(ErrorKind.WRONG_TOKEN)]
    run.session.generate(request())
    job, error = await failure(run)
    assert error.kind is ErrorKind.WRONG_TOKEN
    run.session.retry(job.id)
    await arrival(run)
    assert len(pictures.ordered) == 1


async def test_a_task_that_failed_is_ordered_anew_only_by_the_user(
    run: Painting, pictures: PictureService
) -> None:
    pictures.at_poll = [StudioError(ErrorKind.TASK_FAILED, "no luck")]
    run.session.generate(request())
    job, error = await failure(run)
    assert (error.kind, error.detail) == (ErrorKind.TASK_FAILED, "no luck")
    assert len(pictures.ordered) == 1
    run.session.retry(job.id)
    await arrival(run)
    assert len(pictures.ordered) == 2


async def test_a_task_that_takes_too_long_ends_and_can_be_looked_at_again(
    tmp_path: Path, pictures: PictureService
) -> None:
    pictures.looks = 10**9
    run = Painting(tmp_path, pictures, pace=PollInterval(0.005, 0.01, 0.05))
    run.session.generate(request())
    job, error = await failure(run)
    assert error.kind is ErrorKind.TASK_OVERDUE
    pictures.finish("task-1")
    run.session.retry(job.id)
    await arrival(run)
    assert len(pictures.ordered) == 1
    await run.quit()


async def test_a_result_that_is_gone_is_asked_for_once_more_before_a_new_order(
    run: Painting, pictures: PictureService
) -> None:
    gone = StudioError(ErrorKind.RESULT_GONE)
    pictures.at_download = [gone, gone, None]
    pictures.looks = 1
    run.session.generate(request())
    job, _ = await failure(run)
    pictures.finish("task-1")
    run.session.retry(job.id)
    await until(lambda: len(pictures.fetched) == 2, pictures.bell.rung)
    await failure(run)
    assert len(pictures.ordered) == 1
    run.session.retry(job.id)
    await arrival(run)
    assert len(pictures.ordered) == 2


async def test_what_is_no_picture_is_not_saved(run: Painting, pictures: PictureService) -> None:
    pictures.content = b"<html>sign in</html>"
    run.session.generate(request())
    _, error = await failure(run)
    assert error.kind is ErrorKind.NOT_A_PICTURE
    assert not run.folder.exists() or not list(run.folder.iterdir())
    assert await run.database.call(library_rows.list_pictures) == []


async def test_a_folder_that_refuses_costs_no_second_order(
    run: Painting, pictures: PictureService
) -> None:
    run.folder.write_text("a file where the folder should be")
    run.session.generate(request())
    job, error = await failure(run)
    assert error.kind is ErrorKind.STORAGE
    run.folder.unlink()
    pictures.finish("task-1")
    run.session.retry(job.id)
    await arrival(run)
    assert len(pictures.ordered) == 1


async def test_without_a_database_nothing_is_ordered(
    run: Painting, pictures: PictureService
) -> None:
    refused: list[StoredError] = []
    run.session.refused.connect(refused.append)
    run.database.close()
    run.session.generate(request())
    await until(lambda: refused, run.session.refused)
    assert refused[0].kind is ErrorKind.STORAGE
    assert pictures.ordered == []
    assert run.session.jobs == ()


async def test_without_a_token_the_order_says_so(tmp_path: Path, pictures: PictureService) -> None:
    run = Painting(tmp_path, pictures, token="")
    run.session.generate(request())
    _, error = await failure(run)
    assert error.kind is ErrorKind.NO_TOKEN
    await run.quit()


# Cancelling.


async def test_a_waiting_order_that_is_cancelled_leaves_no_trace(
    run: Painting, pictures: PictureService
) -> None:
    pictures.released = asyncio.Event()
    run.session.generate(request("first"))
    run.session.generate(request("second"))
    await until(lambda: run.request_queue.waiting == 1, run.request_queue.changed)
    run.session.cancel(run.session.jobs[1].id)
    await until(lambda: len(run.session.jobs) == 1, run.session.job_removed)
    assert len(await run.database.call(jobs.load_jobs)) == 1
    assert await run.database.call(jobs.load_jobs, ended=True) == []
    pictures.released.set()
    await arrival(run)
    assert [each.prompt for each in pictures.ordered] == ["first"]


async def test_waiting_for_a_running_one_can_be_stopped_and_taken_up_again(
    run: Painting, pictures: PictureService
) -> None:
    pictures.looks = 10**9
    run.session.generate(request())
    await until(lambda: pictures.polled, pictures.bell.rung)
    job_id = run.session.jobs[0].id
    run.session.cancel(job_id)
    await until(lambda: run.session.jobs[0].status is JobStatus.CANCELLED, run.session.job_changed)
    assert run.request_queue.turns == ()
    pictures.finish("task-1")
    run.session.retry(job_id)
    await arrival(run)
    assert len(pictures.ordered) == 1


async def test_the_queue_of_the_window_can_cancel_too(
    run: Painting, pictures: PictureService
) -> None:
    pictures.released = asyncio.Event()
    run.session.generate(request())
    await until(lambda: run.request_queue.running == 1 and pictures.ordered, pictures.bell.rung)
    run.request_queue.cancel(run.request_queue.turns[0].number)
    await until(lambda: not run.session.jobs, run.session.job_removed)


async def test_an_order_on_hold_for_another_host_can_be_taken_off(
    run: Painting, pictures: PictureService
) -> None:
    await run.database.call(jobs.save_job, ImageJob(request(), ELSEWHERE.origin))
    await run.session.resume()
    run.session.cancel(run.session.jobs[0].id)
    await until(lambda: not run.session.jobs, run.session.job_removed)
    assert await run.database.call(jobs.load_jobs) == []


async def test_a_failed_order_can_be_removed(run: Painting, pictures: PictureService) -> None:
    pictures.at_submit = [StudioError(ErrorKind.REFUSED)]
    run.session.generate(request())
    job, _ = await failure(run)
    run.session.remove(job.id)
    await until(lambda: not run.session.jobs, run.session.job_removed)
    assert await run.database.call(jobs.load_jobs, ended=True) == []


async def test_quitting_keeps_a_waiting_order_as_it_is(
    tmp_path: Path, pictures: PictureService
) -> None:
    pictures.looks = 10**9
    before = Painting(tmp_path, pictures)
    before.session.generate(request("running"))
    before.session.generate(request("waiting"))
    await until(
        lambda: pictures.polled and before.request_queue.waiting == 1,
        before.request_queue.changed,
        pictures.bell.rung,
    )
    await before.quit()
    after = Painting(tmp_path, pictures)
    stored = await after.database.call(jobs.load_jobs)
    assert [(job.request.prompt, job.status) for job in stored] == [
        ("running", JobStatus.PENDING),
        ("waiting", JobStatus.QUEUED),
    ]
    await after.quit()
