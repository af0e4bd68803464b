"""The list of models under the picker: typing filters, and any id may be typed."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import (
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRect,
    QSize,
    QSortFilterProxyModel,
    Qt,
    Signal,
)
from PySide6.QtGui import QKeyEvent, QPainter, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import (
    QFrame,
    QLineEdit,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from studio.core.models import ModelInfo
from studio.ui import text, theme
from studio.ui.widgets.controls import plain_tooltip

_ID = Qt.ItemDataRole.UserRole
_NOTE = Qt.ItemDataRole.UserRole + 1
Index = QModelIndex | QPersistentModelIndex
ROW_HEIGHT = 44
POPUP_WIDTH = 400
POPUP_ROWS = 8


class ModelRow(QStyledItemDelegate):
    """Draws a model's short name, its organisation below, and a note at the right."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(POPUP_WIDTH, ROW_HEIGHT)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        style, rect = theme.current(), option.rect.adjusted(4, 1, -4, -1)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        state = option.state
        if state & (QStyle.StateFlag.State_Selected | QStyle.StateFlag.State_MouseOver):
            chosen = state & QStyle.StateFlag.State_Selected
            painter.setBrush(theme.colour("accent_soft" if chosen else "hover"))
            painter.setPen(Qt.PenStyle.NoPen)
            painter.drawRoundedRect(rect, style.radius.inner, style.radius.inner)
        model_id = str(index.data(_ID))
        organisation, _, name = model_id.rpartition("/")
        inside = rect.adjusted(style.space.s, 4, -style.space.s, -4)
        note = str(index.data(_NOTE) or "")
        painter.setFont(theme.ui_font(style.type.caption))
        painter.setPen(theme.colour("faint"))
        right = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
        painter.drawText(inside, right, note)
        bottom = QRect(inside.left(), inside.center().y() + 1, inside.width() - 90, 16)
        painter.drawText(bottom, Qt.AlignmentFlag.AlignVCenter, organisation)
        painter.setFont(theme.ui_font(style.type.body))
        painter.setPen(theme.colour("text"))
        top = QRect(inside.left(), inside.top(), inside.width() - 90, 18)
        metrics = painter.fontMetrics()
        shown = metrics.elidedText(name, Qt.TextElideMode.ElideMiddle, top.width())
        painter.drawText(top, Qt.AlignmentFlag.AlignVCenter, shown)
        painter.restore()


class ModelPopup(QFrame):
    """The list below the button; typing filters, Enter takes, Esc closes."""

    picked = Signal(str)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setProperty("look", "card")
        self._rows = QStandardItemModel(self)
        self._found = QSortFilterProxyModel(self)
        self._found.setSourceModel(self._rows)
        self._found.setFilterRole(_ID)
        self._found.setFilterCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self.search = QLineEdit()
        self.list = QListView()
        self.list.setModel(self._found)
        self.list.setItemDelegate(ModelRow(self.list))
        self.list.setUniformItemSizes(True)
        self.list.setMouseTracking(True)
        column = QVBoxLayout(self)
        space = theme.current().space
        column.setContentsMargins(space.s, space.s, space.s, space.s)
        column.setSpacing(space.s)
        column.addWidget(self.search)
        column.addWidget(self.list)
        self.search.setPlaceholderText(self.tr("Search, or type any model's id"))
        self.search.setAccessibleName(self.tr("Search models"))
        self.list.setAccessibleName(self.tr("Models"))
        self.search.textChanged.connect(self._on_typed)
        self.search.installEventFilter(self)
        self.list.clicked.connect(self._on_clicked)
        self.list.activated.connect(self._on_clicked)

    def fill(self, models: Sequence[ModelInfo], current: str) -> None:
        """Show `models`, the current one selected."""
        self._rows.clear()
        for model in models:
            item = QStandardItem()
            item.setData(model.id, _ID)
            item.setData(model.id, Qt.ItemDataRole.AccessibleTextRole)
            item.setData(self._note(model), _NOTE)
            item.setToolTip(plain_tooltip(model.id))
            self._rows.appendRow(item)
        self.search.clear()
        for row in range(self._found.rowCount()):
            if self._found.index(row, 0).data(_ID) == current:
                self.list.setCurrentIndex(self._found.index(row, 0))

    def _note(self, model: ModelInfo) -> str:
        if model.retired:
            return self.tr("no longer served")
        if model.cost is None:
            return ""
        return text.credit_count(model.cost)

    def _on_typed(self, typed: str) -> None:
        self._found.setFilterFixedString(typed.strip())
        if self._found.rowCount():
            self.list.setCurrentIndex(self._found.index(0, 0))

    def _on_clicked(self, index: QModelIndex) -> None:
        self._pick(str(index.data(_ID)))

    def _pick(self, model_id: str) -> None:
        self.hide()
        self.picked.emit(model_id)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            if event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Up):
                step = 1 if event.key() == Qt.Key.Key_Down else -1
                row = self.list.currentIndex().row() + step
                if 0 <= row < self._found.rowCount():
                    self.list.setCurrentIndex(self._found.index(row, 0))
                return True
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self._on_entered()
                return True
        return super().eventFilter(watched, event)

    def _on_entered(self) -> None:
        typed = self.search.text().strip()
        index = self.list.currentIndex()
        if index.isValid() and self._found.rowCount():
            self._pick(str(index.data(_ID)))
        elif typed:
            self._pick(typed)
