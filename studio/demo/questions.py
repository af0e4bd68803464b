"""What a chat request asks, read from either of the two doors into one form."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from studio.demo import catalogue
from studio.demo.catalogue import Model, Thinking
from studio.demo.refusals import Refusal, bad_parameter

_CJK = re.compile(r"[\u3400-\u9fff]")
SAMPLING = ("temperature", "top_p", "max_tokens", "stop", "stop_sequences", "seed")


@dataclass(frozen=True, slots=True)
class Question:
    """One call to a chat model.

    `pictures` are the `data:` or http(s) URLs of the last turn that has any: a question that
    follows is about them, too.
    """

    model: Model
    text: str
    system: str
    turns: int
    pictures: tuple[str, ...]
    thinks: bool
    max_tokens: int | None
    stops: tuple[str, ...]
    given: tuple[tuple[str, object], ...]
    tools: tuple[dict[str, Any], ...]
    tool_results: tuple[str, ...]
    whole_text: str

    def language(self, preferred: str) -> str:
        """The language to answer in: that of the question, else the preferred one."""
        if preferred == "zh_CN" or _CJK.search(self.text):
            return "zh_CN"
        return "en"


def from_openai(body: dict[str, Any], *, streams: bool) -> Question:
    """Read a chat-completions body; raises the refusal that a wrong one earns."""
    model = catalogue.served(body.get("model"), draws=False)
    messages = _messages(body)
    if any(message.get("role") == "developer" for message in messages):
        raise bad_parameter("messages", "developer is not one of the supported roles")
    thinks = _thinking(model, body.get("enable_thinking"), streams=streams)
    _check_sampling(model, body)
    system = [text_of(m.get("content")) for m in messages if m.get("role") == "system"]
    functions = [tool.get("function") for tool in _dicts(body.get("tools"))]
    tools = tuple(function for function in functions if isinstance(function, dict))
    results = tuple(text_of(m.get("content")) for m in messages if m.get("role") == "tool")
    max_tokens = body.get("max_completion_tokens", body.get("max_tokens"))
    return _question(body, model, messages, "\n".join(system), thinks, max_tokens, tools, results)


def from_anthropic(body: dict[str, Any]) -> Question:
    """Read a messages body; raises the refusal that a wrong one earns."""
    model = catalogue.served(body.get("model"), draws=False)
    messages = _messages(body)
    if not isinstance(body.get("max_tokens"), int):
        raise Refusal(400, "max_tokens: field required", deep=True)
    _check_sampling(model, body)
    asked = body.get("thinking")
    wants = isinstance(asked, dict) and asked.get("type") in ("enabled", "adaptive")
    thinks = model.thinking in (Thinking.FIELD, Thinking.TAGS)
    thinks = thinks or (wants and model.thinking is Thinking.HYBRID)
    tools = tuple(
        {"name": tool.get("name"), "parameters": tool.get("input_schema")}
        for tool in _dicts(body.get("tools"))
    )
    blocks = [part for message in messages for part in _dicts(message.get("content"))]
    results = tuple(
        text_of(block.get("content")) for block in blocks if block.get("type") == "tool_result"
    )
    system = text_of(body.get("system"))
    return _question(body, model, messages, system, thinks, body["max_tokens"], tools, results)


def text_of(content: object) -> str:
    """The text of a message, whether it came as a string or as a list of parts."""
    if isinstance(content, str):
        return _sound(content)
    parts = [part.get("text") for part in _dicts(content) if part.get("type") == "text"]
    return _sound("\n".join(part for part in parts if isinstance(part, str)))


def _question(
    body: dict[str, Any],
    model: Model,
    messages: list[dict[str, Any]],
    system: str,
    thinks: bool,
    max_tokens: object,
    tools: tuple[dict[str, Any], ...],
    results: tuple[str, ...],
) -> Question:
    spoken = [message for message in messages if message.get("role") in ("user", "assistant")]
    asked = [message for message in spoken if message.get("role") == "user"]
    if not asked:
        raise bad_parameter("messages", "messages must hold at least one message of the user")
    shown = [urls for message in asked if (urls := _pictures(message.get("content")))]
    pictures = tuple(shown[-1]) if shown else ()
    if pictures and not model.sees:
        raise bad_parameter("messages", f"{model.id} does not take image input")
    return Question(
        model=model,
        text=text_of(asked[-1].get("content")).strip(),
        system=system.strip(),
        turns=len(spoken),
        pictures=pictures,
        thinks=thinks,
        max_tokens=max_tokens if isinstance(max_tokens, int) else None,
        stops=_strings(body.get("stop", body.get("stop_sequences"))),
        given=tuple((name, body[name]) for name in SAMPLING if body.get(name) is not None),
        tools=tools,
        tool_results=results if messages[-1].get("role") in ("tool", "user") else (),
        whole_text="\n".join([system, *(text_of(message.get("content")) for message in messages)]),
    )


def _sound(text: str) -> str:
    # JSON can carry half a surrogate pair, which no answer could be encoded with.
    return text.encode("utf-8", "replace").decode("utf-8")


def _strings(value: object) -> tuple[str, ...]:
    values = [value] if isinstance(value, str) else value
    if not isinstance(values, list):
        return ()
    return tuple(_sound(item) for item in values if isinstance(item, str) and item)


def _messages(body: dict[str, Any]) -> list[dict[str, Any]]:
    messages = _dicts(body.get("messages"))
    if not messages:
        raise bad_parameter("messages", "messages must be a list with at least one message")
    return messages


def _dicts(value: object) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _pictures(content: object) -> list[str]:
    found: list[str] = []
    for part in _dicts(content):
        if part.get("type") == "image_url":
            holder = part.get("image_url")
            url = holder.get("url") if isinstance(holder, dict) else holder
            found.append(url if isinstance(url, str) else "")
        elif part.get("type") == "image":
            source = part.get("source")
            if isinstance(source, dict) and source.get("type") == "base64":
                found.append(f"data:{source.get('media_type')};base64,{source.get('data')}")
            elif isinstance(source, dict):
                found.append(str(source.get("url")))
    return found


def _thinking(model: Model, asked: object, *, streams: bool) -> bool:
    if asked is not None and model.thinking is Thinking.REFUSED:
        raise bad_parameter("enable_thinking", f"{model.id} does not support enable_thinking")
    if model.thinking is Thinking.HYBRID and asked is True and not streams:
        raise bad_parameter(
            "enable_thinking", "enable_thinking must be set to false for non-streaming calls"
        )
    if model.thinking in (Thinking.FIELD, Thinking.TAGS):
        return True
    return model.thinking is Thinking.HYBRID and asked is True


def _check_sampling(model: Model, body: dict[str, Any]) -> None:
    ranges = {"temperature": (0.0, 2.0), "top_p": (0.0, 1.0), "max_tokens": (1, 1_000_000)}
    for name, (low, high) in ranges.items():
        value = body.get(name)
        if value is None:
            continue
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise bad_parameter(name, f"{name} must be a number")
        if not low <= value <= high:
            raise bad_parameter(name, f"{name} must be between {low} and {high}")
    only = model.only_temperature
    if only is not None and body.get("temperature", only) != only:
        raise bad_parameter("temperature", f"invalid temperature: only {only} is allowed")
