"""The settings while the program runs: changed at once, written in the background."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from studio.core.errors import StudioError
from studio.core.settings import Settings, in_range
from studio.sessions.requests.tasks import TaskGroup
from studio.storage.preferences import PreferencesFile

if TYPE_CHECKING:
    import asyncio


class Preferences(QObject):
    """`changed(names)` tells which settings are different now, as a frozenset of their names."""

    changed = Signal(object)

    def __init__(
        self,
        file: PreferencesFile,
        settings: Settings,
        tasks: TaskGroup,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._file, self._settings, self._tasks = file, settings, tasks
        self._writing: asyncio.Lock | None = None
        self._order = 0  # how often they were changed

    @property
    def settings(self) -> Settings:
        """All settings as they are now."""
        return self._settings

    def change(self, **values: Any) -> None:
        """Set settings by name; a value outside its range is left as it was."""
        allowed = {name: value for name, value in values.items() if in_range(name, value)}
        before = self._settings
        self._settings = before._replace(**allowed)
        names = frozenset(n for n in allowed if getattr(before, n) != getattr(self._settings, n))
        if names:
            self._order += 1
            self.changed.emit(names)
            self._tasks.start(self._write(), "write the settings")

    async def _write(self) -> None:
        # One at a time, so that an older state never lands on top of a newer one.
        import asyncio  # not before the first paint

        self._writing = self._writing or asyncio.Lock()
        async with self._writing:
            try:
                await asyncio.to_thread(self._file.save, self._settings, self._order)
            except StudioError as error:
                self._tasks.failed.emit(error.stored())

    def write_now(self) -> None:
        """Write before the program ends; a disk that refuses costs only the last changes."""
        try:
            self._file.save(self._settings, self._order)
        except StudioError as error:
            self._tasks.report(error, "write the settings")
