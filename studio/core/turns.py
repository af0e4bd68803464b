"""The turns of a request as every service takes them: they alternate, and none of them is empty."""

from __future__ import annotations

from collections.abc import Iterable

from studio.core.messages import Role
from studio.core.stream import ChatMessage, Content, TextContent, ThinkingContent

_BETWEEN = TextContent("\n\n")


def alternating(turns: Iterable[ChatMessage]) -> tuple[ChatMessage, ...]:
    """The turns from the first question on: user and model in turn, each with something to say.

    What has no text and no picture is left out, a thought alone too: an answer that was refused,
    stopped or never got beyond its thoughts. The two questions around it become one turn.
    """
    found: list[ChatMessage] = []
    for turn in turns:
        content = tuple(part for part in turn.content if not _is_blank(part))
        if all(isinstance(part, ThinkingContent) for part in content):
            continue
        if found and found[-1].role is turn.role:
            found[-1] = ChatMessage(turn.role, _joined(found[-1].content, content))
        elif found or turn.role is Role.USER:
            found.append(ChatMessage(turn.role, content))
    return tuple(found)


def _joined(before: tuple[Content, ...], after: tuple[Content, ...]) -> tuple[Content, ...]:
    words = any(isinstance(part, TextContent) for part in before)
    more = any(isinstance(part, TextContent) for part in after)
    return (*before, _BETWEEN, *after) if words and more else (*before, *after)


def _is_blank(part: Content) -> bool:
    return isinstance(part, TextContent) and not part.text.strip()
