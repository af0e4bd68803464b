"""Thoughts of the Anthropic-style protocol go back unchanged with the next question, even later."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from studio.core.messages import ChatProtocol, Conversation, ReasoningPart, TextPart
from studio.providers import registry
from studio.providers.base import NetworkSettings
from studio.sessions.chat.session import ChatSession
from studio.sessions.requests.request_queue import RequestQueue
from studio.sessions.requests.service import Service
from studio.sessions.requests.tasks import TaskGroup
from studio.storage.db.database import Database
from studio.storage.pictures.attachments import Attachments
from tests.contract.asking import TOKEN
from tests.contract.dialects import AnthropicDialect, event
from tests.contract.wire import Play, WireServer, chunked, whole
from tests.scripted import idle

# Each ends in a letter that a token begins with: what is held back to see must not be lost.
BLOCKS: list[dict[str, Any]] = [
    {"type": "thinking", "thinking": "First: hmm", "signature": "c2lnLW9uZQ=="},
    {"type": "redacted_thinking", "data": "RW5jcnlwdGVkIQ=="},
    {"type": "redacted_thinking", "data": "VHdpY2Uh"},
    {"type": "thinking", "thinking": "Then: the sum", "signature": "c2lnLXR3bw=="},
    {"type": "text", "text": "It is 42"},
]


def streamed() -> Play:
    """The blocks as a stream has them."""
    dialect = AnthropicDialect()
    pieces = dialect.begin()[:1]
    for index, block in enumerate(BLOCKS):
        kind = block["type"]
        empty = {**block, "thinking": "", "signature": ""} if kind == "thinking" else block
        start = {"type": kind, "text": ""} if kind == "text" else empty
        pieces.append(_event("content_block_start", index, content_block=start))
        words = block.get("thinking") or block.get("text") or ""
        for at in range(0, len(words), 3):
            delta = {"type": f"{kind}_delta", kind: words[at : at + 3]}
            pieces.append(_event("content_block_delta", index, delta=delta))
        if signature := block.get("signature"):
            for half in (signature[:5], signature[5:]):
                delta = {"type": "signature_delta", "signature": half}
                pieces.append(_event("content_block_delta", index, delta=delta))
        pieces.append(_event("content_block_stop", index))
    pieces += [dialect.finish()[-1], dialect.mark()]
    return chunked([b"".join(pieces)])


def _event(kind: str, index: int, **fields: Any) -> bytes:
    return event({"type": kind, "index": index, **fields}, kind)


def at_once() -> Play:
    """The blocks as a plain answer has them."""
    return whole({**AnthropicDialect().answer(""), "content": BLOCKS})


def session_of(
    database: Database, folder: Path, server: WireServer, conversation: Conversation
) -> ChatSession:
    """A session over the real protocol."""
    tasks = TaskGroup()
    endpoint = registry.endpoint_for("cn", server.address)
    service = Service(registry, endpoint, NetworkSettings(proxy=""), tasks)
    service.use(endpoint, TOKEN)
    attachments = Attachments(folder / "attachments")
    return ChatSession(conversation, database, attachments, service, RequestQueue(), tasks)


@pytest.mark.parametrize("play", [streamed(), at_once()], ids=["streamed", "at once"])
async def test_thoughts_go_back_as_they_came(
    database: Database, tmp_path: Path, play: Play
) -> None:
    conversation = Conversation(model="org/model", protocol=ChatProtocol.ANTHROPIC)
    async with WireServer(play) as server:
        session = session_of(database, tmp_path, server, conversation)
        session.send("one")
        await idle(session)
        answer = session.messages[-1]
        assert answer.error is None
        assert answer.text == "It is 42"
        assert answer.reasoning == "First: hmmThen: the sum"
        kinds = [type(part) for part in answer.parts]
        assert kinds == [ReasoningPart] * 4 + [TextPart]
        # As after another start of the program: everything comes from the disk.
        later = session_of(database, tmp_path, server, session.conversation)
        await later.load()
        later.send("two")
        await idle(later)
        assert len(server.seen) == 2
        sent = server.seen[1].json["messages"]
        assert [each["role"] for each in sent] == ["user", "assistant", "user"]
        assert sent[1]["content"] == BLOCKS
        for each in (session, later):
            await each._service.close()


async def test_another_model_gets_no_thoughts_of_this_one(
    database: Database, tmp_path: Path
) -> None:
    conversation = Conversation(model="org/model", protocol=ChatProtocol.ANTHROPIC)
    async with WireServer(streamed()) as server:
        session = session_of(database, tmp_path, server, conversation)
        session.send("one")
        await idle(session)
        session.change(model="org/other")
        session.send("two")
        await idle(session)
        assert server.seen[1].json["messages"][1]["content"] == "It is 42"
        # The protocol that knows no such blocks gets none either.
        session.change(model="org/model", protocol=ChatProtocol.OPENAI)
        session.send("three")
        await idle(session)
        assert server.seen[2].path == "/v1/chat/completions"
        assert server.seen[2].json["messages"][1]["content"] == "It is 42"
        await session._service.close()


async def test_a_redacted_thought_alone_is_no_answer(database: Database, tmp_path: Path) -> None:
    hidden = {**AnthropicDialect().answer(""), "content": BLOCKS[1:2]}
    async with WireServer(whole(hidden)) as server:
        conversation = Conversation(model="org/model", protocol=ChatProtocol.ANTHROPIC)
        session = session_of(database, tmp_path, server, conversation)
        session.send("one")
        await idle(session)
        error = session.messages[-1].error
        assert error is not None
        assert error.kind.value == "empty_answer"
        await session._service.close()
