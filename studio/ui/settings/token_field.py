"""The field for an access token: masked, shown on request, cleaned when something is pasted."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QToolButton, QWidget

from studio.core.errors import StudioError
from studio.core.tokens import clean_token
from studio.ui.look import icons, theme
from studio.ui.widgets.controls import icon_button, name_it
from studio.ui.widgets.words_line import WordsLine

_EYE = 28


class TokenField(WordsLine):
    """A line for one token; `submitted` follows Enter.

    What comes in at once (paste, drop) is cleaned when a token is in it and left as it is when
    none is, so that the user sees what they brought; single keys are never changed under the hand.
    """

    submitted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._length = 0
        self._eye = icon_button("eye", "eye-slash")
        self._build()
        self.retranslate()
        self.textEdited.connect(self._on_edited)
        self.returnPressed.connect(self.submitted)
        self._eye.toggled.connect(self._on_eye_toggled)

    def _build(self) -> None:
        self.setProperty("look", "tall")
        self.setEchoMode(QLineEdit.EchoMode.Password)
        self.setInputMethodHints(
            Qt.InputMethodHint.ImhSensitiveData | Qt.InputMethodHint.ImhNoPredictiveText
        )
        self.lead_with(icons.icon("key", colour="muted"))
        # A button that Tab gets to: those that Qt puts into a field show no ring.
        self._eye.setCheckable(True)
        self._eye.setFixedSize(_EYE, _EYE)
        space = theme.current().space
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, space.xs, 0)
        row.addStretch(1)
        row.addWidget(self._eye)
        self.setTextMargins(0, 0, _EYE, 0)

    @property
    def eye(self) -> QToolButton:
        """Shows and hides the letters."""
        return self._eye

    def hide_letters(self) -> None:
        """Hide the letters."""
        self._eye.setChecked(False)

    def set_problem(self, wrong: bool) -> None:
        """Mark the field as wrong, or take the mark away."""
        if self.property("problem") != wrong:
            self.setProperty("problem", wrong)
            self.style().unpolish(self)
            self.style().polish(self)

    def retranslate(self) -> None:
        """Put every text in the language of the moment."""
        self.setAccessibleName(self.tr("Access token"))
        self.setPlaceholderText(self.tr("Paste it here, for example ms-…"))
        self._name_eye()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()
        super().changeEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        super().keyPressEvent(event)
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            event.accept()  # must not reach a default button behind the field

    def _name_eye(self) -> None:
        shown = self._eye.isChecked()
        name_it(self._eye, self.tr("Hide the token") if shown else self.tr("Show the token"))

    def _on_eye_toggled(self, shown: bool) -> None:
        mode = QLineEdit.EchoMode.Normal if shown else QLineEdit.EchoMode.Password
        self.setEchoMode(mode)
        self._name_eye()

    def _on_edited(self, text: str) -> None:
        grown = len(text) - self._length
        self._length = len(text)
        if abs(grown) == 1:
            return
        try:
            token = clean_token(text)
        except StudioError:
            return
        if token != text:
            self.setText(token)
            self._length = len(token)
