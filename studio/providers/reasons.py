"""Sentences for failures of the network whose kind alone would say too little."""

from __future__ import annotations

import re
import time

from studio.core.texts import QT_TRANSLATE_NOOP

OVER_PROXY = QT_TRANSLATE_NOOP(
    "network",
    "It goes through a proxy, which could read your token and words over http://. Name {host} "
    "among the proxy's exceptions (NO_PROXY), or use no proxy.",
)
PROXY_BUSY = QT_TRANSLATE_NOOP(
    "network",
    "It answered {status}: it cannot reach {host} now. It is not your login; retry later.",
)
PROXY_FORBIDS = QT_TRANSLATE_NOOP(
    "network", "It answered {status}: it does not allow connections to {host}."
)
EXPIRED = QT_TRANSLATE_NOOP(
    "network",
    "Its certificate has expired, if this computer's date is right: {date}. If it is not, set the "
    "clock. Nothing was sent.",
)
NOT_YET = QT_TRANSLATE_NOOP(
    "network",
    "Its certificate is not valid yet, if this computer's date is right: {date}. If it is not, set "
    "the clock. Nothing was sent.",
)
BY_SCRIPT = QT_TRANSLATE_NOOP(
    "network",
    "The system leaves its proxy to a script (PAC), which is not run here: it was tried without a "
    "proxy. If one is needed, enter it in the network settings.",
)
_STATUS = re.compile(r"^\s*(\d{3})\b")
# OpenSSL's X509_V_ERR_CERT_NOT_YET_VALID and X509_V_ERR_CERT_HAS_EXPIRED
_DATES = {9: NOT_YET, 10: EXPIRED}


def proxy_values(said: str) -> dict[str, str]:
    """What fills the words for a proxy's refusal, which begins with its status; {} for 407."""
    found = _STATUS.match(said)
    status = int(found[1]) if found else 0
    if status >= 500 or status in (408, 429):
        return {"reason": PROXY_BUSY, "status": str(status)}
    if status in (403, 405):
        return {"reason": PROXY_FORBIDS, "status": str(status)}
    return {}


def certificate_values(error: BaseException) -> dict[str, str]:
    """What fills the words for a certificate that is out of its time."""
    code = getattr(error, "verify_code", 0)  # only a handshake sets it
    if code not in _DATES:
        return {}
    return {"reason": _DATES[code], "date": time.strftime("%Y-%m-%d")}
