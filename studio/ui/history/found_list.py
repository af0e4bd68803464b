"""The list of what a search of the history found: title, two lines of excerpt, model and time."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import (
    QCoreApplication,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QPointF,
    QRect,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QFont, QKeyEvent, QPainter, QTextCharFormat, QTextLayout
from PySide6.QtWidgets import (
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from studio.core.capabilities import Capability
from studio.sessions.history.search import FOUND, FoundList, SearchHit
from studio.ui.history.paint import elided_facts, facts_of, title_words
from studio.ui.look import theme
from studio.ui.widgets.row_menu import ROOM, RowMenu

ROW_HEIGHT = 100
_TITLE, _LINE, _EXCERPT_LINES = 20, 20, 2
Index = QModelIndex | QPersistentModelIndex
Marks = Sequence[tuple[int, int]]


def shown_excerpt(found: SearchHit) -> tuple[str, Marks]:
    """The excerpt without gaps, with … before it where it begins within the message; its marks."""
    cut = found.hit is not None and bool(found.marks) and found.hit.at > found.marks[0][0]
    kept: list[str] = ["…"] if cut else []
    places: list[int] = []  # where each character of the excerpt went
    for character in found.excerpt:
        places.append(len(kept))
        if character != " " or (kept and kept[-1] not in " …"):
            kept.append(character)
    places.append(len(kept))
    return "".join(kept), [(places[start], places[end]) for start, end in found.marks]


def found_facts(found: SearchHit, own: Capability) -> str:
    """Model and time, and before them the tab of what is shown by another one."""
    facts = facts_of(found.summary)
    names = {
        Capability.CHAT: QCoreApplication.translate("history", "Chat"),
        Capability.VISION: QCoreApplication.translate("history", "Vision"),
    }
    kind = found.summary.kind
    return facts if kind is own else f"{names.get(kind, kind.value)} · {facts}"


def spoken(found: SearchHit, own: Capability) -> str:
    """A row as a screen reader says it."""
    pieces = (title_words(found.summary), shown_excerpt(found)[0], found_facts(found, own))
    return "\n".join(piece for piece in pieces if piece)


class FoundRow(QStyledItemDelegate):
    """Draws what was found, with the searched words in the accent colour."""

    def __init__(self, own: Capability, parent: QWidget) -> None:
        super().__init__(parent)
        self._own = own

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(100, ROW_HEIGHT)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        style, found = theme.current(), index.data(FOUND)
        rect: QRect = option.rect
        state = option.state
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        selected = bool(state & QStyle.StateFlag.State_Selected)
        if selected or state & QStyle.StateFlag.State_MouseOver:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.colour("accent_soft" if selected else "hover"))
            radius = style.radius.inner
            painter.drawRoundedRect(rect.adjusted(0, 1, 0, -1), radius, radius)
        inside = rect.adjusted(style.space.s + 2, style.space.s, -style.space.s, -style.space.s)
        view = option.widget
        beside = ROOM if isinstance(view, FoundView) and view.more.row == index.row() else 0
        draw_marked(
            painter,
            QRect(inside.left(), inside.top(), inside.width() - beside, _TITLE),
            title_words(found.summary),
            found.title_marks,
            theme.ui_font(style.type.body),
            "text",
        )
        words, marks = shown_excerpt(found)
        place = inside.adjusted(0, _TITLE + 2, 0, 0)
        font = theme.ui_font(style.type.small)
        drawn = draw_marked(painter, place, words, marks, font, "muted", _EXCERPT_LINES)
        painter.setFont(theme.ui_font(style.type.caption))
        painter.setPen(theme.colour("faint"))
        below = place.top() + drawn * _LINE + 2
        bottom = QRect(inside.left(), below, inside.width(), 18)
        facts = elided_facts(painter, found_facts(found, self._own), bottom.width())
        painter.drawText(bottom, Qt.AlignmentFlag.AlignVCenter, facts)
        painter.restore()


def draw_marked(
    painter: QPainter,
    place: QRect,
    words: str,
    marks: Marks,
    font: QFont,
    colour: str,
    lines: int = 1,
) -> int:
    """Draw text with its marked stretches in the accent, … where it is cut; how many lines.

    At most `lines` are drawn.
    """
    text = words.replace("\n", " ").replace("\u2028", " ")
    colour = theme.words_colour(colour, text)
    layout = _laid_out(text, marks, font, place.width(), lines)
    if not layout.lineCount():
        return 0
    last = layout.lineAt(layout.lineCount() - 1)
    end = last.textStart() + last.textLength()
    whole = layout.text()
    if end < len(whole.encode("utf-16-le")) // 2:
        shown = whole.encode("utf-16-le")[: 2 * end].decode("utf-16-le", "ignore").rstrip()
        # The sign needs room: a letter less at a time, and never more than a few.
        for fewer in range(1, 6):
            layout = _laid_out(shown[:-fewer] + "…", marks, font, place.width(), lines + 1)
            if layout.lineCount() <= lines:
                break
    painter.setPen(theme.colour(colour))
    layout.draw(painter, QPointF(place.topLeft()))
    return layout.lineCount()


def _laid_out(text: str, marks: Marks, font: QFont, width: int, lines: int) -> QTextLayout:
    layout = QTextLayout(text, font)
    ranges = []
    for start, end in marks:
        made = QTextLayout.FormatRange()
        made.start = _units(text[:start])
        made.length = _units(text[start:end])
        look = QTextCharFormat()
        look.setForeground(theme.colour("accent_text"))
        look.setBackground(theme.colour("accent_soft"))
        look.setFontWeight(QFont.Weight.DemiBold)
        made.format = look
        ranges.append(made)
    layout.setFormats(ranges)
    layout.beginLayout()
    for number in range(lines):
        line = layout.createLine()
        if not line.isValid():
            break
        line.setLineWidth(width)
        line.setPosition(QPointF(0, number * _LINE + (_LINE - line.height()) / 2))
    layout.endLayout()
    return layout


def _units(text: str) -> int:
    """How many UTF-16 units, which Qt counts, a text has."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


