"""Chat and Vision: history, head, answers, message field and parameters around one conversation.

This is the frame, built before the first paint; `Presenter` brings it to life right after that.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QStackedLayout, QVBoxLayout, QWidget

from studio.core.capabilities import Capability
from studio.sessions.studio import Studio
from studio.ui.chat.composer import Composer
from studio.ui.chat.conversation_head import ConversationHead
from studio.ui.chat.side_panels import SidePanels
from studio.ui.history.pane import HistoryPane
from studio.ui.look import theme
from studio.ui.widgets.controls import hairline, panel
from studio.ui.widgets.tab_order import set_order

if TYPE_CHECKING:
    from PySide6.QtGui import (
        QDragEnterEvent,
        QDragLeaveEvent,
        QDropEvent,
        QResizeEvent,
        QShowEvent,
    )

    from studio.sessions.history.search import SearchHit
    from studio.ui.chat.message_field import MessageField
    from studio.ui.chat.presenter import Presenter


class ConversationTab(QWidget):
    """Shows one conversation of its kind and does what the user asks of it.

    `noticed(Notice)`, `link_activated(url)` and `help_requested(ErrorAction)` are for the window;
    `moved_on`: the user looks at something else, or did what was asked for.
    """

    moved_on = Signal()

    noticed = Signal(object)
    link_activated = Signal(str)
    help_requested = Signal(object)
    action_requested = Signal(str)
    import_requested = Signal(object)  # the Path of an export
    found_elsewhere = Signal(object)  # a SearchHit of another tab
    export_requested = Signal(list, str)  # ids of conversations, and the title of a single one

    def __init__(self, kind: Capability, studio: Studio, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._kind, self._studio = kind, studio
        self._presenter: Presenter | None = None
        self._build()
        self._connect()
        self.retranslate()

    def _build(self) -> None:
        settings = self._studio.preferences.settings
        self.history = HistoryPane(self._kind, self._studio.histories[self._kind])
        self.head = ConversationHead(lambda: self._studio.catalogue.choices(self._kind))
        self.composer = Composer()
        self.composer.set_enter_sends(settings.send_with_enter)
        self._inspector_place = panel("bar")
        self._inspector_place.setFixedWidth(theme.current().size.inspector)
        self.pages = QStackedLayout()
        # With a parent at once: the stack shows its first page, which would be a window otherwise.
        self._empty_place = QWidget(self)
        self.pages.addWidget(self._empty_place)
        history_line, inspector_line = hairline(vertical=True), hairline(vertical=True)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.history)
        row.addWidget(history_line)
        row.addWidget(self._middle(), 1)
        row.addWidget(inspector_line)
        row.addWidget(self._inspector_place)
        self._panels = SidePanels(
            self._kind,
            self._studio.preferences,
            self.head,
            (self.history, history_line),
            (self._inspector_place, inspector_line),
        )
        self.setAcceptDrops(True)

    def _empty_page(self) -> QWidget:
        if self._kind is Capability.VISION:
            from studio.ui.chat.drop_zone import DropZone

            return DropZone()
        from studio.ui.widgets.empty_chat import EmptyChat

        return EmptyChat()

    def _middle(self) -> QWidget:
        space = theme.current().space
        middle = panel("surface")
        column = QVBoxLayout(middle)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.head)
        column.addWidget(hairline())
        column.addLayout(self.pages, 1)
        self.remarks = QWidget()
        self.remarks.setFixedHeight(0)
        column.addWidget(self.remarks)
        bottom = QHBoxLayout()
        bar = theme.current().size.scroll_bar
        bottom.setContentsMargins(space.xl, 0, space.xl + bar, space.l)
        bottom.addStretch()
        bottom.addWidget(self.composer, 1)
        bottom.addStretch()
        column.addLayout(bottom)
        return middle

    def _fill_empty_page(self) -> None:
        space = theme.current().space
        self.empty = self._empty_page()
        row = QHBoxLayout(self._empty_place)
        row.setContentsMargins(0, 0, 0, 0)
        if self._kind is Capability.VISION:  # the other page scrolls, and has margins of its own
            bar = theme.current().size.scroll_bar
            row.setContentsMargins(space.xl, space.xs, space.xl + bar, space.xs)
        row.addStretch()
        row.addWidget(self.empty, 1)
        row.addStretch()

    def _connect(self) -> None:
        self.head.inspector_toggled.connect(self._panels.want_inspector)
        self.history.noticed.connect(self.noticed)
        # Whoever begins or opens a conversation goes on by writing.
        self.history.new_requested.connect(self._write)
        self.history.opened.connect(self._write)
        self._studio.preferences.changed.connect(self._on_preferences_changed)

    def retranslate(self) -> None:
        """Set all words anew."""
        vision = self._kind is Capability.VISION
        hint = self.tr("Add a picture, then ask about it") if vision else self.tr("Ask anything")
        self.composer.field.set_hint(hint)
        if self._presenter is not None:
            self._presenter.retranslate()

    def build_deferred(self) -> Iterator[None]:
        """Come to life after the first paint, step by step."""
        from studio.ui.chat.inspector import Inspector
        from studio.ui.chat.model_details import ModelDetails
        from studio.ui.chat.presenter import Presenter
        from studio.ui.shell.history_jump import HistoryJump
        from studio.ui.transfer.import_drop import ImportDrop
        from studio.ui.widgets.sheet import ScrollPage

        self._fill_empty_page()
        yield
        self.inspector = Inspector()
        self.inspector.wanted.connect(self._panels.show_inspector)
        self.inspector.add_details(ModelDetails(self._studio))
        page = ScrollPage()
        page.column.addWidget(self.inspector)
        inside = QVBoxLayout(self._inspector_place)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.addWidget(page)
        yield
        self._presenter = Presenter(self._kind, self._studio, self, self)
        self._presenter.noticed.connect(self.noticed)
        self._presenter.moved_on.connect(self.moved_on)
        self._presenter.link_activated.connect(self.link_activated)
        self._presenter.help_requested.connect(self.help_requested)
        self._presenter.action_requested.connect(self.action_requested)
        # Many pictures come in one drag: their order is made once, and not with each of them.
        ordering = QTimer(self)
        ordering.setSingleShot(True)
        ordering.timeout.connect(self.order_stops)
        self._presenter.attachments.changed.connect(ordering.start)
        self.head.add_more(self._export)
        yield
        self._drop = ImportDrop(self.history)
        self._drop.dropped.connect(self.import_requested)
        self._jump = HistoryJump(self._presenter)
        self._bind_history(self._presenter)
        self.head.rename_requested.connect(self._rename)
        self.order_stops()
        yield
        self._presenter.new_conversation()

    def _bind_history(self, presenter: Presenter) -> None:
        history, studio = self.history, self._studio
        history.begin(studio, presenter)
        history.new_requested.connect(presenter.new_conversation)
        history.opened.connect(presenter.open_conversation)
        history.deleted.connect(presenter.leave)
        history.export_requested.connect(self.export_requested)
        history.found_chosen.connect(self.show_found)
        history.show_thumbnails(studio.pictures.thumbnail)
        studio.pictures.ready.connect(lambda _: history.list.viewport().update())
        presenter.conversation_changed.connect(self._mark_shown)
        studio.histories[self._kind].filled.connect(self._mark_shown)

    def _mark_shown(self) -> None:
        if self.presenter.session is not None:
            self.history.mark(self.presenter.session.conversation.id)

    @property
    def presenter(self) -> Presenter:
        """The conversation of this tab; there from the first paint on."""
        assert self._presenter is not None
        return self._presenter

    def perform(self, action_id: str) -> bool:
        """Do an action of the table that belongs to this tab; False when it does not."""
        if self._presenter is None:
            return False
        presenter = self._presenter
        verbs: dict[str, Callable[[], object]] = {
            "new": self.history.new_requested.emit,
            "write": self._write,
            "stop": presenter.stop,
            "model": self.head.picker.open,
            "search": self._search,
            "history": self._panels.toggle_history,
            "inspector": self.head.toggle_inspector,
            "attach": presenter.attachments.browse,
            "find": presenter.find,
            "export": self._export,
            "zoom_in": lambda: presenter.view.zoom(1),
            "zoom_out": lambda: presenter.view.zoom(-1),
            "zoom_reset": lambda: presenter.view.zoom(0),
        }
        verb = verbs.get(action_id)
        if verb is not None:
            verb()
        return verb is not None

    def order_stops(self) -> None:
        """Let Tab go from the field to what is read, to the history, and to what is above.

        What is around the field is one step back from it.
        """
        presenter = self._presenter
        read = presenter.view if presenter is not None and presenter.is_read else self.empty
        cards = () if presenter is None else (presenter.attachments.tray,)
        set_order(*cards, *self.composer.stops, read, self.history, self.head, self.inspector)

    def can(self, action_id: str) -> bool:
        """Whether an action of this tab has anything to do now."""
        if self._presenter is None:
            return False
        reads = ("find", "zoom_in", "zoom_out", "zoom_reset")
        if action_id in reads:
            return self._presenter.is_read
        if action_id == "stop":
            return self._presenter.can_stop
        return action_id != "export" or self._presenter.stored_conversation is not None

    def open_conversation(self, conversation_id: str) -> None:
        """Show a stored conversation, ready to go on with it."""
        self.presenter.open_conversation(conversation_id)
        self._write()

    def show_found(self, found: SearchHit) -> None:
        """Show what a search of the history found, at its place; perhaps that is another tab."""
        if found.summary.kind is not self._kind:
            self.found_elsewhere.emit(found)
        elif self._presenter is not None:
            self._jump.go(found)

    def use_model(self, model: str) -> None:
        """Ask another model from now on."""
        self.presenter.use_model(model)

    @property
    def writing_field(self) -> MessageField:
        """Where one writes."""
        return self.composer.field

    def _write(self) -> None:
        self.composer.field.setFocus(Qt.FocusReason.OtherFocusReason)

    def _rename(self, conversation_id: str) -> None:
        shown = self.presenter.stored_conversation
        if self.history.tools is not None and shown is not None:
            self.history.tools.verbs.rename(conversation_id, shown.title)

    def _search(self) -> None:
        self._panels.show_history()
        self.history.focus_search()

    def _export(self) -> None:
        from studio.ui.widgets.notice import Notice

        shown = self.presenter.stored_conversation
        if shown is None:
            self.noticed.emit(Notice(self.tr("There is nothing to export yet.")))
        else:
            self.export_requested.emit([shown.id], shown.title)

    def _on_preferences_changed(self, names: frozenset[str]) -> None:
        if "send_with_enter" in names:
            self.composer.set_enter_sends(self._studio.preferences.settings.send_with_enter)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._panels.fit(self.width())

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._panels.fit(self.width())
        self._write()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if self.presenter.attachments.takes(event.mimeData()):
            event.acceptProposedAction()
            self._hover(True)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self._hover(False)

    def dropEvent(self, event: QDropEvent) -> None:
        self._hover(False)
        event.acceptProposedAction()
        self.presenter.attachments.drop(event.mimeData())

    def _hover(self, hovered: bool) -> None:
        set_hovered = getattr(self.empty, "set_hovered", None)
        if set_hovered is not None:
            set_hovered(hovered)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()
