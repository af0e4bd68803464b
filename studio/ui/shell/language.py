"""Puts the catalogues of a language in place, at the start and while the program runs."""

from __future__ import annotations

from PySide6.QtCore import QLibraryInfo, QLocale, QTranslator
from PySide6.QtWidgets import QApplication

from studio import assets
from studio.core.settings import Language


def resolved(language: Language) -> Language:
    """The language a setting means; SYSTEM takes the first of the desktop's that we have."""
    if language is not Language.SYSTEM:
        return language
    for name in QLocale.system().uiLanguages():
        if name.startswith("zh"):
            return Language.CHINESE
        if name.startswith("en"):
            return Language.ENGLISH
    return Language.ENGLISH


class Translations:
    """Our catalogue and Qt's own, replaced together; every widget gets a LanguageChange event."""

    def __init__(self, app: QApplication) -> None:
        self._app = app
        self._installed: list[QTranslator] = []

    def use(self, language: Language) -> None:
        """Speak `language` from now on."""
        wanted = resolved(language)
        chinese = wanted is Language.CHINESE
        territory = QLocale.Country.China if chinese else QLocale.Country.UnitedStates
        spoken = QLocale.Language.Chinese if chinese else QLocale.Language.English
        QLocale.setDefault(QLocale(spoken, territory))
        self.drop()
        if chinese:
            folder = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
            self._add("qtbase_zh_CN", folder)
        self._add(f"studio_{wanted.value}", str(assets.resource("i18n")))

    def drop(self) -> None:
        """Take the catalogues out."""
        for translator in self._installed:
            self._app.removeTranslator(translator)
        self._installed = []

    def _add(self, name: str, folder: str) -> None:
        translator = QTranslator(self._app)
        if translator.load(name, folder):
            self._app.installTranslator(translator)
            self._installed.append(translator)
