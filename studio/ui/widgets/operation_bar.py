"""What is being done with the history: words, a bar that fills, and Cancel; then how it ended."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from studio.core.transfer.common import Preview
from studio.sessions.operations.operations import Operations, Outcome
from studio.ui.look import theme
from studio.ui.widgets.controls import icon_button, label, name_it, push_button
from studio.ui.widgets.operation_words import outcome_words, under_way, written_path

_BAR = 6


class ShareBar(QWidget):
    """A bar in true proportion; only its track while the whole is not known."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._share: float | None = None
        self.setFixedHeight(_BAR)

    def sizeHint(self) -> QSize:
        return QSize(160, _BAR)

    def show_share(self, share: float | None) -> None:
        """Fill this much of it."""
        self._share = share
        percent = "" if share is None else f"{round(share * 100)} %"
        self.setAccessibleDescription(percent)
        self.setToolTip(percent)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        track = QRectF(self.rect())
        painter.setBrush(theme.colour("line"))
        painter.drawRoundedRect(track, _BAR / 2, _BAR / 2)
        if self._share:
            track.setWidth(max(float(_BAR), track.width() * self._share))
            painter.setBrush(theme.colour("accent"))
            painter.drawRoundedRect(track, _BAR / 2, _BAR / 2)


class OperationBar(QWidget):
    """Shows while something is under way, and then its outcome until it is closed.

    `folder_activated(Path)` wants the file or folder shown that came of it.
    """

    folder_activated = Signal(object)
    resized = Signal()  # what it says needs another height
    appeared = Signal(bool)

    def __init__(self, operations: Operations, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._operations = operations
        self._outcome: Outcome | None = None
        self._words = label(wrap=True)
        self.bar = ShareBar()
        self.cancel, self.open = push_button(), push_button("link")
        self._close = icon_button("x")
        self._build()
        operations.changed.connect(self._on_changed)
        operations.ended.connect(self._on_ended)
        self.cancel.clicked.connect(operations.cancel)
        self.open.clicked.connect(self._on_open)
        self._close.clicked.connect(self.dismiss)
        self._on_changed()

    def _build(self) -> None:
        space = theme.current().space
        words = QVBoxLayout()
        words.setSpacing(space.s)
        words.addWidget(self._words)
        words.addWidget(self.bar)
        row = QHBoxLayout(self)
        row.setContentsMargins(space.l, space.m, space.m, space.m)
        row.setSpacing(space.m)
        row.addLayout(words, 1)
        for button in (self.open, self.cancel, self._close):
            row.addWidget(button)

    @property
    def words(self) -> str:
        """What it says."""
        return self._words.text()

    def retranslate(self) -> None:
        """Put every text in the language of the moment."""
        self.cancel.setText(self.tr("Cancel"))
        self.open.setText(self.tr("Open the folder"))
        name_it(self._close, self.tr("Close"))
        self.bar.setAccessibleName(self.tr("Progress"))
        operation = self._operations.operation
        if operation is not None:
            share, cancelling = self._operations.share, self._operations.cancelling
            self._words.setText(under_way(operation, share, cancelling=cancelling))
        elif self._outcome is not None:
            self._words.setText(outcome_words(self._outcome))

    def _on_changed(self) -> None:
        busy = self._operations.operation is not None
        if busy:
            self._outcome = None
        self.bar.show_share(self._operations.share)
        self.bar.setVisible(busy)
        self.cancel.setVisible(busy)
        self.cancel.setEnabled(not self._operations.cancelling)
        shown = written_path(self._outcome) if self._outcome is not None else None
        self.open.setVisible(shown is not None)
        self._close.setVisible(not busy)
        appears = busy or self._outcome is not None
        self.setVisible(appears)
        self.appeared.emit(appears)
        before = self.words
        self.retranslate()
        if self.words != before:
            self.resized.emit()

    def _on_ended(self, outcome: Outcome) -> None:
        found = outcome.result
        if isinstance(found, Preview) and (found.conversations or found.made):
            return  # the window asks what is wanted of it
        self._outcome = outcome
        self._on_changed()
        if self.isVisible():
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, self.words))

    def _on_open(self) -> None:
        shown = written_path(self._outcome) if self._outcome is not None else None
        if shown is not None:
            self.folder_activated.emit(shown)

    def dismiss(self) -> None:
        """Take the outcome away; what is under way stays."""
        self._outcome = None
        self._on_changed()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()
        super().changeEvent(event)


class OperationCard(OperationBar):
    """The same on a ground of its own."""

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(theme.colour("line_strong"))
        painter.setBrush(theme.colour("surface"))
        radius = theme.current().radius.card
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), radius, radius)
