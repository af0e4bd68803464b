"""One network setting for both HTTP stacks: proxy, trust, time-outs; nothing else from outside.

httpx carries our own requests and httpx2 those of the SDKs. Both are given the same transport
(`transport.py`), which decides what leaves and what is believed; their own environment reading,
redirects and retries are off.
"""

from __future__ import annotations

import asyncio
import functools
import ssl
import sys
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import quote, urlsplit

from studio.core.errors import ErrorKind, StudioError
from studio.providers.addresses import is_loopback
from studio.providers.base import NetworkSettings
from studio.providers.bypass import is_excepted
from studio.providers.desktop_proxy import NAMED, desktop_proxies, names_script
from studio.providers.transport import ClientPolicy, GuardedTransport

WRITE_SECONDS = 60.0
POOL_SECONDS = 10.0
# Where distributions keep what they trust. Not OpenSSL's own default: SSL_CERT_FILE in the
# environment would silently replace it, or stop the program where the file is missing.
_BUNDLES = (
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
)
_UNRESERVED = "!$&'()*+,;="
_PROXY_SCHEMES = frozenset({"http", "https", "socks5", "socks5h"})


@functools.lru_cache(maxsize=4)
def _trust(certificate_file: str, stamp: float) -> ssl.SSLContext:
    # 25 ms of CPU a context, so it is made once; `stamp` makes a changed file a new context.
    # truststore asks the system itself on Windows and macOS.
    if sys.platform in ("win32", "darwin"):
        import truststore

        context: ssl.SSLContext = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    else:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        bundle = next((path for path in _BUNDLES if Path(path).is_file()), "")
        if not bundle:
            import certifi

            bundle = certifi.where()
        context.load_verify_locations(bundle)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if certificate_file:
        context.load_verify_locations(certificate_file)
    return context


def trust(certificate_file: str = "") -> ssl.SSLContext:
    """The system's trusted authorities and those of one PEM file more.

    Raises StudioError(CERTIFICATE_FILE) when that file is missing or no PEM.
    """
    try:
        stamp = Path(certificate_file).stat().st_mtime if certificate_file else 0.0
        return _trust(certificate_file, stamp)
    except (OSError, ValueError) as error:  # SSLError is an OSError
        said = getattr(error, "strerror", "") or type(error).__name__
        name = Path(certificate_file).name
        raise StudioError(ErrorKind.CERTIFICATE_FILE, f"{name}: {said}") from None


def _clean_proxy(address: str) -> str:
    """A proxy's address as both stacks want it; `socks://` is what desktops write for SOCKS 5."""
    address = address.strip()
    if "://" not in address:
        address = f"http://{address}"
    scheme, _, rest = address.partition("://")
    login, at, place = rest.rstrip("/").rpartition("@")
    # Signs that end a login elsewhere in an address; what is coded already stays so.
    rest = quote(login, safe="%:" + _UNRESERVED) + at + place
    scheme = {"socks": "socks5", "socks4": "", "socks4a": ""}.get(scheme.lower(), scheme.lower())
    try:
        parts = urlsplit(f"{scheme}://{rest}")
        usable = scheme in _PROXY_SCHEMES and parts.hostname and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        # Its text may hold a password: it is not said back.
        raise StudioError(ErrorKind.PROXY)
    return f"{scheme}://{rest}"


def proxy_for(url: str, network: NetworkSettings) -> str:
    """The proxy for `url`, or empty for none; never one for this computer itself.

    Raises StudioError(PROXY) for an address that no proxy can have.
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    if not network.proxy or is_loopback(host):
        return ""
    if network.proxy != "system":
        return _clean_proxy(network.proxy)
    found: Mapping[str, str] = urllib.request.getproxies()
    if not any(found.get(each) for each in NAMED) and sys.platform not in ("win32", "darwin"):
        found = desktop_proxies()
    if is_excepted(parts, found.get("no", "")) or urllib.request.proxy_bypass(host):
        return ""
    address = found.get(parts.scheme) or found.get("all") or found.get("socks") or ""
    return _clean_proxy(address) if address else ""


@dataclass(frozen=True, slots=True)
class Stack:
    """One of the two HTTP stacks and how to make its parts; their interfaces are the same."""

    module: ModuleType

    def connections(self, proxy: str, network: NetworkSettings, *, kept: bool) -> Any:
        """A bare transport; with `kept` it keeps idle connections for the next request."""
        limits = self.module.Limits(
            max_connections=32,
            max_keepalive_connections=8 if kept else 0,
            keepalive_expiry=30.0,
        )
        return self.module.AsyncHTTPTransport(
            verify=trust(network.certificate_file),
            trust_env=False,
            http1=True,
            http2=False,
            limits=limits,
            proxy=self.module.Proxy(proxy) if proxy else None,
            retries=0,
        )


def httpx_stack() -> Stack:
    """The stack of our own requests."""
    import httpx

    return Stack(httpx)


def sdk_stack() -> Stack:
    """The stack of both SDKs."""
    import httpx2

    return Stack(httpx2)


def timeouts(stack: Stack, network: NetworkSettings, read: float | None) -> Any:
    """Time-outs in seconds; `read` is for each read, None where the caller counts content."""
    return stack.module.Timeout(
        connect=network.connect_seconds, write=WRITE_SECONDS, pool=POOL_SECONDS, read=read
    )


async def find_proxy(url: str, network: NetworkSettings) -> str:
    """`proxy_for` without holding up the window: the desktop is asked, and Windows asks
    DNS about its exceptions."""
    if network.proxy == "system":
        return await asyncio.to_thread(proxy_for, url, network)
    return proxy_for(url, network)


async def decided_by_script(url: str, network: NetworkSettings) -> bool:
    """Whether a script that is not run would have said how to reach `url`."""
    if network.proxy != "system" or is_loopback(urlsplit(url).hostname or ""):
        return False
    return await asyncio.to_thread(names_script)


async def open_client(
    stack: Stack, access: ClientPolicy, network: NetworkSettings, *, read: float | None
) -> Any:  # an AsyncClient of `stack`
    """A client of `stack` that reaches what `access` allows, over `network`, and nothing else.

    Raises StudioError(CERTIFICATE_FILE).
    """
    # Reading certificates costs a frame or two; from now on they are at hand.
    await asyncio.to_thread(trust, network.certificate_file)
    transport = GuardedTransport(
        stack.module, access, network, stack.connections, find_proxy, decided_by_script
    )
    return stack.module.AsyncClient(
        transport=transport,
        trust_env=False,
        follow_redirects=False,
        timeout=timeouts(stack, network, read),
    )
