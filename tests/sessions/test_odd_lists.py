"""Lists that were kept in the database and hold something else by now: the rest is still used."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from studio.core.models import Capability, Standing
from studio.sessions.models.service_models import ServiceModels
from studio.sessions.models.user_models import Kept
from studio.sessions.requests.tasks import TaskGroup
from studio.sessions.requests.usage_log import UsageLog
from studio.storage import key_value
from studio.storage.db.database import Database


@pytest.fixture
def database(tmp_path: Path) -> Any:
    opened = Database.open(tmp_path / "studio.db")
    yield opened
    opened.close()


@pytest.mark.parametrize(
    "stored",
    [
        [],
        7,
        {"favourites": 5, "recent": {"a": 1}, "own": []},
        {"favourites": [["a"], None, 3], "recent": "abc", "own": {"a/b": 7, "c/d": ["chat", {}]}},
    ],
)
async def test_favourites_that_are_none_keep_no_model_from_being_chosen(
    database: Database, stored: Any
) -> None:
    await database.call(key_value.save_catalogue, "models of the user", stored)
    kept = Kept(database, TaskGroup())
    await kept.load()
    assert not kept.favourites and not kept.recent
    kept.set_favourite("org/model", True)
    assert kept.favourites == ("org/model",)


async def test_one_wrong_favourite_costs_no_other(database: Database) -> None:
    stored = {"favourites": ["a/b", 7], "recent": [None, "c/d"], "own": {"e/f": ["vision", "x"]}}
    await database.call(key_value.save_catalogue, "models of the user", stored)
    kept = Kept(database, TaskGroup())
    await kept.load()
    assert (kept.favourites, kept.recent) == (("a/b",), ("c/d",))
    assert kept.own == {"e/f": frozenset({Capability.VISION})}


async def test_marks_of_the_day_that_are_none_ask_a_model_once_more(database: Database) -> None:
    stored = {"https://h": {"a/b": "tomorrow", "c/d": 9e12}, "https://i": ["x"]}
    await database.call(key_value.save_catalogue, "done for today", stored)
    usage_log = UsageLog(database)
    await usage_log.load()
    assert usage_log.done_until("https://h", "a/b") is None
    assert usage_log.done_until("https://h", "c/d") is not None


def test_what_a_service_said_is_read_type_by_type() -> None:
    kept = {
        "form": 1,
        "fetched_at": "then",
        "listed": {"a/b": ["x", []], "c/d": 5, "e/f": [10.0, 4096]},
        "gone": [1],
        "told": {"a/b": [[], 7, "yes", "free"], "g/h": [1.0, ["chat", []], True, 2]},
        "retired": {"i/j": "long ago"},
    }
    found = ServiceModels.from_json(kept)
    assert found.standing("a/b", 1e9) is Standing.KNOWN
    assert found.listed["e/f"].context_tokens == 4096
    assert found.told["g/h"].capabilities == frozenset({Capability.CHAT})
    assert found.told["g/h"].cost == 2.0
    assert found.standing("i/j", 1e9) is Standing.RETIRED
    assert ServiceModels.from_json(found.to_json()).listed.keys() == {"a/b", "e/f"}
