"""The buttons below a message: versions, copy, retry or edit, fork and more."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QRect
from PySide6.QtGui import QFontMetrics

from studio.ui.transcript.layout.buttons import Button
from studio.ui.transcript.layout.style import Style

ACTION_SIDE = 28
_GAP = 4


class ActionRow:
    """Square buttons side by side, the number of the version behind the first one."""

    def __init__(self) -> None:
        self.buttons: list[Button] = []
        self.x = self.y = self.width = self.height = 0
        self.count = ""  # "2 / 3"
        self.count_x = 0
        self._count_width = 0
        self._side = self._gap = 0

    def make(self, style: Style, version: tuple[int, int], *, question: bool) -> None:
        """Make the buttons for a message that is number so and so of its versions."""
        self._side, self._gap = style.px(ACTION_SIDE), style.px(_GAP)
        self.height = self._side
        index, count = version
        self.count = f"{index} / {count}" if count > 1 else ""
        versions = _version_buttons(index, count)
        # Where they are seen without the others: at the edge of what they belong to.
        self.buttons = [*_buttons(True), *versions] if question else [*versions, *_buttons(False)]
        metrics = QFontMetrics(style.caption.font)
        self._count_width = metrics.horizontalAdvance(self.count) + self._gap if self.count else 0
        self.width = len(self.buttons) * (self._side + self._gap) + self._count_width

    def clear(self, y: int) -> None:
        """No buttons."""
        self.buttons, self.count = [], ""
        self.x, self.y, self.width, self.height = 0, y, 0, 0

    @property
    def lasting(self) -> list[Button]:
        """Those that are seen without being pointed at: that there are versions."""
        return [each for each in self.buttons if each.action.endswith("_version")]

    def place_by(self, bubble: QRect) -> int:
        """Put the row beside the bubble of a question, or below it where it is always seen.

        Returns the room that it takes below.
        """
        if not self.count:
            x, y = bubble.left() - self.width, bubble.bottom() + 1 - self.height
            self.place(x - self._gap, y - self._gap)
            return 0
        self.place(bubble.right() + 1 - self.width + self._gap, bubble.bottom() + 1 + self._gap)
        return self.height + 2 * self._gap

    def place(self, x: int, y: int) -> None:
        """Put the row at a corner of the message."""
        self.x, self.y = x, y
        for button in self.buttons:
            button.rect = QRect(x, y, self._side, self._side)
            x += self._side + self._gap
            if button.action == "previous_version":
                self.count_x = x
                x += self._count_width


def _version_buttons(index: int, count: int) -> list[Button]:
    if count <= 1:
        return []
    translate = QCoreApplication.translate
    earlier = Button("previous_version", "caret-left", translate("transcript", "Earlier version"))
    earlier.enabled = index > 1
    later = Button("next_version", "caret-right", translate("transcript", "Later version"))
    later.enabled = index < count
    return [earlier, later]


def _buttons(question: bool) -> list[Button]:
    translate = QCoreApplication.translate
    copy = Button("copy", "copy", translate("transcript", "Copy"))
    fork = Button("fork", "git-fork", translate("transcript", "Continue in a new conversation"))
    more = Button("details", "dots-three", translate("transcript", "More"))
    if question:
        return [copy, Button("edit", "pencil-simple", translate("transcript", "Edit")), fork, more]
    retry = Button("retry", "arrow-clockwise", translate("transcript", "Regenerate"))
    code = Button("show_code", "code", translate("transcript", "Show as code"))
    return [copy, retry, fork, code, more]
