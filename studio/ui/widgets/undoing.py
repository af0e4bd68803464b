"""What Ctrl+Z takes back beside words: what was deleted, the last first."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QPlainTextEdit

MOST = 20  # that can be taken back
_WRITES = (Qt.Key.Key_Backspace, Qt.Key.Key_Delete, Qt.Key.Key_Return, Qt.Key.Key_Enter)


class Undoing(QObject):
    """Remembers how to take things back.

    Where one writes Ctrl+Z is about words; but right after something was deleted it is about
    that, until something is written or there are no words to take back.
    """

    def __init__(self, field: Callable[[], QPlainTextEdit | None], parent: QObject) -> None:
        super().__init__(parent)
        self._field = field
        self._steps: list[Callable[[], None]] = []
        self._watched: QPlainTextEdit | None = None
        self._fresh = False  # nothing was written since

    @property
    def any(self) -> bool:
        """Whether there is anything to take back."""
        return bool(self._steps)

    def add(self, undo: Callable[[], None]) -> Callable[[], None]:
        """Remember a step; what is returned takes it back, and once only."""

        def take_back() -> None:
            if take_back in self._steps:
                self._steps.remove(take_back)
                undo()

        self._steps = [*self._steps[1 - MOST :], take_back]
        self._fresh = True
        field = self._field()
        if field is not self._watched:
            if self._watched is not None:
                self._watched.removeEventFilter(self)
            self._watched = field
            if field is not None:
                field.installEventFilter(self)
        return take_back

    def undo(self) -> None:
        """Take back what was done last."""
        if self._steps:
            self._steps[-1]()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take Ctrl+Z from the field while it is about what was deleted."""
        kind = event.type()
        if kind == QEvent.Type.InputMethod:
            self._fresh = False
        if not self._steps or not isinstance(event, QKeyEvent):
            return False
        if not event.matches(QKeySequence.StandardKey.Undo):
            if kind == QEvent.Type.KeyPress and (event.text() or event.key() in _WRITES):
                self._fresh = False
            return False
        field = self._watched
        mine = self._fresh or (field is not None and not field.document().isUndoAvailable())
        if mine and kind == QEvent.Type.ShortcutOverride:
            event.accept()
        elif mine and kind == QEvent.Type.KeyPress:
            self.undo()
        return mine
