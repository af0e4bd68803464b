"""How each chat protocol's answers look on the wire, so that one scenario serves both."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from typing import Any

from studio.core.messages import ChatProtocol

REASONS = {"stop": "end_turn", "length": "max_tokens", "content_filter": "refusal"}


def event(payload: Any, name: str = "") -> bytes:
    """One event of a stream."""
    text = payload if isinstance(payload, str) else json.dumps(payload, ensure_ascii=False)
    start = f"event: {name}\n" if name else ""
    return f"{start}data: {text}\n\n".encode()


class Dialect(ABC):
    """Writes the pieces of an answer as one protocol has them."""

    protocol: ChatProtocol
    route: str
    is_whole_after: str  # which of `finish` and `mark` makes an answer whole

    @abstractmethod
    def begin(self) -> list[bytes]:
        """What comes before the first words."""

    @abstractmethod
    def text(self, words: str) -> bytes:
        """Some words."""

    @abstractmethod
    def thought(self, words: str) -> bytes:
        """Some reasoning."""

    @abstractmethod
    def finish(self, reason: str = "stop") -> list[bytes]:
        """The reason and the counts (5 tokens in, 7 out), without the last mark."""

    @abstractmethod
    def mark(self) -> bytes:
        """The last mark."""

    @abstractmethod
    def answer(self, words: str, thought: str = "", reason: str = "stop") -> dict[str, Any]:
        """A whole answer that is no stream."""

    def stream(self, *words: str, reason: str = "stop") -> list[bytes]:
        """A whole stream."""
        said = [self.text(each) for each in words]
        return [*self.begin(), *said, *self.finish(reason), self.mark()]


class OpenAIDialect(Dialect):
    """`chat.completion.chunk`."""

    protocol = ChatProtocol.OPENAI
    route = "/v1/chat/completions"
    is_whole_after = "finish"

    def _chunk(self, delta: dict[str, Any], reason: str | None = None) -> bytes:
        choice = {"index": 0, "delta": delta, "finish_reason": reason}
        zeros = {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}
        return event({"id": "c1", "model": "m", "choices": [choice], "usage": zeros})

    def begin(self) -> list[bytes]:
        return [self._chunk({"role": "assistant", "content": "", "tool_calls": None})]

    def text(self, words: str) -> bytes:
        return self._chunk({"content": words, "reasoning_content": None})

    def thought(self, words: str) -> bytes:
        return self._chunk({"content": None, "reasoning_content": words})

    def finish(self, reason: str = "stop") -> list[bytes]:
        counts = {"prompt_tokens": 5, "completion_tokens": 7, "total_tokens": 12}
        return [self._chunk({}, reason), event({"choices": [], "usage": counts})]

    def mark(self) -> bytes:
        return event("[DONE]")

    def answer(self, words: str, thought: str = "", reason: str = "stop") -> dict[str, Any]:
        message = {"role": "assistant", "content": words, "reasoning_content": thought or None}
        return {
            "id": "c1",
            "choices": [{"index": 0, "message": message, "finish_reason": reason}],
            "usage": {"prompt_tokens": 5, "completion_tokens": 7},
        }


class AnthropicDialect(Dialect):
    """`message_start`, `content_block_delta` and their kin."""

    protocol = ChatProtocol.ANTHROPIC
    route = "/v1/messages"
    is_whole_after = "mark"

    def _event(self, kind: str, **fields: Any) -> bytes:
        return event({"type": kind, **fields}, kind)

    def begin(self) -> list[bytes]:
        message = {"id": "m1", "role": "assistant", "content": [], "usage": {"input_tokens": 5}}
        block = {"type": "text", "text": ""}
        return [
            self._event("message_start", message=message),
            self._event("ping"),
            self._event("content_block_start", index=0, content_block=block),
        ]

    def text(self, words: str) -> bytes:
        delta = {"type": "text_delta", "text": words}
        return self._event("content_block_delta", index=0, delta=delta)

    def thought(self, words: str) -> bytes:
        delta = {"type": "thinking_delta", "thinking": words}
        return self._event("content_block_delta", index=0, delta=delta)

    def finish(self, reason: str = "stop") -> list[bytes]:
        delta = {"stop_reason": REASONS.get(reason, reason), "stop_sequence": None}
        return [
            self._event("content_block_stop", index=0),
            self._event("message_delta", delta=delta, usage={"output_tokens": 7}),
        ]

    def mark(self) -> bytes:
        return self._event("message_stop")

    def answer(self, words: str, thought: str = "", reason: str = "stop") -> dict[str, Any]:
        blocks = [{"type": "thinking", "thinking": thought, "signature": "s"}] if thought else []
        return {
            "id": "m1",
            "type": "message",
            "role": "assistant",
            "content": [*blocks, {"type": "text", "text": words}],
            "stop_reason": REASONS.get(reason, reason),
            "usage": {"input_tokens": 5, "output_tokens": 7},
        }


DIALECTS: dict[ChatProtocol, Dialect] = {
    ChatProtocol.OPENAI: OpenAIDialect(),
    ChatProtocol.ANTHROPIC: AnthropicDialect(),
}
