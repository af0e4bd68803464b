"""Which models there are and what each can do: the dated seed, then what the service says."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from PySide6.QtCore import QObject, Signal

from studio import assets
from studio.core.errors import StudioError
from studio.core.models import Capability, ModelFamily, ModelInfo, Range, can
from studio.sessions.service import Service

# Words in an id that tell a model which looks at pictures, where nothing better is known.
_VISION_WORDS = ("-vl", "vl-", "qvq", "vision", "omni", "internvl", "glm-4.5v", "glm-4.1v")


@dataclass(frozen=True, slots=True)
class Seed:
    """What `resources/models.toml` says."""

    models: dict[str, ModelInfo]
    families: dict[str, ModelFamily]
    matches: tuple[tuple[tuple[str, ...], str], ...]


def _range(fields: dict[str, float]) -> Range:
    return Range(fields["low"], fields["high"], fields["default"])


def _family(name: str, fields: dict[str, Any]) -> ModelFamily:
    return ModelFamily(
        name,
        side=_range(fields["side"]),
        steps=_range(fields["steps"]),
        guidance=_range(fields["guidance"]),
        seed=_range(fields["seed"]),
        prompt_length=fields["prompt_length"],
        side_step=fields.get("side_step", 8),
        size_chips=tuple((chip[0], chip[1]) for chip in fields["size_chips"]),
        negative_prompt=fields.get("negative_prompt", True),
    )


def read_seed(text: str) -> Seed:
    """Parse the seed; a family lacks what the family `general` then gives it."""
    content = tomllib.loads(text)
    general = content["families"]["general"]
    families = {
        name: _family(name, {**general, **fields}) for name, fields in content["families"].items()
    }
    models = {
        each["id"]: ModelInfo(
            each["id"],
            frozenset(Capability(name) for name in each["capabilities"]),
            context_tokens=each.get("context_tokens"),
            cost=each.get("cost"),
            reasoning=each.get("reasoning", False),
        )
        for each in content["models"]
    }
    matches = tuple((tuple(each["words"]), each["family"]) for each in content["match"])
    return Seed(models, families, matches)


class Catalogue(QObject):
    """All known models; grows when the service lists its own."""

    changed = Signal()

    def __init__(self, service: Service, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._service = service
        self._served: dict[str, ModelInfo] = {}

    @cached_property
    def _seed(self) -> Seed:
        # Read when first needed, which is after the first paint.
        return read_seed(assets.resource("models.toml").read_text(encoding="utf-8"))

    def models(self, capability: Capability) -> tuple[ModelInfo, ...]:
        """Models that can be offered: those of the seed first, then the service's others."""
        everything = {**self._seed.models, **self._served}
        return tuple(model for model in everything.values() if can(model, capability))

    def find(self, model_id: str) -> ModelInfo:
        """What is known of an id; any id may be typed, also with a `:Provider` at its end."""
        bare = model_id.partition(":")[0]
        return self._served.get(bare) or self._seed.models.get(bare) or ModelInfo(model_id)

    def default(self, capability: Capability) -> str:
        """The model to begin with."""
        return self.models(capability)[0].id

    def family_of(self, model_id: str) -> ModelFamily:
        """Ranges of an image model; the general ones where its family is not known."""
        lower = model_id.lower()
        for words, family in self._seed.matches:
            if any(word in lower for word in words):
                return self._seed.families[family]
        return self._seed.families["general"]

    async def refresh(self) -> None:
        """Ask the service for its models; what is known stays when it does not answer."""
        await self._service.ready()
        try:
            listed = await self._service.hub().models()
        except StudioError:
            return
        self._served = {model.id: self._described(model) for model in listed}
        self.changed.emit()

    def _described(self, listed: ModelInfo) -> ModelInfo:
        seeded = self._seed.models.get(listed.id)
        if seeded is not None:
            return seeded
        if listed.capabilities:
            return listed
        sees = any(word in listed.id.lower() for word in _VISION_WORDS)
        kinds = {Capability.CHAT, Capability.VISION} if sees else {Capability.CHAT}
        return replace(listed, capabilities=frozenset(kinds))
