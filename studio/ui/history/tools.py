"""What the sidebar can do beyond showing the history: search, filter, menus, folders, trash."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, SignalInstance
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QMenu

from studio.sessions.history.search import FoundList, SearchHit
from studio.ui.history.commands import HistoryVerbs
from studio.ui.history.filter import HistoryFilter
from studio.ui.history.menu import Chosen, conversation_menu, folder_menu, ground_menu, popup
from studio.ui.history.results import HistoryResults
from studio.ui.history.words import HistoryWords
from studio.ui.look.icons import icon

if TYPE_CHECKING:
    from studio.core.messages import Conversation
    from studio.sessions.studio import Studio
    from studio.ui.history.pane import HistoryPane


class Conversations(Protocol):
    """The conversations beside the history: which one is shown, and how to show another."""

    @property
    def shown(self) -> SignalInstance:
        """Tells the ChatSession whose messages are on the page now."""
        ...

    @property
    def stored_conversation(self) -> Conversation | None:
        """The one that is shown; None while nothing was said in it."""
        ...

    def open_conversation(self, conversation_id: str) -> None:
        """Show a stored one."""
        ...


class HistoryTools(QObject):
    """Binds the pane to the search of its history, and to what is done with conversations."""

    def __init__(self, pane: HistoryPane, studio: Studio, conversations: Conversations) -> None:
        super().__init__(pane)
        self._pane, self._rows, self._studio = pane, pane.rows, studio
        self._conversations = conversations
        self._left = ""  # the conversation that was shown when it was deleted
        self.verbs = HistoryVerbs(pane.rows, pane)
        self.filter = HistoryFilter(pane.rows, pane)
        self.results = HistoryResults(
            FoundList(studio.database, studio.tasks, self), pane.rows.kind, pane
        )
        self._build()
        self._connect()

    def _build(self) -> None:
        pane = self._pane
        self.results.hide()
        pane.search_row.addWidget(self.filter.button)
        pane.setTabOrder(pane.search, self.filter.button)
        pane.column.insertWidget(2, self.filter)
        pane.column.insertWidget(3, self.results, 1)
        pane.list.offer_menus()
        pane.list.show_marks(self._studio.chats.mark_of)
        self._words = HistoryWords(self)
        self._rows.spoken = self._spoken

    def _spoken(self, row: int) -> str:
        summary = self._rows.at(row)
        mark = self._studio.chats.mark_of(summary.id) if summary is not None else None
        return self._words.row(self._rows, row, mark)

    def _connect(self) -> None:
        pane, rows, verbs, view = self._pane, self._rows, self.verbs, self.results.view
        pane.pause.timeout.connect(self._search)
        pane.search.installEventFilter(self)
        pane.list.installEventFilter(self)
        view.installEventFilter(self)
        self._studio.chats.marks_changed.connect(pane.list.viewport().update)
        self._conversations.shown.connect(
            lambda s: self._studio.chats.show(rows.kind, s.conversation.id)
        )
        verbs.deleted.connect(self._on_deleted)  # while it is shown
        verbs.deleted.connect(pane.deleted)
        verbs.noticed.connect(pane.noticed)
        verbs.removed.connect(self.results.found.drop)
        verbs.restored.connect(self._on_brought_back)
        verbs.export_requested.connect(self._on_export)
        self.filter.changed.connect(self._on_filter)
        self.filter.add_entries(self._add_entries)
        rows.edited.connect(lambda *_: self.results.found.search_again())
        pane.list.rename_requested.connect(verbs.rename)
        pane.list.delete_requested.connect(verbs.delete)
        pane.list.moved.connect(verbs.move)
        pane.list.pinned.connect(lambda ids: verbs.pin(ids, True))
        pane.list.folder_toggled.connect(verbs.close_folder)
        pane.list.folder_rename_requested.connect(verbs.rename_folder)
        pane.list.menu_requested.connect(self._on_menu)
        view.chosen.connect(self._show_found)
        self.results.reach_changed.connect(self._search)
        view.left.connect(self._on_left)
        view.rename_requested.connect(self._rename_found)
        view.delete_requested.connect(verbs.delete)
        view.menu_requested.connect(self._on_found_menu)
        for other in self._studio.histories.values():
            if other is not rows:
                rows.shared_changed.connect(other.refresh)

    # Searching.

    @property
    def is_searching(self) -> bool:
        """Whether what was found is shown instead of the history."""
        return bool(self._pane.search.text().strip())

    def _search(self) -> None:
        scope = self._rows.scope
        if self.results.everywhere:
            scope = scope._replace(kind=None)
        self.results.found.look_for(self._pane.search.text(), scope)
        self.results.setVisible(self.is_searching)
        self._pane.list.setVisible(not self.is_searching)
        self._pane.show_emptiness()

    def _end_search(self) -> None:
        self._pane.search.clear()
        self._pane.pause.stop()
        self._search()

    def _on_filter(self) -> None:
        if self.is_searching:
            self._search()

    def _on_left(self, ends: bool) -> None:
        if ends:
            self._end_search()
        self._pane.search.setFocus(Qt.FocusReason.OtherFocusReason)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Esc ends a search, or a choice of several, and not the answer; Down goes to the list."""
        if not isinstance(event, QKeyEvent):
            return False
        pane, key = self._pane, event.key()
        if event.type() == QEvent.Type.ShortcutOverride and key == Qt.Key.Key_Escape:
            several = watched is pane.list and pane.list.chosen_count > 1
            if several or (watched is not pane.list and self.is_searching):
                event.accept()
                return True
        elif event.type() == QEvent.Type.KeyPress and watched is pane.search:
            if key == Qt.Key.Key_Escape and self.is_searching:
                self._end_search()
                return True
            if key in (Qt.Key.Key_Down, Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self._go_down(key != Qt.Key.Key_Down)
                return True
        return False

    def _go_down(self, opens: bool) -> None:
        """From the field into what is below it; Enter opens the first that was found."""
        if not self.is_searching:
            self._pane.list.setFocus(Qt.FocusReason.TabFocusReason)
        elif self._pane.pause.isActive():
            self._pane.pause.stop()
            self._search()
        elif opens and self.results.found.rowCount():
            self.results.view.enter()
            self._show_found(self.results.found.at(0))
        else:
            self.results.view.enter()

    def _show_found(self, found: SearchHit) -> None:
        self._pane.found_chosen.emit(found)

    # Menus.

    def _on_menu(self, place: QPoint) -> None:
        pane, rows = self._pane, self._rows
        index = pane.list.indexAt(place)
        block = rows.block_at(index.row()) if index.isValid() else None
        if block is not None and block.folder is not None:
            menu = folder_menu(pane.list, self.verbs, block.folder)
        elif block is None or block.group is not None:
            menu = ground_menu(pane.list, self.verbs, self._add_trash)
        else:
            stretches = pane.list.chosen_at(index.row())
            known = rows.summaries(stretches)
            folders = {each.folder_id for each in known}
            chosen = Chosen(
                sum(length for _, _, length in stretches),
                bool(known) and all(each.pinned for each in known),
                folders.pop() if len(folders) == 1 else "",
                known[0].title if known else "",
                lambda use: rows.resolve(stretches, use),
            )
            menu = conversation_menu(pane.list, self.verbs, chosen)
        popup(menu, pane.list.viewport(), place)

    def _on_found_menu(self, place: QPoint) -> None:
        found = self.results.at(place)
        if found is not None:
            summary = found.summary
            chosen = Chosen(
                1,
                summary.pinned,
                summary.folder_id,
                summary.title,
                lambda use: use([summary.id]),
            )
            menu = conversation_menu(self.results.view, self.verbs, chosen)
            popup(menu, self.results.view.viewport(), place)

    def _rename_found(self, found: SearchHit) -> None:
        self.verbs.rename(found.summary.id, found.summary.title)

    def _add_entries(self, menu: QMenu) -> None:
        menu.addAction(icon("folder-plus"), self.tr("New folder…"), self.verbs.new_folder)
        self._add_trash(menu)

    def _add_trash(self, menu: QMenu) -> None:
        menu.addAction(icon("trash"), self.tr("Trash…"), self.open_trash)

    def open_trash(self) -> None:
        """Show what is in the trash."""
        from studio.sessions.history.trash import TrashList
        from studio.ui.history.trash import TrashSheet

        trash = TrashList(self._studio.database, self._studio.tasks)
        sheet = TrashSheet(trash, self._pane.window())
        trash.setParent(sheet)
        trash.restored.connect(self._on_restored)
        sheet.closed.connect(sheet.deleteLater)
        trash.refresh()
        sheet.open()

    def _on_deleted(self, conversation_id: str) -> None:
        shown = self._conversations.stored_conversation
        if shown is not None and shown.id == conversation_id:
            self._left = conversation_id

    def _on_brought_back(self, ids: list[str]) -> None:
        """One that was shown is shown again, unless the user has gone on to another one."""
        self.results.found.search_again()
        self._pane.list.go_when_listed(ids[0])
        if self._left in ids and self._conversations.stored_conversation is None:
            self._conversations.open_conversation(self._left)

    def _on_restored(self) -> None:
        self._rows.refresh()
        self._rows.shared_changed.emit()
        self.results.found.search_again()

    def _on_export(self, ids: list[str]) -> None:
        title = self._rows.title_of(ids[0]) if len(ids) == 1 else ""
        self._pane.export_requested.emit(ids, title)
