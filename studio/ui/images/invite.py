"""What the Images tab shows before the first picture: four prompts to begin with."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from studio.core.texts import QT_TRANSLATE_NOOP
from studio.ui.look import theme
from studio.ui.widgets.controls import label
from studio.ui.widgets.empty_chat import InvitingPage, SampleCards

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
        self._greeting, self._invitation = label("heading", wrap=True), label("muted", wrap=True)
        self._cards = SampleCards(SAMPLES, _CONTEXT)
        self._cards.chosen.connect(self.sample_chosen)
        page = InvitingPage()
        column = page.middle
        column.addStretch(2)
        column.addWidget(self._greeting)
        column.addWidget(self._invitation)
        column.addSpacing(space.m)
        column.addWidget(self._cards)
        column.addStretch(3)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(page)
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
        self._cards.retranslate()
