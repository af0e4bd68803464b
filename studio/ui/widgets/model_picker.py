"""Chooses a model: a button with its name, and a searchable list that also takes any typed id."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QPushButton, QSizePolicy, QWidget

from studio.ui.look import theme
from studio.ui.look.icons import paint_icon
from studio.ui.widgets.controls import plain_tooltip

if TYPE_CHECKING:
    from studio.sessions.models.choices import ModelChoices
    from studio.ui.widgets.model_popup import ModelPopup

TILE = 20


class ModelPicker(QPushButton):
    """Shows the current model; a click, Space or the shortcut opens the list."""

    picked = Signal(str)

    def __init__(self, choices: Callable[[], ModelChoices], parent: QWidget | None = None) -> None:
        """`choices` is called when the list first opens, as the first paint does without it."""
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._choices = choices
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
        named = self.tr("Model: {id}").replace("{id}", model_id)
        self.setAccessibleName(named if model_id else self._short)
        self.setToolTip(plain_tooltip(model_id))
        self.updateGeometry()
        self.update()

    def open(self) -> None:
        """Open the list under the button."""
        from studio.ui.widgets.model_popup import POPUP_ROWS, POPUP_WIDTH, ROW_HEIGHT, ModelPopup

        if self._popup is None:
            self._popup = ModelPopup(self._choices(), self)
            self._popup.picked.connect(self._on_picked)
        self._popup.fill(self._model)
        self._popup.resize(POPUP_WIDTH, (POPUP_ROWS + 2) * ROW_HEIGHT)
        space = theme.current().space
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
        return self._model.rsplit("/", 1)[-1] or self.tr("Choose a model")

    def sizeHint(self) -> QSize:
        space = theme.current().space
        font = theme.ui_font(theme.current().type.small)
        font.setBold(True)
        width = QFontMetrics(font).horizontalAdvance(self._short) + 24
        return QSize(min(width + TILE + 2 * space.m + 2 * space.s + 16, 320), 32)

    def minimumSizeHint(self) -> QSize:
        return QSize(120, 32)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        style = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        tile = QRect(style.space.m, (self.height() - TILE) // 2, TILE, TILE)
        if self._model:
            paint_tile(painter, tile, self._short)
        else:
            paint_icon(painter, tile, "cube", "muted")
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
