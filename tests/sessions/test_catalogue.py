"""The models: from seed, list, hub and the user, merged, kept, and told when they come and go."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from studio.core.credits import Balance
from studio.core.errors import ErrorKind, StudioError
from studio.core.messages import ChatProtocol
from studio.core.models import Capability, ModelInfo, Standing
from studio.providers.base import ChatProvider, Endpoint, Hub, ImageProvider, NetworkSettings
from studio.providers.hub import Offer
from studio.sessions.models.catalogue import MOST_SILENCES, REFRESH_SECONDS, Catalogue
from studio.sessions.models.choices import Group
from studio.sessions.models.service_models import NEW_SECONDS, ServiceModels
from studio.sessions.requests.service import Service
from studio.sessions.requests.tasks import TaskGroup
from studio.storage.db.database import Database
from tests.scripted import NoImages, ScriptedChat, until

HERE = Endpoint("cn", "here", "https://api.here.example/v1", "", "https://here.example")
LOCAL = Endpoint("http://127.0.0.1:9", "local", "http://127.0.0.1:9/v1", "", needs_token=False)
CODER, NEXT = "Qwen/Qwen2.5-Coder-32B-Instruct", "Qwen/Qwen3-Coder-30B-A3B-Instruct"
LIVE = "ZhipuAI/GLM-5.2"
CHAT, VISION, PICTURE = Capability.CHAT, Capability.VISION, Capability.TEXT_TO_IMAGE


@dataclass
class TellingHub:
    """A hub that lists and tells what it was given, counts what it was asked, and may be gone."""

    listed: list[str] = field(default_factory=list)
    tells: dict[str, tuple[frozenset[Capability], tuple[Offer, ...] | None]] = field(
        default_factory=dict
    )
    failure: ErrorKind | None = None
    held: asyncio.Event | None = None
    lists: int = 0
    questions: list[str] = field(default_factory=list)

    async def models(self) -> tuple[ModelInfo, ...]:
        self.lists += 1
        if self.held is not None:
            await self.held.wait()
        if self.failure is not None:
            raise StudioError(self.failure)
        return tuple(ModelInfo(each) for each in self.listed)

    async def check_token(self) -> Balance:
        return Balance()

    async def kinds(self, model_id: str) -> frozenset[Capability]:
        self.questions.append(model_id)
        return self.tells.get(model_id, (frozenset(), None))[0]

    async def offers(self, model_id: str) -> tuple[Offer, ...] | None:
        return self.tells.get(model_id, (frozenset(), None))[1]

    async def cost(self, model_id: str) -> float | None:
        return None

    async def close(self) -> None:
        pass


@dataclass
class Builders:
    """One hub a service."""

    hubs: dict[str, TellingHub] = field(default_factory=dict)

    def build_chat(
        self, protocol: ChatProtocol, endpoint: Endpoint, token: str, network: NetworkSettings
    ) -> ChatProvider:
        return ScriptedChat()

    def build_images(
        self, endpoint: Endpoint, token: str, network: NetworkSettings
    ) -> ImageProvider:
        return NoImages()

    def build_hub(self, endpoint: Endpoint, token: str, network: NetworkSettings) -> Hub:
        return self.hubs.setdefault(endpoint.id, TellingHub())


class Rig:
    """A catalogue of a service, on a real database, at a time that the test sets."""

    def __init__(self, database: Database, endpoint: Endpoint = HERE) -> None:
        self.now = 1_800_000_000.0
        self.database, self.tasks = database, TaskGroup()
        self.builders = Builders()
        self.service = Service(self.builders, endpoint, NetworkSettings(), self.tasks)
        self.hub = self.builders.hubs[endpoint.id] = TellingHub(["org/Talker", NEXT])
        self.catalogue = self.restarted()

    def restarted(self) -> Catalogue:
        """The catalogue of another start of the program."""
        return Catalogue(self.service, self.database, self.tasks, lambda: self.now)

    def standing(self, model: str) -> Standing:
        """How a model stands."""
        return self.catalogue.find(model).standing

    def ids(self, capability: Capability = CHAT) -> list[str]:
        """The models that are offered."""
        return [model.id for model in self.catalogue.models(capability)]

    async def written(self) -> None:
        """Wait until everything is on disk."""
        await until(lambda: self.tasks.count == 0)


@pytest.fixture
def rig(database: Database) -> Rig:
    """A catalogue that knows its seed only."""
    return Rig(database)


async def test_a_list_is_asked_for_once_a_day_and_on_request(rig: Rig) -> None:
    await rig.catalogue.refresh()
    await rig.catalogue.refresh()
    assert rig.hub.lists == 1
    await rig.catalogue.refresh(force=True)
    assert rig.hub.lists == 2
    rig.now += REFRESH_SECONDS
    await rig.catalogue.refresh()
    assert rig.hub.lists == 3


async def test_what_was_listed_is_there_after_a_restart_without_asking(rig: Rig) -> None:
    await rig.catalogue.refresh()
    await rig.written()
    rig.catalogue = rig.restarted()
    await rig.catalogue.refresh()
    assert rig.hub.lists == 1
    assert "org/Talker" in rig.ids()
    assert rig.catalogue.refreshed_at == rig.now


async def test_nothing_of_the_first_list_is_new_but_what_comes_later_is(rig: Rig) -> None:
    await rig.catalogue.refresh()
    assert rig.standing("org/Talker") is Standing.KNOWN
    rig.hub.listed.append("org/Newcomer")
    rig.now += REFRESH_SECONDS
    await rig.catalogue.refresh()
    assert rig.standing("org/Newcomer") is Standing.NEW
    rig.now += NEW_SECONDS
    assert rig.standing("org/Newcomer") is Standing.KNOWN


async def test_what_left_the_list_is_shown_as_such_and_may_come_back(rig: Rig) -> None:
    await rig.catalogue.refresh()
    rig.hub.listed.remove("org/Talker")
    await rig.catalogue.refresh(force=True)
    assert rig.standing("org/Talker") is Standing.UNLISTED
    below = rig.catalogue.models(CHAT)[rig.ids().index("org/Talker") + 1 :]
    assert all(model.retired for model in below)
    rig.hub.listed.append("org/Talker")
    await rig.catalogue.refresh(force=True)
    assert rig.standing("org/Talker") is Standing.KNOWN


async def test_a_model_that_nobody_serves_is_marked_until_it_answers(rig: Rig) -> None:
    await rig.catalogue.refresh()
    key = rig.service.key
    rig.catalogue.note_call(key, f"{LIVE}:DashScope", ErrorKind.MODEL_GONE)
    assert rig.standing(LIVE) is Standing.RETIRED
    models = rig.catalogue.models(CHAT)
    assert all(model.retired for model in models[rig.ids().index(LIVE) :])
    await rig.written()
    rig.catalogue = rig.restarted()
    await rig.catalogue.refresh()
    assert rig.standing(LIVE) is Standing.RETIRED
    rig.catalogue.note_call(key, LIVE, None)
    assert rig.standing(LIVE) is Standing.KNOWN


@pytest.mark.parametrize("kind", [ErrorKind.THROTTLED, ErrorKind.WRONG_TOKEN, ErrorKind.BUSY])
async def test_other_refusals_say_nothing_of_a_model(rig: Rig, kind: ErrorKind) -> None:
    await rig.catalogue.refresh()
    rig.catalogue.note_call(rig.service.key, LIVE, kind)
    assert rig.standing(LIVE) is Standing.KNOWN


async def test_the_hub_tells_what_a_model_can_do_who_serves_it_and_at_what_price(rig: Rig) -> None:
    rig.hub.tells = {
        "org/Talker": (frozenset({CHAT, VISION}), (Offer("A", 2.0), Offer("B", 0.5))),
        NEXT: (frozenset({CHAT}), ()),
    }
    await rig.catalogue.refresh()
    talker = rig.catalogue.find("org/Talker")
    assert talker.capabilities == {CHAT, VISION}
    assert talker.cost == 0.5
    assert talker.standing is Standing.KNOWN
    assert rig.standing(NEXT) is Standing.RETIRED
    assert "org/Talker" in rig.ids(VISION)


async def test_what_the_hub_said_is_not_asked_every_day(rig: Rig) -> None:
    rig.hub.tells = dict.fromkeys(rig.ids() + rig.hub.listed, (frozenset({CHAT}), None))
    await rig.catalogue.refresh()
    asked = len(rig.hub.questions)
    assert len(set(rig.hub.questions)) == asked
    rig.now += REFRESH_SECONDS
    rig.hub.questions.clear()
    await rig.catalogue.refresh()
    assert set(rig.hub.questions).isdisjoint(rig.hub.tells)


async def test_a_hub_that_vanished_is_left_alone_soon(rig: Rig) -> None:
    await rig.catalogue.refresh()
    assert len(rig.hub.questions) == MOST_SILENCES
    assert "org/Talker" in rig.ids()
    assert rig.catalogue.problem is None


async def test_a_host_without_a_hub_is_not_asked(database: Database) -> None:
    rig = Rig(database, LOCAL)
    await rig.catalogue.refresh()
    assert rig.hub.questions == []


async def test_a_service_that_does_not_answer_costs_nothing_and_says_so(rig: Rig) -> None:
    before = rig.ids()
    rig.hub.failure = ErrorKind.NO_NETWORK
    await rig.catalogue.refresh()
    assert rig.ids() == before
    assert rig.catalogue.problem is not None
    assert rig.catalogue.problem.kind is ErrorKind.NO_NETWORK
    assert not rig.catalogue.refreshing
    rig.hub.failure = None
    await rig.catalogue.refresh()
    assert rig.catalogue.problem is None


async def test_another_service_has_its_own_list(rig: Rig) -> None:
    await rig.catalogue.refresh()
    there = replace(HERE, id="ai", openai_base="https://api.there.example/v1")
    rig.builders.hubs["ai"] = TellingHub(["org/Elsewhere"])
    rig.service.use(there, "")
    await until(lambda: "org/Elsewhere" in rig.ids())
    assert "org/Talker" not in rig.ids()
    rig.service.use(HERE, "")
    await until(lambda: "org/Talker" in rig.ids())
    assert "org/Elsewhere" not in rig.ids()
    assert rig.hub.lists == 1
    await rig.written()


async def test_a_list_that_comes_too_late_is_not_taken_for_another_service(rig: Rig) -> None:
    rig.hub.held = asyncio.Event()
    slow = asyncio.get_running_loop().create_task(rig.catalogue.refresh())
    await until(lambda: rig.hub.lists == 1)
    there = replace(HERE, id="ai", openai_base="https://api.there.example/v1")
    rig.builders.hubs["ai"] = TellingHub(["org/Elsewhere"])
    rig.service.use(there, "")
    await until(lambda: "org/Elsewhere" in rig.ids())
    rig.hub.held.set()
    await slow
    assert "org/Talker" not in rig.ids()
    assert not rig.catalogue.refreshing
    await rig.written()


async def test_a_host_of_another_kind_does_not_offer_the_models_of_the_seed(
    database: Database,
) -> None:
    rig = Rig(database, LOCAL)
    rig.hub.listed = ["llama3.3:70b", "qwen2.5vl:7b"]
    assert CODER in rig.ids()  # nothing better is known yet
    await rig.catalogue.refresh()
    assert rig.ids() == ["llama3.3:70b", "qwen2.5vl:7b"]
    assert rig.ids(PICTURE) == []
    assert rig.catalogue.default(PICTURE) == ""


async def test_favourites_and_own_ids_outlive_a_restart(rig: Rig) -> None:
    await rig.catalogue.refresh()
    kept = rig.catalogue.kept
    kept.add_own("me/Mine", PICTURE)
    kept.set_favourite("org/Talker", True)
    rig.catalogue.note_call(rig.service.key, NEXT, None)
    rig.catalogue.note_call(rig.service.key, CODER, None)
    await rig.written()
    rig.catalogue = rig.restarted()
    await rig.catalogue.refresh()
    kept = rig.catalogue.kept
    assert kept.favourites == ("org/Talker",)
    assert kept.recent == (CODER, NEXT)
    assert rig.catalogue.find("me/Mine").own
    assert rig.ids(PICTURE)[-1] == "me/Mine"
    assert "me/Mine" not in rig.ids(CHAT)
    kept.forget_own("me/Mine")
    assert "me/Mine" not in rig.ids(PICTURE)


async def test_what_is_chosen_before_the_kept_is_read_is_not_lost(rig: Rig) -> None:
    rig.catalogue.kept.set_favourite("org/Earlier", True)
    await rig.catalogue.refresh()
    await rig.written()
    late = rig.restarted()
    late.kept.set_favourite("org/Later", True)
    await late.refresh()
    assert late.kept.favourites == ("org/Earlier", "org/Later")
    await rig.written()


async def test_the_successor_is_like_the_one_that_is_gone(rig: Rig) -> None:
    await rig.catalogue.refresh()

    find = rig.catalogue.successor
    assert find(CODER, CHAT) == NEXT
    assert find(f"{CODER}:DashScope", CHAT) == NEXT
    assert find("Qwen/Qwen-Image", PICTURE) in rig.ids(PICTURE)
    rig.catalogue.set_done_lookup(lambda model: 1.0 if model == NEXT else None)
    assert find(CODER, CHAT) not in (CODER, NEXT, "")
    rig.catalogue.set_done_lookup(lambda model: 1.0)
    assert find(CODER, CHAT) == ""


async def test_among_equals_the_one_used_lately_goes_on(rig: Rig) -> None:
    await rig.catalogue.refresh()
    rig.catalogue.note_call(rig.service.key, "org/Talker", None)
    assert rig.catalogue.successor("nobody/Unheard", CHAT) == "org/Talker"
    await rig.written()


@pytest.mark.parametrize("kept", [None, [], {"form": 99}, {"form": 1}, {"form": 1, "listed": 3}])
async def test_what_cannot_be_read_is_as_if_it_had_never_been_asked(
    rig: Rig, kept: object, tmp_path: Path
) -> None:
    from studio.storage import key_value

    place = f"models of {rig.service.key}"
    await rig.database.call(key_value.save_catalogue, place, kept)
    await rig.catalogue.refresh()
    assert rig.hub.lists == 1
    assert "org/Talker" in rig.ids()


async def test_a_list_to_choose_from_has_favourites_then_recent_ones_then_the_others(
    rig: Rig,
) -> None:
    await rig.catalogue.refresh()
    choices = rig.catalogue.choices(CHAT)
    for used in (CODER, NEXT, "org/Talker"):
        rig.catalogue.note_call(rig.service.key, used, None)
    choices.set_favourite(NEXT, True)
    rows = choices.rows()
    assert [(row.model.id, row.group) for row in rows[:3]] == [
        (NEXT, Group.FAVOURITES),
        ("org/Talker", Group.RECENT),
        (CODER, Group.RECENT),
    ]
    assert sorted(row.model.id for row in rows) == sorted(rig.ids())
    choices.set_favourite(NEXT, False)
    assert choices.rows()[1].model.id == NEXT
    await rig.written()


async def test_an_id_that_was_typed_is_remembered_unless_it_is_known(rig: Rig) -> None:
    await rig.catalogue.refresh()
    choices = rig.catalogue.choices(CHAT)
    choices.pick("me/Mine:DashScope")
    choices.pick(f"{NEXT}:DashScope")
    assert [row.model.id for row in choices.rows() if row.model.own] == ["me/Mine"]
    choices.forget("me/Mine")
    assert "me/Mine" not in rig.ids()
    await rig.written()


def test_what_is_kept_of_a_service_is_read_back_unchanged() -> None:
    known = ServiceModels()
    known.take_list([ModelInfo("a/b", context_tokens=4096)], 10.0)
    known.take_list([ModelInfo("c/d")], 20.0)
    known.note_refusal("c/d", 30.0)
    assert ServiceModels.from_json(known.to_json()) == known
