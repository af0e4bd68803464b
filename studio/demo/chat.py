"""The two chat doors: OpenAI-compatible completions and Anthropic-compatible messages."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from studio.demo import catalogue, images, picture_facts, questions
from studio.demo.bodies import Json
from studio.demo.call import Call
from studio.demo.dialects import Anthropic, Dialect, OpenAI
from studio.demo.playback import Playback
from studio.demo.scenarios import Stream

if TYPE_CHECKING:
    from collections.abc import Iterable

    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.types import ASGIApp, Receive, Scope, Send

    from studio.demo.accounts import Account
    from studio.demo.picture_facts import PictureFacts
    from studio.demo.playback import Step
    from studio.demo.questions import Question
    from studio.demo.replies import Reply


class Hosted:
    """An ASGI answer played while its account counts as busy."""

    def __init__(self, inner: ASGIApp, account: Account) -> None:
        self._inner = inner
        self._account = account

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with self._account.busy():
            await self._inner(scope, receive, send)


async def list_models(request: Request) -> Response:
    """`GET /v1/models`: open to anybody, and without any picture model."""
    rows = [
        {"id": model.id, "object": "", "owned_by": "system", "created": 1_732_500_000}
        for model in catalogue.models().values()
        if model.listed and model.chats
    ]
    return Json({"object": "list", "data": rows})


async def complete(request: Request) -> ASGIApp:
    """`POST /v1/chat/completions`."""
    call = Call.of(request)
    account = call.account()
    body = call.json()
    streams = body.get("stream") is True
    question = questions.from_openai(body, streams=streams)
    options = body.get("stream_options")
    dialect = OpenAI(
        model=str(body["model"]),
        id=f"chatcmpl-{call.request_id}",
        thinking=question.model.thinking,
        with_usage=isinstance(options, dict) and options.get("include_usage") is True,
    )
    return await _answer(call, account, question, dialect, streams)


async def message(request: Request) -> ASGIApp:
    """`POST /v1/messages`."""
    call = Call.of(request)
    account = call.account()
    body = call.json()
    question = questions.from_anthropic(body)
    dialect = Anthropic(model=str(body["model"]), id=f"msg_{call.request_id}")
    return await _answer(call, account, question, dialect, body.get("stream") is True)


async def _answer(
    call: Call, account: Account, question: Question, dialect: Dialect, streams: bool
) -> ASGIApp:
    sights = [await _look(call, url) for url in question.pictures]
    account.pay(question.model.cost)
    tokens = call.headers.get("x-studio-tokens", "")
    author = call.box.author
    if tokens.isdecimal():
        author = author.with_length(int(tokens))
    # Long answers are long work: in a thread, so that other streams keep their pace.
    reply = await asyncio.to_thread(author.reply, question, sights)
    effect = call.chosen.scenario.effect if call.chosen is not None else None
    if not streams or call.fate("plain_json_200") is not None:
        return Hosted(Whole(call, reply, dialect), account)
    steps: Iterable[Step] = dialect.frames(reply)
    bare = False
    if isinstance(effect, Stream) and call.chosen is not None:
        steps = effect.alter(dialect.frames(reply), dialect, call.chosen.argument)
        bare = effect.bare
    rate = call.box.rate
    performance = Playback(
        steps=steps,
        connection=call.connection,
        entry=call.entry,
        rate=rate,
        lead=call.box.options.first_token_seconds if rate > 0 else 0.0,
        headers={"x-request-id": call.request_id, "request-id": call.request_id},
        bare=bare,
    )
    return Hosted(performance, account)


class Whole:
    """A non-streaming answer: comes after the time that its tokens take."""

    def __init__(self, call: Call, reply: Reply, dialect: Dialect) -> None:
        self._call = call
        self._reply = reply
        self._dialect = dialect

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        rate = self._call.box.rate
        seconds = self._reply.completion_tokens / rate if rate > 0 else 0.0
        if seconds and await self._call.connection.wait_gone(seconds):
            return
        self._call.entry.tokens_sent = self._reply.completion_tokens
        body: dict[str, Any] = self._dialect.whole(self._reply)
        await Json(body)(scope, receive, send)


async def _look(call: Call, url: str) -> PictureFacts | str:
    if url.startswith("data:"):
        raw = picture_facts.decode_url(url)
    elif (drawn := await images.own_picture(call.box, url)) is not None:
        raw = drawn
    else:
        return url
    return await asyncio.to_thread(picture_facts.look, raw)
