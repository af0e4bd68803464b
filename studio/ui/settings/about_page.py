"""The about page: what this is and is not, what it is made with, and what a report needs."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, Qt, QTimer
from PySide6.QtGui import QGuiApplication, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPlainTextEdit, QVBoxLayout, QWidget

from studio import __version__
from studio.sessions.account.diagnostics import licences
from studio.ui.look import theme
from studio.ui.look.icons import icon
from studio.ui.widgets.controls import hairline, label, panel, push_button
from studio.ui.widgets.logo import Logo
from studio.ui.widgets.words_edit import name_editor

_LOGO = 44
_REPORT_HEIGHT = 152
_LICENCES_HEIGHT = 128
_COPIED_MS = 2000  # how long the button says that it has copied


class AboutPage(QWidget):
    """Versions and licences are read when the page is first shown."""

    def __init__(self, diagnostics: Callable[[], str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._diagnostics = diagnostics
        self._name, self._version = label("title"), label("muted")
        self._unofficial, self._licence = label("muted", wrap=True), label("muted", wrap=True)
        self._made_with, self._report_title = label("strong"), label("strong")
        self._report_note = label("muted", wrap=True)
        self.licences, self.report = _read_only(_LICENCES_HEIGHT), _read_only(_REPORT_HEIGHT)
        self.copy_button = push_button("", "copy")
        self._copied = QTimer(self, singleShot=True, interval=_COPIED_MS)
        self._build()
        self._copied.timeout.connect(self._name_copy_button)
        self.copy_button.clicked.connect(self._on_copy)
        self.retranslate()

    def _build(self) -> None:
        space = theme.current().space
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(space.m)
        card = panel("card")
        about = QVBoxLayout(card)
        about.setContentsMargins(0, 0, 0, 0)
        about.setSpacing(0)
        head = QHBoxLayout()
        head.setContentsMargins(space.l, space.l, space.l, space.l)
        head.setSpacing(space.m)
        head.addWidget(Logo(_LOGO))
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(self._name)
        words.addWidget(self._version)
        head.addLayout(words, 1)
        about.addLayout(head)
        about.addWidget(hairline())
        lines = QVBoxLayout()
        lines.setContentsMargins(space.l, space.m, space.l, space.m)
        lines.setSpacing(space.xs)
        lines.addWidget(self._unofficial)
        lines.addWidget(self._licence)
        about.addLayout(lines)
        column.addWidget(card)
        column.addWidget(self._made_with)
        column.addWidget(self.licences)
        column.addLayout(_beside(self._report_title, self._report_note, self.copy_button))
        column.addWidget(self.report)

    def retranslate(self) -> None:
        """Put every text in the language of the moment."""
        self._name.setText("Moda Studio")
        self._version.setText(self.tr("Version %1").replace("%1", __version__))
        self._unofficial.setText(
            self.tr("Unofficial: not made or endorsed by ModelScope or Alibaba Cloud.")
        )
        self._licence.setText(self.tr("Free software under the MIT licence."))
        self._made_with.setText(self.tr("Made with"))
        name_editor(self.licences, self._made_with.text())
        self._report_title.setText(self.tr("Diagnostics"))
        self._report_note.setText(
            self.tr(
                "This text, and nothing else, is copied. It holds no token and none of your words."
            )
        )
        name_editor(self.report, self._report_title.text())
        self._name_copy_button()

    def refresh(self) -> None:
        """Read states and settings anew."""
        self.report.setPlainText(self._diagnostics())

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.refresh()
        if not self.licences.toPlainText():
            rows = (f"{each.name} {each.version}  ·  {each.licence}" for each in licences())
            self.licences.setPlainText("\n".join(rows))

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()
        super().changeEvent(event)

    def _name_copy_button(self) -> None:
        copied = self._copied.isActive()
        self.copy_button.setText(self.tr("Copied") if copied else self.tr("Copy diagnostics"))
        self.copy_button.setIcon(icon("check" if copied else "copy"))

    def _on_copy(self) -> None:
        QGuiApplication.clipboard().setText(self.report.toPlainText())
        self._copied.start()
        self._name_copy_button()


def _read_only(height: int) -> QPlainTextEdit:
    made = QPlainTextEdit()
    made.setReadOnly(True)
    made.setTabChangesFocus(True)
    made.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
    made.setFont(theme.code_font(theme.current().type.caption))
    made.setFixedHeight(height)
    return made


def _beside(title: QLabel, note: QLabel, button: QWidget) -> QHBoxLayout:
    row = QHBoxLayout()
    words = QVBoxLayout()
    words.setSpacing(0)
    words.addWidget(title)
    words.addWidget(note)
    row.addLayout(words, 1)
    row.addWidget(button, 0, Qt.AlignmentFlag.AlignBottom)
    return row
