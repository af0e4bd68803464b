"""What is in flight and what waits, each with a way to end it or to go first; below its chip."""

from __future__ import annotations

import math
import time

from PySide6.QtCore import QPoint, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from studio.sessions.requests.request_queue import QueueSlot, RequestQueue, TurnKind, TurnState
from studio.ui.look import text, theme
from studio.ui.look.icons import icon
from studio.ui.widgets.controls import (
    ElidedLabel,
    hairline,
    icon_button,
    label,
    name_it,
    push_button,
)
from studio.ui.widgets.corners import Popover
from studio.ui.widgets.focus_ring import ring_after
from studio.ui.widgets.icon_mark import IconMark
from studio.ui.widgets.progress_ring import ProgressRing

WIDTH = 304
_TICK_MS = 250
_LONGEST_NAME = 60


class TurnRow(QWidget):
    """One request: what it is for, what it does now, and × to end it.

    One that waits is moved by drag and by key: `moved(number, steps)` and `dragged(number, y)`,
    which is where the pointer is on the screen.
    """

    cancelled = Signal(int)
    moved = Signal(int, int)
    dragged = Signal(int, int)

    def __init__(self, turn: QueueSlot) -> None:
        super().__init__()
        self._turn = turn
        self._held = self._ringed = False
        self._grip = IconMark("dots-six-vertical", theme.current().size.icon, "faint")
        space, side = theme.current().space, theme.current().size.icon
        self._ring = ProgressRing(side)
        picture = turn.kind is TurnKind.IMAGE
        self._mark = IconMark("image" if picture else "chat-circle-text", theme.current().size.icon)
        name, self._facts = ElidedLabel(), label("caption", wrap=True)
        name.setText(turn.label)
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(name)
        words.addWidget(self._facts)
        end = icon_button("x")
        name_it(end, self.tr("Cancel: {name}").replace("{name}", turn.label[:_LONGEST_NAME]))
        end.clicked.connect(lambda: self.cancelled.emit(turn.number))
        line = QHBoxLayout(self)
        line.setContentsMargins(0, space.xs, 0, space.xs)
        line.setSpacing(space.s)
        line.addWidget(self._grip)
        line.addWidget(self._ring)
        line.addWidget(self._mark)
        line.addLayout(words, 1)
        line.addWidget(end)

    def show_state(self, place: int, *, held: bool) -> None:
        """Say what it does now; `place` counts those that wait in its lane from 1, 0 is under way.

        An order that is `held` waits for the end of a picture.
        """
        turn = self._turn
        running = turn.state in (TurnState.RUNNING, TurnState.PENDING)
        self._ring.setVisible(running)
        self._ring.set_turning(running)
        self._mark.setVisible(not running)
        kinds = {
            TurnKind.CHAT: self.tr("Chat"),
            TurnKind.IMAGE: self.tr("Picture"),
            TurnKind.TITLE: self.tr("Title"),
        }
        what = kinds[turn.kind]
        model = turn.model.rsplit("/", 1)[-1]
        next_picture = held and place == 1
        state = self.tr("when the picture is done") if next_picture else self._state(place)
        # The model last: where there is no room, it is what one can do without.
        facts = [what, state] if turn.retry or next_picture else [what, state, model]
        self._facts.setText(" · ".join(facts))

    def let_move(self, movable: bool) -> None:
        """Offer to move it, or no longer."""
        if self._grip.isHidden() is movable:
            self._grip.setVisible(movable)
        policy = Qt.FocusPolicy.TabFocus if movable else Qt.FocusPolicy.NoFocus
        if self.focusPolicy() is not policy:
            self.setFocusPolicy(policy)
            shape = Qt.CursorShape.OpenHandCursor
            self.setCursor(shape) if movable else self.unsetCursor()
            hint = self.tr("Drag it, or press Alt+Up and Alt+Down, to change the order.")
            self.setAccessibleDescription(hint if movable else "")
            self.setToolTip(hint if movable else "")
        name = f"{self._turn.label[:_LONGEST_NAME]}, {self.facts}"
        if movable and name != self.accessibleName():
            self.setAccessibleName(name)

    @property
    def _movable(self) -> bool:
        return self.focusPolicy() is Qt.FocusPolicy.TabFocus

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Alt with an arrow moves it."""
        steps = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(Qt.Key(event.key()), 0)
        if steps and self._movable and event.modifiers() & Qt.KeyboardModifier.AltModifier:
            self.moved.emit(self._turn.number, steps)
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take hold of it."""
        self._held = self._movable and event.button() is Qt.MouseButton.LeftButton
        if self._held:
            self.setCursor(Qt.CursorShape.ClosedHandCursor)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Go where the pointer goes."""
        if self._held:
            self.dragged.emit(self._turn.number, round(event.globalPosition().y()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """It stays where it is."""
        if self._held:
            self._held = False
            self.setCursor(Qt.CursorShape.OpenHandCursor)

    def focusInEvent(self, event: QFocusEvent) -> None:
        self._ringed = ring_after(event, self._ringed)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Show where the keyboard is."""
        if self.hasFocus() and self._ringed:
            with QPainter(self) as painter:
                painter.setRenderHint(QPainter.RenderHint.Antialiasing)
                painter.setPen(theme.colour("accent"))
                radius = theme.current().radius.inner
                inside = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
                painter.drawRoundedRect(inside, radius, radius)

    @property
    def facts(self) -> str:
        """What is said of it."""
        return self._facts.text()

    def _state(self, place: int) -> str:
        turn, now = self._turn, time.monotonic()
        if turn.resumes_at is not None:
            left = text.whole_seconds(math.ceil(max(0.0, turn.resumes_at - now)))
            words = self.tr("retry in {time}").replace("{time}", left)
            if turn.retry is None:
                return words
            tries = self.tr("try {n} of {most}").replace("{n}", str(turn.retry.next_try))
            return f"{words} · {tries.replace('{most}', str(turn.retry.most_tries))}"
        if place:
            if place == 1:
                return self.tr("goes next")
            return self.tr("{place} in line").replace("{place}", str(place))
        return text.whole_seconds(int(now - turn.since))


