"""The token doctor: finds out, at no cost, how far a token gets, and says what helps.

Two free requests tell everything that can be told: the list of models (is the host there?) and
the balance (is the token known, may the account ask, are credits left?). Whether an account is
bound and verified shows only when the service says that it is not; until then it is UNKNOWN.
"""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field, replace
from enum import Enum, StrEnum, auto

from studio.core.credits import Balance
from studio.core.errors import ErrorAction, ErrorKind, StoredError, StudioError
from studio.core.texts import QT_TRANSLATE_NOOP
from studio.providers.base import Endpoint, Hub


class CheckName(StrEnum):
    """What is looked at, in this order."""

    REACHED = "reached"
    ACCEPTED = "accepted"
    BOUND = "bound"
    VERIFIED = "verified"
    CREDITS = "credits"


class CheckState(Enum):
    """How one check stands: STEP_LEFT is amber and the user's to do, FAILED is red."""

    WAITING = auto()
    RUNNING = auto()
    PASSED = auto()
    STEP_LEFT = auto()
    FAILED = auto()
    UNKNOWN = auto()  # cannot be told without a question that costs


class Way(StrEnum):
    """How the network was reached."""

    DIRECT = "direct"
    SYSTEM_PROXY = "system"
    OWN_PROXY = "own"


@dataclass(frozen=True, slots=True)
class Check:
    """One row: English texts of the context "checks", filled from `values` when shown."""

    name: CheckName
    state: CheckState = CheckState.WAITING
    note: str = ""
    sentence: str = ""
    action: ErrorAction = ErrorAction.NONE
    values: dict[str, str] = field(default_factory=dict)

    @property
    def label(self) -> str:
        """What the row is about."""
        return LABELS[self.name]


UNKNOWN_BALANCE = Balance()


@dataclass(frozen=True, slots=True)
class Examination:
    """All rows at one moment, and what was learned."""

    checks: tuple[Check, ...]
    finished: bool = False
    balance: Balance = UNKNOWN_BALANCE
    error: StoredError | None = None

    def check(self, name: CheckName) -> Check:
        """The row of a name."""
        return next(each for each in self.checks if each.name is name)

    @property
    def accepted(self) -> bool:
        """Whether the service knows the token."""
        return self.check(CheckName.ACCEPTED).state is CheckState.PASSED

    @property
    def may_start(self) -> bool:
        """Whether nothing is known to stand in the way; missing credits come back by themselves."""
        fine = (CheckState.PASSED, CheckState.UNKNOWN)
        return self.finished and all(
            each.state in fine or each.name is CheckName.CREDITS for each in self.checks
        )


LABELS: dict[CheckName, str] = {
    CheckName.REACHED: QT_TRANSLATE_NOOP("checks", "{host} reached"),
    CheckName.ACCEPTED: QT_TRANSLATE_NOOP("checks", "Token accepted"),
    CheckName.BOUND: QT_TRANSLATE_NOOP("checks", "Alibaba Cloud account bound"),
    CheckName.VERIFIED: QT_TRANSLATE_NOOP("checks", "Real name verified"),
    CheckName.CREDITS: QT_TRANSLATE_NOOP("checks", "Credits left"),
}

WAITS = QT_TRANSLATE_NOOP("checks", "waits for the step above")
NOT_KNOWN_YET = QT_TRANSLATE_NOOP("checks", "not known until the first question")
_NOT_SAID = QT_TRANSLATE_NOOP("checks", "the service does not say")
_REACHED_NOTES: dict[Way, str] = {
    Way.DIRECT: QT_TRANSLATE_NOOP("checks", "{ms} ms, no proxy"),
    Way.SYSTEM_PROXY: QT_TRANSLATE_NOOP("checks", "{ms} ms, system proxy"),
    Way.OWN_PROXY: QT_TRANSLATE_NOOP("checks", "{ms} ms, own proxy"),
}
_CREDITS_NOTE = QT_TRANSLATE_NOOP("checks", "{credits} left")


