"""The account page: the token in use, the credits, and the form to check or change the token."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from studio.sessions.account.account import Account, TokenPlace, TokenState
from studio.sessions.preferences import Preferences
from studio.ui.look import theme
from studio.ui.look.icons import icon
from studio.ui.look.text import error_words, number, translated
from studio.ui.settings.token_form import TokenForm
from studio.ui.widgets.controls import hairline, label, panel, push_button, set_look
from studio.ui.widgets.icon_mark import give_air

_STATE_LOOK = {TokenState.PROBLEM: "bad", TokenState.MISSING: "warn"}


class AccountSummary(QWidget):
    """What is known of the token in use and of its credits, with the verbs that need no form."""

    link_activated = Signal(str)

    def __init__(self, account: Account, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._account = account
        self._token, self._state, self._where = label("strong"), label("muted"), label("muted")
        self._credits, self._credits_note = label("strong"), label("muted")
        self.forget_button, self.refresh_button = push_button(), push_button("", "arrow-clockwise")
        self.leave_button, self._history = push_button(), push_button("link")
        self._build()
        account.changed.connect(self.refresh)
        self.forget_button.clicked.connect(account.forget)
        self.leave_button.clicked.connect(account.leave_demo)
        self.refresh_button.clicked.connect(account.refresh_balance)
        self._history.clicked.connect(
            lambda: self.link_activated.emit(account.endpoint_of(account.site).credits_page)
        )
        self.refresh()

    def _build(self) -> None:
        card = panel("card")
        column = QVBoxLayout(card)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        give_air(self.refresh_button)
        self._history.setIcon(icon("arrow-square-out", colour="accent_text"))
        self._history.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
        first = (self._token, self._state, self._where)
        column.addLayout(_row(first, (self.leave_button, self.forget_button)))
        self._line = hairline()
        column.addWidget(self._line)
        self._second = QWidget()
        second = (self._credits, self._credits_note)
        self._second.setLayout(_row(second, (self._history, self.refresh_button)))
        column.addWidget(self._second)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(card)

    @property
    def state_words(self) -> str:
        """What is said of the token in use."""
        return self._state.text()

    @property
    def credit_words(self) -> str:
        """What is said of the credits."""
        return self._credits.text()

    def refresh(self) -> None:
        """Show the account as it is now."""
        account = self._account
        has_token = bool(account.shown_token)
        self._token.setText(self._title())
        self._state.setText(self._sentence())
        look = "muted" if account.demo else _STATE_LOOK.get(account.state, "muted")
        set_look(self._state, look)
        self._where.setText(self._place_words())
        self._where.setVisible(bool(self._where.text()))
        self.forget_button.setText(self.tr("Forget the token"))
        self.forget_button.setVisible(has_token)
        self.leave_button.setText(self.tr("Leave the demo"))
        self.leave_button.setVisible(account.demo)
        known = has_token or account.demo
        self._line.setVisible(known)
        self._second.setVisible(known)
        balance = account.balance
        if balance.available is None:
            self._credits.setText(self.tr("Credits are not known"))
            self._credits_note.setText(self.tr("The service has not said how many are left."))
        else:
            shown = number(float(balance.available))
            self._credits.setText(self.tr("Credits: %1").replace("%1", shown))
            held = self.tr("%1 held for running work").replace(
                "%1", number(float(balance.held or 0))
            )
            self._credits_note.setText(held if balance.held else "")
        self._credits_note.setVisible(bool(self._credits_note.text()))
        self.refresh_button.setText(self.tr("Refresh"))
        self._history.setText(self.tr("Credit history"))
        page = account.endpoint_of(account.site).credits_page
        self._history.setVisible(bool(page) and not account.demo)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.LanguageChange:
            self.refresh()
        super().changeEvent(event)

    def _title(self) -> str:
        account = self._account
        if account.demo:
            return self.tr("The demo answers")
        host = account.endpoint_of(account.site).title
        if not account.shown_token:
            return host
        return f"{host}  ·  {account.shown_token}"

    def _sentence(self) -> str:
        account = self._account
        if account.demo:
            return self.tr("Its answers are marked Demo. Nothing leaves this computer.")
        if account.leftover:
            return self.tr("The keyring did not delete the token. Remove it there yourself.")
        if account.state is TokenState.PROBLEM and account.error is not None:
            return error_words(account.error)[0]
        if not account.shown_token and not account.endpoint_of(None).needs_token:
            return self.tr("This host asks for no token.")
        sentences = {
            TokenState.UNKNOWN: self.tr("Looking for your token…"),
            TokenState.MISSING: self.tr("No token yet. Enter yours below."),
            TokenState.UNCHECKED: self.tr("The token has not been checked yet."),
            TokenState.CHECKING: self.tr("Checking…"),
            TokenState.VALID: self.tr("The token works."),
            TokenState.PROBLEM: self.tr("The token cannot be used."),
        }
        return sentences[account.state]

    def _place_words(self) -> str:
        account = self._account
        if account.demo:
            return ""
        if account.place is TokenPlace.KEYRING:
            return self.tr("Kept in the system keyring: %1").replace("%1", account.keyring.name)
        if account.place is TokenPlace.SESSION:
            return self.tr("Kept for this session only; gone when the program ends")
        return translated("secrets", account.keyring.sentence) if account.keyring.sentence else ""


class AccountForm(QWidget):
    """The form of the first start once more, in a card; an accepted token is in use at once."""

    link_activated = Signal(str)
    network_settings_requested = Signal()

    def __init__(
        self, account: Account, preferences: Preferences, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._account = account
        self.form = TokenForm(account, preferences)
        self.use_button = push_button("primary")
        space = theme.current().space
        card = panel("card")
        column = QVBoxLayout(card)
        column.setContentsMargins(space.l, space.l, space.l, space.l)
        column.setSpacing(space.m)
        column.addWidget(self.form)
        column.addWidget(self.use_button, 0, Qt.AlignmentFlag.AlignRight)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(card)
        self.form.link_activated.connect(self.link_activated)
        self.form.network_settings_requested.connect(self.network_settings_requested)
        self.form.start_requested.connect(self.form.keep)
        self.form.ready_changed.connect(self._show_button)
        self.use_button.clicked.connect(self.form.keep)
        account.kept.connect(self._show_button)
        self.retranslate()
        self._show_button()

    def retranslate(self) -> None:
        """Put every text in the language of the moment."""
        self.use_button.setText(self.tr("Use this token"))

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()
        super().changeEvent(event)

    def _show_button(self) -> None:
        # Accepted tokens are taken by themselves; this is for one that could not be checked.
        self.use_button.setVisible(self.form.ready and not self.form.kept_now)


def _row(words: tuple[QWidget, ...], buttons: tuple[QWidget, ...]) -> QHBoxLayout:
    space = theme.current().space
    row = QHBoxLayout()
    row.setContentsMargins(space.l, space.m, space.l, space.m)
    row.setSpacing(space.s)
    column = QVBoxLayout()
    column.setSpacing(0)
    for part in words:
        column.addWidget(part)
    row.addLayout(column, 1)
    for button in buttons:
        row.addWidget(button)
    return row
