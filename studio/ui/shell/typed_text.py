"""What is typed belongs to the field of the tab, wherever the keyboard is on what takes no text."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QRectF, Qt, QTimer
from PySide6.QtGui import (
    QGuiApplication,
    QInputMethodEvent,
    QInputMethodQueryEvent,
    QKeyEvent,
    QKeySequence,
)
from PySide6.QtWidgets import QApplication, QComboBox, QPlainTextEdit, QWidget
from shiboken6 import isValid

_Query = Qt.InputMethodQuery
_PLACES = (_Query.ImCursorRectangle, _Query.ImAnchorRectangle, _Query.ImInputItemClipRectangle)
_CONTROL = Qt.KeyboardModifier.ControlModifier
_ALT = Qt.KeyboardModifier.AltModifier
_META = Qt.KeyboardModifier.MetaModifier
_COMPOSES = Qt.WidgetAttribute.WA_InputMethodEnabled


class TypedText(QObject):
    """Watches the widget of `ground` that has the keyboard, as long as it takes no text itself.

    Letters and what is pasted go to `field()`, with the keyboard; so does what an input method
    composes, from its first letter on, which is why the input method is told that the field is
    asked. A widget that has a meaning for letters says so by `own_letters`: whether it wants them
    now. `field()` is None while none may be written in.
    """

    def __init__(self, ground: QWidget, field: Callable[[], QPlainTextEdit | None]) -> None:
        super().__init__(ground)
        self._ground, self._field = ground, field
        self._watched: QWidget | None = None
        self._composing = False
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        app.focusChanged.connect(self._on_focus_changed)

    def _on_focus_changed(self, old: QWidget | None, now: QWidget | None) -> None:
        self._leave()
        if now is None:
            # Later: the next one may get it at once.
            QTimer.singleShot(0, self, self._on_nowhere)
        elif self._field() is not None and self._is_mute(now):
            self._watched = now
            now.installEventFilter(self)
            now.setAttribute(_COMPOSES)
            QGuiApplication.inputMethod().update(_Query.ImEnabled)

    def _on_nowhere(self) -> None:
        """What had the keyboard is gone: it is the field's."""
        field = self._field()
        if field is not None and self._ground.isActiveWindow() and not QApplication.focusWidget():
            field.setFocus(Qt.FocusReason.OtherFocusReason)

    def _is_mute(self, widget: QWidget) -> bool:
        inside = self._ground.isAncestorOf(widget)
        return inside and not widget.testAttribute(_COMPOSES) and not isinstance(widget, QComboBox)

    def _leave(self) -> None:
        watched, self._watched, self._composing = self._watched, None, False
        if watched is not None and isValid(watched):  # it may have lost the keyboard by its end
            watched.removeEventFilter(self)
            watched.setAttribute(_COMPOSES, False)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kind = event.type()
        if watched is not self._watched or kind not in _HANDLED:
            return False
        field = self._field()
        return field is not None and _HANDLED[kind](self, field, event)

    def _on_key(self, field: QPlainTextEdit, event: QKeyEvent) -> bool:
        if event.matches(QKeySequence.StandardKey.Paste):
            field.setFocus(Qt.FocusReason.OtherFocusReason)
            field.paste()
            return True
        if not _is_letter(event) or self._wants_letters(event.text()):
            return False
        field.setFocus(Qt.FocusReason.OtherFocusReason)
        QApplication.sendEvent(field, event)
        return True

    def _wants_letters(self, letters: str = "") -> bool:
        wants: Callable[[str], bool] | None = getattr(self._watched, "own_letters", None)
        return wants is not None and wants(letters)

    def _on_query(self, field: QPlainTextEdit, event: QInputMethodQueryEvent) -> bool:
        asked = QInputMethodQueryEvent(event.queries())
        QApplication.sendEvent(field, asked)
        assert self._watched is not None
        away = field.mapTo(self._ground, QPoint()) - self._watched.mapTo(self._ground, QPoint())
        for query in _Query:
            if query.value & (query.value - 1) or not query & event.queries():
                continue  # several at once have no value
            value = asked.value(query)
            if query in _PLACES and isinstance(value, QRect | QRectF):
                value = QRectF(value).translated(away)
            event.setValue(query, value)
        if event.queries() & _Query.ImEnabled:
            event.setValue(_Query.ImEnabled, not self._wants_letters())
        event.accept()
        return True

    def _on_composed(self, field: QPlainTextEdit, event: QInputMethodEvent) -> bool:
        QApplication.sendEvent(field, event)
        composed, self._composing = self._composing, bool(event.preeditString())
        # Not before its end: the keyboard's way to another widget would end the composition. And
        # not where nothing was composed: some say that when the keyboard comes.
        if not self._composing and (composed or event.commitString()):
            QTimer.singleShot(0, self, self._on_composition_ended)
        return True

    def _on_composition_ended(self) -> None:
        field = self._field()
        if field is not None and self._watched is not None and self._watched.hasFocus():
            field.setFocus(Qt.FocusReason.OtherFocusReason)


_HANDLED: dict[QEvent.Type, Callable[..., bool]] = {
    QEvent.Type.KeyPress: TypedText._on_key,
    QEvent.Type.InputMethodQuery: TypedText._on_query,
    QEvent.Type.InputMethod: TypedText._on_composed,
}


def _is_letter(event: QKeyEvent) -> bool:
    """Whether a key writes something; Space presses and scrolls where nothing is written."""
    written = event.text()
    held = event.modifiers()
    # Ctrl and Alt together are what some systems make of AltGr.
    commands = bool(held & _META) or bool(held & _CONTROL) != bool(held & _ALT)
    return bool(written) and written.isprintable() and written != " " and not commands
