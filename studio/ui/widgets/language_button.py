"""The button that changes the language of the whole program at once."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QLocale, QRect, Qt
from PySide6.QtGui import QAction, QActionGroup, QPainter, QPaintEvent
from PySide6.QtWidgets import QMenu, QPushButton, QSizePolicy, QWidget

from studio.core.settings import Language
from studio.sessions.preferences import Preferences
from studio.ui import theme
from studio.ui.icons import icon, paint_icon
from studio.ui.widgets.controls import name_it

_CARET = 14
# Each in its own language, so that it can be found by those who need it.
OWN_NAMES = {Language.ENGLISH: "English", Language.CHINESE: "简体中文"}


class LanguageButton(QPushButton):
    """Shows the language in force and offers the others."""

    def __init__(self, preferences: Preferences, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._preferences = preferences
        self._choices = {language: QAction(self) for language in Language}
        self._build()
        self.retranslate()
        preferences.changed.connect(self.retranslate)

    def _build(self) -> None:
        menu = QMenu(self)
        group = QActionGroup(self)
        for language, action in self._choices.items():
            action.setCheckable(True)
            group.addAction(action)
            menu.addAction(action)
            action.triggered.connect(
                lambda _checked=False, language=language: self._preferences.change(
                    language=language
                )
            )
        self.setMenu(menu)
        self.setIcon(icon("translate", colour="muted"))
        self.setStyleSheet(f"padding: 0 {_CARET + 18}px 0 10px;")  # room for the caret
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter = QPainter(self)
        left = self.width() - _CARET - theme.current().space.m
        box = QRect(left, (self.height() - _CARET) // 2, _CARET, _CARET)
        paint_icon(painter, box, "caret-down", "muted")

    def choice(self, language: Language) -> QAction:
        """The entry of the menu for a language."""
        return self._choices[language]

    def retranslate(self) -> None:
        """Put every text in the language of the moment."""
        chosen = self._preferences.settings.language
        for language, action in self._choices.items():
            own = OWN_NAMES.get(language)
            action.setText(own or self.tr("As the system says"))
            action.setChecked(language is chosen)
        shown = chosen
        if chosen is Language.SYSTEM:
            chinese = QLocale.system().language() is QLocale.Language.Chinese
            shown = Language.CHINESE if chinese else Language.ENGLISH
        self.setText(OWN_NAMES[shown])
        name_it(self, self.tr("Language"))

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()
        super().changeEvent(event)
