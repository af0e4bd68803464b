"""The button that leads back to the end, while one reads further up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtWidgets import QToolButton

from studio.ui import theme
from studio.ui.icons import icon
from studio.ui.widgets.controls import name_it

if TYPE_CHECKING:
    from studio.ui.transcript.view import TranscriptView


class JumpButton(QToolButton):
    """Follows a view; the End key does the same. It stands beside the view and never on it.

    What lies on a view that scrolls makes Qt paint all of it anew with every step.
    """

    def __init__(self, view: TranscriptView) -> None:
        super().__init__()
        self._view = view
        side = theme.current().size.icon
        self.setIcon(icon("arrow-line-down", colour="muted"))
        self.setIconSize(QSize(side, side))
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.hide()
        self.clicked.connect(view.go_to_bottom)
        bar = view.verticalScrollBar()
        bar.valueChanged.connect(self._follow)
        bar.rangeChanged.connect(self._follow)
        self._name()

    def _name(self) -> None:
        name_it(self, self.tr("Go to the end"), "End")

    def _follow(self, *_: int) -> None:
        bar = self._view.verticalScrollBar()
        self.setVisible(bar.maximum() - bar.value() > bar.pageStep() // 2)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self._name()
