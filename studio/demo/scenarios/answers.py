"""Faults that answer in place of a route: refusals, wrong kinds of body, silence."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from starlette.responses import HTMLResponse, PlainTextResponse, Response

from studio.demo import refusals
from studio.demo.bodies import Json
from studio.demo.refusals import Refusal, Shape
from studio.demo.scenarios.kinds import ANY, CALLS, CHATS, PAID, Answer, Scenario, described

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

    from studio.demo.call import Call

    Replace = Callable[[Call, str], Awaitable[ASGIApp | None]]

TABLE: dict[str, Scenario] = {}
_RATE_HEADERS = (
    "requests-limit",
    "requests-remaining",
    "model-requests-limit",
    "model-requests-remaining",
)


def scenario(name: str, doors: frozenset[str] = CALLS) -> Callable[[Replace], Replace]:
    """Enter a function in the table under `name`."""

    def enter(function: Replace) -> Replace:
        TABLE[name] = Scenario(name, described(function), doors, Answer(function))
        return function

    return enter


async def nothing(scope: Scope, receive: Receive, send: Send) -> None:
    """The answer of a call whose client is gone."""


def _refusing(name: str, make: Callable[[str], Refusal], doc: str) -> None:
    async def refuse(call: Call, argument: str) -> ASGIApp | None:
        raise make(argument)

    TABLE[name] = Scenario(name, doc, PAID, Answer(refuse))


_refusing("401_wrong", lambda _: refusals.wrong_token(), "The token is not known.")
_refusing("401_unbound", lambda _: refusals.unbound(), "No Alibaba Cloud account is bound.")
_refusing("403_unverified", lambda _: refusals.unverified(), "The real name is not verified.")
_refusing("402_credits", lambda _: refusals.no_credits(402), "No credits left, said with 402.")
_refusing("403_credits", lambda _: refusals.no_credits(403), "No credits left, said with 403.")
_refusing("429_credits", lambda _: refusals.no_credits(429), "No credits left, said with 429.")
_refusing("429", lambda seconds: refusals.throttled(seconds or "3"), "Throttled; Retry-After: N.")
_refusing("429_no_header", lambda _: refusals.throttled(), "Throttled, without Retry-After.")
_refusing(
    "403_html",
    lambda _: Refusal(403, "Blocked by <b>the firewall</b>.", shape=Shape.HTML),
    "A firewall's page.",
)
_refusing(
    "400_detail",
    lambda text: Refusal(400, text or "Bad request", shape=Shape.DETAIL),
    'A refusal as {"detail": …}; the argument is its text.',
)
_refusing(
    "image_too_large",
    lambda _: Refusal(400, "image file size exceed 5242880 bytes"),
    "The picture is too large for the service.",
)
for _status, _text in (
    (500, "Internal error, please try again later."),
    (502, "Bad gateway"),
    (503, "Server is busy, please try again later."),
    (504, "Gateway time-out"),
):
    _refusing(
        str(_status),
        lambda _, status=_status, text=_text: Refusal(status, text),  # type: ignore[misc]
        f"The service answers {_status}: {_text}",
    )


@scenario("429_today")
async def done_today(call: Call, argument: str) -> ASGIApp | None:
    """Today's quota of this one model is used up."""
    raise refusals.spent_today(_model(call))


@scenario("retired_model")
async def retired(call: Call, argument: str) -> ASGIApp | None:
    """The model is not served any more."""
    raise refusals.not_served(_model(call))


@scenario("thinking_refused", CHATS)
async def thinking_refused(call: Call, argument: str) -> ASGIApp | None:
    """400 while `enable_thinking` is in the request; without it, an answer."""
    if "enable_thinking" in call.json():
        raise refusals.bad_parameter("enable_thinking", "enable_thinking is not supported")
    return None


@scenario("parameter_refused")
async def parameter_refused(call: Call, argument: str) -> ASGIApp | None:
    """400 while the parameter named by the argument is in the request."""
    if argument in call.json():
        raise refusals.bad_parameter(argument, f"{argument} is not supported by this model")
    return None


@scenario("echo_token", PAID)
async def echo_token(call: Call, argument: str) -> ASGIApp | None:
    """401 whose text repeats the token, as careless servers do."""
    raise Refusal(401, f"Incorrect key: {call.headers.get('authorization', '')}")


