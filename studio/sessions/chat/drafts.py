"""Drafts on their way to the disk: one a conversation, one for each new one, one of the form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from PySide6.QtCore import QObject, Signal

from studio.core.errors import StudioError
from studio.core.transfer.values import encode, mended
from studio.sessions.requests.tasks import TaskGroup
from studio.storage import key_value
from studio.storage.db.database import Database

T = TypeVar("T")


class Drafts(QObject):
    """Whoever holds words puts them here by their place: a conversation's id, or a name.

    `loaded`: those of the last run are known. `collecting`: put now what was not put yet.
    """

    loaded = Signal()
    collecting = Signal()

    def __init__(self, database: Database, tasks: TaskGroup, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._database, self._tasks = database, tasks
        self._known: dict[str, dict[str, Any]] = {}
        self._unwritten: set[str] = set()
        self._writing = self._loaded = False

    @property
    def all(self) -> Mapping[str, dict[str, Any]]:
        """Everything as plain values, for a run that follows by itself."""
        return self._known

    async def load(self, newer: Mapping[str, dict[str, Any]] | None = None) -> None:
        """Read the drafts of the last run; `newer` ones come from a run before this one.

        What was put before this is joined to what was there.
        """
        stored = await self._database.call(key_value.load_drafts)
        self.collecting.emit()
        found = {place: each for place, each in stored.items() if isinstance(each, dict)}
        for later in (newer or {}, self._known):
            for place, content in later.items():
                found[place] = _joined(found.get(place, {}), content)
                self._unwritten.add(place)
        self._known, self._loaded = found, True
        self._write_soon()
        self.loaded.emit()

    def find(self, place: str, kind: type[T]) -> T | None:
        """The draft of a place; None where there is none."""
        stored = self._known.get(place)
        return None if stored is None else mended(kind, stored)

    def put(self, place: str, draft: object | None) -> None:
        """Keep a draft, a dataclass of `core/drafts.py`; an empty one or None is forgotten.

        It is given to the database at once.
        """
        content = {} if draft is None else encode(draft)
        if content == self._known.get(place, {}):
            return
        if content:
            self._known[place] = content
        else:
            self._known.pop(place, None)
        self._unwritten.add(place)
        self._write_soon()

    def _write_soon(self) -> None:
        if self._loaded and self._unwritten and not self._writing and not self._tasks.closing:
            self._writing = True
            self._tasks.start(self._write_on(), "keep a draft")

    async def close(self) -> None:
        """Take the last words and return when they are on the disk."""
        self.collecting.emit()
        if self._loaded:
            await self._write()

    async def _write_on(self) -> None:
        try:
            await self._write()
        finally:
            self._writing = False

    async def _write(self) -> None:
        while self._unwritten:
            place = self._unwritten.pop()
            try:
                await self._database.call(key_value.save_draft, place, self._known.get(place))
            except StudioError:
                self._unwritten.add(place)  # with the next one: the disk may take it then
                raise


def _joined(older: dict[str, Any], newer: dict[str, Any]) -> dict[str, Any]:
    both = {**older, **newer}
    if older.get("text") and newer.get("text"):
        both["text"] = f"{older['text']}\n{newer['text']}"
    if isinstance(older.get("pictures"), list) and isinstance(newer.get("pictures"), list):
        both["pictures"] = older["pictures"] + newer["pictures"]
    return both
