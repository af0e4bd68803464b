"""What the user made of the catalogue: favourites, models used lately, ids typed by hand."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QObject, Signal

from studio.core.errors import StudioError
from studio.core.models import Capability
from studio.sessions.requests.tasks import TaskGroup
from studio.storage import key_value
from studio.storage.db.database import Database

MOST_RECENT = 12
_PLACE = "models of the user"


class Kept(QObject):
    """The user's side of the catalogue, kept in the database."""

    changed = Signal()

    def __init__(self, database: Database, tasks: TaskGroup, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._database, self._tasks = database, tasks
        self._loaded = self._unwritten = False
        self._favourites: list[str] = []
        self._recent: list[str] = []
        self._own: dict[str, frozenset[Capability]] = {}

    @property
    def favourites(self) -> tuple[str, ...]:
        """Ids in the order they were chosen."""
        return tuple(self._favourites)

    @property
    def recent(self) -> tuple[str, ...]:
        """Ids that answered lately, the last one first."""
        return tuple(self._recent)

    @property
    def own(self) -> dict[str, frozenset[Capability]]:
        """Ids that the user typed, with what they were typed for."""
        return dict(self._own)

    def set_favourite(self, model_id: str, favourite: bool) -> None:
        """Put a model on top of the lists, or back to its place."""
        if favourite is not (model_id in self._favourites):
            if favourite:
                self._favourites.append(model_id)
            else:
                self._favourites.remove(model_id)
            self._keep()

    def note_used(self, model_id: str) -> None:
        """A model answered."""
        if self._recent[:1] != [model_id]:
            others = [each for each in self._recent if each != model_id]
            self._recent = [model_id, *others][:MOST_RECENT]
            self._keep()

    def add_own(self, model_id: str, capability: Capability) -> None:
        """Remember an id that was typed by hand."""
        kinds = self._own.get(model_id, frozenset())
        if capability not in kinds:
            self._own[model_id] = kinds | {capability}
            self._keep()

    def forget_own(self, model_id: str) -> None:
        """Take an id that was typed by hand off the lists."""
        if self._own.pop(model_id, None) is not None:
            self._recent = [each for each in self._recent if each != model_id]
            self._favourites = [each for each in self._favourites if each != model_id]
            self._keep()

    async def load(self) -> None:
        """Read what is kept; what was done meanwhile stays."""
        if self._loaded:
            return
        try:
            found = await self._database.call(key_value.load_catalogue, _PLACE)
        except StudioError:  # told where it matters
            return
        kept = found[0] if found and isinstance(found[0], dict) else {}
        self._loaded = True
        self._favourites = list(dict.fromkeys([*_names(kept, "favourites"), *self._favourites]))
        recent = dict.fromkeys([*self._recent, *_names(kept, "recent")])
        self._recent = list(recent)[:MOST_RECENT]
        found_own = kept.get("own")
        own: dict[str, Any] = found_own if isinstance(found_own, dict) else {}
        for model_id in own:
            kinds = frozenset(each for each in Capability if each.value in _names(own, model_id))
            self._own[model_id] = self._own.get(model_id, frozenset()) | kinds
        if self._unwritten:
            self._keep()
        elif kept:
            self.changed.emit()

    def _keep(self) -> None:
        # Not before it was read: it would be written over.
        self._unwritten = not self._loaded
        if self._loaded:
            self._tasks.start(self._write(), "keep the favourites")
        self.changed.emit()

    async def _write(self) -> None:
        content = {
            "favourites": self._favourites,
            "recent": self._recent,
            "own": {model_id: sorted(kinds) for model_id, kinds in self._own.items()},
        }
        await self._database.call(key_value.save_catalogue, _PLACE, content)


def _names(kept: dict[str, Any], name: str) -> list[str]:
    """The texts of a list that was kept; whatever else stands there is passed over."""
    found = kept.get(name)
    return [each for each in found if isinstance(each, str)] if isinstance(found, list) else []
