"""Finding in a view: the bar, the finder, and the way from hit to hit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt

from studio.ui.transcript.find_bar import FindBar

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
        self.bar.hide()
        self.find("", False)
        self._view.setFocus(Qt.FocusReason.OtherFocusReason)

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
        """Put the bar into the upper right corner."""
        self.bar.adjustSize()
        right = self._view.viewport().geometry().right()
        self.bar.move(right - self.bar.width() - _MARGIN, _MARGIN)

    def _on_changed(self, current: int, count: int) -> None:
        self.bar.show_count(current, count)
        self.place()