class FoundView(QListView):
    """Tells which hit is to be shown, and when the keyboard goes back to the field."""

    chosen = Signal(object)  # a SearchHit
    menu_requested = Signal(QPoint)
    left = Signal(bool)  # whether the search ends with it
    delete_requested = Signal(list)
    rename_requested = Signal(object)  # a SearchHit

    def __init__(self, found: FoundList, own: Capability, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setModel(found)
        self.setItemDelegate(FoundRow(own, self))
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self.menu_requested)
        self.more = RowMenu(self, lambda row: title_words(found.at(row).summary))
        self.more.wanted.connect(self.menu_requested)
        self.clicked.connect(self._on_chosen)
        self.activated.connect(self._on_chosen)

    def enter(self) -> None:
        """Take the keyboard, at the first hit."""
        if self.model().rowCount():
            self.setFocus(Qt.FocusReason.TabFocusReason)
            if not self.currentIndex().isValid():
                self.setCurrentIndex(self.model().index(0, 0))

    def _on_chosen(self, index: Index) -> None:
        self.chosen.emit(index.data(FOUND))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        found: SearchHit | None = self.currentIndex().data(FOUND)
        key = event.key()
        if key == Qt.Key.Key_Escape:
            self.left.emit(True)
        elif key == Qt.Key.Key_Up and self.currentIndex().row() <= 0:
            self.left.emit(False)
        elif found is not None and key == Qt.Key.Key_Delete:
            self.delete_requested.emit([found.summary.id])
        elif found is not None and key == Qt.Key.Key_F2:
            self.rename_requested.emit(found)
        else:
            super().keyPressEvent(event)

    def keyboardSearch(self, search: str) -> None:
        """Typing does not jump: the field above is for that."""
