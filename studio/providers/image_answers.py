"""Reads what hosts answer to orders of pictures and to looks at them, in the shapes they have.

ModelScope: `task_status`, `output_images`; others nest their words and pictures in `output`,
`data`, `result` and the like, name tasks `id` or `taskId`, and give pictures as addresses, as
data: addresses or as bare Base64.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from enum import Enum, auto
from itertools import pairwise
from typing import Any
from urllib.parse import unquote, unquote_to_bytes, urljoin

from studio.providers.refusals import Refusal, read_payload

PICTURE_LIMIT = 64 * 1024 * 1024  # bytes
_DEEPEST = 8  # levels that an answer is looked through
_WITHIN = ("output", "data", "result", "task", "response")
_WORDS = ("task_status", "taskStatus", "job_status", "status", "state")
_TASKS = ("task_id", "taskId", "taskID", "job_id", "jobId")
# Where pictures are, the likeliest place first; the first that holds any is believed alone, as
# some hosts give the same pictures twice, as address and as content.
_PLACES = (
    "output_images", "b64_json", "b64", "base64", "image_base64", "b64_image", "imageBase64",
    "binary_data_base64", "image_data", "url", "image_url", "imageUrl", "image_urls", "imageUrls",
    "output_image_urls", "output_url", "output_image", "download_url", "uri", "src", "sample",
    "image", "img", "images", "imgs", "artifacts", "predictions", "outputs", "output", "results",
    "result", "task_result", "urls", "data", "task", "response", "items",
)  # fmt: skip
# Here a text is words and no address.
_TEXTS = ("choices", "message", "content")
_ENCODED = re.compile(r"(b64|base64|binary|image_data)", re.IGNORECASE)
# Base64 of how PNG, JPEG, GIF, WebP, BMP and AVIF begin.
_ENCODED_START = re.compile(r"(iVBORw0KGg|/9j/|_9j_|R0lGOD|UklGR|Qk[0-3]|AAAA[A-Z]GZ0eX)")
_INLINE = re.compile(r"data:(image/|application/octet-stream|binary/|[;,])", re.IGNORECASE)
_BARE_INLINE = re.compile(r"(image/[\w.+-]+;)?base64[,:]", re.IGNORECASE)


class TaskState(Enum):
    """What a host's word for the state of a task means; RUNNING is every word nobody knows."""

    RUNNING = auto()
    DONE = auto()
    FAILED = auto()
    UNKNOWN = auto()  # the host does not know the task: not yet, or not any more


_DONE = frozenset(
    {
        *("succeed", "succeeded", "succeeds", "success", "successful", "successfully", "complete"),
        *("completed", "done", "finish", "finished", "ready", "ok", "ended"),
        *("成功", "已成功", "完成", "已完成"),
    }
)
_FAILED = frozenset(
    {
        *("fail", "failed", "fails", "failure", "error", "errored", "canceled", "cancelled"),
        *("cancel", "expired", "expire", "timeout", "timedout", "rejected", "aborted", "abort"),
        *("killed", "terminated", "revoked", "denied", "blocked", "moderated", "filtered", "nsfw"),
        *("invalid", "stopped", "interrupted", "crashed", "deleted", "lost"),
        *("失败", "已失败", "错误", "出错", "取消", "已取消", "超时", "已超时", "过期", "已过期"),
        *("拒绝", "已拒绝", "终止", "已终止"),
    }
)
_UNKNOWN = frozenset({"notfound", "nosuchtask", "不存在", "任务不存在"})
_UNKNOWN_TEXT = re.compile(
    r"\b(task|job|record|order|request|prediction)\b.{0,80}?"
    r"(\bnot (be )?(found|exist|known)|n.t exist|\bunknown\b)"
    r"|\b(no such|unknown|cannot find|can.t find|could not find|invalid) (task|job)"
    r"|task_?id\b.{0,80}?(not|invalid|unknown)|task_?not_?(found|exist)"
    r"|(任务|作业|订单).{0,40}?(不存在|未找到|找不到|没有找到)|(不存在|未找到|找不到|没有).{0,8}(任务|作业)",
    re.IGNORECASE | re.DOTALL,
)
_BARE_UNKNOWN = re.compile(r"\W*(not[ _]?found|404|不存在|未找到)\W*", re.IGNORECASE)


def state_of(word: str) -> TaskState:
    """What a word means in any case and dress: SUCCEED, Task_Status_Failed, timed-out."""
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", word)
    parts = re.findall(r"[a-z]+|[\u4e00-\u9fff]+", spaced.lower())
    known = set(parts) | {one + two for one, two in pairwise(parts)}
    if known & _UNKNOWN or parts == ["unknown"]:
        return TaskState.UNKNOWN
    if "not" in known or "waiting" in known:
        return TaskState.RUNNING
    if known & _FAILED:
        return TaskState.FAILED
    return TaskState.DONE if known & _DONE else TaskState.RUNNING


