"""Reads the conversations of a ChatGPT export: its tree of nodes becomes our tree of messages.

A conversation there is `mapping`, nodes by their ids, each with `parent`, `children` and perhaps
a `message`; `current_node` ends the branch that is shown. What one answer did in several steps
(thoughts, code, results, text) is several nodes, and becomes one message. Contents that are not
known are kept as text. Pictures are left out and counted: their names stay in the text.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from studio.core.messages import (
    Conversation,
    Message,
    MessageStatus,
    Part,
    ReasoningPart,
    Role,
    TextPart,
    ToolCallPart,
    ToolResultPart,
    title_from,
)
from studio.core.transfer_json import Exported
from studio.core.transfer_values import LARGEST, Wrong, as_dict, line

_CONTEXTS = ("user_editable_context", "model_editable_context")
_PLACES = (
    *("summary", "text", "result", "content", "parts"),
    *("user_profile", "user_instructions", "model_set_context"),
)
_UNFINISHED = ("in_progress", "finished_partial_completion")


@dataclass(slots=True)
class _Node:
    """A node as far as it is ours to read."""

    id: str
    message: dict[str, Any]
    parent: str | None
    children: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Reader:
    """Reads conversations one by one; `skipped_pictures` were in those read so far."""

    skipped_pictures: int = 0

    def read(self, stored: Any) -> Exported | None:
        """A conversation; None when nothing was said in it. Raises Wrong for something else."""
        stored = as_dict(stored)
        nodes = _nodes(stored)
        identity = _text(stored.get("conversation_id")) or _text(stored.get("id"))
        name = identity or line([sorted(nodes), _number(stored.get("create_time"))])
        tree = _Tree(name, _number(stored.get("create_time")))
        for node in _in_order(nodes):
            self._add(tree, node, nodes)
        if not tree.messages:
            return None
        messages = tuple(replace(m, parts=_joined(m.parts)) for m in tree.messages.values())
        first = next((m.text for m in messages if m.text), "")
        last = max(each.created_at for each in messages)
        conversation = Conversation(
            id=_id(name),
            title=_text(stored.get("title")).strip() or title_from(first),
            system_prompt="\n\n".join(tree.prompts),
            head_id=tree.homes.get(_text(stored.get("current_node"))) or messages[-1].id,
            created_at=tree.time,
            updated_at=max(_number(stored.get("update_time")) or last, last),
        )
        return Exported(conversation, messages)

    def _add(self, tree: _Tree, node: _Node, nodes: dict[str, _Node]) -> None:
        above = tree.homes.get(node.parent or "")
        author, content = _dict(node.message.get("author")), _dict(node.message.get("content"))
        role = _text(author.get("role"))
        tree.homes[node.id] = above
        if _text(content.get("content_type")) in _CONTEXTS or role == "system":
            tree.prompts += [each for each in _strings(content) if each not in tree.prompts]
            return
        parts = self._parts(content, role, _text(node.message.get("recipient")), author)
        if not parts:
            return
        ours = Role.USER if role == "user" else Role.ASSISTANT
        time = _number(node.message.get("create_time"))
        model = _text(_dict(node.message.get("metadata")).get("model_slug"))
        alone = node.parent in nodes and len(nodes[node.parent or ""].children) == 1
        goes_on = tree.messages.get(above or "")
        if goes_on and alone and goes_on.role is Role.ASSISTANT and ours is Role.ASSISTANT:
            goes_on = replace(goes_on, parts=goes_on.parts + parts, status=_status(node))
            tree.messages[goes_on.id] = replace(goes_on, model=model or goes_on.model)
            return
        message = Message(
            conversation_id=_id(tree.name),
            role=ours,
            parts=parts,
            parent_id=above,
            status=_status(node),
            model=model if ours is Role.ASSISTANT else "",
            created_at=time or (goes_on.created_at if goes_on else tree.time),
            id=_id(tree.name, node.id),
        )
        tree.messages[message.id] = message
        tree.homes[node.id] = message.id

    def _parts(
        self, content: dict[str, Any], role: str, recipient: str, author: dict[str, Any]
    ) -> tuple[Part, ...]:
        kind = _text(content.get("content_type"))
        if kind == "thoughts":
            thoughts = "\n\n".join(_strings(content.get("thoughts")))
            return (ReasoningPart(thoughts),) if thoughts else ()
        if kind == "reasoning_recap":
            return ()  # "Thought for 3 seconds"
        texts = list(self._texts(content, kind))
        text = "\n\n".join(texts)
        if not text:
            return ()
        if role == "tool":
            return (ToolResultPart(_text(author.get("name")), text),)
        if role == "assistant" and recipient not in ("", "all"):
            return (ToolCallPart("", recipient, text),)
        if kind == "code":
            language = _text(content.get("language"))
            text = f"```{language if language.isalnum() else ''}\n{text}\n```"
        return (TextPart(text),)

    def _texts(self, content: dict[str, Any], kind: str) -> Iterator[str]:
        parts = content.get("parts")
        if not isinstance(parts, list):
            yield from _strings(content) or ([line(content)] if kind else [])
            return
        for part in parts:
            if isinstance(part, str):
                yield from [part] if part.strip() else []
                continue
            asset = _text(_dict(part).get("asset_pointer"))
            if asset:
                self.skipped_pictures += 1
                yield f"[{asset.rpartition('/')[2]}]"
            elif part is not None:
                yield from _strings(part) or [line(part)]


@dataclass(slots=True)
class _Tree:
    """What was made of the nodes so far; `homes` are the messages they are in or come after."""

    name: str
    time: float
    messages: dict[str, Message] = field(default_factory=dict)
    homes: dict[str, str | None] = field(default_factory=dict)
    prompts: list[str] = field(default_factory=list)


def _nodes(stored: dict[str, Any]) -> dict[str, _Node]:
    try:
        mapping = as_dict(stored.get("mapping"))
    except Wrong as wrong:
        raise wrong.within("mapping") from None
    nodes: dict[str, _Node] = {}
    for name, each in mapping.items():
        if not isinstance(each, dict):
            raise Wrong(f"mapping.{name}")
        message, parent = each.get("message"), each.get("parent")
        if not isinstance(message, dict | None) or not isinstance(parent, str | None):
            raise Wrong(f"mapping.{name}")
        nodes[name] = _Node(name, message or {}, parent if parent in mapping else None)
    for name, node in nodes.items():
        if node.parent is not None:
            nodes[node.parent].children.append(name)
    for name, node in nodes.items():
        children = mapping[name].get("children")
        if isinstance(children, list):
            places = {each: at for at, each in enumerate(children) if isinstance(each, str)}
            node.children.sort(key=lambda each: places.get(each, len(places)))
    return nodes


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


def _joined(parts: tuple[Part, ...]) -> tuple[Part, ...]:
    """Texts that follow one another as one: a message shows them without a gap."""
    joined: list[Part] = []
    for part in parts:
        last = joined[-1] if joined else None
        if isinstance(part, TextPart) and isinstance(last, TextPart):
            joined[-1] = TextPart(f"{last.text}\n\n{part.text}")
        else:
            joined.append(part)
    return tuple(joined)


def _status(node: _Node) -> MessageStatus:
    unfinished = _text(node.message.get("status")) in _UNFINISHED
    return MessageStatus.INTERRUPTED if unfinished else MessageStatus.COMPLETE


def _strings(value: Any) -> list[str]:
    """The texts in the places where contents have them."""
    if isinstance(value, str):
        return [value] if value.strip() else []
    if isinstance(value, list):
        return [text for each in value for text in _strings(each)]
    if not isinstance(value, dict):
        return []
    return [text for name in _PLACES for text in _strings(value.get(name))]


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _number(value: Any) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool):
        return 0.0
    return float(value) if abs(value) <= LARGEST and math.isfinite(value) else 0.0


def _id(*names: str) -> str:
    """The same id whenever the same export, or a later one, is read."""
    said = line(["chatgpt", *names])
    return hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()[:32]
