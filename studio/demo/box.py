"""One box: its options and everything it remembers, handed to every route."""

from __future__ import annotations

import asyncio
import hashlib
import itertools
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from studio.demo.accounts import Accounts
from studio.demo.journal import Journal
from studio.demo.replies import Author
from studio.demo.scenarios import Plans
from studio.demo.tasks import Tasks
from studio.demo.wire import Connections

if TYPE_CHECKING:
    from studio.demo.options import BoxOptions

# A picture takes a processor for a while: never more than one at a time beside the streams.
PAINTERS = 1


@dataclass(slots=True)
class Box:
    """The state of a running box. `files_origin` is where result pictures are served."""

    options: BoxOptions
    origin: str
    files_origin: str
    journal: Journal
    accounts: Accounts
    plans: Plans
    tasks: Tasks
    author: Author
    rate: float
    connections: Connections = field(default_factory=Connections)
    painters: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(PAINTERS))
    drawn: dict[str, bytes] = field(default_factory=dict)
    _numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    @staticmethod
    def filled(options: BoxOptions, origin: str, files_origin: str) -> Box:
        """A box with its parts made from `options`."""
        return Box(
            options=options,
            origin=origin,
            files_origin=files_origin,
            journal=Journal(keeps_bodies=options.record),
            accounts=Accounts(options.accepted_tokens),
            plans=Plans.starting_with(options.scenario),
            tasks=Tasks(options.task_seconds, options.state),
            author=Author(options.seed, options.tokens, options.language),
            rate=options.tokens_per_second,
        )

    def new_id(self, kind: str) -> str:
        """An id as the service gives one: the same sequence in every box with this seed."""
        source = f"{self.options.seed}/{kind}/{next(self._numbers)}"
        return hashlib.sha256(source.encode()).hexdigest()[:32]
