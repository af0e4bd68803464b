"""The rows of what can be imported: a box to tick, a title, and what there is to know of it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import (
    QAbstractListModel,
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRect,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPen
from PySide6.QtWidgets import QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from studio.core.transfer.common import FoundConversation
from studio.ui.look import text, theme
from studio.ui.look.icons import paint_icon
from studio.ui.widgets.controls import plain_tooltip

Index = QModelIndex | QPersistentModelIndex
ROW_HEIGHT = 46
_BOX = 16
_FOUND = Qt.ItemDataRole.UserRole
_TICKED = {True: Qt.CheckState.Checked, False: Qt.CheckState.Unchecked}


class ImportRows(QAbstractListModel):
    """The conversations that fit what was typed; `ticked` tells that others are chosen now."""

    ticked = Signal()

    def __init__(self, found: Sequence[FoundConversation], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._found, self._rows = found, list(found)
        self.chosen = {each.id for each in found}

    def search(self, typed: str) -> None:
        """Show those in whose titles every word of `typed` occurs."""
        words = typed.casefold().split()
        self.beginResetModel()
        self._rows = [
            each for each in self._found if all(word in each.title.casefold() for word in words)
        ]
        self.endResetModel()

    def tick_all(self, *, on: bool) -> None:
        """Choose all that are shown, or none of them; the others stay as they are."""
        shown = {each.id for each in self._rows}
        self.chosen = self.chosen | shown if on else self.chosen - shown
        if self._rows:
            self.dataChanged.emit(self.index(0), self.index(len(self._rows) - 1))
        self.ticked.emit()

    def toggle(self, row: int) -> None:
        """Choose one, or no longer."""
        if 0 <= row < len(self._rows):
            self.chosen ^= {self._rows[row].id}
            self.dataChanged.emit(self.index(row), self.index(row))
            self.ticked.emit()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        return 0 if parent.isValid() else len(self._rows)

    def flags(self, index: Index) -> Qt.ItemFlag:
        both = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        return both | Qt.ItemFlag.ItemIsUserCheckable

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not 0 <= index.row() < len(self._rows):
            return None
        found = self._rows[index.row()]
        if role == _FOUND:
            return found
        if role == Qt.ItemDataRole.CheckStateRole:
            return _TICKED[found.id in self.chosen]
        title = found.title or self.tr("Untitled")
        if role == Qt.ItemDataRole.DisplayRole:
            return title
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{title}, {self.note(found)}"
        return plain_tooltip(found.title) if role == Qt.ItemDataRole.ToolTipRole else None

    def note(self, found: FoundConversation) -> str:
        """When it was, and how much it is."""
        parts = [text.moment(found.changed), self.tr("%n message(s)", "", found.messages)]
        if found.pictures:
            parts.append(self.tr("%n picture(s)", "", found.pictures))
        if found.here:
            parts.append(self.tr("here already, only what is new is added"))
        return " · ".join(parts)


class _ImportRow(QStyledItemDelegate):
    """Draws a row."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(100, ROW_HEIGHT)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        found, rows = index.data(_FOUND), index.model()
        if found is None or not isinstance(rows, ImportRows):
            return
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        style, rect = theme.current(), option.rect.adjusted(0, 1, 0, -1)
        current = bool(option.state & QStyle.StateFlag.State_HasFocus)
        if option.state & QStyle.StateFlag.State_MouseOver or current:
            painter.setBrush(theme.colour("hover"))
            painter.setPen(QPen(theme.colour("accent"), 1) if current else Qt.PenStyle.NoPen)
            painter.drawRoundedRect(
                rect.adjusted(0, 0, -1, -1), style.radius.inner, style.radius.inner
            )
        box = QRect(rect.left() + style.space.m, rect.center().y() - _BOX // 2, _BOX, _BOX)
        _paint_box(painter, box, ticked=found.id in rows.chosen)
        inside = rect.adjusted(_BOX + 2 * style.space.m, 4, -style.space.m, -4)
        painter.setFont(theme.ui_font(style.type.body))
        right = Qt.TextElideMode.ElideRight
        elide = painter.fontMetrics().elidedText
        top = QRect(inside.left(), inside.top(), inside.width(), 20)
        title = " ".join(str(index.data()).split())
        painter.setPen(theme.colour(theme.words_colour("text", title)))
        painter.drawText(top, Qt.AlignmentFlag.AlignVCenter, elide(title, right, top.width()))
        painter.setFont(theme.ui_font(style.type.caption))
        painter.setPen(theme.colour("muted"))
        bottom = QRect(inside.left(), inside.bottom() - 16, inside.width(), 16)
        elide = painter.fontMetrics().elidedText
        note = elide(rows.note(found), right, bottom.width())
        painter.drawText(bottom, Qt.AlignmentFlag.AlignVCenter, note)
        painter.restore()


def _paint_box(painter: QPainter, box: QRect, *, ticked: bool) -> None:
    painter.setPen(QPen(theme.colour("accent" if ticked else "line_strong"), 1))
    painter.setBrush(theme.colour("accent" if ticked else "surface"))
    painter.drawRoundedRect(box, 4, 4)
    if ticked:
        paint_icon(painter, box.adjusted(2, 2, -2, -2), "check", "accent_on")


class ImportList(QListView):
    """The list: a click anywhere in a row, Space or Enter ticks it."""

    def __init__(self, rows: ImportRows, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows = rows
        self.setModel(rows)
        self.setItemDelegate(_ImportRow(self))
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setEditTriggers(QListView.EditTrigger.NoEditTriggers)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._rows.toggle(self.indexAt(event.position().toPoint()).row())
        super().mouseReleaseEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._rows.toggle(self.currentIndex().row())
            return
        if event.key() == Qt.Key.Key_A and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self._rows.tick_all(on=True)
            return
        super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.FocusIn and not self.currentIndex().isValid():
            self.setCurrentIndex(self._rows.index(0))
        return super().event(event)
