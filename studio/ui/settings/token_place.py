"""The line that says where the token is kept, and lets the user change that."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QHBoxLayout, QWidget

from studio.sessions.account.account import Account, TokenPlace
from studio.sessions.account.keyring_access import KeyringState
from studio.ui.look import theme
from studio.ui.look.icons import icon
from studio.ui.look.text import translated
from studio.ui.widgets.controls import label, push_button, set_look
from studio.ui.widgets.corners import Menu
from studio.ui.widgets.icon_mark import IconMark

_QUIET_MS = 300  # a keyring that answers faster is not worth a sentence


class PlaceRow(QWidget):
    """One line that says where the token is or will be kept, and lets the user change that."""

    session_only_chosen = Signal(bool)
    waiting_shown = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._keyring = KeyringState.UNKNOWN
        self._name = self._reason = ""
        self._kept = TokenPlace.NOWHERE
        self._session_only = False
        self._before, self._place, self._after = label("muted"), label("strong"), label("muted")
        self._sentence = label("warn", wrap=True)
        self._change = push_button("link")
        self._only = push_button("link")
        self._in_keyring, self._in_memory = QAction(self), QAction(self)
        self._late = QTimer(self, singleShot=True, interval=_QUIET_MS)
        self._build()
        self._late.timeout.connect(self.retranslate)
        self._late.timeout.connect(self.waiting_shown)
        self._only.clicked.connect(lambda: self.session_only_chosen.emit(True))

    def _build(self) -> None:
        space = theme.current().space
        group = QActionGroup(self)
        menu = Menu(self)
        for action, memory in ((self._in_keyring, False), (self._in_memory, True)):
            action.setCheckable(True)
            group.addAction(action)
            menu.addAction(action)
            action.triggered.connect(
                lambda _checked=False, memory=memory: self.session_only_chosen.emit(memory)
            )
        self._change.setMenu(menu)
        self._change.setIcon(icon("caret-down", colour="accent_text"))
        small = theme.current().type.body
        self._change.setIconSize(QSize(small + space.xs, small))
        self._change.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(IconMark("lock-key", small))
        row.addSpacing(space.s)
        for part in (self._before, self._place, self._after):
            row.addWidget(part)
        row.addWidget(self._sentence, 1)
        row.addStretch(0)
        row.addWidget(self._only)
        row.addWidget(self._change)

    @property
    def sentence(self) -> str:
        """What the line says, as one text."""
        parts = (self._before, self._place, self._after, self._sentence)
        return "".join(part.text() for part in parts if not part.isHidden())

    @property
    def session_button(self) -> QWidget:
        """The way out where the keyring cannot be used."""
        return self._only

    def show_place(self, account: Account, kept: TokenPlace, session_only: bool) -> None:
        """Show where the token is kept, or will be once it is accepted."""
        keyring = account.keyring.state
        self._keyring, self._name = keyring, account.keyring.name
        self._reason = account.keyring.sentence
        self._kept, self._session_only = kept, session_only
        if keyring is KeyringState.WAITING:
            self._late.start()
        else:
            self._late.stop()
            self.retranslate()

    def retranslate(self) -> None:
        """Put every text in the language of the moment."""
        place = self.tr("System keyring: %1").replace("%1", self._name)
        if not self._name:
            place = self.tr("System keyring")
        self._in_keyring.setText(place)
        self._in_memory.setText(self.tr("This session only"))
        self._in_memory.setChecked(self._session_only)
        self._in_keyring.setChecked(not self._session_only)
        self._change.setText(self.tr("Change"))
        self._change.setAccessibleName(self.tr("Change where the token is kept"))
        self._only.setText(self.tr("Keep it for this session only"))
        waiting = self._keyring is KeyringState.WAITING and not self._session_only
        unusable = self._keyring is KeyringState.UNUSABLE and not self._session_only
        self._only.setVisible(waiting or unusable)
        self._change.setVisible(not (waiting or unusable))
        self._sentence.setVisible(waiting or unusable)
        set_look(self._sentence, "warn" if unusable else "muted")
        self._sentence.setText(
            translated("secrets", self._reason)
            if unusable
            else self.tr("Waiting for your system keyring…")
        )
        if self._session_only:
            pattern = self.tr("Kept for %1; gone when the program ends")
            place = self.tr("this session only")
        elif self._kept is TokenPlace.KEYRING:
            pattern = self.tr("Kept in %1")
        else:
            pattern = self.tr("Will be kept in %1")
        before, _, after = pattern.partition("%1")
        texts = (before, place, after)
        for part, text in zip((self._before, self._place, self._after), texts, strict=True):
            part.setText(text)
            part.setVisible(bool(text) and not waiting and not unusable)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()
        super().changeEvent(event)
