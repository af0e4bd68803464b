"""The rows of the history: pinned ones, folders, days; any page read when it is seen."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from enum import IntEnum
from typing import TYPE_CHECKING

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
from studio.sessions.history.rows import LOOSE, PINNED, UNKNOWN, Block, Page, arrange, today
from studio.sessions.requests.tasks import TaskGroup
from studio.storage.db.database import Database
from studio.storage.history.listing import PAGE, ConversationSummary

if TYPE_CHECKING:
    from studio.storage.history.folders import Folder
    from studio.storage.history.layout import HistoryLayout, Scope

NOTHING = Block(-1, 0, "")  # where there is no row
MOST_PAGES = 24  # kept beside those that say where the days begin
Index = QModelIndex | QPersistentModelIndex
Stretch = tuple[str, int, int]  # a part, where a stretch of it begins, and how long it is


class HistoryRole(IntEnum):
    """What a row can be asked for, beside its text."""

    SUMMARY = Qt.ItemDataRole.UserRole + 1  # a ConversationSummary, None for a heading
    GROUP = Qt.ItemDataRole.UserRole + 2  # a Group, None for anything but its heading
    FOLDER = Qt.ItemDataRole.UserRole + 3  # a Folder, None for anything but its heading


class HistoryPages(QAbstractListModel):
    """Conversations of one kind, newest first, below headings.

    It knows how many there are and holds only pages that were seen: `want` says what is in
    sight, `at` gives None for a line that is still being read. `filled` comes after every load.
    """

    PINNED, LOOSE = PINNED, LOOSE  # the parts that are no folders

    filled = Signal()

    def __init__(
        self,
        kind: Capability,
        database: Database,
        tasks: TaskGroup,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._kind, self._database, self._tasks = kind, database, tasks
        self._model = ""
        self._folder_id: str | None = None
        self._folders: tuple[Folder, ...] = ()  # those that are listed
        self._every_folder: tuple[Folder, ...] = ()
        self.spoken: Callable[[int], str] | None = None  # a row for a screen reader
        self._lengths: dict[str, int] = {}
        self._pages: dict[tuple[str, int], Page] = {}
        self._blocks: list[Block] = []
        self._starts: list[int] = []
        self._row_count = 0
        self._day_pages = 1  # pages that say where the days begin: they are always held
        self._sight = (0, 0)
        self._reading = False
        self._refreshing = self._stale = False
        self._known = False

    # What there is.

    @property
    def kind(self) -> Capability:
        """The kind of its conversations."""
        return self._kind

    @property
    def known(self) -> bool:
        """Whether the history was looked at; before that nobody can say that it is empty."""
        return self._known

    @property
    def every_folder(self) -> tuple[Folder, ...]:
        """All folders in order, also those that are not listed now."""
        return self._every_folder

    @property
    def limits(self) -> tuple[str, str | None]:
        """The model ("" is any) and the folder (None is any) that the list is limited to."""
        return self._model, self._folder_id

    @property
    def headings(self) -> list[int]:
        """The rows of the headings, ascending."""
        return [block.row for block in self._blocks if block.is_heading]

    @property
    def titles(self) -> tuple[tuple[str, str, float], ...]:
        """Id, title and time of what is loaded, in the order of the list."""
        return tuple((s.id, s.title, s.updated_at) for s in self._loaded())

    def title_of(self, conversation_id: str) -> str:
        """The title of a conversation that is loaded."""
        return next((s.title for s in self._loaded() if s.id == conversation_id), "")

    def row_of(self, conversation_id: str) -> int:
        """The row of a conversation; -1 when it is not listed or not loaded."""
        return self.rows_of(frozenset((conversation_id,))).get(conversation_id, -1)

    def row_of_folder(self, folder_id: str) -> int:
        """The row of a folder's heading; -1 when it is not listed."""
        headings = (block for block in self._blocks if block.folder is not None)
        return next((block.row for block in headings if block.part == folder_id), -1)

    def rows_of(self, conversation_ids: frozenset[str]) -> dict[str, int]:
        """The rows of those conversations that are listed and loaded."""
        found = {}
        for (part, number), page in self._pages.items():
            for place, summary in enumerate(page):
                if summary.id in conversation_ids:
                    found[summary.id] = self._row_at(part, number * PAGE + place)
        return {identity: row for identity, row in found.items() if row >= 0}

    def summaries(self, stretches: Sequence[Stretch]) -> list[ConversationSummary]:
        """The loaded conversations of some stretches."""
        found: list[ConversationSummary] = []
        for part, first, length in stretches:
            for (held, number), page in sorted(self._pages.items(), key=lambda each: each[0]):
                if held == part:
                    start = number * PAGE
                    found += page[max(0, first - start) : max(0, first + length - start)]
        return found

    def block_at(self, row: int) -> Block:
        """What a row belongs to; NOTHING beyond the ends, where a row was a moment ago."""
        inside = 0 <= row < self._row_count
        return self._blocks[bisect_right(self._starts, row) - 1] if inside else NOTHING

    def at(self, row: int) -> ConversationSummary | None:
        """The conversation of a row; None for a heading, and while it is being read."""
        block = self.block_at(row)
        if block.is_heading:
            return None
        number, place = divmod(block.first + row - block.row, PAGE)
        page = self._pages.get((block.part, number), ())
        return page[place] if place < len(page) else None

    def stretches(self, first: int, last: int) -> list[Stretch]:
        """The conversations among some rows, in stretches of the parts."""
        found: list[Stretch] = []
        for block in self._blocks:
            start, end = max(first, block.row), min(last + 1, block.row + block.length)
            if start < end and not block.is_heading:
                found.append((block.part, block.first + start - block.row, end - start))
        return found

    # The model.

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        return 0 if parent.isValid() else self._row_count

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        row = index.row()
        if role == HistoryRole.SUMMARY:
            return self.at(row)
        block = self.block_at(row)
        if role == HistoryRole.GROUP:
            return block.group
        if role == HistoryRole.FOLDER:
            return block.folder
        if role == Qt.ItemDataRole.AccessibleTextRole and self.spoken and block is not NOTHING:
            return self.spoken(row)
        if role == Qt.ItemDataRole.DisplayRole:
            summary = self.at(row)
            return summary.title if summary else block.folder.name if block.folder else None
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        block = self.block_at(index.row())
        if block.group is not None or block is NOTHING:
            return Qt.ItemFlag.NoItemFlags
        if block.folder is not None:
            return Qt.ItemFlag.ItemIsEnabled
        flag = Qt.ItemFlag
        return flag.ItemIsEnabled | flag.ItemIsSelectable | flag.ItemIsDragEnabled

    # Reading.

    def show_page(
        self, page: Sequence[ConversationSummary], folders: Sequence[Folder] = ()
    ) -> None:
        """Begin with the first lines that were read before, as at the start of the program."""
        parts: dict[str, list[ConversationSummary]] = {}
        for each in page:
            inside = each.folder_id if folders else None
            part = PINNED if each.pinned else inside or LOOSE
            parts.setdefault(part, []).append(each)
        lengths = {part: len(lines) for part, lines in parts.items()}
        # How many there are in all is counted later.
        shown = tuple(folder._replace(length=UNKNOWN) for folder in folders)
        self._every_folder = shown
        self._known = True
        self._show(shown, lengths, {(p, 0): tuple(lines) for p, lines in parts.items()})
        self.filled.emit()

    def want(self, first: int, last: int) -> None:
        """Say which rows are in sight: what is missing of them is read, and the rest may go."""
        self._sight = (first, last)
        self._read_on()

    async def reload(self) -> None:
        """Read anew how long everything is, and what is in sight: something changed."""
        from studio.storage.history import layout  # not before the first paint

        keys = [layout.PageKey(*key) for key in self._keys_in_sight()]
        found = await self._database.call(layout.read_outline, self.scope, keys)
        self._take(found)

    def refresh(self) -> None:
        """Read the list again in the background; what is asked for meanwhile is read once more."""
        self._stale = True
        if not self._refreshing:
            self._tasks.start(self._refresh(), "load the history")
            self._refreshing = True

    async def _refresh(self) -> None:
        try:
            while self._stale:
                self._stale = False
                await self.reload()
        except StudioError:
            self._known = True  # there is none to wait for
            self.filled.emit()
            raise
        finally:
            self._refreshing = False

    @property
    def scope(self) -> Scope:
        """What the list is limited to."""
        from studio.storage.history.layout import Scope

        return Scope(self._kind, self._model, self._folder_id)

    def limit_to(self, model: str, folder_id: str | None) -> None:
        """List only conversations of a model ("" is any), or of a folder (None is any)."""
        if (model, folder_id) != (self._model, self._folder_id):
            self._model, self._folder_id = model, folder_id
            self._sight = (0, 0)
            self.refresh()

    # How rows come about.

    def _loaded(self) -> list[ConversationSummary]:
        parts = [PINNED, *(folder.id for folder in self._folders), LOOSE]
        keys = sorted(self._pages, key=lambda key: (parts.index(key[0]), key[1]))
        return [summary for key in keys for summary in self._pages[key]]

    def _row_at(self, part: str, place: int) -> int:
        for block in self._blocks:
            inside = place - block.first
            if block.part == part and not block.is_heading and 0 <= inside < block.length:
                return block.row + inside
        return -1

    def _keys_in_sight(self) -> list[tuple[str, int]]:
        """The pages to hold: the beginnings, what says where the days begin, what is seen."""
        opened = (folder.id for folder in self._folders if not folder.closed)
        keys = [(part, 0) for part in (PINNED, *opened)]
        keys += [(LOOSE, number) for number in range(self._day_pages)]
        for part, first, length in self.stretches(*self._sight):
            keys += [(part, n) for n in range(first // PAGE, (first + length - 1) // PAGE + 1)]
        return list(dict.fromkeys(keys))

    def _take(self, found: HistoryLayout) -> None:
        lengths = {PINNED: found.pinned, LOOSE: found.loose}
        lengths |= {folder.id: folder.length for folder in found.folders}
        self._every_folder = found.folders
        self._known = True
        if self._folder_id not in (None, *(folder.id for folder in found.folders)):
            self.limit_to(self._model, None)  # it was deleted elsewhere
            return
        limited = bool(self._model or self._folder_id)
        folders = tuple(each for each in found.folders if each.length or not limited)
        pages = {(key.part, key.number): page for key, page in found.pages.items() if page}
        self._show(folders, lengths, pages)
        self.filled.emit()
        self._read_on()

    def _show(
        self,
        folders: tuple[Folder, ...],
        lengths: dict[str, int],
        pages: dict[tuple[str, int], Page],
    ) -> None:
        blocks, day_pages = arrange(folders, lengths, pages, today())
        other = blocks != self._blocks
        if other:
            self.beginResetModel()
        self._folders, self._lengths, self._pages = folders, lengths, pages
        self._blocks, self._day_pages = blocks, day_pages
        self._starts = [block.row for block in blocks]
        self._row_count = blocks[-1].row + blocks[-1].length if blocks else 0
        if other:
            self.endResetModel()
        elif blocks:
            first, last = (max(0, min(row, self._row_count - 1)) for row in self._sight)
            self.dataChanged.emit(self.index(first, 0), self.index(last, 0))

    def _read_on(self) -> None:
        """Read a page that is in sight and not held; one at a time: only the last sight counts."""
        missing = [key for key in self._keys_in_sight() if key not in self._pages]
        wanted = next(
            (key for key in missing if self._lengths.get(key[0], 0) > key[1] * PAGE), None
        )
        if wanted is not None and not self._reading:
            self._reading = True
            self._tasks.start(self._read(wanted), "load the history")

    async def _read(self, key: tuple[str, int]) -> None:
        from studio.storage.history import layout

        scope = self.scope
        try:
            page = await self._database.call(layout.read_page, scope, layout.PageKey(*key))
        finally:
            self._reading = False
        if scope == self.scope:
            pages = {**self._pages, key: page}
            held = set(self._keys_in_sight())
            spare = [each for each in pages if each not in held and each != key]
            for each in spare[: max(0, len(pages) - MOST_PAGES)]:
                del pages[each]
            self._show(self._folders, self._lengths, pages)
        self._read_on()
