"""Which answers the next start tells of as cut short."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from studio.core.errors import ErrorKind, StoredError
from studio.core.messages import Conversation, Message, MessageStatus, Role, TextPart
from studio.storage.db import readings
from studio.storage.db.database import Database
from studio.storage.history import conversations, messages
from studio.storage.history.cut_short import CutShort, take_cut_short

START = 1_000.0


def answered(
    database: Database, title: str, *, at: float, status: MessageStatus, kind: ErrorKind | None
) -> Message:
    """A conversation with one question and what came of it."""
    conversation = Conversation(title=title, model="org/model")
    question = Message(conversation.id, Role.USER, (TextPart("q"),), created_at=at)
    error = StoredError(kind) if kind is not None else None
    answer = Message(
        conversation.id, Role.ASSISTANT, (), question.id, status, error=error, created_at=at
    )
    database.call_sync(conversations.save_turn, conversation, question)
    database.call_sync(messages.save_message, answer)
    return answer


def found(database: Database, now: float) -> list[str]:
    """The titles that a start at a moment tells of."""
    told: list[CutShort] = database.call_sync(take_cut_short, now=now)
    return [each.title for each in told]


ENDED, CUT = ErrorKind.PROGRAM_ENDED, MessageStatus.INTERRUPTED


def test_each_is_told_once_the_newest_first(database: Database) -> None:
    assert found(database, START) == []
    answered(database, "one", at=START + 1, status=CUT, kind=ENDED)
    answered(database, "two", at=START + 2, status=CUT, kind=ENDED)
    assert found(database, START + 9) == ["two", "one"]
    assert found(database, START + 10) == []


def test_what_a_killed_program_left_streaming_counts(database: Database) -> None:
    found(database, START)
    answered(database, "one", at=START + 1, status=MessageStatus.STREAMING, kind=None)
    database.call_sync(readings.end_streaming)
    assert found(database, START + 9) == ["one"]


@pytest.mark.parametrize(
    ("at", "status", "kind"),
    [
        (START - 5, CUT, ENDED),  # an import brings what ended long ago
        (START + 1, CUT, ErrorKind.CUT_SHORT),  # it was seen when it happened
        (START + 1, MessageStatus.STOPPED, None),
        (START + 1, MessageStatus.COMPLETE, None),
        (START + 1, MessageStatus.FAILED, ErrorKind.NO_NETWORK),
    ],
)
def test_what_ended_otherwise_is_not_told(
    database: Database, at: float, status: MessageStatus, kind: ErrorKind | None
) -> None:
    found(database, START)
    answered(database, "one", at=at, status=status, kind=kind)
    assert found(database, START + 9) == []


def test_what_went_on_or_was_deleted_is_not_told(database: Database) -> None:
    found(database, START)
    first = answered(database, "one", at=START + 1, status=CUT, kind=ENDED)
    after = replace(first, id="f" * 32, status=MessageStatus.COMPLETE, error=None)
    database.call_sync(messages.save_message, after)
    second = answered(database, "two", at=START + 1, status=CUT, kind=ENDED)
    database.call_sync(conversations.delete, [second.conversation_id])
    assert found(database, START + 9) == []


def test_a_first_start_and_a_note_that_is_no_number_tell_nothing(tmp_path: Path) -> None:
    database = Database.open(tmp_path / "studio.db")
    answered(database, "one", at=START, status=CUT, kind=ENDED)
    assert found(database, START + 1) == []
    database.call_sync(
        lambda connection: connection.execute(
            "UPDATE meta SET value = 'soon' WHERE key = 'history.looked_for_cut_answers'"
        )
    )
    assert found(database, START + 2) == []
    database.close()
