"""What the Images tab shows before the first picture: four prompts to begin with."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from studio.core.texts import QT_TRANSLATE_NOOP
from studio.ui import theme
from studio.ui.text import translated
from studio.ui.widgets.controls import label
from studio.ui.widgets.empty_chat import SampleCard

_CONTEXT = "picture samples"

# Icon, title and the prompt itself.
SAMPLES: tuple[tuple[str, str, str], ...] = (
    (
        "sun-horizon",
        QT_TRANSLATE_NOOP("picture samples", "A landscape"),
        QT_TRANSLATE_NOOP(
            "picture samples", "A lighthouse on a dark cliff at dusk, calm violet sea, low sun"
        ),
    ),
    (
        "cat",
        QT_TRANSLATE_NOOP("picture samples", "An animal"),
        QT_TRANSLATE_NOOP(
            "picture samples", "An orange cat on a snowy roof above an old town, full moon"
        ),
    ),
    (
        "paint-brush",
        QT_TRANSLATE_NOOP("picture samples", "A style"),
        QT_TRANSLATE_NOOP(
            "picture samples", "Ink painting of a lone boat on a river, misty mountains"
        ),
    ),
    (
        "flower",
        QT_TRANSLATE_NOOP("picture samples", "A still life"),
        QT_TRANSLATE_NOOP(
            "picture samples", "Red poppies in a blue vase by a window, soft morning light"
        ),
    ),
)


class ImageInvite(QWidget):
    """`sample_chosen(prompt)`, in the user's language, fills the form and sends nothing."""

    sample_chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        space = theme.current().space
        self._greeting, self._invitation = label("heading"), label("muted", wrap=True)
        grid = QGridLayout()
        grid.setSpacing(space.m)
        self._cards: list[SampleCard] = []
        for place, (icon_name, _, prompt) in enumerate(SAMPLES):
            card = SampleCard(icon_name)
            card.clicked.connect(
                lambda _=False, prompt=prompt: self.sample_chosen.emit(translated(_CONTEXT, prompt))
            )
            grid.addWidget(card, place // 2, place % 2)
            self._cards.append(card)
        middle = QWidget()
        middle.setMaximumWidth(theme.current().size.reading)
        column = QVBoxLayout(middle)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(space.s)
        column.addStretch(2)
        column.addWidget(self._greeting)
        column.addWidget(self._invitation)
        column.addSpacing(space.m)
        column.addLayout(grid)
        column.addStretch(3)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addStretch(1)
        row.addWidget(middle, 100)
        row.addStretch(1)
        self._retranslate()

    def changeEvent(self, event: QEvent) -> None:
        """Follow a change of language."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self._retranslate()

    def _retranslate(self) -> None:
        self._greeting.setText(self.tr("Your pictures will be here"))
        self._invitation.setText(
            self.tr("Describe one at the left, or begin with one of these and change it.")
        )
        for card, (_, title, prompt) in zip(self._cards, SAMPLES, strict=True):
            card.set_words(translated(_CONTEXT, title), translated(_CONTEXT, prompt))