def _step(name: CheckName, note: str, sentence: str, action: ErrorAction) -> Check:
    return Check(name, CheckState.STEP_LEFT, note, sentence, action)


def _failure(name: CheckName, note: str, sentence: str, action: ErrorAction) -> Check:
    return Check(name, CheckState.FAILED, note, sentence, action)


# What a refusal of the account means, whichever request it answers.
_ACCOUNT: dict[ErrorKind, Check] = {
    ErrorKind.WRONG_TOKEN: _failure(
        CheckName.ACCEPTED,
        QT_TRANSLATE_NOOP("checks", "wrong token"),
        QT_TRANSLATE_NOOP(
            "checks", "It was mistyped or revoked, or belongs to the other site. Copy it again."
        ),
        ErrorAction.TOKEN_SETTINGS,
    ),
    ErrorKind.NOT_BOUND: _step(
        CheckName.BOUND,
        QT_TRANSLATE_NOOP("checks", "not yet"),
        QT_TRANSLATE_NOOP(
            "checks", "Models answer only accounts bound to Alibaba Cloud. It takes about a minute."
        ),
        ErrorAction.BIND_ACCOUNT,
    ),
    ErrorKind.NOT_VERIFIED: _step(
        CheckName.VERIFIED,
        QT_TRANSLATE_NOOP("checks", "not yet"),
        QT_TRANSLATE_NOOP("checks", "The service asks for real-name verification first."),
        ErrorAction.VERIFY_ACCOUNT,
    ),
    ErrorKind.NO_CREDITS: _step(
        CheckName.CREDITS,
        QT_TRANSLATE_NOOP("checks", "none left"),
        QT_TRANSLATE_NOOP("checks", "All are used up. New ones come with the daily login."),
        ErrorAction.CREDITS_PAGE,
    ),
    ErrorKind.THROTTLED: _step(
        CheckName.ACCEPTED,
        QT_TRANSLATE_NOOP("checks", "throttled"),
        QT_TRANSLATE_NOOP("checks", "The service asks to slow down. Wait a moment, then check."),
        ErrorAction.RETRY,
    ),
}
_ACCOUNT[ErrorKind.DONE_FOR_TODAY] = _ACCOUNT[ErrorKind.NO_CREDITS]

