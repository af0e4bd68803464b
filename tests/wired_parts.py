"""The whole window over the real providers: what a server sends arrives on the screen."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QLineEdit, QWidget

from studio.providers import registry
from studio.providers.base import Endpoint, NetworkSettings
from studio.sessions.account.account import Account
from studio.sessions.requests.service import Service
from studio.sessions.studio import Studio
from tests.governed_parts import GovernedLate, GovernedRun
from tests.memory_secrets import MemorySecrets


class WiredLate(GovernedLate):
    """Everything is real but the keyring; requests go to `endpoint`."""

    endpoint: Endpoint
    token: str
    network: NetworkSettings

    def service(self, studio: Studio) -> Service:
        service = self.metered(studio, registry, self.endpoint, self.network)
        service.use(self.endpoint, self.token)
        return service

    def account(self, studio: Studio) -> Account:
        account = Account(
            studio.service,
            MemorySecrets(),
            studio.preferences,
            lambda _: self.endpoint,
            studio.tasks,
        )
        account.adopt(self.token)
        return account


def wired_run(
    folder: Path, endpoint: Endpoint, token: str, network: NetworkSettings
) -> GovernedRun:
    """A window that talks to `endpoint`; nothing is shown yet."""

    class Late(WiredLate):
        pass

    class Wired(GovernedRun):
        late_type = Late

    Late.endpoint, Late.token, Late.network = endpoint, token, network
    return Wired(folder)


def everything_said(run: GovernedRun) -> str:
    """Every text that the program shows or would read aloud, and what is on the clipboard."""
    said = [QApplication.clipboard().text()]
    for widget in QApplication.allWidgets():
        said += [widget.windowTitle(), widget.toolTip(), widget.accessibleName()]
        said += [widget.accessibleDescription(), _text_of(widget)]
    view = run.tab.presenter._view
    if view is not None:
        view.flush()
        for index, message in enumerate(view.stage.messages):
            said += [
                message.text,
                message.reasoning,
                repr(message),
                repr(view.stage.box(index).card),
            ]
    said += [repr(exchange) for exchange in run.studio.exchange_log.exchanges]
    return "\n".join(said)


def _text_of(widget: QWidget) -> str:
    if isinstance(widget, QLabel | QAbstractButton | QLineEdit):
        return widget.text()
    plain = getattr(widget, "toPlainText", None)
    return str(plain()) if callable(plain) else ""
