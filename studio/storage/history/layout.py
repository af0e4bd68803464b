"""The history as it is laid out: how long each part is, and any page of a part.

A part is what is pinned, one folder, or the rest ("loose"). Each is in order of activity, newest
first, and is read in pages of `PAGE`, so that a window into 100,000 lines costs what it shows.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, NamedTuple

from studio.core.capabilities import Capability
from studio.storage.db.connection import number
from studio.storage.history.folders import Folder, list_folders
from studio.storage.history.listing import PAGE, SUMMARY_COLUMNS, ConversationSummary, summary_of

if TYPE_CHECKING:
    import apsw

PINNED = "pinned"
LOOSE = "loose"  # in no folder and not pinned


class Scope(NamedTuple):
    """Which conversations are meant; what is empty or None limits nothing."""

    kind: Capability | None = None
    model: str = ""
    folder_id: str | None = None


class PageKey(NamedTuple):
    """A page of a part: `PINNED`, `LOOSE`, or the id of a folder."""

    part: str
    number: int


class HistoryLayout(NamedTuple):
    """How long the parts are, and some of their pages, all of one moment."""

    folders: tuple[Folder, ...]
    pinned: int
    loose: int
    pages: dict[PageKey, tuple[ConversationSummary, ...]]


def read_outline(
    connection: apsw.Connection, scope: Scope, wanted: Iterable[PageKey]
) -> HistoryLayout:
    """The lengths of all parts and the wanted pages, as they are at one moment.

    The beginnings of open folders come along: who asks may not know yet which are there.
    Within a folder (`scope.folder_id`) all is pinned or loose, and folders have no length.
    """
    pinned = _count(connection, scope, PINNED)
    every = _count(connection, scope, "")
    folders = list_folders(connection)
    if scope.folder_id is None:
        counts = _folder_counts(connection, scope) if folders else {}
        folders = tuple(each._replace(length=counts.get(each.id, 0)) for each in folders)
    inside = sum(each.length for each in folders)
    opened = (PageKey(each.id, 0) for each in folders if each.length and not each.closed)
    keys = dict.fromkeys([*wanted, *opened])
    pages = {key: read_page(connection, scope, key) for key in keys}
    return HistoryLayout(folders, pinned, every - pinned - inside, pages)


def read_page(
    connection: apsw.Connection, scope: Scope, key: PageKey
) -> tuple[ConversationSummary, ...]:
    """A page of a part; shorter than `PAGE` only at its end."""
    where, bindings = _conditions(scope, key.part)
    if key.part == LOOSE and not number(connection, "SELECT EXISTS (SELECT 1 FROM folders)"):
        # Without a look at each line that is skipped: a third of the time far down.
        where = where.replace(" AND folder_id IS NULL", "")
    # The places first, from the index alone: a line that is skipped is not read.
    rows = connection.execute(
        f"SELECT {SUMMARY_COLUMNS} FROM conversations WHERE key IN"
        f" (SELECT key FROM conversations WHERE {where}"
        "   ORDER BY activity DESC LIMIT ? OFFSET ?) ORDER BY activity DESC",
        (*bindings, PAGE, key.number * PAGE),
    )
    return tuple(summary_of(row) for row in rows)


def read_ids(
    connection: apsw.Connection, scope: Scope, part: str, first: int, length: int
) -> list[str]:
    """The ids of a stretch of a part."""
    where, bindings = _conditions(scope, part)
    rows = connection.execute(
        f"SELECT id FROM conversations WHERE {where} ORDER BY activity DESC LIMIT ? OFFSET ?",
        (*bindings, length, first),
    )
    return [str(row[0]) for row in rows]


def list_models(connection: apsw.Connection, kind: Capability, *, limit: int = 30) -> list[str]:
    """The models that conversations of a kind ask, the most used first."""
    rows = connection.execute(
        "SELECT model FROM conversations WHERE deleted_at IS NULL AND kind = ? AND model <> ''"
        " GROUP BY model ORDER BY count(*) DESC, model LIMIT ?",
        (kind.value, limit),
    )
    return [str(row[0]) for row in rows]


def _conditions(scope: Scope, part: str) -> tuple[str, list[Any]]:
    """The condition of a part within a scope; the part "" is everything."""
    conditions, bindings = ["deleted_at IS NULL"], list[Any]()
    if scope.kind is not None:
        conditions.append("kind = ?")
        bindings.append(scope.kind.value)
    if scope.model:
        conditions.append("model = ?")
        bindings.append(scope.model)
    if scope.folder_id is not None:
        conditions.append("folder_id = ?")
        bindings.append(scope.folder_id)
    if part == PINNED:
        conditions.append("pinned = 1")
    elif part == LOOSE:
        conditions.append("pinned = 0")
        if scope.folder_id is None:
            conditions.append("folder_id IS NULL")
    elif part:
        conditions.append("pinned = 0 AND folder_id = ?")
        bindings.append(part)
    return " AND ".join(conditions), bindings


def _count(connection: apsw.Connection, scope: Scope, part: str) -> int:
    where, bindings = _conditions(scope, part)
    return number(connection, f"SELECT count(*) FROM conversations WHERE {where}", tuple(bindings))


def _folder_counts(connection: apsw.Connection, scope: Scope) -> dict[str, int]:
    where, bindings = _conditions(scope, "")
    rows = connection.execute(
        "SELECT folder_id, count(*) FROM conversations INDEXED BY conversations_by_folder"
        f" WHERE {where}"
        " AND folder_id IS NOT NULL AND pinned = 0 GROUP BY folder_id",
        bindings,
    )
    return {str(row[0]): int(row[1]) for row in rows}
