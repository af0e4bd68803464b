"""What refusals have taught of the model in use: shown below its parameters, forgotten there."""

from __future__ import annotations

from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from studio.core.lessons import Fact, Lesson
from studio.core.texts import QT_TRANSLATE_NOOP
from studio.sessions.studio import Studio
from studio.ui.look import text, theme
from studio.ui.widgets.controls import label, name_it, push_button

_WORDS: dict[Fact, str] = {
    Fact.STREAMS_ONLY: QT_TRANSLATE_NOOP("lessons", "Answers only as a stream"),
    Fact.WANTS_REASONING: QT_TRANSLATE_NOOP("lessons", "Wants its earlier thoughts sent along"),
    Fact.NO_COUNT: QT_TRANSLATE_NOOP("lessons", "Does not count tokens in streams"),
    Fact.NO_THINKING: QT_TRANSLATE_NOOP("lessons", "Takes no switch for thinking"),
    Fact.NO_TEMPERATURE: QT_TRANSLATE_NOOP("lessons", "Takes no temperature"),
    Fact.NO_TOP_P: QT_TRANSLATE_NOOP("lessons", "Takes no top p"),
    Fact.NO_MAX_TOKENS: QT_TRANSLATE_NOOP("lessons", "Takes no limit of tokens"),
    Fact.NO_STOP: QT_TRANSLATE_NOOP("lessons", "Takes no stop words"),
}
_LONGEST = 160


def fact_words(lesson: Lesson) -> str:
    """A fact in words."""
    return text.translated("lessons", _WORDS[lesson.fact])


class ModelDetails(QWidget):
    """One line a fact, each with what the service said; hidden while nothing is known."""

    def __init__(self, studio: Studio, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._studio = studio
        self._model = ""
        space = theme.current().space
        self._title = label("label", wrap=True)
        self._facts = QVBoxLayout()
        self._facts.setSpacing(space.xs)
        self._forget = push_button("", "arrow-counter-clockwise")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, space.m, 0, 0)
        column.setSpacing(space.s)
        column.addWidget(self._title)
        column.addLayout(self._facts)
        column.addWidget(self._forget)
        self._forget.clicked.connect(self._on_forget)
        studio.lessons.changed.connect(self._fill)
        self._fill()

    def show_model(self, model_id: str) -> None:
        """Tell of another model."""
        if model_id != self._model:
            self._model = model_id
            self._fill()

    def _fill(self) -> None:
        lessons = self._studio.lessons.of(self._studio.service.key, self._model)
        self.setVisible(bool(lessons))
        while (item := self._facts.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.deleteLater()
        for lesson in lessons:
            self._facts.addWidget(self._line(fact_words(lesson), ""))
            said = self.tr("“{words}”, {time}")
            evidence = lesson.evidence[:_LONGEST]
            said = said.replace("{time}", text.moment(lesson.learned_at))
            self._facts.addWidget(self._line(said.replace("{words}", evidence), "muted"))
        name = self._model.rpartition("/")[2].partition(":")[0]
        self._title.setText(self.tr("Learned about {model}").replace("{model}", name))
        self._forget.setText(self.tr("Forget"))
        name_it(self._forget, self.tr("Forget what was learned about this model"))

    def _line(self, words: str, look: str) -> QWidget:
        line = label(look, wrap=True)
        line.setText(words)
        return line

    def _on_forget(self) -> None:
        self._studio.lessons.forget(self._studio.service.key, self._model)
        self._studio.service.renew()

    def changeEvent(self, event: QEvent) -> None:
        """Follow a change of language."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self._fill()
