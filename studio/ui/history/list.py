"""The list of conversations at the left: choosing one or many, folders to open, close and fill."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QItemSelectionModel, QModelIndex, QPoint, QRect, Qt, Signal
from PySide6.QtWidgets import QAbstractItemView, QWidget

from studio.sessions.history.conversation_list import ConversationList, HistoryRole
from studio.ui.history.paint import RowLooks, RowPaint, title_words
from studio.ui.history.view import ROW_HEIGHT, Index, TallList
from studio.ui.look import theme
from studio.ui.widgets.focus_ring import ring_after

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtGui import (
        QDragEnterEvent,
        QDragLeaveEvent,
        QDragMoveEvent,
        QDropEvent,
        QFocusEvent,
        QHelpEvent,
        QImage,
        QKeyEvent,
        QMouseEvent,
        QPainter,
    )

    from studio.sessions.history.conversation_list import Stretch
    from studio.sessions.history.rows import Block
    from studio.sessions.states import Mark
    from studio.ui.widgets.row_menu import RowMenu


class HistoryList(TallList):
    """Tells what the user wants of conversations by their ids, and of a folder by its id."""

    opened = Signal(str)
    rename_requested = Signal(str)
    menu_requested = Signal(QPoint)  # a place in the viewport
    delete_requested = Signal(list)
    moved = Signal(list, object)  # ids, and the folder's id or None
    pinned = Signal(list)
    folder_toggled = Signal(str, bool)  # and whether it is closed now
    folder_rename_requested = Signal(str)

    def __init__(
        self,
        rows: ConversationList,
        pictures: bool,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(rows, parent)
        self._paint = RowPaint(pictures)
        self._hovered = -1
        self._ring = False
        self._target = -1  # the row that would take what is dragged
        self._plain = True  # whether the last press of the mouse came without Ctrl and Shift
        self._pressed_y = 0.0
        self._open = ""
        self._current = ""  # the conversation or the folder that the keyboard is at
        self._kept: tuple[frozenset[str], str, int] = (frozenset(), "", -1)
        self._awaited = ""  # the conversation that the keyboard goes to once it is listed
        self._more: RowMenu | None = None
        self._mark_of: Callable[[str], Mark | None] = lambda _: None
        self.setMouseTracking(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setDragEnabled(True)
        self.setAcceptDrops(True)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self._connect()

    def _connect(self) -> None:
        self.entered.connect(lambda index: self._hover(index.row()))
        self.viewportEntered.connect(lambda: self._hover(-1))
        self.clicked.connect(self._on_clicked)
        self.activated.connect(self._on_activated)
        self.doubleClicked.connect(self._on_double_click)
        self.customContextMenuRequested.connect(self.menu_requested)
        self._rows.modelAboutToBeReset.connect(self._keep)
        self._rows.modelReset.connect(self._choose_kept)

    def show_thumbnails(self, thumbnail: Callable[[str], QImage | None]) -> None:
        """Where small pictures come from; it may answer None and tell later."""
        self._paint.thumbnail = thumbnail
        self.viewport().update()

    def show_marks(self, mark_of: Callable[[str], Mark | None]) -> None:
        """What is shown of conversations that are not at rest."""
        self._mark_of = mark_of
        self.viewport().update()

    def offer_menus(self) -> None:
        """Show the … of rows, from after the first paint on."""
        from studio.ui.widgets.row_menu import RowMenu

        self._more = RowMenu(self, self._name_of)
        self._more.wanted.connect(self.menu_requested)

    def _name_of(self, row: int) -> str:
        summary, folder = self._rows.at(row), self._rows.block_at(row).folder
        if summary is not None:
            return title_words(summary)
        return folder.name if folder is not None else ""

    # What is chosen.

    def mark(self, conversation_id: str) -> None:
        """Show which conversation is open; several that are chosen stay so.

        Where the keyboard is, there it stays while the same one is open, wherever its row moves.
        """
        elsewhere = self._current not in ("", conversation_id) and self.hasFocus()
        stays = elsewhere and conversation_id == self._open
        self._open = conversation_id
        self.viewport().update()
        if self.chosen_count > 1:
            return
        row = self._rows.row_of_folder(self._current) if stays else -1
        if row < 0:
            row = self._rows.row_of(self._current if stays else conversation_id)
        if row >= 0 and (self.currentIndex().row() != row or not self.chosen_count):
            self.keeps_place = stays
            self._go_to(row)
            self.keeps_place = False
        elif row < 0 and not stays and not self.hasFocus():
            self._go_to(-1)

    def go_when_listed(self, conversation_id: str) -> None:
        """Let the keyboard be at a conversation that is about to be listed again."""
        self._awaited = conversation_id

    def chosen(self) -> list[Stretch]:
        """The chosen conversations in stretches, also those that are not loaded."""
        found: list[Stretch] = []
        selection = self.selectionModel().selection()
        for number in range(selection.count()):
            each = selection.at(number)
            found += self._rows.stretches(each.top(), each.bottom())
        return found

    @property
    def chosen_count(self) -> int:
        """How many are chosen."""
        return sum(length for _, _, length in self.chosen())

    def chosen_at(self, row: int) -> list[Stretch]:
        """What is meant by a row: all that are chosen if it is one of them, else it alone."""
        if self._is_chosen(row):
            return self.chosen()
        return self._rows.stretches(row, row)

    def _is_chosen(self, row: int) -> bool:
        return self.selectionModel().isSelected(self._rows.index(row, 0))

    def _go_to(self, row: int) -> None:
        flags = QItemSelectionModel.SelectionFlag
        index = self._rows.index(row, 0) if row >= 0 else QModelIndex()
        self.selectionModel().setCurrentIndex(index, flags.ClearAndSelect)

    def _keep(self) -> None:
        """Remember what is chosen before the rows change; what is not loaded is not kept."""
        row = self.currentIndex().row()
        if not self.selectionModel().hasSelection():
            self._kept = frozenset(), "", row
            return
        seen = self._rows.summaries(self.chosen())
        current = self._rows.at(row) if row >= 0 else None
        self._kept = frozenset(each.id for each in seen), current.id if current else "", row

    def _choose_kept(self) -> None:
        ids, current, row = self._kept
        awaited = self._rows.row_of(self._awaited) if self._awaited else -1
        if awaited >= 0:
            self._awaited = ""
            if self.hasFocus():
                self._go_to(awaited)
                return
        if self.hasFocus() and row >= 0 and current and self._rows.row_of(current) < 0:
            self._go_to(self._nearest(row))  # its conversation is gone: the next one is there
        if not ids:
            return
        flags = QItemSelectionModel.SelectionFlag
        self.keeps_place = True
        rows = self._rows.rows_of(ids)
        for identity, row in rows.items():
            self.selectionModel().select(self._rows.index(row, 0), flags.Select)
            if identity == current:
                self.selectionModel().setCurrentIndex(self._rows.index(row, 0), flags.Select)
        self.keeps_place = False

    def _nearest(self, row: int) -> int:
        """The conversation at a row, else the next above or below it; -1 where there is none."""
        last = self._rows.rowCount() - 1
        places = [*range(min(row, last), -1, -1), *range(row + 1, last + 1)]
        held = (place for place in places if not self._rows.block_at(place).is_heading)
        return next(held, -1)

    # What the user does.

    def mousePressEvent(self, event: QMouseEvent) -> None:
        held = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
        self._plain = not event.modifiers() & held
        self._pressed_y = event.position().y()
        if event.button() is Qt.MouseButton.RightButton:
            event.accept()  # its menu is about the row below it, and opens nothing
            return
        super().mousePressEvent(event)

    def _on_clicked(self, index: Index) -> None:
        if self._plain:
            self._on_activated(index)

    def _on_activated(self, index: Index) -> None:
        block = self._rows.block_at(index.row())
        summary = self._rows.at(index.row())
        if block.folder is not None:
            self.folder_toggled.emit(block.folder.id, not block.folder.closed)
        elif summary is not None and self._plain_choice():
            self.opened.emit(summary.id)

    def _on_double_click(self, index: Index) -> None:
        """On the title it asks for another one; the line below it is only a place to click."""
        summary, rect = self._rows.at(index.row()), self.visualRect(index)
        if summary is not None and self._plain and self._pressed_y < rect.top() + ROW_HEIGHT // 2:
            self.rename_requested.emit(summary.id)

    def _plain_choice(self) -> bool:
        return self.chosen_count <= 1

    def keyPressEvent(self, event: QKeyEvent) -> None:
        self._plain = self._ring = True
        row = self.currentIndex().row()
        block = self._rows.block_at(row) if row >= 0 else None
        if block is None or not self._press(event.key(), row, block):
            super().keyPressEvent(event)

    def _press(self, key: int, row: int, block: Block) -> bool:
        """Do what a key means for the current row; False when it means nothing."""
        summary, folder = self._rows.at(row), block.folder
        if folder is not None:
            closes = {
                Qt.Key.Key_Space: not folder.closed,
                Qt.Key.Key_Left: True,
                Qt.Key.Key_Right: False,
            }
            if key == Qt.Key.Key_F2:
                self.folder_rename_requested.emit(folder.id)
            elif key in closes:
                self.folder_toggled.emit(folder.id, closes[Qt.Key(key)])
            else:
                return False
        elif key == Qt.Key.Key_Delete:
            self._rows.resolve(self.chosen_at(row), self.delete_requested.emit)
        elif summary is not None and key == Qt.Key.Key_F2:
            self.rename_requested.emit(summary.id)
        elif key == Qt.Key.Key_Escape and self.chosen_count > 1:
            self._go_to(row)
        else:
            return False
        return True

    # Dragging.

    def startDrag(self, actions: Qt.DropAction) -> None:
        from studio.ui.history.drag import start_drag

        ids = [each.id for each in self._rows.summaries(self.chosen())]
        if ids:
            start_drag(self, ids)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        self.dragMoveEvent(event)

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        from studio.ui.history.drag import dragged_ids

        row = self.indexAt(event.position().toPoint()).row()
        taken = bool(dragged_ids(event.mimeData())) and row >= 0
        event.setAccepted(taken)
        self._aim(row if taken else -1)
        margin, y = theme.current().space.xl, event.position().y()
        step = -margin if y < margin else margin if y > self.viewport().height() - margin else 0
        self.verticalScrollBar().setValue(self.verticalScrollBar().value() + step)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self._aim(-1)

    def dropEvent(self, event: QDropEvent) -> None:
        from studio.ui.history.drag import dragged_ids

        ids = dragged_ids(event.mimeData())
        row = self.indexAt(event.position().toPoint()).row()
        self._aim(-1)
        if ids and row >= 0:
            event.acceptProposedAction()
            part = self._rows.block_at(row).part
            if part == self._rows.PINNED:
                self.pinned.emit(ids)
            else:
                self.moved.emit(ids, None if part == self._rows.LOOSE else part)

    def _aim(self, row: int) -> None:
        """Show what would take what is dragged: the whole of a folder is its heading."""
        if row >= 0:
            part = self._rows.block_at(row).part
            row = next((n for n in self._rows.headings if self._rows.block_at(n).part == part), row)
        if row != self._target:
            self._target = row
            self.viewport().update()

    # Looks.

    def paint_row(self, painter: QPainter, rect: QRect, row: int) -> None:
        block = self._rows.block_at(row)
        summary = self._rows.at(row)
        selected = summary is not None and self._is_lit(row, summary.id)
        if selected or (row == self._hovered and block.group is None):
            self._paint.ground(painter, rect, "accent_soft" if selected else "hover")
        has_menu = self._more is not None and row == self._more.row
        if block.group is not None:
            self._paint.heading(painter, rect, block.group)
        elif block.folder is not None:
            self._paint.folder(painter, rect, block.folder, counts=not has_menu)
        elif summary is None:
            self._paint.waiting(painter, rect)
        else:
            inside = theme.current().space.m if summary.folder_id == block.part else 0
            looks = RowLooks(selected, inside, has_menu, self._mark_of(summary.id))
            self._paint.row(painter, rect, summary, looks)
        if row == self._target or (
            self._ring and self.hasFocus() and row == self.currentIndex().row()
        ):
            self._paint.ring(painter, rect)

    def _is_lit(self, row: int, conversation_id: str) -> bool:
        """Several that are chosen, else the one that is open, wherever the keyboard is."""
        return self._is_chosen(row) if self.chosen_count > 1 else conversation_id == self._open

    def _hover(self, row: int) -> None:
        if row != self._hovered:
            self._hovered = row
            self.viewport().update()

    def currentChanged(self, current: Index, previous: Index) -> None:
        super().currentChanged(current, previous)
        row = current.row()
        block, summary = (
            (self._rows.block_at(row), self._rows.at(row)) if row >= 0 else (None, None)
        )
        folder = block.folder.id if block is not None and block.folder is not None else ""
        self._current = summary.id if summary is not None else folder
        self.viewport().update()

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._hover(-1)

    def focusInEvent(self, event: QFocusEvent) -> None:
        self._ring = ring_after(event, self._ring)
        super().focusInEvent(event)
        self.viewport().update()

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip:
            self._show_tooltip(event)  # type: ignore[arg-type]  # Qt gives this type a QHelpEvent
            return True
        return super().viewportEvent(event)

    def _show_tooltip(self, event: QHelpEvent) -> None:
        from PySide6.QtWidgets import QToolTip

        from studio.ui.widgets.controls import plain_tooltip

        summary = self.indexAt(event.pos()).data(HistoryRole.SUMMARY)
        if summary is not None:
            from studio.ui.history.words import mark_words

            words = plain_tooltip(summary.title)
            if mark := self._mark_of(summary.id):
                words = plain_tooltip(f"{summary.title} · {mark_words(mark)}")
            QToolTip.showText(event.globalPos(), words, self)
        else:
            QToolTip.hideText()
