"""Reads the sessions of a Chatbox export, which keeps each one under a key of its own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from studio.core.messages import ReasoningPart, TextPart, ToolCallPart, ToolResultPart
from studio.core.transfer.clients.conversation import ForeignConversation, Piece, Said
from studio.core.transfer.clients.openai import add_messages, file, message, picture, spoken
from studio.core.transfer.clients.values import as_json, earliest, first, obj, objects, text

_LISTS = ("chat-sessions-list", "chat-sessions")
_SESSION = "session:"


def is_chatbox(stored: dict[str, Any]) -> bool:
    """Whether it is an export of Chatbox."""
    return any(name in _LISTS or name.startswith(_SESSION) for name in stored)


def split_chatbox(stored: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Each session, and each of its earlier threads, with the pictures of its messages."""
    sessions = [
        each for name, each in stored.items() if name.startswith(_SESSION) and obj(each)
    ] + [each for name in _LISTS for each in objects(stored.get(name)) if "messages" in each]
    listed = {first(each.get("id")): each for name in _LISTS for each in objects(stored.get(name))}
    kept = {name: each for name, each in stored.items() if name.startswith("picture:")}
    for each in sessions:
        known = listed.get(first(each.get("id")), {})
        yield {"session": {**known, **each}, "thread": each, "kept": kept}
        for thread in objects(each.get("threads")):
            yield {"session": {**known, **each}, "thread": thread, "kept": kept}


def read_chatbox(stored: dict[str, Any]) -> ForeignConversation:
    """A session or one of its threads."""
    session, thread = obj(stored.get("session")), obj(stored.get("thread"))
    kept = obj(stored.get("kept"))
    whole = thread.get("id") == session.get("id")
    settings = obj(session.get("settings"))
    foreign = ForeignConversation(
        "chatbox",
        first(thread.get("id")) if whole else f"{session.get('id')}/{first(thread.get('id'))}",
        first(thread.get("name"), session.get("threadName"), session.get("name")),
        model=first(settings.get("modelId"), settings.get("model")),
        begun=earliest(thread.get("createdAt"), session.get("createdAt")),
        changed=earliest(thread.get("updatedAt")),
    )
    messages = objects(thread.get("messages"))
    system = [each for each in messages if text(each.get("role")) == "system"]
    add_messages(foreign, [{**each, "content": _words(each)} for each in system])
    for each in messages:
        if text(each.get("role")) != "system":
            foreign.add(_message(each, kept))
    foreign.head = foreign.said[-1].id if foreign.said else ""
    for asked, fork in obj(session.get("messageForksHash")).items():
        for branch in objects(obj(fork).get("lists")):
            _add_branch(foreign, asked, objects(branch.get("messages")), kept)
    return foreign


def _add_branch(
    foreign: ForeignConversation, asked: str, messages: list[dict[str, Any]], kept: dict[str, Any]
) -> None:
    above: str | None = asked
    if asked not in foreign.ids:
        return
    for each in messages:
        said = _message(each, kept)
        foreign.put(said, above)
        above = said.id if said.pieces else above


def _words(stored: dict[str, Any]) -> str:
    parts = objects(stored.get("contentParts"))
    return text(stored.get("content")) or "\n\n".join(text(each.get("text")) for each in parts)


def _message(stored: dict[str, Any], kept: dict[str, Any]) -> Said:
    said = message(stored)
    parts = objects(stored.get("contentParts"))
    pieces: list[Piece] = []
    for each in objects(stored.get("files")):
        pieces += file(first(each.get("name")))
    for each in objects(stored.get("pictures")):
        pieces += _picture(each, kept)
    for each in parts:
        pieces += _part(each, said, kept)
    spoken_already = any(isinstance(each, TextPart) for each in pieces)
    thought_already = any(isinstance(each, ReasoningPart) for each in pieces)
    for piece in said.pieces:
        is_thought = isinstance(piece, ReasoningPart)
        if is_thought and not thought_already:
            pieces.insert(0, piece)
        elif not is_thought and not (parts and spoken_already):
            pieces.append(piece)
    said.pieces = pieces
    return said


def _part(part: dict[str, Any], said: Said, kept: dict[str, Any]) -> list[Piece]:
    kind, words = text(part.get("type")), text(part.get("text"))
    if kind == "image":
        return _picture(part, kept)
    if kind == "tool-call":
        name, identity = first(part.get("toolName")), first(part.get("toolCallId"))
        given, result = part.get("args") or part.get("input"), part.get("result")
        pieces: list[Piece] = [ToolCallPart(identity, name, as_json(given) if given else "")]
        told = text(result) or (as_json(result) if result else "")
        return [*pieces, *([ToolResultPart(identity, told)] if told else [])]
    if kind == "reasoning":
        return [ReasoningPart(words)] if words.strip() else []
    return spoken(words, said.role) if kind in ("text", "") else []


def _picture(part: dict[str, Any], kept: dict[str, Any]) -> list[Piece]:
    key = first(part.get("storageKey"))
    data = text(kept.get(key))
    return picture(data or text(part.get("url")), first(part.get("name")), *([key] if key else []))
