"""The rows of the list of models: groups, names, marks, prices and the star of a favourite."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRect,
    QSize,
    Qt,
)
from PySide6.QtGui import QFont, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from studio.core.models import Standing
from studio.sessions.models.choices import Choice, Group
from studio.ui.look import text, theme
from studio.ui.look.icons import paint_icon
from studio.ui.widgets.controls import plain_tooltip

Index = QModelIndex | QPersistentModelIndex
CHOICE = Qt.ItemDataRole.UserRole
ROW_HEIGHT = 44
HEAD_HEIGHT = 28
STAR_WIDTH = 34
_STAR = 16
_FAINT = (Standing.UNLISTED, Standing.RETIRED)


class ModelRows(QAbstractListModel):
    """Choices under their groups; while one searches, those that fit, without groups."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._choices: Sequence[Choice] = ()
        self._rows: list[Choice | Group] = []

    def show(self, choices: Sequence[Choice], typed: str) -> None:
        """Show `choices` as far as every word of `typed` occurs in their ids."""
        self.beginResetModel()
        words = typed.casefold().split()
        found = [c for c in choices if all(word in c.model.id.casefold() for word in words)]
        self._rows = list(found) if words else _grouped(found)
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not 0 <= index.row() < len(self._rows):
            return None
        row = self._rows[index.row()]
        if isinstance(row, Group):
            shown = role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole)
            return self._name_of(row) if shown else None
        if role == CHOICE:
            return row
        if role == Qt.ItemDataRole.DisplayRole:
            return row.model.id
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return ", ".join(part for part in (row.model.id, self.note(row), price(row)) if part)
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tooltip(" · ".join(p for p in (row.model.id, self.note(row)) if p))
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        if self.choice(index.row()) is None:
            return Qt.ItemFlag.NoItemFlags
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable

    def choice(self, row: int) -> Choice | None:
        """The choice in a row; None for the head of a group or no row."""
        found = self._rows[row] if 0 <= row < len(self._rows) else None
        return found if isinstance(found, Choice) else None

    def row_of(self, model_id: str) -> int:
        """Where a model is; the first choice when it is not there, -1 when there is none."""
        places = [i for i, row in enumerate(self._rows) if isinstance(row, Choice)]
        for place in places:
            if self.index(place).data() == model_id:
                return place
        return places[0] if places else -1

    def note(self, choice: Choice) -> str:
        """What sets a model apart from the others, in words."""
        if choice.model.retired:
            return self.tr("no longer served")
        if choice.done_until is not None:
            until = text.due(choice.done_until)
            return self.tr("done for today, until {time}").replace("{time}", until)
        if choice.model.standing is Standing.UNLISTED:
            return self.tr("not in the service's list any more")
        if choice.model.standing is Standing.NEW:
            return self.tr("new")
        return self.tr("added by you") if choice.model.own else ""

    def _name_of(self, group: Group) -> str:
        names = {
            Group.FAVOURITES: self.tr("Favourites"),
            Group.RECENT: self.tr("Recently used"),
            Group.OTHERS: self.tr("All models"),
        }
        return names[group]


def _grouped(choices: Sequence[Choice]) -> list[Choice | Group]:
    rows: list[Choice | Group] = []
    last: Group | None = None
    groups = {choice.group for choice in choices}
    for choice in choices:
        # One group alone needs no name.
        if choice.group is not last and len(groups) > 1:
            rows.append(choice.group)
        last = choice.group
        rows.append(choice)
    return rows


def price(choice: Choice) -> str:
    """What a call costs; "" when it is not known."""
    return "" if choice.model.cost is None else text.credit_count(choice.model.cost)


class ModelRow(QStyledItemDelegate):
    """Draws the head of a group, or a model: name over organisation and mark, price and star."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(100, ROW_HEIGHT if index.data(CHOICE) is not None else HEAD_HEIGHT)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        choice = index.data(CHOICE)
        if choice is None:
            self._paint_head(painter, option.rect, str(index.data()))
        else:
            self._paint_choice(painter, option, choice, index)
        painter.restore()

    def _paint_head(self, painter: QPainter, rect: QRect, name: str) -> None:
        style = theme.current()
        painter.setFont(theme.ui_font(style.type.caption, QFont.Weight.DemiBold))
        painter.setPen(theme.colour("muted"))
        inside = rect.adjusted(style.space.m, 0, 0, -style.space.xs)
        painter.drawText(inside, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignBottom, name)

    def _paint_choice(
        self, painter: QPainter, option: QStyleOptionViewItem, choice: Choice, index: Index
    ) -> None:
        style, rect = theme.current(), option.rect.adjusted(4, 1, -4, -1)
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        pointed = bool(option.state & QStyle.StateFlag.State_MouseOver)
        if chosen or pointed:
            painter.setBrush(theme.colour("accent_soft" if chosen else "hover"))
            painter.setPen(Qt.PenStyle.NoPen)
            painter.drawRoundedRect(rect, style.radius.inner, style.radius.inner)
        inside = rect.adjusted(style.space.s, 4, -STAR_WIDTH, -4)
        if choice.favourite or chosen or pointed:
            star = QRect(0, 0, _STAR, _STAR)
            star.moveCenter(star_rect(option.rect).center())
            name = "star-fill" if choice.favourite else "star"
            paint_icon(painter, star, name, "accent_text" if choice.favourite else "muted")
        painter.setFont(theme.ui_font(style.type.caption))
        painter.setPen(theme.colour("muted" if chosen else "faint"))
        right = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
        cost = price(choice)
        painter.drawText(inside, right, cost)
        room = inside.width() - painter.fontMetrics().horizontalAdvance(cost) - style.space.s
        self._paint_words(painter, QRect(inside.topLeft(), QSize(room, inside.height())), index)

    def _paint_words(self, painter: QPainter, place: QRect, index: Index) -> None:
        style = theme.current()
        choice: Choice = index.data(CHOICE)
        rows = index.model()
        organisation, _, name = choice.model.id.rpartition("/")
        note = rows.note(choice) if isinstance(rows, ModelRows) else ""
        line = " · ".join(part for part in (organisation, note) if part)
        bottom = QRect(place.left(), place.center().y() + 1, place.width(), 16)
        elide, right = painter.fontMetrics().elidedText, Qt.TextElideMode.ElideRight
        painter.drawText(bottom, Qt.AlignmentFlag.AlignVCenter, elide(line, right, place.width()))
        painter.setFont(theme.ui_font(style.type.body))
        faint = choice.model.standing in _FAINT or choice.done_until is not None
        painter.setPen(theme.colour("faint" if faint else "text"))
        top = QRect(place.left(), place.top(), place.width(), 18)
        middle = Qt.TextElideMode.ElideMiddle
        shown = painter.fontMetrics().elidedText(name, middle, place.width())
        painter.drawText(top, Qt.AlignmentFlag.AlignVCenter, shown)


def star_rect(row: QRect) -> QRect:
    """Where the star of a row is, to be clicked."""
    return QRect(row.right() - STAR_WIDTH, row.top(), STAR_WIDTH, row.height())
