"""The last exchanges with servers, in memory only: numbers and names, no words and no token."""

from __future__ import annotations

from collections import deque

from PySide6.QtCore import QObject, Signal

from studio.core.exchanges import Exchange

MOST = 200


class ExchangeLog(QObject):
    """A ring of the last exchanges; given to providers as their recorder."""

    changed = Signal()

    def __init__(self, most: int = MOST, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._ring: deque[Exchange] = deque(maxlen=most)

    def __call__(self, exchange: Exchange) -> None:
        """Take an exchange in; the oldest one goes."""
        self._ring.append(exchange)
        self.changed.emit()

    @property
    def exchanges(self) -> tuple[Exchange, ...]:
        """The newest first."""
        return tuple(reversed(self._ring))
