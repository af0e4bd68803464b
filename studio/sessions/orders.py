"""What a failed order means: look on, look again, or order anew."""

from __future__ import annotations

from studio.core.errors import ErrorKind, StoredError
from studio.core.images import ImageJob

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
_OVER = frozenset({ErrorKind.TASK_FAILED, ErrorKind.MAYBE_SUBMITTED, ErrorKind.REFUSED})
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
    if not job.task_id or job.origin != origin or failure_of(job) in _OVER:
        return False
    return not (wants_another_fetch(job) and refetched)
