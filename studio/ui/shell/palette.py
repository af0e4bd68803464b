"""Ctrl+K: everything there is by typing a few letters of it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QEvent, QModelIndex, QObject, QSize, Qt, Signal
from PySide6.QtGui import QImage, QKeyEvent, QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QListView, QVBoxLayout, QWidget

from studio.core.images import GeneratedImage
from studio.sessions.history.palette_search import Answer, PaletteSearch, Reach, SearchHit
from studio.sessions.studio import Studio
from studio.ui.actions import ActionSpec
from studio.ui.look import theme
from studio.ui.shell.palette_entries import (
    PREFIXES,
    Entry,
    Group,
    action_entries,
    conversation_entry,
    model_entries,
    narrowed,
    picture_entry,
    setting_entries,
    understood,
)
from studio.ui.shell.palette_list import PaletteRow, PaletteRows, Section
from studio.ui.widgets.controls import hairline, label
from studio.ui.widgets.icon_mark import IconMark
from studio.ui.widgets.sheet import Sheet, SheetPart
from studio.ui.widgets.words_line import WordsLine

HEIGHT = 596
MOST = 8  # of each group beside others
# Before anything is typed the last conversations come first; models and pictures are too many.
_AT_FIRST = (Group.CONVERSATIONS, Group.ACTIONS, Group.SETTINGS)


class _Hint(QWidget):
    """Keys and what they do; `clicked` for those who point."""

    clicked = Signal()

    def __init__(self, keys: Sequence[str], words: str) -> None:
        super().__init__()
        self.setAccessibleName(f"{' '.join(keys)} {words}")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.current().space.xs)
        for key in keys:
            row.addWidget(label("key", key))
        row.addWidget(label("caption", words))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.clicked.emit()


class _Foot(SheetPart):
    """The keys of the palette; where there is little room those that everybody knows go first."""

    def __init__(self, keys: Sequence[_Hint], signs: Sequence[_Hint]) -> None:
        super().__init__(top=True)
        space = theme.current().space
        self._keys, self._signs = keys, signs
        row = QHBoxLayout(self)
        row.setContentsMargins(space.xl, space.m, space.l, space.m)
        row.setSpacing(space.m)
        for hint in keys:
            row.addWidget(hint)
        row.addStretch(1)
        for hint in signs:
            row.addWidget(hint)

    def minimumSizeHint(self) -> QSize:
        return QSize(0, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        space = theme.current().space
        room = self.width() - space.xl - space.l
        for hint in (*self._signs, *reversed(self._keys)):
            room -= hint.sizeHint().width() + space.m
            hint.setVisible(room >= -space.m)


class PaletteSheet(Sheet):
    """Tells what was chosen and closes."""

    action_chosen = Signal(str)
    setting_chosen = Signal(str)  # a page of the settings
    conversation_chosen = Signal(SearchHit)
    model_chosen = Signal(str, frozenset)  # an id, and what the model can do
    picture_chosen = Signal(GeneratedImage)

    def __init__(self, studio: Studio, actions: Sequence[ActionSpec], parent: QWidget) -> None:
        """`actions` are those that can be done now."""
        super().__init__(parent, theme.current().size.palette, HEIGHT)
        self._gallery = studio.gallery
        self._search = PaletteSearch(studio.database, studio.tasks, self)
        self._answer = Answer()
        self._asked = ""
        self._answered: str | None = None  # what the shown conversations and pictures are for
        self._wanted = False  # Enter came before the answer did
        self._moved = False
        self._local = {
            Group.ACTIONS: action_entries(actions, self.action_chosen.emit),
            Group.SETTINGS: setting_entries(self.setting_chosen.emit),
            Group.MODELS: model_entries(studio.catalogue, self.model_chosen.emit),
        }
        self._build()
        self._search.answered.connect(self._on_answered)
        self._gallery.thumbnail_decoded.connect(self._rows.show_again)
        self._on_typed("")

    def _build(self) -> None:
        space = theme.current().space
        self._field = WordsLine()
        self._field.setProperty("look", "bare")
        self._field.setFont(theme.ui_font(theme.current().type.reading))
        self._field.setPlaceholderText(
            self.tr("Search actions, conversations, models and pictures")
        )
        self._field.setAccessibleName(self._field.placeholderText())
        self._count = label("caption")
        self._rows = PaletteRows(self)
        self._list = QListView()
        self._list.setModel(self._rows)
        self._list.setItemDelegate(PaletteRow(self._thumbnail, self._list))
        self._list.setFrameShape(QFrame.Shape.NoFrame)
        self._list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._list.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self._list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._list.setAccessibleName(self.tr("Found"))
        self._nothing = label("muted", self.tr("Nothing found."))
        self._nothing.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._nothing.setContentsMargins(space.m, space.s, 0, 0)
        top = QHBoxLayout()
        top.setContentsMargins(space.xl, space.s, space.xl, space.s)
        top.setSpacing(space.m)
        top.addWidget(IconMark("magnifying-glass", theme.current().size.icon))
        top.addWidget(self._field, 1)
        top.addWidget(self._count)
        column = QVBoxLayout(self.panel)
        column.setContentsMargins(0, space.xs, 0, 0)
        column.setSpacing(0)
        column.addLayout(top)
        column.addWidget(hairline())
        rows = QVBoxLayout()
        rows.setContentsMargins(space.s, space.xs, space.s, 0)
        rows.addWidget(self._nothing, 1)
        rows.addWidget(self._list, 1)
        column.addLayout(rows, 1)
        column.addWidget(self._foot())
        self._field.textChanged.connect(self._on_typed)
        self._field.installEventFilter(self)
        self._list.clicked.connect(self._on_clicked)

    def _foot(self) -> QWidget:
        keys = (
            _Hint(("↑", "↓"), self.tr("Move")),
            _Hint(("Enter",), self.tr("Open")),
            _Hint(("Tab",), self.tr("Group")),
            _Hint(("Esc",), self.tr("Close")),
        )
        names = (self.tr("actions"), self.tr("models"), self.tr("pictures"))
        signs = [_Hint((sign,), words) for sign, words in zip(PREFIXES, names, strict=True)]
        for sign, hint in zip(PREFIXES, signs, strict=True):
            hint.setCursor(Qt.CursorShape.PointingHandCursor)
            hint.clicked.connect(partial(self._ask_alone, sign))
        return _Foot(keys, signs)

    def focus_first(self) -> None:
        """Begin with typing."""
        self._field.setFocus()

    def choose_row(self, number: int) -> None:
        """Choose what is in a row."""
        entry = self._rows.row(number)
        if isinstance(entry, Entry):
            self.close_sheet()
            entry.choose()

    def _ask_alone(self, sign: str) -> None:
        words = understood(self._field.text())[1]
        self._field.setText(f"{sign} {words}")
        self._field.setFocus()

    def _thumbnail(self, entry: Entry) -> QImage | None:
        return None if entry.image is None else self._gallery.ask_thumbnail(entry.image)

    def _on_typed(self, typed: str) -> None:
        groups, words = understood(typed)
        self._asked, self._moved, self._wanted = typed, False, False
        if Group.PICTURES in groups:
            alone = groups == (Group.PICTURES,)
            self._search.look_for(words, Reach.PICTURES if alone else Reach.EVERYTHING)
        else:
            self._answer, self._answered = Answer(), typed
        self._show()

    def _on_answered(self, answer: Answer) -> None:
        self._answer, self._answered = answer, self._asked
        self._show()
        if self._wanted:
            self.choose_row(self._list.currentIndex().row())

    def _show(self) -> None:
        groups, words = understood(self._asked)
        found = {group: narrowed(entries, words) for group, entries in self._local.items()}
        found[Group.CONVERSATIONS] = [
            conversation_entry(each, self.conversation_chosen.emit)
            for each in self._answer.conversations
        ]
        found[Group.PICTURES] = [
            picture_entry(each, self.picture_chosen.emit) for each in self._answer.pictures
        ]
        if not words and len(groups) == len(Group):
            sections = [Section(group, found[group]) for group in _AT_FIRST]
        elif len(groups) == len(Group):
            sections = [Section(group, found[group][:MOST]) for group in groups]
        else:
            sections = [Section(group, found[group]) for group in groups]
        self._show_sections(sections, counted=bool(words))

    def _show_sections(self, sections: list[Section], *, counted: bool) -> None:
        before = self._rows.row(self._list.currentIndex().row())
        self._rows.show(sections)
        count = sum(len(section.entries) for section in sections)
        self._count.setText(self.tr("%n result(s)", "", count) if counted else "")
        unanswered = not count and self._asked != self._answered
        self._nothing.setVisible(not count and not unanswered)
        self._list.setVisible(bool(count) or unanswered)
        row = self._rows.next_entry(0, 1)
        if self._moved and isinstance(before, Entry):
            row = self._row_like(before, row)
        if row >= 0:
            self._list.setCurrentIndex(self._rows.index(row, 0))
        if not self._moved:
            self._list.scrollToTop()

    def _row_like(self, before: Entry, otherwise: int) -> int:
        """Where the entry that was at the cursor stands now."""
        for number in range(self._rows.rowCount()):
            row = self._rows.row(number)
            if isinstance(row, Entry) and (row.group, row.words, row.below) == (
                before.group,
                before.words,
                before.below,
            ):
                return number
        return otherwise

    def _on_clicked(self, index: QModelIndex) -> None:
        self.choose_row(index.row())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            return self._on_key(event.key())
        return super().eventFilter(watched, event)

    def _on_key(self, key: int) -> bool:
        row = self._list.currentIndex().row()
        moves = {
            Qt.Key.Key_Down: (self._rows.next_entry, 1),
            Qt.Key.Key_Up: (self._rows.next_entry, -1),
            Qt.Key.Key_Tab: (self._rows.next_group, 1),
            Qt.Key.Key_Backtab: (self._rows.next_group, -1),
        }
        if key in moves:
            move, step = moves[Qt.Key(key)]
            self._move_to(move(row, step))
            return True
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._on_enter(row)
            return True
        return False

    def _on_enter(self, row: int) -> None:
        entry = self._rows.row(row)
        # Actions come first: no answer puts anything before them.
        stays = isinstance(entry, Entry) and entry.group is Group.ACTIONS and bool(self._asked)
        if stays or self._moved or self._asked == self._answered:
            self.choose_row(row)
        else:
            self._wanted = True

    def _move_to(self, row: int) -> None:
        if row < 0:
            return
        self._moved = True
        self._list.setCurrentIndex(self._rows.index(row, 0))
        if row == 1:
            self._list.scrollToTop()  # with the heading
