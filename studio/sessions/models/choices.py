"""The models for one use as a list to choose from: favourites, those used lately, the others."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING

from studio.core.models import Capability, ModelInfo, bare

if TYPE_CHECKING:
    from studio.sessions.models.catalogue import Catalogue

MOST_RECENT = 4


class Group(Enum):
    """Where a model stands in the list."""

    FAVOURITES = auto()
    RECENT = auto()
    OTHERS = auto()


@dataclass(frozen=True, slots=True)
class Choice:
    """One row; `done_until` is set while a model is done for today (seconds since the epoch)."""

    model: ModelInfo
    group: Group
    done_until: float | None = None
    favourite: bool = False  # the user put it on top, where it stays as long as it is served


class ModelChoices:
    """Asked anew whenever a list opens; what the user changes there goes into the catalogue."""

    def __init__(self, catalogue: Catalogue, capability: Capability) -> None:
        self.catalogue, self._capability = catalogue, capability

    def rows(self) -> tuple[Choice, ...]:
        """Every model once, group after group."""
        known = {model.id: model for model in self.catalogue.models(self._capability)}
        # What nobody serves stands below all that is, whatever the user thinks of it.
        served = {id for id, model in known.items() if not model.retired}
        kept = self.catalogue.kept
        top = [each for each in kept.favourites if each in served]
        recent = [each for each in kept.recent if each in served and each not in top]
        recent = recent[:MOST_RECENT]
        others = [each for each in known if each not in top and each not in recent]
        parts = ((Group.FAVOURITES, top), (Group.RECENT, recent), (Group.OTHERS, others))
        return tuple(self._choice(known[id], group) for group, ids in parts for id in ids)

    def describe(self, model_id: str) -> Choice:
        """What is known of any id."""
        model = self.catalogue.find(model_id)
        top = bare(model_id) in self.catalogue.kept.favourites and not model.retired
        return self._choice(model, Group.FAVOURITES if top else Group.OTHERS)

    def pick(self, model_id: str) -> None:
        """A model was chosen; an id that nobody else knows is remembered."""
        if not self.catalogue.is_known(model_id):
            self.catalogue.kept.add_own(bare(model_id), self._capability)

    def set_favourite(self, model_id: str, favourite: bool) -> None:
        """Put a model on top, or back to its place."""
        self.catalogue.kept.set_favourite(model_id, favourite)

    def forget(self, model_id: str) -> None:
        """Take an id that the user typed off the list."""
        self.catalogue.kept.forget_own(model_id)

    def _choice(self, model: ModelInfo, group: Group) -> Choice:
        favourite = bare(model.id) in self.catalogue.kept.favourites
        return Choice(model, group, self.catalogue.done_until(model.id), favourite)