# Why the host was not reached.
_NETWORK: dict[ErrorKind, Check] = {
    ErrorKind.NO_NETWORK: _failure(
        CheckName.REACHED,
        QT_TRANSLATE_NOOP("checks", "no connection"),
        QT_TRANSLATE_NOOP("checks", "The host does not answer. Is this computer online?"),
        ErrorAction.RETRY,
    ),
    ErrorKind.TIMED_OUT: _failure(
        CheckName.REACHED,
        QT_TRANSLATE_NOOP("checks", "no answer in time"),
        QT_TRANSLATE_NOOP("checks", "The network is slow or a firewall keeps silent."),
        ErrorAction.RETRY,
    ),
    ErrorKind.PROXY: _failure(
        CheckName.REACHED,
        QT_TRANSLATE_NOOP("checks", "stopped by the proxy"),
        QT_TRANSLATE_NOOP("checks", "Check the proxy's address, name and password."),
        ErrorAction.NETWORK_SETTINGS,
    ),
    ErrorKind.UNKNOWN_HOST: _failure(
        CheckName.REACHED,
        QT_TRANSLATE_NOOP("checks", "name not known"),
        QT_TRANSLATE_NOOP("checks", "This computer is offline, or the name is misspelt."),
        ErrorAction.RETRY,
    ),
    ErrorKind.NOTHING_THERE: _failure(
        CheckName.REACHED,
        QT_TRANSLATE_NOOP("checks", "connection refused"),
        QT_TRANSLATE_NOOP("checks", "Nothing answers at this address. Is the server running?"),
        ErrorAction.RETRY,
    ),
    ErrorKind.TLS_OTHER_HOST: _failure(
        CheckName.REACHED,
        QT_TRANSLATE_NOOP("checks", "another server's certificate"),
        QT_TRANSLATE_NOOP(
            "checks", "Another server answered, perhaps a login page. Nothing was sent."
        ),
        ErrorAction.NETWORK_SETTINGS,
    ),
    ErrorKind.NO_TLS: _failure(
        CheckName.REACHED,
        QT_TRANSLATE_NOOP("checks", "no TLS"),
        QT_TRANSLATE_NOOP("checks", "The server does not encrypt. Nothing was sent."),
        ErrorAction.NETWORK_SETTINGS,
    ),
    ErrorKind.NOT_ENCRYPTED: _failure(
        CheckName.REACHED,
        QT_TRANSLATE_NOOP("checks", "not encrypted"),
        QT_TRANSLATE_NOOP("checks", "Anyone on the way could read the token. Nothing was sent."),
        ErrorAction.NETWORK_SETTINGS,
    ),
    ErrorKind.CERTIFICATE_FILE: _failure(
        CheckName.REACHED,
        QT_TRANSLATE_NOOP("checks", "certificate file"),
        QT_TRANSLATE_NOOP("checks", "The extra certificate file is missing or not in PEM form."),
        ErrorAction.NETWORK_SETTINGS,
    ),
    ErrorKind.TLS: _failure(
        CheckName.REACHED,
        QT_TRANSLATE_NOOP("checks", "not a safe connection"),
        QT_TRANSLATE_NOOP(
            "checks", "The certificate is not trusted. Your network may need its own certificate."
        ),
        ErrorAction.NETWORK_SETTINGS,
    ),
    ErrorKind.WEB_PAGE: _failure(
        CheckName.REACHED,
        QT_TRANSLATE_NOOP("checks", "a web page answered"),
        QT_TRANSLATE_NOOP(
            "checks", "A login page or a proxy stands in between. Log in to the network first."
        ),
        ErrorAction.NETWORK_SETTINGS,
    ),
    ErrorKind.REDIRECTED: _failure(
        CheckName.REACHED,
        QT_TRANSLATE_NOOP("checks", "sent elsewhere"),
        QT_TRANSLATE_NOOP(
            "checks", "We were sent to another address and did not go. Check the network."
        ),
        ErrorAction.NETWORK_SETTINGS,
    ),
    ErrorKind.BAD_ADDRESS: _failure(
        CheckName.REACHED,
        QT_TRANSLATE_NOOP("checks", "not an address"),
        QT_TRANSLATE_NOOP("checks", "The address of the host or of the proxy is not valid."),
        ErrorAction.NETWORK_SETTINGS,
    ),
}


def concerns_account(kind: ErrorKind) -> bool:
    """Whether an error says that the token or its account cannot be used as it is."""
    return kind in (ErrorKind.WRONG_TOKEN, ErrorKind.NOT_BOUND, ErrorKind.NOT_VERIFIED)


def masked(token: str) -> str:
    """Enough of a token to tell it from another: ms-…3f9c; nothing of a short one."""
    if len(token) < 16:
        return "…"
    start = "ms-" if token.startswith("ms-") else ""
    return f"{start}…{token[-4:]}"


def unexamined(host: str) -> Examination:
    """All rows before the first check."""
    return Examination(tuple(Check(name, values={"host": host}) for name in CheckName))


def refused_at_once(host: str, error: StudioError) -> Examination:
    """The rows where no request could even be built, as with a bad proxy or certificate file."""
    finding = _NETWORK.get(error.kind, _NETWORK[ErrorKind.BAD_ADDRESS])
    return _ended(unexamined(host), finding, error)


