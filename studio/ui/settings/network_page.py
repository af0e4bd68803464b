"""What the network page adds to its settings: where the proxy's password is, who names a proxy."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject

from studio.core.settings import ProxyMode
from studio.sessions.account.proxy_password import PasswordPlace, ProxyPassword, ProxyScript
from studio.sessions.preferences import Preferences
from studio.ui.settings.fields import SettingRow


class ProxyPasswordNote(QObject):
    """A sentence in the row of the proxy's address, as long as a password is in use."""

    def __init__(self, row: SettingRow, password: ProxyPassword) -> None:
        super().__init__(row)
        self._row, self._password = row, password
        password.changed.connect(self._show)
        row.installEventFilter(self)
        self._show()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.LanguageChange:
            self._show()
        return False

    def _show(self) -> None:
        words = {
            PasswordPlace.NOWHERE: "",
            PasswordPlace.KEYRING: self.tr("Its password is in the system keyring."),
            PasswordPlace.SESSION: self.tr("Its password is kept until the program ends."),
        }
        self._row.set_remark(words[self._password.place])


class ProxyScriptNote(QObject):
    """A sentence in the row of the proxy's kind, where "system" means a script that is not run."""

    def __init__(self, row: SettingRow, script: ProxyScript, preferences: Preferences) -> None:
        super().__init__(row)
        self._row, self._script, self._preferences = row, script, preferences
        script.changed.connect(self._show)
        preferences.changed.connect(self._show)
        row.installEventFilter(self)
        self._show()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.LanguageChange:
            self._show()
        return False

    def _show(self) -> None:
        ours = self._preferences.settings.proxy_mode is ProxyMode.SYSTEM and self._script.named
        words = self.tr(
            "The system leaves it to a script (PAC), which is not run here: no proxy is used. If "
            "you need one, choose “Custom” and enter it below."
        )
        self._row.set_remark(words if ours else "")
