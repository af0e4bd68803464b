"""The rows of the token doctor: each says how one check stands and offers the step that helps."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import (
    QAccessible,
    QAccessibleAnnouncementEvent,
    QFont,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QFrame, QHBoxLayout, QStyle, QVBoxLayout, QWidget

from studio.core.errors import ErrorAction
from studio.core.texts import QT_TRANSLATE_NOOP
from studio.sessions.account.doctor import Check, CheckName, CheckState
from studio.ui.look import theme
from studio.ui.look.icons import icon, paint_icon
from studio.ui.look.text import translated
from studio.ui.widgets.controls import label, push_button, set_look
from studio.ui.widgets.icon_mark import give_air

_ROW = 40
_MARK = 18
_TURN_MS = 50  # between two steps of the turning mark
_TURN_DEGREES = 24

# Icon and colour of a state.
_MARKS: dict[CheckState, tuple[str, str]] = {
    CheckState.WAITING: ("circle-dashed", "faint"),
    CheckState.RUNNING: ("spinner", "accent"),
    CheckState.PASSED: ("check-circle-fill", "good"),
    CheckState.STEP_LEFT: ("warning-circle-fill", "warn"),
    CheckState.FAILED: ("x-circle-fill", "bad"),
    CheckState.UNKNOWN: ("question", "faint"),
}
_SPOKEN: dict[CheckState, str] = {
    CheckState.WAITING: QT_TRANSLATE_NOOP("CheckRow", "waiting"),
    CheckState.RUNNING: QT_TRANSLATE_NOOP("CheckRow", "checking"),
    CheckState.PASSED: QT_TRANSLATE_NOOP("CheckRow", "passed"),
    CheckState.STEP_LEFT: QT_TRANSLATE_NOOP("CheckRow", "a step is left"),
    CheckState.FAILED: QT_TRANSLATE_NOOP("CheckRow", "failed"),
    CheckState.UNKNOWN: QT_TRANSLATE_NOOP("CheckRow", "not known"),
}
_GROUND: dict[CheckState, str] = {CheckState.STEP_LEFT: "warn_soft", CheckState.FAILED: "bad_soft"}
_NOTE_LOOK: dict[CheckState, str] = {CheckState.STEP_LEFT: "warn", CheckState.FAILED: "bad"}

_ACTION_TEXTS: dict[ErrorAction, str] = {
    ErrorAction.TOKEN_SETTINGS: QT_TRANSLATE_NOOP("CheckRow", "Open my token page"),
    ErrorAction.BIND_ACCOUNT: QT_TRANSLATE_NOOP("CheckRow", "Bind it on {host}"),
    ErrorAction.VERIFY_ACCOUNT: QT_TRANSLATE_NOOP("CheckRow", "Verify on {host}"),
    ErrorAction.CREDITS_PAGE: QT_TRANSLATE_NOOP("CheckRow", "See my credits"),
    ErrorAction.NETWORK_SETTINGS: QT_TRANSLATE_NOOP("CheckRow", "Network settings"),
    ErrorAction.RETRY: QT_TRANSLATE_NOOP("CheckRow", "Check again"),
}
_ACTION_ICONS = {
    ErrorAction.RETRY: "arrow-clockwise",
    ErrorAction.NETWORK_SETTINGS: "gear-six",
}
_LEADS_OUT = "arrow-square-out"
# Rows that all wait for the same step are one row, named by the first of them.
_TOGETHER: dict[CheckName, str] = {
    CheckName.ACCEPTED: QT_TRANSLATE_NOOP("checks", "Token, account and credits"),
    CheckName.BOUND: QT_TRANSLATE_NOOP("checks", "Account bound and verified, credits left"),
    CheckName.VERIFIED: QT_TRANSLATE_NOOP("checks", "Real name verified, credits left"),
}


class _Mark(QWidget):
    """The round sign at the left; it turns while a check runs."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = CheckState.WAITING
        self._angle = 0
        self._timer = QTimer(self, interval=_TURN_MS)
        self._timer.timeout.connect(self._on_turn)
        self.setFixedSize(_MARK, _MARK)

    def show_state(self, state: CheckState) -> None:
        self._state = state
        still = not self.style().styleHint(QStyle.StyleHint.SH_Widget_Animation_Duration)
        if state is CheckState.RUNNING and not still:
            self._timer.start()
        else:
            self._timer.stop()
            self._angle = 0
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        name, colour = _MARKS[self._state]
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        middle = QPointF(self.width() / 2, self.height() / 2)
        painter.translate(middle)
        painter.rotate(self._angle)
        painter.translate(-middle)
        paint_icon(painter, QRect(0, 0, _MARK, _MARK), name, colour)

    def _on_turn(self) -> None:
        self._angle = (self._angle + _TURN_DEGREES) % 360
        self.update()


