"""Stands in the place of a tab that cannot be built, and says what is wrong with it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from studio.core.errors import StudioError
from studio.ui.look import text, theme
from studio.ui.widgets.state_card import CardState, StateCard


class BrokenTab(QWidget):
    """`retry_requested`: to be built once more. `detail` names the places, for a report."""

    retry_requested = Signal()

    def __init__(self, error: Exception, detail: str) -> None:
        super().__init__()
        self._error, self._detail = error, detail
        self._card = StateCard()
        self._card.step_taken.connect(self.retry_requested)
        self._card.setMaximumWidth(theme.current().size.reading)
        space = theme.current().space
        column = QVBoxLayout(self)
        column.setContentsMargins(space.xl, space.xl, space.xl, space.xl)
        column.addWidget(self._card)
        column.addStretch(1)
        self._say()

    def _say(self) -> None:
        hint = self.tr(
            "The rest of the program goes on. If it happens again, reinstall the program; your "
            "data is not touched by that."
        )
        if isinstance(self._error, StudioError):
            hint = f"{text.error_sentence(self._error.stored())} {hint}"
        title, step = self.tr("This tab could not be opened"), self.tr("Open again")
        self._card.show_state(
            CardState("warning-circle", "bad", title, hint, text.technical(self._detail), step=step)
        )

    def changeEvent(self, event: QEvent) -> None:
        """Follow a change of language."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self._say()
