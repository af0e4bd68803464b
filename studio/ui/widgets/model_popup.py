"""The list of models under the picker: typing filters, any id may be typed, a star keeps one."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QModelIndex, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QHBoxLayout, QListView, QVBoxLayout, QWidget

from studio.sessions.models.choices import Choice, ModelChoices
from studio.ui.look import text, theme
from studio.ui.widgets.controls import ElidedLabel, hairline, icon_button, name_it
from studio.ui.widgets.corners import Popover
from studio.ui.widgets.model_rows import ROW_HEIGHT, ModelRow, ModelRows, star_rect
from studio.ui.widgets.words_line import WordsLine

__all__ = ["POPUP_ROWS", "POPUP_WIDTH", "ROW_HEIGHT", "ModelPopup"]

POPUP_WIDTH = 420
POPUP_ROWS = 9


class ModelPopup(Popover):
    """The list below the button; Enter takes, Esc closes, Ctrl+D stars, Delete forgets own ids."""

    picked = Signal(str)

    def __init__(self, choices: ModelChoices, parent: QWidget) -> None:
        super().__init__(parent)
        self._choices = choices
        self._rows = ModelRows(self)
        self._build()
        self.search.textChanged.connect(self._on_typed)
        self.search.installEventFilter(self)
        self.list.viewport().installEventFilter(self)
        self.list.clicked.connect(self._on_clicked)
        self.refresh_button.clicked.connect(choices.catalogue.refresh_now)
        choices.catalogue.changed.connect(self._on_models_changed)
        choices.catalogue.refresh_changed.connect(self._show_refresh)

    def _build(self) -> None:
        space = theme.current().space
        self.search = WordsLine()
        self.search.setPlaceholderText(self.tr("Search, or type any model's id"))
        self.search.setAccessibleName(self.tr("Search models"))
        self.list = QListView()
        self.list.setModel(self._rows)
        self.list.setItemDelegate(ModelRow(self.list))
        self.list.setMouseTracking(True)
        self.list.setAccessibleName(self.tr("Models"))
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.state = ElidedLabel("caption")
        self.refresh_button = icon_button("arrow-clockwise")
        name_it(self.refresh_button, self.tr("Refresh the list of models"))
        foot = QHBoxLayout()
        foot.setContentsMargins(space.s, 0, 0, 0)
        foot.addWidget(self.state, 1)
        foot.addWidget(self.refresh_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(space.s, space.s, space.s, space.xs)
        column.setSpacing(space.xs)
        column.addWidget(self.search)
        column.addWidget(self.list, 1)
        column.addWidget(hairline())
        column.addLayout(foot)

    def fill(self, current: str) -> None:
        """Show what is known now, the current model selected."""
        self.search.clear()
        self._fill(current)
        self._show_refresh()

    def _fill(self, current: str) -> None:
        self._rows.show(self._choices.rows(), self.search.text())
        self._go_to(self._rows.row_of(current))

    def _go_to(self, row: int) -> None:
        if row >= 0:
            self.list.setCurrentIndex(self._rows.index(row))

    @property
    def _current(self) -> Choice | None:
        return self._rows.choice(self.list.currentIndex().row())

    def _on_typed(self) -> None:
        self._fill("")

    def _on_models_changed(self) -> None:
        if self.isVisible():
            bar, current = self.list.verticalScrollBar(), self._current
            place = bar.value()
            self._fill(current.model.id if current is not None else "")
            bar.setValue(place)

    def _show_refresh(self) -> None:
        catalogue = self._choices.catalogue
        self.refresh_button.setEnabled(not catalogue.refreshing)
        at, problem = catalogue.refreshed_at, catalogue.problem
        if catalogue.refreshing:
            words = self.tr("Asking the service…")
        elif problem is not None:
            words = text.error_words(problem)[0]
        elif at is None:
            words = self.tr("The service has not been asked yet.")
        else:
            words = self.tr("As of {time}").replace("{time}", text.moment(at))
        self.state.setText(words)

    def _on_clicked(self, index: QModelIndex) -> None:
        choice = self._rows.choice(index.row())
        if choice is not None:
            self._pick(choice.model.id)

    def _pick(self, model_id: str) -> None:
        self.hide()
        self._choices.pick(model_id)
        self.picked.emit(model_id)

    def _toggle_star(self, choice: Choice | None) -> None:
        if choice is not None:
            self._choices.set_favourite(choice.model.id, not choice.favourite)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.search and isinstance(event, QKeyEvent):
            return event.type() == QEvent.Type.KeyPress and self._on_key(event)
        if isinstance(event, QMouseEvent) and event.button() is Qt.MouseButton.LeftButton:
            index = self.list.indexAt(event.position().toPoint())
            on_star = star_rect(self.list.visualRect(index)).contains(event.position().toPoint())
            if index.isValid() and on_star:
                if event.type() == QEvent.Type.MouseButtonRelease:
                    self._toggle_star(self._rows.choice(index.row()))
                return True
        return super().eventFilter(watched, event)

    def _on_key(self, event: QKeyEvent) -> bool:
        key, current = event.key(), self._current
        if key in (Qt.Key.Key_Down, Qt.Key.Key_Up):
            self._step(1 if key == Qt.Key.Key_Down else -1)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._on_entered()
        elif key == Qt.Key.Key_D and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self._toggle_star(current)
        elif key == Qt.Key.Key_Delete and not self.search.text() and current is not None:
            if current.model.own:
                self._choices.forget(current.model.id)
        else:
            return False
        return True

    def _step(self, by: int) -> None:
        row = self.list.currentIndex().row() + by
        while 0 <= row < self._rows.rowCount() and self._rows.choice(row) is None:
            row += by
        if 0 <= row < self._rows.rowCount():
            self._go_to(row)

    def _on_entered(self) -> None:
        typed, current = self.search.text().strip(), self._current
        if current is not None:
            self._pick(current.model.id)
        elif typed:
            self._pick(typed)
