"""Saves the messages of one conversation; what the disk refuses is kept until it takes it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace

from studio.core.errors import StudioError
from studio.core.messages import Conversation, Message, Role
from studio.sessions.requests.tasks import TaskGroup
from studio.storage.db.database import Database
from studio.storage.history import conversations, messages

PARTIAL_SAVE_SECONDS = 0.5
FIRST_TRY_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 15.0


class Saves:
    """Answers whose last save failed are tried again, until they are on disk.

    That is after 1 s and then less and less often, whenever the conversation saves something else
    (`rest`), and a last time when the program ends. `saved` hears of each that is stored at last,
    `conversation` tells what they belong to by then.
    """

    def __init__(
        self,
        database: Database,
        tasks: TaskGroup,
        conversation: Callable[[], Conversation],
        saved: Callable[[Message], None],
    ) -> None:
        self._database, self._tasks = database, tasks
        self._conversation, self._saved = conversation, saved
        self._waiting: dict[str, tuple[Message, StudioError]] = {}
        self._partial: asyncio.Task[object] | None = None
        self._partial_at = 0.0
        self._trying: asyncio.Task[object] | None = None
        self._busy = asyncio.Lock()

    async def save(self, message: Message, conversation: Conversation | None = None) -> None:
        """Save a message with its conversation; StudioError where the disk refuses."""
        kept = conversation or self._conversation()
        # An answer that is saved late need not be the one that is shown by then.
        shown = message.role is Role.USER or message.id == kept.head_id
        await self._database.call(conversations.save_turn, kept, message, head=shown)

    def save_partial(self, message: Message, *, now: bool = False) -> None:
        """Save how far an answer has come, at most every half second, or `now`."""
        idle = self._partial is None or self._partial.done()
        at = time.monotonic()
        if now or (idle and at - self._partial_at >= PARTIAL_SAVE_SECONDS):
            self._partial_at = at
            self._partial = self._tasks.start(self._save_partial(message), "save a part")

    async def save_last(self, message: Message) -> Message:
        """Save an answer that has ended, even while its task is cancelled; returned as shown."""
        try:
            await asyncio.shield(self.save(message))
        except StudioError as error:
            self._waiting[message.id] = (message, error)
            if self._trying is None or self._trying.done():
                self._trying = self._tasks.start(self._try_again(), "save an answer")
            return _shown(message, error)
        return message

    @property
    def waiting(self) -> bool:
        """Whether an answer is not on disk yet."""
        return bool(self._waiting)

    def holds(self, message_id: str) -> bool:
        """Whether an answer waits to be saved, and has something in it that would be lost."""
        found = self._waiting.get(message_id)
        return found is not None and bool(found[0].parts)

    def over(self, path: Sequence[Message]) -> list[Message]:
        """A path as read from disk, with what is newer here in its place."""
        return [
            _shown(*self._waiting[each.id]) if each.id in self._waiting else each for each in path
        ]

    async def rest(self) -> None:
        """Save what waits, in its order; StudioError where that still fails."""
        async with self._busy:
            for message, _ in list(self._waiting.values()):
                with suppress(LookupError):  # its conversation was deleted for good meanwhile
                    await self.save(message)
                del self._waiting[message.id]
                self._saved(message)

    def rest_soon(self) -> None:
        """The same, in the background; what still fails stays as it is."""
        self._tasks.start(self._attempt(), "save an answer")

    async def _save_partial(self, message: Message) -> None:
        try:
            await self._database.call(messages.save_partial, message)
        except StudioError:
            # The end of the answer is saved again, and says so if it still fails.
            return

    async def _try_again(self) -> None:
        pause = FIRST_TRY_SECONDS
        try:
            while self._waiting:
                await asyncio.sleep(pause)
                pause = min(pause * 2, LONGEST_PAUSE_SECONDS)
                await self._attempt()
        except asyncio.CancelledError:
            await asyncio.shield(self._attempt())  # the program ends
            raise

    async def _attempt(self) -> None:
        try:
            await self.rest()
        except StudioError:
            return  # its card says so


def _shown(message: Message, error: StudioError) -> Message:
    return replace(message, error=error.stored())
