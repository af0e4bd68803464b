"""Orders over real sockets, from the click to the file: what was paid for is not taken for lost."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest

from studio.core.errors import ErrorKind, StoredError
from studio.core.images import JobStatus
from studio.providers.registry import build_images, endpoint_for
from studio.sessions.images.session import PollInterval
from tests.contract.asking import FAST, TOKEN
from tests.contract.wire import Play, WireServer, whole
from tests.painting_parts import Painting, png, request, until

NOT_YET = {"task_status": "FAILED", "errors": {"code": 500, "message": "task not found"}}


def painting(folder: Path, server: WireServer, **others: Any) -> Painting:
    """A run of the program whose pictures come over a socket."""
    endpoint = endpoint_for("openai", f"{server.address}/v1")
    provider: Any = build_images(endpoint, TOKEN, FAST)
    return Painting(folder, provider, endpoint=endpoint, token=TOKEN, **others)


async def end_of(run: Painting, count: int) -> None:
    await until(
        lambda: run.gallery.rowCount() == count and not run.session.jobs,
        run.session.image_added,
        run.session.job_removed,
    )


async def leave(run: Painting) -> None:
    """End in an orderly way, connections too."""
    await run.builders.pictures.close()
    await run.quit()


def orders(server: WireServer) -> int:
    return sum(each.method == "POST" for each in server.seen)


@pytest.mark.parametrize(
    "early",
    [
        [whole(NOT_YET), whole(NOT_YET)],
        [whole({"errors": {"message": "no such task"}}, "404 Not Found")],
        [whole("<html>not found</html>", "404 Not Found", content_type="text/html")],
        [whole({"output": {"task_status": "UNKNOWN"}}), whole({"task_status": "PENDING"})],
    ],
    ids=["failed and not found", "404", "404 with a page", "unknown"],
)
async def test_a_task_that_is_known_some_seconds_later_brings_its_picture(
    tmp_path: Path, early: list[Play]
) -> None:
    async with WireServer() as server:
        done = {"task_status": "Succeeded", "output_images": [f"{server.address}/1.png"]}
        server.plays = [whole({"task_id": "t"}), *early, whole(done), whole(png())]
        run = painting(tmp_path, server)
        run.session.generate(request())
        await end_of(run, 1)
        assert orders(server) == 1
        await leave(run)


@pytest.mark.parametrize("word", ["FAILED", "Cancelled", "EXPIRED", "timed_out", "已取消"])
async def test_a_task_that_has_ended_is_not_waited_for(tmp_path: Path, word: str) -> None:
    async with WireServer(whole({"task_id": "t"}), whole({"task_status": word})) as server:
        run = painting(tmp_path, server, pace=PollInterval(0.005, 0.01, 30.0))
        run.session.generate(request())
        job = await until(
            lambda: next((j for j in run.session.jobs if j.status is JobStatus.FAILED), None),
            run.session.failed,
        )
        assert StoredError.from_json(job.error).kind is ErrorKind.TASK_FAILED
        await leave(run)


async def test_three_pictures_of_which_the_second_breaks_are_all_there_after_a_retry(
    tmp_path: Path,
) -> None:
    async with WireServer() as server:
        names = [f"{server.address}/{n}.png" for n in range(3)]
        done = {"task_status": "SUCCEED", "output_images": names}
        broken = whole("gone", "503 No")
        server.plays = [
            *(whole({"task_id": "t"}), whole(done), whole(png()), broken, whole(png())),
            *(whole(done), whole(png())),
        ]
        run = painting(tmp_path, server)
        run.session.generate(request())
        job = await until(
            lambda: next((j for j in run.session.jobs if j.status is JobStatus.FAILED), None),
            run.session.failed,
        )
        assert run.gallery.rowCount() == 2
        run.session.retry(job.id)
        await end_of(run, 3)
        assert orders(server) == 1
        assert len(list(run.folder.glob("*.png"))) == 3
        await leave(run)


async def test_a_picture_within_the_answer_is_saved_once_there_is_room(tmp_path: Path) -> None:
    encoded = base64.urlsafe_b64encode(png()).decode().rstrip("=")
    async with WireServer(whole({"data": [{"b64_json": encoded}]})) as server:
        run = painting(tmp_path, server)
        run.folder.write_text("no room here")
        run.session.generate(request())
        job = await until(
            lambda: next((j for j in run.session.jobs if j.status is JobStatus.FAILED), None),
            run.session.failed,
        )
        run.folder.unlink()
        run.session.retry(job.id)
        await end_of(run, 1)
        assert orders(server) == 1
        await leave(run)


async def test_a_refused_height_is_told_and_nothing_else_is_ordered(tmp_path: Path) -> None:
    refusal = whole({"errors": {"message": "Height must be divisible by 16"}}, "400 Bad Request")
    async with WireServer(refusal, whole({"task_id": "t"})) as server:
        run = painting(tmp_path, server)
        run.session.generate(request())
        job = await until(
            lambda: next((j for j in run.session.jobs if j.status is JobStatus.FAILED), None),
            run.session.failed,
        )
        error = StoredError.from_json(job.error)
        assert (error.kind, error.detail) == (
            ErrorKind.REFUSED,
            "Height must be divisible by 16",
        )
        assert error.values["fields"] == "size"
        assert orders(server) == 1
        await leave(run)
