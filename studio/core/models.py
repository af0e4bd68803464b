"""Models: what each can do, and the ranges its family allows."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from studio.core.capabilities import Capability

__all__ = ["Capability", "ModelFamily", "ModelInfo", "Range", "Standing", "can"]


class Standing(StrEnum):
    """How a model stands with the service, as far as known."""

    KNOWN = "known"
    NEW = "new"  # came into the service's list some days ago at most
    UNLISTED = "unlisted"  # was in the list and is not any more; it may still answer
    RETIRED = "retired"  # nobody serves it now


@dataclass(frozen=True, slots=True)
class Range:
    """An inclusive range with the value a form starts from."""

    low: float
    high: float
    default: float

    def __contains__(self, value: object) -> bool:
        return isinstance(value, int | float) and self.low <= value <= self.high


@dataclass(frozen=True, slots=True)
class ModelFamily:
    """What the members of a family share: limits of a picture and defaults of a form.

    Sizes are pixels a side; `side_step` is the stride of the arrow keys, and where
    `side_multiple` is above 1 the family refuses every other side. Source:
    `resources/models.toml`, which names its own date.
    """

    name: str
    side: Range
    steps: Range
    guidance: Range
    seed: Range
    prompt_length: int
    side_step: int = 8
    side_multiple: int = 1
    size_chips: tuple[tuple[int, int], ...] = ()
    negative_prompt: bool = True


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """One model and what is known of it; `own`: the user typed it."""

    id: str
    capabilities: frozenset[Capability] = field(default_factory=frozenset)
    family: str = ""
    context_tokens: int | None = None
    cost: float | None = None  # credits a call; None is unknown, never 0
    reasoning: bool = False
    standing: Standing = Standing.KNOWN
    own: bool = False

    @property
    def retired(self) -> bool:
        """Whether nobody serves it now."""
        return self.standing is Standing.RETIRED

    @property
    def short_name(self) -> str:
        """The id without its organisation, for tight places."""
        return self.id.rsplit("/", 1)[-1]


def can(model: ModelInfo, capability: Capability) -> bool:
    """Whether a model may be offered for a capability; an unknown model may chat."""
    if not model.capabilities:
        return capability in (Capability.CHAT, Capability.VISION)
    return capability in model.capabilities


def bare(model_id: str) -> str:
    """A model's id without the provider's suffix."""
    return model_id.partition(":")[0]
