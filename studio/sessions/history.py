"""The list of conversations, grouped by day, read in pages from the database."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from enum import Enum, IntEnum, auto
from typing import NamedTuple

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Signal,
)

from studio.core.capabilities import Capability
from studio.core.errors import StudioError
from studio.sessions.tasks import TaskGroup
from studio.storage import listing
from studio.storage.database import Database
from studio.storage.listing import ConversationSummary

PAGE = 100
Index = QModelIndex | QPersistentModelIndex


class HistoryRole(IntEnum):
    """What a row can be asked for, beside its text."""

    SUMMARY = Qt.ItemDataRole.UserRole + 1  # a ConversationSummary, None for a heading
    GROUP = Qt.ItemDataRole.UserRole + 2  # a Group, None for a conversation


class Group(Enum):
    """The headings; the window has words for them."""

    PINNED = auto()
    TODAY = auto()
    YESTERDAY = auto()
    THIS_WEEK = auto()
    EARLIER = auto()


class _Row(NamedTuple):
    summary: ConversationSummary | None
    group: Group | None = None


def group_of(summary: ConversationSummary, today: date) -> Group:
    """Where a conversation belongs on a given day."""
    if summary.pinned:
        return Group.PINNED
    day = datetime.fromtimestamp(summary.updated_at).astimezone().date()
    if day >= today:
        return Group.TODAY
    if day == today - timedelta(days=1):
        return Group.YESTERDAY
    return Group.THIS_WEEK if day > today - timedelta(days=7) else Group.EARLIER


class ConversationList(QAbstractListModel):
    """Conversations of one kind, newest first, with headings between the days.

    `filled` comes after every load; a search shows its hits without headings. `edited` is for
    whoever has the conversation open, and would write the old title back with its next message.
    """

    filled = Signal()
    edited = Signal(str, dict)  # a conversation's id, and what the user changed of it

    def __init__(
        self,
        kind: Capability,
        database: Database,
        tasks: TaskGroup,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._kind, self._database, self._tasks = kind, database, tasks
        self._summaries: list[ConversationSummary] = []
        self._rows: list[_Row] = []
        self._complete = True  # there is more only once a page was read and was full
        self._loading = False
        self._query = ""

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        row = self._rows[index.row()]
        if role == HistoryRole.SUMMARY:
            return row.summary
        if role == HistoryRole.GROUP:
            return row.group
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return row.summary.title if row.summary else None
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        if self._rows[index.row()].summary is None:
            return Qt.ItemFlag.NoItemFlags
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable

    def canFetchMore(self, parent: Index) -> bool:
        return not parent.isValid() and not self._complete and not self._loading

    def fetchMore(self, parent: Index) -> None:
        if self.canFetchMore(parent):
            self._loading = True
            self._tasks.start(self._load_more(), "load the history")

    def show_page(self, page: Sequence[ConversationSummary]) -> None:
        """Begin with a page that was read before, as at the start of the program."""
        self.beginResetModel()
        self._summaries = list(page)
        self._complete = len(page) < PAGE
        self._rows = self._grouped()
        self.endResetModel()
        self.filled.emit()

    async def reload(self) -> None:
        """Read the first page again: something changed."""
        if self._query:
            await self.search(self._query)
            return
        wanted = max(PAGE, len(self._summaries))
        page = await self._database.call(listing.list_conversations, kind=self._kind, limit=wanted)
        if page != self._summaries:
            self.show_page(page)
            self._complete = len(page) < wanted

    async def search(self, query: str) -> None:
        """Show conversations that hold `query` in a title or message; "" shows all again."""
        self._query = query.strip()
        if not self._query:
            self._summaries = []
            await self.reload()
            return
        from studio.storage import search  # not before the first paint

        asked = self._query
        found = await self._database.call(
            search.search_conversations, asked, kind=self._kind, limit=PAGE
        )
        if asked == self._query:  # another letter may have been typed meanwhile
            self.show_page(found)
            self._complete = True

    # Verbs of the user; each tells the database and then shows what it says.

    def look_for(self, query: str) -> None:
        """Search in the background; what is found replaces the list."""
        self._tasks.start(self.search(query), "search the history")

    def rename(self, conversation_id: str, title: str) -> None:
        """Give a conversation another title; an empty one changes nothing."""
        if title.strip():
            self.edited.emit(conversation_id, {"title": title.strip()})
            self._do("rename", conversation_id, title.strip())

    def pin(self, conversation_id: str, pinned: bool) -> None:
        """Keep a conversation on top, or no longer."""
        self.edited.emit(conversation_id, {"pinned": pinned})
        self._do("pin", conversation_id, pinned=pinned)

    def delete(self, conversation_id: str) -> None:
        """Move a conversation to the trash; `restore` brings it back."""
        self._do("delete", (conversation_id,))

    def restore(self, conversation_id: str) -> None:
        """Bring a conversation back from the trash."""
        self._do("restore", (conversation_id,))

    def refresh(self) -> None:
        """Read the list again in the background."""
        self._tasks.start(self.reload(), "load the history")

    def title_of(self, conversation_id: str) -> str:
        """The title of a listed conversation."""
        found = (s.title for s in self._summaries if s.id == conversation_id)
        return next(found, "")

    @property
    def titles(self) -> tuple[tuple[str, str, float], ...]:
        """Id, title and time of what is loaded, newest first."""
        return tuple((s.id, s.title, s.updated_at) for s in self._summaries)

    def _do(self, verb: str, *args: object, **named: object) -> None:
        from studio.storage import conversations  # not before the first paint

        change: Callable[..., None] = getattr(conversations, verb)

        async def change_and_reload() -> None:
            await self._database.call(change, *args, **named)
            await self.reload()

        self._tasks.start(change_and_reload(), "change the history")

    def row_of(self, conversation_id: str) -> int:
        """The row of a conversation, -1 when it is not in the list."""
        found = (
            n
            for n, row in enumerate(self._rows)
            if row.summary and row.summary.id == conversation_id
        )
        return next(found, -1)

    async def _load_more(self) -> None:
        try:
            after = self._summaries[-1] if self._summaries else None
            page = await self._database.call(
                listing.list_conversations, kind=self._kind, limit=PAGE, after=after
            )
        except StudioError:
            self._complete = True
            raise
        finally:
            self._loading = False
        self._complete = len(page) < PAGE
        known = {summary.id for summary in self._summaries}
        self._summaries += [summary for summary in page if summary.id not in known]
        rows = self._grouped()
        added = len(rows) - len(self._rows)
        if added > 0:
            self.beginInsertRows(QModelIndex(), len(self._rows), len(rows) - 1)
            self._rows = rows
            self.endInsertRows()
        self.filled.emit()

    def _grouped(self) -> list[_Row]:
        if self._query:
            return [_Row(summary) for summary in self._summaries]
        rows: list[_Row] = []
        last: Group | None = None
        today = datetime.now().astimezone().date()
        for summary in self._summaries:
            group = group_of(summary, today)
            if group is not last:
                rows.append(_Row(None, group))
                last = group
            rows.append(_Row(summary))
        return rows
