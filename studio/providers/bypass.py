"""Which hosts a list of exceptions such as NO_PROXY names, as curl and desktops write it."""

from __future__ import annotations

import ipaddress
import re
from fnmatch import fnmatchcase
from urllib.parse import SplitResult

_PORTS = {"http": 80, "https": 443}
_ENTRY = re.compile(r"^(?:[a-z][a-z0-9+.-]*://)?(\[[^]]*\]|[^:]*(?=:\d+$)|.*?)(?::(\d+))?/?$")


def is_excepted(parts: SplitResult, exceptions: str) -> bool:
    """Whether the address `parts` is one of `exceptions`.

    An entry is a name with all below it (`x.org`, `.x.org`, `*.x.org`), a pattern (`192.168.*`),
    a network (`10.0.0.0/8`), an address, `<local>` for names without a dot, or `*`; with a port
    (`x.org:443`) it holds for that port alone.
    """
    host = (parts.hostname or "").rstrip(".").lower()
    port = parts.port or _PORTS.get(parts.scheme, 0)
    return any(_names(entry, host, port) for entry in re.split(r"[,;|\s]+", exceptions.lower()))


def _names(entry: str, host: str, port: int) -> bool:
    if _in_network(entry, host):
        return True
    found = _ENTRY.match(entry)
    if found is None or not found[1] or (found[2] and int(found[2]) != port):
        return False
    name = found[1].strip("[]").rstrip(".")
    if name == "<local>":
        return "." not in host and ":" not in host
    below = name.removeprefix("*").removeprefix(".")
    if "*" not in below and "?" not in below:
        return name == "*" or host == below or (bool(below) and host.endswith(f".{below}"))
    return fnmatchcase(host, name) or (name != below and fnmatchcase(host, below))


def _in_network(entry: str, host: str) -> bool:
    try:
        return ipaddress.ip_address(host) in ipaddress.ip_network(entry.strip("[]"), strict=False)
    except (ValueError, TypeError):
        return False
