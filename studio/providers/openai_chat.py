"""OpenAI-compatible chat and vision, on the openai SDK: it writes and sends, the guard reads."""

from __future__ import annotations

from typing import Any

from studio.core.lessons import Fact
from studio.core.messages import Role
from studio.core.stream import (
    ChatMessage,
    ChatRequest,
    ImageContent,
    StreamEvent,
    TextContent,
    ThinkingContent,
)
from studio.core.turns import alternating
from studio.providers.answer_reader import AnswerReader
from studio.providers.chat_client import ChatCall, ChatClient, chosen, facts_about
from studio.providers.failures import ErrorContext
from studio.providers.network import open_client, sdk_stack
from studio.providers.packages import ready
from studio.providers.stream_guard import clean_text
from studio.providers.streaming_body import enclose
from studio.providers.transport import ClientPolicy


class OpenAIChat(ChatClient):
    """The OpenAI-compatible protocol of one service."""

    def _call(self, request: ChatRequest) -> ChatCall:
        values = chosen(request)
        arguments: dict[str, Any] = {
            "model": request.model,
            "messages": messages_of(request),
            "stream": request.stream,
        }
        for name in ("temperature", "top_p", "max_tokens"):
            if name in values:
                arguments[name] = values[name]
        if "stop" in values:
            arguments["stop"] = list(values["stop"])
        sent = facts_about(values)
        if request.stream and Fact.NO_COUNT not in request.known:
            arguments["stream_options"] = {"include_usage": True}
            sent |= {Fact.NO_COUNT}
        if "thinking" in values:
            # Top level of the JSON: the service's own key, unknown to the SDK.
            arguments["extra_body"] = {"enable_thinking": values["thinking"]}
        return ChatCall(arguments, sent)

    async def _make(self) -> Any:
        await ready("openai")
        import openai

        auth = {"Authorization": f"Bearer {self._token}"} if self._token else {}
        access = ClientPolicy((self._endpoint.origin,), auth, recorder=self._recorder)
        return openai.AsyncOpenAI(
            # The token is put in below the SDK; this only keeps it from looking elsewhere.
            api_key="unused",
            base_url=f"{self._endpoint.openai_base}/",
            organization="",
            project="",
            webhook_secret="",
            admin_api_key="",
            max_retries=0,
            http_client=await open_client(sdk_stack(), access, self._network, read=None),
        )

    def _ask(self, client: Any, arguments: dict[str, Any]) -> Any:
        return client.chat.completions.with_streaming_response.create(**arguments)

    def _reader(self, border: ErrorContext, headers: Any) -> AnswerReader:
        return OpenAIReader(border, headers, self._token)


def messages_of(request: ChatRequest) -> list[dict[str, Any]]:
    """The turns as the interface has them; what is only text goes as a plain string."""
    back = Fact.WANTS_REASONING in request.known
    messages = [_message(turn, back=back) for turn in alternating(request.turns)]
    if request.system.strip():
        return [{"role": "system", "content": clean_text(request.system)}, *messages]
    return messages


def _message(turn: ChatMessage, *, back: bool) -> dict[str, Any]:
    message: dict[str, Any] = {"role": turn.role.value, "content": _content(turn)}
    if back and turn.role is Role.ASSISTANT:
        # Also where there was none: the key is what is asked for.
        thoughts = (part.text for part in turn.content if isinstance(part, ThinkingContent))
        message["reasoning_content"] = clean_text("".join(thoughts))
    return message


def _content(turn: ChatMessage) -> str | list[dict[str, Any]]:
    if not any(isinstance(part, ImageContent) for part in turn.content):
        text = "".join(part.text for part in turn.content if isinstance(part, TextContent))
        return clean_text(text)
    parts: list[dict[str, Any]] = []
    for part in turn.content:
        if isinstance(part, ImageContent):
            parts.append({"type": "image_url", "image_url": {"url": picture_url(part)}})
        elif isinstance(part, TextContent):
            parts.append({"type": "text", "text": clean_text(part.text)})
    return parts


def picture_url(picture: ImageContent) -> str:
    """The picture's address, or its bytes as one."""
    if picture.url:
        return picture.url
    return f"data:{picture.media_type};base64,{enclose(picture.content)}"


class OpenAIReader(AnswerReader):
    """Reads `chat.completion.chunk` and `chat.completion`, with all their known deviations."""

    def __init__(self, border: ErrorContext, response_headers: Any, token: str) -> None:
        super().__init__(border, response_headers, token)
        self._last_call = -1

    def read(self, name: str, payload: dict[str, Any]) -> list[StreamEvent]:
        """The events of one chunk."""
        usage = payload.get("usage")
        counted = False
        if isinstance(usage, dict):
            counted = self.count(usage.get("prompt_tokens"), usage.get("completion_tokens"))
        choices = payload.get("choices")
        if self.state.finish and counted and not choices:
            self.state.certain = True  # the count of all comes in a last frame of its own
        if not isinstance(choices, list):
            self.state.hollow = self.state.hollow or "choices" in payload
            return []
        choice = next((each for each in choices if isinstance(each, dict)), None)
        if choice is None:
            return []
        delta = choice.get("delta")
        if not isinstance(delta, dict):
            delta = choice.get("message")
        found = self._read_delta(delta) if isinstance(delta, dict) else []
        self.mark(choice.get("finish_reason"))
        return found

    def read_answer(self, payload: dict[str, Any]) -> list[StreamEvent]:
        """The events of a whole answer; it is whole by itself, even without a finish reason."""
        found = self.read("", payload)
        if self.state.has_content and not self.state.broken:
            self.state.finish = self.state.finish or self.state.strange or "stop"
        elif not self.state.finish:
            self.state.hollow = True
        return found

    def _read_delta(self, delta: dict[str, Any]) -> list[StreamEvent]:
        found: list[StreamEvent] = []
        reasoning = delta.get("reasoning_content") or delta.get("reasoning")
        if reasoning and isinstance(reasoning, str):
            found += self.reasoning(reasoning)
        content = delta.get("content")
        if content:
            text = content if isinstance(content, str) else _joined(content)
            found += self.content(text)
        calls = delta.get("tool_calls") or delta.get("function_calls")
        if isinstance(calls, list):
            for call in calls:
                if isinstance(call, dict):
                    found += self._read_call(call)
        return found

    def _read_call(self, call: dict[str, Any]) -> list[StreamEvent]:
        function = call.get("function")
        function = function if isinstance(function, dict) else call
        call_id, name = _string(call.get("id")), _string(function.get("name"))
        arguments = _string(function.get("arguments"))
        index = call.get("index")
        if not isinstance(index, int) or isinstance(index, bool):
            # Without an index a name begins a new call and all else belongs to the last one.
            index = self._last_call + 1 if name or self._last_call < 0 else self._last_call
        self._last_call = max(self._last_call, index)
        return self.tool_call(index, call_id, name, arguments)


def _string(value: object) -> str:
    return value if isinstance(value, str) else ""


def _joined(content: object) -> str:
    """The text of a content that is a list of parts."""
    if not isinstance(content, list):
        return ""
    return "".join(_string(each.get("text")) for each in content if isinstance(each, dict))
