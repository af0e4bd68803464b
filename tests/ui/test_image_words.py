"""What the Images tab says and shows: words about pictures, and what runs before what waits."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QSlider

from studio.core.error_texts import TEXTS, ErrorKind
from studio.core.image_error_texts import IMAGE_TEXTS
from studio.core.images import ENDED, JobStatus
from studio.sessions.requests.request_queue import TurnKind
from studio.ui.images.fields import SeedField
from studio.ui.images.tab import ImageTab
from studio.ui.look import theme
from tests.image_tab_parts import studio_over
from tests.painting_parts import Painting, PictureService, request, until


@pytest.fixture
def pictures() -> PictureService:
    return PictureService()


@pytest.fixture
async def run(tmp_path: Path, pictures: PictureService) -> AsyncIterator[Painting]:
    running = Painting(tmp_path, pictures)
    await running.gallery.load()
    yield running
    await running.quit()


@pytest.fixture
async def tab(run: Painting, tmp_path: Path) -> AsyncIterator[ImageTab]:
    made = ImageTab(studio_over(run, tmp_path))
    made.resize(1440, 848)
    made.show()
    QTest.qWaitForWindowExposed(made)
    yield made
    made.close()
    made.deleteLater()


@pytest.fixture
def themed(qapp: QApplication) -> Iterator[None]:
    theme.apply(qapp, theme.current())
    yield
    qapp.setStyleSheet("")


# What ordering, looking at, fetching and keeping a picture can end with.
OF_PICTURES = """no_token wrong_token not_bound not_verified no_credits done_for_today throttled
    model_gone refused busy cut_short empty_answer web_page bad_reply redirected too_large
    no_network unknown_host nothing_there proxy tls no_tls not_encrypted timed_out task_failed
    task_unknown task_overdue maybe_submitted result_gone not_a_picture storage bug"""


@pytest.mark.parametrize("name", OF_PICTURES.split())
def test_no_error_of_a_picture_speaks_of_messages_or_answers(name: str) -> None:
    kind = ErrorKind(name)
    text = IMAGE_TEXTS[kind]
    words = f"{text.title} {text.hint}".lower()
    assert "your message" not in words and "your text" not in words
    assert "the answer ended" not in words and "the answer stopped" not in words
    assert (text.action, text.retryable) == (TEXTS[kind].action, TEXTS[kind].retryable)


def shown_prompt(tab: ImageTab, run: Painting) -> str:
    job = run.session.job(tab._stage.job_id)
    if job is not None:
        return job.request.prompt
    return tab._stage.image.request.prompt if tab._stage.image is not None else ""


async def test_the_stage_shows_what_runs_and_not_what_was_queued_last(
    tab: ImageTab, run: Painting, pictures: PictureService
) -> None:
    pictures.looks = 10**9
    run.session.generate(request("first"))
    await until(lambda: len(pictures.polled) > 1, pictures.bell.rung)
    pictures.finish("task-1")
    run.session.generate(request("second"))
    await until(lambda: run.gallery.rowCount() == 1, run.session.image_added)
    await until(lambda: len(pictures.ordered) == 2, pictures.bell.rung)
    assert shown_prompt(tab, run) == "first"  # the finished picture stays
    run.session.generate(request("third"))
    await until(lambda: len(run.session.jobs) == 2, run.session.job_added)
    assert shown_prompt(tab, run) == "second"  # the one that runs
    await until(lambda: "task-2" in pictures.polled, pictures.bell.rung)
    pictures.finish("task-2")
    await until(lambda: run.gallery.rowCount() == 2, run.session.image_added)
    assert shown_prompt(tab, run) == "second"


async def test_a_waiting_one_that_was_shown_gives_way_to_the_one_that_runs(
    tab: ImageTab, run: Painting, pictures: PictureService
) -> None:
    pictures.released = asyncio.Event()
    run.session.generate(request("first"))
    run.session.generate(request("second"))
    await until(
        lambda: run.request_queue.waiting == 1 and pictures.ordered,
        run.request_queue.changed,
        pictures.bell.rung,
    )
    first, second = run.session.jobs
    assert shown_prompt(tab, run) == "first"
    tab.show_job(second.id)  # somebody looks at it
    run.session.progress_changed.emit()
    assert shown_prompt(tab, run) == "second"
    run.session.cancel(second.id)
    await until(lambda: len(run.session.jobs) == 1, run.session.job_removed)
    assert shown_prompt(tab, run) == "first"
    assert first.status not in ENDED and first.status is not JobStatus.DONE
    pictures.released.set()


async def test_after_a_cancelled_one_the_last_picture_is_shown_and_no_queue_tile(
    tab: ImageTab, run: Painting, pictures: PictureService
) -> None:
    run.session.generate(request("made"))
    await until(
        lambda: run.gallery.rowCount() == 1 and not run.session.jobs, run.session.job_removed
    )
    pictures.released = asyncio.Event()
    async with run.request_queue.turn(TurnKind.CHAT, "chat", "m"):
        run.session.generate(request("waits"))
        run.session.generate(request("waits too"))
        await until(lambda: run.request_queue.waiting == 2, run.request_queue.changed)
        run.session.cancel(tab._stage.job_id)
        await until(lambda: len(run.session.jobs) == 1, run.session.job_removed)
        assert shown_prompt(tab, run) == "made"
    pictures.released.set()


@pytest.mark.usefixtures("themed")
async def test_a_slider_without_a_value_shows_no_knob(tab: ImageTab) -> None:
    slider = next(each for each in tab.findChildren(QSlider) if each.accessibleName() == "Steps")
    tab._form.write()
    picture = slider.grab().toImage()
    accent = theme.colour("accent").rgb()
    colours = {picture.pixel(x, picture.height() // 2) for x in range(picture.width())}
    line = theme.colour("line_strong").rgb()
    assert line in colours and accent not in colours
    middle = {
        picture.pixel(x, y) for x in range(picture.width()) for y in (6, picture.height() - 6)
    }
    assert len(middle) == 1  # nothing rises above the groove
    tab._form.use(request("p", steps=50))
    tab._form.write()
    set_colours = slider.grab().toImage()
    assert accent in {
        set_colours.pixel(x, set_colours.height() // 2) for x in range(set_colours.width())
    }


@pytest.mark.usefixtures("themed")
async def test_a_locked_seed_is_seen_at_a_glance(tab: ImageTab) -> None:
    seed = tab._form.findChildren(SeedField)[0]
    lock = next(
        each
        for each in seed.findChildren(QAbstractButton)
        if each.accessibleName().startswith("Keep this seed")
    )

    def colours() -> set[int]:
        picture = lock.grab().toImage()
        return {
            picture.pixel(x, y) for x in range(picture.width()) for y in range(picture.height())
        }

    accent = theme.colour("accent").rgb()
    assert accent not in colours()
    lock.setChecked(True)
    assert accent in colours()