class CheckRow(QWidget):
    """One check; a step or a failure opens it with one sentence and one button."""

    action_requested = Signal(ErrorAction)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._check: Check | None = None
        self._together = ""
        self._name_colour = "text"
        self._mark = _Mark(self)
        self._name = label()
        self._note = label("muted")
        self._sentence = label("muted", wrap=True)
        self._button = push_button("strong")
        self._more = QWidget(self)
        self._build()
        self._button.clicked.connect(self._on_clicked)

    def _build(self) -> None:
        space = theme.current().space
        first = QHBoxLayout()
        first.setSpacing(space.m - 1)
        first.addWidget(self._mark)
        first.addWidget(self._name, 1)
        first.addWidget(self._note)
        second = QHBoxLayout(self._more)
        second.setContentsMargins(_MARK + space.m - 1, 0, 0, space.m - 2)
        second.setSpacing(space.l)
        second.addWidget(self._sentence, 1)
        second.addWidget(self._button, 0, Qt.AlignmentFlag.AlignBottom)
        self._button.setLayoutDirection(Qt.LayoutDirection.RightToLeft)  # icon after the words
        give_air(self._button)
        column = QVBoxLayout(self)
        column.setContentsMargins(space.l - 1, 0, space.l - 2, 0)
        column.setSpacing(0)
        head = QWidget()
        head.setLayout(first)
        first.setContentsMargins(0, 0, 0, 0)
        head.setFixedHeight(_ROW)
        column.addWidget(head)
        column.addWidget(self._more)

    @property
    def check(self) -> Check | None:
        """What is shown."""
        return self._check

    @property
    def ground(self) -> str:
        """The theme's colour behind the row; "" where it is the surface."""
        return _GROUND.get(self._check.state, "") if self._check else ""

    @property
    def button(self) -> QWidget:
        """The step that helps; hidden where there is none."""
        return self._button

    def show_check(self, check: Check, together: str = "") -> None:
        """Show a check; `together` names several that wait for the same step."""
        self._check, self._together = check, together
        self._mark.show_state(check.state)
        opened = bool(check.sentence)
        quiet = check.state in (CheckState.WAITING, CheckState.UNKNOWN)
        self._name_colour = "muted" if quiet else "text"
        self._colour_name()
        set_look(self._note, _NOTE_LOOK.get(check.state, "muted"))
        for part in (self._name, self._note):
            font = part.font()
            font.setWeight(QFont.Weight.DemiBold if opened else QFont.Weight.Normal)
            part.setFont(font)
        self._more.setVisible(opened)
        self._button.setVisible(check.action is not ErrorAction.NONE)
        self._button.setIcon(icon(_ACTION_ICONS.get(check.action, _LEADS_OUT)))
        self.retranslate()
        self.updateGeometry()

    def retranslate(self) -> None:
        """Put every text in the language of the moment."""
        check = self._check
        if check is None:
            return
        name = translated("checks", self._together or check.label, check.values)
        note = translated("checks", check.note, check.values) if check.note else ""
        if check.state is CheckState.RUNNING:
            note = self.tr("checking…")
        self._name.setText(name)
        self._note.setText(note)
        self._sentence.setText(translated("checks", check.sentence) if check.sentence else "")
        action = _ACTION_TEXTS.get(check.action, "")
        self._button.setText(translated("CheckRow", action, check.values) if action else "")
        spoken = translated("CheckRow", _SPOKEN[check.state])
        said = [name, spoken, note, self._sentence.text()]
        self.setAccessibleName(", ".join(part for part in said if part))

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()
        elif event.type() == QEvent.Type.StyleChange:
            self._colour_name()
        super().changeEvent(event)

    def _colour_name(self) -> None:
        # By palette, as body-size words of a quiet row have no look of their own.
        palette = self._name.palette()
        palette.setColor(
            self._name.foregroundRole(),
            theme.colour(theme.words_colour(self._name_colour, self._name.text())),
        )
        self._name.setPalette(palette)

    def _on_clicked(self) -> None:
        if self._check is not None:
            self.action_requested.emit(self._check.action)


class CheckCard(QFrame):
    """All rows in one card; rows that wait for the same step are shown as one."""

    action_requested = Signal(ErrorAction)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows = {name: CheckRow(self) for name in CheckName}
        column = QVBoxLayout(self)
        column.setContentsMargins(1, 1, 1, 1)
        column.setSpacing(1)
        for row in self._rows.values():
            column.addWidget(row)
            row.action_requested.connect(self.action_requested)

    def row(self, name: CheckName) -> CheckRow:
        """The row of a check."""
        return self._rows[name]

    def announce(self) -> None:
        """Let a screen reader say what the examination came to: what is left to do, or the last."""
        shown = [row for row in self._rows.values() if row.check is not None]
        deciding = [row for row in shown if row.ground] or shown[-1:]
        for row in deciding[:1]:
            event = QAccessibleAnnouncementEvent(row, row.accessibleName())
            QAccessible.updateAccessibility(event)

    def show_checks(self, checks: tuple[Check, ...]) -> None:
        """Show how all checks stand."""
        waiting = len(checks)
        while waiting and checks[waiting - 1].state is CheckState.WAITING:
            waiting -= 1
        for place, check in enumerate(checks):
            row = self._rows[check.name]
            row.setVisible(place <= waiting)
            together = _TOGETHER.get(check.name, "") if place == waiting else ""
            row.show_check(check, together)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        look = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        outline = QPainterPath()
        edge = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        outline.addRoundedRect(edge, look.radius.card, look.radius.card)
        painter.setClipPath(outline)
        painter.fillRect(self.rect(), theme.colour("surface"))
        painter.setPen(QPen(theme.colour("line"), 1))
        for row in self._rows.values():
            if not row.isVisible():
                continue
            place = row.geometry()
            if row.ground:
                painter.fillRect(place.adjusted(-1, 0, 1, 0), theme.colour(row.ground))
            below = place.bottom() + 1.5
            painter.drawLine(QPointF(0, below), QPointF(self.width(), below))
        painter.setClipping(False)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPath(outline)
