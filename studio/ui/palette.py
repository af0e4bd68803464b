"""Ctrl+K: every action, conversation and model by typing a few letters of it."""

from __future__ import annotations

from dataclasses import dataclass

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
from PySide6.QtGui import QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from studio.core.models import Capability
from studio.sessions.studio import Studio
from studio.ui import text, theme
from studio.ui.actions import ACTIONS
from studio.ui.icons import paint_icon
from studio.ui.widgets.controls import hairline, label
from studio.ui.widgets.icon_mark import IconMark
from studio.ui.widgets.sheet import Sheet

HEIGHT = 480
ROW_HEIGHT = 40
MOST_ROWS = 60
Index = QModelIndex | QPersistentModelIndex
ENTRY = Qt.ItemDataRole.UserRole + 1


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing the palette can do: an action, or a conversation of a tab."""

    words: str
    note: str
    icon: str
    action: str = ""
    tab: str = ""
    conversation: str = ""
    model: str = ""


def matches(entry: Entry, typed: str) -> bool:
    """Whether every word that was typed occurs in the entry."""
    looked_at = f"{entry.words} {entry.model}".casefold()
    return all(word in looked_at for word in typed.casefold().split())


class _Entries(QAbstractListModel):
    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._shown: list[Entry] = []

    def show(self, entries: list[Entry]) -> None:
        self.beginResetModel()
        self._shown = entries[:MOST_ROWS]
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        return 0 if parent.isValid() else len(self._shown)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        entry = self._shown[index.row()]
        if role == ENTRY:
            return entry
        return entry.words if role == Qt.ItemDataRole.DisplayRole else None


class _Row(QStyledItemDelegate):
    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(100, ROW_HEIGHT)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        style, rect = theme.current(), option.rect
        entry: Entry = index.data(ENTRY)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if option.state & QStyle.StateFlag.State_Selected:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.colour("accent_soft"))
            painter.drawRoundedRect(rect, style.radius.inner, style.radius.inner)
        slot = QRect(rect.left() + style.space.m, rect.center().y() - 9, 18, 18)
        paint_icon(painter, slot, entry.icon, "muted")
        inside = rect.adjusted(style.space.m + 32, 0, -style.space.m, 0)
        painter.setFont(theme.ui_font(style.type.caption))
        painter.setPen(theme.colour("faint"))
        note_width = painter.fontMetrics().horizontalAdvance(entry.note)
        right = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
        painter.drawText(inside, right, entry.note)
        painter.setFont(theme.ui_font(style.type.body))
        painter.setPen(theme.colour("text"))
        room = inside.width() - note_width - style.space.m
        words = painter.fontMetrics().elidedText(entry.words, Qt.TextElideMode.ElideRight, room)
        painter.drawText(inside, Qt.AlignmentFlag.AlignVCenter, words)
        painter.restore()


class PaletteSheet(Sheet):
    """Tells what was chosen and closes."""

    action_chosen = Signal(str)
    conversation_chosen = Signal(str, str)
    model_chosen = Signal(str)

    def __init__(self, studio: Studio, parent: QWidget) -> None:
        super().__init__(parent, theme.current().size.palette, HEIGHT)
        self._entries = self._all_entries(studio)
        self._build()
        self._on_typed("")

    def _build(self) -> None:
        space = theme.current().space
        self._field = QLineEdit()
        self._field.setProperty("look", "bare")
        self._field.setFont(theme.ui_font(theme.current().type.reading))
        self._field.setPlaceholderText(self.tr("Search actions, conversations and models"))
        self._field.setAccessibleName(self._field.placeholderText())
        self._rows = _Entries(self)
        self._list = QListView()
        self._list.setModel(self._rows)
        self._list.setItemDelegate(_Row(self._list))
        self._list.setUniformItemSizes(True)
        self._list.setFrameShape(QFrame.Shape.NoFrame)
        self._list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._list.setAccessibleName(self.tr("Found"))
        self._nothing = label("muted", self.tr("Nothing found."))
        self._nothing.setContentsMargins(space.m, space.s, 0, 0)
        top = QHBoxLayout()
        top.setContentsMargins(space.l + 4, space.s, space.l, space.s)
        top.setSpacing(space.s)
        top.addWidget(IconMark("magnifying-glass", theme.current().size.icon))
        top.addWidget(self._field, 1)
        column = QVBoxLayout(self.panel)
        column.setContentsMargins(0, space.xs, 0, space.s)
        column.setSpacing(0)
        column.addLayout(top)
        column.addWidget(hairline())
        rows = QVBoxLayout()
        rows.setContentsMargins(space.s, space.s, space.s, 0)
        rows.addWidget(self._nothing)
        rows.addWidget(self._list, 1)
        rows.addStretch(1)
        column.addLayout(rows, 1)
        self._field.textChanged.connect(self._on_typed)
        self._field.installEventFilter(self)
        self._list.clicked.connect(self._on_chosen)

    def focus_first(self) -> None:
        """Begin with typing."""
        self._field.setFocus()

    def _all_entries(self, studio: Studio) -> list[Entry]:
        actions = [
            Entry(text.translated("actions", a.text), a.shown_keys, a.icon, action=a.id)
            for a in ACTIONS
            if a.id != "palette"
        ]
        tabs = {Capability.CHAT: ("chat", "chat-circle-text"), Capability.VISION: ("vision", "eye")}
        talks = [
            Entry(title, text.moment(when), icon_name, tab=tab, conversation=key)
            for kind, (tab, icon_name) in tabs.items()
            for key, title, when in studio.histories[kind].titles
        ]
        models = [
            Entry(m.short_name, m.id.rpartition("/")[0], "cube", model=m.id)
            for m in studio.catalogue.models(Capability.CHAT)
        ]
        return actions + talks + models

    def _on_typed(self, typed: str) -> None:
        found = [entry for entry in self._entries if matches(entry, typed)]
        self._rows.show(found)
        self._nothing.setVisible(not found)
        self._list.setVisible(bool(found))
        if found:
            self._list.setCurrentIndex(self._rows.index(0, 0))

    def _on_chosen(self, index: QModelIndex) -> None:
        entry: Entry = index.data(ENTRY)
        self.close_sheet()
        if entry.action:
            self.action_chosen.emit(entry.action)
        elif entry.conversation:
            self.conversation_chosen.emit(entry.tab, entry.conversation)
        else:
            self.model_chosen.emit(entry.model)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            return self._on_key(event.key())
        return super().eventFilter(watched, event)

    def _on_key(self, key: int) -> bool:
        row = self._list.currentIndex().row()
        if key in (Qt.Key.Key_Down, Qt.Key.Key_Up):
            step = row + (1 if key == Qt.Key.Key_Down else -1)
            if 0 <= step < self._rows.rowCount():
                self._list.setCurrentIndex(self._rows.index(step, 0))
            return True
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if self._rows.rowCount():
                self._on_chosen(self._list.currentIndex())
            return True
        return False
