"""What the tests of imports have in common: taking a file in, and what is there afterwards."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from studio.core.errors import ErrorKind, StudioError
from studio.core.messages import Conversation, Message
from studio.core.transfer.common import Imported
from studio.storage.history import conversations, listing, messages
from studio.storage.transfer.imports import import_file
from tests.unit.storage.transfer_parts import House, problem_of

DATA = Path(__file__).parents[2] / "data" / "imports"
Node = dict[str, Any]


def take_in(house: House, *paths: Path) -> Imported:
    """Import files; nothing is left lying about."""
    found = import_file(house.database, house.source, paths)
    assert house.litter() == []
    return found


def written(folder: Path, stored: object, name: str = "conversations.json") -> Path:
    """A JSON file with this in it."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(stored, ensure_ascii=False), encoding="utf-8")
    return path


def taken(house: House, folder: Path, stored: object) -> Imported:
    """Import what is written in a JSON file."""
    return take_in(house, written(folder, stored))


def refused(house: House, path: Path) -> str:
    """The sentence of a refusal, after which everything is as it was."""
    before = house.content(), house.files()
    with pytest.raises(StudioError) as raised:
        import_file(house.database, house.source, path)
    assert raised.value.kind is ErrorKind.NOT_IMPORTED
    assert (house.content(), house.files()) == before
    assert house.litter() == []
    sentence = problem_of(raised.value)
    assert sentence.endswith(".")
    assert not any(sign in sentence for sign in "[]{}")
    return sentence


def titles(house: House) -> list[str]:
    """The history from the top."""
    return [each.title for each in house.database.call_sync(listing.list_conversations)]


def everything(house: House) -> dict[str, list[Message]]:
    """Every message by the title of its conversation."""
    page = house.database.call_sync(listing.list_conversations)
    return {each.title: house.database.call_sync(messages.load_all, each.id) for each in page}


def shown(house: House, title: str) -> tuple[Conversation, list[Message]]:
    """A conversation and the branch that it shows."""
    page = house.database.call_sync(listing.list_conversations)
    identity = next(each.id for each in page if each.title == title)
    opened = house.database.call_sync(conversations.open_conversation, identity)
    assert opened is not None
    return opened


def texts(house: House, title: str) -> list[str]:
    """What a conversation shows, as words."""
    return [each.text for each in shown(house, title)[1]]


def node(
    name: str, parent: str | None, role: str, content: object, *children: str, **more: object
) -> Node:
    """A node of ChatGPT's tree; a content that is a text is a part."""
    if isinstance(content, str):
        content = {"content_type": "text", "parts": [content]}
    message = {"author": {"role": role}, "content": content, "create_time": 1.7e9, **more}
    return {"id": name, "parent": parent, "children": list(children), "message": message}


def talk(*nodes: Node, **more: object) -> Node:
    """A conversation of ChatGPT."""
    mapping = {each["id"]: each for each in nodes}
    given: Node = {"title": "T", "id": "t", "create_time": 1.7e9, "update_time": 1.7e9}
    return {**given, "mapping": mapping, "current_node": nodes[-1]["id"] if nodes else "", **more}
