"""Limits the history to a model or a folder: the button beside the search, its menu, the chip."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import QEvent, QPoint, QSize, Qt, Signal
from PySide6.QtGui import QAction, QFontMetrics
from PySide6.QtWidgets import QHBoxLayout, QMenu, QPushButton, QSizePolicy, QWidget

from studio.sessions.history.conversation_list import ConversationList
from studio.ui.look import theme
from studio.ui.look.icons import icon
from studio.ui.look.text import in_menu
from studio.ui.widgets.controls import icon_button, leave_keyboard, name_it
from studio.ui.widgets.corners import Menu

_CHIP_EDGES = 44  # what a chip has beside its words: padding, border and the cross


class HistoryFilter(QWidget):
    """The chips of what the list is limited to; `button` opens the menu."""

    changed = Signal()

    def __init__(self, rows: ConversationList, parent: QWidget) -> None:
        super().__init__(parent)
        self._rows = rows
        self._entries: Callable[[QMenu], None] = lambda menu: None
        self.button = icon_button("funnel-simple", "funnel-simple")
        self.button.setCheckable(True)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(theme.current().space.xs)
        self._row.addStretch(1)
        self._chips: list[QPushButton] = []
        self._shown: tuple[object, ...] = ()
        self.button.clicked.connect(self._on_clicked)
        rows.filled.connect(self._show)
        self.hide()
        self.retranslate()

    def add_entries(self, entries: Callable[[QMenu], None]) -> None:
        """What else the menu offers, at its end."""
        self._entries = entries

    def retranslate(self) -> None:
        """Set all words anew."""
        name_it(self.button, self.tr("Filter, folders and trash"))
        self._show()

    def _on_clicked(self) -> None:
        self.button.setChecked(any(self._rows.limits))
        self._rows.find_models(self._open)

    def _open(self, models: list[str]) -> None:
        model, folder_id = self._rows.limits
        menu = Menu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        by_model = menu.add_menu(icon("cube"), self.tr("Only one model"))
        for each in models:
            action = by_model.addAction(in_menu(each), partial(self.limit, model=each))
            _check(action, each == model)
        by_model.setEnabled(bool(models))
        folders = self._rows.every_folder
        by_folder = menu.add_menu(icon("folder"), self.tr("Only a folder"))
        for folder in folders:
            action = by_folder.addAction(
                in_menu(folder.name), partial(self.limit, folder_id=folder.id)
            )
            _check(action, folder.id == folder_id)
        by_folder.setEnabled(bool(folders))
        if model or folder_id:
            menu.addAction(icon("x"), self.tr("Show all"), self.clear)
        menu.addSeparator()
        self._entries(menu)
        menu.popup(self.button.mapToGlobal(QPoint(0, self.button.height())))

    def limit(self, *, model: str | None = None, folder_id: str | None = None) -> None:
        """Limit the list further."""
        known_model, known_folder = self._rows.limits
        self._limit(known_model if model is None else model, folder_id or known_folder)

    def clear(self) -> None:
        """List everything again."""
        self._limit("", None)

    def _limit(self, model: str, folder_id: str | None) -> None:
        self._rows.limit_to(model, folder_id)
        self._show()
        self.changed.emit()

    def _show(self) -> None:
        model, folder_id = self._rows.limits
        shown = (
            model,
            folder_id,
            self._rows.every_folder if folder_id else (),
            self.tr("Show all"),
        )
        if shown == self._shown:
            return
        self._shown = shown
        for chip in self._chips:
            self._row.removeWidget(chip)
            chip.deleteLater()
        names = {folder.id: folder.name for folder in self._rows.every_folder}
        wanted: Sequence[tuple[str, Callable[[], None]]] = (
            (model.rpartition("/")[2], lambda: self._limit("", folder_id)),
            (names.get(folder_id or "", ""), lambda: self._limit(model, None)),
        )
        wanted = [each for each in wanted if each[0]]
        space, size = theme.current().space, theme.current().size
        room = size.sidebar - 2 * space.m - (len(wanted) - 1) * space.xs
        self._chips = [self._chip(*each, room // max(1, len(wanted))) for each in wanted]
        for place, chip in enumerate(self._chips):
            self._row.insertWidget(place, chip)
        self.button.setChecked(bool(self._chips))
        self.setVisible(bool(self._chips))

    def _chip(self, words: str, clear: Callable[[], None], room: int) -> QPushButton:
        font = QFontMetrics(theme.ui_font(theme.current().type.small))
        elided = font.elidedText(words, Qt.TextElideMode.ElideRight, room - _CHIP_EDGES)
        chip = leave_keyboard(QPushButton(in_menu(elided)))
        chip.setProperty("look", "chip")
        chip.setCheckable(True)
        chip.setChecked(True)
        chip.setIcon(icon("x", colour="accent_text"))
        chip.setIconSize(QSize(theme.current().type.caption, theme.current().type.caption))
        chip.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
        chip.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        chip.setCursor(Qt.CursorShape.PointingHandCursor)
        name_it(chip, self.tr("Only {name}: show all again").replace("{name}", words))
        chip.clicked.connect(clear)
        return chip

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()


def _check(action: QAction, checked: bool) -> None:
    action.setCheckable(True)
    action.setChecked(checked)
