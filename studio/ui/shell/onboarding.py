"""The welcome sheet: from a site and a token, checked at no cost, to the first question."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from studio.ui.look import theme
from studio.ui.settings.dialog import SettingsParts, SettingsSheet
from studio.ui.settings.token_form import TokenForm
from studio.ui.widgets.controls import label, push_button
from studio.ui.widgets.icon_mark import IconMark
from studio.ui.widgets.language_button import LanguageButton
from studio.ui.widgets.logo import Logo
from studio.ui.widgets.sheet import ScrollPage, Sheet, SheetPart
from studio.ui.widgets.tab_order import set_order

_LOGO = 44
_MARGIN = 32


class WelcomeSheet(Sheet):
    """Opened over the window with `open`; hides itself when it is done.

    `started`: a token is in use, and `demo_requested`: the service in a box is wanted; both
    close the sheet. `link_activated` leaves it open, and so do the network settings, which open
    above it: what was typed stays.
    """

    started = Signal()
    demo_requested = Signal()
    link_activated = Signal(str)

    def __init__(self, parts: SettingsParts, parent: QWidget) -> None:
        super().__init__(parent, theme.current().size.welcome)
        account, preferences = parts.account, parts.preferences
        self._parts, self._account, self._preferences = parts, account, preferences
        self._starting = False
        self._heading, self._subtitle = label("heading"), label("muted")
        self.language = LanguageButton(preferences)
        self.form = TokenForm(account, preferences)
        self.demo_button, self.start_button = push_button("strong", "flask"), push_button("primary")
        self._demo_note = label("muted", wrap=True)
        self._unofficial = label("caption", wrap=True)
        self._build()
        self._connect()
        self.retranslate()

    def _build(self) -> None:
        column = QVBoxLayout(self.panel)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._head())
        middle = ScrollPage()
        middle.set_margins(_MARGIN, 0, _MARGIN, theme.current().space.xl)
        middle.column.addWidget(self.form)
        middle.column.addStretch(1)
        column.addWidget(middle, 1)
        column.addWidget(self._foot())
        self.start_button.setEnabled(self.form.ready)
        set_order(self.language, self.form, self.demo_button, self.start_button)

    def _head(self) -> QWidget:
        space = theme.current().space
        head = QWidget()
        row = QHBoxLayout(head)
        row.setContentsMargins(_MARGIN, space.xl + 2, _MARGIN, space.xl)
        row.setSpacing(space.m + 2)
        row.addWidget(Logo(_LOGO))
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(self._heading)
        words.addWidget(self._subtitle)
        row.addLayout(words, 1)
        row.addWidget(self.language, 0, Qt.AlignmentFlag.AlignTop)
        return head

    def _foot(self) -> QWidget:
        space = theme.current().space
        foot = SheetPart(top=True)
        column = QVBoxLayout(foot)
        column.setContentsMargins(_MARGIN, space.l - 2, _MARGIN, space.l - 2)
        column.setSpacing(space.m)
        row = QHBoxLayout()
        row.setSpacing(space.m)
        row.addWidget(self.demo_button)
        row.addWidget(self._demo_note, 1)
        row.addWidget(self.start_button)
        column.addLayout(row)
        line = QHBoxLayout()
        line.setSpacing(space.xs + 2)
        line.addWidget(IconMark("info", theme.current().type.body, "faint"))
        line.addWidget(self._unofficial, 1)
        column.addLayout(line)
        return foot

    def _connect(self) -> None:
        self.form.ready_changed.connect(self.start_button.setEnabled)
        self.form.link_activated.connect(self.link_activated)
        self.form.network_settings_requested.connect(self.open_network_settings)
        self.form.start_requested.connect(self.start)
        self.start_button.clicked.connect(self.start)
        self.demo_button.clicked.connect(self._on_demo)
        self._account.kept.connect(self._on_kept)
        self._account.keep_refused.connect(self._on_keep_refused)

    def start(self) -> None:
        """Put the checked token to use, if that has not happened yet, and close."""
        if self.form.kept_now:
            self._finish()
        else:
            self._starting = True
            self.form.keep()

    def open_network_settings(self) -> None:
        """Show the network settings above this sheet."""
        settings = SettingsSheet(self._parts, self.owner)
        settings.link_activated.connect(self.link_activated)
        settings.closed.connect(settings.deleteLater)
        settings.show_page("network")
        settings.open()

    def focus_first(self) -> None:
        """Most people come with a token to paste."""
        self.form.field.setFocus()

    def retranslate(self) -> None:
        """Put every text in the language of the moment."""
        self._heading.setText(self.tr("Welcome to Moda Studio"))
        self._subtitle.setText(self.tr("One token opens ModelScope's models to you."))
        self.demo_button.setText(self.tr("Try it offline"))
        self._demo_note.setText(self.tr("No token; answers are marked Demo"))
        self.start_button.setText(self.tr("Start"))
        self._unofficial.setText(
            self.tr(
                "Unofficial: Moda Studio is not made or endorsed by ModelScope or Alibaba Cloud."
            )
        )
        self.panel.setAccessibleName(self._heading.text())

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()
        super().changeEvent(event)

    def _on_kept(self) -> None:
        if self._starting:
            self._finish()

    def _on_keep_refused(self) -> None:
        self._starting = False  # the form says why and offers the other way

    def _finish(self) -> None:
        self._starting = False
        self.form.clear()
        self._preferences.change(welcome_done=True)
        self.close_sheet()
        self.started.emit()

    def _on_demo(self) -> None:
        self._account.stop_checking()
        self.close_sheet()
        self.demo_requested.emit()
