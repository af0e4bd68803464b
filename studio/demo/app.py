"""Puts the box together: the table of routes, and the doorway that every request comes through."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Route

from studio.demo import chat, control, hub, images
from studio.demo.bodies import Json
from studio.demo.call import KEY, ApiStyle, Call, door_of
from studio.demo.refusals import Refusal, Shape, body_of
from studio.demo.scenarios import Answer, UnknownScenario
from studio.demo.scenarios.plans import HEADER
from studio.demo.wire import EXTENSION

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from studio.demo.box import Box

LARGEST_BODY = 64 * 1024 * 1024

ROUTES = [
    Route("/", control.about),
    Route("/v1/models", chat.list_models),
    Route("/v1/chat/completions", chat.complete, methods=["POST"]),
    Route("/v1/messages", chat.message, methods=["POST"]),
    Route("/v1/images/generations", images.generate, methods=["POST"]),
    Route("/v1/tasks/{id}", images.poll),
    Route("/files/{id}.png", images.fetch),
    Route("/openapi/v1/magicubes/balance", hub.balance),
    Route("/api/v1/models/{org}/{name}", hub.model),
    Route("/api/v1/inference/list_model_providers", hub.providers),
    Route("/_box/requests", control.requests),
    Route("/_box/requests", control.clear, methods=["DELETE"]),
    Route("/_box/wait", control.wait),
    Route("/_box/scenarios", control.scenarios),
    Route("/_box/scenario", control.plan, methods=["POST"]),
    Route("/_box/scenario", control.unplan, methods=["DELETE"]),
    Route("/_box/settings", control.settings, methods=["POST"]),
]


def application(box: Box) -> ASGIApp:
    """The whole box as one ASGI application."""
    inner = Starlette(
        routes=ROUTES,
        exception_handlers={Refusal: _on_refusal, HTTPException: _on_missing_route},
    )
    return Doorway(box, inner)


class Doorway:
    """Writes every request down, reads its body, and plays the scenario it came under."""

    def __init__(self, box: Box, inner: ASGIApp) -> None:
        self._box = box
        self._inner = inner

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        box = self._box
        link = scope["extensions"][EXTENSION]
        headers = Headers(scope=scope)
        path, door = scope["path"], door_of(scope["path"])
        query = scope["query_string"].decode("latin-1")
        entry = box.journal.arrive(door, scope["method"], path, query, headers, link)
        link.requests += 1
        if link.drop_next:
            await link.reset()
            return
        body = await _read(receive)
        if body is None:
            return
        box.journal.read(entry, body)
        call = Call(box, door, box.new_id("request"), headers, body, link, entry)
        scope[KEY] = call
        try:
            answer = await self._answer(call, scope)
            await answer(scope, _replay(body, receive), _watched(call, send))
        finally:
            if not link.is_gone:
                box.journal.end(entry)

    async def _answer(self, call: Call, scope: Scope) -> ASGIApp:
        try:
            if not _is_local(call.headers.get("host", "")):
                raise Refusal(421, "This box only answers to its own address.")
            if call.door is not ApiStyle.BOX:
                call.chosen = self._box.plans.take(call.door, call.headers.get(HEADER, ""))
            if call.chosen is not None:
                call.entry.scenario = call.chosen.text
                if isinstance(call.chosen.scenario.effect, Answer):
                    effect = call.chosen.scenario.effect
                    return await effect.replace(call, call.chosen.argument) or self._inner
        except UnknownScenario as error:
            return rendered(Refusal(400, f"unknown scenario: {error}", shape=Shape.DETAIL), call)
        except Refusal as refusal:
            return rendered(refusal, call)
        return self._inner


def rendered(refusal: Refusal, call: Call) -> Response:
    """A refusal as the answer that its door gives."""
    content, media_type = body_of(refusal, call.door, call.request_id)
    if media_type == "application/json":
        return Json(content, refusal.status, refusal.headers)
    return Response(content, refusal.status, refusal.headers, f"{media_type}; charset=utf-8")


async def _on_refusal(request: Request, error: Exception) -> Response:
    assert isinstance(error, Refusal)
    return rendered(error, Call.of(request))


async def _on_missing_route(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    refusal = Refusal(error.status_code, str(error.detail), shape=Shape.DETAIL)
    return rendered(refusal, Call.of(request))


async def _read(receive: Receive) -> bytes | None:
    """The whole body; None when the client left before its end, or it is far too long."""
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        body += message.get("body", b"")
        if len(body) > LARGEST_BODY:
            return None
        if not message.get("more_body", False):
            return bytes(body)


def _replay(body: bytes, receive: Receive) -> Receive:
    given: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def next_message() -> Message:
        return given.pop() if given else await receive()

    return next_message


def _watched(call: Call, send: Send) -> Send:
    """A `send` that notes status and time, and adds the headers of every answer."""

    async def watching(message: Message) -> None:
        if message["type"] == "http.response.start":
            call.entry.status = message["status"]
            call.entry.first_byte_at = time.time()
            given = {name for name, _ in message["headers"]}
            added = {"x-request-id": call.request_id, "request-id": call.request_id}
            for name, value in {**added, **call.added_headers}.items():
                if name.encode() not in given:
                    message["headers"] = [*message["headers"], (name.encode(), value.encode())]
            call.box.journal.touch()
        await send(message)

    return watching


def _is_local(host: str) -> bool:
    # A web page that lets its own name point here must not be able to read the journal.
    return host.rpartition(":")[0].strip("[]") in ("127.0.0.1", "localhost", "::1") or host in (
        "127.0.0.1",
        "localhost",
    )