async def examine(
    hub: Hub, endpoint: Endpoint, way: Way, token: str
) -> AsyncGenerator[Examination, None]:
    """Yield the rows as they settle; the last has `finished`. Raises nothing but cancellation."""
    now = _with(unexamined(endpoint.title), CheckName.REACHED, CheckState.RUNNING)
    yield now
    started = time.monotonic()
    try:
        await hub.models()
    except StudioError as error:
        if error.kind in _NETWORK:
            yield _ended(now, _NETWORK[error.kind], error)
            return
        refusal = error if error.kind in _ACCOUNT else None
    else:
        refusal = None
    note, ms = _REACHED_NOTES[way], round((time.monotonic() - started) * 1000)
    now = _with(now, CheckName.REACHED, CheckState.PASSED, note, {"ms": str(ms)})
    now = _with(now, CheckName.ACCEPTED, CheckState.RUNNING)
    yield now
    if refusal is not None:
        yield _ended(now, _ACCOUNT[refusal.kind], refusal, token)
        return
    yield await _ask_for_balance(hub, endpoint, now, token)


async def _ask_for_balance(
    hub: Hub, endpoint: Endpoint, now: Examination, token: str
) -> Examination:
    if not endpoint.hub:
        return _unknown_from(now, CheckName.ACCEPTED, UNKNOWN_BALANCE)
    try:
        balance = await hub.check_token()
    except StudioError as error:
        if error.kind in _ACCOUNT:
            return _ended(now, _ACCOUNT[error.kind], error, token)
        # The route may vanish or fail while the models answer: that says nothing of the token.
        unknown = _unknown_from(now, CheckName.ACCEPTED, UNKNOWN_BALANCE)
        return replace(unknown, error=error.stored())
    if balance == UNKNOWN_BALANCE:
        # The route is gone, or answers without numbers: a wrong token may get the same.
        return _unknown_from(now, CheckName.ACCEPTED, balance)
    now = _with(now, CheckName.ACCEPTED, CheckState.PASSED, masked(token))
    now = _unknown_from(now, CheckName.BOUND, balance)
    if balance.available is None:
        return _with(now, CheckName.CREDITS, CheckState.UNKNOWN, _NOT_SAID)
    if balance.available <= 0:
        return _ended(now, _ACCOUNT[ErrorKind.NO_CREDITS], StudioError(ErrorKind.NO_CREDITS))
    credits_left = {"credits": f"{balance.available:.10g}"}
    return _with(now, CheckName.CREDITS, CheckState.PASSED, _CREDITS_NOTE, credits_left)


def _with(
    now: Examination,
    name: CheckName,
    state: CheckState,
    note: str = "",
    values: dict[str, str] | None = None,
) -> Examination:
    old = now.check(name)
    return _put(now, Check(name, state, note, values={**old.values, **(values or {})}))


def _put(now: Examination, check: Check) -> Examination:
    rows = tuple(check if each.name is check.name else each for each in now.checks)
    return replace(now, checks=rows)


def _unknown_from(now: Examination, first: CheckName, balance: Balance) -> Examination:
    names = list(CheckName)
    for name in names[names.index(first) :]:
        now = _with(now, name, CheckState.UNKNOWN, NOT_KNOWN_YET)
    return replace(now, finished=True, balance=balance)


def _ended(now: Examination, finding: Check, error: StudioError, token: str = "") -> Examination:
    """Put the finding into its row; rows above it passed or stay unknown, rows below wait."""
    names = list(CheckName)
    place = names.index(finding.name)
    if place > names.index(CheckName.ACCEPTED) and token:
        now = _with(now, CheckName.ACCEPTED, CheckState.PASSED, masked(token))
    for name in names[2:place]:
        now = _with(now, name, CheckState.UNKNOWN, NOT_KNOWN_YET)
    for name in names[place + 1 :]:
        now = _with(now, name, CheckState.WAITING, WAITS)
    now = _put(now, replace(finding, values=now.check(finding.name).values))
    return replace(now, finished=True, error=error.stored())
