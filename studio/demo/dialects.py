"""How a reply is written at each door: as one JSON answer, and as the frames of a stream."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from studio.demo.catalogue import Thinking
from studio.demo.playback import Frame, FrameKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from studio.demo.replies import Reply

NO_USAGE = {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}


class Dialect(Protocol):
    """One door's language; faults use it to say wrong things in the right tongue."""

    def whole(self, reply: Reply) -> dict[str, Any]: ...
    def frames(self, reply: Reply) -> Iterator[Frame]: ...
    def text(self, piece: str) -> Frame: ...
    def foreign(self, value: object, event: str = "") -> Frame: ...


def _line(value: object) -> bytes:
    return b"data: " + json.dumps(value, ensure_ascii=False).encode() + b"\n\n"


@dataclass(slots=True)
class OpenAI:
    """Chat completions. Usage is zeros on every frame but, if asked for, the last."""

    model: str
    id: str
    thinking: Thinking
    with_usage: bool = False
    created: int = field(default_factory=lambda: int(time.time()))

    def whole(self, reply: Reply) -> dict[str, Any]:
        message: dict[str, Any] = {"role": "assistant", "content": reply.text}
        if reply.reasoning:
            if self.thinking is Thinking.TAGS:
                message["content"] = f"<think>\n{reply.thoughts}\n</think>\n\n{reply.text}"
            else:
                message["reasoning_content"] = reply.thoughts
        if reply.tool_call is not None:
            message["tool_calls"] = [{**self._tool_call(reply), "index": 0}]
        choice = {"index": 0, "message": message, "finish_reason": reply.finish}
        return {
            "id": self.id,
            "object": "chat.completion",
            "created": self.created,
            "model": self.model,
            "choices": [choice],
            "usage": self.usage(reply),
        }

    def frames(self, reply: Reply) -> Iterator[Frame]:
        yield self._frame(FrameKind.OPEN, {"role": "assistant", "content": ""})
        tagged = self.thinking is Thinking.TAGS
        if reply.reasoning:
            if tagged:
                yield self._frame(FrameKind.TURN, {"content": "<think>\n"})
            name = "content" if tagged else "reasoning_content"
            start, end = self._around(name)
            for piece in reply.reasoning:
                quoted = json.dumps(piece, ensure_ascii=False).encode()
                yield Frame(FrameKind.THOUGHT, start + quoted + end)
            if tagged:
                yield self._frame(FrameKind.TURN, {"content": "\n</think>\n\n"})
        start, end = self._around("content")
        for piece in reply.pieces:
            quoted = json.dumps(piece, ensure_ascii=False).encode()
            yield Frame(FrameKind.WORD, start + quoted + end)
        if reply.tool_call is not None:
            calls = [{**self._tool_call(reply), "index": 0}]
            yield self._frame(FrameKind.TURN, {"content": None, "tool_calls": calls})
        yield self._frame(FrameKind.FINISH, {"content": ""}, reply.finish)
        if self.with_usage:
            yield Frame(FrameKind.USAGE, _line(self._chunk([], self.usage(reply))))
        yield Frame(FrameKind.DONE, b"data: [DONE]\n\n")

    def text(self, piece: str) -> Frame:
        return self._frame(FrameKind.WORD, {"content": piece})

    def foreign(self, value: object, event: str = "") -> Frame:
        head = f"event: {event}\n".encode() if event else b""
        return Frame(FrameKind.FOREIGN, head + _line(value))

    @staticmethod
    def usage(reply: Reply) -> dict[str, Any]:
        return {
            "prompt_tokens": reply.prompt_tokens,
            "completion_tokens": reply.completion_tokens,
            "total_tokens": reply.prompt_tokens + reply.completion_tokens,
        }

    def _tool_call(self, reply: Reply) -> dict[str, Any]:
        name, arguments = reply.tool_call or ("", {})
        call = {"name": name, "arguments": json.dumps(arguments, ensure_ascii=False)}
        return {"id": f"call_{self.id[-12:]}", "type": "function", "function": call}

    def _chunk(self, choices: list[dict[str, Any]], usage: dict[str, Any]) -> dict[str, Any]:
        return {
            "id": self.id,
            "object": "chat.completion.chunk",
            "created": self.created,
            "model": self.model,
            "choices": choices,
            "usage": usage,
        }

    def _frame(self, kind: FrameKind, delta: dict[str, Any], finish: str | None = None) -> Frame:
        choice = {"index": 0, "delta": delta, "finish_reason": finish}
        return Frame(kind, _line(self._chunk([choice], NO_USAGE)))

    def _around(self, name: str) -> tuple[bytes, bytes]:
        # Tokens differ in one string only: the bytes around it are written once (3x faster).
        delta: dict[str, Any] = {"role": "assistant", name: "\x00"}
        if name == "reasoning_content":
            delta["content"] = ""
        start, end = self._frame(FrameKind.WORD, delta).payload.split(b'"\\u0000"')
        return start, end


