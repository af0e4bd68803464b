"""The last exchanges as a table of the about page: when, with whom, how it went, how long."""

from __future__ import annotations

from PySide6.QtCore import QAbstractTableModel, QEvent, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHeaderView,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from studio.core.exchanges import Exchange
from studio.sessions.requests.exchange_log import ExchangeLog
from studio.ui.look import text, theme
from studio.ui.widgets.controls import label, panel, plain_tooltip

Index = QModelIndex | QPersistentModelIndex
_HEIGHT = 216
_ROW = 26
_COLUMNS = 6


class _Rows(QAbstractTableModel):
    """A row an exchange, the newest first."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._exchanges: tuple[Exchange, ...] = ()

    def show(self, exchanges: tuple[Exchange, ...]) -> None:
        self.beginResetModel()
        self._exchanges = exchanges
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        return 0 if parent.isValid() else len(self._exchanges)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        return 0 if parent.isValid() else _COLUMNS

    def headerData(
        self, section: int, side: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        if side is not Qt.Orientation.Horizontal or role != Qt.ItemDataRole.DisplayRole:
            return None
        if not 0 <= section < _COLUMNS:
            return None
        return (
            self.tr("Time"),
            self.tr("Host"),
            self.tr("Model"),
            self.tr("Status"),
            self.tr("Took"),
            self.tr("Received"),
        )[section]

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        inside = 0 <= index.column() < _COLUMNS
        if not inside or not 0 <= index.row() < len(self._exchanges):
            return None
        exchange = self._exchanges[index.row()]
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tooltip(exchange.line())
        if role == Qt.ItemDataRole.ForegroundRole:
            return theme.colour("text" if _is_fine(exchange) else "bad")
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        status = self.tr("no answer") if exchange.status is None else str(exchange.status)
        return (
            text.clock_seconds(exchange.at),
            f"{exchange.host}{exchange.route}",
            exchange.model.rpartition("/")[2],
            status,
            text.seconds(exchange.seconds),
            text.byte_size(exchange.received),
        )[index.column()]


def _is_fine(exchange: Exchange) -> bool:
    return exchange.status is not None and exchange.status < 400


class ExchangesCard(QWidget):
    """Follows the black box while it can be seen."""

    def __init__(self, exchange_log: ExchangeLog, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._box = exchange_log
        self._title, self._note = label("strong"), label("muted", wrap=True)
        self._rows = _Rows(self)
        self.table = QTableView()
        self._build()
        self.retranslate()

    def _build(self) -> None:
        table = self.table
        table.setModel(self._rows)
        table.setFixedHeight(_HEIGHT)
        table.setFrameShape(QFrame.Shape.NoFrame)
        table.setShowGrid(False)
        table.setWordWrap(False)
        table.setTabKeyNavigation(False)
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.setFont(theme.ui_font(theme.current().type.caption))
        table.verticalHeader().hide()
        table.verticalHeader().setDefaultSectionSize(_ROW)
        header = table.horizontalHeader()
        header.setHighlightSections(False)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        # As wide as what they hold; what does not fit is scrolled to.
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setStretchLastSection(True)
        table.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        space = theme.current().space
        self._frame = panel("card")
        inside = QVBoxLayout(self._frame)
        inside.setContentsMargins(space.s, space.s, space.s, space.s)
        inside.addWidget(table)
        column_ = QVBoxLayout(self)
        column_.setContentsMargins(0, 0, 0, 0)
        column_.setSpacing(0)
        column_.addWidget(self._title)
        column_.addWidget(self._note)
        column_.addSpacing(space.s)
        column_.addWidget(self._frame)

    def retranslate(self) -> None:
        """Put every text in the language of the moment."""
        self._title.setText(self.tr("Last exchanges"))
        self.table.setAccessibleName(self._title.text())
        self.refresh()

    def refresh(self) -> None:
        """Show the exchanges as they are now."""
        exchanges = self._box.exchanges
        self._rows.show(exchanges)
        self._frame.setVisible(bool(exchanges))
        said = self.tr("What was sent and received, without words and token. Gone when you quit.")
        self._note.setText(said if exchanges else self.tr("Nothing was sent since the start."))

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._box.changed.connect(self.refresh)
        self.refresh()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._box.changed.disconnect(self.refresh)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()
        super().changeEvent(event)
