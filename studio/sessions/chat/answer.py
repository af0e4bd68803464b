"""Grows an answer from a stream's events: parts, usage, timing and the final status."""

from __future__ import annotations

import copy
import time
from dataclasses import replace

from studio.core.errors import ErrorKind, StoredError, StudioError
from studio.core.messages import (
    Message,
    MessageStatus,
    Part,
    ReasoningPart,
    TextPart,
    Timing,
    ToolCallPart,
    Usage,
    append_delta,
)
from studio.core.stream import (
    FinishMarked,
    ParametersDropped,
    ReasoningDelta,
    StreamEnd,
    StreamEvent,
    StreamStarted,
    TextDelta,
    TextWasThought,
    ToolCallDelta,
    UsageReport,
)
from studio.core.texts import QT_TRANSLATE_NOOP

NO_ROOM = QT_TRANSLATE_NOOP(
    "errors",
    "It reached its length limit before it answered. Raise the limit in the parameters or switch "
    "thinking off, and retry.",
)
NOTHING_CAME = QT_TRANSLATE_NOOP(
    "network", "It ended before anything of the answer came. Your message is kept."
)


class Answer:
    """An answer that is being received.

    Deltas are gathered and joined once by `settle`, which is called once a frame: joining at
    every delta would copy the whole text thousands of times a second.
    """

    def __init__(self, message: Message) -> None:
        self.message = message
        self.dropped: tuple[str, ...] = ()
        self._turned = False  # text became reasoning since the last `settle`
        self._pending: list[TextDelta | ReasoningDelta] = []
        self._calls: dict[int, ToolCallPart] = {}
        self._sent_at = time.monotonic()
        self._first_at: float | None = None
        self._heard_at: float | None = None
        self._reasoning_since: float | None = None
        self._mark: FinishMarked | None = None  # the last one, if nothing came behind it
        self._marked_at: float | None = None

    @property
    def is_marked(self) -> bool:
        """Whether the server said that it is whole, and nothing came since."""
        return self._mark is not None

    @property
    def began(self) -> bool:
        """Whether anything of the answer has arrived."""
        return self._first_at is not None

    @property
    def unsettled(self) -> bool:
        """Whether deltas wait for `settle`."""
        return bool(self._pending) or self._turned

    @property
    def silence(self) -> float:
        """Seconds since anything of the answer came; 0 before its beginning."""
        return 0.0 if self._heard_at is None else time.monotonic() - self._heard_at

    def sent(self) -> None:
        """The request leaves now: times count from here."""
        self._sent_at = time.monotonic()

    def take(self, event: StreamEvent) -> None:
        """Take one event in; nothing of it is visible before `settle`."""
        match event:
            case TextDelta() | ReasoningDelta():
                self._delta(event)
            case TextWasThought():
                self._mark = None
                self._turn_into_thought()
            case ToolCallDelta():
                self._mark_first()
                self._add_call(event)
            case UsageReport(input_tokens, output_tokens):
                self.message = replace(self.message, usage=Usage(input_tokens, output_tokens))
            case StreamStarted(request_id):
                self.message = replace(self.message, request_id=request_id)
            case ParametersDropped(names):
                self.dropped = names
            case StreamEnd(reason):
                self.message = replace(self.message, finish_reason=reason)
            case FinishMarked(reason):
                if self._mark is None:
                    self._mark, self._marked_at = event, time.monotonic()

    def settle(self) -> Message:
        """Join what has arrived into the message and return it."""
        parts = self.message.parts
        run: list[TextDelta | ReasoningDelta] = []
        for delta in self._pending:
            if run and not _continues(run[-1], delta):
                parts, run = self._grown(parts, run), []
            run.append(delta)
        if run:
            parts = self._grown(parts, run)
        self._pending.clear()
        self._turned = False
        self.message = replace(self.message, parts=parts)
        return self.message

    def _turn_into_thought(self) -> None:
        """What came as text was reasoning; parts keep their number, as some may be on disk."""
        self.settle()
        since = self._first_at if self._first_at is not None else time.monotonic()
        spent = round(time.monotonic() - since, 1)
        parts: list[Part] = []
        for part in self.message.parts:
            if isinstance(part, TextPart):
                behind = bool(parts) and isinstance(parts[-1], ReasoningPart)
                words = part.text.strip()
                parts.append(ReasoningPart(f"\n\n{words}" if behind and words else words, spent))
            else:
                parts.append(part)
        self.message = replace(self.message, parts=tuple(parts))
        self._turned = True

    def as_whole(self) -> Message:
        """What is shown if nothing comes behind the mark; the answer itself stays open."""
        self.settle()
        twin = copy.copy(self)
        twin._pending, twin._calls = [], self._calls.copy()
        if self._mark is not None:
            for event in (*self._mark.held, StreamEnd(self._mark.reason)):
                twin.take(event)
            twin._mark = self._mark
        return twin.finish()

    def finish(self, error: StudioError | None = None, *, stopped: bool = False) -> Message:
        """Close the answer: complete, stopped by the user, or ended by `error`."""
        self.settle()
        parts = self._with_reasoning_time(self.message.parts) + tuple(self._calls.values())
        # What was awaited behind the mark is no part of how long it took.
        ended = self._marked_at if self._mark is not None else None
        total = (time.monotonic() if ended is None else ended) - self._sent_at
        first = None if self._first_at is None else self._first_at - self._sent_at
        status, stored = self._outcome(error, stopped)
        self.message = replace(
            self.message,
            parts=parts,
            status=status,
            error=stored,
            timing=Timing(first, total),
            request_id=(stored.request_id if stored else "") or self.message.request_id,
        )
        return self.message

    def _outcome(
        self, error: StudioError | None, stopped: bool
    ) -> tuple[MessageStatus, StoredError | None]:
        if stopped:
            return MessageStatus.STOPPED, None
        if error is None:
            return MessageStatus.COMPLETE, self._only_thought()
        came = not self.message.blank
        if not came and error.kind in (ErrorKind.CUT_SHORT, ErrorKind.IDLE):
            error.values.setdefault("reason", NOTHING_CAME)
        return MessageStatus.INTERRUPTED if came else MessageStatus.FAILED, error.stored()

    def _only_thought(self) -> StoredError | None:
        """What is to be said of a whole answer that holds nothing but reasoning."""
        message = self.message
        if message.text.strip() or self._calls or not message.reasoning.strip():
            return None
        values = {"model": message.model}
        if message.finish_reason == "length":
            values["reason"] = NO_ROOM
        return StoredError(ErrorKind.ONLY_REASONING, values=values)

    def _delta(self, delta: TextDelta | ReasoningDelta) -> None:
        self._mark_first()
        if self._reasoning_since is None and type(delta) is ReasoningDelta:
            self._reasoning_since = time.monotonic()
        self._pending.append(delta)

    def _mark_first(self) -> None:
        self._mark = None
        self._heard_at = time.monotonic()
        if self._first_at is None:
            self._first_at = self._heard_at

    def _grown(
        self, parts: tuple[Part, ...], run: list[TextDelta | ReasoningDelta]
    ) -> tuple[Part, ...]:
        text = "".join(delta.text for delta in run)
        last = run[-1]
        if isinstance(last, TextDelta):
            return append_delta(self._with_reasoning_time(parts), text, reasoning=False)
        signature = "".join(d.signature for d in run if isinstance(d, ReasoningDelta))
        return append_delta(
            parts, text, reasoning=True, signature=signature, redacted=last.redacted
        )

    def _with_reasoning_time(self, parts: tuple[Part, ...]) -> tuple[Part, ...]:
        last = parts[-1] if parts else None
        if not isinstance(last, ReasoningPart) or self._reasoning_since is None:
            return parts
        spent = time.monotonic() - self._reasoning_since
        self._reasoning_since = None
        return (*parts[:-1], replace(last, seconds=round(spent, 1)))

    def _add_call(self, delta: ToolCallDelta) -> None:
        known = self._calls.get(delta.index, ToolCallPart("", "", ""))
        self._calls[delta.index] = ToolCallPart(
            known.call_id or delta.call_id,
            known.name or delta.name,
            known.arguments + delta.arguments,
        )


def _continues(before: TextDelta | ReasoningDelta, after: TextDelta | ReasoningDelta) -> bool:
    """Whether two deltas belong to one part: a signature ends a thought."""
    if isinstance(before, TextDelta) or isinstance(after, TextDelta):
        return type(before) is type(after)
    return not (before.redacted or after.redacted or (before.signature and after.text))
