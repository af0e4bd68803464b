"""A short remark at the bottom of the window, perhaps with one step such as Undo."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from PySide6.QtCore import QRectF, QTimer
from PySide6.QtGui import (
    QAccessible,
    QAccessibleAnnouncementEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QHBoxLayout, QPlainTextEdit, QWidget

from studio.ui.look import theme
from studio.ui.widgets.controls import icon_button, label, name_it, push_button
from studio.ui.widgets.undoing import Undoing

SHOWN_MS = 8000
BRIEF_MS = 1500
LONGEST = 300


@dataclass(frozen=True, slots=True)
class Notice:
    """What to say, and what the button does.

    One that is `lasting` stays until it is closed; what comes meanwhile is said after it. One
    that is `kept` has its time wherever the user goes meanwhile: it tells of what belongs to no
    place. The step of one that `undoes` can be taken by Ctrl+Z too, also when the remark is gone.
    A `brief` one is a figure that one sees at a glance.
    """

    text: str
    action_text: str = ""
    action: Callable[[], None] | None = None
    lasting: bool = False
    kept: bool = False
    undoes: bool = False
    brief: bool = False


class NoticeBar(QWidget):
    """Shows one notice at a time; goes by itself, unless it is lasting, or by its ×."""

    def __init__(
        self, parent: QWidget, field: Callable[[], QPlainTextEdit | None] = lambda: None
    ) -> None:
        """`field` is where one writes."""
        super().__init__(parent)
        self.undoing = Undoing(field, self)
        space = theme.current().space
        self._text = label(wrap=True)
        self._action = push_button("link")
        self._close = icon_button("x")
        row = QHBoxLayout(self)
        row.setContentsMargins(space.l, space.s, space.s, space.s)
        row.setSpacing(space.s)
        row.addWidget(self._text, 1)
        row.addWidget(self._action)
        row.addWidget(self._close)
        self._notice: Notice | None = None
        self._next: Notice | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.hide)
        self._close.clicked.connect(self._on_close)
        self._action.clicked.connect(self._on_action)
        self.hide()

    def say(self, notice: Notice) -> None:
        """Show `notice` in place of the last one."""
        if notice.undoes and notice.action is not None:
            notice = replace(notice, action=self.undoing.add(notice.action), undoes=False)
        shown = self._notice if not self.isHidden() else None
        if shown is not None and shown.lasting and not notice.lasting:
            self._next = notice
            return
        if shown is not None and shown.action is not None and notice.brief:
            return  # no figure is worth an Undo
        self._notice = notice
        self._text.setText(notice.text[:LONGEST])
        self._action.setText(notice.action_text)
        self._action.setVisible(notice.action is not None)
        name_it(self._close, self.tr("Close"))
        self.show()
        if notice.lasting:
            self._timer.stop()
        else:
            self._timer.start(BRIEF_MS if notice.brief else SHOWN_MS)
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, self._text.text()))

    def withdraw(self, notice: Notice) -> None:
        """What it said is over."""
        if self._notice is notice and not self.isHidden():
            self._on_close()

    def pass_by(self) -> None:
        """The user has gone on: what was said about the last place is over."""
        notice = self._notice
        if notice is not None and not notice.lasting and not notice.kept and not self.isHidden():
            self._on_close()

    def _on_close(self) -> None:
        self.hide()
        following, self._next = self._next, None
        if following is not None:
            self.say(following)

    def _on_action(self) -> None:
        notice = self._notice
        self._on_close()
        if notice is not None and notice.action is not None:
            notice.action()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.colour("line_strong"), 1))
        painter.setBrush(theme.colour("surface"))
        radius = theme.current().radius.card
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), radius, radius)
