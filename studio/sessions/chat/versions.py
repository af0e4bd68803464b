"""Where a conversation branches: which version of a message is shown, and how to reach another."""

from __future__ import annotations

from collections.abc import Sequence

from studio.core.messages import Conversation, Message
from studio.storage.db.database import Database
from studio.storage.history import conversations, messages


class Versions:
    """The branches of one conversation, as the database knows them."""

    def __init__(self, database: Database, conversation_id: str) -> None:
        self._database, self._conversation_id = database, conversation_id
        self._siblings: dict[str | None, tuple[str, ...]] = {}

    async def load(self) -> None:
        """Read the branches; to be called after anything was added beside another message."""
        self._siblings = await self._database.call(messages.load_versions, self._conversation_id)

    def shown(self, path: Sequence[Message]) -> dict[str, tuple[int, int]]:
        """For each message of the path that has other versions: its place from 1, and how many."""
        found = {}
        for message in path:
            siblings = self._siblings.get(message.parent_id, ())
            if message.id in siblings:
                found[message.id] = (siblings.index(message.id) + 1, len(siblings))
        return found

    async def path_through(self, message: Message, step: int) -> list[Message]:
        """The path through the next (1) or previous (-1) version; empty when there is none.

        The leaf it ends in is what the conversation shows from then on.
        """
        siblings = self._siblings.get(message.parent_id, ())
        if message.id not in siblings:
            return []
        place = siblings.index(message.id) + step
        if not 0 <= place < len(siblings):
            return []
        return await self.path_to(siblings[place])

    async def path_to(self, message_id: str) -> list[Message]:
        """The path through a message and its newest versions below; empty when it is gone."""
        leaf = await self._database.call(messages.newest_leaf, message_id)
        await self._database.call(conversations.set_head, self._conversation_id, leaf)
        return await self._database.call(messages.load_path, self._conversation_id, leaf)


async def fork(database: Database, message_id: str) -> Conversation | None:
    """A new conversation with copies of everything down to a message."""
    return await database.call(conversations.fork, message_id)
