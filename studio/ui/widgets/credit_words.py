"""What the chip at the top says of credits and quota: as the service says it, else unknown."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication

from studio.core.credits import Balance, RateLimits
from studio.sessions.studio import Studio
from studio.ui.look import text


@dataclass(frozen=True, slots=True)
class CreditWords:
    """Words, icon and tone of the chip, and the longer words of its tooltip."""

    words: str
    icon: str
    colour: str = "accent_text"
    tip: str = ""


def calls_left(limits: RateLimits) -> str:
    """1,874 of 2,000 calls left today; "" when the service did not say."""
    if limits.remaining is None:
        return ""
    return _left(limits.remaining, limits.limit)


def model_calls_left(limits: RateLimits) -> str:
    """The same of one model."""
    if limits.model_remaining is None:
        return ""
    return _left(limits.model_remaining, limits.model_limit)


def _left(remaining: int, limit: int | None) -> str:
    if limit is None:
        left = QCoreApplication.translate("credits", "Calls left today: {n}")
        return left.replace("{n}", text.number(remaining))
    words = QCoreApplication.translate("credits", "{n} of {limit} calls left today")
    return words.replace("{n}", text.number(remaining)).replace("{limit}", text.number(limit))


def held(balance: Balance) -> str:
    """2 held for running work; "" when nothing is."""
    if not balance.held:
        return ""
    words = QCoreApplication.translate("credits", "{n} held for running work")
    return words.replace("{n}", text.number(balance.held))


def credit_words(studio: Studio) -> CreditWords:
    """What is known now."""
    translate = QCoreApplication.translate
    service, balance = studio.service, studio.account.balance
    if service.demo:
        return CreditWords(translate("credits", "Demo"), "flask")
    if not service.has_token:
        return CreditWords(translate("credits", "No token yet"), "key")
    quota = calls_left(studio.usage_log.limits(service.key))
    endpoint = service.endpoint
    # A host beside the service has no credits; one on this computer is only asked in case it does.
    other = not endpoint.hub or endpoint.id == endpoint.origin
    if balance.available is None and other:
        return CreditWords(service.endpoint.title, "hard-drives", "muted", quota)
    if balance.available is None:
        words = quota or translate("credits", "Credits unknown")
        said = translate("credits", "The service has not said how many credits are left.")
        return CreditWords(words, "cube", "muted", said)
    parts = (text.credit_count(balance.available), held(balance), quota)
    low = studio.balance_watch.is_low(balance)
    return CreditWords(
        parts[0], "cube", "warn" if low else "accent_text", " · ".join(p for p in parts if p)
    )
