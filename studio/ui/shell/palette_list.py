"""The list of the palette: groups under their headings, each entry with its marks and its keys."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRect,
    QRectF,
    QSize,
    Qt,
)
from PySide6.QtGui import QFont, QImage, QPainter, QPainterPath, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from studio.ui.history.found_list import draw_marked
from studio.ui.look import theme
from studio.ui.look.icons import paint_icon
from studio.ui.shell.palette_entries import Entry, Group, group_words

HEAD_HEIGHT, LINE_HEIGHT, TWO_LINES_HEIGHT = 32, 38, 51
THUMBNAIL = 32
_LINE = 20
_MOST_NOTE = 0.4  # of the width, for what stands at the right
ENTRY = Qt.ItemDataRole.UserRole + 1
Index = QModelIndex | QPersistentModelIndex
Thumbnails = Callable[[Entry], QImage | None]


class Section(NamedTuple):
    """A group with what is shown of it."""

    group: Group
    entries: Sequence[Entry]


class PaletteRows(QAbstractListModel):
    """Headings, which cannot be chosen, and entries."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: list[Entry | Group] = []

    def show(self, sections: Sequence[Section]) -> None:
        """Show all of these."""
        self.beginResetModel()
        self._rows = []
        for section in sections:
            if section.entries:
                self._rows += [section.group, *section.entries]
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        return 0 if parent.isValid() else len(self._rows)

    def row(self, number: int) -> Entry | Group | None:
        """What is in a row; None beyond the ends."""
        return self._rows[number] if 0 <= number < len(self._rows) else None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        row = self.row(index.row())
        if row is None or role not in (
            ENTRY,
            Qt.ItemDataRole.DisplayRole,
            Qt.ItemDataRole.AccessibleTextRole,
        ):
            return None
        if role == ENTRY:
            return row
        if isinstance(row, Group):
            return group_words(row)
        return row.words if role == Qt.ItemDataRole.DisplayRole else row.spoken

    def flags(self, index: Index) -> Qt.ItemFlag:
        if isinstance(self.row(index.row()), Entry):
            return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        return Qt.ItemFlag.NoItemFlags

    def next_entry(self, number: int, step: int) -> int:
        """The next row after `number` that can be chosen, going by `step`; -1 at the ends."""
        number += step
        while isinstance(self.row(number), Group):
            number += step
        return number if self.row(number) is not None else -1

    def next_group(self, number: int, step: int) -> int:
        """The first entry of the group after (or before) that of row `number`, round and round."""
        firsts = [n + 1 for n, row in enumerate(self._rows) if isinstance(row, Group)]
        if not firsts:
            return -1
        own = max((place for place, n in enumerate(firsts) if n <= number), default=0)
        return firsts[(own + step) % len(firsts)]

    def show_again(self, image_id: str) -> None:
        """A thumbnail has come."""
        for number, row in enumerate(self._rows):
            if isinstance(row, Entry) and row.image is not None and row.image.id == image_id:
                index = self.index(number, 0)
                self.dataChanged.emit(index, index, [Qt.ItemDataRole.DecorationRole])


