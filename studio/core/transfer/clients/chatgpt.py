"""Reads the conversations of a ChatGPT export: its tree of nodes becomes our tree of messages.

A conversation there is `mapping`, nodes by their ids, each with `parent`, `children` and perhaps
a `message`; `current_node` ends the branch that is shown. What one answer did in several steps
(thoughts, code, results, text) is several nodes, and becomes one message. Contents that are not
known are kept as text; what was hidden there stays out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from studio.core.messages import ReasoningPart, Role, TextPart, ToolCallPart, ToolResultPart
from studio.core.transfer.clients.chatgpt_text import canvas, cleaned, fenced
from studio.core.transfer.clients.conversation import ForeignConversation, Picture, Piece, Said
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
from studio.core.transfer.values import Wrong, line

_CONTEXTS = ("user_editable_context", "model_editable_context")
_PLACES = (
    *("summary", "text", "result", "content", "parts"),
    *("user_profile", "user_instructions", "model_set_context"),
)
_UNFINISHED = ("in_progress", "finished_partial_completion")
# Notes that the program made for itself: what it remembers, and that a canvas was written.
_SILENT_TOOLS = ("bio", "canmore")
# Contents that may be empty without saying anything.
_KNOWN = ("text", "multimodal_text", "code", "thoughts", "audio_transcription")
_ASSET = re.compile(r"file[-_][0-9A-Za-z]+")
_MODELS = (
    "model_slug",
    "resolved_model_slug",
    "requested_model_slug",
    "default_model_slug",
    "model",
)


@dataclass(slots=True)
class _Node:
    """A node as far as it is ours to read."""

    id: str
    message: dict[str, Any]
    parent: str | None
    children: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Tree:
    """What was made of the nodes so far; `homes` are the messages they are in or come after."""

    foreign: ForeignConversation
    nodes: dict[str, _Node]
    said: dict[str, Said] = field(default_factory=dict)
    homes: dict[str, str | None] = field(default_factory=dict)
    prompts: list[str] = field(default_factory=list)


def is_chatgpt(stored: dict[str, Any]) -> bool:
    """Whether it is a conversation of ChatGPT."""
    return "mapping" in stored


def read_chatgpt(stored: dict[str, Any]) -> ForeignConversation:
    """A conversation; raises Wrong for something else."""
    nodes, odd = _nodes(stored)
    begun = moment(stored.get("create_time"))
    # As files without ids were named from the start.
    unnamed = line([sorted(nodes), begun or 0.0])
    foreign = ForeignConversation(
        "chatgpt",
        first(stored.get("conversation_id"), stored.get("id")) or unnamed,
        text(stored.get("title")),
        model=first(stored.get("default_model_slug")),
        begun=begun,
        changed=moment(stored.get("update_time")),
    )
    tree = _Tree(foreign, nodes)
    for node in _in_order(nodes):
        _add(tree, node)
    if odd and not foreign.said:
        raise Wrong("mapping")
    foreign.prompt = "\n\n".join(tree.prompts)
    foreign.head = tree.homes.get(text(stored.get("current_node"))) or ""
    return foreign


def _add(tree: _Tree, node: _Node) -> None:
    above = tree.homes.get(node.parent or "")
    tree.homes[node.id] = above
    author, content = obj(node.message.get("author")), obj(node.message.get("content"))
    metadata = obj(node.message.get("metadata"))
    role = text(author.get("role"))
    context = text(content.get("content_type")) in _CONTEXTS
    if metadata.get("is_visually_hidden_from_conversation") is True and not context:
        return
    if context or role == "system":
        found = strings(content, _PLACES)
        tree.prompts += [each for each in found if each not in tree.prompts]
        return
    pieces = _pieces(node, role)
    if not pieces:
        return
    ours = Role.USER if role == "user" else Role.ASSISTANT
    model = first(*(metadata.get(name) for name in _MODELS))
    cut = text(node.message.get("status")) in _UNFINISHED
    alone = node.parent in tree.nodes and len(tree.nodes[node.parent or ""].children) == 1
    goes_on = tree.said.get(above or "")
    if goes_on and alone and goes_on.role is Role.ASSISTANT and ours is Role.ASSISTANT:
        goes_on.pieces += pieces
        goes_on.cut, goes_on.model = cut, model or goes_on.model
        return
    time = earliest(node.message.get("create_time"), node.message.get("update_time"))
    said = Said(ours, pieces, node.id, time=time, model=model, cut=cut)
    tree.foreign.put(said, above)
    tree.said[said.id] = said
    tree.homes[node.id] = said.id


def _pieces(node: _Node, role: str) -> list[Piece]:
    message = node.message
    content, author = obj(message.get("content")), obj(message.get("author"))
    metadata = obj(message.get("metadata"))
    kind, called = text(content.get("content_type")), text(message.get("recipient"))
    tool = text(author.get("name")) if role == "tool" else called
    if kind == "reasoning_recap" or tool.partition(".")[0] == "bio":
        return []  # "Thought for 3 seconds"; what is remembered of the user
    if kind == "thoughts":
        thoughts = "\n\n".join(strings(content.get("thoughts"), _PLACES))
        return [ReasoningPart(thoughts)] if thoughts else []
    found = list(_contents(content, kind, metadata))
    words = "\n\n".join(each for each in found if isinstance(each, str))
    pictures: list[Piece] = [each for each in found if isinstance(each, Picture)]
    if role == "tool" and tool.partition(".")[0] in _SILENT_TOOLS:
        return pictures
    if role == "tool":
        return [*([ToolResultPart(tool, words)] if words else []), *pictures]
    if role == "assistant" and called not in ("", "all") and words:
        written = canvas(called, words)
        call = TextPart(written) if written else ToolCallPart("", called, words)
        return [call, *pictures]
    if kind == "code" and words:
        language = text(content.get("language"))
        known = language.isalnum() and language != "unknown"
        return [TextPart(fenced(words, language if known else ""))]
    pieces: list[Piece] = [TextPart(each) if isinstance(each, str) else each for each in found]
    return [*_attached(metadata, pieces), *pieces]


def _contents(
    content: dict[str, Any], kind: str, metadata: dict[str, Any]
) -> Iterator[str | Picture]:
    """The texts and pictures of a message, in order."""
    parts = content.get("parts")
    if not isinstance(parts, list):
        found = strings(content, _PLACES)
        unknown = kind and kind not in _KNOWN and not found
        yield from (cleaned(each, metadata) for each in found)
        if unknown:
            yield as_json(content)
        return
    for part in parts:
        if isinstance(part, str):
            said = cleaned(part, metadata)
            yield from [said] if said.strip() else []
        elif isinstance(part, dict):
            yield from _part(part, metadata)
        elif part is not None:
            yield from strings(part, _PLACES)


def _part(part: dict[str, Any], metadata: dict[str, Any]) -> Iterator[str | Picture]:
    kind, pointer = text(part.get("content_type")), text(part.get("asset_pointer"))
    if "audio" in kind or "video" in kind:
        # The words that were spoken; the sound itself is not for us.
        yield from strings(part.get("text"), ())
    elif pointer:
        yield _picture(part, pointer, metadata)
    else:
        found = strings(part, _PLACES)
        yield from found
        if not found and kind not in _KNOWN and part:
            yield as_json(part)


def _picture(part: dict[str, Any], pointer: str, metadata: dict[str, Any]) -> Picture:
    place = pointer.partition("://")[2] or pointer
    names = tuple(dict.fromkeys(_ASSET.findall(place))) or (place.rpartition("/")[2],)
    attached = objects(metadata.get("attachments"))
    named = (first(each.get("name")) for each in attached if text(each.get("id")) in names)
    return Picture(names, name=next(named, ""))


def _attached(metadata: dict[str, Any], pieces: list[Piece]) -> list[Piece]:
    """The names of attached files that are no pictures of the message."""
    shown = {name for each in pieces if isinstance(each, Picture) for name in each.names}
    names = [
        first(each.get("name"), each.get("id"))
        for each in objects(metadata.get("attachments"))
        if text(each.get("id")) not in shown
    ]
    return [TextPart(f"[{name}]") for name in names if name]


def _nodes(stored: dict[str, Any]) -> tuple[dict[str, _Node], bool]:
    """The nodes, with their children in order; and whether some were none."""
    mapping = stored.get("mapping")
    if not isinstance(mapping, dict):
        raise Wrong("mapping")
    nodes: dict[str, _Node] = {}
    odd = False
    for name, each in mapping.items():
        message, parent = obj(each).get("message"), obj(each).get("parent")
        odd |= not isinstance(each, dict) or not isinstance(message, dict | None)
        odd |= not isinstance(parent, str | None)
        known = isinstance(parent, str) and isinstance(mapping.get(parent), dict)
        if isinstance(each, dict):
            nodes[name] = _Node(name, obj(message), parent if known else None)
    for name, node in nodes.items():
        if node.parent is not None:
            nodes[node.parent].children.append(name)
    for name, node in nodes.items():
        children = items(mapping[name].get("children"))
        order = [each for each in children if isinstance(each, str)]
        places = {each: at for at, each in enumerate(order)}
        node.children.sort(key=lambda each: places.get(each, len(places)))
    return nodes, odd


def _in_order(nodes: dict[str, _Node]) -> Iterator[_Node]:
    """Every node once, parents before their children; a circle is entered somewhere."""
    seen: set[str] = set()
    roots = [name for name, node in nodes.items() if node.parent is None]
    for root in [*roots, *nodes]:
        waiting = [root]
        while waiting:
            name = waiting.pop()
            if name not in seen:
                seen.add(name)
                yield nodes[name]
                waiting += reversed(nodes[name].children)
