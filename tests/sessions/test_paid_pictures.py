"""What was paid for arrives: unknown tasks, several pictures of one answer, pictures inside it."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from studio.core.errors import ErrorKind, StoredError, StudioError
from studio.core.images import ImageJob, JobStatus
from studio.sessions.images.session import PollInterval
from studio.storage.pictures import jobs, library_rows
from tests.painting_parts import HERE, Painting, PictureService, png, request, until

UNKNOWN = StudioError(ErrorKind.TASK_UNKNOWN, "task not found")
BROKEN = StudioError(ErrorKind.CUT_SHORT)


@pytest.fixture
def pictures() -> PictureService:
    return PictureService()


@pytest.fixture
async def run(tmp_path: Path, pictures: PictureService) -> AsyncIterator[Painting]:
    running = Painting(tmp_path, pictures)
    yield running
    await running.quit()


async def arrival(run: Painting, count: int) -> None:
    """Wait until `count` pictures are in the gallery and no order is left."""
    session = run.session
    await until(
        lambda: run.gallery.rowCount() == count and not session.jobs,
        session.image_added,
        session.job_removed,
    )
    rows = await run.database.call(library_rows.list_pictures)
    assert len(rows) == count == len({row.image.path for row in rows})


async def failure(run: Painting) -> tuple[ImageJob, ErrorKind]:
    """Wait until an order has failed."""
    job = await until(
        lambda: next((j for j in run.session.jobs if j.status is JobStatus.FAILED), None),
        run.session.failed,
    )
    return job, StoredError.from_json(job.error).kind


# A task that is not known yet.


async def test_a_task_that_the_service_does_not_know_yet_is_waited_for(
    run: Painting, pictures: PictureService
) -> None:
    pictures.at_poll = [UNKNOWN, UNKNOWN, UNKNOWN, None, UNKNOWN]
    run.session.generate(request())
    await arrival(run, 1)
    assert len(pictures.ordered) == 1
    assert len(pictures.polled) == 6


async def test_a_task_that_stays_unknown_is_looked_at_again_and_not_paid_twice(
    tmp_path: Path, pictures: PictureService
) -> None:
    pictures.at_poll = [UNKNOWN] * 40
    run = Painting(tmp_path, pictures, pace=PollInterval(0.005, 0.01, 5.0, unknown=0.05))
    run.session.generate(request())
    job, kind = await failure(run)
    assert kind is ErrorKind.TASK_UNKNOWN
    assert len(pictures.polled) > 2
    for _ in range(2):
        before = len(pictures.polled)
        run.session.retry(job.id)
        await until(lambda b=before: len(pictures.polled) > b, pictures.bell.rung)  # type: ignore[misc]  # bound now
        await failure(run)
    pictures.at_poll.clear()
    run.session.retry(job.id)
    await arrival(run, 1)
    assert len(pictures.ordered) == 1
    await run.quit()


async def test_after_a_restart_the_thirty_seconds_go_on_from_the_order(
    tmp_path: Path, pictures: PictureService
) -> None:
    pictures.on_poll = lambda _task: asyncio.sleep(3600)
    before = Painting(tmp_path, pictures)
    before.session.generate(request())
    await until(lambda: pictures.polled, pictures.bell.rung)
    await before.quit()
    pictures.on_poll = None
    pictures.at_poll = [UNKNOWN, UNKNOWN]
    after = Painting(tmp_path, pictures)
    await after.session.resume()
    await arrival(after, 1)
    await after.quit()


async def test_a_look_that_is_refused_in_other_words_costs_no_second_order(
    run: Painting, pictures: PictureService
) -> None:
    pictures.at_poll = [StudioError(ErrorKind.REFUSED, "no")]
    run.session.generate(request())
    job, _ = await failure(run)
    run.session.retry(job.id)
    await arrival(run, 1)
    assert len(pictures.ordered) == 1


# Several pictures of one answer.


@pytest.mark.parametrize("synchronous", [False, True])
@pytest.mark.parametrize("broken", [0, 1, 2])
async def test_the_pictures_that_did_not_come_through_come_after_a_retry(
    run: Painting, pictures: PictureService, synchronous: bool, broken: int
) -> None:
    pictures.each, pictures.synchronous = 3, synchronous
    pictures.at_download = [BROKEN if n == broken else None for n in range(3)]
    run.session.generate(request())
    job, kind = await failure(run)
    assert kind is ErrorKind.CUT_SHORT
    assert run.gallery.rowCount() == 2  # one that fails costs no other
    run.session.retry(job.id)
    await arrival(run, 3)
    assert len(pictures.ordered) == 1
    assert len(pictures.fetched) == 4


async def test_a_result_that_is_gone_is_asked_for_anew_and_the_others_stay(
    run: Painting, pictures: PictureService
) -> None:
    pictures.each = 3
    pictures.at_download = [None, StudioError(ErrorKind.RESULT_GONE), None]
    run.session.generate(request())
    job, _ = await failure(run)
    pictures.finish("task-1")
    run.session.retry(job.id)
    await arrival(run, 3)
    assert len(pictures.ordered) == 1


@pytest.mark.parametrize("synchronous", [False, True])
async def test_all_pictures_are_there_once_after_a_kill_between_two_of_them(
    tmp_path: Path, pictures: PictureService, synchronous: bool
) -> None:
    pictures.each, pictures.synchronous = 3, synchronous

    async def hang(url: str) -> None:
        if url.endswith("1.png") and pictures.each == 3 and len(pictures.fetched) == 2:
            await asyncio.sleep(3600)

    pictures.on_download = hang
    killed = Painting(tmp_path / "killed", pictures)
    killed.session.generate(request())
    await until(lambda: len(pictures.fetched) == 2, pictures.bell.rung)
    assert killed.gallery.rowCount() == 1
    # What a killed program leaves is what the disk holds now.
    shutil.copytree(tmp_path / "killed", tmp_path / "left")
    pictures.on_download = None
    after = Painting(tmp_path / "left", pictures)
    await after.gallery.load()
    await after.session.resume()
    await arrival(after, 3)
    assert len(pictures.ordered) == 1
    await killed.quit()
    await after.quit()


async def test_an_order_that_is_made_anew_brings_all_its_pictures(
    run: Painting, pictures: PictureService
) -> None:
    pictures.each = 2
    gone = StudioError(ErrorKind.RESULT_GONE)
    pictures.at_download = [None, gone, gone]
    run.session.generate(request())
    job, _ = await failure(run)
    pictures.finish("task-1")
    run.session.retry(job.id)
    await until(lambda: len(pictures.fetched) == 3, pictures.bell.rung)
    await failure(run)
    run.session.retry(job.id)
    await arrival(run, 3)  # the one that came, and both of the second order
    assert len(pictures.ordered) == 2


async def test_a_picture_among_thousands_is_known_by_its_id(
    run: Painting, pictures: PictureService
) -> None:
    job = ImageJob(request(), HERE.origin, JobStatus.DOWNLOADING, "task-1", "http://127.0.0.1:1/a")
    await run.database.call(jobs.save_job, job)
    await asyncio.to_thread(run.library.keep, png(), job.request, picture_id=job.picture_id(0))
    for number in range(60):
        await asyncio.to_thread(run.library.keep, png(), request(f"{number}"))
    await run.session.resume()
    await until(lambda: not run.session.jobs, run.session.job_removed)
    assert pictures.fetched == [] and pictures.polled == []


async def test_a_picture_that_was_deleted_meanwhile_does_not_come_back(
    run: Painting, pictures: PictureService
) -> None:
    pictures.each = 2
    pictures.at_download = [None, BROKEN]
    run.session.generate(request())
    job, _ = await failure(run)
    image = run.gallery.image_at(0)
    assert image is not None
    run.gallery.delete(image)
    await until(lambda: run.gallery.rowCount() == 0, run.gallery.removed)
    run.session.retry(job.id)
    await arrival(run, 1)


# Pictures inside the answer.


async def test_a_picture_inside_the_answer_is_not_paid_twice_when_the_disk_was_full(
    run: Painting, pictures: PictureService
) -> None:
    pictures.synchronous = pictures.inside = True
    pictures.each = 2
    run.folder.write_text("no room here")
    run.session.generate(request())
    job, kind = await failure(run)
    assert kind is ErrorKind.STORAGE
    run.folder.unlink()
    run.session.retry(job.id)
    await arrival(run, 2)
    assert len(pictures.ordered) == 1
    assert await run.database.call(jobs.load_jobs, ended=True) == []


async def test_it_is_there_after_a_restart_too(tmp_path: Path, pictures: PictureService) -> None:
    pictures.synchronous = pictures.inside = True
    before = Painting(tmp_path, pictures)
    before.folder.write_text("no room here")
    before.session.generate(request())
    job, _ = await failure(before)
    await before.quit()
    before.folder.unlink()
    after = Painting(tmp_path, pictures)
    await after.session.resume()
    after.session.retry(job.id)
    await arrival(after, 1)
    assert len(pictures.ordered) == 1
    await after.quit()


async def test_a_kill_before_it_was_saved_orders_nothing_again(
    tmp_path: Path, pictures: PictureService
) -> None:
    pictures.synchronous = pictures.inside = True
    pictures.on_download = lambda _url: asyncio.sleep(3600)
    killed = Painting(tmp_path / "killed", pictures)
    killed.session.generate(request())
    await until(lambda: pictures.fetched, pictures.bell.rung)
    shutil.copytree(tmp_path / "killed", tmp_path / "left")
    pictures.on_download = None
    after = Painting(tmp_path / "left", pictures)
    await after.session.resume()
    await arrival(after, 1)
    assert len(pictures.ordered) == 1
    await killed.quit()
    await after.quit()


async def test_what_came_inside_and_is_no_picture_is_ordered_anew_only_by_the_user(
    run: Painting, pictures: PictureService
) -> None:
    pictures.synchronous = pictures.inside = True
    pictures.at_download = [StudioError(ErrorKind.NOT_A_PICTURE)]
    run.session.generate(request())
    job, _ = await failure(run)
    assert len(pictures.ordered) == 1
    run.session.retry(job.id)
    await arrival(run, 1)
    assert len(pictures.ordered) == 2
