"""What a scenario is: a name, the doors it belongs to, and one of three kinds of effect."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.types import ASGIApp

    from studio.demo.call import Call
    from studio.demo.dialects import Dialect
    from studio.demo.playback import Frame, Step

    Replace = Callable[[Call, str], Awaitable[ASGIApp | None]]
    Alter = Callable[[Iterator[Frame], Dialect, str], Iterator[Step]]

CHATS = frozenset({"chat", "messages"})
CALLS = CHATS | {"images"}
PAID = CALLS | {"tasks", "balance"}
ANY = PAID | {"models", "files", "hub", "other"}


@dataclass(frozen=True, slots=True)
class Answer:
    """Answers in place of the route; None from `replace` lets the route answer after all."""

    replace: Replace


@dataclass(frozen=True, slots=True)
class Stream:
    """Changes the steps of a streamed answer; `bare` plays it without HTTP's chunks."""

    alter: Alter
    bare: bool = False


@dataclass(frozen=True, slots=True)
class Fate:
    """Belongs to a picture task from its submission on; the picture routes know what to do."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """One named fault; `doors` are where it applies unless its caller says otherwise."""

    name: str
    doc: str
    doors: frozenset[str]
    effect: Answer | Stream | Fate


@dataclass(frozen=True, slots=True)
class Chosen:
    """A scenario with its argument, chosen for one request."""

    scenario: Scenario
    argument: str

    @property
    def text(self) -> str:
        """As it was written: NAME or NAME:ARGUMENT."""
        return f"{self.scenario.name}:{self.argument}" if self.argument else self.scenario.name


def described(function: Callable[..., object]) -> str:
    """The docstring of a scenario's function, on one line."""
    return " ".join((function.__doc__ or "").split())
