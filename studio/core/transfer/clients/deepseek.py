"""Reads the conversations of a DeepSeek export: a tree whose messages are made of fragments."""

from __future__ import annotations

import re
from typing import Any

from studio.core.messages import ReasoningPart, Role, TextPart, ToolResultPart
from studio.core.transfer.clients.conversation import ForeignConversation, Piece, Said
from studio.core.transfer.clients.openai import file
from studio.core.transfer.clients.values import (
    earliest,
    first,
    items,
    moment,
    obj,
    objects,
    text,
    word,
)
from studio.core.transfer.values import Wrong

_CITED = re.compile(r"[ \t]*\[citation:(\d{1,4})\]")
_ASKED = "REQUEST"


def is_deepseek(stored: dict[str, Any]) -> bool:
    """Whether it is a conversation of DeepSeek."""
    if "mapping" not in stored:
        return False
    messages = (obj(obj(each).get("message")) for each in obj(stored.get("mapping")).values())
    return "inserted_at" in stored or any("fragments" in each for each in messages)


def read_deepseek(stored: dict[str, Any]) -> ForeignConversation:
    """A conversation with all its branches; raises Wrong for something else."""
    mapping = stored.get("mapping")
    if not isinstance(mapping, dict):
        raise Wrong("mapping")
    foreign = ForeignConversation(
        "deepseek",
        first(stored.get("id")),
        first(stored.get("title")),
        begun=earliest(stored.get("inserted_at"), stored.get("created_at")),
        changed=moment(stored.get("updated_at")),
    )
    found: dict[str, Said] = {}
    for name, node in mapping.items():
        found[name] = _message(obj(obj(node).get("message")))
        found[name].id = name
        found[name].parent = word(obj(node).get("parent")) or None
    _give_roles(found, mapping)
    foreign.grow(list(found.values()))
    foreign.head = word(stored.get("current_node")) or word(stored.get("current_message_id"))
    return foreign


def _message(stored: dict[str, Any]) -> Said:
    asked = text(stored.get("role")).lower() in ("user", "human")
    sources: dict[str, str] = {}
    pieces: list[Piece] = []
    for each in items(stored.get("files")):
        pieces += file(first(each, obj(each).get("file_name"), obj(each).get("name")))
    for each in objects(stored.get("fragments")):
        kind, words = text(each.get("type")).upper(), text(each.get("content"))
        asked |= kind == _ASKED
        if kind == "THINK":
            pieces += [ReasoningPart(words)] if words.strip() else []
        elif results := objects(each.get("results")):
            sources |= _sources(results)
            shown = "\n".join(filter(None, map(_found, results)))
            pieces += [ToolResultPart(kind.lower(), shown)] if shown else []
        elif words.strip():
            pieces.append(TextPart(_cited(words, sources)))
    if not stored.get("fragments"):  # as it was in the first exports
        thought, words = text(stored.get("reasoning_content")), text(stored.get("content"))
        pieces += [ReasoningPart(thought)] if thought.strip() else []
        pieces += [TextPart(_cited(words, sources))] if words.strip() else []
    role = Role.USER if asked else Role.ASSISTANT
    time = earliest(stored.get("inserted_at"), stored.get("created_at"))
    return Said(role, pieces, time=time, model="" if asked else first(stored.get("model")))


def _give_roles(found: dict[str, Said], mapping: dict[str, Any]) -> None:
    """Where nothing says who speaks, question and answer take turns."""
    depths: dict[str, int] = {}
    for name in found:
        path: list[str] = []
        at = name
        while at in found and at not in depths and len(path) <= len(found):
            path.append(at)
            at = found[at].parent or ""
        depth = depths[at] + bool(found[at].pieces) if at in depths else 0
        for each in reversed(path):
            depths[each] = depth
            depth += bool(found[each].pieces)
    for name, said in found.items():
        stored = obj(obj(mapping[name]).get("message"))
        if not stored.get("fragments") and not stored.get("role"):
            said.role = Role.ASSISTANT if depths[name] % 2 else Role.USER


def _sources(results: list[dict[str, Any]]) -> dict[str, str]:
    return {
        first(each.get("cite_index"), place): text(each.get("url"))
        for place, each in enumerate(results, 1)
    }


def _found(result: dict[str, Any]) -> str:
    return " ".join(filter(None, (first(result.get("title")), first(result.get("url")))))


def _cited(words: str, sources: dict[str, str]) -> str:
    return _CITED.sub(lambda match: _link(match[1], sources), words)


def _link(number: str, sources: dict[str, str]) -> str:
    url = sources.get(number, "")
    plain = url.startswith(("http://", "https://")) and not re.search(r"[\s<>()]", url)
    return f" ([{number}]({url}))" if plain else ""
