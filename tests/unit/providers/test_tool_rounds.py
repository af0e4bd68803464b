"""Talks from elsewhere in which tools were called: what leaves alternates and holds words only."""

from __future__ import annotations

import asyncio
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from studio.core.lessons import Fact
from studio.core.messages import Conversation, ImagePart, Message
from studio.core.stream import ChatRequest
from studio.core.transfer.clients.openai import message
from studio.providers import anthropic_chat, openai_chat
from studio.sessions.chat.turns import turns_of
from studio.storage.pictures.attachments import Attachments

_CALL = {"id": "c1", "type": "function", "function": {"name": "look", "arguments": "{}"}}
_SAID = st.one_of(
    st.builds(lambda words: {"role": "user", "content": words}, st.sampled_from(["", " ", "Hi"])),
    st.builds(
        lambda words, thought, calls: {
            "role": "assistant",
            "content": words,
            "reasoning_content": thought,
            "tool_calls": calls,
        },
        st.sampled_from([None, "", "Well"]),
        st.sampled_from(["", "Hm"]),
        st.sampled_from([[], [_CALL], [_CALL, _CALL]]),
    ),
    st.just({"role": "tool", "tool_call_id": "c1", "content": "It rains"}),
)


@settings(max_examples=200, deadline=None)
@given(st.lists(_SAID, max_size=8), st.booleans())
def test_imported_rounds_of_tools_leave_as_turns_that_alternate(
    said: list[dict[str, object]], back: bool
) -> None:
    conversation = Conversation(model="org/model")
    messages = []
    for each in said:
        read = message(each)
        parts = tuple(part for part in read.pieces if not hasattr(part, "names"))
        assert not any(isinstance(part, ImagePart) for part in parts)
        messages.append(Message(conversation.id, read.role, parts, model="org/model"))
    turns = asyncio.run(turns_of(messages, conversation, Attachments(Path("nowhere"))))
    known = frozenset({Fact.WANTS_REASONING} if back else ())
    request = ChatRequest("org/model", turns, known=known)
    for written in (openai_chat.messages_of(request), anthropic_chat._messages(request)):
        roles = [each["role"] for each in written]
        assert roles == ["user" if at % 2 == 0 else "assistant" for at in range(len(roles))]
        assert all(each["content"] for each in written)
        assert not any("tool" in name for each in written for name in each)
    for each in openai_chat.messages_of(request):
        assert ("reasoning_content" in each) == (back and each["role"] == "assistant")
