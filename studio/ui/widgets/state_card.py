"""A card that says in place what happened, why, and the one step that helps."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QEvent, QRect, QSize, Qt, Signal
from PySide6.QtGui import QGuiApplication, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QFrame,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from studio.ui.look import theme
from studio.ui.look.icons import paint_icon
from studio.ui.widgets.controls import icon_button, label, name_it, push_button

_TILE = 32
NARROW = 440  # pixels: less than words and two buttons beside each other need


@dataclass(frozen=True, slots=True)
class CardState:
    """What a card says; `detail` is foreign text, `tone` one of bad, warn, good and muted."""

    icon: str
    tone: str
    title: str
    hint: str
    detail: str = ""
    request_id: str = ""
    step: str = ""  # words of the first button; "" leaves it out
    second: str = ""


class _Tile(QWidget):
    """The tinted square with an icon: the only colour of the card."""

    def __init__(self) -> None:
        super().__init__()
        self.icon, self.tone = "warning-circle", "bad"
        self.setFixedSize(_TILE, _TILE)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Tint and icon."""
        ground = "hover" if self.tone == "muted" else f"{self.tone}_soft"
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour(ground))
        radius = theme.current().radius.inner
        painter.drawRoundedRect(self.rect(), radius, radius)
        side = theme.current().size.icon
        box = QRect(0, 0, side, side)
        box.moveCenter(self.rect().center())
        paint_icon(painter, box, self.icon, self.tone)


class StateCard(QFrame):
    """`step_taken` and `second_taken` are its two buttons."""

    step_taken = Signal()
    second_taken = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("look", "card")
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._state = CardState("", "bad", "", "")
        self._build()
        self._step.clicked.connect(self.step_taken)
        self._second.clicked.connect(self.second_taken)
        self._copy.clicked.connect(self._on_copy)

    def show_state(self, state: CardState) -> None:
        """Say something else."""
        self._state = state
        self._tile.icon, self._tile.tone = state.icon, state.tone
        self._tile.update()
        self._title.setText(state.title)
        self._hint.setText(state.hint)
        self._detail.setText(state.detail)
        self._detail.setVisible(bool(state.detail))
        self._step.setText(state.step)
        self._step.setVisible(bool(state.step))
        self._second.setText(state.second)
        self._second.setVisible(bool(state.second))
        self._retranslate()

    def changeEvent(self, event: QEvent) -> None:
        """Follow a change of language."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self._retranslate()

    def _build(self) -> None:
        space = theme.current().space
        self._tile = _Tile()
        self._title = label("title", wrap=True)
        self._hint = label("muted", wrap=True)
        self._detail = self._selectable("caption")
        self._request = self._selectable("caption")
        self._request.setWordWrap(False)
        self._request.setFont(theme.code_font(theme.current().type.caption))
        self._copy = icon_button("copy")
        self._step = push_button()
        self._second = push_button("quiet")
        self._number = QWidget()
        number_row = QHBoxLayout(self._number)
        number_row.setContentsMargins(0, 0, 0, 0)
        number_row.setSpacing(space.xs)
        number_row.addWidget(self._request)
        number_row.addWidget(self._copy)
        number_row.addStretch(1)
        words = QVBoxLayout()
        words.setSpacing(space.xs)
        for each in (self._title, self._hint, self._detail, self._number):
            words.addWidget(each)
        self._buttons = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._buttons.setSpacing(space.s)
        self._buttons.addWidget(self._second)
        self._buttons.addWidget(self._step)
        told = QHBoxLayout()
        told.setSpacing(space.m)
        told.addWidget(self._tile, 0, Qt.AlignmentFlag.AlignTop)
        told.addLayout(words, 1)
        self._row = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._row.setContentsMargins(space.l, space.m, space.m, space.m)
        self._row.setSpacing(space.m)
        self._row.addLayout(told, 1)
        self._row.addLayout(self._buttons)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Where there is little room the buttons stand below the words, the helping one first."""
        super().resizeEvent(event)
        beside = self.width() >= NARROW
        directions = QBoxLayout.Direction
        self._row.setDirection(directions.LeftToRight if beside else directions.TopToBottom)
        below = directions.BottomToTop
        self._buttons.setDirection(directions.LeftToRight if beside else below)

    def _selectable(self, look: str) -> QLabel:
        made = label(look, wrap=look == "caption")
        made.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse
            | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        return made

    def _retranslate(self) -> None:
        state = self._state
        shown = self.tr("Request {id}").replace("{id}", state.request_id)
        self._request.setText(shown if state.request_id else "")
        self._number.setVisible(bool(state.request_id or state.detail))
        name_it(self._copy, self.tr("Copy what the service said"))
        self.setAccessibleName(f"{state.title} {state.hint}")

    def _on_copy(self) -> None:
        state = self._state
        parts = (state.title, state.detail, state.request_id)
        QGuiApplication.clipboard().setText("\n".join(part for part in parts if part))

    def sizeHint(self) -> QSize:
        """Wide enough to read."""
        return super().sizeHint().expandedTo(QSize(theme.current().size.form, 0))

    def minimumSizeHint(self) -> QSize:
        """As narrow as the longest word: the buttons then stand below."""
        return QSize(self._tile.width(), super().minimumSizeHint().height())
