"""What is in the trash: restored, or removed for good, a few conversations at a time."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Signal,
)
from shiboken6 import isValid

from studio.sessions.history.rows import ConversationSummary
from studio.sessions.requests.tasks import TaskGroup
from studio.storage.db.database import Database
from studio.storage.history import conversations

Index = QModelIndex | QPersistentModelIndex
SUMMARY = Qt.ItemDataRole.UserRole + 1
PAGE = 100
AT_ONCE = 20  # removed in one transaction: others need the database meanwhile


class TrashList(QAbstractListModel):
    """Conversations of every kind that were deleted, the last first.

    `changed` comes after every load, `restored` when conversations are back in their lists.
    """

    changed = Signal()
    restored = Signal()

    def __init__(self, database: Database, tasks: TaskGroup, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._database, self._tasks = database, tasks
        self._summaries: list[ConversationSummary] = []
        self._complete = True
        self._loading = False
        self.is_loaded = False

    def at(self, row: int) -> ConversationSummary:
        """What a row shows."""
        return self._summaries[row]

    def days_left(self, row: int, now: float) -> int:
        """Whole days until a row is removed for good; never less than none."""
        deleted_at = self._summaries[row].deleted_at or now
        return max(0, conversations.TRASH_DAYS - int((now - deleted_at) // 86400))

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        return 0 if parent.isValid() else len(self._summaries)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not 0 <= index.row() < len(self._summaries):
            return None
        summary = self._summaries[index.row()]
        if role == SUMMARY:
            return summary
        return summary.title if role == Qt.ItemDataRole.DisplayRole else None

    def canFetchMore(self, parent: Index) -> bool:
        return not parent.isValid() and not self._complete and not self._loading

    def fetchMore(self, parent: Index) -> None:
        if self.canFetchMore(parent):
            self._loading = True
            self._tasks.start(self._read_more(), "read the trash")

    # Verbs.

    def refresh(self) -> None:
        """Read the trash anew."""
        self._tasks.start(self._reload(), "read the trash")

    def restore(self, ids: Sequence[str]) -> None:
        """Bring conversations back to where they were."""
        self._tasks.start(self._restore(tuple(ids)), "restore conversations")

    def delete_for_good(self, ids: Sequence[str]) -> None:
        """Remove conversations; nothing brings them back but a backup."""
        self._tasks.start(self._delete(tuple(ids)), "empty the trash")

    def empty(self) -> None:
        """Remove everything that is in the trash."""
        self._tasks.start(self._empty(), "empty the trash")

    async def _reload(self) -> None:
        page = await self._database.call(conversations.list_trash, limit=PAGE)
        if not isValid(self):
            return  # closed meanwhile
        self.beginResetModel()
        self._summaries, self._complete = page, len(page) < PAGE
        self.is_loaded = True
        self.endResetModel()
        self.changed.emit()

    async def _read_more(self) -> None:
        first = len(self._summaries)
        try:
            page = await self._database.call(conversations.list_trash, limit=PAGE, skipped=first)
        finally:
            self._loading = False
        if not isValid(self):
            return
        self._complete = len(page) < PAGE
        if page and first == len(self._summaries):
            self.beginInsertRows(QModelIndex(), first, first + len(page) - 1)
            self._summaries += page
            self.endInsertRows()
        self.changed.emit()

    async def _restore(self, ids: tuple[str, ...]) -> None:
        await self._database.call(conversations.restore, ids)
        self.restored.emit()
        await self._reload()

    async def _delete(self, ids: tuple[str, ...]) -> None:
        for start in range(0, len(ids), AT_ONCE):
            some = ids[start : start + AT_ONCE]
            await self._database.call(conversations.delete_for_good, some)
        await self._reload()

    async def _empty(self) -> None:
        while await self._database.call(conversations.delete_for_good, None, limit=AT_ONCE):
            pass
        await self._reload()
