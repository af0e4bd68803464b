"""The button that changes the language of the whole program at once."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QLocale, QRect, Qt
from PySide6.QtGui import QAction, QActionGroup, QPainter, QPaintEvent
from PySide6.QtWidgets import QPushButton, QSizePolicy, QWidget

from studio.core.settings import Language
from studio.sessions.preferences import Preferences
from studio.ui.look import theme
from studio.ui.look.icons import paint_icon
from studio.ui.widgets.controls import name_it
from studio.ui.widgets.corners import Menu

_MARK = 15
# Each in its own language, so that it can be found by those who need it.
OWN_NAMES = {Language.ENGLISH: "English", Language.CHINESE: "简体中文"}


class LanguageButton(QPushButton):
    """Shows the language in force and offers the others."""

    def __init__(self, preferences: Preferences, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._preferences = preferences
        self._choices = {language: QAction(self) for language in Language}
        self._build()
        self.retranslate()
        preferences.changed.connect(self.retranslate)

    def _build(self) -> None:
        menu = Menu(self)
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
        # Room for an icon at each side: Qt draws one only, and none beside the words at the right.
        self.setStyleSheet(f"padding: 0 {_MARK + 2 * theme.current().space.s}px;")
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter = QPainter(self)
        edge, top = theme.current().space.s + 2, (self.height() - _MARK) // 2
        paint_icon(painter, QRect(edge, top, _MARK, _MARK), "translate", "muted")
        right = self.width() - edge - _MARK
        paint_icon(painter, QRect(right, top, _MARK, _MARK), "caret-down", "muted")

    def choice(self, language: Language) -> QAction:
        """The entry of the menu for a language."""
        return self._choices[language]

    def retranslate(self) -> None:
        """Put every text in the language of the moment."""
        chosen = self._preferences.settings.language
        for language, action in self._choices.items():
            own = OWN_NAMES.get(language)
            action.setText(own or self.tr("Same as the system"))
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
