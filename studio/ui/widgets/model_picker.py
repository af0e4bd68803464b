"""Chooses a model: a button with its name, and a searchable list that also takes any typed id."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import (
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QSize,
    QSortFilterProxyModel,
    Qt,
    Signal,
)
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import (
    QFrame,
    QLineEdit,
    QListView,
    QPushButton,
    QSizePolicy,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from studio.core.models import ModelInfo
from studio.ui import text, theme
from studio.ui.icons import paint_icon
from studio.ui.widgets.controls import plain_tooltip

_ID = Qt.ItemDataRole.UserRole
_NOTE = Qt.ItemDataRole.UserRole + 1
Index = QModelIndex | QPersistentModelIndex
ROW_HEIGHT = 44
TILE = 20
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
        return self.tr("{n} credits").replace("{n}", text.number(model.cost))

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


class ModelPicker(QPushButton):
    """Shows the current model; a click, Space or the shortcut opens the list."""

    picked = Signal(str)

    def __init__(
        self, models: Callable[[], Sequence[ModelInfo]], parent: QWidget | None = None
    ) -> None:
        """`models` is asked whenever the list opens, so it is always what is known now."""
        super().__init__(parent)
        self._models = models
        self._model = ""
        self._popup: ModelPopup | None = None
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.clicked.connect(self.open)

    @property
    def model(self) -> str:
        """The id that is shown."""
        return self._model

    def show_model(self, model_id: str) -> None:
        """Show an id without telling."""
        self._model = model_id
        self.setAccessibleName(self.tr("Model: {id}").replace("{id}", model_id))
        self.setToolTip(plain_tooltip(model_id))
        self.updateGeometry()
        self.update()

    def open(self) -> None:
        """Open the list under the button."""
        if self._popup is None:
            self._popup = ModelPopup(self)
            self._popup.picked.connect(self._on_picked)
        self._popup.fill(self._models(), self._model)
        space = theme.current().space
        self._popup.resize(POPUP_WIDTH, POPUP_ROWS * ROW_HEIGHT + 48 + 2 * space.s)
        corner = self.mapToGlobal(QPoint(0, self.height() + space.xs))
        room = self.window().mapToGlobal(QPoint(self.window().width(), 0)).x() - space.s
        self._popup.move(QPoint(min(corner.x(), room - POPUP_WIDTH), corner.y()))
        self._popup.show()
        self._popup.search.setFocus(Qt.FocusReason.PopupFocusReason)

    def _on_picked(self, model_id: str) -> None:
        self.show_model(model_id)
        self.picked.emit(model_id)

    @property
    def _short(self) -> str:
        return self._model.rsplit("/", 1)[-1]

    def sizeHint(self) -> QSize:
        space = theme.current().space
        font = theme.ui_font(theme.current().type.small)
        font.setBold(True)
        width = self.fontMetrics().horizontalAdvance(self._short) + 24
        return QSize(min(width + TILE + 2 * space.m + 2 * space.s + 16, 320), 32)

    def minimumSizeHint(self) -> QSize:
        return QSize(120, 32)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        style = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        tile = QRect(style.space.m, (self.height() - TILE) // 2, TILE, TILE)
        paint_tile(painter, tile, self._short)
        caret = QRect(self.width() - style.space.m - 14, (self.height() - 14) // 2, 14, 14)
        paint_icon(painter, caret, "caret-down", "muted")
        font = theme.ui_font(style.type.small)
        font.setBold(True)
        painter.setFont(font)
        painter.setPen(theme.colour("text"))
        room = QRect(
            tile.right() + style.space.s, 0, caret.left() - tile.right() - 16, self.height()
        )
        shown = painter.fontMetrics().elidedText(
            self._short, Qt.TextElideMode.ElideRight, room.width()
        )
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, shown)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self.show_model(self._model)
            if self._popup is not None:
                self._popup.deleteLater()
                self._popup = None


def paint_tile(painter: QPainter, rect: QRect, name: str) -> None:
    """The small tinted square with a model's first letter."""
    painter.save()
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.colour("accent_soft"))
    painter.drawRoundedRect(rect, 5, 5)
    font = theme.ui_font(int(rect.height() * 0.6))
    font.setBold(True)
    painter.setFont(font)
    painter.setPen(theme.colour("accent_text"))
    painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, name[:1].upper() or "?")
    painter.restore()
