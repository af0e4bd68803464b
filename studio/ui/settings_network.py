"""What the network page adds to its settings: where the password of the proxy is."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject

from studio.sessions.proxy_password import PasswordPlace, ProxyPassword
from studio.ui.settings_fields import SettingRow


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
