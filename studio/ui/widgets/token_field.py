"""The field for an access token: masked, shown on request, cleaned when something is pasted."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QAction, QKeyEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from studio.core.errors import StudioError
from studio.core.tokens import clean_token
from studio.ui import icons


class TokenField(QLineEdit):
    """A line for one token; `submitted` follows Enter.

    What comes in at once (paste, drop) is cleaned when a token is in it and left as it is when
    none is, so that the user sees what they brought; single keys are never changed under the hand.
    """

    submitted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._length = 0
        self._eye = QAction(self)
        self._build()
        self.retranslate()
        self.textEdited.connect(self._on_edited)
        self.returnPressed.connect(self.submitted)
        self._eye.toggled.connect(self._on_eye_toggled)

    def _build(self) -> None:
        self.setProperty("look", "tall")
        # The theme makes tool buttons large targets, too large for the inside of a field.
        self.setStyleSheet("QToolButton { min-width: 0; min-height: 0; border: none; }")
        self.setEchoMode(QLineEdit.EchoMode.Password)
        self.setInputMethodHints(
            Qt.InputMethodHint.ImhSensitiveData | Qt.InputMethodHint.ImhNoPredictiveText
        )
        self.setClearButtonEnabled(False)
        self.addAction(icons.icon("key", colour="muted"), QLineEdit.ActionPosition.LeadingPosition)
        self._eye.setCheckable(True)
        self._eye.setIcon(icons.icon("eye", "eye-slash", "muted"))
        self.addAction(self._eye, QLineEdit.ActionPosition.TrailingPosition)
        for button in self.findChildren(QWidget):
            if button.property("defaultAction") == self._eye:
                button.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    @property
    def eye(self) -> QAction:
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
        self._eye.setText(self.tr("Hide the token") if shown else self.tr("Show the token"))
        self._eye.setToolTip(self._eye.text())

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
