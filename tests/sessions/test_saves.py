"""A disk that refuses in mid-answer: what is on the screen gets onto it all the same."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from studio.core.errors import ErrorKind, StudioError
from studio.core.messages import Conversation, Message, MessageStatus, Role
from studio.core.models import Capability
from studio.core.stream import TextDelta
from studio.sessions.chat import chats as chats_module
from studio.sessions.chat import saves
from studio.sessions.chat.chats import Chats
from studio.sessions.chat.session import ChatSession
from studio.storage.db.database import Database
from studio.storage.history import conversations
from tests.scripted import ChatParts, idle, said, until


@pytest.fixture
def parts(database: Database, tmp_path: Path) -> ChatParts:
    """Real storage and queue, scripted service."""
    return ChatParts(database, tmp_path)


def refuse(database: Database, refuses: bool = True) -> None:
    """Let SQLite refuse every write, as on a full disk; or no longer."""
    database.call_sync(lambda c: c.execute(f"PRAGMA query_only = {int(refuses)}"))


async def stored(parts: ChatParts, session: ChatSession) -> list[Message]:
    """What another start of the program would show."""
    found = await parts.database.call(conversations.open_conversation, session.conversation.id)
    return found[1] if found else []


async def lost_its_disk(parts: ChatParts) -> ChatSession:
    """A session whose answer ended while the disk refused."""
    held = asyncio.Event()
    parts.chat.scripts = [[TextDelta("half "), held, *said("and half")]]
    session = parts.session()
    session.send("tell me")
    await until(lambda: bool(session.messages) and session.messages[-1].text == "half ")
    refuse(parts.database)
    held.set()
    await idle(session)
    answer = session.messages[-1]
    assert (answer.text, answer.status) == ("half and half", MessageStatus.COMPLETE)
    assert answer.error is not None
    assert answer.error.kind is ErrorKind.STORAGE
    return session


async def test_an_answer_is_saved_by_itself_once_the_disk_is_back(parts: ChatParts) -> None:
    session = await lost_its_disk(parts)
    refuse(parts.database, False)
    await until(lambda: session.messages[-1].error is None)
    assert not session.unsaved
    assert await stored(parts, session) == list(session.messages)


async def test_the_next_question_saves_the_answer_before_it(
    parts: ChatParts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(saves, "FIRST_TRY_SECONDS", 60.0)
    session = await lost_its_disk(parts)
    refuse(parts.database, False)
    parts.chat.scripts = [said("more")]
    session.send("go on")
    await idle(session)
    assert [each.text for each in await stored(parts, session)] == [
        "tell me", "half and half", "go on", "more",
    ]  # fmt: skip
    assert all(each.error is None for each in session.messages)


async def test_retry_saves_and_does_not_ask_again(
    parts: ChatParts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(saves, "FIRST_TRY_SECONDS", 60.0)
    session = await lost_its_disk(parts)
    answer = session.messages[-1]
    session.retry(answer.id)
    await asyncio.sleep(0.05)
    assert session.messages[-1].error is not None, "the disk still refuses: as it was"
    refuse(parts.database, False)
    session.retry(answer.id)
    await until(lambda: session.messages[-1].error is None)
    assert len(parts.chat.requests) == 1
    assert (await stored(parts, session))[-1].text == "half and half"


async def test_the_end_of_the_program_saves_at_the_latest(
    parts: ChatParts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(saves, "FIRST_TRY_SECONDS", 60.0)
    session = await lost_its_disk(parts)
    refuse(parts.database, False)
    await parts.tasks.close()
    assert [each.text for each in await stored(parts, session)] == ["tell me", "half and half"]


async def test_a_stopped_and_a_broken_answer_are_saved_as_what_they_are(parts: ChatParts) -> None:
    parts.chat.scripts = [[TextDelta("half"), asyncio.Event()]]
    session = parts.session()
    session.send("tell me")
    await until(lambda: bool(session.messages) and session.messages[-1].text == "half")
    refuse(parts.database)
    session.stop()
    await idle(session)
    assert session.messages[-1].error is not None
    refuse(parts.database, False)
    await until(lambda: not session.unsaved)
    assert (await stored(parts, session))[-1].status is MessageStatus.STOPPED

    held = asyncio.Event()
    parts.chat.scripts = [[TextDelta("one"), held, StudioError(ErrorKind.CUT_SHORT)]]
    session.send("and now")
    await until(lambda: session.messages[-1].text == "one")
    refuse(parts.database)
    held.set()
    await idle(session)
    refuse(parts.database, False)
    await until(lambda: not session.unsaved)
    last = (await stored(parts, session))[-1]
    assert last.error is not None
    assert (last.status, last.error.kind) == (MessageStatus.INTERRUPTED, ErrorKind.CUT_SHORT)
    assert session.messages[-1] == last


async def test_a_refusal_before_the_answer_began_costs_nothing_and_asks_on_retry(
    parts: ChatParts,
) -> None:
    parts.chat.scripts = [said("one"), said("two")]
    session = parts.session()
    session.send("first")
    await idle(session)
    refuse(parts.database)
    session.retry(session.messages[-1].id)
    await idle(session)
    assert len(parts.chat.requests) == 1, "what cannot be kept is not asked for"
    failed = session.messages[-1]
    assert failed.error is not None
    refuse(parts.database, False)
    session.retry(failed.id)
    await idle(session)
    assert session.messages[-1].text == "two"


async def test_a_conversation_with_an_unsaved_answer_is_never_read_back_without_it(
    parts: ChatParts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chats_module, "KEPT_IDLE", 1)
    monkeypatch.setattr(saves, "FIRST_TRY_SECONDS", 60.0)
    chats = Chats(parts.session, parts.database, parts.tasks)
    session = await lost_its_disk(parts)
    chats._add(session.conversation)  # its place is taken by the one that lost its disk
    chats._sessions[session.conversation.id] = session
    for _ in range(5):
        chats.begin(Capability.CHAT, "org/model")
    again, unread = chats.session(session.conversation)
    assert (again, unread) == (session, False)
    await session.load()
    assert session.messages[-1].text == "half and half"
    assert session.messages[-1].error is not None


async def test_a_copy_holds_the_whole_answer(
    parts: ChatParts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(saves, "FIRST_TRY_SECONDS", 60.0)
    session = await lost_its_disk(parts)
    chats = Chats(parts.session, parts.database, parts.tasks)
    chats._sessions[session.conversation.id] = session
    forked: list[ChatSession] = []
    chats.forked.connect(forked.append)
    refuse(parts.database, False)
    chats.fork(session.messages[-1].id)
    await until(lambda: bool(forked))
    assert [each.text for each in forked[0].messages] == ["tell me", "half and half"]


def test_a_row_that_streams_is_ended_at_the_start_whatever_the_last_exit_was(
    tmp_path: Path,
) -> None:
    path = tmp_path / "studio.db"
    database = Database.open(path)
    conversation = Conversation()
    answer = Message(conversation.id, role=Role.ASSISTANT, parts=(), status=MessageStatus.STREAMING)
    database.call_sync(conversations.save_turn, conversation, answer)
    database.close()  # in all order
    again = Database.open(path)
    report = again.wait_open()
    assert (report.unclean, report.interrupted) == (False, 1)
    found = again.call_sync(conversations.open_conversation, conversation.id)
    assert found is not None
    assert found[1][0].status is MessageStatus.INTERRUPTED
    assert found[1][0].error is not None
    assert found[1][0].error.kind is ErrorKind.PROGRAM_ENDED
    again.close()


def test_a_copy_of_a_row_that_streams_is_no_row_that_streams(database: Database) -> None:
    conversation = Conversation()
    answer = Message(conversation.id, role=Role.ASSISTANT, parts=(), status=MessageStatus.STREAMING)
    database.call_sync(conversations.save_turn, conversation, answer)
    copy = database.call_sync(conversations.fork, answer.id)
    assert copy is not None
    found = database.call_sync(conversations.open_conversation, copy.id)
    assert found is not None
    assert found[1][0].status is MessageStatus.INTERRUPTED
