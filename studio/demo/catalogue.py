"""The models of the box: what each can do, what it costs, and how it thinks."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from studio.demo import own_texts, refusals

PROVIDERS = ("ModelScope", "DashScope")


class Thinking(StrEnum):
    """How a model shows its reasoning."""

    NEVER = "never"
    REFUSED = "refuse"
    HYBRID = "hybrid"
    FIELD = "field"
    TAGS = "tags"


@dataclass(frozen=True, slots=True)
class Model:
    """One model of the box; `sides` bound a picture's width and height in pixels."""

    id: str
    tasks: tuple[str, ...]
    cost: float
    thinking: Thinking
    listed: bool
    served: bool
    sides: tuple[int, int]
    only_temperature: float | None

    @property
    def chats(self) -> bool:
        return "text-generation" in self.tasks or self.sees

    @property
    def sees(self) -> bool:
        return "image-text-to-text" in self.tasks

    @property
    def edits(self) -> bool:
        return "image-to-image" in self.tasks

    @property
    def draws(self) -> bool:
        return "text-to-image-synthesis" in self.tasks or self.edits

    @property
    def tier(self) -> str:
        return {0.5: "light", 1.0: "standard"}.get(self.cost, "ultra")


@cache
def models() -> dict[str, Model]:
    """Every model by id, in the order of the list."""
    rows = own_texts.table("models.toml")["models"]
    return {
        row["id"]: Model(
            id=row["id"],
            tasks=tuple(row["tasks"]),
            cost=float(row.get("cost", 1.0)),
            thinking=Thinking(row.get("thinking", "never")),
            listed=row.get("listed", True),
            served=row.get("served", True),
            sides=tuple(row.get("sides", (64, 2048))),
            only_temperature=row.get("only_temperature"),
        )
        for row in rows
    }


def find(name: object) -> Model | None:
    """The model called `name`, with or without a provider's suffix; None if there is none."""
    if not isinstance(name, str):
        return None
    plain, _, provider = name.partition(":")
    if provider and provider not in PROVIDERS:
        return None
    return models().get(plain)


def served(name: object, *, draws: bool) -> Model:
    """The model to answer a call; raises the service's refusal for any other name."""
    if not isinstance(name, str) or not name.strip():
        raise refusals.Refusal(400, f"Invalid model id: {name}")
    model = find(name)
    fits = model is not None and (model.draws if draws else model.chats)
    if model is None or not fits or not model.served:
        raise refusals.not_served(name)
    return model
