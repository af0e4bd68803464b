"""The panel at the right: system prompt and parameters of a conversation, sent only when set."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from studio.core.messages import Conversation, Parameters
from studio.core.models import Range
from studio.ui.look import theme
from studio.ui.widgets.controls import Segments, label
from studio.ui.widgets.notice import Notice
from studio.ui.widgets.slider_field import SliderField
from studio.ui.widgets.words_edit import WordsEdit, name_editor

if TYPE_CHECKING:
    from studio.ui.chat.model_details import ModelDetails

TEMPERATURE = Range(0.0, 2.0, 0.7)
TOP_P = Range(0.01, 1.0, 0.9)
MAX_TOKENS = Range(1, 131072, 2048)
_THINKING = (None, True, False)  # the order of the segments
_TYPING_PAUSE_MS = 400


class Inspector(QFrame):
    """Shows a conversation's settings; `changed(system_prompt, Parameters)` is the user's doing.

    `noticed(Notice)` is for the window.
    """

    changed = Signal(str, object)
    noticed = Signal(object)
    wanted = Signal()  # it is to be seen

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("look", "bar")
        self.setFixedWidth(theme.current().size.inspector)
        self._filling = False
        self._details: ModelDetails | None = None
        self._stop: tuple[str, ...] = ()
        self._shown = ("", "")  # the conversation and its model
        self._refused: dict[str, tuple[float | None, str]] = {}  # values, and what was said of them
        self._build()
        self._connect()
        self.retranslate()

    def _build(self) -> None:
        space = theme.current().space
        self._prompt_name = label("label")
        self._prompt = WordsEdit()
        self._prompt.setTabChangesFocus(True)
        self._prompt.setFixedHeight(120)
        self._thinking_name = label("label")
        self._thinking = Segments(len(_THINKING))
        self._temperature = SliderField(decimals=2)
        self._temperature.set_range(TEMPERATURE, 0.05)
        self._top_p = SliderField(decimals=2)
        self._top_p.set_range(TOP_P, 0.05)
        self._max_tokens = SliderField()
        self._max_tokens.set_range(MAX_TOKENS, 256)
        self._fields = {
            "temperature": self._temperature,
            "top_p": self._top_p,
            "max_tokens": self._max_tokens,
        }
        column = QVBoxLayout(self)
        column.setContentsMargins(space.l, space.m, space.l, space.l)
        column.setSpacing(space.s)
        for widget in (self._prompt_name, self._prompt, self._thinking_name, self._thinking):
            column.addWidget(widget)
        column.addSpacing(space.xs)
        for field in self._fields.values():
            column.addWidget(field)
        self._foot = QVBoxLayout()
        column.addLayout(self._foot)
        column.addStretch(1)
        # Typing is gathered: each change is stored with the conversation.
        self._typing = QTimer(self)
        self._typing.setSingleShot(True)
        self._typing.setInterval(_TYPING_PAUSE_MS)

    def _connect(self) -> None:
        self._typing.timeout.connect(self._tell)
        self._prompt.textChanged.connect(self._on_changed)
        self._prompt.picture_refused.connect(self._on_picture_refused)
        self._thinking.chosen.connect(self._on_changed)
        for field in self._fields.values():
            field.value_changed.connect(self._on_changed)
            field.value_changed.connect(self._say_refused)

    def add_details(self, details: ModelDetails) -> None:
        """Show below the parameters what is known of the model."""
        self._details = details
        self._foot.addWidget(details)

    def retranslate(self) -> None:
        """Set all words anew."""
        self._prompt_name.setText(self.tr("System prompt"))
        name_editor(self._prompt, self.tr("System prompt"))
        self._prompt.setPlaceholderText(self.tr("How should it answer? Leave empty for no rule."))
        self._thinking_name.setText(self.tr("Thinking"))
        self._thinking.set_names([self.tr("Default"), self.tr("On"), self.tr("Off")])
        unset = self.tr("model's default")
        self._temperature.set_texts(
            self.tr("Temperature"), unset, self.tr("Higher is freer, lower is more predictable")
        )
        self._top_p.set_texts(
            self.tr("Top p"), unset, self.tr("Only the likeliest words up to this share are used")
        )
        self._max_tokens.set_texts(
            self.tr("Max tokens"), unset, self.tr("The longest answer, in tokens")
        )
        self._say_refused()

    def show_conversation(self, conversation: Conversation) -> None:
        """Show the settings of another conversation, without telling."""
        self._filling = True
        if self._prompt.toPlainText() != conversation.system_prompt:
            self._prompt.setPlainText(conversation.system_prompt)
        parameters = conversation.parameters
        self._thinking.choose(_THINKING.index(parameters.thinking))
        self._temperature.set_value(parameters.temperature)
        self._top_p.set_value(parameters.top_p)
        self._max_tokens.set_value(parameters.max_tokens)
        self._stop = parameters.stop
        if self._details is not None:
            self._details.show_model(conversation.model)
        self._filling = False
        if self._shown != (conversation.id, conversation.model):
            self._shown = (conversation.id, conversation.model)
            self._refused.clear()
            self._say_refused()

    def show_refusal(self, fields: Iterable[str], said: str, *, mend: bool = False) -> None:
        """Say at its field which value the service refused, for as long as it stands there.

        `mend` puts the cursor there.
        """
        named = [name for name in fields if name in self._fields]
        self._refused = {name: (self._fields[name].value(), said) for name in named}
        self._say_refused()
        if mend and named:
            self.wanted.emit()
            self._fields[named[0]].number().setFocus(Qt.FocusReason.OtherFocusReason)

    def _say_refused(self) -> None:
        words = self.tr("The service refused this: {said}")
        for name, field in self._fields.items():
            value, said = self._refused.get(name, (None, ""))
            stands = bool(said) and field.value() == value
            field.show_problem(words.replace("{said}", said) if stands else "")

    def flush(self) -> None:
        """Tell a change that still waits for a pause in typing."""
        if self._typing.isActive():
            self._typing.stop()
            self._tell()

    def _on_picture_refused(self) -> None:
        words = self.tr("A system prompt is words only. Drop pictures on the message field.")
        self.noticed.emit(Notice(words))

    def _on_changed(self) -> None:
        if not self._filling:
            self._typing.start()

    def _tell(self) -> None:
        parameters = Parameters(
            temperature=_within(self._temperature.value(), TEMPERATURE),
            top_p=_within(self._top_p.value(), TOP_P),
            max_tokens=_whole(_within(self._max_tokens.value(), MAX_TOKENS)),
            thinking=_THINKING[self._thinking.index],
            stop=self._stop,
        )
        self.changed.emit(self._prompt.toPlainText(), parameters)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()


def _within(value: float | None, allowed: Range) -> float | None:
    # A typed value beyond the range is brought to its edge: it can never leave as typed.
    return None if value is None else min(max(value, allowed.low), allowed.high)


def _whole(value: float | None) -> int | None:
    return None if value is None else int(value)
