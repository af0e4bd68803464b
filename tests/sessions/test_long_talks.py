"""A conversation that is too long, odd turns in it, lessons and purses: what really is sent."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from studio.core.errors import ErrorKind, StoredError, StudioError
from studio.core.lessons import KEPT_SECONDS, Fact
from studio.core.messages import (
    ChatProtocol,
    Conversation,
    Message,
    MessageStatus,
    ReasoningPart,
    Role,
    TextPart,
)
from studio.core.stream import ModelLearned, ReasoningDelta, StreamEnd, TextDelta, ThinkingContent
from studio.core.turns import alternating
from studio.sessions.chat.context_cut import ContextCut, limit_in
from studio.sessions.requests.lessons import Lessons
from studio.sessions.requests.metering import EITHER_PURSE, MeteredChat
from studio.sessions.requests.usage_log import UsageLog
from studio.storage.db.database import Database
from tests.contract.asking import outcome_of, question
from tests.scripted import ENDPOINT, ChatParts, ScriptedChat, idle, said, until


@pytest.fixture
def parts(database: Database, tmp_path: Path) -> ChatParts:
    """Real storage and queue, scripted service."""
    return ChatParts(database, tmp_path)


FULL = StudioError(
    ErrorKind.CONTEXT_FULL, "Range of input length should be [1, 30720]", values={"model": "m"}
)


async def talked(parts: ChatParts, *answers: str, size: int = 1):  # type: ignore[no-untyped-def]  # a session
    """A conversation of as many turns."""
    session = parts.session()
    for number, answer in enumerate(answers):
        parts.chat.scripts = [said(answer * size)]
        session.send(f"问{number}" * size)
        await idle(session)
    return session


def sent(parts: ChatParts, request: int = -1) -> list[str]:
    """The texts of a request's turns."""
    turns = parts.chat.requests[request].turns
    return ["".join(getattr(part, "text", "") for part in turn.content) for turn in turns]


async def test_a_full_context_goes_on_without_the_oldest_turns(parts: ChatParts) -> None:
    session = await talked(parts, "甲", "乙", "丙", "丁")
    parts.chat.scripts = [[FULL]]
    session.send("最后")
    await idle(session)
    refused = session.messages[-1]
    assert refused.error is not None
    assert refused.error.kind is ErrorKind.CONTEXT_FULL
    parts.chat.scripts = [said("好")]
    assert session.cut.shorten(session.messages, refused.id)
    session.retry(refused.id)
    await idle(session)
    assert session.messages[-1].text == "好"
    assert sent(parts)[-1] == "最后"
    assert sent(parts)[0].startswith("问"), "a question is the first that is sent"
    assert 3 <= len(sent(parts)) < 9
    assert len(session.messages) == 10, "nothing left the page"
    cut = session.cut.last_unsent
    parts.chat.scripts = [said("再好")]
    session.send("还有")
    await idle(session)
    assert sent(parts)[-2:] == ["好", "还有"]
    assert session.cut.last_unsent == cut, "the next question keeps to it"

    again = parts.session(session.conversation)
    await again.load()
    assert again.cut.last_unsent == cut, "another start of the program too"
    again.cut.send_all()
    parts.chat.scripts = [said("全部")]
    again.send("都要")
    await idle(again)
    assert sent(parts)[0] == "问0"


async def test_refused_again_it_is_cut_again_down_to_the_question(parts: ChatParts) -> None:
    session = await talked(parts, *"甲乙丙丁戊己")
    lengths = []
    parts.chat.scripts = [[FULL]]
    session.send("最后")
    await idle(session)
    while session.cut.shorten(session.messages, session.messages[-1].id):
        parts.chat.scripts = [[FULL]]
        session.retry(session.messages[-1].id)
        await idle(session)
        lengths.append(len(sent(parts)))
    assert lengths == sorted(lengths, reverse=True)
    assert len(set(lengths)) == len(lengths), "each time it is less"
    assert lengths[-1] == 1
    assert sent(parts) == ["最后"]


