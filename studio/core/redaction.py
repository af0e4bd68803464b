"""Takes a token out of any text by its value, in every encoding it may come back in."""

from __future__ import annotations

import base64
import json
import re
from functools import lru_cache
from urllib.parse import quote, quote_plus

MASK = "•••"
# A shorter secret would mask ordinary words; local servers are given tokens such as "none".
SHORTEST_SECRET = 8
# Tokens by form, for texts from before a token was known: two of the service's three forms and
# whatever follows Bearer. The third, a bare UUID, looks like any request id: only its value tells.
_FORMS = re.compile(
    r"ms-[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}|ms_oauth[\w.~+/=-]+"
    r"|(?<=bearer )[\w.~+/=-]{8,}|(?<=bearer%20)[\w.~+/=-]{8,}",
    re.IGNORECASE,
)


def secrets_of(token: str) -> tuple[str, ...]:
    """The plain texts that must not be shown: the token, and the UUID within `ms-` + UUID."""
    if len(token) < SHORTEST_SECRET:
        return ()
    bare = token[3:] if token.startswith("ms-") else ""
    return (token, bare) if len(bare) >= SHORTEST_SECRET else (token,)


def _base64_cores(secret: bytes) -> set[str]:
    """What is the same in the Base64 of every text that holds `secret`: one core an offset."""
    cores = set()
    for offset in range(3):
        encoded = base64.b64encode(b"\0" * offset + secret).decode()
        first = -(-offset * 8 // 6)  # characters that depend on what stands before
        last = (offset + len(secret)) * 8 // 6  # ... and from here on what stands behind
        cores.add(encoded[first:last])
    return cores


@lru_cache(maxsize=8)
def _pattern(token: str) -> re.Pattern[str] | None:
    found: set[str] = set()
    for secret in secrets_of(token):
        octets = secret.encode("utf-8", "surrogatepass")
        cores = _base64_cores(octets)
        found |= {secret, quote(octets, safe=""), quote_plus(octets), json.dumps(secret)[1:-1]}
        found |= cores | {core.replace("+", "-").replace("/", "_") for core in cores}
        found |= {octets.hex(), quote(octets.hex(), safe="")}
        found |= {"".join(f"%{octet:02x}" for octet in octets)}
    if not found:
        return None
    longest_first = sorted(found, key=len, reverse=True)
    return re.compile("|".join(re.escape(each) for each in longest_first), re.IGNORECASE)


def redact(text: str, token: str = "") -> str:
    """Return `text` with `token` masked: plain, Base64 at any offset, URL-encoded, JSON, hex."""
    pattern = _pattern(token)
    if pattern is not None:
        text = pattern.sub(MASK, text)
    return _FORMS.sub(MASK, text)
