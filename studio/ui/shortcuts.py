"""F1: the list of shortcuts, straight from the table of actions."""

from __future__ import annotations

from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from studio.core.texts import QT_TRANSLATE_NOOP
from studio.ui import text, theme
from studio.ui.actions import ACTIONS
from studio.ui.widgets.controls import label, push_button
from studio.ui.widgets.sheet import ScrollPage, Sheet

WIDTH = 520

# Keys of fields and lists, which are no actions of the table.
# "{send}" and "{line}" stand for the keys that the setting gives them.
_OTHERS: tuple[tuple[str, str], ...] = (
    (QT_TRANSLATE_NOOP("shortcuts", "Send the message"), "{send}"),
    (QT_TRANSLATE_NOOP("shortcuts", "Break the line"), "{line}"),
    (QT_TRANSLATE_NOOP("shortcuts", "From the search into the history"), "↓"),
    (QT_TRANSLATE_NOOP("shortcuts", "Choose all conversations in the history"), "Ctrl+A"),
    (QT_TRANSLATE_NOOP("shortcuts", "Close or open a folder of the history"), "← →"),
    (QT_TRANSLATE_NOOP("shortcuts", "Rename a conversation in the history"), "F2"),
    (QT_TRANSLATE_NOOP("shortcuts", "Delete a conversation in the history"), "Del"),
)


class ShortcutsSheet(Sheet):
    """Every key and what it does."""

    def __init__(self, enter_sends: bool, parent: QWidget) -> None:
        super().__init__(parent, WIDTH)
        keys_now = {
            "{send}": "Enter" if enter_sends else "Ctrl+Enter",
            "{line}": "Shift+Enter" if enter_sends else "Enter",
        }
        space = theme.current().space
        column = QVBoxLayout(self.panel)
        column.setContentsMargins(space.xl, space.xl, space.xl, space.l)
        column.setSpacing(space.m)
        column.addWidget(label("heading", self.tr("Shortcuts")))
        page = ScrollPage()
        grid = QGridLayout()
        grid.setVerticalSpacing(space.s)
        rows = [(text.translated("actions", a.text), a.shown_keys) for a in ACTIONS if a.keys]
        rows += [
            (text.translated("shortcuts", words), keys_now.get(keys, keys))
            for words, keys in _OTHERS
        ]
        for number, (words, keys) in enumerate(rows):
            grid.addWidget(label("", words), number, 0)
            grid.addWidget(label("key", keys), number, 1)
        grid.setColumnStretch(0, 1)
        page.column.addLayout(grid)
        column.addWidget(page, 1)
        close = push_button("", "")
        close.setText(self.tr("Close"))
        close.clicked.connect(self.close_sheet)
        column.addWidget(close)
