"""Titles by the model: only when wanted, one call, never in the way, never over the user's own."""

from __future__ import annotations

import asyncio
import gc
import weakref
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from studio.core.errors import ErrorKind, StudioError
from studio.core.messages import ChatProtocol, Conversation
from studio.core.settings import Settings
from studio.providers import registry
from studio.sessions.chat.session import ChatSession
from studio.sessions.chat.titles import MOST_TOKENS, Titles
from studio.sessions.models.catalogue import Catalogue
from studio.sessions.preferences import Preferences
from studio.sessions.requests.exchange_log import ExchangeLog
from studio.sessions.requests.metering import MeteredBuilders
from studio.sessions.requests.request_queue import RequestQueue, TurnKind
from studio.sessions.requests.service import Service
from studio.sessions.requests.tasks import TaskGroup
from studio.sessions.requests.usage_log import UsageLog, Used
from studio.sessions.states import SessionState
from studio.storage.db.database import Database
from studio.storage.history import conversations
from studio.storage.pictures.attachments import Attachments
from studio.storage.preferences import PreferencesFile
from tests.contract.asking import FAST, TOKEN
from tests.contract.dialects import AnthropicDialect, OpenAIDialect
from tests.contract.wire import HANG, Play, Until, WireServer, chunked, head, whole
from tests.scripted import idle, until

MODEL = "org/model"
FIRST = "tell me of the sea"
SPOKEN = OpenAIDialect()


def answer(words: str = "It is blue.") -> Play:
    return chunked(SPOKEN.stream(words))


def named(title: str) -> Play:
    return whole(SPOKEN.answer(title))


class House:
    """Everything real: providers, queue, database, ledger."""

    def __init__(self, folder: Path, database: Database, server: WireServer) -> None:
        self.database, self.server = database, server
        self.tasks, self.request_queue = TaskGroup(), RequestQueue()
        file = PreferencesFile(folder / "settings.json")
        self.preferences = Preferences(file, Settings(name_conversations=True), self.tasks)
        self.usage_log, self.exchange_log = UsageLog(database), ExchangeLog()
        builders = MeteredBuilders(registry, self.usage_log, self.exchange_log)
        endpoint = registry.endpoint_for("cn", server.address)
        self.service = Service(builders, endpoint, FAST, self.tasks)
        self.service.use(endpoint, TOKEN)
        service = self.service
        service.set_admission(lambda model: self.usage_log.admit(service.key, model, "host"))
        self.catalogue = Catalogue(self.service, database, self.tasks)
        self.attachments = Attachments(folder / "attachments")
        self.titles = Titles(
            self.service, self.request_queue, self.catalogue, self.preferences, database, self.tasks
        )
        self.failures: list[Any] = []
        self.tasks.failed.connect(self.failures.append)

    def session(self, **given: Any) -> ChatSession:
        """A conversation that is followed."""
        made = ChatSession(
            Conversation(model=MODEL, **given),
            self.database,
            self.attachments,
            self.service,
            self.request_queue,
            self.tasks,
        )
        self.titles.follow(made)
        return made

    async def rest(self) -> None:
        """Wait until nothing is under way."""
        await until(lambda: self.tasks.count == 0)

    async def stored_title(self, session: ChatSession) -> str:
        """What another start of the program would show."""
        key = session.conversation.id
        found = await self.database.call(conversations.load_conversation, key)
        assert found is not None
        return found.title


@pytest.fixture
async def house(tmp_path: Path, database: Database) -> AsyncIterator[House]:
    """A service that answers and then names."""
    async with WireServer(answer(), named("“The Sea.”")) as server:
        made = House(tmp_path, database, server)
        yield made
        await made.tasks.close()
        await made.service.close()


async def ask(session: ChatSession, words: str = FIRST) -> None:
    session.send(words)
    await idle(session)


async def test_nothing_more_is_asked_unless_it_is_wanted(house: House) -> None:
    assert Settings().name_conversations is False
    house.preferences.change(name_conversations=False)
    session = house.session()
    await ask(session)
    await house.rest()
    assert len(house.server.seen) == 1
    assert session.conversation.title == await house.stored_title(session) == FIRST


async def test_one_short_call_names_a_conversation(house: House) -> None:
    session = house.session()
    changed: list[str] = []
    session.conversation_changed.connect(lambda now: changed.append(now.title))
    await ask(session)
    await house.rest()
    assert session.conversation.title == await house.stored_title(session) == "The Sea"
    assert changed[-1] == "The Sea", "whoever shows it hears of it"
    first, second = (seen.json for seen in house.server.seen)
    assert (first["stream"], second["stream"]) == (True, False)
    assert second["max_tokens"] == MOST_TOKENS
    (message,) = second["messages"]
    assert FIRST in message["content"]
    assert "It is blue." in message["content"]
    assert [m.text for m in session.messages] == [FIRST, "It is blue."]
    # It was a call like any other, and says so.
    (use,) = await house.usage_log.used(1)
    assert use.used.calls == 2
    assert len(house.exchange_log.exchanges) == 2
    # Neither another question nor another version asks again.
    house.server.plays.append(answer("More."))
    await ask(session, "and more")
    session.retry(session.messages[-1].id)
    await idle(session)
    await house.rest()
    assert [seen.json["stream"] for seen in house.server.seen] == [True, False, True, True]


async def test_the_other_door_names_too(house: House) -> None:
    spoken = AnthropicDialect()
    house.server.plays = [chunked(spoken.stream("Blue.")), whole(spoken.answer("海"))]
    session = house.session(protocol=ChatProtocol.ANTHROPIC)
    await ask(session, "说说海")
    await house.rest()
    assert await house.stored_title(session) == "海"
    assert len(house.server.seen) == 2


