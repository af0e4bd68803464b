"""The sidebar: a button for a new conversation, the search, and the history."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QImage
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from studio.core.capabilities import Capability
from studio.sessions.history import ConversationList
from studio.ui import theme
from studio.ui.actions import keys_of
from studio.ui.icons import icon
from studio.ui.widgets.controls import label
from studio.ui.widgets.history_list import HistoryList

_SEARCH_PAUSE_MS = 120


class HistoryPane(QFrame):
    """Emits what the user wants; the tab shows the conversation."""

    new_requested = Signal()
    opened = Signal(str)
    deleted = Signal(str)
    noticed = Signal(object)

    def __init__(
        self,
        kind: Capability,
        rows: ConversationList,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._kind, self._rows = kind, rows
        self.setProperty("look", "bar")
        self.setFixedWidth(theme.current().size.sidebar)
        self._build()
        self._connect()
        self.retranslate()
        self._on_filled()

    def _build(self) -> None:
        space, size = theme.current().space, theme.current().size
        self._new = QPushButton()
        self._new.setIcon(icon("note-pencil"))
        self._new.setIconSize(QSize(size.icon, size.icon))
        self._new.setCursor(Qt.CursorShape.PointingHandCursor)
        self._new.setProperty("look", "leading")
        self._keys = label("key")
        row = QHBoxLayout(self._new)
        row.setContentsMargins(0, 0, space.s, 0)
        row.addStretch(1)
        row.addWidget(self._keys)
        self._search = QLineEdit()
        self._search.setClearButtonEnabled(True)
        self._search.addAction(
            icon("magnifying-glass", colour="faint"), QLineEdit.ActionPosition.LeadingPosition
        )
        self._empty = label("muted", wrap=True)
        self._empty.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.list = HistoryList(self._rows, self._kind is Capability.VISION)
        column = QVBoxLayout(self)
        column.setContentsMargins(space.m, space.m, space.m, 0)
        column.setSpacing(space.s)
        column.addWidget(self._new)
        column.addWidget(self._search)
        column.addWidget(self._empty)
        column.addWidget(self.list, 1)
        self._empty.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(_SEARCH_PAUSE_MS)

    def _connect(self) -> None:
        self._new.clicked.connect(self.new_requested)
        self._search.textChanged.connect(lambda _: self._pause.start())
        self._pause.timeout.connect(self._on_search)
        self._rows.filled.connect(self._on_filled)
        self.list.opened.connect(self.opened)
        self.list.rename_requested.connect(self._on_rename)
        self.list.pin_requested.connect(self._rows.pin)
        self.list.delete_requested.connect(self._on_delete)

    def retranslate(self) -> None:
        """Set all words anew."""
        vision = self._kind is Capability.VISION
        self._new.setText(self.tr("New question") if vision else self.tr("New chat"))
        self._new.setAccessibleName(self._new.text())
        self._keys.setText(keys_of("new"))
        words = self.tr("Search all questions") if vision else self.tr("Search all conversations")
        self._search.setPlaceholderText(words)
        self._search.setAccessibleName(words)
        self._search.setToolTip(f"{words}  ({keys_of('search')})")
        self.list.setAccessibleName(self.tr("History"))
        self._on_filled()

    def focus_search(self) -> None:
        """Go to the search field."""
        self._search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self._search.selectAll()

    def show_thumbnails(self, thumbnail: Callable[[str], QImage | None]) -> None:
        """Where the small pictures of Vision come from."""
        self.list.show_thumbnails(thumbnail)

    def mark(self, conversation_id: str) -> None:
        """Show which conversation is open."""
        self.list.mark(conversation_id)

    def _on_search(self) -> None:
        self._rows.look_for(self._search.text())

    def _on_filled(self) -> None:
        empty = self._rows.rowCount() == 0
        self._empty.setVisible(empty)
        if self._search.text().strip():
            self._empty.setText(self.tr("Nothing found."))
        elif self._kind is Capability.VISION:
            self._empty.setText(self.tr("Your questions about pictures will be here."))
        else:
            self._empty.setText(self.tr("Your conversations will be here."))

    def _on_rename(self, conversation_id: str) -> None:
        from PySide6.QtWidgets import QInputDialog

        dialog = QInputDialog(self)
        dialog.setWindowTitle(self.tr("Rename"))
        dialog.setLabelText(self.tr("Title of the conversation"))
        dialog.setTextValue(self._rows.title_of(conversation_id))
        dialog.textValueSelected.connect(lambda title: self._rows.rename(conversation_id, title))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    def _on_delete(self, conversation_id: str) -> None:
        from studio.ui.notice import Notice

        self._rows.delete(conversation_id)
        self.deleted.emit(conversation_id)
        self.noticed.emit(
            Notice(
                self.tr("The conversation is in the trash for 30 days."),
                self.tr("Undo"),
                lambda: self._rows.restore(conversation_id),
            )
        )

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()
