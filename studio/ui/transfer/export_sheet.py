"""Asks how conversations are to be saved: as what, and with what in them."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from studio.core.texts import QT_TRANSLATE_NOOP
from studio.core.transfer.common import ConversationFormat
from studio.ui.look import theme
from studio.ui.look.text import translated
from studio.ui.widgets.controls import (
    ElidedLabel,
    Segments,
    hairline,
    label,
    panel,
    push_button,
)
from studio.ui.widgets.sheet import ScrollPage, Sheet
from studio.ui.widgets.switch import Switch

WIDTH, HEIGHT = 520, 392
_CONTEXT = "export"
FORMATS: tuple[tuple[ConversationFormat, str, str], ...] = (
    (
        ConversationFormat.MARKDOWN,
        "Markdown",
        QT_TRANSLATE_NOOP("export", "Plain text with marks, for notes and other programs."),
    ),
    (
        ConversationFormat.HTML,
        "HTML",
        QT_TRANSLATE_NOOP("export", "A page for the browser, with its pictures inside."),
    ),
    (
        ConversationFormat.PDF,
        "PDF",
        QT_TRANSLATE_NOOP("export", "Pages to read, print and hand on; the text can be copied."),
    ),
    (
        ConversationFormat.JSON,
        "JSON",
        QT_TRANSLATE_NOOP(
            "export", "Everything, with all versions and pictures; can be imported again."
        ),
    ),
)


class ExportSheet(Sheet):
    """`accepted(ConversationFormat, reasoning, pictures)` when the user goes on to the place."""

    accepted = Signal(object, bool, bool)

    def __init__(
        self, conversation_ids: Sequence[str], parent: QWidget, *, title: str = ""
    ) -> None:
        super().__init__(parent, WIDTH, HEIGHT)
        self._count = len(conversation_ids)
        self._heading, self._what = label("heading"), ElidedLabel("muted")
        self._what.setText(title)
        self._what.setVisible(bool(title))
        self.formats = Segments(len(FORMATS))
        self._note = label("muted", wrap=True)
        self.reasoning, self.pictures = Switch(), Switch()
        self._reasoning_words, self._pictures_words = label(), label()
        self.go_on, self.cancel = push_button("primary"), push_button()
        self._build()
        self._connect()
        self.formats.choose(0)
        self.retranslate()

    def _build(self) -> None:
        space = theme.current().space
        column = QVBoxLayout(self.panel)
        column.setContentsMargins(0, space.xl, 0, space.l)
        column.setSpacing(space.m)
        page = ScrollPage()
        page.set_margins(space.xl, 0, space.xl, 0)
        page.column.setSpacing(space.m)
        page.column.addWidget(self._heading)
        page.column.addWidget(self._what)
        choice = QHBoxLayout()
        choice.addWidget(self.formats)
        choice.addStretch(1)
        page.column.addLayout(choice)
        page.column.addWidget(self._note)
        card = panel("card")
        rows = QVBoxLayout(card)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(0)
        for switch, words in (
            (self.reasoning, self._reasoning_words),
            (self.pictures, self._pictures_words),
        ):
            switch.setChecked(True)
            if rows.count():
                rows.addWidget(hairline())
            row = QHBoxLayout()
            row.setContentsMargins(space.l, space.m, space.l, space.m)
            row.addWidget(words, 1)
            row.addWidget(switch)
            rows.addLayout(row)
        page.column.addWidget(card)
        column.addWidget(page, 1)
        buttons = QHBoxLayout()
        buttons.setContentsMargins(space.xl, 0, space.xl, 0)
        buttons.setSpacing(space.s)
        buttons.addStretch(1)
        buttons.addWidget(self.cancel)
        buttons.addWidget(self.go_on)
        column.addLayout(buttons)

    def _connect(self) -> None:
        self.formats.chosen.connect(lambda _: self._show_format())
        self.cancel.clicked.connect(self.close_sheet)
        self.go_on.clicked.connect(
            lambda: self.accepted.emit(
                self.kind, self.reasoning.isChecked(), self.pictures.isChecked()
            )
        )

    @property
    def kind(self) -> ConversationFormat:
        """The format that is chosen."""
        return FORMATS[self.formats.index][0]

    def focus_first(self) -> None:
        """The keyboard begins at the formats."""
        self.formats.buttons[self.formats.index].setFocus()

    def retranslate(self) -> None:
        """Put every text in the language of the moment."""
        one = self.tr("Export the conversation")
        many = self.tr("Export %n conversation(s)", "", self._count)
        self._heading.setText(one if self._count == 1 else many)
        self.panel.setAccessibleName(self._heading.text())
        self.formats.set_names([name for _, name, _ in FORMATS])
        self.formats.setAccessibleName(self.tr("Format"))
        self._reasoning_words.setText(self.tr("With the reasoning"))
        self._pictures_words.setText(self.tr("With the pictures"))
        self.reasoning.setAccessibleName(self._reasoning_words.text())
        self.pictures.setAccessibleName(self._pictures_words.text())
        self.cancel.setText(self.tr("Cancel"))
        self.go_on.setText(self.tr("Choose where…"))
        self._show_format()

    def _show_format(self) -> None:
        self._note.setText(translated(_CONTEXT, FORMATS[self.formats.index][2]))
        # JSON is for coming back: it always has everything.
        for each in (self.reasoning, self.pictures):
            each.setEnabled(self.kind is not ConversationFormat.JSON)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()
        super().changeEvent(event)
