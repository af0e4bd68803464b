"""What a search of the history found: how many, in which order, and the list of it."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QEvent, QPoint, Qt, Signal
from PySide6.QtGui import QActionGroup
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from studio.core.capabilities import Capability
from studio.sessions.history.search import FoundList, Order, SearchHit
from studio.ui.history.found_list import FoundView, spoken
from studio.ui.look import theme
from studio.ui.look.icons import icon
from studio.ui.widgets.controls import label, push_button
from studio.ui.widgets.corners import Menu


class HistoryResults(QWidget):
    """Replaces the history while one searches; `view` tells what is chosen.

    `reach_changed` comes when all tabs are to be searched, or no longer (`everywhere`).
    """

    reach_changed = Signal()

    def __init__(self, found: FoundList, own: Capability, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._own = own
        self.found = found
        self.everywhere = False
        found.spoken = lambda each: spoken(each, own)
        self._build()
        self._connect()
        self.retranslate()

    def _build(self) -> None:
        space = theme.current().space
        self._count = label("label")
        self._count.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._order = push_button("quiet", "caret-down", "muted")
        self._order.setFont(theme.ui_font(theme.current().type.caption))
        self._order.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
        top = QHBoxLayout()
        top.setContentsMargins(space.s + 2, 0, 0, 0)
        top.addWidget(self._count, 1)
        top.addWidget(self._order)
        self._nothing = label("muted", wrap=True)
        self._nothing.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        self._hint = label("caption", wrap=True)
        self._hint.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        self.view = FoundView(self.found, self._own)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(space.xs)
        column.addLayout(top)
        for words in (self._nothing, self._hint):
            words.setIndent(0)
            column.addWidget(words)
        column.addWidget(self.view, 1)
        self._foot = QWidget()
        column.addWidget(self._foot, 1)

    def _connect(self) -> None:
        self.found.answered.connect(self._show)
        self._order.clicked.connect(self._open_orders)

    def retranslate(self) -> None:
        """Set all words anew."""
        self._names = {Order.BEST: self.tr("Best match"), Order.NEWEST: self.tr("Newest first")}
        self._nothing.setText(self.tr("Nothing found."))
        self._hint.setText(
            self.tr("“two words” finds them together, OR finds either, and -word leaves out.")
        )
        self.view.setAccessibleName(self.tr("Search results"))
        self._show()

    def _open_orders(self) -> None:
        menu = Menu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        group = QActionGroup(menu)
        for order, name in self._names.items():
            action = menu.addAction(name, partial(self.found.set_order, order))
            action.setCheckable(True)
            action.setChecked(order is self.found.order)
            group.addAction(action)
        menu.addSeparator()
        reach = menu.addAction(self.tr("Search all tabs"))
        reach.setCheckable(True)
        reach.setChecked(self.everywhere)
        reach.toggled.connect(self.search_everywhere)
        menu.popup(self._order.mapToGlobal(QPoint(0, self._order.height())))

    def search_everywhere(self, everywhere: bool) -> None:
        """Look for conversations of all tabs, or of this one only."""
        self.everywhere = everywhere
        self.reach_changed.emit()

    def at(self, place: QPoint) -> SearchHit | None:
        """What is at a place of the list."""
        row = self.view.indexAt(place).row()
        return self.found.at(row) if row >= 0 else None

    def _show(self) -> None:
        found, count = self.found, self.found.rowCount()
        order = found.order
        name = self._names[order]
        self._order.setText(name)
        self._order.setAccessibleName(self.tr("Order: {order}").replace("{order}", name))
        nothing = not count and found.is_answered and found.is_complete
        words = self.tr("%n found", "", count)
        if not found.is_complete:
            words = self.tr("%n+ found", "", count)
        self._count.setText("" if nothing else words)
        for widget in (self._nothing, self._hint, self._foot):
            widget.setVisible(nothing)
        self.view.setVisible(not nothing)
        self._order.setIcon(icon("caret-down", colour="muted"))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()
