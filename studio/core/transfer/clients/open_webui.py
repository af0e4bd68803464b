"""Reads the chats of an Open WebUI export: `chat.history` is a tree of messages."""

from __future__ import annotations

from typing import Any

from studio.core.transfer.clients.conversation import ForeignConversation, Piece, Said
from studio.core.transfer.clients.openai import add_messages, file, message, picture
from studio.core.transfer.clients.values import earliest, first, items, moment, obj, objects, text


def is_open_webui(stored: dict[str, Any]) -> bool:
    """Whether it is a chat of Open WebUI."""
    chat = stored.get("chat")
    return isinstance(chat, dict) and ("history" in chat or "messages" in chat)


def read_open_webui(stored: dict[str, Any]) -> ForeignConversation:
    """A chat with all its branches."""
    chat = obj(stored.get("chat"))
    history = obj(chat.get("history"))
    foreign = ForeignConversation(
        "open_webui",
        first(stored.get("id"), chat.get("id")),
        first(stored.get("title"), chat.get("title")),
        prompt=first(chat.get("system")) or text(obj(chat.get("params")).get("system")),
        model=first(*items(chat.get("models"))),
        begun=earliest(stored.get("created_at"), chat.get("timestamp")),
        changed=moment(stored.get("updated_at")),
    )
    found: list[Said] = []
    for name, each in obj(history.get("messages")).items():
        said = message(obj(each))
        said.id, said.parent = name, first(obj(each).get("parentId")) or None
        said.pieces = [*_files(obj(each)), *said.pieces]
        found.append(said)
    foreign.grow(found)
    if not foreign.said:
        add_messages(foreign, chat.get("messages"))
    foreign.head = first(history.get("currentId"))
    return foreign


def _files(stored: dict[str, Any]) -> list[Piece]:
    pieces: list[Piece] = []
    for each in objects(stored.get("files")):
        name = first(each.get("name"), obj(each.get("file")).get("filename"))
        url = text(each.get("url"))
        shown = text(each.get("type")) == "image" or url.startswith("data:image")
        pieces += picture(url, name) if shown else file(name)
    return pieces
