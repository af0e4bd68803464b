"""Finding in a view: the bar, the finder, and the way from hit to hit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt

from studio.ui.transcript.find_bar import FindBar
from studio.ui.transcript.travel import caret

if TYPE_CHECKING:
    from studio.ui.transcript.view import TranscriptView

_MARGIN = 12


class Finding(QObject):
    """Binds a find bar to the finder of a view."""

    def __init__(self, view: TranscriptView) -> None:
        super().__init__(view)
        self._view = view
        self.bar = FindBar(view)
        self.bar.changed.connect(self.find)
        self.bar.moved.connect(self.go)
        self.bar.closed.connect(self.close)
        view.finder.changed.connect(self._on_changed)

    def open(self) -> None:
        """Show the bar, ready to type."""
        self.bar.show()
        self.bar.raise_()
        self.place()
        self.bar.field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.bar.field.selectAll()

    def close(self) -> None:
        """Hide the bar and take the marks away."""
        # First: from a field that hides, Qt would move on as Tab does.
        self._view.setFocus(Qt.FocusReason.OtherFocusReason)
        self.dismiss()

    def dismiss(self) -> None:
        """Hide the bar and take the marks away; the keyboard stays where it is."""
        self.bar.hide()
        self.find("", False)

    def show_hit(self, message_id: str, words: str, number: int) -> None:
        """Mark words and bring the one of that number, from 0, in a message into sight.

        The bar shows them, so that one can go on to others; the keyboard stays where it is. Words
        that are not shown as they are written bring their message into sight.
        """
        view = self._view
        self.bar.show()
        self.bar.raise_()
        self.bar.field.setText(words)
        self.find(words, False)
        place = view.finder.go_to(view.stage.index_of(message_id), number)
        if place is None:
            view.scroll_to(message_id)
        else:
            view.show_place(place)
        self.place()

    def find(self, words: str, case: bool) -> None:
        """Mark all hits."""
        self._view.finder.find(words, case=case)
        self._view.viewport().update()

    def go(self, forward: bool) -> bool:
        """Go to the next or the previous hit; False when there is none."""
        view = self._view
        if not view.stage.messages:
            return False
        hit = view.finder.go(forward, view.stage.place_at(0, 0))
        if hit is not None:
            view.show_place(hit)
            self.place()
        return hit is not None

    def place(self) -> None:
        """Put the bar into the upper right corner, or the lower one where it would hide the hit."""
        self.bar.adjustSize()
        area = self._view.viewport().geometry()
        left = area.right() - self.bar.width() - _MARGIN
        bottom = area.bottom() - self.bar.height() - _MARGIN
        self.bar.move(left, bottom if self._hides(left) else _MARGIN)

    def _hides(self, left: int) -> bool:
        """Whether the current hit lies where the bar would be at the top."""
        view, hit = self._view, self._view.finder.place
        if hit is None or hit.message >= len(view.stage.messages):
            return False
        rect = caret(view.stage, hit).translated(view.column_x, 0)
        needle = self.bar.fontMetrics().horizontalAdvance(self.bar.field.text())
        over = rect.right() + needle > left and rect.top() < self.bar.height() + 2 * _MARGIN
        return over and rect.bottom() > 0

    def _on_changed(self, current: int, count: int) -> None:
        self.bar.show_count(current, count)
        self.place()