def says_unknown(said: Refusal) -> bool:
    """Whether a host's words mean that it does not know the task."""
    text = f"{said.message} {said.code}"
    return bool(_UNKNOWN_TEXT.search(text) or _BARE_UNKNOWN.fullmatch(said.message or said.code))


def word_of(payload: object) -> str:
    """The host's word for the state of a task; "" without one.

    The innermost is believed: around it a `status` may be that of the answer itself.
    """
    sources = _sources(payload)
    for name in _WORDS:
        for source in reversed(sources):
            found = source.get(name)
            if isinstance(found, str) and found.strip():
                return found.strip()[:500]
    return ""


def task_id_of(payload: object) -> str:
    """The id under which the task is asked after; "" when the answer names none."""
    sources = _sources(payload)
    for name in _TASKS:
        for source in sources:
            if found := _id(source.get(name)):
                return found
    # A plain `id` is a task's where a state stands beside it: pictures have ids as well.
    for source in sources:
        states = any(isinstance(source.get(each), str) for each in (*_WORDS, "polling_url"))
        if states and (found := _id(source.get("id"))):
            return found
    return ""


def told_by(payload: object) -> Refusal:
    """What an answer says went wrong, also where the task within it says so."""
    for source in reversed(_sources(payload)):
        said = read_payload(source)
        if said.message or said.code:
            return said
    return read_payload(payload)


def _id(value: object) -> str:
    known = isinstance(value, str | int) and not isinstance(value, bool)
    return str(value).strip()[:500] if known else ""


def _sources(payload: object) -> list[dict[str, Any]]:
    """An answer and the objects within it that may speak of the task, outermost first."""
    found: list[dict[str, Any]] = []
    waiting = [payload[0] if isinstance(payload, list) and len(payload) == 1 else payload]
    while waiting and len(found) < _DEEPEST:
        source = waiting.pop(0)
        if isinstance(source, dict):
            found.append(source)
            waiting += [source.get(name) for name in _WITHIN]
    return found


def urls_of(payload: object, origin: str = "") -> tuple[str, ...]:
    """The addresses (http, https, data:) of all pictures that an answer holds, in its order.

    `origin` is that of the host: an address without one is its own.
    """
    return tuple(dict.fromkeys(_pictures(payload, "", origin, _DEEPEST)))


def _pictures(value: object, place: str, origin: str, depth: int) -> Iterator[str]:
    if isinstance(value, str):
        address = "" if place in _TEXTS else _address(value, place, origin)
        if address:
            yield address
    elif depth and isinstance(value, list):
        for each in value:
            yield from _pictures(each, place, origin, depth - 1)
    elif depth and isinstance(value, dict):
        for name in (*_PLACES, *_TEXTS):
            found = list(_pictures(value.get(name), name, origin, depth - 1))
            if found:
                yield from found
                return


def _address(text: str, place: str, origin: str) -> str:
    text = text.strip()
    low = text[:8].lower()
    if low.startswith(("http://", "https://")) or _INLINE.match(text):
        return text
    if text.startswith("//"):
        return f"https:{text}"
    if _ENCODED.search(place) or _ENCODED_START.match(text) or _BARE_INLINE.match(text):
        return f"data:image/png;base64,{_BARE_INLINE.sub('', text, count=1)}" if text else ""
    return urljoin(f"{origin}/", text) if origin and text.startswith("/") else ""


def content_of(url: str) -> bytes | None:
    """The bytes of a data: address; None for one that is broken or larger than a picture may be.

    Base64 is read with or without padding and line ends, in its form for addresses, percent-coded,
    in quotes, and with its head written twice.
    """
    head, comma, content = url.partition(",")
    while _INLINE.match(content[:100]):
        head, comma, content = content.partition(",")
    if not comma or len(content) > PICTURE_LIMIT * 2:
        return None
    if "base64" not in head.lower():
        return unquote_to_bytes(content) or None
    if "%" in content[:4096] or content.rstrip()[-3:].startswith("%"):
        content = unquote(content)
    content = re.sub(r"\s+", "", content).removeprefix("b'").strip("'\"`").rstrip("=")
    content = content.translate({ord("-"): "+", ord("_"): "/"})
    if not content or len(content) > PICTURE_LIMIT * 4 // 3 + 8:
        return None
    try:
        return base64.b64decode(content + "=" * (-len(content) % 4), validate=True)
    except (binascii.Error, ValueError):
        return None
