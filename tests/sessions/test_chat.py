"""A conversation as a user sees it: what was sent is on disk, and what came is kept."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from studio.core.errors import ErrorKind, StudioError
from studio.core.messages import (
    Conversation,
    ImagePart,
    Message,
    MessageStatus,
    ReasoningPart,
    Role,
    TextPart,
    Usage,
)
from studio.core.models import Capability
from studio.core.stream import (
    ImageContent,
    ReasoningDelta,
    StreamEnd,
    TextContent,
    TextDelta,
    UsageReport,
)
from studio.sessions.chat.chats import Chats
from studio.sessions.chat.session import ChatSession
from studio.sessions.chat.turns import turns_of
from studio.sessions.requests import retry
from studio.sessions.states import SessionState
from studio.storage.db.database import Database
from studio.storage.history import conversations, messages
from tests.scripted import ChatParts, idle, said, until


@pytest.fixture
def parts(database: Database, tmp_path: Path) -> ChatParts:
    """Real storage and queue, scripted service."""
    return ChatParts(database, tmp_path)


@pytest.fixture(autouse=True)
def _quick_retries(monkeypatch: pytest.MonkeyPatch) -> None:
    quick = {kind: tuple(0.01 for _ in delays) for kind, delays in retry._DELAYS.items()}
    monkeypatch.setattr(retry, "_DELAYS", quick)


async def stored(parts: ChatParts, session: ChatSession) -> list[Message]:
    """What another start of the program would show."""
    found = await parts.database.call(conversations.open_conversation, session.conversation.id)
    return found[1] if found else []


async def test_a_question_and_its_answer_are_shown_and_stored(parts: ChatParts) -> None:
    parts.chat.scripts = [
        [
            ReasoningDelta("Let me "),
            ReasoningDelta("think."),
            TextDelta("Hello"),
            TextDelta(" there."),
            UsageReport(7, 3),
            StreamEnd("stop"),
        ]
    ]
    session = parts.session()
    session.send("Say hello\nplease")
    await idle(session)
    question, answer = session.messages
    assert (question.role, question.text) == (Role.USER, "Say hello\nplease")
    assert answer.status is MessageStatus.COMPLETE
    assert answer.parts[1] == TextPart("Hello there.")
    assert isinstance(answer.parts[0], ReasoningPart)
    assert answer.parts[0].text == "Let me think."
    assert answer.parts[0].seconds is not None
    assert answer.usage == Usage(7, 3)
    assert answer.timing.first_token is not None
    assert session.conversation.title == "Say hello"
    assert await stored(parts, session) == [question, answer]


async def test_a_question_is_on_disk_before_it_is_shown(parts: ChatParts) -> None:
    held = asyncio.Event()
    parts.chat.scripts = [[held, *said("late")]]
    session = parts.session()
    seen: list[list[Message]] = []

    def look(message: Message) -> None:
        if message.role is Role.USER:
            key = session.conversation.id
            found = parts.database.call_sync(conversations.open_conversation, key)
            seen.append(found[1] if found else [])

    session.message_added.connect(look)
    session.send("keep me")
    await until(lambda: bool(seen))
    assert [message.text for message in seen[0]] == ["keep me"]
    held.set()
    await idle(session)


async def test_a_disk_that_refuses_leaves_the_draft_and_sends_nothing(parts: ChatParts) -> None:
    session = parts.session()
    refused: list[object] = []
    session.send_refused.connect(refused.append)
    parts.database.close()
    session.send("do not lose me")
    await until(lambda: bool(refused))
    assert session.messages == ()
    assert session.state is SessionState.IDLE
    assert parts.chat.requests == []


async def test_stop_keeps_the_text_already_received(parts: ChatParts) -> None:
    held = asyncio.Event()
    parts.chat.scripts = [[TextDelta("half an ans"), held]]
    session = parts.session()
    session.send("go")
    await until(lambda: session.state is SessionState.STREAMING)
    session.stop()
    await idle(session)
    answer = session.messages[-1]
    assert (answer.status, answer.text) == (MessageStatus.STOPPED, "half an ans")
    assert answer.error is None
    assert parts.chat.open_streams == 0
    assert (await stored(parts, session))[-1] == answer


async def test_the_end_of_the_program_keeps_the_text_and_says_why(parts: ChatParts) -> None:
    held = asyncio.Event()
    parts.chat.scripts = [[TextDelta("half"), held]]
    session = parts.session()
    session.send("go")
    await until(lambda: session.state is SessionState.STREAMING)
    await parts.tasks.close()
    answer = (await stored(parts, session))[-1]
    assert (answer.status, answer.text) == (MessageStatus.INTERRUPTED, "half")
    assert answer.error is not None
    assert answer.error.kind is ErrorKind.PROGRAM_ENDED


async def test_a_cut_answer_is_kept_and_never_called_whole(parts: ChatParts) -> None:
    cut = StudioError(ErrorKind.CUT_SHORT, request_id="r-1")
    parts.chat.scripts = [[TextDelta("the begin"), cut]]
    session = parts.session()
    session.send("go")
    await idle(session)
    answer = session.messages[-1]
    assert (answer.status, answer.text) == (MessageStatus.INTERRUPTED, "the begin")
    assert answer.error is not None
    assert (answer.error.kind, answer.request_id) == (ErrorKind.CUT_SHORT, "r-1")
    assert len(parts.chat.requests) == 1


async def test_a_refusal_is_no_answer_and_is_told_in_place(parts: ChatParts) -> None:
    parts.chat.scripts = [[StudioError(ErrorKind.WRONG_TOKEN, "no such token")]]
    session = parts.session()
    session.send("go")
    await idle(session)
    answer = session.messages[-1]
    assert (answer.status, answer.parts) == (MessageStatus.FAILED, ())
    assert answer.error is not None
    assert answer.error.detail == "no such token"


@pytest.mark.parametrize(
    ("kind", "tries"),
    [(ErrorKind.THROTTLED, 4), (ErrorKind.BUSY, 2), (ErrorKind.EMPTY_ANSWER, 3)],
)
async def test_what_may_pass_is_tried_again_visibly_and_not_forever(
    parts: ChatParts, kind: ErrorKind, tries: int
) -> None:
    parts.chat.scripts = [[StudioError(kind)] for _ in range(9)]
    session = parts.session()
    states: list[SessionState] = []
    session.state_changed.connect(states.append)
    session.send("go")
    await idle(session)
    assert len(parts.chat.requests) == tries == retry.tries_of(kind)
    assert states.count(SessionState.BACKING_OFF) == tries - 1
    assert session.messages[-1].status is MessageStatus.FAILED


@pytest.mark.parametrize(
    "kind", [ErrorKind.DONE_FOR_TODAY, ErrorKind.WRONG_TOKEN, ErrorKind.MODEL_GONE]
)
async def test_what_will_not_pass_is_asked_once(parts: ChatParts, kind: ErrorKind) -> None:
    parts.chat.scripts = [[StudioError(kind)] for _ in range(3)]
    session = parts.session()
    session.send("go")
    await idle(session)
    assert len(parts.chat.requests) == 1


async def test_an_answer_that_began_is_never_asked_for_again(parts: ChatParts) -> None:
    parts.chat.scripts = [[TextDelta("it began"), StudioError(ErrorKind.BUSY)], said("twice")]
    session = parts.session()
    session.send("go")
    await idle(session)
    assert len(parts.chat.requests) == 1
    assert session.messages[-1].text == "it began"


async def test_a_very_long_wait_is_said_and_not_sat_out(parts: ChatParts) -> None:
    parts.chat.scripts = [[StudioError(ErrorKind.THROTTLED, retry_after=3600)], said("no")]
    session = parts.session()
    session.send("go")
    await idle(session)
    assert len(parts.chat.requests) == 1
    assert session.messages[-1].status is MessageStatus.FAILED


async def test_stop_ends_a_countdown(parts: ChatParts, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retry, "_DELAYS", {ErrorKind.THROTTLED: (3600.0,)})
    monkeypatch.setattr(retry, "LONGEST_WAIT", 3600.0)
    parts.chat.scripts = [[StudioError(ErrorKind.THROTTLED)]]
    session = parts.session()
    session.send("go")
    await until(lambda: session.state is SessionState.BACKING_OFF)
    session.stop()
    await idle(session)
    assert session.messages[-1].status is MessageStatus.STOPPED
    assert parts.request_queue.turns == ()


async def test_retry_makes_another_version_and_keeps_the_first(parts: ChatParts) -> None:
    parts.chat.scripts = [said("first"), said("second")]
    session = parts.session()
    session.send("go")
    await idle(session)
    first = session.messages[-1]
    session.retry(first.id)
    await idle(session)
    assert [message.text for message in session.messages] == ["go", "second"]
    everything = await parts.database.call(messages.load_all, session.conversation.id)
    assert {message.text for message in everything} == {"go", "first", "second"}
    assert session.messages[-1].parent_id == first.parent_id


async def test_edit_asks_anew_from_there_and_keeps_what_was(parts: ChatParts) -> None:
    parts.chat.scripts = [said("one"), said("two"), said("other")]
    session = parts.session()
    for question in ("first", "second"):
        session.send(question)
        await idle(session)
    session.edit(session.messages[0].id, "first, better")
    await idle(session)
    assert [message.text for message in session.messages] == ["first, better", "other"]
    assert (await stored(parts, session)) == list(session.messages)
    everything = await parts.database.call(messages.load_all, session.conversation.id)
    assert len(everything) == 6


async def test_a_first_question_asked_anew_gives_the_conversation_its_title(
    parts: ChatParts,
) -> None:
    parts.chat.scripts = [said(each) for each in "abcd"]
    session = parts.session()
    session.send("apples\nand more")
    await idle(session)
    for question in ("pears (2)", "plums"):
        session.edit(session.messages[0].id, question)
        await idle(session)
        assert session.conversation.title == question
        found = await parts.database.call(conversations.load_conversation, session.conversation.id)
        assert found is not None
        assert found.title == question
    session.send("second")
    await idle(session)
    assert session.conversation.title == "plums"


async def test_a_copy_whose_first_question_is_asked_anew_has_no_number_any_more(
    parts: ChatParts,
) -> None:
    parts.chat.scripts = [said("a"), said("b")]
    session = parts.session()
    session.send("apples")
    await idle(session)
    copy = await parts.database.call(conversations.fork, session.messages[-1].id)
    assert copy is not None
    assert copy.title == "apples (2)"
    other = parts.session(copy)
    await other.load()
    other.edit(other.messages[0].id, "pears")
    await idle(other)
    assert other.conversation.title == "pears"


async def test_a_title_that_the_user_gave_stays_whatever_is_asked_anew(parts: ChatParts) -> None:
    parts.chat.scripts = [said(each) for each in "abcd"]
    session = parts.session()
    session.send("apples")
    await idle(session)
    session.send("more")
    await idle(session)
    session.edit(session.messages[2].id, "still more")  # not the first
    await idle(session)
    assert session.conversation.title == "apples"
    session.change(title="Fruit (1)")
    session.edit(session.messages[0].id, "pears")
    await idle(session)
    assert session.conversation.title == "Fruit (1)"


async def test_a_conversation_opened_again_shows_the_same(parts: ChatParts) -> None:
    parts.chat.scripts = [said("yes")]
    session = parts.session()
    session.change(system_prompt="Be brief.")
    session.send("really?")
    await idle(session)
    again = parts.session(Conversation(id=session.conversation.id))
    await again.load()
    assert again.messages == session.messages
    assert again.conversation.system_prompt == "Be brief."
    assert again.conversation.head_id == session.messages[-1].id


async def test_changing_the_model_of_a_stored_conversation_keeps_its_messages(
    parts: ChatParts,
) -> None:
    parts.chat.scripts = [said("yes"), said("also")]
    session = parts.session()
    session.send("one")
    await idle(session)
    session.change(model="org/other")
    session.send("two")
    await idle(session)
    assert [request.model for request in parts.chat.requests] == ["org/model", "org/other"]
    assert (await stored(parts, session)) == list(session.messages)
    assert len(session.messages) == 4


async def test_the_history_is_sent_and_failed_answers_are_not(parts: ChatParts) -> None:
    parts.chat.scripts = [[StudioError(ErrorKind.WRONG_TOKEN)], said("ok")]
    session = parts.session()
    session.send("one")
    await idle(session)
    session.send("two")
    await idle(session)
    sent = parts.chat.requests[-1]
    assert [(turn.role, turn.content) for turn in sent.turns] == [
        (Role.USER, (TextContent("one"),)),
        (Role.USER, (TextContent("two"),)),
    ]


async def test_pictures_go_with_the_newest_question_that_has_any(parts: ChatParts) -> None:
    def with_picture(content: bytes, text: str) -> Message:
        sha256 = parts.attachments.keep(content, "image/png")
        part = ImagePart(sha256, "image/png", 1, 1, len(content), "p.png")
        return Message("c", Role.USER, (part, TextPart(text)))

    asked = [
        with_picture(b"old", "what is this?"),
        Message("c", Role.ASSISTANT, (TextPart("a cat"),), model="m"),
        with_picture(b"new", "and this?"),
        Message("c", Role.ASSISTANT, (TextPart("a dog"),), model="m"),
        Message("c", Role.USER, (TextPart("what colour?"),)),
    ]
    turns = await turns_of(asked, Conversation(model="m"), parts.attachments)
    pictures = [
        [part.content for part in turn.content if isinstance(part, ImageContent)] for turn in turns
    ]
    assert pictures == [[], [], [b"new"], [], []]


async def test_a_burst_is_shown_at_most_once_a_frame_and_comes_out_whole(
    parts: ChatParts,
) -> None:
    words = [f"word{n} " for n in range(5000)]
    parts.chat.scripts = [said(*words)]
    session = parts.session()
    shown: list[int] = []
    session.message_changed.connect(lambda message: shown.append(len(message.text)))
    session.send("go")
    await idle(session)
    assert session.messages[-1].text == "".join(words)
    assert shown == sorted(shown)
    assert len(shown) < 500


async def test_two_conversations_wait_for_each_other_and_stop_alone(parts: ChatParts) -> None:
    held = asyncio.Event()
    parts.chat.scripts = [[TextDelta("a"), held], said("b")]
    first, second = parts.session(), parts.session()
    first.send("one")
    await until(lambda: first.state is SessionState.STREAMING)
    second.send("two")
    await until(lambda: second.state is SessionState.QUEUED)
    first.stop()
    await idle(first)
    await idle(second)
    assert first.messages[-1].status is MessageStatus.STOPPED
    assert second.messages[-1].text == "b"


async def test_an_error_of_ours_ends_the_answer_and_is_told(parts: ChatParts) -> None:
    parts.chat.scripts = [[TextDelta("x"), RuntimeError("secret words of the user")]]
    told: list[object] = []
    parts.tasks.failed.connect(told.append)
    session = parts.session()
    session.send("go")
    await idle(session)
    answer = session.messages[-1]
    assert answer.status is MessageStatus.INTERRUPTED
    assert answer.error is not None
    assert answer.error.kind is ErrorKind.BUG
    await until(lambda: bool(told))
    assert "secret words" not in repr(told)


@pytest.mark.parametrize("wrong", ["", "   ", "\n"])
async def test_nothing_is_sent_for_nothing(parts: ChatParts, wrong: str) -> None:
    session = parts.session()
    session.send(wrong)
    assert session.state is SessionState.IDLE
    assert parts.tasks.count == 0


async def test_versions_can_be_gone_through_and_the_shown_one_is_remembered(
    parts: ChatParts,
) -> None:
    parts.chat.scripts = [said("first"), said("second"), said("after the second")]
    session = parts.session()
    session.send("go")
    await idle(session)
    session.retry(session.messages[-1].id)
    await idle(session)
    second = session.messages[-1]
    assert session.versions == {second.id: (2, 2)}
    session.send("and then?")
    await idle(session)
    session.show_version(second.id, -1)
    await until(lambda: session.messages[-1].text == "first")
    assert len(session.messages) == 2
    again = parts.session(Conversation(id=session.conversation.id))
    await again.load()
    assert [message.text for message in again.messages] == ["go", "first"]
    assert again.versions == {again.messages[-1].id: (1, 2)}
    again.show_version(again.messages[-1].id, 1)
    await until(lambda: len(again.messages) == 4)
    assert again.messages[-1].text == "after the second"
    again.show_version(again.messages[1].id, 1)  # there is no third
    await until(lambda: parts.tasks.count == 0)
    assert len(again.messages) == 4


async def test_a_fork_goes_on_by_itself(parts: ChatParts) -> None:
    parts.chat.scripts = [said("one"), said("two"), said("other")]
    chats = Chats(parts.session, parts.database, parts.tasks)
    session = chats.begin(Capability.CHAT, "org/model")
    for question in ("first", "second"):
        session.send(question)
        await idle(session)
    forked: list[ChatSession] = []
    chats.forked.connect(forked.append)
    chats.fork(session.messages[1].id)
    await until(lambda: bool(forked))
    branch = forked[0]
    assert [message.text for message in branch.messages] == ["first", "one"]
    branch.send("elsewhere")
    await idle(branch)
    assert [message.text for message in session.messages] == ["first", "one", "second", "two"]
    assert branch.messages[-1].text == "other"
