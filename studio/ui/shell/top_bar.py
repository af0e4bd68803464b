"""The bar at the top: the tabs, the way to the palette, what is in flight, credits, settings."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from studio.sessions.studio import Studio
from studio.ui.actions import keys_of
from studio.ui.look import text, theme
from studio.ui.look.icons import icon
from studio.ui.shell.tabs import TABS
from studio.ui.widgets.controls import (
    Segments,
    icon_button,
    label,
    name_it,
    plain_tooltip,
    push_button,
)
from studio.ui.widgets.logo import Logo

LOGO = 26


class TopBar(QFrame):
    """Tells which tab or action the user wants; shows the queue and the credits."""

    tab_chosen = Signal(int)
    action_requested = Signal(str)

    def __init__(self, studio: Studio, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._studio = studio
        self._complete = False
        self.setProperty("look", "bar")
        self.setFixedHeight(theme.current().size.top_bar)
        self._build()
        self._connect()
        self.retranslate()

    def _build(self) -> None:
        space = theme.current().space
        self.tabs = Segments([(tab.icon, tab.active_icon) for tab in TABS])
        self._palette = push_button("quiet", "magnifying-glass", "muted")
        self._palette_keys = label("key")
        self._queue = push_button("", "hourglass-medium", "muted")
        self._credits = push_button("", "cube", "accent_text")
        self._settings = icon_button("gear-six")
        row = self._row = QHBoxLayout(self)
        row.setContentsMargins(space.l, 0, space.m, 0)
        row.setSpacing(space.s)
        row.addWidget(Logo(LOGO))
        row.addSpacing(space.s)
        # Left alone, its frame would be as high as the bar.
        row.addWidget(self.tabs, 0, Qt.AlignmentFlag.AlignVCenter)
        row.addStretch(1)
        row.addWidget(self._palette)
        row.addWidget(self._palette_keys)
        row.addSpacing(space.s)
        row.addWidget(self._queue)
        row.addWidget(self._credits)
        row.addWidget(self._settings)

    def _connect(self) -> None:
        self.tabs.chosen.connect(self.tab_chosen)
        self._palette.clicked.connect(lambda: self.action_requested.emit("palette"))
        self._settings.clicked.connect(lambda: self.action_requested.emit("settings"))
        self._credits.clicked.connect(self._on_credits)
        self._queue.clicked.connect(lambda: self.action_requested.emit("queue"))
        self._credits.hide()
        self._queue.hide()

    def retranslate(self) -> None:
        """Set all words anew."""
        self.tabs.set_names([text.translated("tabs", tab.name) for tab in TABS])
        for button, tab in zip(self.tabs.buttons, TABS, strict=True):
            button.setToolTip(keys_of(f"tab_{tab.id}"))
        self._palette.setAccessibleName(self.tr("Search or run a command"))
        self._palette_keys.setText(keys_of("palette"))
        name_it(self._settings, self.tr("Settings"), keys_of("settings"))
        self._show_queue()
        self._show_credits()

    def complete(self) -> None:
        """Show what is known of token and credits, from after the first paint on."""
        self._studio.account.changed.connect(self._show_credits)
        self._studio.service.changed.connect(self._show_credits)
        self._studio.usage_log.changed.connect(self._show_credits)
        self._studio.request_queue.changed.connect(self._show_queue)
        self._complete = True
        self._show_credits()
        self._show_queue()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Let words go until all that stays is whole: what the tooltips say too goes first."""
        size, width = theme.current().size, self.width()
        least = (width < size.inspector_needs) + (width < size.history_needs)
        for gone in range(least, 6):
            self._palette.setText("" if gone > 0 else self._palette.accessibleName())
            self._palette_keys.setVisible(gone < 2)
            self._queue.setText(self._counts if gone > 2 else self._queue.accessibleName())
            self.tabs.show_icons(gone < 4)
            self._credits.setText("" if gone > 4 else self._credits.accessibleName())
            if self._row.minimumSize().width() <= width:
                break

    @property
    def _counts(self) -> str:
        """What runs and what waits in figures alone."""
        request_queue = self._studio.request_queue
        return (
            f"{request_queue.running} · {request_queue.waiting}"
            if request_queue.waiting
            else str(request_queue.running)
        )

    def _show_queue(self) -> None:
        if not self._complete:
            self._fit()
            return
        request_queue = self._studio.request_queue
        running = self.tr("%n running", "", request_queue.running)
        waiting = self.tr("%n waiting", "", request_queue.waiting)
        words = f"{running} · {waiting}" if request_queue.waiting else running
        if request_queue.paused:
            paused = self.tr("Paused")
            words = f"{paused} · {waiting}" if request_queue.waiting else paused
        self._queue.setAccessibleName(words)
        what = self.tr("What is in flight and what waits")
        self._queue.setToolTip(f"{words}\n{what}")
        self._queue.setVisible(
            bool(request_queue.running or request_queue.waiting or request_queue.paused)
        )
        self._fit()

    def _show_credits(self) -> None:
        if not self._complete:
            return
        from studio.ui.widgets.credit_words import credit_words

        self._credits.show()
        said = credit_words(self._studio)
        self._credits.setIcon(icon(said.icon, colour=said.colour))
        self._credits.setAccessibleName(said.words)
        tip = said.tip or self.tr("Site and token")
        if said.words not in tip:
            tip = f"{said.words}\n{tip}"
        self._credits.setToolTip(plain_tooltip(tip))
        self._fit()

    def _on_credits(self) -> None:
        service = self._studio.service
        known = service.has_token and not service.demo
        self.action_requested.emit("settings" if known else "welcome")

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()
