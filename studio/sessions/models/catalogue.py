"""Which models there are and what each can do: seed, list, hub and the user's own, merged."""

from __future__ import annotations

import re
import time
import tomllib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase as fnmatch
from functools import cached_property
from typing import Any

from PySide6.QtCore import QObject, Signal

from studio import assets
from studio.core.errors import ErrorKind, StoredError, StudioError
from studio.core.models import Capability, ModelFamily, ModelInfo, Range, Standing, bare, can
from studio.core.texts import QT_TRANSLATE_NOOP
from studio.providers.base import Hub
from studio.sessions.models.choices import ModelChoices
from studio.sessions.models.service_models import ServiceModels, Told
from studio.sessions.models.user_models import Kept
from studio.sessions.requests.service import Service
from studio.sessions.requests.tasks import TaskGroup
from studio.storage import key_value
from studio.storage.db.database import Database

REFRESH_SECONDS = 86_400.0
TOLD_SECONDS = 7 * 86_400.0  # how long what the hub said of a model is believed
TOLD_SECONDS_ON_REQUEST = 3600.0
# The hub's routes are unofficial: after this many silences in a row they count as gone, after
# more where it had answered before.
MOST_SILENCES = 3
MOST_SILENCES_LATER = 10
# Words in an id that tell a model which looks at pictures, where nothing better is known.
_VISION_WORDS = ("-vl", "vl-", "qvq", "vision", "omni", "internvl", "glm-4.5v", "glm-4.1v")

DAMAGED = QT_TRANSLATE_NOOP(
    "models",
    "The program's own list of models is missing or damaged. Models still come from the service; "
    "reinstall the program to have the rest.",
)
# Where not even the file can be read: what the service's image interface allows in general.
_GENERAL = ModelFamily(
    "general",
    side=Range(64, 2048, 1024),
    steps=Range(1, 100, 30),
    guidance=Range(1.5, 20.0, 3.5),
    seed=Range(0, 2147483647, 0),
    prompt_length=2000,
    size_chips=((1024, 1024),),
)


@dataclass(frozen=True, slots=True)
class Seed:
    """What `resources/models.toml` says; `sites` names the one site of models that others lack."""

    models: dict[str, ModelInfo]
    families: dict[str, ModelFamily]
    matches: tuple[tuple[tuple[str, ...], str], ...]
    sites: dict[str, str] = field(default_factory=dict)
    retired: tuple[str, ...] = ()  # ids, or patterns of them


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
        side_multiple=fields.get("side_multiple", 1),
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
    sites = {each["id"]: each["site"] for each in content["models"] if "site" in each}
    matches = tuple((tuple(each["words"]), each["family"]) for each in content["match"])
    return Seed(models, families, matches, sites, tuple(content.get("retired", ())))


