"""The form for one other host: its name, address and kind, whether it wants a token."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QVBoxLayout, QWidget

from studio.core.errors import ErrorKind, StudioError
from studio.core.hosts import HostKind, OtherHost
from studio.sessions.account.hosts import LONGEST_NAME, Hosts
from studio.ui.look import text, theme
from studio.ui.widgets.controls import (
    Segments,
    label,
    leave_keyboard,
    panel,
    push_button,
    set_problem,
)
from studio.ui.widgets.problem_label import ProblemLabel
from studio.ui.widgets.switch import Switch
from studio.ui.widgets.words_line import WordsLine

_KINDS = tuple(HostKind)


class HostForm(QWidget):
    """Saves what is valid and closes; says in place what is not."""

    closed = Signal()

    def __init__(self, hosts: Hosts, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._hosts = hosts
        self._old = ""  # the address of the host that is edited
        self._title = label("title")
        self._labels = [label("label") for _ in range(4)]
        self.name, self.address = WordsLine(), WordsLine()
        self.kind, self.needs_token = Segments(len(_KINDS)), Switch()
        self._problem, self._warning = ProblemLabel(), label("warn", wrap=True)
        self.accepted = leave_keyboard(QCheckBox())
        self.save_button, self.cancel_button = push_button("primary"), push_button()
        self._build()
        self.save_button.clicked.connect(self.save)
        self.cancel_button.clicked.connect(self.closed)
        self.address.returnPressed.connect(self.save)
        self.name.returnPressed.connect(self.save)
        self.address.textChanged.connect(self._on_address_changed)
        self.accepted.toggled.connect(lambda _on: self._say(""))
        self.retranslate()

    def _build(self) -> None:
        space = theme.current().space
        self.name.setMaxLength(LONGEST_NAME)
        card = panel("card")
        column = QVBoxLayout(card)
        column.setContentsMargins(space.l, space.m, space.l, space.l)
        column.setSpacing(space.s)
        column.addWidget(self._title)
        controls = (self.name, self.address, self.kind)
        for title, control in zip(self._labels, controls, strict=False):
            title.setBuddy(control)
            column.addWidget(title)
            side = Qt.AlignmentFlag.AlignLeft
            column.addWidget(control, 0, side if control is self.kind else Qt.AlignmentFlag(0))
            if control is self.address:
                column.addWidget(self._problem)
                column.addWidget(self._warning)
                column.addWidget(self.accepted)
        token = QHBoxLayout()
        token.addWidget(self._labels[3], 1)
        token.addWidget(self.needs_token)
        column.addLayout(token)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(self.cancel_button)
        buttons.addWidget(self.save_button)
        column.addLayout(buttons)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(card)

    def begin(self, host: OtherHost | None) -> None:
        """Show a host to be changed, or an empty form for a new one."""
        self._old = host.address if host is not None else ""
        shown = host or OtherHost("", "")
        self.name.setText(shown.name)
        self.address.setText(shown.address)
        self.kind.choose(_KINDS.index(shown.kind))
        self.needs_token.setChecked(shown.needs_token)
        self._say("")
        self._warn(shown.plain_http)
        self.accepted.setChecked(shown.plain_http)
        self.retranslate()
        self.name.setFocus(Qt.FocusReason.OtherFocusReason)

    def save(self) -> None:
        """Put the host on the list, or say what is wrong with it."""
        host = OtherHost(
            self.name.text(),
            self.address.text(),
            _KINDS[self.kind.index],
            self.needs_token.isChecked(),
            self.accepted.isChecked() and not self.accepted.isHidden(),
        )
        try:
            self._hosts.save(host, self._old)
        except StudioError as error:
            if error.kind is ErrorKind.NOT_ENCRYPTED:
                self._warn(True)
                self.accepted.setFocus(Qt.FocusReason.OtherFocusReason)
            else:
                self._say(text.error_sentence(error.stored()))
                self.address.setFocus(Qt.FocusReason.OtherFocusReason)
            return
        self.closed.emit()

    @property
    def problem(self) -> str:
        """What is wrong with the address; "" when nothing is."""
        return self._problem.text()

    @property
    def warns(self) -> bool:
        """Whether the form asks to accept an unencrypted way."""
        return not self.accepted.isHidden()

    def retranslate(self) -> None:
        """Put every text in the language of the moment."""
        self._title.setText(self.tr("Change the host") if self._old else self.tr("Add a host"))
        titles = (
            self.tr("Name"),
            self.tr("Address"),
            self.tr("Interface"),
            self.tr("It asks for a token"),
        )
        for each, title in zip(self._labels, titles, strict=True):
            each.setText(title)
        controls = (self.name, self.address, self.kind, self.needs_token)
        for control, title in zip(controls, titles, strict=True):
            control.setAccessibleName(title)
        self.name.setPlaceholderText(self.tr("As you want to see it; empty takes the address"))
        self.address.setPlaceholderText("https://host/v1")
        self.kind.set_names([self.tr("OpenAI-compatible"), self.tr("Anthropic-compatible")])
        self._warning.setText(
            self.tr(
                "Over http:// anyone on the way can read your token, your words and the answers. "
                "On this computer itself it is safe."
            )
        )
        self.accepted.setText(self.tr("I accept that for this host"))
        self.save_button.setText(self.tr("Save"))
        self.cancel_button.setText(self.tr("Cancel"))

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()
        super().changeEvent(event)

    def _on_address_changed(self) -> None:
        # What was accepted was accepted for another address.
        self._say("")
        self.accepted.setChecked(False)
        self._warn(False)

    def _warn(self, warn: bool) -> None:
        self._warning.setVisible(warn)
        self.accepted.setVisible(warn)

    def _say(self, sentence: str) -> None:
        self._problem.say(sentence, self.address)
        set_problem(self.address, bool(sentence))
