"""Reads messages in the form of OpenAI's interface, which many programs keep them in."""

from __future__ import annotations

import html
import re
from typing import Any

from studio.core.messages import ReasoningPart, Role, TextPart, ToolCallPart, ToolResultPart
from studio.core.transfer.clients.conversation import ForeignConversation, Picture, Piece, Said
from studio.core.transfer.clients.values import as_json, earliest, first, items, obj, objects, text

_THOUGHT = re.compile(
    r"<details\b[^>]*type=\"reasoning\"[^>]*>\s*(?:<summary>.*?</summary>)?(.*?)</details>\s*"
    r"|\A\s*<think(?:ing)?>(.*?)</think(?:ing)?>\s*",
    re.DOTALL,
)
_TIMES = ("timestamp", "createdAt", "created_at", "create_time", "date", "created", "time")
_THOUGHTS = ("reasoning_content", "reasoningContent", "reasoning", "thinking")
_IMAGES = ("png", "jpg", "jpeg", "webp", "gif", "bmp", "avif")
_PROMPTS = ("system", "developer")


def is_plain(stored: dict[str, Any]) -> bool:
    """Whether it has messages with a role and a content each."""
    messages = objects(stored.get("messages"))
    return any("role" in each and "content" in each for each in messages)


def read_plain(stored: dict[str, Any]) -> ForeignConversation:
    """A conversation with its messages one after another."""
    foreign = ForeignConversation(
        "messages",
        first(stored.get("id"), stored.get("uuid")),
        first(stored.get("title"), stored.get("name"), stored.get("topic")),
        model=first(stored.get("model"), obj(stored.get("model")).get("id")),
        begun=earliest(*(stored.get(name) for name in _TIMES)),
        changed=earliest(stored.get("updated_at"), stored.get("updatedAt")),
    )
    add_messages(foreign, stored.get("messages"))
    return foreign


def add_messages(foreign: ForeignConversation, messages: Any) -> None:
    """Add messages below one another; those of the system become the prompt."""
    prompts = [foreign.prompt] if foreign.prompt else []
    for each in objects(messages):
        said = message(each)
        if text(each.get("role")) in _PROMPTS:
            prompts += [part.text for part in said.pieces if isinstance(part, TextPart)]
        else:
            foreign.add(said)
    foreign.prompt = "\n\n".join(prompts)


def message(stored: dict[str, Any]) -> Said:
    """One message, with its thoughts, tools, files and pictures."""
    role = Role.USER if text(stored.get("role")) in ("user", "human") else Role.ASSISTANT
    pieces = [*thoughts(stored), *contents(stored.get("content"), role), *tools(stored)]
    if text(stored.get("role")) in ("tool", "function"):
        words = "\n\n".join(each.text for each in pieces if isinstance(each, TextPart))
        pieces = [ToolResultPart(first(stored.get("name")), words)] if words else []
    model = stored.get("model")
    return Said(
        role,
        pieces,
        first(stored.get("id"), stored.get("uuid")),
        time=earliest(*(stored.get(name) for name in _TIMES)),
        model=first(model, obj(model).get("id"), obj(model).get("name"), stored.get("modelId")),
        cut=stored.get("streaming") is True or stored.get("generating") is True,
    )


def thoughts(stored: dict[str, Any]) -> list[Piece]:
    """What the model thought, where it stands apart."""
    found = (stored.get(name) for name in _THOUGHTS)
    words = [text(each) or text(obj(each).get("content")) for each in found]
    thought = next((each for each in words if each.strip()), "")
    return [ReasoningPart(thought)] if thought else []


def contents(content: Any, role: Role = Role.USER) -> list[Piece]:
    """A content that is a text, or an array of texts and pictures."""
    if isinstance(content, str):
        return spoken(content, role)
    pieces: list[Piece] = []
    for each in items(content):
        if isinstance(each, str):
            pieces += spoken(each, role)
        kind, words = text(obj(each).get("type")), text(obj(each).get("text"))
        if kind in ("reasoning", "thinking") and words.strip():
            pieces.append(ReasoningPart(words))
        elif words.strip():
            pieces += spoken(words, role)
        elif "image" in kind:
            url = obj(each).get("image_url") or obj(each).get("url") or obj(each).get("image")
            pieces += picture(text(url) or text(obj(url).get("url")), first(obj(each).get("name")))
    return pieces


def spoken(words: str, role: Role = Role.ASSISTANT) -> list[Piece]:
    """A text, with the thoughts that a model put into it taken out."""
    if role is Role.USER or "<" not in words:
        return [TextPart(words)] if words.strip() else []
    pieces: list[Piece] = []
    at = 0
    for match in _THOUGHT.finditer(words):
        before, thought = words[at : match.start()], match[1] or match[2] or ""
        at = match.end()
        pieces += [TextPart(before.strip("\n"))] if before.strip() else []
        lines = (re.sub(r"^(?:>|&gt;) ?", "", each) for each in thought.strip().split("\n"))
        thought = html.unescape("\n".join(lines)) if match[1] else thought.strip()
        pieces += [ReasoningPart(thought)] if thought.strip() else []
    rest = words[at:]
    return [*pieces, *([TextPart(rest)] if rest.strip() else [])]


def picture(url: str, name: str = "", *names: str) -> list[Piece]:
    """A picture by its address: one of the export's, one that is in it, or a link to look at."""
    if url.startswith("data:"):
        return [Picture(names, url, name)]
    if url.startswith(("http://", "https://")) and not names:
        return [TextPart(f"[{name or url}](<{url}>)" if not re.search(r"[\s<>]", url) else url)]
    known = tuple(dict.fromkeys(each for each in (*names, url) if each))
    return [Picture(known, name=name)] if known else []


def file(name: str, *names: str) -> list[Piece]:
    """An attached file: a picture of the export, or a name to read."""
    if name.rpartition(".")[2].lower() in _IMAGES:
        return [Picture((*names, name), name=name)]
    return [TextPart(f"[{name}]")] if name else []


def tools(stored: dict[str, Any]) -> list[Piece]:
    """The calls of tools, and what came of them."""
    pieces: list[Piece] = []
    for each in [*objects(stored.get("tool_calls")), *objects(stored.get("tools"))]:
        function = obj(each.get("function")) or each
        name = first(function.get("name"), function.get("apiName"))
        arguments = function.get("arguments")
        words = text(arguments) or (as_json(arguments) if arguments else "")
        if name:
            pieces.append(ToolCallPart(first(each.get("id")), name, words))
        if result := text(each.get("content")) or text(obj(each.get("result")).get("content")):
            pieces.append(ToolResultPart(first(each.get("id")), result))
    return pieces
