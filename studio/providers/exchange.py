"""One request and its whole answer, on our own HTTP stack, with every failure explained."""

from __future__ import annotations

import asyncio
import json
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

from studio.core.errors import ErrorKind
from studio.providers.base import NetworkSettings
from studio.providers.charsets import text_of
from studio.providers.failures import ErrorContext
from studio.providers.headers import HeaderLookup, request_id
from studio.providers.network import httpx_stack, open_client
from studio.providers.packages import ready
from studio.providers.refusals import error_in, is_web_page
from studio.providers.transport import ClientPolicy


@dataclass(frozen=True, slots=True)
class Reply:
    """A whole answer of any status."""

    status: int
    headers: HeaderLookup
    body: bytes

    def payload(self, border: ErrorContext) -> dict[str, Any] | list[Any]:
        """The JSON of a good answer; StudioError for a refusal, a web page or anything else."""
        if self.status >= 300:
            raise border.refusal(self.status, self.headers, self.body)
        number = request_id(self.headers)
        text = text_of(self.body, self.headers.get("content-type", ""))
        try:
            payload = json.loads(text)
        except (ValueError, RecursionError):
            if is_web_page(self.body, self.headers.get("content-type", "")):
                raise border.error(ErrorKind.WEB_PAGE, request_id=number) from None
            if not self.body.strip():
                raise border.error(ErrorKind.EMPTY_ANSWER, request_id=number) from None
            raise border.error(ErrorKind.BAD_REPLY, text[:4000], request_id=number) from None
        if isinstance(payload, dict) and error_in(payload):
            raise border.refusal_within(self.headers, payload)
        if not isinstance(payload, dict | list):
            raise border.error(ErrorKind.BAD_REPLY, request_id=number)
        return payload


class JsonClient:
    """A client of our own stack, made when first used and closed with its owner."""

    def __init__(self, access: ClientPolicy, network: NetworkSettings, read_seconds: float) -> None:
        self._access = access
        self._network = network
        self._read_seconds = read_seconds
        self._client: Any = None  # an httpx.AsyncClient: imported when first used
        self._making = asyncio.Lock()
        self._under_way = 0
        self._closed = False

    async def ask(
        self,
        method: str,
        url: str,
        *,
        body: dict[str, Any] | None = None,
        headers: dict[str, str] | None = None,
        seconds: float | None = None,
    ) -> Reply:
        """Send a request and read the whole answer, within `seconds` in all if given.

        Raises whatever the stack does: call it within `ErrorContext.watched`.
        """
        content, sent = None, dict(headers or {})
        if body is not None:
            content = json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")
            sent["Content-Type"] = "application/json"
        self._under_way += 1
        try:
            async with self._making:
                self._client = self._client or await self._make()
            async with (
                asyncio.timeout(seconds),
                self._client.stream(method, url, content=content, headers=sent) as response,
            ):
                async with aclosing(response.aiter_raw()) as flowing:
                    pieces = [piece async for piece in flowing]
                return Reply(response.status_code, response.headers, b"".join(pieces))
        finally:
            self._under_way -= 1
            if self._closed:
                await self.close()

    async def _make(self) -> Any:
        await ready("httpx")
        return await open_client(
            httpx_stack(), self._access, self._network, read=self._read_seconds
        )

    async def close(self) -> None:
        """Close kept connections; what is under way ends first, and then closes its own."""
        self._closed = True
        if self._under_way:
            return
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()
