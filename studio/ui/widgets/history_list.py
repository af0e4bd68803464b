"""The list of conversations at the left: headings, two-line rows, thumbnails in Vision."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import (
    QCoreApplication,
    QEvent,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QFont, QPainter
from PySide6.QtWidgets import QListView, QStyledItemDelegate, QWidget

from studio.sessions.history import ConversationList, Group, HistoryRole
from studio.ui import text, theme
from studio.ui.icons import icon, paint_icon
from studio.ui.widgets.controls import plain_tooltip

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtGui import QHelpEvent, QImage, QKeyEvent
    from PySide6.QtWidgets import QAbstractItemView, QStyleOptionViewItem

HEADING_HEIGHT = 30
ROW_HEIGHT = 54
Index = QModelIndex | QPersistentModelIndex


def _words(group: Group) -> str:
    translate = QCoreApplication.translate
    return {
        Group.PINNED: translate("history", "Pinned"),
        Group.TODAY: translate("history", "Today"),
        Group.YESTERDAY: translate("history", "Yesterday"),
        Group.THIS_WEEK: translate("history", "Last 7 days"),
        Group.EARLIER: translate("history", "Earlier"),
    }[group]


class HistoryRow(QStyledItemDelegate):
    """Draws a heading, or a conversation with its model and time."""

    def __init__(self, pictures: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pictures = pictures
        self.selected_row = -1
        self.hovered_row = -1
        self.thumbnail: Callable[[str], QImage | None] | None = None

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        heading = index.data(HistoryRole.GROUP) is not None
        return QSize(100, HEADING_HEIGHT if heading else ROW_HEIGHT)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect: QRect = option.rect
        group = index.data(HistoryRole.GROUP)
        if group is not None:
            self._paint_heading(painter, rect, group)
        else:
            self._paint_row(painter, rect, index)
        painter.restore()

    def _paint_heading(self, painter: QPainter, rect: QRect, group: Group) -> None:
        style = theme.current()
        painter.setFont(theme.ui_font(style.type.caption, QFont.Weight.DemiBold))
        painter.setPen(theme.colour("faint"))
        inside = rect.adjusted(style.space.s, style.space.s, 0, 0)
        painter.drawText(inside, Qt.AlignmentFlag.AlignVCenter, _words(group))

    def _paint_row(self, painter: QPainter, rect: QRect, index: Index) -> None:
        style = theme.current()
        summary = index.data(HistoryRole.SUMMARY)
        # Not from the option's state: QStyle with its enums would cost 7 ms before the first paint.
        selected = index.row() == self.selected_row
        if selected or index.row() == self.hovered_row:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.colour("accent_soft" if selected else "hover"))
            painter.drawRoundedRect(
                rect.adjusted(0, 1, 0, -1), style.radius.inner, style.radius.inner
            )
        inside = rect.adjusted(style.space.s + 2, 0, -style.space.s, 0)
        if self._pictures:
            inside = self._paint_thumbnail(painter, inside, summary.thumbnail)
        painter.setFont(
            theme.ui_font(
                style.type.body, QFont.Weight.DemiBold if selected else QFont.Weight.Normal
            )
        )
        painter.setPen(theme.colour("accent_text" if selected else "text"))
        top = QRect(inside.left(), inside.top() + 8, inside.width(), 20)
        title = summary.title or QCoreApplication.translate("history", "Untitled")
        painter.drawText(top, Qt.AlignmentFlag.AlignVCenter, _elided(painter, title, top.width()))
        painter.setFont(theme.ui_font(style.type.caption))
        painter.setPen(theme.colour("accent_text" if selected else "faint"))
        bottom = QRect(inside.left(), inside.top() + 28, inside.width(), 18)
        facts = f"{summary.model.rsplit('/', 1)[-1]} · {text.moment(summary.updated_at)}"
        painter.drawText(
            bottom, Qt.AlignmentFlag.AlignVCenter, _elided(painter, facts, bottom.width())
        )

    def _paint_thumbnail(self, painter: QPainter, inside: QRect, sha256: str) -> QRect:
        style = theme.current()
        side = style.size.thumbnail
        place = QRect(inside.left(), inside.center().y() - side // 2, side, side)
        image = self.thumbnail(sha256) if sha256 and self.thumbnail is not None else None
        from PySide6.QtGui import QPainterPath

        outline = QPainterPath()
        outline.addRoundedRect(QRectF(place), style.radius.inner, style.radius.inner)
        painter.save()
        painter.setClipPath(outline)
        painter.fillRect(place, theme.colour("sunken"))
        if image is None:
            paint_icon(painter, place.adjusted(10, 10, -10, -10), "image", "faint")
        else:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            size = image.size().scaled(place.size(), Qt.AspectRatioMode.KeepAspectRatioByExpanding)
            target = QRect(QPoint(0, 0), size)
            target.moveCenter(place.center())
            painter.drawImage(target, image)
        painter.restore()
        return inside.adjusted(side + style.space.s, 0, 0, 0)

    def helpEvent(
        self, event: QHelpEvent, view: QAbstractItemView, option: QStyleOptionViewItem, index: Index
    ) -> bool:
        summary = index.data(HistoryRole.SUMMARY)
        if event.type() == QEvent.Type.ToolTip and summary is not None:
            from PySide6.QtWidgets import QToolTip

            QToolTip.showText(event.globalPos(), plain_tooltip(summary.title), view)
            return True
        return False


def _elided(painter: QPainter, words: str, width: int) -> str:
    one_line = " ".join(words.split())
    return painter.fontMetrics().elidedText(one_line, Qt.TextElideMode.ElideRight, width)


class HistoryList(QListView):
    """Tells what the user wants of a conversation by its id."""

    opened = Signal(str)
    rename_requested = Signal(str)
    pin_requested = Signal(str, bool)
    delete_requested = Signal(str)

    def __init__(
        self,
        rows: ConversationList,
        pictures: bool,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._rows = rows
        self._painter = HistoryRow(pictures, self)
        self.setItemDelegate(self._painter)
        self.setModel(rows)
        self.setMouseTracking(True)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSelectionMode(QListView.SelectionMode.SingleSelection)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.entered.connect(lambda index: self._hover(index.row()))
        self.viewportEntered.connect(lambda: self._hover(-1))
        self.clicked.connect(self._on_opened)
        self.activated.connect(self._on_opened)
        self.customContextMenuRequested.connect(self._on_menu)

    def show_thumbnails(self, thumbnail: Callable[[str], QImage | None]) -> None:
        """Where small pictures come from; it may answer None and tell later."""
        self._painter.thumbnail = thumbnail
        self.viewport().update()

    def mark(self, conversation_id: str) -> None:
        """Show which conversation is open."""
        row = self._rows.row_of(conversation_id)
        if row < 0:
            self.clearSelection()
            self.setCurrentIndex(QModelIndex())
        elif self.currentIndex().row() != row:
            self.setCurrentIndex(self._rows.index(row, 0))

    def currentChanged(self, current: Index, previous: Index) -> None:
        super().currentChanged(current, previous)
        self._painter.selected_row = current.row()

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._hover(-1)

    def _hover(self, row: int) -> None:
        if row != self._painter.hovered_row:
            self._painter.hovered_row = row
            self.viewport().update()

    def _on_opened(self, index: Index) -> None:
        summary = index.data(HistoryRole.SUMMARY)
        if summary is not None:
            self.opened.emit(summary.id)

    def _on_menu(self, place: QPoint) -> None:
        summary = self.indexAt(place).data(HistoryRole.SUMMARY)
        if summary is None:
            return
        from PySide6.QtWidgets import QMenu

        menu = QMenu(self)
        menu.addAction(
            icon("pencil-simple"),
            self.tr("Rename…"),
            lambda: self.rename_requested.emit(summary.id),
        )
        words = self.tr("Unpin") if summary.pinned else self.tr("Pin")
        menu.addAction(
            icon("push-pin"), words, lambda: self.pin_requested.emit(summary.id, not summary.pinned)
        )
        menu.addSeparator()
        menu.addAction(
            icon("trash"), self.tr("Delete"), lambda: self.delete_requested.emit(summary.id)
        )
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(self.viewport().mapToGlobal(place))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        summary = self.currentIndex().data(HistoryRole.SUMMARY)
        if summary is not None and event.key() == Qt.Key.Key_Delete:
            self.delete_requested.emit(summary.id)
        elif summary is not None and event.key() == Qt.Key.Key_F2:
            self.rename_requested.emit(summary.id)
        else:
            super().keyPressEvent(event)
