"""Addresses in text: which are links, which may be opened, and which host they really name."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from studio.core.markdown.runs import Face, Run

# Chinese signs end an address, as a space does.
_ADDRESS = re.compile(
    r"(?<![A-Za-z0-9_/.@-])(?:https?://|www\.)"
    r"[^\s<>\"'`\\^{}|\u3000-\u303f\u30fb\uff00-\uffef“”‘’…—·]+",
    re.IGNORECASE,
)
_WIDE = re.compile(r"[\u2e80-\ud7ff\uf900-\ufaff\U00020000-\U0003ffff]+")
_LEADS = "/=&?#%_-+(,:~"  # what Chinese that belongs to an address stands behind
_TRAILING = ".,:;!?*_~"


def linked(styled: list[Run]) -> list[Run]:
    """Turn bare http and https addresses in plain text into links."""
    if not any(_may_hold_address(run) for run in styled):
        return styled
    found: list[Run] = []
    for run in styled:
        found += _split_addresses(run) if _may_hold_address(run) else [run]
    return found


def _may_hold_address(run: Run) -> bool:
    if run.href or run.face & (Face.CODE | Face.FORMULA | Face.PICTURE):
        return False
    return "://" in run.text or "www." in run.text


def _split_addresses(run: Run) -> list[Run]:
    parts: list[Run] = []
    at = 0
    for match in _ADDRESS.finditer(run.text):
        address = _own_part(match.group()).rstrip(_TRAILING)
        while address.endswith(")") and address.count(")") > address.count("("):
            address = address[:-1].rstrip(_TRAILING)
        target = address if "://" in address else f"https://{address}"
        if not host_of(target):
            continue
        parts.append(run._replace(text=run.text[at : match.start()]))
        parts.append(run._replace(text=address, href=target))
        at = match.start() + len(address)
    parts.append(run._replace(text=run.text[at:]))
    return [part for part in parts if part.text]


def _own_part(address: str) -> str:
    """An address without the Chinese text that goes on behind it without a space.

    Chinese within an address begins a step of the path, a name or a value; in the query it may
    also stand behind a letter.
    """
    for wide in _WIDE.finditer(address):
        before = address[wide.start() - 1]
        asked = "?" in address[: wide.start()] and before.isascii() and before.isalpha()
        if before not in _LEADS and not asked:
            return address[: wide.start()]
    return address


def host_of(address: str) -> str:
    """The host (and port, if unusual) of an http or https address in ASCII, else nothing."""
    try:
        parts = urlsplit(address)
        host, port = parts.hostname or "", parts.port
        if parts.scheme.lower() not in ("http", "https") or not host:
            return ""
        ascii_host = host.encode("idna").decode("ascii") if not host.isascii() else host
    except ValueError:  # also what the IDNA codec raises
        return ""
    return f"{ascii_host}:{port}" if port else ascii_host


_UNSAFE = re.compile(r"[\x00-\x20\x7f-\x9f\\<>\"`\u200b-\u200f\u202a-\u202e\u2066-\u2069]")


def safe_link(address: str) -> str:
    """`address` if it may be opened after the user saw its host, else nothing.

    Only http and https with a host, without user information, control characters or spaces.
    """
    if not address or _UNSAFE.search(address) or not host_of(address):
        return ""
    return "" if "@" in urlsplit(address).netloc else address
