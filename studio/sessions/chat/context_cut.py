"""Where a conversation too long for its model is cut: what stands above is not sent."""

from __future__ import annotations

import re
from collections.abc import Sequence

from PySide6.QtCore import QObject, Signal

from studio.core.errors import StudioError
from studio.core.messages import Message, Role
from studio.sessions.requests.tasks import TaskGroup
from studio.storage import key_value
from studio.storage.db.database import Database

PICTURE_TOKENS = 1500
# Of what a service says it takes: our count of tokens is a guess, and the answer needs room.
KEPT_OF_LIMIT = 0.7
KEPT_OF_REFUSED = 0.6  # where no limit was said, and at most where one was
_LEAST_LIMIT = 1000  # smaller numbers in a refusal are no limits of a context


def tokens_of(message: Message) -> float:
    """About how many tokens a message is: one a Han character, one for 3.5 of others."""
    wide = sum(not char.isascii() for char in message.text)
    pictures = PICTURE_TOKENS * len(message.images)
    return wide + (len(message.text) - wide) / 3.5 + pictures + 4


def limit_in(detail: str) -> int | None:
    """The number of tokens that a refusal names as its limit; None where it names none."""
    numbers = (int(each) for each in re.findall(r"(?<![\w.])\d{3,9}(?![\w.]*\d)", detail))
    return min((number for number in numbers if number >= _LEAST_LIMIT), default=None)


class ContextCut(QObject):
    """The cut of one conversation, kept by its id.

    `last_unsent` is the id of the last message that is left out; "" while everything is sent. On
    another version of the conversation, which does not hold that message, nothing is.
    """

    changed = Signal()

    def __init__(
        self,
        database: Database,
        tasks: TaskGroup,
        conversation_id: str,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._database, self._tasks = database, tasks
        self._place = f"cut of {conversation_id}"
        self._last_unsent = ""

    @property
    def last_unsent(self) -> str:
        """The last message that is not sent any more."""
        return self._last_unsent

    async def load(self) -> None:
        """Read what is kept."""
        try:
            found = await self._database.call(key_value.load_catalogue, self._place)
        except StudioError:
            return
        kept = found[0] if found else ""
        self._last_unsent = kept if isinstance(kept, str) else ""
        self.changed.emit()

    def sent(self, path: Sequence[Message]) -> Sequence[Message]:
        """What of a path goes along."""
        ids = [message.id for message in path]
        return path[ids.index(self._last_unsent) + 1 :] if self._last_unsent in ids else path

    def shorten(self, path: Sequence[Message], refused_id: str) -> bool:
        """Leave out the oldest turns before an answer that was refused; False for none.

        As few as fit by our guess, but always some; the last question always stays.
        """
        ids = [message.id for message in path]
        if refused_id not in ids:
            return False
        refused = path[ids.index(refused_id)]
        sent = self.sent(path[: ids.index(refused_id)])
        questions = [n for n, each in enumerate(sent) if each.role is Role.USER][1:]
        if not questions:
            return False
        sizes = [tokens_of(message) for message in sent]
        target = KEPT_OF_REFUSED * sum(sizes)
        limit = limit_in(refused.error.detail if refused.error is not None else "")
        if limit is not None:
            target = min(target, KEPT_OF_LIMIT * limit)
        fitting = (n for n in questions if sum(sizes[n:]) <= target)
        self._move(sent[next(fitting, questions[-1]) - 1].id)
        return True

    def send_all(self) -> None:
        """Send everything again from the next question on."""
        self._move("")

    def _move(self, last_unsent: str) -> None:
        self._last_unsent = last_unsent
        self._tasks.start(self._keep(), "keep a cut")
        self.changed.emit()

    async def _keep(self) -> None:
        await self._database.call(key_value.save_catalogue, self._place, self._last_unsent)
