"""Lists conversations for the history: what is read before the first paint, and nothing more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from studio.core.capabilities import Capability
from studio.storage.db.connection import number

if TYPE_CHECKING:
    import apsw

    from studio.storage.history.folders import Folder

PAGE = 100
KINDS = {each.value: each for each in Capability}  # a kind of a newer program counts as chat
SUMMARY_COLUMNS = (
    "id, kind, title, model, pinned, updated_at, thumbnail, folder_id, activity, deleted_at"
)


class ConversationSummary(NamedTuple):
    """What a line of the history shows; `thumbnail` is the sha256 of its first picture or "".

    `activity` orders the history, and with `pinned` it says where the next page starts.
    """

    id: str
    kind: Capability
    title: str
    model: str
    pinned: bool
    updated_at: float
    thumbnail: str = ""
    folder_id: str | None = None
    activity: int = 0
    deleted_at: float | None = None


def list_conversations(
    connection: apsw.Connection,
    *,
    kind: Capability | None = None,
    folder_id: str | None = None,
    limit: int = 100,
    after: ConversationSummary | None = None,
) -> list[ConversationSummary]:
    """A page of the history: pinned ones first, then those with the newest messages.

    `after` is the last line of the page before. A row costs the same on any page.
    """
    conditions, bindings = ["deleted_at IS NULL"], list[Any]()
    if kind is not None:
        conditions.append("kind = ?")
        bindings.append(kind.value)
    if folder_id is not None:
        conditions.append("folder_id = ?")
        bindings.append(folder_id)
    if after is not None:
        conditions.append("(pinned, activity) < (?, ?)")
        bindings += [after.pinned, after.activity]
    rows = connection.execute(
        f"SELECT {SUMMARY_COLUMNS} FROM conversations WHERE {' AND '.join(conditions)}"
        " ORDER BY pinned DESC, activity DESC LIMIT ?",
        (*bindings, limit),
    )
    return [summary_of(row) for row in rows]


def first_sight(
    connection: apsw.Connection, kind: Capability
) -> tuple[list[ConversationSummary], tuple[Folder, ...]]:
    """The first page of the history and every folder, for the first paint."""
    page = list_conversations(connection, kind=kind, limit=PAGE)
    if not number(connection, "SELECT EXISTS (SELECT 1 FROM folders)"):
        return page, ()
    from studio.storage.history.folders import list_folders  # most people have none

    return page, list_folders(connection)


def count_conversations(connection: apsw.Connection, *, kind: Capability | None = None) -> int:
    """How many the history holds without the trash."""
    if kind is None:
        sql = "SELECT count(*) FROM conversations WHERE deleted_at IS NULL"
        return number(connection, sql)
    sql = "SELECT count(*) FROM conversations WHERE deleted_at IS NULL AND kind = ?"
    return number(connection, sql, (kind.value,))


def summarise(connection: apsw.Connection, conversation_id: str) -> ConversationSummary | None:
    """The line of one conversation as the history would show it now."""
    row = connection.execute(
        f"SELECT {SUMMARY_COLUMNS} FROM conversations WHERE id = ?", (conversation_id,)
    ).fetchone()
    return summary_of(row) if row else None


def summary_of(row: Any) -> ConversationSummary:
    """A summary from the columns of `SUMMARY_COLUMNS`."""
    return ConversationSummary(
        row[0],
        KINDS.get(row[1], Capability.CHAT),
        row[2],
        row[3],
        bool(row[4]),
        row[5],
        row[6],
        row[7],
        row[8],
        row[9],
    )
