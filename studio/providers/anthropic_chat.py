"""Anthropic-compatible messages, on the anthropic SDK: it writes and sends, the guard reads."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from studio.core.lessons import Fact
from studio.core.stream import (
    ChatMessage,
    ChatRequest,
    Content,
    ReasoningDelta,
    StreamEvent,
    TextContent,
    ThinkingContent,
)
from studio.core.turns import alternating
from studio.providers.answer_reader import AnswerReader
from studio.providers.chat_client import ChatCall, ChatClient, chosen, facts_about
from studio.providers.failures import ErrorContext
from studio.providers.finish import is_broken, reason_of, strange_word
from studio.providers.network import open_client, sdk_stack, timeouts
from studio.providers.packages import ready
from studio.providers.stream_guard import clean_text
from studio.providers.streaming_body import enclose
from studio.providers.transport import ClientPolicy

# The service knows this version; the SDK would send a newer one.
VERSION = "2023-06-01"
# The interface demands a limit. Every current model can write this much; more is refused by some.
DEFAULT_MAX_TOKENS = 4096
LEAST_THINKING = 1024  # tokens; the interface refuses less


class AnthropicChat(ChatClient):
    """The Anthropic-compatible protocol of one service."""

    def _call(self, request: ChatRequest) -> ChatCall:
        values = chosen(request)
        arguments: dict[str, Any] = {
            "model": request.model,
            "messages": _messages(request),
            "stream": request.stream,
            **_limits(values),
        }
        if request.system.strip():
            arguments["system"] = clean_text(request.system)
        # Of the interface, but no arguments of the SDK any more: they go into the body as they are.
        sampling = {name: values[name] for name in ("temperature", "top_p") if name in values}
        if sampling:
            arguments["extra_body"] = sampling
        if "stop" in values:
            arguments["stop_sequences"] = list(values["stop"])
        # A limit is demanded here: it cannot be left out.
        return ChatCall(arguments, facts_about(values) - {Fact.NO_MAX_TOKENS})

    async def _make(self) -> Any:
        await ready("anthropic")
        import anthropic

        auth = {"anthropic-version": VERSION}
        if self._token:
            auth |= {"Authorization": f"Bearer {self._token}", "x-api-key": self._token}
        access = ClientPolicy((self._endpoint.origin,), auth, recorder=self._recorder)
        stack = sdk_stack()
        return anthropic.AsyncAnthropic(
            # The token is put in below the SDK; this only keeps it from looking elsewhere.
            api_key="unused",
            webhook_key="",
            base_url=self._endpoint.anthropic_base,
            max_retries=0,
            open_telemetry=False,  # no spans of what is asked, whatever the environment says
            timeout=timeouts(stack, self._network, None),
            http_client=await open_client(stack, access, self._network, read=None),
        )

    def _ask(self, client: Any, arguments: dict[str, Any]) -> Any:
        return client.messages.with_streaming_response.create(**arguments)

    def _reader(self, border: ErrorContext, headers: Any) -> AnswerReader:
        return AnthropicReader(border, headers, self._token)


def _limits(values: dict[str, Any]) -> dict[str, Any]:
    """`max_tokens`, which the interface demands, and the part of it that thinking may take."""
    limit = values.get("max_tokens") or DEFAULT_MAX_TOKENS
    if "thinking" not in values:
        return {"max_tokens": limit}
    if not values["thinking"]:
        return {"max_tokens": limit, "thinking": {"type": "disabled"}}
    # Thinking counts towards the limit here; the user meant the answer.
    budget = max(LEAST_THINKING, limit)
    return {
        "max_tokens": limit + budget,
        "thinking": {"type": "enabled", "budget_tokens": budget},
    }


def _messages(request: ChatRequest) -> list[dict[str, Any]]:
    """The turns as the interface has them; thoughts go back signed, others where wanted."""
    back = Fact.WANTS_REASONING in request.known
    return [
        _message(
            replace(turn, content=tuple(p for p in turn.content if back or not _is_unsigned(p)))
        )
        for turn in alternating(request.turns)
    ]


def _is_unsigned(part: Content) -> bool:
    return isinstance(part, ThinkingContent) and not (part.signature or part.redacted)


def _message(turn: ChatMessage) -> dict[str, Any]:
    """A turn as the interface has it; what is only text goes as a plain string."""
    if all(isinstance(part, TextContent) for part in turn.content):
        text = "".join(part.text for part in turn.content if isinstance(part, TextContent))
        return {"role": turn.role.value, "content": clean_text(text)}
    return {"role": turn.role.value, "content": [_block(part) for part in turn.content]}


def _block(part: Content) -> dict[str, Any]:
    if isinstance(part, TextContent):
        return {"type": "text", "text": clean_text(part.text)}
    if isinstance(part, ThinkingContent) and part.redacted:
        return {"type": "redacted_thinking", "data": part.redacted}
    if isinstance(part, ThinkingContent):
        return {"type": "thinking", "thinking": part.text, "signature": part.signature}
    if part.url:
        return {"type": "image", "source": {"type": "url", "url": part.url}}
    source = {"type": "base64", "media_type": part.media_type, "data": enclose(part.content)}
    return {"type": "image", "source": source}


class AnthropicReader(AnswerReader):
    """Reads the events of a message and whole messages, with all their known deviations."""

    def __init__(self, border: ErrorContext, response_headers: Any, token: str) -> None:
        super().__init__(border, response_headers, token)
        self._reason = ""

    def read(self, name: str, payload: dict[str, Any]) -> list[StreamEvent]:
        """The events of one event; the kind is in its JSON, or else in its name."""
        kind = payload.get("type")
        kind = kind if isinstance(kind, str) else name
        if kind == "content_block_delta":
            return self._read_delta(_object(payload.get("delta")), payload.get("index"))
        if kind == "content_block_start":
            return self._read_block(_object(payload.get("content_block")), payload.get("index"))
        if kind == "message_start":
            self._read_usage(_object(payload.get("message")))
        elif kind == "message_delta":
            self._read_reason(_object(payload.get("delta")))
            self._read_usage(payload)
        elif kind == "message_stop":
            self._end()
            self.state.ended = True
        return []

    def read_answer(self, payload: dict[str, Any]) -> list[StreamEvent]:
        """The events of a whole message; it is whole by itself, even without a reason."""
        found: list[StreamEvent] = []
        blocks = payload.get("content")
        for index, block in enumerate(blocks if isinstance(blocks, list) else []):
            found += self._read_block(_object(block), index)
        if isinstance(blocks, str) and blocks:
            found += self.content(blocks)
        self._read_usage(payload)
        self._read_reason(payload)
        if self.state.has_content or self._reason:
            self._end()
        else:
            self.state.hollow = True
        return found

    def _end(self) -> None:
        """The message is whole, unless its reason says that the server gave up."""
        self.mark(self._reason)
        if not self.state.broken:
            self.state.finish = self.state.finish or self.state.strange or "stop"

    def _read_usage(self, holder: dict[str, Any]) -> None:
        usage = _object(holder.get("usage"))
        self.count(usage.get("input_tokens"), usage.get("output_tokens"))

    def _read_reason(self, holder: dict[str, Any]) -> None:
        reason = holder.get("stop_reason")
        if isinstance(reason, str) and (
            reason_of(reason) or strange_word(reason) or is_broken(reason)
        ):
            self._reason = reason

    def _read_delta(self, delta: dict[str, Any], index: object) -> list[StreamEvent]:
        found: list[StreamEvent] = []
        if text := _string(delta.get("text")):
            found += self.content(text)
        if thought := _string(delta.get("thinking")):
            found += self.reasoning(thought)
        if signature := _string(delta.get("signature")):
            found += self.end_thought()
            found.append(ReasoningDelta("", clean_text(signature, self._token)))
        if arguments := _string(delta.get("partial_json")):
            found += self.tool_call(_number(index), arguments=arguments)
        return found

    def _read_block(self, block: dict[str, Any], index: object) -> list[StreamEvent]:
        if block.get("type") == "redacted_thinking":
            return self.redacted(_string(block.get("data")))
        if block.get("type") != "tool_use":
            return self._read_delta(block, index)
        given = block.get("input")
        arguments = json.dumps(given, ensure_ascii=False) if given else ""
        call_id, name = _string(block.get("id")), _string(block.get("name"))
        return self.tool_call(_number(index), call_id, name, arguments)


def _object(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _string(value: object) -> str:
    return value if isinstance(value, str) else ""


def _number(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else 0
