"""The window: top bar, the tabs below it, sheets above everything, and every shortcut."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import QApplication, QMainWindow, QVBoxLayout, QWidget

from studio.core.errors import ErrorAction, StoredError
from studio.sessions.studio import Studio
from studio.ui.actions import ACTIONS, BY_ID
from studio.ui.look import text, theme
from studio.ui.shell import window_place
from studio.ui.shell.looks import Looks
from studio.ui.shell.tab_stack import TabStack
from studio.ui.shell.tabs import TABS
from studio.ui.shell.top_bar import TopBar
from studio.ui.widgets.controls import hairline

if TYPE_CHECKING:
    from pathlib import Path

    from PySide6.QtGui import QAction, QCloseEvent
    from PySide6.QtWidgets import QPlainTextEdit

    from studio.core.capabilities import Capability
    from studio.core.credits import Balance
    from studio.core.images import GeneratedImage
    from studio.sessions.history.search import SearchHit
    from studio.ui.actions import ActionSpec
    from studio.ui.transfer.operation_dialogs import OperationDialogs
    from studio.ui.widgets.notice import Notice, NoticeBar
    from studio.ui.widgets.remarks import Remarks
    from studio.ui.widgets.sheet import Sheet


class MainWindow(QMainWindow):
    """Builds a tab when it is first shown; `close_requested` asks the program to end."""

    close_requested = Signal()
    demo_requested = Signal()

    def __init__(self, studio: Studio, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._studio = studio
        self._sheets: dict[str, Sheet] = {}
        self._ending = False
        self._complete = False
        self._remarks: Remarks | None = None
        self._notices: NoticeBar | None = None
        self._dialogs: OperationDialogs | None = None
        self._build()
        self._connect()
        self.retranslate()
        self._restore()

    def _build(self) -> None:
        size = theme.current().size
        self.setMinimumSize(size.window_min_width, size.window_min_height)
        self._top = TopBar(self._studio)
        self._stack = TabStack(self._studio, self._wire)
        self._middle = QWidget()
        column = QVBoxLayout(self._middle)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._top)
        column.addWidget(hairline())
        column.addWidget(self._stack, 1)
        self.setCentralWidget(self._middle)
        self._actions: dict[str, QAction] = {}

    def _add_actions(self) -> None:
        from PySide6.QtGui import QAction, QKeySequence

        for spec in ACTIONS:
            action = QAction(self)
            action.setShortcut(QKeySequence(spec.keys))
            action.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
            action.triggered.connect(lambda _=False, row=spec: self.perform(row.id))
            self.addAction(action)
            self._actions[spec.id] = action

    def _connect(self) -> None:
        self._top.tab_chosen.connect(self.show_tab)
        self._top.action_requested.connect(self.perform)
        self._studio.tasks.failed.connect(self._on_failed)
        self._looks = Looks(self._studio.preferences, self)

    def retranslate(self) -> None:
        """Set all words anew."""
        self.setWindowTitle(self.tr("Moda Studio"))
        for action_id, action in self._actions.items():
            action.setText(text.translated("actions", BY_ID[action_id].text))

    # Verbs.

    def perform(self, action_id: str) -> None:
        """Do an action of the table by its id."""
        verbs: dict[str, Callable[[], object]] = {
            "palette": self.open_palette,
            "settings": lambda: self.open_settings("account"),
            "welcome": self.open_welcome,
            "shortcuts": self.open_shortcuts,
            "queue": self.open_queue,
            "undo": self.notices.undoing.undo,
            "switch_theme": self._looks.switch_theme,
            "switch_language": self._looks.switch_language,
            "quit": self.close,
        }
        if action_id in verbs:
            verbs[action_id]()
        elif action_id.startswith("tab_"):
            self.show_tab([tab.id for tab in TABS].index(action_id.removeprefix("tab_")))
        else:
            perform = getattr(self.current_tab, "perform", None)
            if perform is None or not perform(action_id):
                self.dialogs.perform(action_id)

    @property
    def _here(self) -> list[ActionSpec]:
        """The actions that have a meaning at the tab that is shown."""
        tab_id = TABS[self._top.tabs.index].id
        return [each for each in ACTIONS if each.is_at(tab_id)]

    @property
    def current_tab(self) -> QWidget:
        """The tab that is shown."""
        return self._stack[self._top.tabs.index]

    @property
    def _writing_field(self) -> QPlainTextEdit | None:
        """The field of the tab that is shown, where one writes to a model."""
        return getattr(self.current_tab, "writing_field", None)

    @property
    def dialogs(self) -> OperationDialogs:
        """Takes orders about the history."""
        if self._dialogs is None:
            from studio.ui.transfer.operation_dialogs import OperationDialogs

            self._dialogs = OperationDialogs(
                self._studio, self._middle, self.remarks, self.say, self._open
            )
        return self._dialogs

    def show_tab(self, index: int) -> None:
        """Show a tab, building it the first time."""
        self._top.tabs.choose(index)
        self._stack.show_tab(index, begin=self._complete)
        self._on_moved_on()
        if self._remarks is not None:
            self._remarks.place()
        if self._complete:
            self._studio.preferences.change(active_tab=TABS[index].id)

    def _wire(self, tab: QWidget) -> None:
        for name, slot in (
            ("noticed", self.say),
            ("moved_on", self._on_moved_on),
            ("link_activated", self._on_link),
            ("help_requested", self.help_with),
            ("action_requested", self.perform),
            ("export_requested", self._on_export),
            ("import_requested", self._on_import),
            ("found_elsewhere", self._on_found_elsewhere),
        ):
            if hasattr(tab, name):
                getattr(tab, name).connect(slot)

    def complete(self) -> None:
        """Add at once what the first paint does without."""
        for _ in self.build_deferred():
            pass

    def build_deferred(self) -> Iterator[None]:
        """Add what the first paint does without, step by step, each shorter than a frame."""
        self._complete, studio = True, self._studio
        for where, step in (
            ("the shortcuts", self._add_actions),
            ("the words", self.retranslate),
            ("the top bar", self._top.complete),
            ("the credits", lambda: studio.balance_watch.low.connect(self._on_low_credits)),
            ("the keyboard", self._follow_typing),
        ):
            studio.tasks.attempt(step, where)
            yield
        yield from self._stack.build_deferred()

    def _follow_typing(self) -> None:
        from studio.ui.shell.typed_text import TypedText

        self._typed = TypedText(self._middle, lambda: self._writing_field)

    @property
    def remarks(self) -> Remarks:
        """Where the window says what happens."""
        if self._remarks is None:
            from studio.ui.widgets.remarks import Remarks

            here = self._stack
            self._remarks = Remarks(self._middle, lambda: here.currentWidget() or here)
        return self._remarks

    @property
    def notices(self) -> NoticeBar:
        """Where remarks are made, at the bottom."""
        from studio.ui.widgets.notice import NoticeBar

        if self._notices is None:
            self._notices = NoticeBar(self._middle, lambda: self._writing_field)
            self.remarks.add(self._notices)
        return self._notices

    def _on_moved_on(self) -> None:
        if self._notices is not None:
            self._notices.pass_by()

    def say(self, notice: Notice) -> None:
        """Make a remark."""
        self.notices.say(notice)

    def help_with(self, action: ErrorAction) -> None:
        """Do the step that an error recommends."""
        from studio.ui.links import open_own_page

        endpoint = self._studio.service.endpoint
        pages = {
            ErrorAction.BIND_ACCOUNT: endpoint.binding_page,
            ErrorAction.VERIFY_ACCOUNT: endpoint.account_page,
            ErrorAction.CREDITS_PAGE: endpoint.credits_page,
        }
        steps: dict[ErrorAction, Callable[[], object]] = {
            ErrorAction.TOKEN_SETTINGS: self.open_welcome,
            ErrorAction.TRY_OFFLINE: self.demo_requested.emit,
            ErrorAction.NETWORK_SETTINGS: lambda: self.open_settings("network"),
            ErrorAction.OTHER_MODEL: lambda: self.perform("model"),
        }
        if pages.get(action):
            open_own_page(pages[action])
        elif action in steps:
            steps[action]()
        elif action is ErrorAction.CHECK_ACCOUNT:
            asks = self._studio.account.shown_token or endpoint.needs_token
            self.open_settings("account" if asks else "hosts", examine=bool(asks))

    def open_in(self, tab_id: str, conversation_id: str) -> None:
        """Show a stored conversation in its tab."""
        self._in_tab(tab_id, "open_conversation", conversation_id)

    def open_welcome(self) -> None:
        """The sheet of the first start: site, token, checks, and trying it offline."""
        from studio.ui.links import open_own_page
        from studio.ui.shell.onboarding import WelcomeSheet

        sheet = WelcomeSheet(self._studio, self)
        sheet.link_activated.connect(open_own_page)
        sheet.demo_requested.connect(self.demo_requested)
        self._open("welcome", sheet)

    def open_settings(self, page: str, *, examine: bool = False) -> None:
        """The settings at a page; with `examine` the token doctor begins there."""
        from studio.ui.links import open_folder, open_own_page
        from studio.ui.settings.dialog import SettingsSheet

        sheet = SettingsSheet(self._studio, self)
        sheet.link_activated.connect(open_own_page)
        sheet.folder_activated.connect(open_folder)
        sheet.history_verb.connect(self.dialogs.perform)
        sheet.show_page(page)
        self._open("settings", sheet)
        if examine:
            sheet.account_form.form.check()

    def open_palette(self) -> None:
        """Every action, model and conversation, by typing."""
        from studio.ui.shell.palette import PaletteSheet

        tab, here = self.current_tab, self._here
        can: Callable[[str], bool] = getattr(tab, "can", lambda _: False)
        idle = "" if self.notices.undoing.any else "undo"
        usable = [each for each in here if each.id != idle and (not each.tabs or can(each.id))]
        sheet = PaletteSheet(self._studio, usable, self)
        sheet.action_chosen.connect(self.perform)
        sheet.setting_chosen.connect(self.open_settings)
        sheet.conversation_chosen.connect(self._on_found_elsewhere)
        sheet.model_chosen.connect(self._on_model_chosen)
        sheet.picture_chosen.connect(self._on_picture_chosen)
        self._open("palette", sheet)

    def open_shortcuts(self) -> None:
        """The list of shortcuts."""
        from studio.ui.shell.shortcuts import ShortcutsSheet

        enter_sends = self._studio.preferences.settings.send_with_enter
        self._open("shortcuts", ShortcutsSheet(self._here, enter_sends, self))

    def open_queue(self) -> None:
        """What is in flight and what waits, each with a way to end it."""
        from studio.ui.shell.queue_popover import QueuePopover

        popover = QueuePopover(self._studio.request_queue, self)
        popover.change_requested.connect(lambda: self.open_settings("network"))
        popover.open_under(self._top)

    def _open(self, name: str, sheet: Sheet) -> None:
        for other in list(self._sheets.values()):
            other.close_sheet()
        self._sheets[name] = sheet
        sheet.closed.connect(lambda: self._on_sheet_closed(name))
        sheet.open()

    # What happens.

    def _on_sheet_closed(self, name: str) -> None:
        sheet = self._sheets.pop(name, None)
        if sheet is not None:
            sheet.deleteLater()
        field = self._writing_field
        if field is not None and (name == "welcome" or QApplication.focusWidget() is None):
            field.setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_export(self, conversation_ids: list[str], title: str) -> None:
        self.dialogs.export(conversation_ids, title)

    def _on_import(self, paths: tuple[Path, ...]) -> None:
        self.dialogs.import_paths(paths)

    def _on_found_elsewhere(self, found: SearchHit) -> None:
        self._in_tab(found.summary.kind.value, "show_found", found)

    def _on_model_chosen(self, model: str, can: frozenset[Capability]) -> None:
        # Where one is, if the model can do what that tab is for; else the first tab it is for.
        fitting = [tab.id for tab in TABS if tab.capabilities & can] or ["chat"]
        here = TABS[self._top.tabs.index].id
        self._in_tab(here if here in fitting else fitting[0], "use_model", model)

    def _on_picture_chosen(self, image: GeneratedImage) -> None:
        self._in_tab("images", "show_image", image)

    def _in_tab(self, tab_id: str, verb: str, value: object) -> None:
        self.perform(f"tab_{tab_id}")
        getattr(self.current_tab, verb)(value)

    def _on_link(self, address: str) -> None:
        from studio.ui.links import ask_and_open

        ask_and_open(self, address)

    def _on_failed(self, error: StoredError) -> None:
        from studio.ui.chat.message_menu import copy_error
        from studio.ui.widgets.notice import Notice

        words, copy = text.error_sentence(error), self.tr("Copy details")
        self.say(Notice(words, copy, lambda: copy_error(error), kept=True))

    def _on_low_credits(self, balance: Balance) -> None:
        from studio.ui.widgets.notice import Notice

        left = text.credit_count(balance.available or 0)
        words = self.tr("Only {credits} left. New ones come with the daily login.")
        self.say(
            Notice(
                words.replace("{credits}", left),
                self.tr("See credits"),
                lambda: self.help_with(ErrorAction.CREDITS_PAGE),
            )
        )

    def _restore(self) -> None:
        settings = self._studio.preferences.settings
        window_place.restore(self, settings.window_geometry)
        known = [tab.id for tab in TABS]
        self.show_tab(known.index(settings.active_tab) if settings.active_tab in known else 0)

    def end(self) -> None:
        """Close for good, once everything is stored."""
        self._ending = True
        self.close()

    def closeEvent(self, event: QCloseEvent) -> None:
        if self._ending:
            event.accept()
            return
        # What is under way is stopped and stored first; the program then calls `end`.
        event.ignore()
        if self._complete:
            self._studio.preferences.change(window_geometry=window_place.place_of(self))
        self.hide()
        self.close_requested.emit()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()
