"""Looks through all conversations and pictures for the palette while one types."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from studio.sessions.requests.tasks import TaskGroup
from studio.storage.db.database import Database
from studio.storage.history.lookup import Answer, FoundPicture, Reach, look_up, marks_of
from studio.storage.history.search_hits import SearchHit

__all__ = ["Answer", "FoundPicture", "PaletteSearch", "Reach", "SearchHit", "marks_of"]


class PaletteSearch(QObject):
    """`answered(Answer)` comes for what was asked last.

    One search runs at a time: of what is typed meanwhile only the last is looked for.
    """

    answered = Signal(Answer)

    def __init__(self, database: Database, tasks: TaskGroup, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._database, self._tasks = database, tasks
        self._asked: tuple[str, Reach] = ("", Reach.EVERYTHING)
        self._running = False

    def look_for(self, typed: str, reach: Reach = Reach.EVERYTHING) -> None:
        """Search in the background."""
        self._asked = (typed.strip(), reach)
        if not self._running:
            self._running = True
            task = self._tasks.start(self._search(), "search for the palette")
            # Who picks something before the answer is there takes the palette away.
            self.destroyed.connect(task.cancel)

    async def _search(self) -> None:
        try:
            while True:
                asked = self._asked
                answer = await self._database.call(look_up, *asked)
                if asked == self._asked:
                    break
        finally:
            self._running = False
        self.answered.emit(answer)