class QueuePopover(Popover):
    """Follows the queue while it is open; `change_requested` asks for the setting behind it."""

    change_requested = Signal()

    def __init__(self, request_queue: RequestQueue, parent: QWidget) -> None:
        super().__init__(parent)
        self._request_queue = request_queue
        self._rows: dict[int, TurnRow] = {}
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setFixedWidth(WIDTH)
        self.setAccessibleName(self.tr("Queue"))
        self._build()
        self._tick = QTimer(self)
        self._tick.setInterval(_TICK_MS)
        self._tick.timeout.connect(self._show_states)
        self.pause_button.clicked.connect(
            lambda: request_queue.set_paused(not request_queue.paused)
        )
        request_queue.changed.connect(self._fill)
        self._fill()

    def _build(self) -> None:
        space = theme.current().space
        self.pause_button = push_button("quiet", "pause", "muted")
        change = push_button("link")
        change.setText(self.tr("Change"))
        change.clicked.connect(self._on_change)
        head = QHBoxLayout()
        head.addWidget(label("title", self.tr("Queue")), 1)
        self.cancel_all = push_button("quiet")
        self.cancel_all.setText(self.tr("Cancel all"))
        self.cancel_all.clicked.connect(self._on_cancel_all)
        head.addWidget(self.cancel_all)
        head.addWidget(self.pause_button)
        self._empty = label("muted", self.tr("Nothing is in flight."))
        names = (self.tr("Running"), self.tr("In the making"), self.tr("Waiting"))
        self._heads = tuple(label("label", name) for name in names)
        self._places = tuple(QVBoxLayout() for _ in names)
        self._rule = label("muted", wrap=True)
        foot = QHBoxLayout()
        foot.addWidget(self._rule, 1)
        foot.addWidget(change)
        column = QVBoxLayout(self)
        column.setContentsMargins(space.m, space.s, space.m, space.s)
        column.setSpacing(space.xs)
        column.addLayout(head)
        column.addWidget(self._empty)
        for title, place in zip(self._heads, self._places, strict=True):
            place.setSpacing(0)
            column.addWidget(title)
            column.addLayout(place)
        column.addWidget(hairline())
        column.addLayout(foot)

    def open_under(self, bar: QWidget) -> None:
        """Open at the right below a bar."""
        self._fit()
        corner = bar.mapToGlobal(QPoint(bar.width() - WIDTH - 12, bar.height() - 4))
        self.move(corner)
        self._tick.start()
        self.show()

    def _fit(self) -> None:
        # Not adjustSize: it asks for the height at the width that the words would like best.
        column = self.layout()
        assert column is not None
        column.activate()
        self.resize(WIDTH, column.totalHeightForWidth(WIDTH))

    @property
    def rows(self) -> tuple[TurnRow, ...]:
        """The rows from top to bottom."""
        return tuple(self._rows[turn.number] for turn in self._request_queue.turns)

    def _fill(self) -> None:
        turns = self._request_queue.turns
        for number in self._rows.keys() - {turn.number for turn in turns}:
            row = self._rows.pop(number)
            row.hide()
            row.deleteLater()
        # Rows that stay are moved and not made anew: a click on × must end where it began.
        counts = [0, 0, 0]
        groups = {TurnState.PENDING: 1, TurnState.WAITING: 2}
        for turn in turns:
            group = groups.get(turn.state, 0)
            row = self._rows.get(turn.number) or self._new_row(turn)
            if self._places[group].indexOf(row) != counts[group]:
                self._places[group].insertWidget(counts[group], row)
            counts[group] += 1
        for title, count in zip(self._heads, counts, strict=True):
            title.setVisible(count > 0)
        self._empty.setVisible(not turns)
        self.cancel_all.setVisible(counts[2] > 1)
        self._show_pause()
        self._show_states()
        self._fit()

    def _new_row(self, turn: QueueSlot) -> TurnRow:
        row = self._rows[turn.number] = TurnRow(turn)
        row.cancelled.connect(self._request_queue.cancel)
        row.moved.connect(self._on_moved)
        row.dragged.connect(self._on_dragged)
        return row

    @property
    def _waiting(self) -> list[int]:
        """The numbers of those that wait, from top to bottom."""
        return [
            each.number for each in self._request_queue.turns if each.state is TurnState.WAITING
        ]

    def _on_moved(self, number: int, steps: int) -> None:
        if number in self._waiting:
            self._request_queue.move(number, self._waiting.index(number) + steps)

    def _on_dragged(self, number: int, y: int) -> None:
        """It goes before the first row whose middle is below the pointer."""
        if number not in self._waiting:
            return  # its turn has come meanwhile
        others = [each for each in self._waiting if each != number]
        rows = [self._rows[each] for each in others]
        middles = [each.mapToGlobal(each.rect().center()).y() for each in rows]
        place = sum(middle < y for middle in middles)
        if place != self._waiting.index(number):
            self._request_queue.move(number, place)

    def _show_pause(self) -> None:
        paused, limit = self._request_queue.paused, self._request_queue.limit
        self.pause_button.setText(self.tr("Resume") if paused else self.tr("Pause"))
        self.pause_button.setIcon(icon("play" if paused else "pause", colour="muted"))
        self.pause_button.setToolTip(
            self.tr("Requests under way go on; waiting ones start when you resume.")
        )
        rule = self.tr("Paused. Requests under way go on.")
        if not paused:
            one = self.tr("One request at a time, answers first")
            rule = (
                one if limit == 1 else self.tr("%n request(s) at a time, answers first", "", limit)
            )
            if any(turn.state is TurnState.PENDING for turn in self._request_queue.turns):
                rule = self.tr("Answers do not wait for pictures that the service works on.")
        self._rule.setText(rule)

    def _show_states(self) -> None:
        for turn in self._request_queue.turns:
            waits = turn.state is TurnState.WAITING
            ahead = self._request_queue.before(turn) if waits else []
            place = waits + sum(each.state is TurnState.WAITING for each in ahead)
            self._rows[turn.number].show_state(place, held=self._request_queue.held(turn))
            self._rows[turn.number].let_move(waits and self._request_queue.waiting > 1)

    def _on_cancel_all(self) -> None:
        """What runs stays: it has × of its own."""
        for turn in self._request_queue.turns:
            if turn.state is TurnState.WAITING:
                self._request_queue.cancel(turn.number)

    def _on_change(self) -> None:
        self.close()
        self.change_requested.emit()
