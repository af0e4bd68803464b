"""Servers that the user added beside the service: any that speaks one of the two interfaces."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, NamedTuple

MOST_HOSTS = 50


class HostKind(StrEnum):
    """Which interface a server speaks; the value is the id of its row in PROVIDERS."""

    OPENAI = "openai"
    ANTHROPIC = "anthropic"


class OtherHost(NamedTuple):
    """One server; `address` tells it from the others. Its token is not here: see the keyring.

    `plain_http`: the user accepted that words and token go to it unencrypted.
    """

    name: str
    address: str
    kind: HostKind = HostKind.OPENAI
    needs_token: bool = True
    plain_http: bool = False


def hosts_to_plain(hosts: tuple[OtherHost, ...]) -> list[dict[str, Any]]:
    """Values for a settings file."""
    return [{**host._asdict(), "kind": host.kind.value} for host in hosts]


def hosts_from_plain(plain: object) -> tuple[OtherHost, ...] | None:
    """What `hosts_to_plain` made; an entry that is none is left out, None where it is no list."""
    if not isinstance(plain, list):
        return None
    found: dict[str, OtherHost] = {}
    for entry in plain[:MOST_HOSTS]:
        host = _host(entry)
        if host is not None:
            found.setdefault(host.address, host)
    return tuple(found.values())


def _host(entry: object) -> OtherHost | None:
    if not isinstance(entry, dict):
        return None
    name, address = entry.get("name"), entry.get("address")
    kind = next((kind for kind in HostKind if kind.value == entry.get("kind")), None)
    if not isinstance(name, str) or not isinstance(address, str) or not address or kind is None:
        return None
    needs, plain = entry.get("needs_token", True), entry.get("plain_http", False)
    return OtherHost(name, address, kind, needs is not False, plain is True)
