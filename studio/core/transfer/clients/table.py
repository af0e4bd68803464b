"""Which programs' conversations are read, and how each is recognised: one row a program."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from studio.core.transfer.clients.chatbox import is_chatbox, read_chatbox, split_chatbox
from studio.core.transfer.clients.chatgpt import is_chatgpt, read_chatgpt
from studio.core.transfer.clients.cherry import is_cherry, read_cherry, split_cherry
from studio.core.transfer.clients.claude import is_claude, read_claude
from studio.core.transfer.clients.conversation import ForeignConversation
from studio.core.transfer.clients.deepseek import is_deepseek, read_deepseek
from studio.core.transfer.clients.lobechat import is_lobechat, read_lobechat, split_lobechat
from studio.core.transfer.clients.nextchat import is_nextchat, read_nextchat, split_nextchat
from studio.core.transfer.clients.open_webui import is_open_webui, read_open_webui
from studio.core.transfer.clients.openai import is_plain, read_plain
from studio.core.transfer.clients.values import items, obj

MARKDOWN = "Markdown"


@dataclass(frozen=True, slots=True)
class Client:
    """A program; `recognises` and `read` take one conversation of it.

    With `split`, `recognises` takes a whole file, and `split` its conversations.
    """

    name: str
    recognises: Callable[[dict[str, Any]], bool]
    read: Callable[[dict[str, Any]], ForeignConversation]
    split: Callable[[dict[str, Any]], Iterator[dict[str, Any]]] | None = None


# The first that recognises it reads it.
CLIENTS: tuple[Client, ...] = (
    Client("Cherry Studio", is_cherry, read_cherry, split_cherry),
    Client("Chatbox", is_chatbox, read_chatbox, split_chatbox),
    Client("NextChat", is_nextchat, read_nextchat, split_nextchat),
    Client("LobeChat", is_lobechat, read_lobechat, split_lobechat),
    Client("DeepSeek", is_deepseek, read_deepseek),
    Client("ChatGPT", is_chatgpt, read_chatgpt),
    Client("Claude", is_claude, read_claude),
    Client("Open WebUI", is_open_webui, read_open_webui),
    Client("JSON", is_plain, read_plain),
)
_LISTS = ("conversations", "chats", "data", "sessions", "items")


def client_of(stored: Any) -> Client | None:
    """Whose conversation this is."""
    if not isinstance(stored, dict):
        return None
    return next((c for c in CLIENTS if c.split is None and c.recognises(stored)), None)


def conversations_of(stored: dict[str, Any]) -> tuple[Client, Iterable[Any]] | None:
    """The conversations of a file that is one object, and whose they are."""
    for client in CLIENTS:
        if client.split is not None and client.recognises(stored):
            return client, client.split(stored)
    if (one := client_of(stored)) is not None:
        return one, [stored]
    for name in _LISTS:
        listed = items(stored.get(name))
        owner = next((c for c in map(client_of, listed) if c), None)
        if owner is not None:
            return owner, listed
    return None


def title_in(stored: Any) -> str:
    """What something that could not be read may be called."""
    inside = obj(obj(stored).get("topic")) or obj(obj(stored).get("session")) or obj(stored)
    names = (inside.get(name) for name in ("title", "name", "topic"))
    return next((" ".join(each.split())[:80] for each in names if isinstance(each, str)), "")