class Catalogue(QObject):
    """All known models of the service in use; `kept` holds the user's favourites and own ids.

    `changed`: models, marks or the user's choices are different. `refresh_changed`: a refresh
    began or ended. What a service said is kept in the database and asked for anew once a day.
    """

    changed = Signal()
    refresh_changed = Signal()

    def __init__(
        self,
        service: Service,
        database: Database,
        tasks: TaskGroup,
        clock: Callable[[], float] = time.time,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._service, self._database, self._tasks, self._clock = service, database, tasks, clock
        self._key = ""  # of the service that `_known` is of
        self._known = ServiceModels()
        self._refreshing = ""
        self._problem: StoredError | None = None
        self._done_until: Callable[[str], float | None] = lambda model: None
        self.kept = Kept(database, tasks, self)
        self.kept.changed.connect(self.changed)
        service.changed.connect(self._on_service_changed)

    @cached_property
    def _seed(self) -> Seed:
        # Read when first needed, which is after the first paint.
        try:
            return read_seed(assets.resource("models.toml").read_text(encoding="utf-8"))
        except (OSError, ValueError, LookupError, TypeError, AttributeError):
            # A damaged installation costs what the file would have said, and no tab.
            broken = StudioError(ErrorKind.BUG, "models.toml", values={"reason": DAMAGED})
            self._tasks.report(broken, "read the models")
            return Seed({}, {"general": _GENERAL}, ())

    # What is known.

    def models(self, capability: Capability) -> tuple[ModelInfo, ...]:
        """Models that can be offered: seed, list, the user's own; retired ones at the end."""
        known = self._known_here
        ids = dict.fromkeys([*self._seeded, *known.listed, *known.gone, *self.kept.own])
        found = [each for each in map(self.find, ids) if can(each, capability)]
        late = (Standing.UNLISTED, Standing.RETIRED)
        return tuple(
            sorted(found, key=lambda m: late.index(m.standing) + 1 if m.standing in late else 0)
        )

    def find(self, model_id: str) -> ModelInfo:
        """What is known of an id; any id may be typed, also with a `:Provider` at its end."""
        name, known = bare(model_id), self._known_here
        seeded, told = self._seeded.get(name), known.told.get(name)
        found = seeded or ModelInfo(name)
        listed = known.listed.get(name)
        if listed is not None and listed.context_tokens is not None:
            found = replace(found, context_tokens=listed.context_tokens)
        kinds = found.capabilities | (told.capabilities if told is not None else frozenset())
        if not kinds:
            kinds = self.kept.own.get(name, frozenset())
        if not kinds and name in known.listed | known.gone:
            sees = any(word in name.lower() for word in _VISION_WORDS)
            kinds = frozenset({Capability.CHAT, *([Capability.VISION] if sees else [])})
        cost = told.cost if told is not None and told.cost is not None else found.cost
        return replace(
            found,
            id=model_id if name != model_id else name,
            capabilities=kinds,
            cost=cost,
            standing=self._standing(name),
            own=seeded is None and listed is None and name in self.kept.own,
        )

    def _standing(self, name: str) -> Standing:
        """How a model stands; the seed marks what was gone at its date, unless it is seen since."""
        known, endpoint = self._known_here, self._service.endpoint
        standing = known.standing(name, self._clock())
        if standing is Standing.RETIRED or not any(fnmatch(name, p) for p in self._seed.retired):
            return standing
        # Of ModelScope: another host may well serve the model, and says so in its list.
        elsewhere = endpoint.id == endpoint.origin and name in known.listed
        return standing if elsewhere or known.is_served(name) else Standing.RETIRED

    def default(self, capability: Capability, chosen: str = "") -> str:
        """The model to begin with: `chosen` if it is served, or the next one; "" for none."""
        if chosen and not self.find(chosen).retired:
            return chosen
        following = self.successor(chosen, capability) if chosen else ""
        served = (model.id for model in self.models(capability) if not model.retired)
        return following or next(served, chosen)

    def choices(self, capability: Capability) -> ModelChoices:
        """The models for one use as a list to choose from."""
        return ModelChoices(self, capability)

    def is_known(self, model_id: str) -> bool:
        """Whether the seed or the service know an id, and not only the user."""
        name, known = bare(model_id), self._known_here
        return name in self._seeded or name in known.listed or name in known.gone

    def set_done_lookup(self, until: Callable[[str], float | None]) -> None:
        """Let `until` say until when a model is done for today, None for one that is not."""
        self._done_until = until

    def done_until(self, model_id: str) -> float | None:
        """Until when a model is done for today; None when it may be asked."""
        return self._done_until(model_id)

    def successor(self, model_id: str, capability: Capability) -> str:
        """The model to go on with where `model_id` does not answer; "" where there is none.

        The one whose name is most like it, then one that was used lately, then the first.
        """
        words, recent = _words(model_id), self.kept.recent
        best, best_score = "", (-1, -1)
        for model in self.models(capability):
            answers = not model.retired and self.done_until(model.id) is None
            if not answers or bare(model_id) == model.id:
                continue
            used = len(recent) - recent.index(model.id) if model.id in recent else 0
            score = (len(words & _words(model.id)), used)
            if score > best_score:
                best, best_score = model.id, score
        return best

    def family_of(self, model_id: str) -> ModelFamily:
        """Ranges of an image model; the general ones where its family is not known."""
        lower = model_id.lower()
        for words, family in self._seed.matches:
            if any(word in lower for word in words):
                return self._seed.families[family]
        return self._seed.families["general"]

    @property
    def _known_here(self) -> ServiceModels:
        return self._known if self._key == self._service.key else ServiceModels()

    @property
    def _seeded(self) -> dict[str, ModelInfo]:
        """The seed, unless the service is of another kind: one that lists none of its models."""
        endpoint, listed = self._service.endpoint, self._known_here.listed
        other = endpoint.id == endpoint.origin
        if other and listed and not listed.keys() & self._seed.models.keys():
            return {}
        sites = self._seed.sites
        return {
            id: model
            for id, model in self._seed.models.items()
            if sites.get(id, endpoint.id) == endpoint.id
        }

    # What happens.

    def note_call(self, key: str, model_id: str, error: ErrorKind | None) -> None:
        """A model was asked: it answered, or nobody serves it; other errors say nothing of it."""
        name = bare(model_id)
        if key != self._key:
            return
        if error is None:
            self.kept.note_used(name)
            doubted = self.find(name).retired
            news = self._known.note_answer(name, self._clock(), doubted=doubted)
        else:
            gone = error is ErrorKind.MODEL_GONE
            news = gone and self._known.note_refusal(name, self._clock())
        if news:
            self._keep()
            self.changed.emit()

    # Refreshing.

    @property
    def refreshing(self) -> bool:
        """Whether the service is being asked for its models."""
        return bool(self._refreshing)

    @property
    def refreshed_at(self) -> float | None:
        """When the service's list came last, in seconds since the epoch."""
        return self._known_here.fetched_at or None

    @property
    def problem(self) -> StoredError | None:
        """Why the last refresh brought no list."""
        return self._problem

    def refresh_now(self) -> None:
        """Ask the service for its models, whenever it was asked last."""
        self._tasks.start(self.refresh(force=True), "refresh the models")

    async def refresh(self, *, force: bool = False) -> None:
        """Read what is kept; ask the service if that is older than a day, or by `force`.

        What is known stays when the service does not answer.
        """
        await self._load()
        key, now = self._service.key, self._clock()
        due = force or now - self._known.fetched_at >= REFRESH_SECONDS
        if not due or self._refreshing == key or self._key != key:
            return
        self._refreshing, self._problem = key, None
        self.refresh_changed.emit()
        try:
            await self._service.ready()
            hub = self._service.hub()
            await self._ask_for_list(hub, key)
            await self._ask_about_models(
                hub, key, TOLD_SECONDS_ON_REQUEST if force else TOLD_SECONDS
            )
        except StudioError as error:
            if self._refreshing == key:
                self._problem = error.stored()
        finally:
            if self._refreshing == key:
                self._refreshing = ""
                self.refresh_changed.emit()

    async def _ask_for_list(self, hub: Hub, key: str) -> None:
        listed = await hub.models()
        if key == self._key:
            self._known.take_list(listed, self._clock())
            self._keep()
            self.changed.emit()

    async def _ask_about_models(self, hub: Hub, key: str, believed: float) -> None:
        """One after the other, in the background: what each can do and who serves it."""
        if not self._service.endpoint.hub:
            return
        silences, news = 0, False
        ids = dict.fromkeys([*self._known.listed, *self.kept.own, *self._seeded])
        for name in ids:
            told = self._known.told.get(name)
            if told is not None and self._clock() - told.at < believed:
                continue
            kinds, offers = await hub.kinds(name), await hub.offers(name)
            if key != self._key:
                return
            silent = not kinds and offers is None
            silences = silences + 1 if silent else 0
            if silences >= (MOST_SILENCES_LATER if news else MOST_SILENCES):
                break
            if silent:
                continue
            served = None if offers is None else bool(offers)
            costs = [offer.cost for offer in offers or () if offer.cost is not None]
            told = Told(self._clock(), kinds, served, min(costs, default=None))
            self._known.take_told(name, told)
            news = True
        if news:
            self._keep()
            self.changed.emit()

    async def _load(self) -> None:
        await self.kept.load()
        key = self._service.key
        if key == self._key:
            return
        try:
            found = await self._database.call(key_value.load_catalogue, _place(key))
            known = ServiceModels.from_json(found[0] if found else None)
        except StudioError:
            known = ServiceModels()  # as if it had never been asked
        if key == self._service.key:
            self._key, self._known, self._problem = key, known, None
            self.changed.emit()

    def _keep(self) -> None:
        self._tasks.start(self._write(_place(self._key), self._known.to_json()), "keep the models")

    async def _write(self, place: str, content: dict[str, Any]) -> None:
        await self._database.call(key_value.save_catalogue, place, content)

    def _on_service_changed(self) -> None:
        if self._service.key != self._key and self._key:
            self._tasks.start(self.refresh(), "refresh the models")


def _place(key: str) -> str:
    return f"models of {key}"


def _words(model_id: str) -> set[str]:
    """The parts of a model's name, for telling which are alike; sizes and dates say little."""
    name = bare(model_id).rpartition("/")[2].lower()
    return {word for word in re.split(r"[^a-z0-9.]+", name) if word and not word[0].isdigit()}
