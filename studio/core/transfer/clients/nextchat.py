"""Reads the sessions of a NextChat (ChatGPT Next Web) backup."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from studio.core.transfer.clients.conversation import ForeignConversation
from studio.core.transfer.clients.openai import add_messages
from studio.core.transfer.clients.values import first, moment, obj, objects, text

_STORE = "chat-next-web-store"


def is_nextchat(stored: dict[str, Any]) -> bool:
    """Whether it is a backup of NextChat."""
    return _STORE in stored


def split_nextchat(stored: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Each session."""
    store = obj(stored.get(_STORE))
    yield from objects(obj(store.get("state")).get("sessions") or store.get("sessions"))


def read_nextchat(stored: dict[str, Any]) -> ForeignConversation:
    """One session; what its mask says first is the prompt."""
    mask = obj(stored.get("mask"))
    context = objects(mask.get("context"))
    foreign = ForeignConversation(
        "nextchat",
        first(stored.get("id")),
        first(stored.get("topic"), stored.get("title")),
        model=first(obj(mask.get("modelConfig")).get("model")),
        changed=moment(stored.get("lastUpdate")),
    )
    add_messages(foreign, [each for each in context if text(each.get("role")) == "system"])
    add_messages(foreign, stored.get("messages"))
    return foreign
