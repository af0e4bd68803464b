"""What one service has said of its models, as it is kept between two starts of the program."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from studio.core.models import Capability, ModelInfo, Standing

NEW_SECONDS = 14 * 86_400.0  # for how long a model that came into the list is shown as new
_FORM = 1  # of what is kept; another one is forgotten


@dataclass(frozen=True, slots=True)
class Listed:
    """A model of the service's list; `since` is 0 where it was in the first list we saw."""

    since: float = 0.0
    context_tokens: int | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """What the hub said of a model; None and empty where it did not say."""

    at: float
    capabilities: frozenset[Capability] = frozenset()
    served: bool | None = None
    cost: float | None = None


@dataclass(slots=True)
class ServiceModels:
    """The list of a service in its order, what left it, and what became known of each model."""

    fetched_at: float = 0.0
    listed: dict[str, Listed] = field(default_factory=dict)
    gone: dict[str, float] = field(default_factory=dict)
    told: dict[str, Told] = field(default_factory=dict)
    retired: dict[str, float] = field(default_factory=dict)  # refused as served by nobody

    def take_list(self, models: Iterable[ModelInfo], now: float) -> None:
        """A fresh list: what came since the last one is new, what left it is unlisted."""
        first = not self.fetched_at
        before, self.listed = self.listed, {}
        for model in models:
            was_there = self.gone.pop(model.id, None) is not None
            known = before.get(model.id) or Listed(0.0 if first or was_there else now)
            self.listed[model.id] = replace(known, context_tokens=model.context_tokens)
        for left in before.keys() - self.listed.keys():
            self.gone[left] = now
        self.fetched_at = now

    def take_told(self, model_id: str, told: Told) -> None:
        """What the hub says; a model that is served again is no longer retired."""
        self.told[model_id] = told
        if told.served and self.retired.get(model_id, told.at) < told.at:
            del self.retired[model_id]

    def note_answer(self, model_id: str, now: float, *, doubted: bool = False) -> bool:
        """A model answered; whether that is news, as of one that was `doubted` to be served."""
        told = self.told.get(model_id)
        news = self.retired.pop(model_id, None) is not None
        if doubted or (told is not None and told.served is False):
            self.told[model_id] = replace(told or Told(now), served=True)
            news = True
        return news

    def is_served(self, model_id: str) -> bool:
        """Whether the hub or an answer of the model has said that it is served."""
        told = self.told.get(model_id)
        return told is not None and told.served is True

    def note_refusal(self, model_id: str, now: float) -> bool:
        """The service said that nobody serves a model; whether that is news."""
        news = model_id not in self.retired
        self.retired[model_id] = now
        return news

    def standing(self, model_id: str, now: float) -> Standing:
        """How a model stands."""
        told, listed = self.told.get(model_id), self.listed.get(model_id)
        if model_id in self.retired or (told is not None and told.served is False):
            return Standing.RETIRED
        if model_id in self.gone:
            return Standing.UNLISTED
        if listed is not None and listed.since and now - listed.since < NEW_SECONDS:
            return Standing.NEW
        return Standing.KNOWN

    def to_json(self) -> dict[str, Any]:
        """Plain values; `from_json` reads them back."""
        return {
            "form": _FORM,
            "fetched_at": self.fetched_at,
            "listed": {id: [m.since, m.context_tokens] for id, m in self.listed.items()},
            "gone": self.gone,
            "told": {
                id: [t.at, sorted(t.capabilities), t.served, t.cost] for id, t in self.told.items()
            },
            "retired": self.retired,
        }

    @classmethod
    def from_json(cls, kept: Any) -> ServiceModels:
        """Read what `to_json` wrote; anything else is as nothing, and a wrong entry is left out."""
        if not isinstance(kept, dict) or kept.get("form") != _FORM:
            return cls()
        found = cls(_number(kept.get("fetched_at")) or 0.0)
        for id, entry in _entries(kept, "listed", 2):
            context = _number(entry[1])
            found.listed[id] = Listed(
                _number(entry[0]) or 0.0, None if context is None else int(context)
            )
        for id, (at, kinds, served, cost) in _entries(kept, "told", 4):
            names = kinds if isinstance(kinds, list) else []
            can = frozenset(each for each in Capability if each.value in names)
            known = served if isinstance(served, bool) else None
            found.told[id] = Told(_number(at) or 0.0, can, known, _number(cost))
        for name, times in (("gone", found.gone), ("retired", found.retired)):
            stored = kept.get(name)
            for id, at in stored.items() if isinstance(stored, dict) else ():
                times[id] = _number(at) or 0.0
        return found


def _number(value: object) -> float | None:
    known = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if known and 0 <= value < 1e15 else None  # type: ignore[operator, arg-type]  # narrowed by `known`


def _entries(kept: dict[str, Any], name: str, length: int) -> Iterator[tuple[str, list[Any]]]:
    stored = kept.get(name)
    for id, entry in stored.items() if isinstance(stored, dict) else ():
        if isinstance(entry, list) and len(entry) == length:
            yield id, entry
