"""The tabs that were shown so far; one that cannot be built says so in its place."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QStackedWidget, QWidget

from studio.ui.shell.tabs import TABS

if TYPE_CHECKING:
    from studio.sessions.studio import Studio

_log = logging.getLogger(__name__)


class TabStack(QStackedWidget):
    """Builds a tab when it is first shown. `wire` connects a new tab with the window."""

    def __init__(self, studio: Studio, wire: Callable[[QWidget], None]) -> None:
        super().__init__()
        self._studio, self._wire = studio, wire
        self._tabs: dict[int, QWidget] = {}

    def __getitem__(self, index: int) -> QWidget:
        return self._tabs[index]

    def show_tab(self, index: int, *, begin: bool) -> None:
        """Show a tab; the first time it is built, and with `begin` brought to life at once."""
        if index not in self._tabs:
            self._build(index)
            if begin:
                for _ in self._beginning(index):
                    pass
        self.setCurrentWidget(self._tabs[index])

    def build_deferred(self) -> Iterator[None]:
        """Bring the tabs to life that were built before, step by step."""
        for index in list(self._tabs):
            yield from self._beginning(index)

    def _build(self, index: int) -> None:
        try:
            self._put(index, TABS[index].build(self._studio))
        except Exception as error:  # noqa: BLE001 - whatever it is, the other tabs live
            self._put_broken(index, error)

    def _beginning(self, index: int) -> Iterator[None]:
        try:
            yield from getattr(self._tabs[index], "build_deferred", tuple)()
        except Exception as error:  # noqa: BLE001 - as above
            self._put_broken(index, error)

    def _put(self, index: int, tab: QWidget) -> None:
        self._wire(tab)
        old = self._tabs.get(index)
        self._tabs[index] = tab
        self.addWidget(tab)
        if old is not None:
            shown = self.currentWidget() is old
            self.removeWidget(old)
            old.hide()
            old.deleteLater()
            if shown:
                self.setCurrentWidget(tab)

    def _put_broken(self, index: int, error: Exception) -> None:
        from studio.sessions.requests.tasks import places_of
        from studio.ui.shell.broken_tab import BrokenTab

        detail = f"{type(error).__name__}\n{places_of(error)}"
        _log.error("the %s tab: %s", TABS[index].id, detail)
        broken = BrokenTab(error, detail)
        broken.retry_requested.connect(lambda: self._build_anew(index))
        self._put(index, broken)

    def _build_anew(self, index: int) -> None:
        self._build(index)
        for _ in self._beginning(index):
            pass