@dataclass(slots=True)
class Anthropic:
    """Messages, with thinking blocks before the text block."""

    model: str
    id: str

    def whole(self, reply: Reply) -> dict[str, Any]:
        content: list[dict[str, Any]] = []
        if reply.reasoning:
            content.append(
                {"type": "thinking", "thinking": reply.thoughts, "signature": self._signature()}
            )
        if reply.pieces or reply.tool_call is None:
            content.append({"type": "text", "text": reply.text})
        if reply.tool_call is not None:
            content.append(self._tool_use(reply))
        usage = {"input_tokens": reply.prompt_tokens, "output_tokens": reply.completion_tokens}
        return {
            **self._message(content, usage),
            "stop_reason": self._stop_reason(reply),
        }

    def frames(self, reply: Reply) -> Iterator[Frame]:
        message = self._message([], {"input_tokens": reply.prompt_tokens, "output_tokens": 0})
        yield self._event(FrameKind.OPEN, "message_start", message=message)
        yield self._event(FrameKind.OPEN, "ping")
        index = 0
        if reply.reasoning:
            block = {"type": "thinking", "thinking": "", "signature": ""}
            yield self._event(
                FrameKind.TURN, "content_block_start", index=index, content_block=block
            )
            yield from self._pieces(FrameKind.THOUGHT, index, "thinking", reply.reasoning)
            signed = {"type": "signature_delta", "signature": self._signature()}
            yield self._event(FrameKind.TURN, "content_block_delta", index=index, delta=signed)
            yield self._event(FrameKind.TURN, "content_block_stop", index=index)
            index += 1
        if reply.pieces or reply.tool_call is None:
            block = {"type": "text", "text": ""}
            yield self._event(
                FrameKind.TURN, "content_block_start", index=index, content_block=block
            )
            yield from self._pieces(FrameKind.WORD, index, "text", reply.pieces)
            yield self._event(FrameKind.TURN, "content_block_stop", index=index)
            index += 1
        if reply.tool_call is not None:
            yield from self._tool_frames(reply, index)
        delta = {"stop_reason": self._stop_reason(reply), "stop_sequence": None}
        usage = {"input_tokens": reply.prompt_tokens, "output_tokens": reply.completion_tokens}
        yield self._event(FrameKind.FINISH, "message_delta", delta=delta, usage=usage)
        yield self._event(FrameKind.DONE, "message_stop")

    def text(self, piece: str) -> Frame:
        delta = {"type": "text_delta", "text": piece}
        return self._event(FrameKind.WORD, "content_block_delta", index=0, delta=delta)

    def foreign(self, value: object, event: str = "") -> Frame:
        head = f"event: {event}\n".encode() if event else b""
        return Frame(FrameKind.FOREIGN, head + _line(value))

    def _message(self, content: list[dict[str, Any]], usage: dict[str, int]) -> dict[str, Any]:
        return {
            "id": self.id,
            "type": "message",
            "role": "assistant",
            "content": content,
            "model": self.model,
            "stop_reason": None,
            "stop_sequence": None,
            "usage": usage,
        }

    def _tool_use(self, reply: Reply) -> dict[str, Any]:
        name, arguments = reply.tool_call or ("", {})
        return {
            "type": "tool_use",
            "id": f"toolu_{self.id[-12:]}",
            "name": name,
            "input": arguments,
        }

    def _tool_frames(self, reply: Reply, index: int) -> Iterator[Frame]:
        use = self._tool_use(reply)
        block = {**use, "input": {}}
        yield self._event(FrameKind.TURN, "content_block_start", index=index, content_block=block)
        delta = {
            "type": "input_json_delta",
            "partial_json": json.dumps(use["input"], ensure_ascii=False),
        }
        yield self._event(FrameKind.TURN, "content_block_delta", index=index, delta=delta)
        yield self._event(FrameKind.TURN, "content_block_stop", index=index)

    def _pieces(
        self, kind: FrameKind, index: int, name: str, pieces: tuple[str, ...]
    ) -> Iterator[Frame]:
        delta = {"type": f"{name}_delta", name: "\x00"}
        sample = self._event(kind, "content_block_delta", index=index, delta=delta)
        start, end = sample.payload.split(b'"\\u0000"')
        for piece in pieces:
            yield Frame(kind, start + json.dumps(piece, ensure_ascii=False).encode() + end)

    @staticmethod
    def _event(kind: FrameKind, name: str, **values: object) -> Frame:
        return Frame(kind, f"event: {name}\n".encode() + _line({"type": name, **values}))

    @staticmethod
    def _stop_reason(reply: Reply) -> str:
        if reply.tool_call is not None:
            return "tool_use"
        return "max_tokens" if reply.finish == "length" else "end_turn"

    def _signature(self) -> str:
        return f"demo-{self.id[-12:]}"
