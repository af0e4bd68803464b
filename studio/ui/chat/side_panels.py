"""History at the left, parameters at the right: shown as wanted and as far as there is room."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from studio.core.capabilities import Capability
from studio.sessions.preferences import Preferences
from studio.ui.chat.conversation_head import ConversationHead
from studio.ui.look import theme


class SidePanels:
    """Keeps what the user wants apart from what fits: a narrow window has room for one panel."""

    def __init__(
        self,
        kind: Capability,
        preferences: Preferences,
        head: ConversationHead,
        history: tuple[QWidget, ...],
        inspector: tuple[QWidget, ...],
    ) -> None:
        settings = preferences.settings
        self._kind, self._preferences, self._head = kind, preferences, head
        self._history, self._inspector = history, inspector
        self._history_wanted = settings.history_shown
        self._inspector_wanted = settings.inspector_shown and kind is Capability.CHAT
        self._narrow = False
        self._small = self._called = False  # whether a small window is to show the history
        self._inspector_first = False  # which of the two has the room in a narrow window

    def fit(self, width: int) -> None:
        """Show what fits into `width` logical pixels."""
        self._narrow = width < theme.current().size.inspector_needs
        small = width < theme.current().size.history_needs
        if small is not self._small:
            self._small, self._called = small, False
        self._head.set_narrow(self._narrow)
        self._show()

    def show_history(self) -> None:
        """Bring the history back."""
        if not self._history_fits:
            self.toggle_history()

    def toggle_history(self) -> None:
        """Show or hide the history."""
        wanted = not self._history_fits
        self._inspector_first = False
        if self._small:
            self._called = wanted
        if wanted or not self._small:
            self._history_wanted = wanted
            self._preferences.change(history_shown=wanted)
        self._show()

    def show_inspector(self) -> None:
        """Bring the parameters into sight."""
        if not self._inspector_fits:
            self.want_inspector(True)

    def want_inspector(self, wanted: bool) -> None:
        """Show or hide the parameters."""
        self._inspector_wanted = self._inspector_first = wanted
        if self._kind is Capability.CHAT and not self._narrow:
            self._preferences.change(inspector_shown=wanted)
        self._show()

    @property
    def _inspector_fits(self) -> bool:
        # In a narrow window only who asks for it gets it, and not who only hides the history.
        room = not self._narrow or self._inspector_first
        return self._inspector_wanted and room

    @property
    def _history_fits(self) -> bool:
        room = not self._small or self._called
        return self._history_wanted and room and not (self._narrow and self._inspector_fits)

    def _show(self) -> None:
        self._head.show_inspector(self._inspector_fits)
        for widget in self._inspector:
            widget.setVisible(self._inspector_fits)
        for widget in self._history:
            widget.setVisible(self._history_fits)
