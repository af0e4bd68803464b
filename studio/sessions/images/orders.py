"""How an order goes, and what a failed one means: look on, look again, or order anew."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from studio.core.errors import ErrorKind, StoredError
from studio.core.images import GeneratedImage, ImageJob, JobStatus

DATA_URL = "data:"


@dataclass(frozen=True, slots=True)
class PollInterval:
    """Seconds between looks at a task, growing from `first` to `longest`, until `deadline`.

    For `unknown` seconds after it was ordered, or was known, a task may be unknown to the service:
    its parts learn of it one after the other.
    """

    first: float = 2.0
    longest: float = 5.0
    deadline: float = 600.0
    unknown: float = 30.0


@dataclass(frozen=True, slots=True)
class Progress:
    """What a job is doing now; `since` and `resumes_at` are readings of `time.monotonic`."""

    since: float | None = None
    resumes_at: float | None = None
    ahead: int | None = None  # turns that go first, while it waits for its own
    trouble: StoredError | None = None  # why the last look failed; waiting goes on


# A failed look at a task costs nothing and changes nothing, so these do not end the waiting.
PASSING = frozenset(
    {
        ErrorKind.NO_NETWORK,
        ErrorKind.TIMED_OUT,
        ErrorKind.BUSY,
        ErrorKind.THROTTLED,
        ErrorKind.CUT_SHORT,
        ErrorKind.UNANSWERED,
        ErrorKind.IDLE,
        ErrorKind.EMPTY_ANSWER,
    }
)
# After these the service's own task is over: another try is another order.
_OVER = frozenset({ErrorKind.TASK_FAILED, ErrorKind.MAYBE_SUBMITTED})
# After these the task may name another address, once.
_FETCH_AGAIN = frozenset({ErrorKind.RESULT_GONE, ErrorKind.NOT_A_PICTURE})


def failure_of(job: ImageJob) -> ErrorKind | None:
    """Why a job failed; None when it did not."""
    return StoredError.from_json(job.error).kind if job.error else None


def wants_another_fetch(job: ImageJob) -> bool:
    """Whether the picture was finished but did not come through."""
    return failure_of(job) in _FETCH_AGAIN


def can_be_looked_at_again(job: ImageJob, origin: str, *, refetched: bool) -> bool:
    """Whether the service at `origin` may still have the picture: no new order is needed then."""
    if not (job.task_id or job.addresses) or job.origin != origin or failure_of(job) in _OVER:
        return False
    return not (wants_another_fetch(job) and (refetched or _all_inside(job)))


def looked_at_again(job: ImageJob) -> ImageJob:
    """The job as it goes on; addresses that did not answer are asked for anew where they can be."""
    stale = bool(job.task_id) and wants_another_fetch(job)
    return replace(
        job, status=JobStatus.PENDING, error="", result_url="" if stale else job.result_url
    )


def _all_inside(job: ImageJob) -> bool:
    # What came within the answer and is no picture will be none the next time.
    return not job.task_id and all(each.startswith(DATA_URL) for each in job.addresses)


def already_kept(job: ImageJob, found: Iterable[GeneratedImage]) -> dict[int, GeneratedImage]:
    """Which pictures of an order are in the library, by their place in its answer."""
    by_id = {image.id: image for image in found}
    places = range(len(job.addresses))
    kept = {n: by_id.pop(job.picture_id(n)) for n in places if job.picture_id(n) in by_id}
    # An older program gave its pictures ids of chance; what an earlier order brought is another.
    since = job.submitted_at or 0.0
    others = iter([image for image in by_id.values() if image.created_at >= since])
    for n in places:
        if n not in kept and (image := next(others, None)) is not None:
            kept[n] = image
    return kept
