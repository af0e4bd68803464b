"""The models that come with the program: dated, graded, and the retired ones below the others."""

from __future__ import annotations

import datetime
import tomllib
from fnmatch import fnmatchcase

import pytest

from studio import assets
from studio.core.errors import ErrorKind
from studio.core.models import Capability, Standing
from studio.sessions.models.catalogue import read_seed
from studio.storage.db.database import Database
from tests.sessions.test_catalogue import CHAT, HERE, LOCAL, PICTURE, VISION, Rig

TEXT = assets.resource("models.toml").read_text(encoding="utf-8")
SEED = read_seed(TEXT)
GONE = [id for id in SEED.models if any(fnmatchcase(id, each) for each in SEED.retired)]


@pytest.fixture
def rig(database: Database) -> Rig:
    """A catalogue that knows its seed only."""
    return Rig(database)


def test_the_roster_is_dated_and_says_how_each_model_is_known() -> None:
    content = tomllib.loads(TEXT)
    assert isinstance(content["dated"], datetime.date)
    grades = {"answered", "documented", "listed", "claimed"}
    for row in content["models"]:
        assert (row.get("seen") in grades) is (row["id"] not in GONE), row["id"]
    assert len(SEED.models) == len(content["models"]), "no model stands there twice"


@pytest.mark.parametrize(
    "model",
    ["Qwen/Qwen2.5-Coder-32B-Instruct", "Qwen/Qwen2.5-7B-Instruct", "Qwen/QVQ-72B-Preview",
     "Qwen/Qwen2.5-VL-72B-Instruct", "Qwen/Qwen2.5-VL-3B-Instruct", "Qwen/Qwen3-VL-8B-Instruct"],
)  # fmt: skip
def test_what_is_gone_is_known_and_marked(rig: Rig, model: str) -> None:
    assert rig.catalogue.find(model).standing is Standing.RETIRED


@pytest.mark.parametrize("kind", [CHAT, VISION, PICTURE, Capability.IMAGE_EDIT])
def test_a_newcomer_begins_with_a_model_that_is_served(rig: Rig, kind: Capability) -> None:
    listed = rig.catalogue.models(kind)
    assert rig.catalogue.default(kind) == listed[0].id
    standings = [model.retired for model in listed]
    assert standings == sorted(standings), "no retired model above one that is served"
    assert standings.count(False) >= 8
    following = rig.catalogue.successor(listed[0].id, kind)
    assert not rig.catalogue.find(following).retired


def test_the_first_of_all_is_the_first_small_one_that_answered(rig: Rig) -> None:
    assert rig.catalogue.default(CHAT) == "Qwen/Qwen3.5-122B-A10B"
    assert rig.catalogue.default(VISION) == "Qwen/Qwen3.5-122B-A10B"
    assert rig.catalogue.default(PICTURE) == "Qwen/Qwen-Image"


async def test_a_retired_favourite_is_no_longer_on_top(rig: Rig) -> None:
    old, served = "Qwen/Qwen2.5-7B-Instruct", "ZhipuAI/GLM-5.2"
    await rig.catalogue.refresh()
    for each in (old, served):
        rig.catalogue.kept.set_favourite(each, True)
        rig.catalogue.kept.note_used(each)
    rows = rig.catalogue.choices(CHAT).rows()
    assert rows[0].model.id == served
    retired = [row.model.retired for row in rows]
    assert retired == sorted(retired)
    assert next(row for row in rows if row.model.id == old).favourite, "its star stays"


def test_what_the_user_chose_last_is_begun_with_unless_it_is_retired(rig: Rig) -> None:
    assert rig.catalogue.default(CHAT, "ZhipuAI/GLM-5.2") == "ZhipuAI/GLM-5.2"
    assert rig.catalogue.default(CHAT, "org/typed-by-hand") == "org/typed-by-hand"
    following = rig.catalogue.default(CHAT, "Qwen/Qwen2.5-Coder-32B-Instruct")
    assert following == "Qwen/Qwen3-Coder-30B-A3B-Instruct"


async def test_an_answer_or_the_hub_weighs_more_than_the_mark(rig: Rig) -> None:
    from studio.providers.hub import Offer

    first, second = "Qwen/Qwen2.5-7B-Instruct", "Qwen/QVQ-72B-Preview"
    rig.hub.tells = {id: (frozenset({CHAT}), None) for id in SEED.models}
    rig.hub.tells[second] = (frozenset({VISION}), (Offer("ModelScope", 1.0),))
    await rig.catalogue.refresh()
    assert rig.standing(first) is Standing.RETIRED
    assert rig.standing(second) is Standing.KNOWN
    rig.catalogue.note_call(HERE.origin, first, None)
    assert rig.standing(first) is Standing.KNOWN
    await rig.written()
    again = rig.restarted()
    await again.refresh()
    assert again.find(first).standing is Standing.KNOWN
    rig.catalogue.note_call(HERE.origin, first, ErrorKind.MODEL_GONE)
    assert rig.standing(first) is Standing.RETIRED


async def test_the_list_alone_is_not_believed(rig: Rig) -> None:
    rig.hub.listed.append("Qwen/Qwen2.5-7B-Instruct")
    await rig.catalogue.refresh()
    assert rig.standing("Qwen/Qwen2.5-7B-Instruct") is Standing.RETIRED


async def test_another_host_may_well_serve_what_modelscope_does_not(database: Database) -> None:
    rig = Rig(database, LOCAL)
    rig.hub.listed[:] = ["Qwen/Qwen2.5-7B-Instruct"]
    await rig.catalogue.refresh()
    assert rig.standing("Qwen/Qwen2.5-7B-Instruct") is Standing.KNOWN


def test_models_of_the_other_site_are_not_offered(rig: Rig) -> None:
    assert not any(id.startswith("Qwen-Ambassador/") for id in rig.ids())
