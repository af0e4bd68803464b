"""Finding in a view: the bar, the finder, and the way from hit to hit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt

from studio.ui.transcript.input.find_bar import FindBar

if TYPE_CHECKING:
    from studio.ui.transcript.view import TranscriptView

_MARGIN = 8


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
        self._make_room()
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
        self._make_room()
        self.find("", False)

    def show_hit(self, message_id: str, words: str, number: int) -> None:
        """Mark words and bring the one of that number, from 0, in a message into sight.

        The bar shows them, so that one can go on to others; the keyboard stays where it is. Words
        that are not shown as they are written bring their message into sight.
        """
        view = self._view
        self.bar.show()
        self._make_room()
        self.bar.field.setText(words)
        self.find(words, False)
        place = view.finder.go_to(view.stage.index_of(message_id), number)
        if place is None:
            view.scroll_to(message_id)
        else:
            view.show_place(place)

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
        return hit is not None

    def place(self) -> None:
        """Put the bar at the right of its strip, which is no part of what is read."""
        self.bar.adjustSize()
        right = self._view.viewport().geometry().right()
        self.bar.move(max(0, right - self.bar.width() - _MARGIN), _MARGIN)

    def _make_room(self) -> None:
        """Begin the conversation below the bar while that is shown: it covers no words."""
        view = self._view
        strip = self.bar.sizeHint().height() + 2 * _MARGIN if not self.bar.isHidden() else 0
        by = strip - view.viewportMargins().top()
        if by:
            top, sticks = view.stage.top, view.stage.sticks
            view.setViewportMargins(0, strip, 0, 0)
            if top and not sticks:  # what is read stays where it is on the screen
                view.verticalScrollBar().setValue(top + by)
        self.place()

    def _on_changed(self, current: int, count: int) -> None:
        self.bar.show_count(current, count)
        self.place()