@pytest.mark.parametrize(
    "refusal",
    [
        whole({"errors": {"message": "slow down"}}, "429 Too Many Requests"),
        whole({"errors": {"message": "Server is busy"}}, "503 Service Unavailable"),
        whole({"errors": {"message": "Authentication failed"}}, "401 Unauthorized"),
        whole("<html>Log in</html>", content_type="text/html"),
        whole({"id": "", "choices": None}),
        whole(SPOKEN.answer('"…"  ')),
        Play((head(content_length="99"),)),
    ],
    ids=["429", "503", "401", "html", "shell", "nothing in it", "cut"],
)
async def test_a_failure_leaves_the_title_and_is_not_repeated(house: House, refusal: Play) -> None:
    house.server.plays = [answer(), refusal]
    session = house.session()
    await ask(session)
    await house.rest()
    assert len(house.server.seen) == 2
    assert session.conversation.title in (FIRST, "…")
    assert house.failures == []
    assert session.messages[-1].error is None
    assert len(house.exchange_log.exchanges) == 2


async def test_a_title_that_the_user_gave_meanwhile_stays(house: House) -> None:
    named_now = asyncio.Event()
    late = named("The Sea")
    house.server.plays = [answer(), replace(late, steps=(Until(named_now), *late.steps))]
    session = house.session()
    await ask(session)
    await until(lambda: len(house.server.seen) == 2)
    # As the history does it: the list tells the database, and the open session follows.
    await house.database.call(conversations.rename, session.conversation.id, "Mine")
    named_now.set()
    await house.rest()
    assert await house.stored_title(session) == "Mine", "also where the session does not know"
    session.follow({"title": "Mine"})
    assert session.conversation.title == "Mine"


async def test_a_conversation_with_a_name_of_its_own_is_left_alone(house: House) -> None:
    session = house.session(title="Mine")
    await ask(session)
    await house.rest()
    assert len(house.server.seen) == 1
    assert session.conversation.title == "Mine"


async def test_what_failed_or_was_stopped_gets_no_title(house: House) -> None:
    house.server.plays = [chunked([SPOKEN.text("half")], finished=True)]
    session = house.session()
    await ask(session)
    await house.rest()
    assert session.messages[-1].error is not None
    assert len(house.server.seen) == 1


async def test_a_model_that_is_done_for_today_is_not_asked(house: House) -> None:
    session = house.session()
    session.send(FIRST)
    await until(lambda: session.state is SessionState.WAITING)
    house.request_queue.set_paused(True)  # what waits is held back, as the title will be
    await idle(session)
    await until(lambda: house.request_queue.waiting == 1)
    done = StudioError(ErrorKind.DONE_FOR_TODAY)
    house.usage_log.count_call(house.service.key, MODEL, Used(), done)
    house.request_queue.set_paused(False)
    await house.rest()
    assert len(house.server.seen) == 1
    assert session.conversation.title == FIRST
    assert house.failures == []


async def test_a_question_never_waits_for_a_title(house: House) -> None:
    house.server.plays = [answer(), Play((), HANG), answer("At once.")]
    session = house.session()
    await ask(session)
    await until(lambda: len(house.server.seen) == 2)
    assert [turn.kind.name for turn in house.request_queue.turns] == ["TITLE"]
    await ask(session, "and more")
    assert session.messages[-1].text == "At once."
    await house.server.seen[1].client_left.wait()
    await house.rest()
    assert len(house.server.seen) == 3
    assert session.conversation.title == FIRST


async def test_a_title_waits_behind_everything_else(house: House) -> None:
    first, second = house.session(), house.session()
    gone_on = asyncio.Event()
    slow = SPOKEN.stream("Slow.")
    house.server.plays = [
        answer("Quick."),
        chunked([slow[0], Until(gone_on), *slow[1:]]),
        named("One"),
        named("Two"),
    ]
    first.send("one, please")
    second.send("two, please")
    await idle(first)
    await until(lambda: house.request_queue.waiting == 1)
    kinds = [turn.kind.name for turn in house.request_queue.turns]
    assert kinds == ["CHAT", "TITLE"]
    gone_on.set()
    await idle(second)
    await house.rest()
    assert (first.conversation.title, second.conversation.title) == ("One", "Two")
    assert len(house.server.seen) == 4


async def test_an_order_that_waits_for_a_picture_ends_no_title(house: House) -> None:
    named_late = asyncio.Event()
    house.server.plays = [answer(), Play((Until(named_late), *named("The Sea").steps))]
    session, leave = house.session(), asyncio.Event()

    async def paint() -> None:
        async with house.request_queue.turn(TurnKind.IMAGE, "a boat", "m", pending=True):
            await leave.wait()

    async def order() -> None:
        async with house.request_queue.turn(TurnKind.IMAGE, "a barn", "m"):
            pass

    house.tasks.start(paint(), "paint")
    await ask(session)
    await until(lambda: len(house.server.seen) == 2)
    house.tasks.start(order(), "order")
    await until(lambda: house.request_queue.waiting == 1)
    named_late.set()
    await until(lambda: session.conversation.title == "The Sea")
    leave.set()
    await house.rest()


async def test_the_end_of_the_program_does_not_wait_for_a_title(house: House) -> None:
    house.server.plays = [answer(), Play((), HANG)]
    session = house.session()
    await ask(session)
    await until(lambda: len(house.server.seen) == 2)
    await asyncio.wait_for(house.tasks.close(), 2)
    assert await house.stored_title(session) == FIRST


async def test_a_session_that_is_forgotten_is_not_kept_alive(house: House) -> None:
    gone = weakref.ref(house.session())
    gc.collect()
    assert gone() is None
