"""The usage part of the account page: our own count of calls, tokens, pictures and refusals."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QHideEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from studio.sessions.account.usage import PERIODS, UsageReport
from studio.sessions.requests.usage_log import ModelUse, Used
from studio.ui.look import text, theme
from studio.ui.widgets.controls import ElidedLabel, Segments, hairline, label, panel
from studio.ui.widgets.credit_words import calls_left, model_calls_left

_MOST_ROWS = 8
_COLUMNS = 5
_NUMBER_WIDTH = 78
NARROW = 720  # pixels: less than a model's name and the numbers beside it need


class UsageCard(QWidget):
    """A small table, a row a model; it follows the usage log while it can be seen."""

    def __init__(self, usage: UsageReport, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._usage = usage
        self._title, self._note = label("strong"), label("muted", wrap=True)
        self._quota, self._more = label("muted"), label("muted")
        self.periods = Segments(len(PERIODS))
        self._heads = [label("caption") for _ in range(_COLUMNS + 1)]
        self._cells: list[QWidget] = []
        self._narrow = False
        self._build()
        usage.changed.connect(self.refresh)
        self.periods.chosen.connect(lambda index: usage.set_days(PERIODS[index]))
        self.retranslate()

    def _build(self) -> None:
        space = theme.current().space
        words = QVBoxLayout()
        words.setSpacing(0)
        for part in (self._title, self._note, self._quota):
            words.addWidget(part)
        head = QHBoxLayout()
        head.setContentsMargins(space.l, space.m, space.l, space.m)
        head.addLayout(words, 1)
        head.addWidget(self.periods, 0, Qt.AlignmentFlag.AlignTop)
        self._table = QWidget()
        self._grid = QGridLayout(self._table)
        self._grid.setContentsMargins(space.l, space.s, space.l, space.m)
        self._grid.setHorizontalSpacing(space.m)
        self._grid.setVerticalSpacing(space.xs)
        self._grid.setColumnStretch(0, 1)
        for column, each in enumerate(self._heads):
            self._grid.addWidget(each, 0, column, _side(column))
        card = panel("card")
        column_ = QVBoxLayout(card)
        column_.setContentsMargins(0, 0, 0, 0)
        column_.setSpacing(0)
        column_.addLayout(head)
        self._line = hairline()
        column_.addWidget(self._line)
        column_.addWidget(self._table)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(card)

    def retranslate(self) -> None:
        """Put every text in the language of the moment."""
        self._title.setText(self.tr("Usage, as counted here"))
        names = (
            self.tr("Model"),
            self.tr("Calls"),
            self.tr("Tokens in"),
            self.tr("Tokens out"),
            self.tr("Pictures"),
            self.tr("Refused"),
        )
        for each, name in zip(self._heads, names, strict=True):
            each.setText(name)
        periods = [
            self.tr("Today") if days == 1 else self.tr("%n day(s)", "", days) for days in PERIODS
        ]
        self.periods.set_names(periods)
        self.periods.setAccessibleName(self.tr("Period"))
        self.refresh()

    def refresh(self) -> None:
        """Show the table as it is now."""
        usage = self._usage
        self.periods.choose(PERIODS.index(usage.days))
        self._quota.setText(calls_left(usage.limits))
        self._quota.setVisible(bool(self._quota.text()))
        rows = usage.rows
        nothing = self.tr("Nothing was asked of {host} in this time.")
        counted = self.tr("Calls to {host}. Tokens are those that the service counted.")
        self._note.setText((counted if rows else nothing).replace("{host}", usage.host))
        self._line.setVisible(bool(rows))
        self._table.setVisible(bool(rows))
        self._clear()
        for number, use in enumerate(rows[:_MOST_ROWS], start=1):
            self._add_row(2 * number, self._name_of(use), use.used)
        if len(rows) > 1:
            everything = label("strong", self.tr("All"))
            self._add_row(2 * _MOST_ROWS + 4, everything, _sum(rows), "strong")
        hidden = len(rows) - _MOST_ROWS
        if hidden > 0:
            more = label("muted", self.tr("and %n more model(s)", "", hidden))
            self._put(more, 2 * _MOST_ROWS + 2, 0, _COLUMNS + 1)

    def _clear(self) -> None:
        for cell in self._cells:
            self._grid.removeWidget(cell)
            cell.hide()
            cell.deleteLater()
        self._cells.clear()

    def _put(self, cell: QWidget, row: int, column: int, columns: int = 1) -> None:
        self._cells.append(cell)
        self._grid.addWidget(cell, row, column, 1, columns)

    def _name_of(self, use: ModelUse) -> QLabel:
        made = ElidedLabel()
        left = model_calls_left(self._usage.limits_of(use.model))
        made.setText(f"{use.model} · {left}" if left else use.model)
        return made

    def _add_row(self, row: int, name: QLabel, used: Used, look: str = "") -> None:
        # In a narrow window a name has a line of its own above its numbers.
        self._put(name, row - self._narrow, 0, _COLUMNS + 1 if self._narrow else 1)
        counts = (
            used.calls,
            used.input_tokens,
            used.output_tokens,
            used.pictures,
            used.refusals,
        )
        for column, count in enumerate(counts, start=1):
            cell = label(look)
            cell.setText(text.number(count) if count else "–")
            cell.setMinimumWidth(_NUMBER_WIDTH)
            cell.setAlignment(_side(column))
            self._put(cell, row, column)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        narrow = self.width() < NARROW
        if narrow is not self._narrow:
            self._narrow = narrow
            self.refresh()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._usage.set_watched(True)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._usage.set_watched(False)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()
        super().changeEvent(event)


def _side(column: int) -> Qt.AlignmentFlag:
    side = Qt.AlignmentFlag.AlignRight if column else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignVCenter


def _sum(rows: tuple[ModelUse, ...]) -> Used:
    return Used(
        sum(use.used.calls for use in rows),
        sum(use.used.input_tokens for use in rows),
        sum(use.used.output_tokens for use in rows),
        sum(use.used.pictures for use in rows),
        sum(use.used.refusals for use in rows),
    )
