"""Keeps pictures that are on their way, so that a restart goes on where it was."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import apsw

from studio.core.errors import ErrorKind, StoredError
from studio.core.images import ENDED, ImageJob, JobStatus
from studio.core.texts import QT_TRANSLATE_NOOP
from studio.storage.db.connection import storable, transaction
from studio.storage.pictures.file_settings import (
    LAST_MOMENT,
    number_of,
    request_from_json,
    request_to_json,
)

UNREADABLE = QT_TRANSLATE_NOOP(
    "pictures", "What was ordered cannot be read any more. Remove it and order again."
)
_STATES = {each.value: each for each in JobStatus}

JOB_COLUMNS = "id, request, origin, status, task_id, result_url, error, created_at, submitted_at"


def save_job(connection: apsw.Connection, job: ImageJob) -> None:
    """Insert a job at the end of the queue, or bring the stored one up to date in its place."""
    connection.execute(
        "INSERT INTO image_jobs(id, request, origin, status, task_id, result_url, error,"
        " created_at, submitted_at, position) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?,"
        " (SELECT coalesce(max(position), 0) + 1 FROM image_jobs))"
        " ON CONFLICT(id) DO UPDATE SET origin = excluded.origin, status = excluded.status,"
        " request = excluded.request, task_id = excluded.task_id,"
        " result_url = excluded.result_url, error = excluded.error,"
        " submitted_at = excluded.submitted_at",
        (
            job.id,
            storable(request_to_json(job.request)),
            storable(job.origin),
            job.status.value,
            storable(job.task_id),
            storable(job.result_url),
            storable(job.error),
            job.created_at,
            job.submitted_at,
        ),
    )


def load_jobs(connection: apsw.Connection, *, ended: bool = False) -> list[ImageJob]:
    """The jobs that have not ended (or, with `ended`, those that have), in queue order."""
    wanted = [each.value for each in JobStatus if (each in ENDED) == ended]
    rows = connection.execute(
        f"SELECT {JOB_COLUMNS} FROM image_jobs WHERE status IN ({', '.join('?' * len(wanted))})"
        " ORDER BY position, key",
        wanted,
    )
    return [job_of(row) for row in rows]


def order_jobs(connection: apsw.Connection, job_ids: list[str]) -> None:
    """Put these jobs into this order, in the places that they have now."""
    with transaction(connection):
        marks = ", ".join("?" * len(job_ids))
        places = connection.execute(
            f"SELECT position FROM image_jobs WHERE id IN ({marks}) ORDER BY position", job_ids
        ).fetchall()
        for (place,), job_id in zip(places, job_ids, strict=False):
            connection.execute("UPDATE image_jobs SET position = ? WHERE id = ?", (place, job_id))


def forget_job(connection: apsw.Connection, job_id: str) -> None:
    """Remove a job that nobody needs to see any more."""
    connection.execute("DELETE FROM image_jobs WHERE id = ?", (job_id,))


def job_of(row: Any) -> ImageJob:
    """A job from the values of JOB_COLUMNS.

    One whose order cannot be read any more is not sent: it is shown as failed, unless the service
    has it already.
    """
    request = replace(request_from_json(row[1]), id=row[0])
    status = _STATES.get(row[3], JobStatus.FAILED)
    error = row[6]
    readable = bool(request.model and request.prompt)
    if (status is JobStatus.FAILED and not error) or not (readable or row[4] or row[5]):
        status = JobStatus.FAILED
        error = error or StoredError(ErrorKind.STORAGE, values={"reason": UNREADABLE}).to_json()
    return ImageJob(
        request=request,
        origin=row[2],
        status=status,
        task_id=row[4],
        result_url=row[5],
        error=error,
        created_at=number_of(row[7], LAST_MOMENT) or 0.0,
        submitted_at=number_of(row[8], LAST_MOMENT),
    )
