"""What an empty conversation shows: a greeting and four questions to begin with."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, QTime, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from studio.core.texts import QT_TRANSLATE_NOOP
from studio.ui import theme
from studio.ui.text import labelled, translated
from studio.ui.widgets.controls import label, push_button
from studio.ui.widgets.icon_mark import IconTile
from studio.ui.widgets.sheet import ScrollPage

_CONTEXT = "samples"
LOW = 360  # pixels: less than greeting, cards and import need

# Icon, title and the question itself.
SAMPLES: tuple[tuple[str, str, str], ...] = (
    (
        "envelope-simple",
        QT_TRANSLATE_NOOP("samples", "Write a letter"),
        QT_TRANSLATE_NOOP(
            "samples", "Tell my landlord the heating has been off for a week: polite but firm"
        ),
    ),
    (
        "lightbulb",
        QT_TRANSLATE_NOOP("samples", "Explain something"),
        QT_TRANSLATE_NOOP("samples", "Explain quicksort with one example and what it costs"),
    ),
    (
        "code",
        QT_TRANSLATE_NOOP("samples", "Change some code"),
        QT_TRANSLATE_NOOP(
            "samples", "Turn an SQL query into weekly retention and explain each step"
        ),
    ),
    (
        "check-square",
        QT_TRANSLATE_NOOP("samples", "Sort my notes"),
        QT_TRANSLATE_NOOP("samples", "Turn meeting notes into tasks with owners and dates"),
    ),
)


class SampleCard(QPushButton):
    """One question to begin with; pressing it fills the message field."""

    def __init__(self, icon_name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        style = theme.current()
        self.setProperty("look", "card")
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setMinimumHeight(72)
        # A button keeps the height of its hint: one that holds a text of several lines must not.
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        self._tile = IconTile(icon_name)
        self._title = label("title", wrap=True)
        self._question = label("muted", wrap=True)
        row = QHBoxLayout(self)
        row.setContentsMargins(style.space.l, style.space.m, style.space.l, style.space.m)
        row.setSpacing(style.space.m)
        row.addWidget(self._tile, 0, Qt.AlignmentFlag.AlignTop)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(self._title)
        words.addWidget(self._question)
        words.addStretch(1)
        row.addLayout(words, 1)
        for each in (self._title, self._question):
            each.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def set_words(self, title: str, question: str) -> None:
        """Title and question in the user's language."""
        self._title.setText(title)
        self._question.setText(question)
        self.setAccessibleName(labelled(title, question))


class EmptyChat(QWidget):
    """Greets and invites; `sample_chosen(question)`, or to bring what was said elsewhere."""

    sample_chosen = Signal(str)
    import_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        style = theme.current()
        self._greeting = label("heading", wrap=True)
        self._invitation = label("muted", wrap=True)
        grid = QGridLayout()
        grid.setSpacing(style.space.m)
        self._cards = []
        for number, (icon_name, _, question) in enumerate(SAMPLES):
            card = SampleCard(icon_name)
            card.clicked.connect(lambda _=False, words=question: self._on_card(words))
            grid.addWidget(card, number // 2, number % 2)
            self._cards.append(card)
        middle = QWidget()
        middle.setProperty("look", "page")
        middle.setMaximumWidth(style.size.reading)
        column = QVBoxLayout(middle)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(style.space.s)
        column.addStretch(2)
        column.addWidget(self._greeting)
        column.addWidget(self._invitation)
        column.addSpacing(style.space.m)
        column.addLayout(grid)
        column.addSpacing(style.space.s)
        self._import = push_button("quiet", "download-simple", "muted")
        self._import.setStyleSheet("padding-left: 0;")  # on one line with the cards
        self._import.clicked.connect(self.import_requested)
        column.addWidget(self._import)
        column.addStretch(3)
        page = ScrollPage()
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(middle, 100)
        row.addStretch(1)
        page.set_margins(0, 0, 0, 0)
        page.column.addLayout(row)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(page)
        self.retranslate()

    def retranslate(self) -> None:
        """Set all words anew."""
        self._greeting.setText(self._greeting_now())
        self._import.setText(self.tr("Import from ChatGPT and others"))
        self._invitation.setText(self.tr("Take an example, or write below."))
        for card, (_, title, question) in zip(self._cards, SAMPLES, strict=True):
            card.set_words(translated(_CONTEXT, title), translated(_CONTEXT, question))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Where there is little room, what the menus offer too goes first."""
        super().resizeEvent(event)
        self._import.setVisible(self.height() >= LOW)

    def _greeting_now(self) -> str:
        hour = QTime.currentTime().hour()
        if 5 <= hour < 12:
            return self.tr("Good morning. Where shall we begin?")
        if 12 <= hour < 18:
            return self.tr("Good afternoon. Where shall we begin?")
        return self.tr("Good evening. Where shall we begin?")

    def _on_card(self, question: str) -> None:
        self.sample_chosen.emit(translated(_CONTEXT, question))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()
