"""The … of a row: what a right click offers, in sight of the mouse and in reach of the keyboard."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QEvent, QObject, QPoint, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QListView, QToolButton, QWidget

from studio.ui.look import theme
from studio.ui.look.icons import icon
from studio.ui.widgets.controls import leave_keyboard, name_it

if TYPE_CHECKING:
    from collections.abc import Callable

SIDE = 28
ROOM = SIDE + 4  # what it takes at the right of a row

_SHIFT = Qt.KeyboardModifier.ShiftModifier
_MOVES = (QEvent.Type.FocusIn, QEvent.Type.FocusOut, QEvent.Type.Resize, QEvent.Type.Show)


class RowMenu(QToolButton):
    """Stands in the row under the pointer, else in the one that the keyboard is at.

    `name_of(row)` is what the row is called, "" where it has no menu. `wanted(place)` asks for
    the menu at a place of the viewport, which is in the row.
    """

    wanted = Signal(QPoint)

    def __init__(self, view: QListView, name_of: Callable[[int], str]) -> None:
        super().__init__(view.viewport())
        self._view, self._name_of = view, name_of
        self._pointed = self.row = -1
        self.setProperty("look", "row")
        self.setIcon(icon("dots-three-bold", colour="muted"))
        self.setIconSize(QSize(theme.current().size.icon, theme.current().size.icon))
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        leave_keyboard(self)
        QWidget.setTabOrder(view, self)
        self.clicked.connect(lambda: self.wanted.emit(self.geometry().center()))
        self.hide()
        view.installEventFilter(self)
        view.entered.connect(lambda index: self._point(index.row()))
        view.viewportEntered.connect(lambda: self._point(-1))
        view.verticalScrollBar().valueChanged.connect(lambda _: self._point(-1))
        view.selectionModel().currentChanged.connect(lambda *_: self.place())
        for changed in (view.model().modelReset, view.model().dataChanged):
            changed.connect(lambda *_: self.place())

    def _point(self, row: int) -> None:
        self._pointed = row
        self.place()

    def place(self) -> None:
        """Go where it is of use, or nowhere."""
        view, row = self._view, self._pointed
        if self.hasFocus() or (row < 0 and view.hasFocus()):
            row = view.currentIndex().row()
        name = self._name_of(row) if 0 <= row < view.model().rowCount() else ""
        self.row = row if name else -1
        if name:
            words = QCoreApplication.translate("history", "More: {name}")
            name_it(self, words.replace("{name}", name))
            rect = view.visualRect(view.model().index(row, 0))
            top = rect.top() + max(0, (min(rect.height(), 54) - SIDE) // 2)
            self.setGeometry(rect.right() - SIDE - 3, top, SIDE, SIDE)
        if bool(name) is self.isHidden():
            self.setVisible(bool(name))
        view.viewport().update()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Leave:
            self._point(-1)
        elif event.type() in _MOVES:
            self.place()
        elif isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            # Qt itself knows the key for menus alone, which many keyboards lack.
            asked = event.key() == Qt.Key.Key_F10 and event.modifiers() == _SHIFT
            if asked and self.row >= 0:
                self.click()
            return asked
        return False
