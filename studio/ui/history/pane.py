"""The sidebar: a button for a new conversation, the search, and the history."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QImage
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from studio.core.capabilities import Capability
from studio.sessions.history.conversation_list import ConversationList
from studio.ui.actions import keys_of
from studio.ui.history.list import HistoryList
from studio.ui.look import theme
from studio.ui.look.icons import icon
from studio.ui.widgets.controls import label, leave_keyboard
from studio.ui.widgets.words_line import WordsLine

if TYPE_CHECKING:
    from studio.sessions.studio import Studio
    from studio.ui.history.tools import Conversations, HistoryTools

_SEARCH_PAUSE_MS = 120


class HistoryPane(QFrame):
    """Emits what the user wants; the tab shows the conversation.

    This is what the first paint needs; `HistoryTools` does the rest right after that.
    """

    new_requested = Signal()
    opened = Signal(str)
    deleted = Signal(str)
    noticed = Signal(object)
    found_chosen = Signal(object)  # a Found, perhaps of another kind
    export_requested = Signal(list, str)  # ids, and the title of a single one

    def __init__(
        self,
        kind: Capability,
        rows: ConversationList,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._kind, self.rows = kind, rows
        self.tools: HistoryTools | None = None
        self.setProperty("look", "bar")
        self.setFixedWidth(theme.current().size.sidebar)
        self._build()
        self._connect()
        self.retranslate()

    def _build(self) -> None:
        space, size = theme.current().space, theme.current().size
        self._new = leave_keyboard(QPushButton())
        self._new.setIcon(icon("note-pencil"))
        self._new.setIconSize(QSize(size.icon, size.icon))
        self._new.setCursor(Qt.CursorShape.PointingHandCursor)
        self._new.setProperty("look", "leading")
        self._keys = label("key")
        row = QHBoxLayout(self._new)
        row.setContentsMargins(0, 0, space.s, 0)
        row.addStretch(1)
        row.addWidget(self._keys)
        self.search = WordsLine()
        self.search.lead_with(icon("magnifying-glass", colour="faint"))
        self.search_row = QHBoxLayout()
        # Room for the button that comes after the first paint, so that the field stays as it is.
        self.search_row.setContentsMargins(0, 0, size.control + space.xs, 0)
        self.search_row.setSpacing(space.xs)
        self.search_row.addWidget(self.search)
        self._empty = label("muted", wrap=True)
        self._empty.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._empty.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        self.list = HistoryList(self.rows, self._kind is Capability.VISION)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(space.m, space.m, space.m, 0)
        self.column.setSpacing(space.s)
        self.column.addWidget(self._new)
        self.column.addLayout(self.search_row)
        self.column.addWidget(self._empty)
        self.column.addWidget(self.list, 1)
        self.pause = QTimer(self)
        self.pause.setSingleShot(True)
        self.pause.setInterval(_SEARCH_PAUSE_MS)

    def _connect(self) -> None:
        self._new.clicked.connect(self.new_requested)
        self.search.textChanged.connect(lambda _: self.pause.start())
        self.rows.filled.connect(self.show_emptiness)
        self.list.opened.connect(self.opened)

    def begin(self, studio: Studio, conversations: Conversations) -> None:
        """Come to life, after the first paint."""
        from studio.ui.history.tools import HistoryTools

        self.search_row.setContentsMargins(0, 0, 0, 0)
        self.search.offer_clearing(icon("x", colour="muted"))
        self.tools = HistoryTools(self, studio, conversations)

    def retranslate(self) -> None:
        """Set all words anew."""
        vision = self._kind is Capability.VISION
        self._new.setText(self.tr("New question") if vision else self.tr("New conversation"))
        self._new.setAccessibleName(self._new.text())
        self._keys.setText(keys_of("new"))
        words = self.tr("Search all questions") if vision else self.tr("Search all conversations")
        # What fits in the field, beside the button for filters.
        self.search.setPlaceholderText(self.tr("Search history"))
        self.search.setAccessibleName(words)
        self.search.setToolTip(keys_of("search"))
        self.list.setAccessibleName(self.tr("History"))
        self.show_emptiness()

    def focus_search(self) -> None:
        """Go to the search field."""
        self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.search.selectAll()

    def show_thumbnails(self, thumbnail: Callable[[str], QImage | None]) -> None:
        """Where the small pictures of Vision come from."""
        self.list.show_thumbnails(thumbnail)

    def mark(self, conversation_id: str) -> None:
        """Show which conversation is open."""
        self.list.mark(conversation_id)

    def show_emptiness(self) -> None:
        """Say so where the list is empty; a search has words of its own."""
        searching = self.tools is not None and self.tools.is_searching
        empty = self.rows.rowCount() == 0
        self._empty.setVisible(not searching and empty)
        self._let_tab_stop(not empty)
        if not self.rows.known:
            self._empty.setText(self.tr("The history is being opened…"))
        elif any(self.rows.limits):
            self._empty.setText(self.tr("Nothing here. The filter above hides the rest."))
        elif self._kind is Capability.VISION:
            self._empty.setText(self.tr("Your questions about pictures will be here."))
        else:
            self._empty.setText(self.tr("Your conversations will be here."))

    def _let_tab_stop(self, stops: bool) -> None:
        """Tab passes over a list without rows, and comes to another after search and filter."""
        policy = Qt.FocusPolicy.StrongFocus if stops else Qt.FocusPolicy.NoFocus
        if self.list.focusPolicy() != policy:
            self.list.setFocusPolicy(policy)
            before = self.tools.filter.button if self.tools is not None else self.search
            QWidget.setTabOrder(before, self.list)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()
