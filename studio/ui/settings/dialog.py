"""The settings sheet: pages at the left, and on each the settings that core says belong there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from PySide6.QtCore import QEvent, Signal
from PySide6.QtGui import (
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QAbstractButton,
    QButtonGroup,
    QHBoxLayout,
    QLineEdit,
    QSizePolicy,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from studio.core.settings import PAGES
from studio.core.texts import QT_TRANSLATE_NOOP
from studio.sessions.account.account import Account
from studio.sessions.account.diagnostics import diagnostics
from studio.sessions.account.hosts import Hosts
from studio.sessions.account.proxy_password import ProxyPassword, ProxyScript
from studio.sessions.account.usage import UsageReport
from studio.sessions.operations.backups import Backups, KeptBackup
from studio.sessions.operations.disk_usage import DiskUsage, Places
from studio.sessions.operations.operations import Operations
from studio.sessions.operations.relocation import Relocation
from studio.sessions.preferences import Preferences
from studio.sessions.requests.exchange_log import ExchangeLog
from studio.sessions.requests.tasks import TaskGroup
from studio.ui.look import theme
from studio.ui.look.icons import icon
from studio.ui.look.text import translated
from studio.ui.settings.about_page import AboutPage
from studio.ui.settings.account_page import AccountForm, AccountSummary
from studio.ui.settings.backups import BackupsCard, TransferCard, words_to_find
from studio.ui.settings.data_page import DataCard
from studio.ui.settings.exchanges import ExchangesCard
from studio.ui.settings.fields import FieldCard, words_of
from studio.ui.settings.hosts_page import HostsPage
from studio.ui.settings.network_page import ProxyPasswordNote, ProxyScriptNote
from studio.ui.settings.page_button import PageButton
from studio.ui.settings.usage import UsageCard
from studio.ui.widgets.controls import icon_button, label, name_it
from studio.ui.widgets.operation_bar import OperationCard
from studio.ui.widgets.sheet import ScrollPage, Sheet, SheetPart
from studio.ui.widgets.words_line import WordsLine

_NARROW = 820  # a window below this width has room for the signs of the pages only
_SIDE = 28  # left and right of a page
_ICONS = {
    "account": "user-circle",
    "network": "globe",
    "hosts": "hard-drives",
    "appearance": "palette",
    "data": "database",
    "privacy": "shield-check",
    "about": "info",
}
_NOTES = {
    "account": QT_TRANSLATE_NOOP("settings", "Your site, your token and what is known of both."),
    "network": QT_TRANSLATE_NOOP("settings", "Changes apply from the next request on."),
    "hosts": QT_TRANSLATE_NOOP(
        "settings",
        "Any server with an OpenAI- or Anthropic-compatible interface, also one on this computer.",
    ),
    "appearance": QT_TRANSLATE_NOOP("settings", "Changes show at once."),
    "data": QT_TRANSLATE_NOOP(
        "settings", "Conversations, pictures and settings are on this computer only."
    ),
    "privacy": QT_TRANSLATE_NOOP(
        "settings", "Logs hold no prompts, no answers and no token. Nothing is reported anywhere."
    ),
}


class SettingsParts(Protocol):
    """What the pages show and change; the holder of all sessions has it."""

    @property
    def account(self) -> Account: ...
    @property
    def preferences(self) -> Preferences: ...
    @property
    def locations(self) -> Places: ...
    @property
    def tasks(self) -> TaskGroup: ...
    @property
    def usage(self) -> UsageReport: ...
    @property
    def exchange_log(self) -> ExchangeLog: ...
    @property
    def hosts(self) -> Hosts: ...
    @property
    def operations(self) -> Operations: ...
    @property
    def relocation(self) -> Relocation: ...
    @property
    def backups(self) -> Backups: ...
    @property
    def proxy_password(self) -> ProxyPassword: ...


class SettingsSheet(Sheet):
    """Opened over the window with `open`; every change holds at once.

    `link_activated` carries an address of the program's own, `folder_activated` a Path, and
    `history_verb` what is to be done with the history, with the backup that it is for.
    """

    link_activated = Signal(str)
    folder_activated = Signal(object)
    history_verb = Signal(str, object)

    def __init__(self, parts: SettingsParts, parent: QWidget) -> None:
        size = theme.current().size
        super().__init__(parent, size.settings_width, size.settings_height)
        self._parts = parts
        # Without a parent: what is being measured while the sheet closes still ends in order.
        self._disk_usage = DiskUsage(parts.locations, parts.tasks)
        self._heading, self._title = label("title"), label("heading")
        self._note = label("muted", wrap=True)
        self._search = WordsLine()
        self.close_button = icon_button("x")
        self._buttons = {page: PageButton(_ICONS[page]) for page, _ in PAGES}
        self._narrow = False
        self._group = QButtonGroup(self)
        self._stack = QStackedWidget()
        self._pages: dict[str, ScrollPage] = {}
        self._cards: dict[str, FieldCard] = {}
        self._build()
        self._connect()
        self.retranslate()

    def _build(self) -> None:
        row = QHBoxLayout(self.panel)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self._navigation())
        space = theme.current().space
        main = QVBoxLayout()
        main.setContentsMargins(0, space.l, 0, 0)
        main.setSpacing(0)
        head = QHBoxLayout()
        head.setContentsMargins(_SIDE, 0, space.l, 0)
        head.addWidget(self._title, 1)
        head.addWidget(self.close_button)
        main.addLayout(head)
        self._note.setContentsMargins(_SIDE, 0, _SIDE, space.m)
        main.addWidget(self._note)
        main.addWidget(self._stack, 1)
        # What is being done with the history stays in sight below every page.
        self._under_way = QVBoxLayout()
        main.addLayout(self._under_way)
        row.addLayout(main, 1)

    def _navigation(self) -> QWidget:
        size, space = theme.current().size, theme.current().space
        navigation = self._side_part = SheetPart()
        # As wide as its words in the font of this machine, which may be wider than planned for.
        navigation.setMinimumWidth(size.settings_navigation)
        navigation.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)
        column = QVBoxLayout(navigation)
        column.setContentsMargins(space.m, space.l + 2, space.m, space.m)
        column.setSpacing(2)
        self._heading.setContentsMargins(space.s + 2, 0, 0, space.s)
        column.addWidget(self._heading)
        self._search.lead_with(icon("magnifying-glass", colour="muted"))
        self._search.offer_clearing(icon("x", colour="muted"))
        column.addWidget(self._search)
        column.addSpacing(space.s)
        for button in self._buttons.values():
            self._group.addButton(button)
            column.addWidget(button)
        column.addStretch(1)
        return navigation

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        narrow = self.width() < _NARROW
        if narrow != self._narrow:
            self._narrow = narrow
            size = theme.current().size
            self._side_part.setMinimumWidth(0 if narrow else size.settings_navigation)
            for each in (self._heading, self._search):
                each.setVisible(not narrow)
            for button in self._buttons.values():
                button.set_narrow(narrow)
            self.fit()

    def _page(self, page: str) -> ScrollPage:
        # Made when first shown: all of them at once take 60 ms.
        if page not in self._pages:
            self._pages[page] = self._make_page(page)
            self._stack.addWidget(self._pages[page])
        return self._pages[page]

    def _make_page(self, page: str) -> ScrollPage:
        parts, space = self._parts, theme.current().space
        made = ScrollPage()
        made.set_margins(_SIDE, 0, _SIDE, space.xl)
        made.column.setSpacing(space.l)
        own: dict[str, Callable[[], list[QWidget]]] = {
            "account": self._account_widgets,
            "hosts": self._hosts_widgets,
            "data": self._data_widgets,
            "about": self._about_widgets,
        }
        for widget in own[page]() if page in own else []:
            made.column.addWidget(widget)
        card = self._cards[page] = FieldCard(page, parts.preferences)
        if page == "network":
            ProxyPasswordNote(card.row("proxy_url"), parts.proxy_password)
            self._script = ProxyScript(parts.tasks)
            ProxyScriptNote(card.row("proxy_mode"), self._script, parts.preferences)
        made.column.addWidget(card)
        made.column.addStretch(1)
        return made

    def _account_widgets(self) -> list[QWidget]:
        account = self._parts.account
        summary = AccountSummary(account)
        form = AccountForm(account, self._parts.preferences)
        summary.link_activated.connect(self.link_activated)
        form.link_activated.connect(self.link_activated)
        form.network_settings_requested.connect(lambda: self.show_page("network"))
        self.summary, self.account_form = summary, form
        self.usage_card = UsageCard(self._parts.usage)
        return [summary, form, self.usage_card]

    def _hosts_widgets(self) -> list[QWidget]:
        self.hosts_page = HostsPage(self._parts.hosts)
        self.hosts_page.account_requested.connect(lambda: self.show_page("account"))
        return [self.hosts_page]

    def _data_widgets(self) -> list[QWidget]:
        self.data_card = DataCard(self._disk_usage, self._parts.relocation)
        self.data_card.wanted.connect(lambda verb: self.history_verb.emit(verb, None))
        self.data_card.folder_activated.connect(self.folder_activated)
        parts = self._parts
        self.backups = BackupsCard(parts.backups, parts.preferences, parts.operations)
        self.backups.wanted.connect(self._on_backup)
        self.transfers = TransferCard(parts.operations)
        self.transfers.wanted.connect(lambda verb: self.history_verb.emit(verb, None))
        self.under_way = OperationCard(parts.operations)
        self.under_way.folder_activated.connect(self.folder_activated)
        self.under_way.appeared.connect(self._give_room_below)
        self._under_way.addWidget(self.under_way)
        self._give_room_below(not self.under_way.isHidden())
        parts.operations.ended.connect(self._disk_usage.measure)
        return [self.data_card, self.backups, self.transfers]

    def _give_room_below(self, shown: bool) -> None:
        above = theme.current().space.s if shown else 0
        self._under_way.setContentsMargins(_SIDE, above, _SIDE, above)

    def _on_backup(self, verb: str, backup: KeptBackup | None) -> None:
        if verb == "show_backup" and backup is not None:
            self.folder_activated.emit(backup.path)
        else:
            self.history_verb.emit(verb, backup)

    def _about_widgets(self) -> list[QWidget]:
        self.about = AboutPage(self._diagnostics)
        self.exchanges = ExchangesCard(self._parts.exchange_log)
        return [self.about, self.exchanges]

    def _diagnostics(self) -> str:
        account = self._parts.account
        host = account.endpoint_of(None).host
        exchanges = self._parts.exchange_log.exchanges
        return diagnostics(self._parts.preferences.settings, account, host, exchanges)

    def _connect(self) -> None:
        self.close_button.clicked.connect(self.close_sheet)
        self._search.textChanged.connect(self._on_search)
        for page, button in self._buttons.items():
            button.toggled.connect(lambda on, page=page: self._on_page(page) if on else None)

    @property
    def page(self) -> str:
        """The page that is shown."""
        return next(page for page, button in self._buttons.items() if button.isChecked())

    def page_button(self, page: str) -> QAbstractButton:
        """The entry of a page in the navigation."""
        return self._buttons[page]

    def card(self, page: str) -> FieldCard:
        """The settings of a page."""
        self._page(page)
        return self._cards[page]

    @property
    def search(self) -> QLineEdit:
        """Narrows the navigation to the pages with matching settings."""
        return self._search

    def show_page(self, page: str) -> None:
        """Show a page by its id in PAGES."""
        self._buttons[page].setChecked(True)

    def open(self) -> None:
        """Show over the window, at the first page unless another was chosen."""
        if self._group.checkedButton() is None:
            self.show_page(PAGES[0][0])
        super().open()

    def focus_first(self) -> None:
        """The keyboard begins at the page that is shown."""
        self._buttons[self.page].setFocus()

    def retranslate(self) -> None:
        """Put every text in the language of the moment."""
        self._heading.setText(self.tr("Settings"))
        self._search.setPlaceholderText(self.tr("Search settings"))
        self._search.setAccessibleName(self.tr("Search settings"))
        name_it(self.close_button, self.tr("Close"), self.tr("Esc"))
        for page, name in PAGES:
            self._buttons[page].setText(translated("settings", name))
        self.panel.setAccessibleName(self._heading.text())
        if self._group.checkedButton() is not None:
            self._show_head(self.page)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()
        super().changeEvent(event)

    def _show_head(self, page: str) -> None:
        self._title.setText(translated("settings", dict(PAGES)[page]))
        note = _NOTES.get(page, "")
        self._note.setText(translated("settings", note) if note else "")
        self._note.setVisible(bool(note))

    def _on_page(self, page: str) -> None:
        self._show_head(page)
        self._stack.setCurrentWidget(self._page(page))
        if page == "data":
            self._disk_usage.measure()
            self._parts.backups.refresh()
        elif page == "account":
            self._parts.account.refresh_balance()

    def _on_search(self, text: str) -> None:
        wanted = text.strip().casefold()
        for page, button in self._buttons.items():
            more = words_to_find() if page == "data" else []
            words = " ".join([button.text(), *words_of(page), *more]).casefold()
            button.setVisible(wanted in words)
        found = [page for page, button in self._buttons.items() if not button.isHidden()]
        if found and self.page not in found:
            self.show_page(found[0])
