"""Pictures from words: order, ask how far it is, fetch; asynchronous and synchronous, on httpx."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from typing import Any
from urllib.parse import quote, urlsplit

from studio.core.errors import ErrorKind, StudioError
from studio.core.images import ImageRequest
from studio.providers.addresses import is_loopback, origin_of
from studio.providers.base import (
    Endpoint,
    ExchangeRecorder,
    Finished,
    NetworkSettings,
    RateLimitListener,
    StillRunning,
    Submitted,
)
from studio.providers.exchange import JsonClient, Reply
from studio.providers.failures import ErrorContext, chain_of
from studio.providers.headers import request_id
from studio.providers.image_answers import (
    PICTURE_LIMIT,
    TaskState,
    content_of,
    says_unknown,
    state_of,
    task_id_of,
    told_by,
    urls_of,
    word_of,
)
from studio.providers.image_refusals import refused_values, unknown_parameters
from studio.providers.refusals import read_body
from studio.providers.transport import MEBIBYTE, ClientPolicy, SentError

ANSWER_LIMIT = 96 * MEBIBYTE  # some hosts answer with the picture itself, in Base64
SYNCHRONOUS_SECONDS = 300.0  # a host that answers with the picture makes it first
POLL_SECONDS = 30.0
# Answers of these statuses do not tell whether the order went through behind the gateway.
_UNSURE = frozenset({408, 499, 502, 504, 520, 522, 524})
_MAGIC = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF87a", b"GIF89a", b"BM")


def is_picture(content: bytes) -> bool:
    """Whether the first bytes are those of PNG, JPEG, GIF, WebP, BMP or AVIF."""
    if content[:4] == b"RIFF":
        return content[8:12] == b"WEBP"
    if content[4:8] == b"ftyp":
        return content[8:12] in (b"avif", b"avis", b"mif1")
    return content.startswith(_MAGIC)


def body_of(request: ImageRequest) -> dict[str, Any]:
    """The request as the interface has it; what is not set is not sent."""
    size = f"{request.size[0]}x{request.size[1]}" if request.size else None
    optional: dict[str, Any] = {
        "negative_prompt": request.negative_prompt or None,
        "size": size,
        "seed": request.seed,
        "steps": request.steps,
        "guidance": request.guidance,
    }
    sent = {name: value for name, value in optional.items() if value is not None}
    return {"model": request.model, "prompt": request.prompt, **sent}


class ImageTasks:
    """The picture routes of one service; an ImageProvider."""

    def __init__(
        self,
        endpoint: Endpoint,
        token: str,
        network: NetworkSettings,
        listener: RateLimitListener | None = None,
        recorder: ExchangeRecorder | None = None,
    ) -> None:
        self._endpoint = endpoint
        self._token = token
        self._listener = listener
        auth = {"Authorization": f"Bearer {token}"} if token else {}
        origins = (endpoint.origin,)
        local = is_loopback(urlsplit(endpoint.origin).hostname or "")
        # Orders go over a connection of their own: on a kept one that breaks it could not be told
        # whether the order arrived.
        self._orders = JsonClient(
            ClientPolicy(origins, auth, ANSWER_LIMIT, kept=False, recorder=recorder),
            network,
            SYNCHRONOUS_SECONDS,
        )
        self._tasks = JsonClient(
            ClientPolicy(origins, auth, ANSWER_LIMIT, recorder=recorder), network, POLL_SECONDS
        )
        # Results may lie anywhere public, or on the service's own host.
        self._own_name = urlsplit(endpoint.origin).hostname or ""
        results = ClientPolicy(
            (), {}, PICTURE_LIMIT, local, recorder=recorder, own_origin=endpoint.origin
        )
        self._results = JsonClient(results, network, POLL_SECONDS)
        self._own_results = JsonClient(replace(results, auth=auth), network, POLL_SECONDS)

    def _border(self, model: str = "") -> ErrorContext:
        return ErrorContext(self._endpoint.host, self._token, model, self._listener, chat=False)

    async def submit(self, request: ImageRequest) -> Submitted | Finished:
        """Order a picture; see `base.ImageProvider.submit`."""
        border = self._border(request.model)
        if self._endpoint.needs_token and not self._token:
            raise border.error(ErrorKind.NO_TOKEN)
        body = body_of(request)
        reply = await self._order(border, body)
        dropped: tuple[str, ...] = ()
        if reply.status in (400, 422):
            refusal = border.refusal(reply.status, reply.headers, reply.body)
            dropped = _droppable(refusal, body)
            kept = {name: value for name, value in body.items() if name not in dropped}
            reply = await self._order(border, kept)
            if reply.status in (400, 422):
                refusal = border.refusal(reply.status, reply.headers, reply.body)
                _droppable(refusal, kept)
                raise refusal
        payload = _order_of(reply, border)
        urls = urls_of(payload, self._endpoint.origin)
        task_id, state = task_id_of(payload), state_of(word_of(payload))
        ended = not word_of(payload) or state is TaskState.DONE
        if urls and (ended or not task_id):
            return Finished(urls, dropped)
        if task_id:
            return Submitted(task_id, dropped)
        said = told_by(payload)
        number = said.request_id or request_id(reply.headers)
        if state is TaskState.FAILED:
            raise border.error(ErrorKind.TASK_FAILED, said.message or said.code, request_id=number)
        # It was taken and not refused: somewhere it may be under way.
        raise border.error(ErrorKind.MAYBE_SUBMITTED, said.message, request_id=number)

    async def _order(self, border: ErrorContext, body: dict[str, Any]) -> Reply:
        url = f"{self._endpoint.openai_base}/images/generations"
        headers = {"X-ModelScope-Async-Mode": "true"}
        try:
            with border.watched():
                reply = await self._orders.ask(
                    "POST", url, body=body, headers=headers, seconds=SYNCHRONOUS_SECONDS
                )
        except StudioError as error:
            if not _had_left(error):
                raise
            raise border.error(
                ErrorKind.MAYBE_SUBMITTED, error.detail, request_id=error.request_id
            ) from None
        border.note(reply.headers)
        return reply

    async def poll(self, task_id: str) -> StillRunning | Finished:
        """Ask how far a task is; see `base.ImageProvider.poll`."""
        border = self._border()
        url = f"{self._endpoint.openai_base}/tasks/{quote(task_id, safe='')}"
        headers = {"X-ModelScope-Task-Type": "image_generation"}
        with border.watched():
            reply = await self._tasks.ask("GET", url, headers=headers, seconds=POLL_SECONDS)
        border.note(reply.headers)
        return _look_at(reply, border, self._endpoint.origin)

    async def download(self, url: str) -> bytes:
        """Fetch a result; see `base.ImageProvider.download`."""
        if url[:5].lower() == "data:":
            border = self._border()
            content = await asyncio.to_thread(content_of, url)
            if content is None:
                raise border.error(ErrorKind.NOT_A_PICTURE)
        else:
            parts = urlsplit(url)
            host = parts.hostname or ""
            border = ErrorContext(host, self._token)
            plain = parts.scheme == "http" and not is_loopback(host)
            if plain and not (host == self._own_name and self._endpoint.origin.startswith("http:")):
                url, plain = f"https{url[4:]}", False
            with border.watched():
                reply = await self._fetched(url, own_network=plain)
            if reply.status != 200:
                refusal = border.refusal(reply.status, reply.headers, reply.body)
                raise border.error(
                    ErrorKind.RESULT_GONE, refusal.detail, request_id=refusal.request_id
                )
            content = reply.body
        if not is_picture(content):
            raise border.error(ErrorKind.NOT_A_PICTURE)
        return content

    async def _fetched(self, url: str, *, own_network: bool) -> Reply:
        """A result; with the token only on the service's own origin.

        There it goes along at once where the host is one of the own network, which guards all it
        has with the same token, and elsewhere when the host asks for it.
        """
        own = bool(self._token) and origin_of(url) == self._endpoint.origin
        if not (own and own_network):
            reply = await self._results.ask("GET", url)
            if not own or reply.status != 401:
                return reply
        return await self._own_results.ask("GET", url)

    async def close(self) -> None:
        """Close kept connections."""
        for line in (self._orders, self._tasks, self._results, self._own_results):
            await line.close()


def _order_of(reply: Reply, border: ErrorContext) -> Any:
    """The JSON of an order's answer; MAYBE_SUBMITTED where it does not tell what became of it."""
    try:
        return reply.payload(border)
    except StudioError as error:
        unreadable = error.kind in (ErrorKind.BAD_REPLY, ErrorKind.EMPTY_ANSWER)
        if reply.status in _UNSURE or unreadable:
            raise border.error(
                ErrorKind.MAYBE_SUBMITTED, error.detail, request_id=error.request_id
            ) from None
        raise


