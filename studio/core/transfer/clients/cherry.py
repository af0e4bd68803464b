"""Reads the topics of a Cherry Studio backup: messages there are made of blocks, kept apart."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from studio.core.messages import ReasoningPart, Role, TextPart, ToolCallPart, ToolResultPart
from studio.core.transfer.clients.chatgpt_text import fenced
from studio.core.transfer.clients.conversation import ForeignConversation, Piece, Said
from studio.core.transfer.clients.openai import file, message, picture
from studio.core.transfer.clients.values import as_json, earliest, first, items, obj, objects, text

_STORE = "persist:cherry-studio"


def is_cherry(stored: dict[str, Any]) -> bool:
    """Whether it is a backup of Cherry Studio."""
    return ("indexedDB" in stored and "localStorage" in stored) or "message_blocks" in stored


def split_cherry(stored: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Each topic with the blocks of its messages, and what its assistant says of it."""
    tables = obj(stored.get("indexedDB")) or stored
    blocks = {first(each.get("id")): each for each in objects(tables.get("message_blocks"))}
    known = _topics(stored)
    for topic in objects(tables.get("topics")):
        messages = objects(topic.get("messages"))
        names = {name for each in messages for name in map(first, items(each.get("blocks")))}
        yield {
            "topic": topic,
            "blocks": {name: blocks[name] for name in names if name in blocks},
            "about": known.get(first(topic.get("id")), {}),
        }


def _topics(stored: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """What the assistants say of their topics, by the topics' ids."""
    store = _opened(obj(stored.get("localStorage")).get(_STORE))
    assistants = obj(_opened(obj(store).get("assistants")))
    everyone = [*objects(assistants.get("assistants")), obj(assistants.get("defaultAssistant"))]
    return {
        first(topic.get("id")): {**topic, "assistant": assistant}
        for assistant in reversed(everyone)
        for topic in objects(assistant.get("topics"))
    }


def _opened(value: Any) -> Any:
    """JSON within a text of JSON, or the value itself."""
    try:
        return json.loads(value) if isinstance(value, str) else value
    except (ValueError, RecursionError):
        return None


def read_cherry(stored: dict[str, Any]) -> ForeignConversation:
    """One topic. Answers to the same question by several models are versions of one another."""
    topic, about = obj(stored.get("topic")), obj(stored.get("about"))
    assistant = obj(about.get("assistant"))
    foreign = ForeignConversation(
        "cherry",
        first(topic.get("id")),
        first(topic.get("name"), about.get("name")),
        prompt=text(assistant.get("prompt")) or text(about.get("prompt")),
        model=first(obj(assistant.get("model")).get("id")),
        begun=earliest(topic.get("createdAt"), about.get("createdAt")),
        changed=earliest(topic.get("updatedAt"), about.get("updatedAt")),
    )
    last: str | None = None
    for each in objects(topic.get("messages")):
        said = _message(each, obj(stored.get("blocks")))
        if text(each.get("type")) == "clear" or text(each.get("role")) == "system":
            continue
        asked = first(each.get("askId"))
        shown = last
        if said.role is Role.ASSISTANT and asked in foreign.ids:
            beside = last is not None and last != asked
            foreign.put(said, asked)
            shown = said.id if not beside or each.get("foldSelected") is True else last
        else:
            foreign.put(said, last)
            shown = said.id
        last = shown if said.pieces else last
    foreign.head = last or ""
    return foreign


def _message(stored: dict[str, Any], blocks: dict[str, Any]) -> Said:
    said = message({**stored, "tools": None})
    pieces: list[Piece] = []
    for name in map(first, items(stored.get("blocks"))):
        pieces += _block(obj(blocks.get(name)))
    if not pieces:  # before there were blocks
        pieces = [*_old_files(stored), *said.pieces]
    said.pieces = pieces
    said.cut = text(stored.get("status")) in ("paused", "error", "processing", "pending")
    return said


def _old_files(stored: dict[str, Any]) -> list[Piece]:
    pieces: list[Piece] = []
    for each in objects(stored.get("files")):
        pieces += _file(each)
    for url in items(obj(stored.get("metadata")).get("generateImage")):
        pieces += picture(text(url))
    return pieces


def _file(stored: dict[str, Any]) -> list[Piece]:
    name = first(stored.get("origin_name"), stored.get("name"))
    identity = first(stored.get("id"))
    names = (f"{identity}{first(stored.get('ext'))}", first(stored.get("name")), identity)
    shown = text(stored.get("type")) == "image"
    return picture("", name, *filter(None, names)) if shown else file(name, *filter(None, names))


def _block(block: dict[str, Any]) -> list[Piece]:
    kind, words = text(block.get("type")), text(block.get("content"))
    if kind == "thinking":
        took = _seconds(block.get("thinking_millsec"))
        return [ReasoningPart(words, took)] if words.strip() else []
    if kind == "code":
        return [TextPart(fenced(words, first(block.get("language"))))] if words.strip() else []
    if kind == "image":
        made = obj(obj(block.get("metadata")).get("generateImageResponse")).get("images")
        urls = [text(block.get("url")), *map(text, items(made))]
        stored = obj(block.get("file"))
        return _file({**stored, "type": "image"}) if stored else _pictures(urls)
    if kind == "file":
        return _file(obj(block.get("file")))
    if kind == "tool":
        return _tool(block)
    return [TextPart(words)] if words.strip() else []


def _seconds(milliseconds: Any) -> float | None:
    known = isinstance(milliseconds, int | float) and not isinstance(milliseconds, bool)
    return milliseconds / 1000 if known and 0 < milliseconds < 1e9 else None


def _pictures(urls: list[str]) -> list[Piece]:
    return [piece for url in dict.fromkeys(urls) if url for piece in picture(url)]


def _tool(block: dict[str, Any]) -> list[Piece]:
    response = obj(obj(block.get("metadata")).get("rawMcpToolResponse"))
    name = first(block.get("toolName"), obj(response.get("tool")).get("name"), block.get("toolId"))
    given = block.get("arguments") or response.get("arguments")
    result = block.get("content") or response.get("response")
    identity = first(block.get("toolId"))
    pieces: list[Piece] = []
    if name:
        pieces.append(ToolCallPart(identity, name, as_json(given) if given else ""))
    if result:
        pieces.append(ToolResultPart(identity, text(result) or as_json(result)))
    return pieces
