"""Keeps the look of the program as the setting or the desktop wants it, and switches it by key."""

from __future__ import annotations

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication

from studio.core.settings import Appearance, Language
from studio.sessions.preferences import Preferences
from studio.ui.look import theme


class Looks(QObject):
    """One a window: light or dark, English or Chinese."""

    def __init__(self, preferences: Preferences, parent: QObject) -> None:
        super().__init__(parent)
        self._preferences = preferences
        preferences.changed.connect(self._on_preferences_changed)
        QApplication.styleHints().colorSchemeChanged.connect(self._apply)

    def switch_theme(self) -> None:
        """Light becomes dark, and anything dark light."""
        other = Appearance.LIGHT if theme.current().dark else Appearance.DARK
        self._preferences.change(appearance=other)

    def switch_language(self) -> None:
        """English becomes Chinese, and back."""
        from studio.ui.shell.language import resolved

        now = resolved(self._preferences.settings.language)
        other = Language.ENGLISH if now is Language.CHINESE else Language.CHINESE
        self._preferences.change(language=other)

    def _on_preferences_changed(self, names: frozenset[str]) -> None:
        if "appearance" in names:
            self._apply()

    def _apply(self, *_: object) -> None:
        wanted = theme.chosen(Appearance(self._preferences.settings.appearance))
        if wanted is not theme.current():
            app = QApplication.instance()
            assert isinstance(app, QApplication)
            theme.apply(app, wanted)
