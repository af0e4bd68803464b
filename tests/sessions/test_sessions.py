"""The smaller sessions: tasks, preferences, service, catalogue and the open conversations."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path

import pytest

from studio import assets
from studio.core.errors import ErrorKind, StoredError, StudioError
from studio.core.messages import ChatProtocol, Conversation
from studio.core.models import Capability, ModelInfo
from studio.core.settings import Language, Settings
from studio.providers.base import Endpoint, NetworkSettings
from studio.sessions.chat.chats import KEPT_IDLE, Chats
from studio.sessions.models.catalogue import Catalogue, read_seed
from studio.sessions.preferences import Preferences
from studio.sessions.requests.service import Service
from studio.sessions.requests.tasks import TaskGroup
from studio.storage.db.database import Database
from studio.storage.preferences import PreferencesFile
from tests.scripted import ENDPOINT, ChatParts, ScriptedBuilders, ScriptedChat, idle, said, until


async def test_an_error_in_a_task_is_told_and_logged_without_its_text(
    caplog: pytest.LogCaptureFixture,
) -> None:
    tasks = TaskGroup()
    told: list[StoredError] = []
    tasks.failed.connect(told.append)

    async def fail() -> None:
        raise ValueError("what the user wrote")

    with caplog.at_level(logging.DEBUG, logger="studio"):
        tasks.start(fail(), "a thing")
        await until(lambda: bool(told))
    assert told[0].kind is ErrorKind.BUG
    assert "ValueError" in told[0].detail
    assert "what the user wrote" not in told[0].detail + caplog.text
    assert "test_sessions.py" in caplog.text
    assert tasks.count == 0


async def test_closing_cancels_everything_and_waits_for_last_words() -> None:
    tasks, words = TaskGroup(), []

    async def work() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            words.append("stored")

    for _ in range(3):
        tasks.start(work(), "work")
    await asyncio.sleep(0)
    await tasks.close()
    assert words == ["stored"] * 3
    assert tasks.closing


async def test_a_setting_is_in_force_at_once_and_written_in_order(tmp_path: Path) -> None:
    tasks = TaskGroup()
    path = tmp_path / "settings.json"
    preferences = Preferences(PreferencesFile(path), Settings(), tasks)
    told: list[frozenset[str]] = []
    preferences.changed.connect(told.append)
    preferences.change(language=Language.CHINESE, idle_seconds=60)
    preferences.change(idle_seconds=3)  # out of range: stays
    preferences.change(idle_seconds=60)  # the same: nothing to tell
    preferences.change(idle_seconds=90)
    assert preferences.settings.idle_seconds == 90
    await until(lambda: tasks.count == 0)
    read = PreferencesFile(path).load().settings
    assert (read.language, read.idle_seconds) == (Language.CHINESE, 90)
    assert told == [frozenset({"language", "idle_seconds"}), frozenset({"idle_seconds"})]


async def test_a_disk_that_refuses_a_setting_is_told_once_and_the_setting_holds(
    tmp_path: Path,
) -> None:
    tasks = TaskGroup()
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    preferences = Preferences(PreferencesFile(tmp_path / "file" / "s.json"), Settings(), tasks)
    told: list[StoredError] = []
    tasks.failed.connect(told.append)
    preferences.change(idle_seconds=60)
    await until(lambda: bool(told))
    assert told[0].kind is ErrorKind.STORAGE
    assert preferences.settings.idle_seconds == 60


def service(builders: ScriptedBuilders, endpoint: Endpoint = ENDPOINT) -> Service:
    """A service on scripted providers."""
    return Service(builders, endpoint, NetworkSettings(), TaskGroup())


async def test_providers_are_built_once_and_anew_after_a_change() -> None:
    builders = ScriptedBuilders()
    talking = service(builders)
    first = talking.chat(ChatProtocol.OPENAI)
    assert talking.chat(ChatProtocol.OPENAI) is first
    assert len(builders.built) == 1
    talking.use(ENDPOINT, "ms-1")
    await until(lambda: builders.chat.closed)
    talking.chat(ChatProtocol.OPENAI)
    assert builders.built[-1] == (ENDPOINT, "ms-1")
    talking.set_network(NetworkSettings())  # the same: nothing is rebuilt
    talking.chat(ChatProtocol.OPENAI)
    assert len(builders.built) == 2


async def test_without_a_token_nothing_is_asked_where_one_is_needed() -> None:
    needs = Endpoint("x", "x", "https://x.example/v1", "https://x.example")
    builders = ScriptedBuilders()
    talking = service(builders, needs)
    with pytest.raises(StudioError) as caught:
        talking.chat(ChatProtocol.OPENAI)
    assert caught.value.kind is ErrorKind.NO_TOKEN
    assert builders.built == []


async def test_a_token_does_not_follow_to_another_origin() -> None:
    builders = ScriptedBuilders()
    talking = service(builders)
    talking.use(ENDPOINT, "ms-secret")
    other = Endpoint("y", "y", "http://127.0.0.1:8/v1", "http://127.0.0.1:8", needs_token=False)
    talking.use(other, "")
    talking.chat(ChatProtocol.OPENAI)
    assert builders.built == [(other, "")]


def test_the_seed_is_whole_and_every_model_has_a_use() -> None:
    seed = read_seed(assets.resource("models.toml").read_text(encoding="utf-8"))
    assert {"general", "sd", "flux", "qwen-image", "z-image-turbo"} <= set(seed.families)
    for family in seed.families.values():
        for allowed in (family.side, family.steps, family.guidance, family.seed):
            assert allowed.low <= allowed.default <= allowed.high, family.name
        for width, height in family.size_chips:
            assert width in family.side, (family.name, width)
            assert height in family.side, (family.name, height)
            for side in (width, height, family.side.low, family.side.high):
                assert side % family.side_multiple == 0, (family.name, side)
        assert family.side_step % family.side_multiple == 0, family.name
    for name in ("flux", "z-image", "z-image-turbo"):
        assert seed.families[name].side_multiple == 16
    for model in seed.models.values():
        assert model.capabilities, model.id


@pytest.mark.parametrize(
    ("model", "family"),
    [
        ("Qwen/Qwen-Image-2512", "qwen-image"),
        ("Tongyi-MAI/Z-Image-Turbo", "z-image-turbo"),
        ("MAILAND/majicflus_v1", "flux"),
        ("black-forest-labs/FLUX.1-Krea-dev", "flux"),
        ("AI-ModelScope/stable-diffusion-xl-base-1.0", "sd"),
        ("somebody/unheard-of", "general"),
    ],
)
def test_a_model_has_the_ranges_of_its_family(database: Database, model: str, family: str) -> None:
    catalogue = Catalogue(service(ScriptedBuilders()), database, TaskGroup())
    assert catalogue.family_of(model).name == family


async def test_the_catalogue_grows_by_what_the_service_lists(database: Database) -> None:
    builders = ScriptedBuilders()
    builders.hub.listed = (ModelInfo("new/Talker"), ModelInfo("new/Seer-VL-7B"))
    catalogue = Catalogue(service(builders), database, TaskGroup())
    await catalogue.refresh()
    chat = {model.id for model in catalogue.models(Capability.CHAT)}
    vision = {model.id for model in catalogue.models(Capability.VISION)}
    pictures = {model.id for model in catalogue.models(Capability.TEXT_TO_IMAGE)}
    assert {"new/Talker", "new/Seer-VL-7B", "Qwen/Qwen3.5-35B-A3B"} <= chat
    assert "new/Seer-VL-7B" in vision
    assert "new/Talker" not in vision | pictures
    assert "Qwen/Qwen-Image" in pictures


async def test_a_service_that_lists_nothing_costs_the_catalogue_nothing(
    database: Database,
) -> None:
    builders = ScriptedBuilders()
    builders.hub.failure = StudioError(ErrorKind.NO_NETWORK)
    catalogue = Catalogue(service(builders), database, TaskGroup())
    before = catalogue.models(Capability.CHAT)
    await catalogue.refresh()
    assert catalogue.models(Capability.CHAT) == before
    assert catalogue.find("any/thing:Provider").id == "any/thing:Provider"


async def test_a_busy_conversation_lives_on_in_the_background(
    database: Database, tmp_path: Path
) -> None:
    held = asyncio.Event()
    parts = ChatParts(database, tmp_path, ScriptedChat([[held, *said("done")]]))
    chats = Chats(parts.session, database, parts.tasks)
    busy = chats.begin(Capability.CHAT, "o/m")
    busy.send("wait for me")
    await until(lambda: bool(parts.chat.requests))
    for _ in range(KEPT_IDLE + 5):
        chats.begin(Capability.CHAT, "o/m")
    same, unread = chats.session(Conversation(id=busy.conversation.id))
    assert (same, unread) == (busy, False)
    assert chats.busy == (busy,)
    held.set()
    await idle(busy)
    assert busy.messages[-1].text == "done"
