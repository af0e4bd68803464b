"""Pictures from words: order, ask how far it is, fetch; asynchronous and synchronous, on httpx."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, unquote_to_bytes, urlsplit

from studio.core.errors import ErrorKind, StudioError
from studio.core.images import ImageRequest
from studio.providers.addresses import is_loopback
from studio.providers.base import (
    Endpoint,
    ExchangeRecorder,
    Finished,
    NetworkSettings,
    RateLimitListener,
    StillRunning,
    Submitted,
)
from studio.providers.exchange import Line, Reply
from studio.providers.failures import Border, chain_of
from studio.providers.headers import request_id
from studio.providers.refusals import read_payload
from studio.providers.transport import MEBIBYTE, Access, SentError

PICTURE_LIMIT = 64 * MEBIBYTE
ANSWER_LIMIT = 96 * MEBIBYTE  # some hosts answer with the picture itself, in Base64
SYNCHRONOUS_SECONDS = 300.0  # a host that answers with the picture makes it first
POLL_SECONDS = 30.0
_DONE = frozenset({"SUCCEED", "SUCCEEDED", "SUCCESS", "COMPLETED", "DONE", "FINISHED"})
_FAILED = frozenset({"FAILED", "FAIL", "FAILURE", "ERROR", "CANCELED", "CANCELLED", "EXPIRED"})
# Answers of these statuses do not tell whether the order went through behind the gateway.
_UNSURE = frozenset({408, 499, 502, 504, 520, 522, 524})
# What a refusal may call each parameter that can be left out.
_OPTIONAL: dict[str, re.Pattern[str]] = {
    "negative_prompt": re.compile(r"negative.?prompt", re.IGNORECASE),
    "size": re.compile(
        r"(?<!file )(?<!input )\bsize\b|\b(width|height|resolution)\b", re.IGNORECASE
    ),
    "seed": re.compile(r"\bseed\b", re.IGNORECASE),
    "steps": re.compile(r"\b(num_inference_)?steps\b", re.IGNORECASE),
    "guidance": re.compile(r"\bguidance|\bcfg", re.IGNORECASE),
}
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
        self._orders = Line(
            Access(origins, auth, ANSWER_LIMIT, kept=False, recorder=recorder),
            network,
            SYNCHRONOUS_SECONDS,
        )
        self._tasks = Line(
            Access(origins, auth, ANSWER_LIMIT, recorder=recorder), network, POLL_SECONDS
        )
        self._results = Line(
            Access((), {}, PICTURE_LIMIT, local, recorder=recorder), network, POLL_SECONDS
        )

    def _border(self, model: str = "") -> Border:
        return Border(self._endpoint.host, self._token, model, self._listener)

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
            dropped = _refused_parameters(refusal, body)
            if not dropped:
                raise refusal
            kept = {name: value for name, value in body.items() if name not in dropped}
            reply = await self._order(border, kept)
        payload = _order_of(reply, border)
        urls = tuple(urls_of(payload))
        if urls:
            return Finished(urls, dropped)
        task_id = _find(payload, "task_id")
        if not task_id:
            raise border.error(ErrorKind.BAD_REPLY, request_id=request_id(reply.headers))
        return Submitted(task_id, dropped)

    async def _order(self, border: Border, body: dict[str, Any]) -> Reply:
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
        number = request_id(reply.headers)
        if reply.status in (404, 410):
            refusal = border.refusal(reply.status, reply.headers, reply.body)
            raise border.error(ErrorKind.TASK_FAILED, refusal.detail, request_id=number)
        payload = _task_of(reply, border)
        word = _find(payload, "task_status") or _find(payload, "status")
        urls = tuple(urls_of(payload))
        if word.upper() in _FAILED:
            said = read_payload(payload)
            detail = said.message or said.code
            raise border.error(ErrorKind.TASK_FAILED, detail, request_id=said.request_id or number)
        if urls and (not word or word.upper() in _DONE):
            return Finished(urls)
        if word.upper() in _DONE:
            raise border.error(ErrorKind.RESULT_GONE, request_id=number)
        if not word:
            raise border.error(ErrorKind.BAD_REPLY, request_id=number)
        return StillRunning(word[:40])

    async def download(self, url: str) -> bytes:
        """Fetch a result; see `base.ImageProvider.download`."""
        if url.startswith("data:"):
            border = self._border()
            content = _data_content(url)
            if content is None:
                raise border.error(ErrorKind.NOT_A_PICTURE)
        else:
            parts = urlsplit(url)
            host = parts.hostname or ""
            border = Border(host, self._token)
            if parts.scheme == "http" and not is_loopback(host):
                url = f"https{url[4:]}"
            with border.watched():
                reply = await self._results.ask("GET", url)
            if reply.status != 200:
                refusal = border.refusal(reply.status, reply.headers, reply.body)
                raise border.error(
                    ErrorKind.RESULT_GONE, refusal.detail, request_id=refusal.request_id
                )
            content = reply.body
        if not is_picture(content):
            raise border.error(ErrorKind.NOT_A_PICTURE)
        return content

    async def close(self) -> None:
        """Close kept connections."""
        for line in (self._orders, self._tasks, self._results):
            await line.close()


def _order_of(reply: Reply, border: Border) -> Any:
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


def _refused_parameters(refusal: StudioError, body: dict[str, Any]) -> tuple[str, ...]:
    """Which of the parameters sent a refusal names, if it is about parameters at all."""
    if refusal.kind is not ErrorKind.REFUSED:
        return ()
    named = (name for name, words in _OPTIONAL.items() if words.search(refusal.detail))
    return tuple(name for name in named if name in body)


def _task_of(reply: Reply, border: Border) -> Any:
    """The JSON of a task; `errors` within it belong to the task and not to the request."""
    if reply.status < 300 and b"task_status" in reply.body:
        try:
            return reply.payload(border)
        except StudioError as error:
            if error.kind in (ErrorKind.WEB_PAGE, ErrorKind.EMPTY_ANSWER):
                raise
            raise border.error(
                ErrorKind.TASK_FAILED, error.detail, request_id=error.request_id
            ) from None
    return reply.payload(border)


def _find(payload: object, name: str) -> str:
    """A text of a payload or of the `output` or `data` within it."""
    if not isinstance(payload, dict):
        return ""
    for source in (payload, payload.get("output"), payload.get("data")):
        if isinstance(source, dict) and isinstance(source.get(name), str | int):
            return str(source[name])[:500]
    return ""


def urls_of(payload: object) -> Iterator[str]:
    """The addresses (http, https, data:) of all pictures that an answer holds, in its order."""
    sources: list[object] = [payload]
    if isinstance(payload, dict):
        sources += [payload.get(name) for name in ("output", "result") if payload.get(name)]
    for source in sources:
        found: object = source
        if isinstance(source, dict):
            names = ("output_images", "images", "data")
            found = next((source[name] for name in names if source.get(name)), None)
        for each in found if isinstance(found, list) else []:
            url = _url_of(each)
            if url:
                yield url


def _url_of(entry: object) -> str:
    if isinstance(entry, str):
        return entry if entry.startswith(("http://", "https://", "data:image/")) else ""
    if isinstance(entry, dict):
        encoded = entry.get("b64_json") or entry.get("b64")
        if isinstance(encoded, str) and encoded:
            return encoded if encoded.startswith("data:") else f"data:image/png;base64,{encoded}"
        return _url_of(entry.get("url") or entry.get("image_url") or "")
    return ""


def _data_content(url: str) -> bytes | None:
    """The bytes of a data: address; None for one that is broken or too large."""
    head, comma, content = url.partition(",")
    if not comma or len(content) > PICTURE_LIMIT * 4 // 3 + 8:
        return None
    if not head.endswith(";base64"):
        return unquote_to_bytes(content)
    try:
        return base64.b64decode("".join(content.split()) + "=" * (-len(content) % 4))
    except (binascii.Error, ValueError):
        return None
