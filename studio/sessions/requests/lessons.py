"""What refusals have taught of models: kept by service and model, forgotten after two weeks."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, Signal

from studio.core.errors import StudioError
from studio.core.lessons import KEPT_SECONDS, Fact, Lesson
from studio.core.models import bare
from studio.sessions.requests.tasks import TaskGroup
from studio.storage import key_value
from studio.storage.db.database import Database

LONGEST_EVIDENCE = 400
_PLACE = "lessons of models"


class Lessons(QObject):
    """The one place where such facts are: by service (its key), model and fact.

    `changed(key, model)`: something was learned or forgotten.
    """

    changed = Signal(str, str)

    def __init__(
        self,
        database: Database,
        tasks: TaskGroup,
        clock: Callable[[], float] = time.time,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._database, self._tasks, self._clock = database, tasks, clock
        self._lessons: dict[tuple[str, str], dict[Fact, Lesson]] = {}
        self._loaded = False
        self._loading = asyncio.Lock()

    def of(self, key: str, model_id: str) -> tuple[Lesson, ...]:
        """What is known of a model of a service, the latest last."""
        found = self._lessons.get((key, bare(model_id)), {}).values()
        fresh = (each for each in found if self._clock() - each.learned_at < KEPT_SECONDS)
        return tuple(sorted(fresh, key=lambda each: each.learned_at))

    def facts(self, key: str, model_id: str) -> frozenset[Fact]:
        """The facts alone, as a request is given them."""
        return frozenset(each.fact for each in self.of(key, model_id))

    def learn(self, key: str, model_id: str, fact: Fact, evidence: str) -> None:
        """A model taught something: `evidence` is what the service said."""
        known = self._lessons.setdefault((key, bare(model_id)), {})
        known[fact] = Lesson(fact, evidence[:LONGEST_EVIDENCE], self._clock())
        self._keep()
        self.changed.emit(key, bare(model_id))

    def forget(self, key: str, model_id: str) -> None:
        """Ask a model again as if nothing were known of it."""
        if self._lessons.pop((key, bare(model_id)), None):
            self._keep()
            self.changed.emit(key, bare(model_id))

    async def load(self) -> None:
        """Read what is kept, once; what was learned meanwhile stays."""
        async with self._loading:
            if self._loaded:
                return
            try:
                found = await self._database.call(key_value.load_catalogue, _PLACE)
            except StudioError:
                return  # told where it matters
            self._loaded = True
            for row in found[0] if found and isinstance(found[0], list) else ():
                if (read := _lesson(row)) is not None:
                    key, model, lesson = read
                    self._lessons.setdefault((key, model), {}).setdefault(lesson.fact, lesson)
                    self.changed.emit(key, model)

    def _keep(self) -> None:
        self._tasks.start(self._write(), "keep what was learned")

    async def _write(self) -> None:
        await self.load()  # else what was there would be written over
        rows = [
            [key, model, each.fact.value, each.evidence, each.learned_at]
            for key, model in self._lessons
            for each in self.of(key, model)
        ]
        await self._database.call(key_value.save_catalogue, _PLACE, rows)


def _lesson(row: Any) -> tuple[str, str, Lesson] | None:
    """One kept row, looked at type by type: origin, model, fact, evidence, date."""
    match row:
        case [str(key), str(model), str(fact), str(evidence), float() | int() as at] if (
            fact in Fact.__members__.values()
        ):
            return key, model, Lesson(Fact(fact), evidence, float(at))
    return None
