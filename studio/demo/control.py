"""The box's own routes for tests: what was asked of it, and what it shall do next."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from starlette.responses import Response

from studio.demo.bodies import Json
from studio.demo.call import Call
from studio.demo.refusals import Refusal, Shape
from studio.demo.scenarios import SCENARIOS, UnknownScenario

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request

    from studio.demo.box import Box
    from studio.demo.journal import Entry

LONGEST_WAIT = 60.0

_STATES: dict[str, Callable[[Entry], bool]] = {
    "arrived": lambda entry: True,
    "begun": lambda entry: entry.first_byte_at is not None,
    "ended": lambda entry: entry.ended_at is not None,
    "left": lambda entry: entry.client_left_at is not None,
}


async def requests(request: Request) -> Response:
    """`GET /_box/requests?door=…`: the journal, counters, connections and accounts."""
    box = Call.of(request).box
    return Json(_report(box, _matching(box, request)))


async def clear(request: Request) -> Response:
    """`DELETE /_box/requests`: forget the journal."""
    box = Call.of(request).box
    box.journal.clear()
    return Json({"cleared": True})


async def wait(request: Request) -> Response:
    """`GET /_box/wait?door=…&state=…&count=…&seconds=…`: answers once it is so.

    `state` is arrived, begun, ended or left (the client closed while it was being answered).
    408 with the same report when the time is over.
    """
    box = Call.of(request).box
    query = request.query_params
    state = _STATES.get(query.get("state", "arrived"))
    if state is None:
        raise Refusal(400, f"state is one of {sorted(_STATES)}", shape=Shape.DETAIL)
    count = int(query.get("count", "1"))
    until = time.monotonic() + min(float(query.get("seconds", "10")), LONGEST_WAIT)
    while True:
        found = [entry for entry in _matching(box, request) if state(entry)]
        left = until - time.monotonic()
        if len(found) >= count or left <= 0:
            status = 200 if len(found) >= count else 408
            return Json(_report(box, found), status_code=status)
        await box.journal.wait_change(left)


async def scenarios(request: Request) -> Response:
    """`GET /_box/scenarios`: every fault that can be played, and the plans that wait."""
    box = Call.of(request).box
    known = {
        name: {"doc": scenario.doc, "for": sorted(scenario.doors)}
        for name, scenario in SCENARIOS.items()
    }
    return Json({"scenarios": known, "plans": [p.public() for p in box.plans.waiting]})


async def plan(request: Request) -> Response:
    """`POST /_box/scenario` with `{"name", "for"?, "times"?, "after"?}`."""
    call = Call.of(request)
    try:
        added = call.box.plans.add(call.json())
    except UnknownScenario as error:
        raise Refusal(400, f"unknown scenario: {error}", shape=Shape.DETAIL) from error
    except (ValueError, TypeError) as error:
        raise Refusal(400, str(error), shape=Shape.DETAIL) from error
    return Json(added.public())


async def unplan(request: Request) -> Response:
    """`DELETE /_box/scenario`: forget all plans."""
    Call.of(request).box.plans.waiting.clear()
    return Json({"cleared": True})


async def settings(request: Request) -> Response:
    """`POST /_box/settings`: change `tokens_per_second`, `tokens`, `task_seconds` from now on."""
    call = Call.of(request)
    wish = call.json()
    box = call.box
    if "tokens_per_second" in wish:
        box.rate = float(wish["tokens_per_second"])
    if "tokens" in wish:
        box.author = box.author.with_length(wish["tokens"])
    if "task_seconds" in wish:
        box.tasks.seconds = float(wish["task_seconds"])
    return Json(
        {
            "tokens_per_second": box.rate,
            "tokens": box.author.length,
            "task_seconds": box.tasks.seconds,
        }
    )


async def about(request: Request) -> Response:
    """`GET /`: says what this is, to whoever opens it in a browser."""
    text = "<!doctype html><meta charset=utf-8><title>Demo</title>"
    text += "<p>The service in a box: a demo on this computer. 内置演示服务，只在本机运行。"
    return Response(text, media_type="text/html; charset=utf-8")


def _matching(box: Box, request: Request) -> list[Entry]:
    door, path = request.query_params.get("door"), request.query_params.get("path", "")
    return [
        entry
        for entry in box.journal.entries
        if (entry.door == door if door else entry.door != "box") and entry.path.startswith(path)
    ]


def _report(box: Box, entries: list[Entry]) -> dict[str, Any]:
    links = box.connections
    return {
        "requests": [entry.public() for entry in entries],
        "counters": dict(box.journal.arrived),
        "connections": {
            "open": len(links.open),
            "peak": links.peak,
            "closed": [
                {"number": link.number, "opened_at": link.opened_at, "closed_at": link.closed_at}
                for link in links.closed[-200:]
            ],
        },
        "accounts": box.accounts.public(),
        "tasks": len(box.tasks),
    }
