"""Tokens and what they may do: a token's own words say which state the box shows for it."""

from __future__ import annotations

import hashlib
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from studio.demo import refusals

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

FULL_BALANCE = 250.0

# A token that contains the word is refused so; any other token works.
STATES: tuple[tuple[str, Callable[[], refusals.Refusal]], ...] = (
    ("wrong", refusals.wrong_token),
    ("unbound", refusals.unbound),
    ("unverified", refusals.unverified),
    ("throttled", refusals.throttled),
)
# ... and these may look at their balance, which is 0, but not call a model.
BROKE: tuple[tuple[str, int], ...] = (("broke403", 403), ("broke429", 429), ("broke", 402))


@dataclass(slots=True)
class Account:
    """The owner of one token: credits left, and how many calls are being answered."""

    token: str = field(repr=False)
    balance: float = FULL_BALANCE
    in_flight: int = 0
    peak_in_flight: int = 0

    @property
    def refused_status(self) -> int | None:
        """The status of "no credits left" for this token, None while it has some."""
        return next((status for word, status in BROKE if word in self.token), None)

    def pay(self, cost: float) -> None:
        """Take the price of one call; raises the refusal of an account that never has any."""
        status = self.refused_status
        if status is not None:
            raise refusals.no_credits(status)
        if self.balance < cost:
            # A new day: a trial or a long measurement must not end for want of play money.
            self.balance = FULL_BALANCE
        self.balance -= cost

    @contextmanager
    def busy(self) -> Iterator[None]:
        """Count one call in flight."""
        self.in_flight += 1
        self.peak_in_flight = max(self.peak_in_flight, self.in_flight)
        try:
            yield
        finally:
            self.in_flight -= 1


class Accounts:
    """All accounts of a box, made as their tokens show up."""

    def __init__(self, accepted: tuple[str, ...]) -> None:
        self._accepted = accepted
        self._known: dict[str, Account] = {}

    def admit(self, headers: Mapping[str, str]) -> Account:
        """The account that a request belongs to; raises the refusal its token earns."""
        token = token_in(headers)
        if not token or (self._accepted and token not in self._accepted):
            raise refusals.wrong_token()
        if not self._accepted:
            for word, refusal in STATES:
                if word in token:
                    raise refusal()
        return self._known.setdefault(token, self._new(token))

    def public(self) -> list[dict[str, object]]:
        """What tests may know of every account; tokens as SHA-256."""
        return [
            {
                "token_sha256": hashlib.sha256(account.token.encode()).hexdigest(),
                "balance": account.balance,
                "in_flight": account.in_flight,
                "peak_in_flight": account.peak_in_flight,
            }
            for account in self._known.values()
        ]

    @staticmethod
    def _new(token: str) -> Account:
        account = Account(token)
        if account.refused_status is not None:
            account.balance = 0.0
        return account


def token_in(headers: Mapping[str, str]) -> str:
    """The token that a request carries in either of the two customary headers, else ""."""
    scheme, _, token = headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and token.strip():
        return token.strip()
    return headers.get("x-api-key", "").strip()
