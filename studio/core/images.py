"""Pictures from words: a request that cannot be out of range, and what comes of it."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from enum import StrEnum

from studio.core.messages import new_id
from studio.core.models import ModelFamily, Range
from studio.core.texts import QT_TRANSLATE_NOOP

_SHOWN = 40  # characters of what was pasted that a sentence repeats


@dataclass(frozen=True, slots=True)
class ImageRequest:
    """What is asked of an image model; None means: not sent.

    `size` is (width, height) in pixels. Build one with `checked`, which refuses values outside
    the family's ranges.
    """

    model: str
    prompt: str
    negative_prompt: str = ""
    size: tuple[int, int] | None = None
    seed: int | None = None
    steps: int | None = None
    guidance: float | None = None
    id: str = field(default_factory=new_id)


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """A field that cannot be sent: its name, and a translatable sentence with its values."""

    name: str
    text: str
    values: tuple[tuple[str, str], ...] = ()


class ImageRequestError(ValueError):
    """A request outside its family's ranges; `problems` names each field."""

    def __init__(self, problems: tuple[FieldProblem, ...]) -> None:
        super().__init__("; ".join(problem.name for problem in problems))
        self.problems = problems


_EMPTY_PROMPT = QT_TRANSLATE_NOOP("image form", "Describe the picture first.")
_TOO_LONG = QT_TRANSLATE_NOOP(
    "image form", "{length} characters are too many: this model takes fewer than {limit}."
)
_OUTSIDE = QT_TRANSLATE_NOOP("image form", "{value} is outside {low} to {high}.")
_NOT_A_MULTIPLE = QT_TRANSLATE_NOOP(
    "image form", "{value} is not a multiple of {step}: this model takes {below} or {above}."
)
UNREADABLE = QT_TRANSLATE_NOOP(
    "image form", "“{value}” is not a number. Enter one from {low} to {high}."
)
UNREADABLE_WHOLE = QT_TRANSLATE_NOOP(
    "image form", "“{value}” is not a whole number. Enter one from {low} to {high}."
)
_NO_MODEL = QT_TRANSLATE_NOOP("image form", "Choose a model first.")


def problems_of(request: ImageRequest, family: ModelFamily) -> tuple[FieldProblem, ...]:
    """Every field of `request` that `family` does not allow; empty when it may be sent."""
    found: list[FieldProblem] = []
    if not request.model.strip():
        found.append(FieldProblem("model", _NO_MODEL))
    if not request.prompt.strip():
        found.append(FieldProblem("prompt", _EMPTY_PROMPT))
    for name, text in (("prompt", request.prompt), ("negative_prompt", request.negative_prompt)):
        if len(text) >= family.prompt_length:
            values = (("length", f"{len(text)}"), ("limit", f"{family.prompt_length}"))
            found.append(FieldProblem(name, _TOO_LONG, values))
    width, height = request.size or (None, None)
    checks: tuple[tuple[str, float | None, Range], ...] = (
        ("width", width, family.side),
        ("height", height, family.side),
        ("seed", request.seed, family.seed),
        ("steps", request.steps, family.steps),
        ("guidance", request.guidance, family.guidance),
    )
    for name, value, allowed in checks:
        if value is not None and value not in allowed:
            shown = (
                ("value", f"{value:.10g}"),
                ("low", f"{allowed.low:g}"),
                ("high", f"{allowed.high:.10g}"),
            )
            found.append(FieldProblem(name, _OUTSIDE, shown))
        elif value is not None and name in ("width", "height"):
            found += _multiple_problems(name, int(value), family)
    return tuple(found)


def _multiple_problems(name: str, side: int, family: ModelFamily) -> list[FieldProblem]:
    step = family.side_multiple
    if side % step == 0:
        return []
    below, above = side // step * step, -(-side // step) * step
    if below not in family.side:
        below = above
    if above not in family.side:
        above = below
    values = (("value", side), ("step", step), ("below", below), ("above", above))
    return [FieldProblem(name, _NOT_A_MULTIPLE, tuple((key, f"{each}") for key, each in values))]


def unreadable(name: str, text: str, allowed: Range, *, whole: bool) -> FieldProblem:
    """The problem of a number field that holds something else, such as pasted words."""
    short = text.strip()
    short = short if len(short) <= _SHOWN else f"{short[: _SHOWN - 1]}…"
    values = (("value", short), ("low", f"{allowed.low:g}"), ("high", f"{allowed.high:.10g}"))
    return FieldProblem(name, UNREADABLE_WHOLE if whole else UNREADABLE, values)


def checked(request: ImageRequest, family: ModelFamily) -> ImageRequest:
    """Return `request` when its family allows it, else raise ImageRequestError."""
    problems = problems_of(request, family)
    if problems:
        raise ImageRequestError(problems)
    return request


class JobStatus(StrEnum):
    """How far a picture has come. PENDING: the service has it; UNKNOWN: it may have it."""

    QUEUED = "queued"
    SUBMITTING = "submitting"
    PENDING = "pending"
    DOWNLOADING = "downloading"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


ENDED = frozenset({JobStatus.DONE, JobStatus.FAILED, JobStatus.CANCELLED})


@dataclass(frozen=True, slots=True)
class ImageJob:
    """A request on its way; stored, so that a restart goes on where it was."""

    request: ImageRequest
    origin: str  # the host it was sent to: a task id means nothing to another
    status: JobStatus = JobStatus.QUEUED
    task_id: str = ""
    result_url: str = ""  # addresses of the pictures, one a line; see `addresses`
    error: str = ""  # JSON of a StoredError
    created_at: float = field(default_factory=time.time)
    submitted_at: float | None = None

    @property
    def id(self) -> str:
        return self.request.id

    @property
    def addresses(self) -> tuple[str, ...]:
        """Where the finished pictures are: http, https, or data: with the picture inside."""
        return tuple(self.result_url.split("\n")) if self.result_url else ()

    def picture_id(self, index: int) -> str:
        """The id that the picture of that address gets, the same at every try to fetch it."""
        from hashlib import sha256  # not before the first paint

        order = f"{self.id} {self.submitted_at} {index}"
        return sha256(order.encode("utf-8", "replace")).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class GeneratedImage:
    """A picture in the library; `path` is relative to the picture folder."""

    request: ImageRequest
    path: str
    sha256: str
    width: int
    height: int
    byte_size: int
    seconds: float | None = None
    demo: bool = False
    created_at: float = field(default_factory=time.time)
    id: str = field(default_factory=new_id)
