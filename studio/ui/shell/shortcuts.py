"""F1: the list of shortcuts, straight from the table of actions."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from studio.core.texts import QT_TRANSLATE_NOOP
from studio.ui.actions import ActionSpec
from studio.ui.look import text, theme
from studio.ui.widgets.controls import label, push_button
from studio.ui.widgets.sheet import ScrollPage, Sheet

WIDTH = 520

# Keys of fields and lists, which are no actions of the table.
# "{send}" and "{line}" stand for the keys that the setting gives them.
_CONVERSATIONS: tuple[tuple[str, str], ...] = (
    (QT_TRANSLATE_NOOP("shortcuts", "Send the message"), "{send}"),
    (QT_TRANSLATE_NOOP("shortcuts", "Break the line"), "{line}"),
    (QT_TRANSLATE_NOOP("shortcuts", "From the search into the history"), "↓"),
    (QT_TRANSLATE_NOOP("shortcuts", "Choose all conversations in the history"), "Ctrl+A"),
    (QT_TRANSLATE_NOOP("shortcuts", "Close or open a folder of the history"), "← →"),
    (QT_TRANSLATE_NOOP("shortcuts", "Rename a conversation in the history"), "F2"),
    (QT_TRANSLATE_NOOP("shortcuts", "Delete a conversation in the history"), "Del"),
    (QT_TRANSLATE_NOOP("shortcuts", "The menu of a row of the history"), "Shift+F10"),
    (QT_TRANSLATE_NOOP("shortcuts", "From the message field to the messages"), "Tab"),
    (QT_TRANSLATE_NOOP("shortcuts", "The message before, the message after"), "K J"),
    (QT_TRANSLATE_NOOP("shortcuts", "The same"), "Ctrl+↑ Ctrl+↓"),
    (QT_TRANSLATE_NOOP("shortcuts", "The buttons of a message"), "Tab"),
    (QT_TRANSLATE_NOOP("shortcuts", "Press the button"), "Enter"),
    (QT_TRANSLATE_NOOP("shortcuts", "A page down"), "Space"),
    (QT_TRANSLATE_NOOP("shortcuts", "The beginning and the end of the conversation"), "Home End"),
)
_IMAGES: tuple[tuple[str, str], ...] = (
    (QT_TRANSLATE_NOOP("shortcuts", "Generate"), "Ctrl+Enter"),
    (QT_TRANSLATE_NOOP("shortcuts", "The picture before, the picture after"), "← →"),
    (QT_TRANSLATE_NOOP("shortcuts", "Take an order out of the queue"), "Del"),
)
_OTHERS = (*_CONVERSATIONS, *_IMAGES)


class ShortcutsSheet(Sheet):
    """Every key that has a meaning where one stands, and what it does."""

    def __init__(self, actions: Sequence[ActionSpec], enter_sends: bool, parent: QWidget) -> None:
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
        rows = [(text.translated("actions", a.text), a.shown_keys) for a in actions if a.keys]
        # Whoever may begin a conversation is where they are had.
        talks = any(action.id == "new" for action in actions)
        rows += [
            (text.translated("shortcuts", words), keys_now.get(keys, keys))
            for words, keys in (_CONVERSATIONS if talks else _IMAGES)
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
