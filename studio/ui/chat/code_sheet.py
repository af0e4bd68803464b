"""Show as code: a conversation as a script to be copied or saved."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from studio.core.transfer.code_sample import TOKEN_VARIABLE
from studio.ui.look import theme
from studio.ui.widgets.controls import label, push_button
from studio.ui.widgets.sheet import Sheet
from studio.ui.widgets.words_edit import name_editor

if TYPE_CHECKING:
    from studio.sessions.chat.session import ChatSession
    from studio.sessions.requests.service import Service

WIDTH, HEIGHT = 760, 620


class CodeSheet(Sheet):
    """Shows the script; `save_requested(text)` asks for a file."""

    save_requested = Signal(str)

    def __init__(self, script: str, parent: QWidget) -> None:
        super().__init__(parent, WIDTH, HEIGHT)
        space = theme.current().space
        self._field = QPlainTextEdit(script)
        self._field.setReadOnly(True)
        self._field.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self._field.setFont(theme.code_font(theme.current().type.code))
        name_editor(self._field, self.tr("Script"))
        hint = self.tr("The token is not in the script: it is read from {variable}.")
        copy, save = push_button("primary", "copy", "accent_on"), push_button("", "download-simple")
        close = push_button("quiet")
        copy.setText(self.tr("Copy"))
        save.setText(self.tr("Save as…"))
        close.setText(self.tr("Close"))
        row = QHBoxLayout()
        row.setSpacing(space.s)
        row.addWidget(close)
        row.addStretch(1)
        row.addWidget(save)
        row.addWidget(copy)
        column = QVBoxLayout(self.panel)
        column.setContentsMargins(space.xl, space.xl, space.xl, space.l)
        column.setSpacing(space.m)
        column.addWidget(label("heading", self.tr("Show as code")))
        column.addWidget(label("muted", hint.replace("{variable}", TOKEN_VARIABLE), wrap=True))
        column.addWidget(self._field, 1)
        column.addLayout(row)
        copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(script))
        save.clicked.connect(lambda: self.save_requested.emit(script))
        close.clicked.connect(self.close_sheet)


def open_code(
    session: ChatSession, service: Service, tab: QWidget, save: Callable[[str, str], None]
) -> None:
    """Show a conversation as a script; `save(script, language)` asks for a file."""
    from studio.core.transfer.code_sample import code_sample

    endpoint = service.endpoint
    script = code_sample(
        session.conversation, session.messages, endpoint.openai_base, endpoint.anthropic_base
    )
    sheet = CodeSheet(script, tab.window())
    sheet.save_requested.connect(lambda text: save(text, "python"))
    sheet.closed.connect(sheet.deleteLater)
    sheet.open()