def _had_left(error: StudioError) -> bool:
    """Whether an order may have arrived although asking for it failed."""
    # An answer had begun: its body was cut, too large or broken.
    if error.kind in (ErrorKind.CUT_SHORT, ErrorKind.TOO_LARGE, ErrorKind.BAD_REPLY):
        return True
    # Our own limit in all; a stack's time-outs say by SentError how far they had come.
    return type(error.__context__) is TimeoutError or any(
        isinstance(each, SentError) for each in chain_of(error)
    )


def _droppable(refusal: StudioError, body: dict[str, Any]) -> tuple[str, ...]:
    """The parameters that a refusal does not know; raises it where it is about anything else.

    Where it names values that were sent, it says so as `values["fields"]`.
    """
    if refusal.kind is ErrorKind.REFUSED:
        unknown = unknown_parameters(refusal.detail, body)
        if unknown:
            return unknown
        if fields := refused_values(refusal.detail, body):
            refusal.values["fields"] = " ".join(fields)
    raise refusal


def _look_at(reply: Reply, border: ErrorContext, origin: str) -> StillRunning | Finished:
    """What a look at a task says."""
    number = request_id(reply.headers)
    said = read_body(reply.body, reply.headers.get("content-type", ""))
    # 5xx is the service's trouble, and the task may be well.
    if reply.status in (404, 410) or (300 <= reply.status < 500 and says_unknown(said)):
        raise border.error(
            ErrorKind.TASK_UNKNOWN, said.message, request_id=said.request_id or number
        )
    payload = _task_of(reply, border)
    word, told = word_of(payload), told_by(payload)
    state = state_of(word) if word else None
    number = told.request_id or number
    detail = told.message or told.code
    lost = state is TaskState.UNKNOWN or says_unknown(told)
    if lost and state not in (TaskState.RUNNING, TaskState.DONE):
        raise border.error(ErrorKind.TASK_UNKNOWN, detail, request_id=number)
    if state is TaskState.FAILED:
        raise border.error(ErrorKind.TASK_FAILED, detail, request_id=number)
    if state is TaskState.RUNNING:
        return StillRunning(word[:40])
    urls = urls_of(payload, origin)
    if urls:
        return Finished(urls)
    kind = ErrorKind.RESULT_GONE if state is TaskState.DONE else ErrorKind.BAD_REPLY
    raise border.error(kind, "" if state else detail, request_id=number)


def _task_of(reply: Reply, border: ErrorContext) -> Any:
    """The JSON of a task; `errors` within it belong to the task and not to the request."""
    if reply.status < 300:
        try:
            payload = json.loads(reply.body.decode("utf-8-sig", "replace"))
        except (ValueError, RecursionError):
            payload = None
        if word_of(payload) or says_unknown(told_by(payload)):
            return payload
    return reply.payload(border)
