"""A named number with a slider below it; untouched, the model's own default holds."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QFocusEvent
from PySide6.QtWidgets import QHBoxLayout, QSlider, QVBoxLayout, QWidget

from studio.core.images import unreadable
from studio.core.models import Range
from studio.ui.look import theme
from studio.ui.look.text import translated
from studio.ui.widgets.controls import label, leave_keyboard, set_look, set_problem
from studio.ui.widgets.number_field import NumberField
from studio.ui.widgets.problem_label import ProblemLabel

_NUMBER_WIDTH = 64


class _Slider(QSlider):
    """A slider that the wheel does not move by accident while the form scrolls below it."""

    def wheelEvent(self, event: QEvent) -> None:
        """Leave the wheel to the form."""
        event.ignore()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Redraw: the handle of an unset slider shows while it has the focus."""
        super().focusInEvent(event)
        self.update()


class SliderField(QWidget):
    """Number field and slider for one value; `value()` is None until the user sets one."""

    value_changed = Signal()

    def __init__(self, *, decimals: int = 0, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._decimals = decimals
        self._scale = 10**decimals
        self._label = label("label")
        self._number = NumberField(decimals=decimals)
        self._slider = leave_keyboard(_Slider(Qt.Orientation.Horizontal))
        self._problem = ProblemLabel()
        self._build()
        self._number.value_changed.connect(self._on_number_changed)
        # valueChanged would also come from our own setValue; these two are the user alone.
        self._slider.sliderMoved.connect(self._on_slider_moved)
        self._slider.actionTriggered.connect(self._on_slider_action)

    def set_texts(self, name: str, unset: str, tip: str) -> None:
        """Name of the value, what an empty field says, and the tooltip."""
        self._label.setText(name)
        self._number.setPlaceholderText(unset)
        for each in (self._number, self._slider):
            each.setAccessibleName(name)
            each.setToolTip(tip)

    def set_range(self, allowed: Range, step: float) -> None:
        """Limits of the slider and stride of both; the value stays as it is."""
        self._number.set_range(allowed, step)
        self._slider.setRange(round(allowed.low * self._scale), round(allowed.high * self._scale))
        self._slider.setSingleStep(max(1, round(step * self._scale)))
        self._slider.setPageStep(max(1, round(step * self._scale) * 5))
        self._default = allowed.default
        self._follow()

    def value(self) -> float | None:
        """The number that is sent, or None for the model's own default."""
        return self._number.value()

    def whole(self) -> int | None:
        """The number without decimals, or None for the model's own default."""
        return self._number.whole()

    def set_value(self, value: float | None) -> None:
        """Show a value; None gives it back to the model."""
        self._number.set_value(value)

    def show_problem(self, sentence: str) -> None:
        """Say below the slider why the value cannot be sent; "" takes it back.

        What is no number says so by itself.
        """
        self._reported = sentence
        self._say_problem()

    def _say_problem(self) -> None:
        sentence = self._reported
        if text := self._number.unreadable:
            problem = unreadable("", text, self._number.allowed, whole=not self._decimals)
            sentence = translated("image form", problem.text, dict(problem.values))
        self._problem.say(sentence)
        set_problem(self._number, bool(sentence))

    def number(self) -> NumberField:
        """The field itself, to be focused when its value is refused."""
        return self._number

    def slider(self) -> QSlider:
        """The slider itself, for the order of the Tab key."""
        return self._slider

    def _build(self) -> None:
        self._default = 0.0
        self._reported = ""
        self._number.setProperty("look", "number")
        self._number.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._number.setMinimumWidth(_NUMBER_WIDTH)
        self._label.setBuddy(self._number)
        head = QHBoxLayout()
        head.setContentsMargins(0, 0, 0, 0)
        head.setSpacing(theme.current().space.xs)
        head.addWidget(self._label)
        head.addWidget(self._number, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(self._slider)
        column.addWidget(self._problem)

    def _on_number_changed(self) -> None:
        self._follow()
        self._say_problem()
        self.value_changed.emit()

    def _on_slider_action(self) -> None:
        # Keys and clicks on the groove: the new place is known before `value` takes it.
        self._on_slider_moved(self._slider.sliderPosition())

    def _on_slider_moved(self, place: int) -> None:
        self._number.set_value(place / self._scale)

    def _follow(self) -> None:
        value = self._number.value()
        look = "unset" if value is None else "set"
        if self._slider.property("look") != look:
            set_look(self._slider, look)
        place = round((self._default if value is None else value) * self._scale)
        # Whatever was typed: Qt takes no larger number than its own.
        self._slider.setValue(min(max(place, self._slider.minimum()), self._slider.maximum()))
