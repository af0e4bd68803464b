"""Finds the answers that the last end of the program cut short, each once."""

from __future__ import annotations

from typing import NamedTuple

import apsw

from studio.core.capabilities import Capability
from studio.core.errors import ErrorKind, StoredError
from studio.core.messages import MessageStatus
from studio.storage.db.connection import transaction
from studio.storage.files import PROCESS_BEGAN
from studio.storage.history.listing import KINDS

_LOOKED = "history.looked_for_cut_answers"  # seconds since the epoch
_MOST = 50  # conversations that are looked at, the newest


class CutShort(NamedTuple):
    """A conversation whose answer was not whole when the program ended."""

    id: str
    kind: Capability
    title: str


def take_cut_short(connection: apsw.Connection, *, now: float | None = None) -> list[CutShort]:
    """Those that the run before this one left, the newest first; the next look finds later ones.

    Only what was asked since the run of the last look began counts: an import may bring such
    answers of old.
    """
    with transaction(connection):
        before = _seconds(
            connection.execute("SELECT value FROM meta WHERE key = ?", (_LOOKED,)).get
        )
        # A question may be asked before this look: what counts is when the program began.
        here = PROCESS_BEGAN if now is None else now
        connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (_LOOKED, str(here)))
    if before is None:
        return []
    rows = connection.execute(
        "SELECT c.id, c.kind, c.title, m.error FROM (SELECT * FROM conversations"
        "   WHERE deleted_at IS NULL ORDER BY activity DESC LIMIT ?) c"
        " JOIN messages m ON m.id = c.head_id WHERE m.status = ? AND m.created_at >= ?"
        " ORDER BY c.activity DESC",
        (_MOST, MessageStatus.INTERRUPTED.value, before),
    )
    return [
        CutShort(str(row[0]), KINDS.get(row[1], Capability.CHAT), str(row[2]))
        for row in rows
        if row[3] and StoredError.from_json(row[3]).kind is ErrorKind.PROGRAM_ENDED
    ]


def _seconds(stored: object) -> float | None:
    try:
        return float(str(stored)) if stored else None
    except ValueError:
        return None