class PaletteRow(QStyledItemDelegate):
    """Draws a heading or an entry; `thumbnails` gives the small picture of one that has any."""

    def __init__(self, thumbnails: Thumbnails, parent: QWidget) -> None:
        super().__init__(parent)
        self._thumbnails = thumbnails

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        row = index.data(ENTRY)
        if not isinstance(row, Entry):
            return QSize(100, HEAD_HEIGHT)
        return QSize(100, TWO_LINES_HEIGHT if row.below else LINE_HEIGHT)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        row = index.data(ENTRY)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if isinstance(row, Group):
            self._paint_heading(painter, option.rect, row)
        elif isinstance(row, Entry):
            selected = bool(option.state & QStyle.StateFlag.State_Selected)
            self._paint_entry(painter, option.rect, row, selected=selected)
        painter.restore()

    def _paint_heading(self, painter: QPainter, rect: QRect, group: Group) -> None:
        style = theme.current()
        painter.setFont(theme.ui_font(style.type.small, QFont.Weight.DemiBold))
        painter.setPen(theme.colour("muted"))
        place = rect.adjusted(style.space.m, style.space.s, -style.space.m, 0)
        painter.drawText(place, Qt.AlignmentFlag.AlignVCenter, group_words(group))

    def _paint_entry(self, painter: QPainter, rect: QRect, entry: Entry, *, selected: bool) -> None:
        style = theme.current()
        if selected:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.colour("accent_soft"))
            painter.drawRoundedRect(rect, style.radius.inner, style.radius.inner)
        left = rect.left() + style.space.m
        self._paint_sign(
            painter, QRect(left, rect.top(), THUMBNAIL, rect.height()), entry, selected
        )
        inside = rect.adjusted(style.space.m + THUMBNAIL + style.space.m, 0, -style.space.m, 0)
        words = inside.adjusted(0, 0, -self._paint_right(painter, inside, entry), 0)
        weight = QFont.Weight.DemiBold if selected else QFont.Weight.Normal
        body = theme.ui_font(style.type.body, weight)
        if not entry.below:
            words.setTop(rect.center().y() - _LINE // 2 + 1)
            draw_marked(painter, words, entry.words, entry.marks, body, "text")
            return
        words.setTop(rect.top() + (rect.height() - 2 * _LINE) // 2)
        draw_marked(painter, words, entry.words, entry.marks, body, "text")
        words.translate(0, _LINE)
        small = theme.ui_font(style.type.small)
        draw_marked(painter, words, entry.below, entry.below_marks, small, "muted")

    def _paint_sign(self, painter: QPainter, slot: QRect, entry: Entry, selected: bool) -> None:
        image = self._thumbnails(entry) if entry.image is not None else None
        side = theme.current().size.icon
        if image is None or image.isNull():
            place = QRect(0, 0, side, side)
            place.moveCenter(slot.center())
            paint_icon(painter, place, entry.icon, "accent_text" if selected else "muted")
            return
        place = QRect(0, 0, THUMBNAIL, THUMBNAIL)
        place.moveCenter(slot.center())
        corners = QPainterPath()
        corners.addRoundedRect(QRectF(place), *2 * (theme.current().radius.inner,))
        painter.save()
        painter.setClipPath(corners)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        edge = min(image.width(), image.height())
        middle = QRect(0, 0, edge, edge)
        middle.moveCenter(image.rect().center())
        painter.drawImage(place, image, middle)
        painter.restore()

    def _paint_right(self, painter: QPainter, inside: QRect, entry: Entry) -> int:
        """Draw note, keys or tags; how wide that is with its gap."""
        style = theme.current()
        painter.setFont(theme.ui_font(style.type.caption))
        right = inside.right()
        for piece in reversed(entry.keys or entry.tags):
            right -= self._paint_piece(painter, inside, right, piece, key=bool(entry.keys))
        if entry.note:
            metrics = painter.fontMetrics()
            most = int(inside.width() * _MOST_NOTE)
            note = metrics.elidedText(entry.note, Qt.TextElideMode.ElideRight, most)
            painter.setPen(theme.colour("faint"))
            place = QRect(inside.left(), inside.top(), right - inside.left(), inside.height())
            both = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
            painter.drawText(place, both, note)
            right -= metrics.horizontalAdvance(note)
        return inside.right() - right + style.space.m

    def _paint_piece(
        self, painter: QPainter, inside: QRect, right: int, piece: str, *, key: bool
    ) -> int:
        style = theme.current()
        width = painter.fontMetrics().horizontalAdvance(piece) + 2 * (style.space.xs + 3)
        place = QRectF(right - width + 0.5, inside.center().y() - 9.5, width, 20)
        if key:
            painter.setPen(QPen(theme.colour("line_strong"), 1))
            painter.setBrush(theme.colour("surface"))
        else:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.colour("sunken"))
        painter.drawRoundedRect(place, style.space.xs, style.space.xs)
        painter.setPen(theme.colour("muted"))
        painter.drawText(place, Qt.AlignmentFlag.AlignCenter, piece)
        return width + style.space.xs
