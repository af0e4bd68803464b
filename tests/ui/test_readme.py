"""The README's table of refusals is what the program really says; a change shows the new table."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import pytest

from studio.core.errors import ErrorKind, StoredError
from studio.core.messages import Message, MessageStatus, Role, TextPart
from studio.providers.failures import ErrorContext
from studio.sessions.requests import retry
from studio.sessions.requests.usage_log import ASKED_EARLIER
from studio.ui.transcript import words

README = Path(__file__).resolve().parents[2] / "README.md"
HOST, MODEL, NEXT = "modelscope.cn", "Qwen/Qwen3.5-35B-A3B", "Qwen/Qwen3.5-122B-A10B"
BORDER = ErrorContext(HOST, "", MODEL)
BEGIN, END = "<!-- refusals -->\n", "\n<!-- /refusals -->"


@dataclass(frozen=True)
class Refusal:
    """A status and a text of the service, or what happens without it, and its kind."""

    kind: ErrorKind
    status: int = 0
    text: str = ""
    happens: str = ""

    @property
    def said(self) -> str:
        """The first cell."""
        return self.happens or f"{self.status} `{self.text}`"


ROWS = (
    Refusal(ErrorKind.WRONG_TOKEN, 401, "Authentication failed"),
    Refusal(ErrorKind.NOT_BOUND, 401, "Please bind your Alibaba Cloud account first"),
    Refusal(ErrorKind.NOT_VERIFIED, 403, "Your account has not been real name verified"),
    Refusal(ErrorKind.NO_CREDITS, 402, "Insufficient balance"),
    Refusal(ErrorKind.NO_CREDITS, 403, "quota exceeded"),
    Refusal(ErrorKind.DONE_FOR_TODAY, 429, "You have exceeded today's quota for model X"),
    Refusal(ErrorKind.DONE_FOR_TODAY, happens="(the same model again on that day: not asked)"),
    Refusal(ErrorKind.THROTTLED, 429, "The request rate limit you has been reached"),
    Refusal(ErrorKind.THROTTLED, 429, "Request limit exceeded"),
    Refusal(ErrorKind.MODEL_GONE, 400, "Model X has no provider supported"),
    Refusal(ErrorKind.MODEL_GONE, 400, "Invalid model id: X"),
    Refusal(ErrorKind.NO_SUPPLY, 429, "insufficient balance (1008)"),
    Refusal(ErrorKind.CONTEXT_FULL, 400, "Range of input length should be [1, 30720]"),
    Refusal(ErrorKind.PICTURE_TOO_LARGE, 400, "image file size exceed 5 MiB"),
    Refusal(ErrorKind.REFUSED, 400, "temperature must be 1"),
    Refusal(ErrorKind.BUSY, 503, "Server is busy, please try again later."),
    Refusal(ErrorKind.EMPTY_ANSWER, happens="200 with `choices: null`, or with nothing"),
    Refusal(ErrorKind.CUT_SHORT, happens="200, and the stream ends without its finish mark"),
    Refusal(ErrorKind.IDLE, happens="200, and then nothing more for as long as the setting says"),
    Refusal(ErrorKind.ONLY_REASONING, happens="200, and the answer holds thoughts alone"),
    Refusal(ErrorKind.UNANSWERED, happens="the connection breaks before a byte of an answer"),
    Refusal(ErrorKind.WEB_PAGE, happens="a login page or a proxy's page"),
    Refusal(ErrorKind.TASK_FAILED, happens="a picture's task ends as `FAILED`"),
    Refusal(
        ErrorKind.TASK_UNKNOWN, happens="a picture's task is still unknown 30 s after its order"
    ),
    Refusal(ErrorKind.MAYBE_SUBMITTED, happens="the connection breaks while a picture is ordered"),
)


def row_of(refusal: Refusal) -> str:
    """One line of the table, made by the code that shows it in the window."""
    again = refusal.happens.startswith("(")
    values = {"host": HOST, "model": MODEL}
    if again:
        values |= {"reason": ASKED_EARLIER, "time": "00:00 tomorrow"}
    error = StoredError(refusal.kind, values=values)
    came = refusal.kind in (ErrorKind.CUT_SHORT, ErrorKind.IDLE)
    parts = (TextPart("Half of"),) if came else ()
    status = MessageStatus.INTERRUPTED if came else MessageStatus.FAILED
    answer = Message("c", Role.ASSISTANT, parts, status=status, model=MODEL, error=error)
    card = words.card(answer, NEXT)
    assert card is not None
    seen = f"**{card.title}.** {card.hint}"
    delays = retry._DELAYS.get(refusal.kind, ())
    if delays:
        waits = ", ".join(f"{delay:g}" for delay in delays)
        seen = f"a countdown of {waits} s with Cancel, then: {seen}"
    offers = ", ".join(step.words for step in reversed(card.steps))
    return f"| {refusal.said} | {seen} | {offers or '–'} |"


def table() -> str:
    """The whole table as it must stand in the README."""
    head = "| The service says | You see | It offers |\n|---|---|---|\n"
    return head + "\n".join(map(row_of, ROWS))


class JsonHeaders:
    """The headers that come with a refusal in JSON."""

    def get(self, key: str, default: str = "", /) -> str:
        return "application/json" if key.lower() == "content-type" else default


@pytest.mark.parametrize("row", [row for row in ROWS if row.status], ids=lambda row: row.text)
def test_what_the_service_says_is_understood_as_the_table_has_it(row: Refusal) -> None:
    body = json.dumps({"errors": {"message": row.text, "request_id": "r-1"}}).encode()
    told = BORDER.refusal(row.status, JsonHeaders(), body)
    assert told.kind is row.kind
    assert told.request_id == "r-1"


def test_the_readme_has_the_table_that_the_program_shows() -> None:
    text = README.read_text(encoding="utf-8")
    assert BEGIN in text
    assert END in text
    found = text.partition(BEGIN)[2].partition(END)[0]
    assert found == table(), f"put this into README.md:\n\n{table()}"


def test_no_refusal_of_the_service_is_missing() -> None:
    from studio.providers.refusals import BY_STATUS, RULES

    told = {row.kind for row in ROWS}
    meant = {rule.kind for rule in RULES} | set(BY_STATUS.values())
    # A proxy's and the network's own refusals say what they are by themselves.
    assert meant - told <= {ErrorKind.PROXY, ErrorKind.TIMED_OUT}
