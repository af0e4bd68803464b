"""Addresses of services: cleaned as typed, compared by origin, told local from public."""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from urllib.parse import SplitResult, urlsplit

from studio.core.errors import ErrorKind, StudioError

LONGEST_ADDRESS = 2000
_DEFAULT_PORTS = {"http": 80, "https": 443}
# Paths that people copy along with a base address.
_ROUTES = re.compile(
    r"/(chat/completions|completions|responses|messages(/count_tokens)?|models(/[^/]+){0,2}"
    r"|images/(generations|edits|variations)|embeddings|tasks(/[^/]*)?|audio/\w+)/*$",
    re.IGNORECASE,
)
# Signs of a Chinese keyboard, which stand where the address has their Latin kin.
_FULL_WIDTH = str.maketrans({"。": ".", "、": "/", "：": ":", "／": "/", "．": ".", "｡": "."})


def is_loopback(host: str) -> bool:
    """Whether `host` can only be this computer."""
    name = host.strip("[]").lower().rstrip(".")
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        found = ipaddress.ip_address(name)
    except ValueError:
        return False
    # IPv4 within IPv6 is no way that anybody writes it; Python tells it differently by version.
    return found.is_loopback and getattr(found, "ipv4_mapped", None) is None


def is_public(address: str) -> bool:
    """Whether an IP address belongs to the internet at large, seen through IPv4-in-IPv6 forms."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0].strip("[]"))
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv6Address):
        inner = found.ipv4_mapped or found.sixtofour
        if found.teredo is not None:
            return False
        if inner is not None:
            return inner.is_global and not inner.is_multicast
        # 64:ff9b::/96 reaches any IPv4 address through a translator.
        if found in ipaddress.ip_network("64:ff9b::/96"):
            return is_public(str(ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)))
    return found.is_global and not found.is_multicast


def is_near(host: str) -> bool:
    """Whether a service elsewhere cannot reach `host`: this computer, or the own network."""
    name = host.strip("[]").lower().rstrip(".")
    if is_loopback(name):
        return True
    if is_literal(name):
        try:
            found = ipaddress.ip_address(name.partition("%")[0])
        except ValueError:
            return False
        return found.is_private or found.is_link_local
    return "." not in name or name.endswith((".local", ".lan", ".home", ".internal", ".home.arpa"))


def is_literal(host: str) -> bool:
    """Whether `host` is an IP address and no name."""
    try:
        ipaddress.ip_address(host.strip("[]").partition("%")[0])
    except ValueError:
        # 2130706433, 0x7f.1 and the like are names to us and addresses to a resolver.
        return bool(re.fullmatch(r"(0x[0-9a-f]*|\d+)(\.(0x[0-9a-f]*|\d+))*\.?", host.lower()))
    return True


def origin_of(address: str) -> str:
    """Scheme, host and port, such as `https://host` or `http://127.0.0.1:8000`."""
    parts = urlsplit(address)
    scheme = parts.scheme.lower()
    host = (parts.hostname or "").lower().rstrip(".")
    host = f"[{host}]" if ":" in host else host
    port = parts.port
    if port is None or port == _DEFAULT_PORTS.get(scheme):
        return f"{scheme}://{host}"
    return f"{scheme}://{host}:{port}"


def _bad(text: str) -> StudioError:
    # A name and password in an address are secrets: they are never said back.
    return StudioError(ErrorKind.BAD_ADDRESS, re.sub(r"//[^/]*@", "//…@", text)[:200])


def _parts(text: str) -> SplitResult:
    try:
        parts = urlsplit(text)
        _ = parts.port  # raises for a port that is no number
    except ValueError:
        raise _bad(text) from None
    host = parts.hostname or ""
    if parts.scheme not in _DEFAULT_PORTS or not host or parts.username is not None:
        raise _bad(text)
    if not re.fullmatch(r"[\w.:%-]+", host) or ".." in host:
        raise _bad(text)
    return parts


def _is_near(bare: str) -> bool:
    """Whether an address without scheme is one of this computer or its local network."""
    try:
        host = urlsplit(f"//{bare}").hostname or ""
    except ValueError:
        return False
    if is_loopback(host) or host.endswith((".local", ".lan", ".internal", ".home.arpa")):
        return True
    try:
        return ipaddress.ip_address(host).is_private
    except ValueError:
        return "." not in host  # the name of a computer, as the router knows it


def clean_address(text: str, *, allow_plain_http: bool = False) -> str:
    """Return a base address as typed by people: with scheme, without `/v1` twice or a last slash.

    A route of the interface and what follows `?` or `#` are left out, as no base has them. A
    computer of the local network without a scheme is asked over http://, as such servers are.
    A host in other letters than Latin becomes its `xn--` form, so that look-alikes show.
    Raises StudioError: BAD_ADDRESS, or NOT_ENCRYPTED for http:// to anything but this computer.
    """
    address = text.strip().strip("\"'<>`“”‘’《》「」").strip()
    address = unicodedata.normalize("NFKC", address.translate(_FULL_WIDTH)) if address else ""
    address = re.sub(r"^(https?)(:/?|//)(?=[^/])", r"\1://", address, flags=re.IGNORECASE)
    if not address or len(address) > LONGEST_ADDRESS or re.search(r"[\s\x00-\x1f\\]", address):
        raise _bad(address)
    if "://" not in address:
        bare = address.removeprefix("//")
        address = f"{'http' if _is_near(bare) else 'https'}://{bare}"
    scheme, _, rest = address.partition("://")
    parts = _parts(f"{scheme.lower()}://{rest}")
    try:
        host = (parts.hostname or "").encode("idna").decode("ascii")
    except UnicodeError:
        raise _bad(address) from None
    if parts.scheme == "http" and not allow_plain_http and not is_loopback(host):
        raise StudioError(ErrorKind.NOT_ENCRYPTED, values={"host": host})
    host = f"[{host}]" if ":" in host else host
    port = f":{parts.port}" if parts.port not in (None, _DEFAULT_PORTS[parts.scheme]) else ""
    path = _ROUTES.sub("", re.sub(r"/{2,}", "/", parts.path).rstrip("/"))
    path = re.sub(r"(/v1)+$", "/v1", path)
    return f"{parts.scheme}://{host}{port}{path}"
