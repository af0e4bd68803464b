"""Reads the conversations of a Claude export: `chat_messages` with typed contents."""

from __future__ import annotations

import re
from typing import Any

from studio.core.messages import ReasoningPart, Role, TextPart, ToolCallPart, ToolResultPart
from studio.core.transfer.clients.chatgpt_text import fenced
from studio.core.transfer.clients.conversation import ForeignConversation, Piece, Said
from studio.core.transfer.clients.openai import file, picture
from studio.core.transfer.clients.values import (
    as_json,
    earliest,
    first,
    items,
    moment,
    obj,
    objects,
    strings,
    text,
)

_RESULTS = ("text", "content", "title", "url")


def is_claude(stored: dict[str, Any]) -> bool:
    """Whether it is a conversation of Claude."""
    return "chat_messages" in stored


def read_claude(stored: dict[str, Any]) -> ForeignConversation:
    """A conversation, with all its branches where the export says which there are."""
    foreign = ForeignConversation(
        "claude",
        first(stored.get("uuid"), stored.get("id")),
        first(stored.get("name"), stored.get("title")),
        model=first(stored.get("model")),
        begun=moment(stored.get("created_at")),
        changed=moment(stored.get("updated_at")),
    )
    messages = objects(stored.get("chat_messages"))
    found = [_message(each) for each in messages]
    ids = {each.id for each in found if each.id}
    for at, (said, each) in enumerate(zip(found, messages, strict=True)):
        named = first(each.get("parent_message_uuid"))
        before = found[at - 1].id if at else None
        # The first of all names one that is nowhere.
        said.id = said.id or f"{at}"
        said.parent = named if named in ids else (None if named and not at else before)
    foreign.grow(found)
    foreign.head = first(stored.get("current_leaf_message_uuid"))
    return foreign


def _message(stored: dict[str, Any]) -> Said:
    human = text(stored.get("sender")) in ("human", "user")
    found = [piece for each in items(stored.get("content")) for piece in _content(obj(each))]
    if all(isinstance(each, ReasoningPart) for each in found):
        words = text(stored.get("text"))  # as it was before there were contents
        found += [TextPart(words)] if words.strip() else []
    return Said(
        Role.USER if human else Role.ASSISTANT,
        [*_files(stored), *found],
        first(stored.get("uuid"), stored.get("id")),
        time=earliest(stored.get("created_at"), stored.get("updated_at")),
        model=first(stored.get("model")),
        cut=text(stored.get("stop_reason")) in ("user_canceled", "error"),
    )


def _files(stored: dict[str, Any]) -> list[Piece]:
    pieces: list[Piece] = []
    for each in objects(stored.get("attachments")):
        name = first(each.get("file_name"), each.get("name"))
        words = text(each.get("extracted_content")).strip("\n")
        shown = f"[{name}]" if name else ""
        pieces += [TextPart(f"{shown}\n\n{fenced(words)}" if words else shown)]
    for each in [*objects(stored.get("files")), *objects(stored.get("files_v2"))]:
        name = first(each.get("file_name"), each.get("name"))
        pieces += [new for new in file(name, *_ids(each)) if new not in pieces]
    return [each for each in pieces if not isinstance(each, TextPart) or each.text]


def _ids(stored: dict[str, Any]) -> tuple[str, ...]:
    found = (first(stored.get(name)) for name in ("file_uuid", "uuid", "id"))
    return tuple(each for each in found if each)


def _content(content: dict[str, Any]) -> list[Piece]:
    kind, words = text(content.get("type")), text(content.get("text"))
    if kind == "thinking":
        thought = text(content.get("thinking"))
        return [ReasoningPart(thought)] if thought.strip() else []
    if kind == "tool_use":
        return _call(content)
    if kind == "tool_result":
        result = "\n\n".join(strings(content.get("content"), _RESULTS))
        called = first(content.get("tool_use_id"), content.get("name"))
        return [ToolResultPart(called, result)] if result else []
    if kind == "image":
        source = obj(content.get("source"))
        data = text(source.get("data"))
        address = f"data:{text(source.get('media_type'))};base64,{data}" if data else ""
        return picture(address, first(content.get("file_name")), *_ids(content))
    return [TextPart(words)] if words.strip() else []


def _call(content: dict[str, Any]) -> list[Piece]:
    name, given = first(content.get("name")), obj(content.get("input"))
    written = text(given.get("content"))
    if name == "artifacts" and written.strip():
        title, language = first(given.get("title")), re.sub(r"\W", "", text(given.get("language")))
        if text(given.get("type")) != "text/markdown":
            written = fenced(written, language)
        return [TextPart(f"**{title}**\n\n{written}" if title else written)]
    return [ToolCallPart(first(content.get("id")), name, as_json(given))] if name else []