async def test_another_version_without_the_cut_is_sent_whole(parts: ChatParts) -> None:
    session = await talked(parts, "甲", "乙", "丙")
    parts.chat.scripts = [[FULL]]
    session.send("最后")
    await idle(session)
    assert session.cut.shorten(session.messages, session.messages[-1].id)
    parts.chat.scripts = [said("新")]
    session.edit(session.messages[0].id, "另一个问题")
    await idle(session)
    assert sent(parts) == ["另一个问题"]


@pytest.mark.parametrize(
    ("detail", "limit"),
    [
        ("Range of input length should be [1, 30720]", 30720),
        ("maximum context length is 32768 tokens. However, you requested 40000 tokens", 32768),
        ("request (9000 tokens) exceeds the available context size (8192 tokens)", 8192),
        ("prompt is too long: 210000 tokens > 200000 maximum", 200000),
        ("上下文过长", None),
        ("exceed_context_size_error, code 400", None),
    ],
)
def test_the_limit_is_read_where_it_is_told(detail: str, limit: int | None) -> None:
    assert limit_in(detail) == limit


def test_no_more_is_left_out_than_the_limit_asks_for(database: Database) -> None:
    cut = ContextCut(database, ChatParts(database, Path()).tasks, "c")
    path = []
    for number in range(20):
        role = Role.ASSISTANT if number % 2 else Role.USER
        path.append(Message("c", role, (TextPart("字" * 1000),), id=str(number)))
    path.append(Message("c", Role.USER, (TextPart("?"),), id="question"))
    detail = "maximum context length is 16000 tokens"
    error = StoredError(ErrorKind.CONTEXT_FULL, detail)
    path.append(Message("c", Role.ASSISTANT, (), id="answer", error=error))
    cut._tasks.start = lambda work, name: work.close()  # type: ignore[method-assign,assignment,return-value]  # nothing is stored here
    assert cut.shorten(path, "answer")
    kept = cut.sent(path[:-1])
    assert 9 <= len(kept) <= 12
    assert not cut.shorten(path[-2:], "answer"), "one question alone cannot be shortened"


async def test_a_refused_a_stopped_and_a_thinking_answer_leave_turns_that_alternate(
    parts: ChatParts,
) -> None:
    parts.chat.scripts = [
        [StudioError(ErrorKind.REFUSED)],
        [ReasoningDelta("想"), StreamEnd("stop")],
        [ReasoningDelta("想"), StudioError(ErrorKind.CUT_SHORT)],
        said("ok"),
    ]
    session = parts.session()
    for text in ("one", "two", "three", "four"):
        session.send(text)
        await idle(session)
    turns = alternating(parts.chat.requests[-1].turns)
    assert [turn.role for turn in turns] == [Role.USER]
    assert (
        "".join(getattr(p, "text", "") for p in turns[0].content) == "one\n\ntwo\n\nthree\n\nfour"
    )


async def test_an_answer_of_thoughts_alone_says_so_and_is_complete(parts: ChatParts) -> None:
    session = parts.session()
    for reason, told in (("stop", False), ("length", True)):
        parts.chat.scripts = [[ReasoningDelta("只是想"), StreamEnd(reason)]]
        session.send("?")
        await idle(session)
        answer = session.messages[-1]
        assert answer.status is MessageStatus.COMPLETE
        assert answer.error is not None
        assert answer.error.kind is ErrorKind.ONLY_REASONING
        assert bool(answer.error.values.get("reason")) is told
    parts.chat.scripts = [[ReasoningDelta("想"), TextDelta("答"), StreamEnd("stop")]]
    session.send("?")
    await idle(session)
    assert session.messages[-1].error is None


@pytest.mark.parametrize("protocol", list(ChatProtocol))
async def test_thoughts_of_the_same_model_are_at_hand_at_both_doors(
    parts: ChatParts, protocol: ChatProtocol
) -> None:
    session = parts.session(Conversation(model="org/model", protocol=protocol))
    parts.chat.scripts = [
        [ReasoningDelta("想一想"), TextDelta("你好"), StreamEnd("stop")],
        said("!"),
    ]
    session.send("你好")
    await idle(session)
    session.send("再说一次")
    await idle(session)
    assert ThinkingContent("想一想") in parts.chat.requests[-1].turns[1].content
    session.change(model="org/other")
    parts.chat.scripts = [said("!")]
    session.send("你呢")
    await idle(session)
    contents = [part for turn in parts.chat.requests[-1].turns for part in turn.content]
    assert not any(isinstance(part, ThinkingContent) for part in contents)
    assert ReasoningPart("想一想").text


