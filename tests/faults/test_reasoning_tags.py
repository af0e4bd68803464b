"""Thoughts that stand in tags, at both protocols: whole, and as a stream in pieces of any size."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from studio.core.messages import ChatProtocol, Conversation, MessageStatus
from studio.providers import registry
from studio.providers.base import NetworkSettings
from studio.sessions.chat.session import ChatSession
from studio.sessions.requests.request_queue import RequestQueue
from studio.sessions.requests.service import Service
from studio.sessions.requests.tasks import TaskGroup
from studio.storage.db.database import Database
from studio.storage.history import conversations
from studio.storage.pictures.attachments import Attachments
from tests.contract.asking import TOKEN, Asker, question
from tests.contract.dialects import event
from tests.contract.wire import Pause, Play, WireServer, chunked, whole
from tests.scripted import idle
from tests.unit.providers.test_thinking import EXAMPLES

SOME = [EXAMPLES[n] for n in (1, 4, 7, 16, 18, 20, 21, 25, 27, 28, 32, 34, 37)]


@pytest.mark.parametrize(("content", "thought", "text"), SOME, ids=range(len(SOME)))
async def test_the_same_at_both_doors_streamed_or_whole(
    one_a_protocol: Asker, content: str, thought: str, text: str
) -> None:
    dialect = one_a_protocol.dialect
    plays = [whole(dialect.answer(content))]
    for size in (1, 2, 7, 1000):
        words = [content[at : at + size] for at in range(0, len(content), size)]
        plays.append(chunked(dialect.stream(*words)))
    async with WireServer(*plays) as server, one_a_protocol.provider(server.address) as provider:
        for _ in plays:
            outcome = await one_a_protocol.again(provider)
            assert (outcome.reasoning, outcome.text) == (thought, text)
            assert (outcome.end, outcome.kind) == ("stop", "")


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("<think>\n\n</think>\n\nYes", "Yes"),
        ("</think>\n\nYes", "Yes"),
        ("<think>more</think>Yes", "Yes"),
        ("\n</THINKING>\nYes", "Yes"),
    ],
)
async def test_a_tag_behind_the_channel_of_reasoning_is_no_answer(
    one_a_protocol: Asker, content: str, text: str
) -> None:
    dialect = one_a_protocol.dialect
    for size in (1, 100):
        words = [content[at : at + size] for at in range(0, len(content), size)]
        pieces = [*dialect.begin(), dialect.thought("<think>Hm"), dialect.thought("m.\n</think>")]
        pieces += [*map(dialect.text, words), *dialect.finish(), dialect.mark()]
        async with WireServer(chunked(pieces)) as server:
            outcome = await one_a_protocol.ask(server.address)
            assert outcome.text == text
            assert outcome.reasoning.startswith("Hmm.")
            assert "<" not in outcome.reasoning


async def test_marks_of_glm_are_no_part_of_the_answer(one_a_protocol: Asker) -> None:
    dialect = one_a_protocol.dialect
    plays = (
        chunked(dialect.stream("所以答案是 <|begin_of_box|>", "42<|end_of_box|>。")),
        chunked(dialect.stream(*"所以答案是 <|begin_of_box|>42<|end_of_box|>。")),
        whole(dialect.answer("所以答案是 <|begin_of_box|>42<|end_of_box|>。")),
    )
    async with WireServer(*plays) as server, one_a_protocol.provider(server.address) as provider:
        for _ in plays:
            assert (await one_a_protocol.again(provider)).text == "所以答案是 42。"


async def test_a_call_written_as_text_stays_as_words(one_a_protocol: Asker) -> None:
    said = '<tool_call>\n{"name": "search", "arguments": {"q": "天气"}}\n</tool_call>'
    async with WireServer(chunked(one_a_protocol.dialect.stream(said))) as server:
        assert (await one_a_protocol.ask(server.address)).text == said
    async with WireServer(whole(one_a_protocol.dialect.answer(said))) as server:
        assert (await one_a_protocol.ask(server.address, question(stream=False))).text == said


def _frame(words: str, finish: str | None = None) -> bytes:
    delta: dict[str, Any] = {"content": words} if words else {}
    return event({"choices": [{"index": 0, "delta": delta, "finish_reason": finish}]})


async def _stored(play: Play, folder: Path) -> Any:
    """The answer as another start of the program reads it."""
    database, tasks = Database.open(folder / "studio.db"), TaskGroup()
    async with WireServer(play) as server:
        endpoint = registry.endpoint_for("cn", server.address)
        service = Service(registry, endpoint, NetworkSettings(proxy=""), tasks)
        service.use(endpoint, TOKEN)
        session = ChatSession(
            Conversation(model="org/model", protocol=ChatProtocol.OPENAI),
            database,
            Attachments(folder / "attachments"),
            service,
            RequestQueue(),
            tasks,
        )
        session.send("你好")
        await idle(session)
        await service.close()
    found = database.call_sync(conversations.open_conversation, session.conversation.id)
    database.close()
    assert found is not None
    assert found[1] == list(session.messages)
    return found[1][-1]


async def test_text_that_turns_out_to_be_a_thought_is_kept_as_one(tmp_path: Path) -> None:
    # Longer than half a second: parts of it were on disk as text before the tag came.
    pieces: list[Any] = [
        _frame("用户在问好，"),
        Pause(0.6),
        _frame("应当回应。\n</thi"),
        Pause(0.6),
    ]
    pieces += [_frame("nk>\n\n你好！"), _frame("", "stop"), event("[DONE]")]
    answer = await _stored(chunked(pieces), tmp_path)
    assert (answer.reasoning, answer.text) == ("用户在问好，应当回应。", "你好！")
    assert answer.status is MessageStatus.COMPLETE
    assert answer.error is None
