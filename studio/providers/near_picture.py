"""Fetches a picture that the user points at on this computer or in the own network.

The service could not: such an address means nothing elsewhere. Nothing of ours goes along.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from studio.core.errors import ErrorKind
from studio.providers.addresses import is_near, origin_of
from studio.providers.exchange import JsonClient
from studio.providers.failures import ErrorContext
from studio.providers.image_answers import PICTURE_LIMIT
from studio.providers.transport import ClientPolicy

if TYPE_CHECKING:
    from studio.providers.base import NetworkSettings

SECONDS = 30.0


async def fetch_near(url: str, network: NetworkSettings) -> bytes:
    """The file at a near address, whatever it is; raises StudioError when it cannot be had."""
    host = urlsplit(url).hostname or ""
    border = ErrorContext(host, "")
    if not is_near(host):
        raise border.error(ErrorKind.REDIRECTED, host)
    access = ClientPolicy((origin_of(url),), {}, PICTURE_LIMIT, local=True, kept=False)
    # No proxy knows the way, and nothing secret is said on it.
    line = JsonClient(access, replace(network, proxy="", allow_plain_http=True), SECONDS)
    try:
        with border.watched():
            reply = await line.ask("GET", url, seconds=SECONDS)
    finally:
        await line.close()
    if reply.status != 200:
        raise border.error(ErrorKind.RESULT_GONE, f"HTTP {reply.status}")
    return reply.body