# What was learned, and whose purse it is.


async def test_what_was_learned_is_kept_told_forgotten_and_never_mixed_up(
    parts: ChatParts,
) -> None:
    now = [1_800_000_000.0]
    lessons = Lessons(parts.database, parts.tasks, lambda: now[0])
    chat = ScriptedChat()
    metered = MeteredChat(chat, ENDPOINT, UsageLog(parts.database), lessons)
    key = ENDPOINT.origin
    chat.scripts = [
        [ModelLearned(Fact.STREAMS_ONLY, "only streams"), *said("ok")],
        *[said("ok")] * 4,
    ]
    await outcome_of(metered, question(model="org/m:Maker"))
    await outcome_of(metered, question(model="org/m"))
    await outcome_of(metered, question(model="org/other"))
    assert [each.known for each in chat.requests] == [
        frozenset(), frozenset({Fact.STREAMS_ONLY}), frozenset(),
    ]  # fmt: skip
    assert [(each.fact, each.evidence) for each in lessons.of(key, "org/m")] == [
        (Fact.STREAMS_ONLY, "only streams")
    ]
    assert lessons.of("https://elsewhere.example", "org/m") == ()
    await until(lambda: parts.tasks.count == 0)
    again = Lessons(parts.database, parts.tasks, lambda: now[0])
    await again.load()
    assert again.facts(key, "org/m") == {Fact.STREAMS_ONLY}
    again.forget(key, "org/m")
    await until(lambda: parts.tasks.count == 0)
    third = Lessons(parts.database, parts.tasks, lambda: now[0])
    await third.load()
    assert third.facts(key, "org/m") == frozenset()
    third.learn(key, "org/m", Fact.NO_TOP_P, "no top_p")
    now[0] += KEPT_SECONDS - 1
    assert third.facts(key, "org/m") == {Fact.NO_TOP_P}
    now[0] += 2
    assert third.facts(key, "org/m") == frozenset(), "two weeks are over"


async def test_rows_that_were_not_written_by_us_cost_nothing(parts: ChatParts) -> None:
    from studio.storage import key_value

    rows = [["k", "m", "streams_only", "e", 1.0], ["k"], 7, ["k", "m", "nonsense", "e", 1], None]
    await parts.database.call(key_value.save_catalogue, "lessons of models", rows)
    lessons = Lessons(parts.database, parts.tasks, lambda: 2.0)
    await lessons.load()
    assert lessons.facts("k", "m") == {Fact.STREAMS_ONLY}


@pytest.mark.parametrize(
    ("said_by", "available", "kind", "reason"),
    [
        ("Insufficient balance", 12.5, ErrorKind.NO_SUPPLY, ""),
        ("Insufficient balance", None, ErrorKind.NO_CREDITS, EITHER_PURSE),
        ("Insufficient balance", 0.0, ErrorKind.NO_CREDITS, ""),
        ("账户余额不足", 3.0, ErrorKind.NO_SUPPLY, ""),
        ("quota exceeded", 12.5, ErrorKind.NO_CREDITS, ""),
        ("quota exceeded", None, ErrorKind.NO_CREDITS, ""),
    ],
)
async def test_an_empty_purse_is_told_by_what_is_known_of_ours(
    parts: ChatParts, said_by: str, available: float | None, kind: ErrorKind, reason: str
) -> None:
    chat = ScriptedChat([[StudioError(ErrorKind.NO_CREDITS, said_by)]])
    metered = MeteredChat(chat, ENDPOINT, UsageLog(parts.database), None, lambda: available)
    outcome = await outcome_of(metered, replace(question(), model="org/m"))
    assert outcome.error is not None
    assert outcome.error.kind is kind
    assert outcome.error.values.get("reason", "") == reason
