"""Small controls in the looks of the theme: labels, buttons, hairlines, segments."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QFont, QFontMetrics, QIcon, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QButtonGroup,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QWidget,
)

from studio.ui.look import theme
from studio.ui.look.icons import icon
from studio.ui.widgets.icon_mark import give_air

W = TypeVar("W", bound=QWidget)

# Looks with a ground of their own, which must not grow with the row they stand in.
_PILLS = ("key", "demo")


def label(look: str = "", text: str = "", *, wrap: bool = False) -> QLabel:
    """A label that shows its text as it is: never as HTML."""
    made = QLabel(text)
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setProperty("look", look)
    made.setWordWrap(wrap)
    if look in _PILLS:
        made.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
    return made


def hairline(*, vertical: bool = False) -> QFrame:
    """A line of one pixel between two areas."""
    made = QFrame()
    made.setProperty("look", "line")
    if vertical:
        made.setFixedWidth(1)
    else:
        made.setFixedHeight(1)
    return made


def panel(look: str) -> QFrame:
    """An empty area in a look of the style sheet: bar, surface, card, segments."""
    made = QFrame()
    made.setProperty("look", look)
    return made


def leave_keyboard(control: W) -> W:
    """A click leaves the keyboard where one writes; Tab still gets to the control."""
    control.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return control


def push_button(look: str = "", icon_name: str = "", colour: str = "text") -> QPushButton:
    """A button with text, given later, and perhaps an icon."""
    made = leave_keyboard(QPushButton())
    made.setProperty("look", look)
    made.setCursor(Qt.CursorShape.PointingHandCursor)
    made.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
    if icon_name:
        made.setIcon(icon(icon_name, colour=colour))
        give_air(made)
    return made


def icon_button(icon_name: str, checked_icon: str = "", colour: str = "muted") -> QToolButton:
    """A button that is only an icon; `name_it` must give it its words."""
    made = leave_keyboard(QToolButton())
    made.setIcon(icon(icon_name, checked_icon, colour))
    made.setIconSize(QSize(theme.current().size.icon, theme.current().size.icon))
    made.setCursor(Qt.CursorShape.PointingHandCursor)
    return made


def name_it(control: QWidget, name: str, shortcut: str = "") -> None:
    """Give a control its accessible name, and a tooltip that shows the shortcut."""
    control.setAccessibleName(name)
    tip = f"{name}  ({shortcut})" if shortcut else name
    control.setToolTip(plain_tooltip(tip) if "<" in tip or "&" in tip else tip)


def plain_tooltip(text: str) -> str:
    """Foreign text as a tooltip shows it unchanged: left alone, Qt would guess HTML from it."""
    import html  # its table of entities is no part of the first paint

    return f"<qt>{html.escape(text)}</qt>" if text else ""


def set_look(widget: QWidget, look: str) -> None:
    """Change the look of a control that is already shown."""
    widget.setProperty("look", look)
    widget.style().unpolish(widget)
    widget.style().polish(widget)


def set_problem(widget: QWidget, problem: bool) -> None:
    """Mark a field whose value cannot be used."""
    widget.setProperty("problem", problem)
    widget.style().unpolish(widget)
    widget.style().polish(widget)


class ElidedLabel(QLabel):
    """One line of plain text, cut with … where there is no room; the tooltip has it whole."""

    def __init__(self, look: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._whole = ""
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setProperty("look", look)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

    def setText(self, text: str) -> None:
        """Show one line; line breaks become spaces."""
        super().setText(" ".join(text.split()))
        self._whole = text
        self._offer_whole()

    def _offer_whole(self) -> None:
        """The tooltip has what is cut, and nothing that can be read."""
        cut = QFontMetrics(self.font()).horizontalAdvance(self.text()) > self.width()
        self.setToolTip(plain_tooltip(self._whole) if cut else "")

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._offer_whole()

    def minimumSizeHint(self) -> QSize:
        return QSize(0, super().minimumSizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        metrics = QFontMetrics(self.font())
        text = metrics.elidedText(self.text(), Qt.TextElideMode.ElideRight, self.width())
        painter.setPen(self.palette().color(self.foregroundRole()))
        alignment = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft)
        painter.drawText(self.rect(), alignment, text)


class _Segment(QPushButton):
    """One of the choices: wide enough for its words in bold, which they are when it is chosen."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("look", "segment")
        self.setCheckable(True)

    def sizeHint(self) -> QSize:
        # Qt asks for the width of the plain words.
        bold, words = QFont(self.font()), self.text()
        bold.setWeight(QFont.Weight.DemiBold)
        plain = self.fontMetrics().horizontalAdvance(words)
        more = QFontMetrics(bold).horizontalAdvance(words) - plain
        return super().sizeHint() + QSize(max(0, more), 0)


class Segments(QFrame):
    """A choice of a few, side by side; arrow keys move within, `chosen` tells the index."""

    chosen = Signal(int)

    def __init__(
        self, icons: Sequence[tuple[str, str]] | int, parent: QWidget | None = None
    ) -> None:
        """`icons` are (normal, active) names for each segment, or the number of plain ones."""
        super().__init__(parent)
        self.setProperty("look", "segments")
        names: Sequence[tuple[str, str]] = (
            icons if not isinstance(icons, int) else [("", "")] * icons
        )
        self._icons = names
        self._group = QButtonGroup(self)
        row = QHBoxLayout(self)
        row.setContentsMargins(2, 2, 2, 2)
        row.setSpacing(0)
        for index, (normal, active) in enumerate(names):
            button = leave_keyboard(_Segment())
            if normal:
                button.setIcon(icon(normal, active))
                give_air(button)
            self._group.addButton(button, index)
            row.addWidget(button)
        self._group.idClicked.connect(self.chosen)

    @property
    def buttons(self) -> list[QAbstractButton]:
        """The segments in order."""
        return self._group.buttons()

    def set_names(self, names: Sequence[str]) -> None:
        """Give the segments their words."""
        for button, name in zip(self.buttons, names, strict=True):
            button.setText(name)
            button.setAccessibleName(name)
        self._tell_size()

    def _tell_size(self) -> None:
        # Else the layout around hears of it a turn later, and measures the old size meanwhile.
        layout = self.layout()
        assert layout is not None
        layout.activate()

    def show_icons(self, shown: bool) -> None:
        """Words alone where there is no room for both."""
        for button, (normal, active) in zip(self.buttons, self._icons, strict=True):
            if button.icon().isNull() is shown:
                button.setIcon(icon(normal, active) if shown else QIcon())
        self._tell_size()

    @property
    def index(self) -> int:
        """Which one is chosen."""
        return self._group.checkedId()

    def choose(self, index: int) -> None:
        """Choose one without telling."""
        self._group.button(index).setChecked(True)
