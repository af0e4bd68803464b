"""Pictures of a request: written into its body while it leaves, so that no long JSON is ever made.

    door       picture -> a mark within the JSON          (`enclose`)
    transport  the mark -> the picture, a piece at a time (`fill`)

Eight pictures of 5 MiB would else hold up the window for half a second, and take 200 MiB for it.
"""

from __future__ import annotations

import base64
import functools
import re
import secrets
from collections.abc import AsyncIterator
from contextvars import ContextVar
from types import ModuleType
from typing import Any

from studio.providers.stream_guard import CooperativeYield

WORTH_IT = 32 * 1024  # bytes; less is quickly written at once
PIECE = 48 * 1024  # bytes of a picture at once: a multiple of three, so that no padding is between
_MARK = re.compile(rb"enclosed-[0-9a-f]{32}")

# Pictures by their marks: known where a request is written, needed where it leaves.
enclosed: ContextVar[dict[str, bytes] | None] = ContextVar("enclosed", default=None)


def enclose(content: bytes) -> str:
    """What stands for `content` in a JSON: a mark, or Base64 where it is short or nobody fills."""
    pictures = enclosed.get()
    if pictures is None or len(content) <= WORTH_IT:
        return base64.b64encode(content).decode()
    mark = f"enclosed-{secrets.token_hex(16)}"
    pictures[mark] = content
    return mark


def fill(module: ModuleType, body: bytes) -> tuple[Any, int] | None:
    """The stream (of either HTTP stack) and the length of `body` with its pictures, if it has any.

    The stream can be sent again, as over another connection.
    """
    pictures = enclosed.get()
    if not pictures:
        return None
    parts: list[tuple[bytes, bool]] = []  # and whether it is a picture
    length = at = 0
    for found in _MARK.finditer(body):
        picture = pictures.get(found[0].decode())
        if picture is not None:  # else it is a word of the user's
            parts += [(body[at : found.start()], False), (picture, True)]
            length += found.start() - at + 4 * ((len(picture) + 2) // 3)
            at = found.end()
    if not parts:
        return None
    parts.append((body[at:], False))
    return _stream_type(module)(parts), length + len(body) - at


@functools.cache
def _stream_type(module: ModuleType) -> Any:
    class FilledBody(module.AsyncByteStream):  # type: ignore[misc, name-defined]  # either stack's
        def __init__(self, parts: list[tuple[bytes, bool]]) -> None:
            self._parts = parts

        async def __aiter__(self) -> AsyncIterator[bytes]:
            turns = CooperativeYield()
            for content, is_picture in self._parts:
                if not is_picture:
                    yield content
                    continue
                for at in range(0, len(content), PIECE):
                    yield base64.b64encode(content[at : at + PIECE])
                    if turns.due:
                        await turns.give()

    return FilledBody
