"""What an empty conversation shows: a greeting and four questions to begin with."""

from __future__ import annotations

from collections.abc import Sequence

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
from studio.ui.look import theme
from studio.ui.look.text import labelled, translated
from studio.ui.widgets.controls import label, push_button
from studio.ui.widgets.icon_mark import IconTile
from studio.ui.widgets.sheet import ScrollPage

_CONTEXT = "samples"
LOW = 360  # pixels: less than greeting, cards and import need
NARROW = 440  # pixels: less than two cards beside each other need

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


class SampleCards(QWidget):
    """Cards two by two, one below the other where that is too narrow; `chosen(words)`.

    `samples` are icon, title and words, to be translated in `context`.
    """

    chosen = Signal(str)

    def __init__(
        self, samples: Sequence[tuple[str, str, str]], context: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._samples, self._context, self._columns = samples, context, 0
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(theme.current().space.m)
        self._cards = [SampleCard(icon_name) for icon_name, _, _ in samples]
        for card, (_, _, words) in zip(self._cards, samples, strict=True):
            card.clicked.connect(
                lambda _=False, words=words: self.chosen.emit(translated(context, words))
            )
        self._arrange(2)

    def retranslate(self) -> None:
        """Set all words anew."""
        for card, (_, title, words) in zip(self._cards, self._samples, strict=True):
            card.set_words(translated(self._context, title), translated(self._context, words))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Two columns need room for words of usual length."""
        super().resizeEvent(event)
        self._arrange(2 if self.width() >= NARROW else 1)

    def _arrange(self, columns: int) -> None:
        if columns == self._columns:
            return
        self._columns = columns
        for place, card in enumerate(self._cards):
            self._grid.addWidget(card, place // columns, place % columns)
        self._grid.setColumnStretch(0, 1)
        self._grid.setColumnStretch(1, columns - 1)


class InvitingPage(ScrollPage):
    """A page as wide as the reading column, in the middle, that scrolls when it has to."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        middle = QWidget()
        middle.setProperty("look", "page")
        middle.setMaximumWidth(theme.current().size.reading)
        self.middle = QVBoxLayout(middle)
        self.middle.setContentsMargins(0, 0, 0, 0)
        self.middle.setSpacing(theme.current().space.s)
        row = QHBoxLayout()
        row.addStretch()
        row.addWidget(middle, 1)
        row.addStretch()
        self.column.addLayout(row)


class EmptyChat(QWidget):
    """Greets and invites; `sample_chosen(question)`, or to bring what was said elsewhere."""

    sample_chosen = Signal(str)
    import_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        style = theme.current()
        self._greeting = label("heading", wrap=True)
        self._invitation = label("muted", wrap=True)
        self._cards = SampleCards(SAMPLES, _CONTEXT)
        self._cards.chosen.connect(self.sample_chosen)
        page = InvitingPage()
        space = style.space
        # On one line with the message field below; the bar stands in the margin.
        page.set_margins(space.xl, space.xs, space.xl + style.size.scroll_bar, space.xs)
        column = page.middle
        column.addStretch(2)
        column.addWidget(self._greeting)
        column.addWidget(self._invitation)
        column.addSpacing(style.space.m)
        column.addWidget(self._cards)
        column.addSpacing(style.space.s)
        self._import = push_button("quiet", "download-simple", "muted")
        self._import.setStyleSheet("padding-left: 0;")  # on one line with the cards
        self._import.clicked.connect(self.import_requested)
        column.addWidget(self._import)
        column.addStretch(3)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(page)
        self.retranslate()

    def retranslate(self) -> None:
        """Set all words anew."""
        self._greeting.setText(self._greeting_now())
        self._import.setText(self.tr("Import from ChatGPT and others"))
        self._invitation.setText(self.tr("Take an example, or write below."))
        self._cards.retranslate()

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

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()
