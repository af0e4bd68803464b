"""A list whose rows have two heights, laid out by counting: 100,000 rows cost what is in sight."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING

from PySide6.QtCore import (
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    Qt,
)
from PySide6.QtGui import QPainter, QRegion
from PySide6.QtWidgets import QAbstractItemView, QListView, QWidget

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent, QResizeEvent

    from studio.sessions.history.conversation_list import ConversationList

HEADING_HEIGHT = 30
ROW_HEIGHT = 54
Index = QModelIndex | QPersistentModelIndex


class TallList(QListView):
    """Rows of `ROW_HEIGHT` below headings of `HEADING_HEIGHT`; the subclass paints each.

    It is a QListView for what that is to a screen reader, and does all of its geometry itself:
    Qt would ask every row for its size.
    """

    def __init__(self, rows: ConversationList, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        # Our own: to wrap Qt's, PySide would go through every class of widgets, which costs 15 ms
        # before the first paint.
        self._port = QWidget()
        self.setViewport(self._port)
        self._rows = rows
        self._headings: list[int] = []
        self._tops: list[int] = []  # of the headings
        self.keeps_place = False  # while set, nothing scrolls by itself
        self.setModel(rows)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.verticalScrollBar().setSingleStep(ROW_HEIGHT)
        rows.modelReset.connect(self.measure)
        self.measure()

    def viewport(self) -> QWidget:
        """What the rows are painted on."""
        return self._port

    # Where rows are.

    def measure(self) -> None:
        """Count again: other rows have headings now."""
        shorter = ROW_HEIGHT - HEADING_HEIGHT
        self._headings = self._rows.headings
        self._tops = [row * ROW_HEIGHT - n * shorter for n, row in enumerate(self._headings)]
        self.updateGeometries()
        self.viewport().update()

    @property
    def whole(self) -> int:
        """The height of all rows."""
        return self._top_of(self._rows.rowCount())

    def _top_of(self, row: int) -> int:
        shorter = ROW_HEIGHT - HEADING_HEIGHT
        return row * ROW_HEIGHT - bisect_left(self._headings, row) * shorter

    def _height_of(self, row: int) -> int:
        return self._top_of(row + 1) - self._top_of(row)

    def row_at(self, y: int) -> int:
        """The row at a height of the whole list, also beyond its ends."""
        before = bisect_right(self._tops, y) - 1
        if before < 0:
            return y // ROW_HEIGHT
        inside = y - self._tops[before] - HEADING_HEIGHT
        return self._headings[before] + (0 if inside < 0 else 1 + inside // ROW_HEIGHT)

    def rows_in_sight(self) -> range:
        """The rows that are at least partly in the viewport."""
        count, top = self._rows.rowCount(), self.verticalOffset()
        last = self.row_at(top + self.viewport().height() - 1)
        return range(max(0, self.row_at(top)), min(count, last + 1))

    def rect_of(self, row: int) -> QRect:
        """Where a row is in the viewport."""
        top = self._top_of(row) - self.verticalOffset()
        return QRect(0, top, self.viewport().width(), self._height_of(row))

    # What QListView would do by asking each row.

    def doItemsLayout(self) -> None:
        QAbstractItemView.doItemsLayout(self)

    def updateGeometries(self) -> None:
        bar, height = self.verticalScrollBar(), self.viewport().height()
        bar.setPageStep(height)
        bar.setRange(0, max(0, self.whole - height))

    def verticalOffset(self) -> int:
        return self.verticalScrollBar().value()

    def horizontalOffset(self) -> int:
        return 0

    def visualRect(self, index: Index) -> QRect:
        return self.rect_of(index.row()) if index.isValid() else QRect()

    def indexAt(self, place: QPoint) -> QModelIndex:
        row = self.row_at(place.y() + self.verticalOffset())
        if 0 <= row < self._rows.rowCount() and 0 <= place.x() < self.viewport().width():
            return self._rows.index(row, 0)
        return QModelIndex()

    def scrollTo(
        self,
        index: Index,
        hint: QAbstractItemView.ScrollHint = QAbstractItemView.ScrollHint.EnsureVisible,
    ) -> None:
        if self.keeps_place or not index.isValid():
            return
        bar, height = self.verticalScrollBar(), self.viewport().height()
        top, own = self._top_of(index.row()), self._height_of(index.row())
        if hint == QAbstractItemView.ScrollHint.PositionAtCenter:
            bar.setValue(top - (height - own) // 2)
        elif top < bar.value():
            bar.setValue(top)
        elif top + own > bar.value() + height:
            bar.setValue(top + own - height)

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        self.viewport().scroll(0, dy)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self.updateGeometries()

    def moveCursor(
        self, action: QAbstractItemView.CursorAction, modifiers: Qt.KeyboardModifier
    ) -> QModelIndex:
        moves = QAbstractItemView.CursorAction
        last = self._rows.rowCount() - 1
        page = max(1, self.viewport().height() // ROW_HEIGHT - 1)
        row = self.currentIndex().row()
        step = {
            moves.MoveUp: -1,
            moves.MovePrevious: -1,
            moves.MoveDown: 1,
            moves.MoveNext: 1,
            moves.MovePageUp: -page,
            moves.MovePageDown: page,
            moves.MoveHome: -last - 1,
            moves.MoveEnd: last + 1,
        }.get(action, 0)
        target = max(0, min(row + step, last))
        back = step < 0
        # Over headings that cannot be chosen; at the end, back to the last that can.
        for way in (-1, 1) if back else (1, -1):
            found = target
            while 0 <= found <= last:
                index = self._rows.index(found, 0)
                if index.flags() & Qt.ItemFlag.ItemIsEnabled:
                    return index
                found += way
        return QModelIndex()

    def setSelection(self, rect: QRect, command: QItemSelectionModel.SelectionFlag) -> None:
        area = rect.normalized()
        first = self.row_at(area.top() + self.verticalOffset())
        last = self.row_at(area.bottom() + self.verticalOffset())
        count = self._rows.rowCount()
        chosen = QItemSelection()
        if first < count and last >= 0:
            ends = (self._rows.index(max(0, min(row, count - 1)), 0) for row in (first, last))
            chosen.select(*ends)
        self.selectionModel().select(chosen, command)

    def selectAll(self) -> None:
        """All at once: Qt would look at each row."""
        if count := self._rows.rowCount():
            every = QItemSelection(self._rows.index(0, 0), self._rows.index(count - 1, 0))
            flags = QItemSelectionModel.SelectionFlag
            self.selectionModel().select(every, flags.ClearAndSelect)

    def visualRegionForSelection(self, selection: QItemSelection) -> QRegion:
        return QRegion(self.viewport().rect())

    def isIndexHidden(self, index: Index) -> bool:
        return False

    def keyboardSearch(self, search: str) -> None:
        """Typing does not jump: it would read every title there is."""

    def paintEvent(self, event: QPaintEvent) -> None:
        seen = self.rows_in_sight()
        self._rows.want(seen.start, max(seen.start, seen.stop - 1))
        dirty = event.rect()
        painter = QPainter(self.viewport())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for row in seen:
            rect = self.rect_of(row)
            if rect.intersects(dirty):
                self.paint_row(painter, rect, row)
        painter.end()

    def paint_row(self, painter: QPainter, rect: QRect, row: int) -> None:
        """Draw one row."""
        raise NotImplementedError
