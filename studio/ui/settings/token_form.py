"""The form for site and token: field, check, where it is kept and what the doctor found."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from studio.core.errors import ErrorAction, ErrorKind, StudioError
from studio.core.settings import Site
from studio.sessions.account.account import Account, TokenPlace, TokenState
from studio.sessions.account.keyring_access import KeyringState
from studio.sessions.preferences import Preferences
from studio.ui.look import theme
from studio.ui.look.icons import icon
from studio.ui.settings.check_row import CheckCard
from studio.ui.settings.site_card import SiteCard
from studio.ui.settings.token_field import TokenField
from studio.ui.settings.token_place import PlaceRow
from studio.ui.widgets.controls import label, push_button
from studio.ui.widgets.problem_label import ProblemLabel
from studio.ui.widgets.tab_order import set_order

# The page of the site that each step leads to, as a field of its Endpoint.
_PAGES = {
    ErrorAction.TOKEN_SETTINGS: "token_page",
    ErrorAction.BIND_ACCOUNT: "binding_page",
    ErrorAction.VERIFY_ACCOUNT: "account_page",
    ErrorAction.CREDITS_PAGE: "credits_page",
}


class TokenForm(QWidget):
    """Checks what is in the field for the chosen site and keeps it once it is accepted.

    `ready_changed` tells whether one may start. The field keeps its text whatever happens until
    the token is in use; then it is emptied by `clear`.
    """

    ready_changed = Signal(bool)
    link_activated = Signal(str)
    network_settings_requested = Signal()
    start_requested = Signal()  # Enter on a token that is already checked

    def __init__(
        self, account: Account, preferences: Preferences, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._account, self._preferences = account, preferences
        self._session_only = preferences.settings.token_this_session_only
        self._ready = False
        # Field and site of the token that is on its way into use, and of the one that is.
        self._keeping: tuple[str, Site | None] | None = None
        self._kept_as: tuple[str, Site | None] | None = None
        self._fault: StudioError | None = None
        self._site_title, self._site_note = label("strong"), label("muted")
        self._cards = {site: SiteCard(self) for site in Site}
        self._token_title, self.page_link = label("strong"), push_button("link")
        self.field, self.check_button = TokenField(self), push_button("tall", "arrow-clockwise")
        self._problem = ProblemLabel(self)
        self.place = PlaceRow(self)
        self.card = CheckCard(self)
        self._build()
        self._connect()
        self.retranslate()
        self.refresh()

    def _build(self) -> None:
        space = theme.current().space
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self._sites = QWidget()
        sites = QVBoxLayout(self._sites)
        sites.setContentsMargins(0, 0, 0, space.l + space.xs)
        sites.setSpacing(space.s + 2)
        sites.addLayout(_spread(self._site_title, self._site_note))
        cards = QHBoxLayout()
        cards.setSpacing(space.m)
        for card in self._cards.values():
            cards.addWidget(card)
        sites.addLayout(cards)
        column.addWidget(self._sites)
        small = theme.current().size.icon - 2
        self.page_link.setIconSize(QSize(small + space.xs, small))
        self.page_link.setIcon(icon("arrow-square-out", colour="accent_text"))
        self.page_link.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
        column.addLayout(_spread(self._token_title, self.page_link))
        column.addSpacing(space.xs)
        entry = QHBoxLayout()
        entry.setSpacing(space.s)
        entry.addWidget(self.field, 1)
        entry.addWidget(self.check_button)
        column.addLayout(entry)
        column.addWidget(self._problem)
        column.addSpacing(space.xs)
        column.addWidget(self.place)
        self._gap = QWidget()
        self._gap.setFixedHeight(space.l - 2)
        column.addWidget(self._gap)
        column.addWidget(self.card)

    def _connect(self) -> None:
        account = self._account
        account.changed.connect(self.refresh)
        account.examined.connect(self._on_examined)
        account.kept.connect(self._on_kept)
        self._preferences.changed.connect(self._on_preferences_changed)
        self.field.textChanged.connect(self._on_edited)
        self.field.submitted.connect(self._on_submitted)
        self.check_button.clicked.connect(self.check)
        self.place.session_only_chosen.connect(self._on_session_only_chosen)
        self.card.action_requested.connect(self._on_action)
        self.page_link.clicked.connect(lambda: self._open_page("token_page"))
        for site, card in self._cards.items():
            card.clicked.connect(lambda _checked=False, site=site: self._on_site(site))

    @property
    def site(self) -> Site | None:
        """The chosen site; None for another host, which has no choice."""
        if self._account.site is None:
            return None
        return next((site for site, card in self._cards.items() if card.isChecked()), None)

    @property
    def ready(self) -> bool:
        """Whether the token of the form may be started with."""
        return self._ready

    @property
    def kept(self) -> bool:
        """Whether the token of the form is in use."""
        if not self.field.text():
            return self._account.place is not TokenPlace.NOWHERE
        return self._kept_as == (self.field.text(), self.site)

    def card_of(self, site: Site) -> SiteCard:
        """The card of a site."""
        return self._cards[site]

    @property
    def problem(self) -> str:
        """The sentence below the field; "" when there is none."""
        return self._problem.text()

    def check(self) -> None:
        """Let the doctor examine what is in the field, or the token in use when it is empty."""
        self.field.hide_letters()
        try:
            self._account.check(self.field.text(), self.site)
        except StudioError as error:
            self._say(error)

    def keep(self) -> None:
        """Put the token of the form to use, kept where the line says."""
        self._keeping = (self.field.text(), self.site)
        try:
            self._account.keep(self.field.text(), self.site, session_only=self._session_only)
        except StudioError as error:
            self._say(error)

    def clear(self) -> None:
        """Empty the field, as after a token is in use."""
        self.field.clear()
        self.field.hide_letters()

    def refresh(self) -> None:
        """Show the account as it is now."""
        account = self._account
        self._sites.setVisible(account.site is not None)
        if self.site is None and account.site is not None:
            self._cards[account.site].setChecked(True)
        kept = account.place if self.kept else TokenPlace.NOWHERE
        self.place.show_place(account, kept, self._session_only)
        page = account.endpoint_of(self.site).token_page
        self.page_link.setVisible(bool(page))
        self._name_check_button()
        self._show_examination()
        self._decide()

    def retranslate(self) -> None:
        """Put every text in the language of the moment."""
        self._site_title.setText(self.tr("Site"))
        self._site_note.setText(self.tr("Each has its own accounts and tokens"))
        self._cards[Site.CHINA].set_words("modelscope.cn", self.tr("Mainland China, 魔搭社区"))
        self._cards[Site.INTERNATIONAL].set_words("modelscope.ai", self.tr("International"))
        self._token_title.setText(self.tr("Access token"))
        self.page_link.setText(self.tr("Open my token page"))
        self._name_check_button()
        self._say(self._fault)

    def showEvent(self, event: QShowEvent) -> None:
        """Order the stops of Tab: what a widget is put into later brings them out of order."""
        super().showEvent(event)
        sites_first = (*self._cards.values(), self.page_link)
        set_order(*sites_first, self.field, self.check_button, self.place, self.card)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()
        super().changeEvent(event)

    def _name_check_button(self) -> None:
        again = self._account.examination.finished or self._account.checking
        self.check_button.setText(self.tr("Check again") if again else self.tr("Check"))

    def _show_examination(self) -> None:
        found = self._account.examination
        shown = found.finished or self._account.checking
        if shown:
            self.card.show_checks(found.checks)
        self.card.setVisible(shown)
        self._gap.setVisible(shown)

    def _say(self, error: StudioError | None) -> None:
        self._fault = error
        self.field.set_problem(error is not None)
        if error is None:
            sentence = ""
        elif error.kind is ErrorKind.NO_TOKEN:
            sentence = self.tr("Paste your access token into the field first.")
        else:
            sentence = self.tr(
                "This is not a token: it is too long, or holds characters no token has."
            )
        self._problem.say(sentence)

    def _decide(self) -> None:
        account = self._account
        found = account.examination
        if found.finished:
            keyring_stuck = account.keyring.state in (KeyringState.UNUSABLE, KeyringState.WAITING)
            keepable = self._session_only or not keyring_stuck
            ready = found.may_start and (self.kept_now or keepable)
        else:
            ready = not account.checking and self.kept_now and account.state is TokenState.VALID
        if ready is not self._ready:
            self._ready = ready
            self.ready_changed.emit(ready)

    @property
    def kept_now(self) -> bool:
        """Whether the token of the form is in use and in the place the line says."""
        wanted = TokenPlace.SESSION if self._session_only else TokenPlace.KEYRING
        return self.kept and self._account.place is wanted

    def _on_examined(self) -> None:
        self.refresh()
        found = self._account.examination
        if found.finished and self.isVisible():
            self.card.announce()
        if found.finished and found.accepted and not self.kept_now and self.isVisible():
            self.keep()

    def _on_kept(self) -> None:
        self._kept_as, self._keeping = self._keeping, None
        self.refresh()

    def _on_edited(self) -> None:
        self._say(None)
        if self._account.examination.finished or self._account.checking:
            self._account.stop_checking()
        self.refresh()

    def _on_submitted(self) -> None:
        if self._ready:
            self.start_requested.emit()
        else:
            self.check()

    def _on_site(self, site: Site) -> None:
        self._say(None)
        self._account.stop_checking()
        # In the box there is no site to talk to yet: the card only says where the token belongs.
        if not self._account.demo:
            self._account.switch_site(site)
        self.refresh()

    def _on_session_only_chosen(self, session_only: bool) -> None:
        self._session_only = session_only
        if self._account.examination.accepted or self.kept:
            self.keep()
        self.refresh()

    def _on_preferences_changed(self, names: frozenset[str]) -> None:
        if "token_this_session_only" in names:
            self._session_only = self._preferences.settings.token_this_session_only
            self.refresh()

    def _on_action(self, action: ErrorAction) -> None:
        if action is ErrorAction.RETRY:
            self.check()
        elif action is ErrorAction.NETWORK_SETTINGS:
            self.network_settings_requested.emit()
        else:
            self._open_page(_PAGES[action])

    def _open_page(self, name: str) -> None:
        self.link_activated.emit(getattr(self._account.endpoint_of(self.site), name))


def _spread(left: QWidget, right: QWidget) -> QHBoxLayout:
    row = QHBoxLayout()
    row.addWidget(left)
    row.addStretch(1)
    row.addWidget(right)
    return row
