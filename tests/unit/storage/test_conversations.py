"""Conversations and messages come back as they were saved, in the order they happened."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from studio.core.errors import ErrorKind, StoredError
from studio.core.messages import (
    ChatProtocol,
    Conversation,
    ImagePart,
    Message,
    MessageStatus,
    Parameters,
    Part,
    ReasoningPart,
    Role,
    TextPart,
    Timing,
    ToolCallPart,
    ToolResultPart,
    Usage,
)
from studio.core.models import Capability
from studio.storage.db.database import Database
from studio.storage.history import conversations, listing, messages

EVERY_PART: tuple[Part, ...] = (
    ReasoningPart("thinking", seconds=1.5, signature="sig"),
    TextPart("看图 **bold** 🎈"),
    ImagePart("ab" * 32, "image/png", 640, 480, 1234, "cat.png"),
    ImagePart(url="https://example.org/a.png"),
    ToolCallPart("call-1", "look", '{"a": 1}'),
    ToolResultPart("call-1", "seen"),
)


def started(database: Database, **fields: object) -> Conversation:
    conversation = replace(Conversation(title="秋天"), **fields)  # type: ignore[arg-type]  # by name
    database.call_sync(conversations.save_conversation, conversation)
    return conversation


def said(
    database: Database, conversation: Conversation, text: str, parent: Message | None = None
) -> Message:
    message = Message(
        conversation.id, Role.USER, (TextPart(text),), parent_id=parent.id if parent else None
    )
    database.call_sync(messages.save_message, message)
    return message


def test_a_conversation_comes_back_whole(database: Database) -> None:
    conversation = started(
        database,
        kind=Capability.VISION,
        model="Qwen/Qwen3-VL",
        protocol=ChatProtocol.ANTHROPIC,
        system_prompt="Be brief.",
        parameters=Parameters(temperature=0.0, thinking=False, stop=("END",)),
        pinned=True,
    )
    question = Message(conversation.id, Role.USER, EVERY_PART)
    answer = Message(
        conversation.id,
        Role.ASSISTANT,
        (TextPart("It is a cat"),),
        parent_id=question.id,
        status=MessageStatus.FAILED,
        model="Qwen/Qwen3-VL",
        finish_reason="length",
        usage=Usage(12, None),
        timing=Timing(0.25, 3.5),
        error=StoredError(ErrorKind.BUSY, "busy", "r-1", {"host": "h"}),
        request_id="r-1",
    )
    for each in (question, answer):
        database.call_sync(messages.save_message, each)
    opened = database.call_sync(conversations.open_conversation, conversation.id)
    assert opened is not None
    loaded, path = opened
    assert path == [question, answer]
    assert loaded == replace(conversation, head_id=answer.id, updated_at=answer.created_at)
    assert database.call_sync(messages.load_message, answer.id) == answer
    assert database.call_sync(messages.load_all, conversation.id) == [question, answer]


def test_a_growing_answer_is_stored_as_far_as_it_came(database: Database) -> None:
    conversation = started(database)
    question = said(database, conversation, "hello")
    answer = Message(
        conversation.id, Role.ASSISTANT, (), question.id, status=MessageStatus.STREAMING
    )
    database.call_sync(messages.save_message, answer)
    steps: tuple[tuple[Part, ...], ...] = (
        (ReasoningPart("Let"),),
        (ReasoningPart("Let me"),),
        (ReasoningPart("Let me see", seconds=2.0), TextPart("It")),
        (ReasoningPart("Let me see", seconds=2.0), TextPart("It is")),
    )
    for parts in steps:
        answer = replace(answer, parts=parts)
        database.call_sync(messages.save_partial, answer)
        assert database.call_sync(messages.load_message, answer.id) == answer
    done = replace(answer, parts=(TextPart("Done"),), status=MessageStatus.COMPLETE)
    database.call_sync(messages.save_message, done)
    assert database.call_sync(messages.load_message, answer.id) == done


def test_a_partial_of_a_message_that_was_never_saved_changes_nothing(database: Database) -> None:
    conversation = started(database)
    stranger = Message(conversation.id, Role.ASSISTANT, (TextPart("x"),))
    database.call_sync(messages.save_partial, stranger)
    assert database.call_sync(messages.load_all, conversation.id) == []


def test_versions_are_kept_beside_each_other(database: Database) -> None:
    conversation = started(database)
    first = said(database, conversation, "first question")
    answers = [said(database, conversation, f"answer {n}", first) for n in range(3)]
    below = said(database, conversation, "below the second", answers[1])
    edited = said(database, conversation, "edited question")
    versions = database.call_sync(messages.load_versions, conversation.id)
    assert versions == {None: (first.id, edited.id), first.id: tuple(each.id for each in answers)}
    path = database.call_sync(messages.load_path, conversation.id, below.id)
    assert [each.text for each in path] == ["first question", "answer 1", "below the second"]
    assert database.call_sync(messages.newest_leaf, answers[1].id) == below.id
    assert database.call_sync(messages.newest_leaf, first.id) == answers[2].id
    database.call_sync(conversations.set_head, conversation.id, below.id)
    loaded = database.call_sync(conversations.load_conversation, conversation.id)
    assert loaded is not None
    assert loaded.head_id == below.id


def test_a_version_is_saved_without_becoming_the_one_shown(database: Database) -> None:
    conversation = started(database)
    shown = said(database, conversation, "shown")
    other = Message(conversation.id, Role.USER, (TextPart("compared"),))
    database.call_sync(messages.save_message, other, head=False)
    loaded = database.call_sync(conversations.load_conversation, conversation.id)
    assert loaded is not None
    assert loaded.head_id == shown.id


def test_a_message_without_its_place_is_refused(database: Database) -> None:
    conversation = started(database)
    with pytest.raises(messages.UnknownPlace):
        database.call_sync(messages.save_message, Message("nowhere", Role.USER, ()))
    lost = Message(conversation.id, Role.USER, (), parent_id="nobody")
    with pytest.raises(messages.UnknownPlace):
        database.call_sync(messages.save_message, lost)


def test_text_that_no_file_can_hold_is_still_saved(database: Database) -> None:
    conversation = started(database, title="bad \ud83d title")
    message = said(database, conversation, "a \ud83d b \x00 c \u202e \x1b[31m and \U0001f388")
    loaded = database.call_sync(messages.load_message, message.id)
    assert loaded is not None
    assert loaded.text == "a \ufffd b \x00 c \u202e \x1b[31m and \U0001f388"


def test_the_history_is_listed_page_by_page_with_pinned_ones_first(database: Database) -> None:
    all_of_them = [started(database, title=f"{n}") for n in range(25)]
    database.call_sync(conversations.pin, all_of_them[3].id, pinned=True)
    database.call_sync(conversations.pin, all_of_them[7].id, pinned=True)
    said(database, all_of_them[5], "newest")
    titles: list[str] = []
    after = None
    while page := database.call_sync(listing.list_conversations, limit=4, after=after):
        titles += [each.title for each in page]
        after = page[-1]
    rest = [f"{n}" for n in range(24, -1, -1) if n not in (3, 5, 7)]
    assert titles == ["7", "3", "5", *rest]
    assert database.call_sync(listing.count_conversations) == 25


def test_the_history_is_listed_by_kind(database: Database) -> None:
    started(database, title="a chat")
    started(database, title="a picture", kind=Capability.VISION)
    page = database.call_sync(listing.list_conversations, kind=Capability.VISION)
    assert [each.title for each in page] == ["a picture"]
    assert database.call_sync(listing.count_conversations, kind=Capability.CHAT) == 1


@pytest.mark.parametrize("kind", [None, Capability.CHAT])
def test_a_page_of_the_history_reads_an_index_and_sorts_nothing(
    database: Database, kind: Capability | None
) -> None:
    plans: list[str] = []

    def explain(connection: object) -> None:
        import apsw

        assert isinstance(connection, apsw.Connection)

        def trace(cursor: apsw.Cursor, sql: str, bindings: object) -> bool:
            if sql.startswith("SELECT"):
                plan = connection.cursor()
                plan.exec_trace = None
                rows = plan.execute("EXPLAIN QUERY PLAN " + sql, bindings)  # type: ignore[arg-type]
                plans.extend(str(row[3]) for row in rows)
            return True

        connection.exec_trace = trace
        summary = listing.ConversationSummary("", Capability.CHAT, "", "", False, 0.0)
        listing.list_conversations(connection, kind=kind, after=summary)
        connection.exec_trace = None

    database.call_sync(explain)
    assert len(plans) == 1
    assert "USING INDEX conversations_listed" in plans[0]


def test_a_clock_set_back_changes_no_order(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = started(database, title="before")
    first = said(database, before, "first")
    a_year_ago = time.time() - 365 * 86400
    after = started(database, title="after", created_at=a_year_ago, updated_at=a_year_ago)
    second = Message(after.id, Role.USER, (TextPart("second"),), created_at=a_year_ago)
    third = Message(after.id, Role.USER, (TextPart("third"),), second.id, created_at=a_year_ago - 9)
    for each in (second, third):
        database.call_sync(messages.save_message, each)
    page = database.call_sync(listing.list_conversations)
    assert [each.title for each in page] == ["after", "before"]
    path = database.call_sync(messages.load_path, after.id, third.id)
    assert [each.text for each in path] == ["second", "third"]
    assert first.created_at > third.created_at


def test_the_summary_shows_the_first_picture(database: Database) -> None:
    conversation = started(database, kind=Capability.VISION)
    for sha in ("aa" * 32, "bb" * 32):
        message = Message(conversation.id, Role.USER, (ImagePart(sha, "image/png"),))
        database.call_sync(messages.save_message, message)
    summary = database.call_sync(listing.summarise, conversation.id)
    assert summary is not None
    assert summary.thumbnail == "aa" * 32


def test_renaming_does_not_move_a_conversation(database: Database) -> None:
    old, new = started(database, title="old"), started(database, title="new")
    database.call_sync(conversations.rename, old.id, "renamed")
    page = database.call_sync(listing.list_conversations)
    assert [each.id for each in page] == [new.id, old.id]
    assert page[1].title == "renamed"


def test_saving_a_conversation_again_keeps_its_messages(database: Database) -> None:
    conversation = started(database)
    question = said(database, conversation, "question")
    changed = replace(conversation, model="another", head_id=question.id)
    database.call_sync(conversations.save_conversation, changed)
    opened = database.call_sync(conversations.open_conversation, conversation.id)
    assert opened is not None
    assert opened[0].model == "another"
    assert opened[1] == [question]


def test_the_trash_gives_back_and_empties_after_thirty_days(database: Database) -> None:
    kept, gone = started(database, title="kept"), started(database, title="gone")
    for each in (kept, gone):
        top = said(database, each, "question")
        said(database, each, "answer", top)
    database.call_sync(conversations.delete, [kept.id, gone.id])
    assert database.call_sync(listing.list_conversations) == []
    assert len(database.call_sync(conversations.list_trash)) == 2
    database.call_sync(conversations.restore, [kept.id])
    assert [each.id for each in database.call_sync(listing.list_conversations)] == [kept.id]
    assert database.call_sync(conversations.empty_trash) == 0
    in_31_days = time.time() + 31 * 86400
    assert database.call_sync(conversations.empty_trash, now=in_31_days) == 1
    assert database.call_sync(conversations.load_conversation, gone.id) is None
    assert database.call_sync(messages.load_all, gone.id) == []
    opened = database.call_sync(conversations.open_conversation, kept.id)
    assert opened is not None
    assert len(opened[1]) == 2


def test_a_fork_copies_the_way_to_a_message(database: Database) -> None:
    conversation = started(database, system_prompt="Be brief.", pinned=True)
    first = said(database, conversation, "first")
    second = said(database, conversation, "second", first)
    said(database, conversation, "third", second)
    copy = database.call_sync(conversations.fork, second.id)
    assert copy is not None
    opened = database.call_sync(conversations.open_conversation, copy.id)
    assert opened is not None
    assert opened[0].system_prompt == "Be brief."
    assert [each.text for each in opened[1]] == ["first", "second"]
    assert {each.id for each in opened[1]}.isdisjoint({first.id, second.id})
    assert len(database.call_sync(messages.load_all, conversation.id)) == 3
