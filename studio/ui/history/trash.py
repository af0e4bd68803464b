"""The trash: what is in it, until when, and the ways out of it."""

from __future__ import annotations

import time
from collections.abc import Callable

from PySide6.QtCore import (
    QEvent,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QSize,
    Qt,
)
from PySide6.QtGui import QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QListView,
    QMessageBox,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from studio.core.capabilities import Capability
from studio.sessions.history.trash import SUMMARY, TrashList
from studio.ui.history.paint import elided, elided_facts, facts_of, title_words
from studio.ui.history.words import HistoryWords
from studio.ui.look import theme
from studio.ui.look.icons import paint_icon
from studio.ui.widgets.controls import hairline, icon_button, label, name_it, push_button
from studio.ui.widgets.sheet import Sheet

HEIGHT = 560
ROW_HEIGHT = 52
Index = QModelIndex | QPersistentModelIndex


class TrashRow(QStyledItemDelegate):
    """Draws a conversation with the days it has left."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(100, ROW_HEIGHT)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        style, summary = theme.current(), index.data(SUMMARY)
        rect: QRect = option.rect
        trash = index.model()
        assert isinstance(trash, TrashList)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        if selected or option.state & QStyle.StateFlag.State_MouseOver:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.colour("accent_soft" if selected else "hover"))
            radius = style.radius.inner
            painter.drawRoundedRect(rect.adjusted(0, 1, 0, -1), radius, radius)
        side = style.size.icon
        mark = QRect(rect.left() + style.space.m, rect.center().y() - side // 2, side, side)
        vision = summary.kind is Capability.VISION
        paint_icon(painter, mark, "eye" if vision else "chat-circle-text", "muted")
        painter.setFont(theme.ui_font(style.type.caption))
        painter.setPen(theme.colour("faint"))
        left = HistoryWords().days_left(trash.days_left(index.row(), time.time()))
        inside = rect.adjusted(0, 0, -style.space.m, 0)
        right = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
        painter.drawText(inside, right, left)
        room = painter.fontMetrics().horizontalAdvance(left) + style.space.l
        start = mark.right() + style.space.m
        width = inside.right() - room - start
        facts = QRect(start, rect.top() + 27, width, 18)
        painter.drawText(
            facts, Qt.AlignmentFlag.AlignVCenter, elided_facts(painter, facts_of(summary), width)
        )
        painter.setFont(theme.ui_font(style.type.body))
        words = elided(painter, title_words(summary), width)
        plain = theme.words_colour("text", words)
        painter.setPen(theme.colour("accent_text" if selected else plain))
        title = QRect(start, rect.top() + 7, width, 20)
        painter.drawText(title, Qt.AlignmentFlag.AlignVCenter, words)
        painter.restore()


class TrashSheet(Sheet):
    """Shows the trash; what is done is done by the session."""

    def __init__(self, trash: TrashList, parent: QWidget) -> None:
        super().__init__(parent, theme.current().size.welcome, HEIGHT)
        self._trash = trash
        self._build()
        self._connect()
        self.retranslate()

    def _build(self) -> None:
        space = theme.current().space
        self._title = label("title")
        self._note = label("muted", wrap=True)
        self._close = icon_button("x")
        self.view = QListView()
        self.view.setModel(self._trash)
        self.view.setItemDelegate(TrashRow(self.view))
        self.view.setUniformItemSizes(True)
        self.view.setMouseTracking(True)
        self.view.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.view.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self._nothing = label("muted")
        self._nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._restore = push_button("primary", "arrow-counter-clockwise", "accent_on")
        self._delete = push_button()
        self._empty = push_button("quiet", "trash", "muted")
        top = QHBoxLayout()
        top.setContentsMargins(space.xl, space.l, space.m, 0)
        top.addWidget(self._title, 1)
        top.addWidget(self._close)
        note = QHBoxLayout()
        note.setContentsMargins(space.xl, 0, space.xl, space.s)
        note.addWidget(self._note)
        rows = QHBoxLayout()
        rows.setContentsMargins(space.m, space.s, space.m, space.s)
        rows.addWidget(self.view)
        rows.addWidget(self._nothing)
        bottom = QHBoxLayout()
        bottom.setContentsMargins(space.l, space.m, space.xl, space.m)
        bottom.setSpacing(space.s)
        bottom.addWidget(self._empty)
        bottom.addStretch(1)
        bottom.addWidget(self._delete)
        bottom.addWidget(self._restore)
        column = QVBoxLayout(self.panel)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(top)
        column.addLayout(note)
        column.addWidget(hairline())
        column.addLayout(rows, 1)
        column.addWidget(hairline())
        column.addLayout(bottom)

    def _connect(self) -> None:
        self._trash.changed.connect(self._show)
        self.view.selectionModel().selectionChanged.connect(lambda *_: self._show())
        self.view.doubleClicked.connect(lambda _: self._on_restore())
        self._restore.clicked.connect(self._on_restore)
        self._delete.clicked.connect(self._on_delete)
        self._empty.clicked.connect(self._on_empty)
        self._close.clicked.connect(self.close_sheet)

    def retranslate(self) -> None:
        """Set all words anew."""
        self._title.setText(self.tr("Trash"))
        self._note.setText(
            self.tr("Deleted conversations stay here for 30 days and are then gone for good.")
        )
        name_it(self._close, self.tr("Close (Esc)"))
        self.view.setAccessibleName(self.tr("Trash"))
        self._nothing.setText(self.tr("The trash is empty."))
        self._empty.setText(self.tr("Empty the trash…"))
        self._delete.setText(self.tr("Delete for good…"))
        self._restore.setText(self.tr("Restore"))
        self._show()

    def focus_first(self) -> None:
        """Begin in the list."""
        self.view.setFocus()

    def _ids(self) -> list[str]:
        indexes = self.view.selectionModel().selectedIndexes()
        return [self._trash.at(index.row()).id for index in indexes]

    def _show(self) -> None:
        filled = self._trash.rowCount() > 0
        self.view.setVisible(filled)
        self._nothing.setVisible(not filled and self._trash.is_loaded)
        chosen = self.view.selectionModel().hasSelection()
        self._restore.setEnabled(chosen)
        self._delete.setEnabled(chosen)
        self._empty.setEnabled(filled)

    def _on_restore(self) -> None:
        if ids := self._ids():
            self._trash.restore(ids)

    def _on_delete(self) -> None:
        ids = self._ids()
        if ids:
            words = self.tr("Delete %n conversation(s) for good?", "", len(ids))
            self._ask(words, self.tr("Delete"), lambda: self._trash.delete_for_good(ids))

    def _on_empty(self) -> None:
        words = self.tr("Delete everything in the trash for good?")
        self._ask(words, self.tr("Empty the trash"), self._trash.empty)

    def _ask(self, question: str, yes: str, verb: Callable[[], None]) -> None:
        box = QMessageBox(self.window())
        box.setTextFormat(Qt.TextFormat.PlainText)
        box.setIcon(QMessageBox.Icon.Question)
        box.setText(question)
        box.setInformativeText(self.tr("Only a backup could bring it back."))
        going_on = box.addButton(yes, QMessageBox.ButtonRole.DestructiveRole)
        box.addButton(self.tr("Cancel"), QMessageBox.ButtonRole.RejectRole)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        going_on.clicked.connect(verb)
        box.open()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Delete and self.view.hasFocus():
            self._on_delete()
        super().keyPressEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()
