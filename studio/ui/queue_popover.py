"""What is in flight and what waits, each with a way to end it; opens below its chip."""

from __future__ import annotations

import time

from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from studio.sessions.gate import Gate, Turn, TurnKind, TurnState
from studio.ui import text, theme
from studio.ui.widgets.controls import ElidedLabel, hairline, icon_button, label, name_it
from studio.ui.widgets.icon_label import IconLabel

WIDTH = 304
_TICK_MS = 500


class QueuePopover(QFrame):
    """Follows the gate while it is open."""

    def __init__(self, gate: Gate, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self._gate = gate
        self.setProperty("look", "card")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setFixedWidth(WIDTH)
        self.setAccessibleName(self.tr("Queue"))
        space = theme.current().space
        column = QVBoxLayout(self)
        column.setContentsMargins(space.m, space.m, space.m, space.m)
        column.setSpacing(space.s)
        column.addWidget(label("title", self.tr("Queue")))
        self._rows = QVBoxLayout()
        self._rows.setSpacing(space.xs)
        column.addLayout(self._rows)
        column.addWidget(hairline())
        column.addWidget(label("muted", self.tr("One request at a time, chat first"), wrap=True))
        self._facts: list[tuple[Turn, ElidedLabel]] = []
        self._tick = QTimer(self)
        self._tick.setInterval(_TICK_MS)
        self._tick.timeout.connect(self._show_times)
        gate.changed.connect(self._fill)
        self._fill()

    def open_under(self, bar: QWidget) -> None:
        """Open at the right below a bar."""
        self.adjustSize()
        corner = bar.mapToGlobal(QPoint(bar.width() - WIDTH - 12, bar.height() - 4))
        self.move(corner)
        self._tick.start()
        self.show()

    def _fill(self) -> None:
        while (item := self._rows.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.deleteLater()
        self._facts = []
        for turn in self._gate.turns:
            self._rows.addWidget(self._row(turn))
        if not self._facts:
            self._rows.addWidget(label("muted", self.tr("Nothing is in flight.")))
        self._show_times()
        self.adjustSize()

    def _row(self, turn: Turn) -> QWidget:
        space = theme.current().space
        row = QWidget()
        line = QHBoxLayout(row)
        line.setContentsMargins(0, space.xs, 0, space.xs)
        line.setSpacing(space.s)
        line.addWidget(IconLabel("image" if turn.kind is TurnKind.IMAGE else "chat-circle-text"))
        words = QVBoxLayout()
        words.setSpacing(0)
        name, facts = ElidedLabel(""), ElidedLabel("caption")
        name.setText(turn.label)
        words.addWidget(name)
        words.addWidget(facts)
        line.addLayout(words, 1)
        end = icon_button("x")
        name_it(end, self.tr("Cancel: {name}").replace("{name}", turn.label[:60]))
        end.clicked.connect(lambda: self._gate.cancel(turn.number))
        line.addWidget(end)
        self._facts.append((turn, facts))
        return row

    def _show_times(self) -> None:
        for turn, facts in self._facts:
            facts.setText(f"{turn.model.rsplit('/', 1)[-1]} · {self._state(turn)}")

    def _state(self, turn: Turn) -> str:
        if turn.state is TurnState.WAITING:
            return self.tr("waiting")
        if turn.resumes_at is not None:
            left = text.seconds(max(0.0, turn.resumes_at - time.monotonic()))
            return self.tr("next try in {time}").replace("{time}", left)
        return text.seconds(time.monotonic() - turn.since)
