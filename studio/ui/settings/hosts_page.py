"""The page of other hosts: which server is talked to, tests, and the form to add one."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from studio.core.hosts import HostKind, OtherHost
from studio.sessions.account.hosts import Finding, Hosts, Reach
from studio.ui.look import text, theme
from studio.ui.settings.host_form import HostForm
from studio.ui.widgets.controls import (
    ElidedLabel,
    hairline,
    icon_button,
    label,
    name_it,
    panel,
    push_button,
    set_look,
)
from studio.ui.widgets.icon_mark import IconMark, give_air

_LOOKS = {Reach.TESTING: "muted", Reach.ANSWERS: "muted", Reach.FAILS: "bad"}


class HostRow(QWidget):
    """One server with what can be done with it; without a host it is the service's own site.

    One that is `given` stands in no list: the program was started with it.
    """

    used = Signal(str)
    tested = Signal(str)
    edited = Signal(str)
    removed = Signal(str)
    account_wanted = Signal()

    def __init__(self, host: OtherHost | None, *, given: bool = False) -> None:
        super().__init__()
        self.host, self.given = host, given
        self._address = host.address if host is not None else ""
        self._name, self._facts = ElidedLabel("strong"), label("muted", wrap=True)
        self._state = label("muted", wrap=True)
        self.use_button, self.token_button = push_button(), push_button("link")
        self.test_button = push_button("", "broadcast", "muted")
        self.edit_button, self.remove_button = icon_button("pencil-simple"), icon_button("trash")
        self._build()
        self.use_button.clicked.connect(lambda: self.used.emit(self._address))
        self.test_button.clicked.connect(lambda: self.tested.emit(self._address))
        self.edit_button.clicked.connect(lambda: self.edited.emit(self._address))
        self.remove_button.clicked.connect(lambda: self.removed.emit(self._address))
        self.token_button.clicked.connect(self.account_wanted)

    def _build(self) -> None:
        space = theme.current().space
        give_air(self.test_button)
        words = QVBoxLayout()
        words.setSpacing(0)
        for part in (self._name, self._facts, self._state):
            words.addWidget(part)
        words.addWidget(self.token_button, 0, Qt.AlignmentFlag.AlignLeft)
        row = QHBoxLayout(self)
        row.setContentsMargins(space.l, space.m, space.m, space.m)
        row.setSpacing(space.s)
        mark = "cube" if self.host is None else "hard-drives"
        row.addWidget(IconMark(mark, theme.current().size.icon), 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(words, 1)
        own = self.host is not None and not self.given
        for button in (self.test_button, self.use_button, self.edit_button, self.remove_button):
            # Shown before it has a place, it would be a window for a moment.
            row.addWidget(button, 0, Qt.AlignmentFlag.AlignTop)
            button.setVisible(own or button is self.use_button)

    def show_state(self, title: str, finding: Finding | None, *, used: bool, token: bool) -> None:
        """Say how it stands; `token`: it is in use and lacks one."""
        self._name.setText(title)
        self._facts.setText(self._fact_words())
        self._state.setText(self._finding_words(finding) if finding is not None else "")
        self._state.setVisible(bool(self._state.text()))
        if finding is not None:
            set_look(self._state, _LOOKS[finding.reach])
        self.use_button.setText(self.tr("In use") if used else self.tr("Use"))
        self.use_button.setEnabled(not used)
        self.use_button.setAccessibleName(text.labelled(self.use_button.text(), title))
        self.test_button.setText(self.tr("Test"))
        self.test_button.setAccessibleName(text.labelled(self.test_button.text(), title))
        self.test_button.setEnabled(finding is None or finding.reach is not Reach.TESTING)
        self.token_button.setText(self.tr("Enter its token"))
        self.token_button.setVisible(token)
        name_it(self.edit_button, text.labelled(self.tr("Edit"), title))
        name_it(self.remove_button, text.labelled(self.tr("Remove"), title))

    def _fact_words(self) -> str:
        host = self.host
        if host is None:
            return self.tr("ModelScope's own service; site and token are on the account page.")
        kind = self.tr("OpenAI-compatible")
        if host.kind is HostKind.ANTHROPIC:
            kind = self.tr("Anthropic-compatible")
        given = [self.tr("given at the start (--base-url)")] if self.given else []
        facts = [host.address, *given, kind]
        if not host.needs_token:
            facts.append(self.tr("no token"))
        if host.plain_http:
            facts.append(self.tr("not encrypted"))
        return " · ".join(facts)

    def _finding_words(self, finding: Finding) -> str:
        if finding.reach is Reach.TESTING:
            return self.tr("Testing…")
        if finding.error is not None:
            return text.error_sentence(finding.error)
        if finding.models is None:
            return self.tr(
                "It answers, but lists no models: type a model's id in the conversation."
            )
        return self.tr("It answers and lists %n model(s).", "", finding.models)


class HostsPage(QWidget):
    """The site and the hosts below each other, then the form; every change applies at once."""

    account_requested = Signal()

    def __init__(self, hosts: Hosts, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._hosts = hosts
        self._shown: tuple[OtherHost | None, ...] = ()
        self.rows: list[HostRow] = []
        self.form = HostForm(hosts)
        self.add_button = push_button("", "plus")
        self._build()
        hosts.changed.connect(self.refresh)
        self.add_button.clicked.connect(lambda: self._open_form(None))
        self.form.closed.connect(self._on_form_closed)
        self.retranslate()

    def _build(self) -> None:
        space = theme.current().space
        give_air(self.add_button)
        card = panel("card")
        self._list = QVBoxLayout(card)
        self._list.setContentsMargins(0, 0, 0, 0)
        self._list.setSpacing(0)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(space.m)
        column.addWidget(card)
        column.addWidget(self.add_button, 0, Qt.AlignmentFlag.AlignRight)
        column.addWidget(self.form)
        self.form.hide()

    def retranslate(self) -> None:
        """Put every text in the language of the moment."""
        self.add_button.setText(self.tr("Add a host"))
        self.refresh()

    def refresh(self) -> None:
        """Show the hosts as they are now."""
        hosts, given = self._hosts, self._hosts.given
        if self._shown != (given, *hosts.all):
            self._shown = (given, *hosts.all)
            self._make_rows()
        used = hosts.in_use or given
        for row in self.rows:
            if row.host is None:
                row.show_state(hosts.site_title, None, used=hosts.site_in_use, token=False)
                continue
            mine = used is not None and used.address == row.host.address
            finding = hosts.finding(row.host.address)
            lacks = mine and hosts.lacks_token
            row.show_state(row.host.name, finding, used=mine, token=lacks)

    def _make_rows(self) -> None:
        while (item := self._list.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        self.rows = [HostRow(None), *(HostRow(host) for host in self._hosts.all)]
        if (given := self._hosts.given) is not None:
            self.rows.insert(1, HostRow(given, given=True))
        for row in self.rows:
            if row is not self.rows[0]:
                self._list.addWidget(hairline())
            self._list.addWidget(row)
            row.used.connect(self._on_used)
            row.tested.connect(self._hosts.test)
            row.edited.connect(self._on_edited)
            row.removed.connect(self._hosts.remove)
            row.account_wanted.connect(self.account_requested)

    def _on_used(self, address: str) -> None:
        if address:
            self._hosts.use(address)
        else:
            self._hosts.use_site()

    def _on_edited(self, address: str) -> None:
        self._open_form(next(host for host in self._hosts.all if host.address == address))

    def _open_form(self, host: OtherHost | None) -> None:
        self.form.begin(host)
        self.form.show()
        self.add_button.hide()

    def _on_form_closed(self) -> None:
        self.form.hide()
        self.add_button.show()
        self.add_button.setFocus(Qt.FocusReason.OtherFocusReason)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()
        super().changeEvent(event)
