"""Shows what files hold before any of it is imported, and asks what is wanted, and where to."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QEvent, QPoint, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from studio.core.messages import new_id
from studio.core.transfer.common import Preview
from studio.ui.look import text, theme
from studio.ui.look.icons import icon
from studio.ui.look.text import in_menu
from studio.ui.transfer.import_rows import ImportList, ImportRows
from studio.ui.widgets.controls import hairline, label, panel, push_button
from studio.ui.widgets.corners import Menu
from studio.ui.widgets.operation_words import skipped_words
from studio.ui.widgets.sheet import ScrollPage, Sheet, SheetPart
from studio.ui.widgets.words_line import WordsLine

WIDTH, HEIGHT = 680, 640
_WHY_MOST = 112  # how high the reasons may be before they scroll
_BOTH_HEIGHT = 440  # of the sheet, from which on reasons and list both have room
_MOST_REASONS = 200

# A folder as its id and name.
Place = tuple[str, str]


class ImportSheet(Sheet):
    """`accepted(ids, folder)`: ids as a frozenset, or None for all; a folder as Place, or None."""

    accepted = Signal(object, object)

    def __init__(self, preview: Preview, folders: Sequence[Place], parent: QWidget) -> None:
        super().__init__(parent, WIDTH, HEIGHT)
        self._preview, self._folders = preview, list(folders)
        self._folder: Place | None = None
        self._heading = label("heading")
        self._what = label("muted", wrap=True)
        self._left_out, self.why = label("warn", wrap=True), push_button("link")
        self._reasons = label("muted", wrap=True)
        self.search = WordsLine()
        self.all, self.none = push_button("link"), push_button("link")
        self.rows = ImportRows(preview.conversations, self)
        self.list = ImportList(self.rows)
        self._nothing = label("muted")
        self.place = push_button("quiet", "folder", "muted")
        self.go_on, self.cancel = push_button("primary"), push_button()
        self._build()
        self._connect()
        self.retranslate()

    def _build(self) -> None:
        space = theme.current().space
        column = QVBoxLayout(self.panel)
        column.setContentsMargins(0, space.xl, 0, 0)
        column.setSpacing(0)
        column.addLayout(self._build_head())
        column.addWidget(hairline())
        self.list.setContentsMargins(0, 0, 0, 0)
        inside = QHBoxLayout()
        inside.setContentsMargins(space.m, space.xs, space.m, space.xs)
        inside.addWidget(self.list)
        self._nothing.setContentsMargins(space.m, space.l, 0, 0)
        self._nothing.hide()
        inside.addWidget(self._nothing, 0, Qt.AlignmentFlag.AlignTop)
        column.addLayout(inside, 1)
        foot = SheetPart(top=True)
        row = QHBoxLayout(foot)
        row.setContentsMargins(space.m, space.m, space.xl, space.m)
        row.setSpacing(space.s)
        row.addWidget(self.place)
        row.addStretch(1)
        row.addWidget(self.cancel)
        row.addWidget(self.go_on)
        column.addWidget(foot)

    def _build_head(self) -> QVBoxLayout:
        space = theme.current().space
        head = QVBoxLayout()
        head.setContentsMargins(space.xl, 0, space.xl, space.m)
        head.setSpacing(space.s)
        head.addWidget(self._heading)
        head.addWidget(self._what)
        self._warning = QWidget()
        warning = QHBoxLayout(self._warning)
        warning.setContentsMargins(0, 0, 0, 0)
        warning.setSpacing(space.s)
        warning.addWidget(self._left_out, 1)
        warning.addWidget(self.why, 0, Qt.AlignmentFlag.AlignTop)
        head.addWidget(self._warning)
        self._page = ScrollPage()
        self._page.set_margins(space.m, space.s, space.m, space.s)
        self._page.column.addWidget(self._reasons, 0, Qt.AlignmentFlag.AlignTop)
        self._reasons.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._card = panel("card")
        card = QVBoxLayout(self._card)
        card.setContentsMargins(1, 1, 1, 1)
        card.addWidget(self._page)
        self._card.hide()
        head.addWidget(self._card)
        self.search.offer_clearing(icon("x", colour="muted"))
        tools = QHBoxLayout()
        tools.setSpacing(space.m)
        tools.addWidget(self.search, 1)
        tools.addWidget(self.all)
        tools.addWidget(self.none)
        head.addLayout(tools)
        return head

    def _connect(self) -> None:
        self.search.textChanged.connect(self._on_typed)
        self.search.returnPressed.connect(self.list.setFocus)
        self.all.clicked.connect(partial(self.rows.tick_all, on=True))
        self.none.clicked.connect(partial(self.rows.tick_all, on=False))
        self.rows.ticked.connect(self._show_count)
        self.why.clicked.connect(self._on_why)
        self.place.clicked.connect(self._on_place)
        self.cancel.clicked.connect(self.close_sheet)
        self.go_on.clicked.connect(self._on_go_on)

    def focus_first(self) -> None:
        """The keyboard begins at what most people press."""
        self.go_on.setFocus()

    # Words.

    def retranslate(self) -> None:
        """Put every text in the language of the moment."""
        self._heading.setText(self.tr("Import conversations"))
        self.panel.setAccessibleName(self._heading.text())
        self._what.setText(self._summary())
        skipped = self._preview.skipped
        self._warning.setVisible(bool(skipped or self._preview.missing))
        self.why.setVisible(bool(skipped))
        sentences = []
        if skipped:
            sentences.append(self.tr("%n could not be read and will stay out.", "", len(skipped)))
        if n := self._preview.missing:
            sentences.append(self.tr("%n picture(s) are not in the file.", "", n))
        self._left_out.setText("  ".join(sentences))
        self._reasons.setText("\n".join(map(skipped_words, skipped[:_MOST_REASONS])))
        self._show_why()
        self.search.setPlaceholderText(self.tr("Search titles"))
        self.search.setAccessibleName(self.search.placeholderText())
        self.all.setText(self.tr("Select all"))
        self.none.setText(self.tr("Select none"))
        self.list.setAccessibleName(self.tr("Conversations in the file"))
        self._nothing.setText(self.tr("No title fits."))
        self.cancel.setText(self.tr("Cancel"))
        self._show_place()
        self._show_count()

    def _summary(self) -> str:
        preview = self._preview
        found = preview.conversations
        parts = [*preview.clients, self.tr("%n conversation(s)", "", len(found))]
        parts.append(self.tr("%n message(s)", "", sum(each.messages for each in found)))
        pictures = sum(each.pictures for each in found) + preview.made
        if pictures:
            parts.append(self.tr("%n picture(s)", "", pictures))
        if found:
            days = [text.day(min(each.begun for each in found))]
            days.append(text.day(max(each.changed for each in found)))
            parts.append(" – ".join(dict.fromkeys(days)))
        return " · ".join(parts)

    def _show_why(self) -> None:
        shown = not self._card.isHidden()
        self.why.setText(self.tr("Hide") if shown else self.tr("Show which and why"))

    def _show_place(self) -> None:
        kept = self.tr("Folders as in the file") if self._preview.folders else self.tr("No folder")
        name = self._folder[1] if self._folder else kept
        self.place.setText(in_menu(name))
        self.place.setAccessibleName(text.labelled(self.tr("Into the folder"), name))

    def _show_count(self) -> None:
        count = len(self.rows.chosen)
        self.go_on.setText(self.tr("Import %n conversation(s)", "", count))
        if self._only_pictures:
            self.go_on.setText(self.tr("Import %n picture(s)", "", self._preview.made))
        self.go_on.setEnabled(bool(count) or self._only_pictures)

    @property
    def _only_pictures(self) -> bool:
        return bool(self._preview.made) and not self._preview.conversations

    # What happens.

    def _on_typed(self, typed: str) -> None:
        self.rows.search(typed)
        self._show_list()

    def _show_list(self) -> None:
        # In a small window there is only room for the list or for the reasons.
        room = self.panel.height() >= _BOTH_HEIGHT or self._card.isHidden()
        empty = not self.rows.rowCount()
        self.list.setVisible(room and not empty)
        self._nothing.setVisible(room and empty)

    def _on_why(self) -> None:
        width = self.panel.width() - 2 * theme.current().space.xl
        wanted = self._page.content_height(width) + 2 * theme.current().space.s
        self._card.setFixedHeight(min(wanted, _WHY_MOST))
        self._card.setVisible(self._card.isHidden())
        self._show_why()
        self._show_list()

    def _on_place(self) -> None:
        menu = Menu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        kept = self.tr("Folders as in the file") if self._preview.folders else self.tr("No folder")
        menu.addAction(kept, partial(self._choose_place, None))
        for each in self._folders:
            menu.addAction(icon("folder"), in_menu(each[1]), partial(self._choose_place, each))
        new = self._new_place()
        if new[1] not in {name for _, name in self._folders}:
            menu.addSeparator()
            words = self.tr("New folder “{name}”").replace("{name}", new[1])
            menu.addAction(icon("folder-plus"), in_menu(words), partial(self._choose_place, new))
        menu.popup(self.place.mapToGlobal(QPoint(0, -menu.sizeHint().height())))

    def _new_place(self) -> Place:
        name = ", ".join(self._preview.clients) or self.tr("Imported")
        return new_id(), name

    def _choose_place(self, folder: Place | None) -> None:
        self._folder = folder
        self._show_place()

    def _on_go_on(self) -> None:
        every = len(self.rows.chosen) == len(self._preview.conversations)
        self.accepted.emit(None if every else frozenset(self.rows.chosen), self._folder)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()
        super().changeEvent(event)