@scenario("one_at_a_time")
async def one_at_a_time(call: Call, argument: str) -> ASGIApp | None:
    """429 while another call of the same account is being answered."""
    if call.account().in_flight > 0:
        raise refusals.throttled()
    return None


@scenario("rate_headers", PAID)
async def rate_headers(call: Call, argument: str) -> ASGIApp | None:
    """The four rate-limit headers; argument LIMIT,LEFT,MODEL LIMIT,MODEL LEFT."""
    values = argument.split(",") if argument else ["2000", "1999", "200", "199"]
    for name, value in zip(_RATE_HEADERS, values, strict=False):
        call.added_headers[f"modelscope-ratelimit-{name}"] = value
    return None


@scenario("html_200", ANY)
async def html(call: Call, argument: str) -> ASGIApp | None:
    """200 with a web page, as from a login page or a proxy."""
    return HTMLResponse("<!doctype html><title>Sign in</title><h1>Please sign in</h1>")


@scenario("text_200", ANY)
async def text(call: Call, argument: str) -> ASGIApp | None:
    """200 with plain text."""
    return PlainTextResponse(argument or "upstream connect error")


@scenario("empty_200", ANY)
async def empty(call: Call, argument: str) -> ASGIApp | None:
    """200 without a body."""
    return Response(b"", media_type="text/event-stream")


@scenario("broken_json_200", ANY)
async def broken_json(call: Call, argument: str) -> ASGIApp | None:
    """200 with JSON that ends in the middle."""
    return Response(b'{"data": [{"id": "Qw', media_type="application/json")


@scenario("json_error_200", ANY)
async def json_error(call: Call, argument: str) -> ASGIApp | None:
    """200 with {"error": …}."""
    error = {"message": argument or "Internal failure", "type": "server_error", "code": None}
    return Json({"error": error, "request_id": call.request_id})


@scenario("json_errors_200", ANY)
async def json_errors(call: Call, argument: str) -> ASGIApp | None:
    """200 with {"errors": …}."""
    message = argument or "Internal failure"
    return Json({"errors": {"message": message, "request_id": call.request_id}})


@scenario("empty_shell", CHATS)
async def empty_shell(call: Call, argument: str) -> ASGIApp | None:
    """200 with an answer in which everything is empty: choices null, usage zeros."""
    usage = {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}
    shell = {"id": "", "object": "", "created": 0, "model": "", "choices": None, "usage": usage}
    if call.json().get("stream") is not True:
        return Json(shell)
    lines = f"data: {json.dumps(shell)}\n\ndata: [DONE]\n\n"
    return Response(lines, media_type="text/event-stream")


@scenario("plain_json_200", CHATS)
async def plain_json(call: Call, argument: str) -> ASGIApp | None:
    """200 with a whole answer as JSON, although a stream was asked for."""
    return None  # the route looks for this name


@scenario("redirect", ANY)
async def redirect(call: Call, argument: str) -> ASGIApp | None:
    """307 to the argument, which keeps method and body."""
    return Response(status_code=307, headers={"location": argument})


@scenario("redirect_302", ANY)
async def redirect_302(call: Call, argument: str) -> ASGIApp | None:
    """302 to the argument."""
    return Response(status_code=302, headers={"location": argument})


@scenario("silence", ANY)
async def silence(call: Call, argument: str) -> ASGIApp | None:
    """Not even headers, for N seconds; without N until the client leaves."""
    seconds = float(argument) if argument else None
    return nothing if await call.connection.wait_gone(seconds) else None


@scenario("drop", ANY)
async def drop(call: Call, argument: str) -> ASGIApp | None:
    """The connection ends without an answer; argument "reset" cuts it hard."""
    await (call.connection.reset() if argument == "reset" else call.connection.close())
    return nothing


@scenario("drop_keepalive", ANY)
async def drop_keepalive(call: Call, argument: str) -> ASGIApp | None:
    """An answer as usual, but the next request on this connection is cut off unanswered."""
    call.connection.drop_next = True
    return None


@scenario("gzip_bomb", ANY)
async def gzip_bomb(call: Call, argument: str) -> ASGIApp | None:
    """N MiB (64) of spaces in a few compressed kilobytes."""
    import gzip

    packed = gzip.compress(b" " * (int(argument or 64) * 1024 * 1024), compresslevel=9)
    headers = {"content-encoding": "gzip", "content-type": "application/json"}
    return Response(packed, headers=headers)


def _model(call: Call) -> str:
    return str(call.json().get("model", ""))
