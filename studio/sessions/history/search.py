"""Searches the history while one types: conversations that were found, more of them on demand."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Signal,
)

from studio.sessions.requests.tasks import TaskGroup
from studio.storage.db.database import Database
from studio.storage.history.layout import Scope
from studio.storage.history.search import Hit
from studio.storage.history.search_hits import FoundPage, Order, SearchHit, find_conversations

__all__ = ["FOUND", "FoundList", "Hit", "Order", "SearchHit"]
Index = QModelIndex | QPersistentModelIndex
FOUND = Qt.ItemDataRole.UserRole + 1  # a row's SearchHit


class _Asked(NamedTuple):
    text: str = ""
    scope: Scope = Scope()
    order: Order = Order.BEST


class FoundList(QAbstractListModel):
    """What a search found; `answered` comes whenever that is known anew.

    One search runs at a time: of what is typed meanwhile only the last is looked for.
    """

    answered = Signal()

    def __init__(self, database: Database, tasks: TaskGroup, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._database, self._tasks = database, tasks
        self._found: list[SearchHit] = []
        self._more: int | None = None
        self._asked = _Asked()  # what is wanted
        self._shown = _Asked()  # what the rows answer
        self._running = False
        self._first_page = 0  # how many rows the first page had
        self.spoken: Callable[[SearchHit], str] | None = None  # a row for a screen reader

    # What there is.

    @property
    def is_complete(self) -> bool:
        """Whether there are no more than the rows."""
        return self._more is None

    @property
    def is_answered(self) -> bool:
        """Whether the rows are those that were asked for last."""
        return self._shown == self._asked

    @property
    def order(self) -> Order:
        """How the rows are ordered."""
        return self._asked.order

    def at(self, row: int) -> SearchHit:
        """What a row shows."""
        return self._found[row]

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        return 0 if parent.isValid() else len(self._found)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not 0 <= index.row() < len(self._found):
            return None
        found = self._found[index.row()]
        if role == FOUND:
            return found
        if role == Qt.ItemDataRole.AccessibleTextRole and self.spoken is not None:
            return self.spoken(found)
        return found.summary.title if role == Qt.ItemDataRole.DisplayRole else None

    # Verbs.

    def look_for(self, text: str, scope: Scope) -> None:
        """Search in the background; nothing is found for an empty text."""
        self._ask(_Asked(text.strip(), scope, self._asked.order))

    def set_order(self, order: Order) -> None:
        """Order what is found, and what will be."""
        self._ask(self._asked._replace(order=order))

    def search_again(self) -> None:
        """Something changed; rows that were loaded by scrolling stay."""
        if self._asked.text and not self._running and len(self._found) <= self._first_page:
            self._start()

    def drop(self, conversation_ids: list[str]) -> None:
        """Take conversations away that are in the trash now."""
        gone = set(conversation_ids)
        for row in range(len(self._found) - 1, -1, -1):
            if self._found[row].summary.id in gone:
                self.beginRemoveRows(QModelIndex(), row, row)
                del self._found[row]
                self.endRemoveRows()
        self.answered.emit()

    def canFetchMore(self, parent: Index) -> bool:
        ready = self._more is not None and self.is_answered and not self._running
        return ready and not parent.isValid()

    def fetchMore(self, parent: Index) -> None:
        if self.canFetchMore(parent):
            self._running = True
            self._tasks.start(self._read_more(), "search the history")

    def _ask(self, asked: _Asked) -> None:
        self._asked = asked
        if not asked.text:
            self._show(asked, FoundPage())
        elif not self._running:
            self._start()

    def _start(self) -> None:
        self._running = True
        self._tasks.start(self._search(), "search the history")

    async def _search(self) -> None:
        try:
            while True:
                asked = self._asked
                page = FoundPage()
                if asked.text:
                    page = await self._database.call(
                        find_conversations, asked.text, asked.scope, order=asked.order
                    )
                if asked == self._asked:
                    break
        finally:
            self._running = False
        self._show(asked, page)

    def _show(self, asked: _Asked, page: FoundPage) -> None:
        self._shown, self._more = asked, page.more
        self._first_page = len(page.found)
        if list(page.found) != self._found:
            self.beginResetModel()
            self._found = list(page.found)
            self.endResetModel()
        self.answered.emit()

    async def _read_more(self) -> None:
        asked, before = self._asked, self._more
        known = frozenset(each.summary.id for each in self._found)
        try:
            page = await self._database.call(
                find_conversations,
                asked.text,
                asked.scope,
                order=asked.order,
                before=before,
                known=known,
            )
        finally:
            self._running = False
        if asked != self._asked:
            if self._asked.text:
                self._start()
            return
        self._more = page.more
        if page.found:
            first = len(self._found)
            self.beginInsertRows(QModelIndex(), first, first + len(page.found) - 1)
            self._found += page.found
            self.endInsertRows()
        self.answered.emit()
