"""Replaces the title of a conversation, if nobody gave it another one meanwhile."""

from __future__ import annotations

import apsw

from studio.storage.db.connection import transaction
from studio.storage.history.conversations import load_conversation, rename


def replace_title(connection: apsw.Connection, conversation_id: str, old: str, new: str) -> bool:
    """Give a conversation the title `new` where it is `old` now; False where it is not."""
    with transaction(connection):
        found = load_conversation(connection, conversation_id)
        if found is None or found.title != old:
            return False
        rename(connection, conversation_id, new)
        return True
